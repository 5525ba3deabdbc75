// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// UDP in batches. Any thread sends, one receives. Never blocks.

#include "rtc/datagram.h"
#include "rtc/listen.h"

typedef struct RtcUdp RtcUdp;

/* Takes `listen->udp`. */
RtcUdp *rtc_udp_new(const RtcListen *listen);
void rtc_udp_free(RtcUdp *udp);
int rtc_udp_fd(const RtcUdp *udp);

/* At most RTC_SEND_BATCH; truncated ones have size 0. */
int rtc_udp_receive(RtcUdp *udp, RtcDatagram *out, unsigned n);

/* At most RTC_SEND_BATCH. Returns how many, or the first one's -errno; -EIO, -EINVAL, -EMSGSIZE: no
 * segments on this path. */
int rtc_udp_send(RtcUdp *udp, const RtcOutgoing *out, unsigned n);

/* UDP_SEGMENT exists. */
bool rtc_udp_segments(const RtcUdp *udp);
void rtc_udp_forbid_segments(RtcUdp *udp);
/* False: over 3/4 full; the rest is for STUN, DTLS and audio. */
bool rtc_udp_has_room(const RtcUdp *udp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcUdp, rtc_udp_free)
