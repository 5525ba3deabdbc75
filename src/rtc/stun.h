// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// STUN messages as ICE uses them (RFC 8489, RFC 8445 section 7). Pure functions; any thread.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |0 0|     message type          |        length after header    |
//  |                     magic cookie 0x2112A442                   |
//  |                     transaction id (96 bits)                  |
//  | attribute type                |  length without padding       |
//  | value, padded to 4 bytes ...

#include "rtc/address.h"

#include <stddef.h>

#define RTC_STUN_MAX_BYTES 1280
#define RTC_STUN_MAX_REPLY_BYTES 128

typedef enum {
    RTC_STUN_REQUEST = 0x0001,    // binding request
    RTC_STUN_INDICATION = 0x0011, // binding indication
    RTC_STUN_SUCCESS = 0x0101,
    RTC_STUN_ERROR = 0x0111,
} RtcStunType;

typedef struct {
    const uint8_t *data; // the whole message, borrowed
    size_t size;
    uint16_t type;
    const uint8_t *transaction;
    const char *username; // NULL: none; not terminated
    size_t username_size;
    size_t integrity_at; // offset of MESSAGE-INTEGRITY, 0: none
    bool use_candidate;
    bool controlled;  // ICE-CONTROLLED: the peer leaves the nomination to us
    uint16_t unknown; // first attribute that must be understood and is not, 0: none
} RtcStun;

/* Checks framing, cookie and FINGERPRINT (which ICE demands, RFC 8445 7.1.3). 0, or -EBADMSG. */
int rtc_stun_parse(const uint8_t *data, size_t size, RtcStun *out);

/* MESSAGE-INTEGRITY is there and right for this password (RFC 8489 14.5, short-term). */
bool rtc_stun_verify(const RtcStun *message, const char *password);

/* Replies to `request`, with MESSAGE-INTEGRITY and FINGERPRINT; their size. */
size_t rtc_stun_success(const RtcStun *request, const RtcAddress *from, const char *password,
                        uint8_t out[RTC_STUN_MAX_REPLY_BYTES]);
size_t rtc_stun_error(const RtcStun *request, unsigned code, const char *password,
                      uint8_t out[RTC_STUN_MAX_REPLY_BYTES]);
