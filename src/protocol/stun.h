// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// STUN messages as ICE uses them (RFC 8489, RFC 8445 section 7). Pure.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |0 0|     message type          |        length after header    |
//  |                     magic cookie 0x2112A442                   |
//  |                     transaction id (96 bits)                  |
//  | attribute type                |  length without padding       |
//  | value, padded to 4 bytes ...

#include "protocol/address.h"

#include <stddef.h>

#define PROTOCOL_STUN_MAX_BYTES 1280
#define PROTOCOL_STUN_MAX_REPLY_BYTES 128

typedef enum {
    PROTOCOL_STUN_REQUEST = 0x0001,
    PROTOCOL_STUN_INDICATION = 0x0011,
    PROTOCOL_STUN_SUCCESS = 0x0101,
    PROTOCOL_STUN_ERROR = 0x0111,
} ProtocolStunType;

typedef struct {
    const uint8_t *data; // borrowed
    size_t size;
    uint16_t type;
    const uint8_t *transaction;
    const char *username; // nullable, not terminated
    size_t username_size;
    size_t integrity_at; // offset of MESSAGE-INTEGRITY; 0: none
    bool use_candidate;
    bool controlled;
    uint16_t unknown; // first unknown mandatory attribute; 0: none
} ProtocolStun;

/* `first`: at least 3 bytes of a TCP connection (RFC 4571). */
bool protocol_is_framed_stun(const uint8_t *first, size_t size);

/* Requires FINGERPRINT (RFC 8445 7.1.3). 0 or -EBADMSG. */
int protocol_stun_parse(const uint8_t *data, size_t size, ProtocolStun *out);

/* MESSAGE-INTEGRITY (RFC 8489 14.5, short-term). */
bool protocol_stun_verify(const ProtocolStun *message, const char *password);

/* Replies with MESSAGE-INTEGRITY and FINGERPRINT. Return the size. */
size_t protocol_stun_success(const ProtocolStun *request, const ProtocolAddress *from,
                             const char *password, uint8_t out[PROTOCOL_STUN_MAX_REPLY_BYTES]);
size_t protocol_stun_error(const ProtocolStun *request, unsigned code, const char *password,
                           uint8_t out[PROTOCOL_STUN_MAX_REPLY_BYTES]);
