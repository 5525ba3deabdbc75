// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ways over TCP for those whose firewall lets no UDP out: connections that a peer opened (RFC 6544,
// passive) and frames on them (RFC 4571). The in thread owns them; the out threads and it send, and
// name a connection by its number, so one that is gone is no danger. Nothing here waits.

#include "rtc/address.h"
#include "rtc/rtc.h"
#include "rtc/socket.h"

#define RTC_TCP_MAX 4096            // connections
#define RTC_TCP_MAX_PER_ADDRESS 512 // an office is one address
#define RTC_TCP_MAX_UNPROVEN 64     // of them, those that no check has shown to be a viewer's
#define RTC_TCP_PROVE_US (10 * BASE_US_PER_S) // for such a check; then closed
/* What the kernel keeps of a slow peer's: about half a second of 2 Mbit/s. Then packets are lost.
 */
#define RTC_TCP_SEND_BYTES (96 * 1024)

/* Takes the listening socket `listener` (-1: only adopted connections). NULL with an error. Full
 * ownership. */
RtcTcp *rtc_tcp_new(int listener, GError **error);
void rtc_tcp_free(RtcTcp *tcp);

/* Readable when rtc_tcp_receive() has something to do. */
int rtc_tcp_fd(const RtcTcp *tcp);
unsigned rtc_tcp_count(const RtcTcp *tcp); // any thread

typedef struct {
    /* A frame. 1: a check, which shows the connection to be a viewer's; below 0: not taken, and the
     * connection is closed unless it was shown before. May call rtc_tcp_close(). */
    int (*frame)(void *data, RtcDatagram *frame, int64_t now_us);
    /* A viewer's connection is gone, but not by rtc_tcp_close(). */
    void (*closed)(void *data, const RtcAddress *from);
    void *data;
} RtcTcpEvents;

/* The in thread. */
void rtc_tcp_receive(RtcTcp *tcp, const RtcTcpEvents *events, int64_t now_us);
/* Time-outs, and what was kept of frames; every 50 to 100 ms. */
void rtc_tcp_update(RtcTcp *tcp, int64_t now_us);
/* Takes a connected socket. */
void rtc_tcp_adopt(RtcTcp *tcp, int fd, int64_t now_us);
void rtc_tcp_close(RtcTcp *tcp, uint32_t number);

/* Any of rtc's threads: how many of `n` (at most RTC_SEND_BATCH) were taken, or -EAGAIN when there
 * is no room, -ENOTCONN when the connection is gone, -errno. Each is one frame (without segments),
 * sent whole or not begun. */
int rtc_tcp_send(RtcTcp *tcp, uint32_t number, const RtcOutgoing *out, unsigned n);
/* One that must not be starved by media (STUN, DTLS, RTCP): where there is no room it is kept, up
 * to a bound, and goes before what is sent later. 0 or -errno. */
int rtc_tcp_send_first(RtcTcp *tcp, uint32_t number, const uint8_t *bytes, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcTcp, rtc_tcp_free)
