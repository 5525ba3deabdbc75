// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A WHIP publisher (RFC 9725). In thread.

#include "rtc/rtc.h"
#include "rtc/peer.h"
#include "rtc/transport.h"

typedef struct RtcPublisher RtcPublisher;

RtcPublisher *rtc_publisher_new(RtcTransport *transport, const ProtocolOffer *offer,
                                const RtcPublisherEvents *events);
/* Tells `ended`. */
void rtc_publisher_free(RtcPublisher *publisher);

/* Events of its peer. */
void rtc_publisher_connected(RtcPublisher *publisher, const ProtocolSrtpMaster *keys,
                             const ProtocolAddress *to);
void rtc_publisher_moved(RtcPublisher *publisher, const ProtocolAddress *to);
void rtc_publisher_take(RtcPublisher *publisher, bool rtcp, const uint8_t *bytes, size_t size);

/* An RTCP compound. */
void rtc_publisher_send(RtcPublisher *publisher, const uint8_t *bytes, size_t size);
