// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Datagrams of both transports.

#include "protocol/address.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define RTC_DATAGRAM_BYTES 2048
#define RTC_SEND_BATCH 64
#define RTC_MAX_SEGMENTS 64         // as every kernel with UDP_SEGMENT
#define RTC_MAX_MESSAGE_BYTES 65507 // 65,535 less IPv4 and UDP headers

typedef struct {
    ProtocolAddress from;
    size_t size;
    uint8_t bytes[RTC_DATAGRAM_BYTES];
} RtcDatagram;

typedef struct {
    const ProtocolAddress *to;
    const uint8_t *bytes;
    size_t size;
    uint16_t segment; // size of each datagram; 0: a single one
} RtcOutgoing;

/* For optional improvements: ignores errors. */
static inline void rtc_set_option(int fd, int level, int name, int value)
{
    int result = setsockopt(fd, level, name, &value, sizeof value);
    (void)result;
}
