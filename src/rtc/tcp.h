// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ICE-TCP: passive connections (RFC 6544), RFC 4571 frames. Owned by the in thread; others send by
// number, safe after closing. Never blocks.

#include "protocol/address.h"
#include "rtc/rtc.h"
#include "rtc/datagram.h"

#define RTC_TCP_MAX 4096
#define RTC_TCP_MAX_PER_ADDRESS 512           // such as an office
#define RTC_TCP_MAX_UNPROVEN 64               // per address, without a valid check
#define RTC_TCP_PROVE_US (10 * BASE_US_PER_S) // then closed
/* Kernel buffer: half a second at 2 Mbit/s. */
#define RTC_TCP_SEND_BYTES (96 * 1024)

typedef struct RtcTcp RtcTcp;

/* Takes `listener`; -1: none. */
RtcTcp *rtc_tcp_new(int listener, GError **error);
void rtc_tcp_free(RtcTcp *tcp);

/* Readable when rtc_tcp_receive() has work. */
int rtc_tcp_fd(const RtcTcp *tcp);
unsigned rtc_tcp_count(const RtcTcp *tcp); // any thread

typedef struct {
    /* 1: valid check; below 0: closes if unproven. May call rtc_tcp_close(). */
    int (*frame)(void *data, RtcDatagram *frame, int64_t now_us);
    /* Proven, and not by rtc_tcp_close(). */
    void (*closed)(void *data, const ProtocolAddress *from);
    void *data;
} RtcTcpEvents;

/* In thread. */
void rtc_tcp_receive(RtcTcp *tcp, const RtcTcpEvents *events, int64_t now_us);
/* Call every 50 to 100 ms. */
void rtc_tcp_update(RtcTcp *tcp, int64_t now_us);
/* Takes `fd`. */
void rtc_tcp_adopt(RtcTcp *tcp, int fd, int64_t now_us);
void rtc_tcp_close(RtcTcp *tcp, uint32_t number);

/* Any rtc thread. Up to RTC_SEND_BATCH whole frames: their number, -EAGAIN, -ENOTCONN or -errno. */
int rtc_tcp_send(RtcTcp *tcp, uint32_t number, const RtcOutgoing *out, unsigned n);
/* Keeps STUN, DTLS and RTCP, up to a limit, when full. 0 or -errno. */
int rtc_tcp_send_first(RtcTcp *tcp, uint32_t number, const uint8_t *bytes, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcTcp, rtc_tcp_free)
