// SPDX-License-Identifier: GPL-3.0-or-later
// Parses, verifies and writes ICE's STUN messages.
#include "protocol/stun.h"

#include "base/bytes.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HEADER_BYTES 20
#define MAGIC 0x2112a442u
#define TRANSACTION_BYTES 12
#define SHA1_BYTES 20
#define INTEGRITY_BYTES (4 + SHA1_BYTES)
#define FINGERPRINT_BYTES 8
#define FINGERPRINT_XOR 0x5354554eu
#define COOKIE_AT 4
#define FRAME_LENGTH_BYTES 2 // RFC 4571 section 2
#define MAX_FRAME_BYTES 2048
#define LAST_FIRST_BYTE 3 // RFC 7983

enum {
    ATTR_MAPPED_ADDRESS = 0x0001,
    ATTR_USERNAME = 0x0006,
    ATTR_MESSAGE_INTEGRITY = 0x0008,
    ATTR_ERROR_CODE = 0x0009,
    ATTR_UNKNOWN_ATTRIBUTES = 0x000a,
    ATTR_REALM = 0x0014,
    ATTR_NONCE = 0x0015,
    ATTR_MESSAGE_INTEGRITY_SHA256 = 0x001c,
    ATTR_XOR_MAPPED_ADDRESS = 0x0020,
    ATTR_PRIORITY = 0x0024,
    ATTR_USE_CANDIDATE = 0x0025,
    ATTR_FINGERPRINT = 0x8028,
    ATTR_ICE_CONTROLLED = 0x8029,
};

/* CRC-32 (ITU-T V.42) by nibbles: checks are rare and small. */
static uint32_t crc32_of(const uint8_t *data, size_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc = crc >> 4 ^ table[(crc ^ data[i]) & 15];
        crc = crc >> 4 ^ table[(crc ^ (uint32_t)(data[i] >> 4)) & 15];
    }
    return ~crc;
}

static bool understood(uint16_t type)
{
    switch (type) {
    case ATTR_MAPPED_ADDRESS:
    case ATTR_USERNAME:
    case ATTR_MESSAGE_INTEGRITY:
    case ATTR_ERROR_CODE:
    case ATTR_UNKNOWN_ATTRIBUTES:
    case ATTR_REALM:
    case ATTR_NONCE:
    case ATTR_MESSAGE_INTEGRITY_SHA256:
    case ATTR_XOR_MAPPED_ADDRESS:
    case ATTR_PRIORITY:
    case ATTR_USE_CANDIDATE:
        return true;
    default:
        return type >= 0x8000; // comprehension-optional (RFC 8489 section 14)
    }
}

static bool fingerprint_right(const uint8_t *data, size_t at, const uint8_t *value)
{
    return base_get_u32(value) == (crc32_of(data, at) ^ FINGERPRINT_XOR);
}

/* Attributes after MESSAGE-INTEGRITY are ignored (RFC 8489 14.5). */
static void take(ProtocolStun *out, uint16_t type, const uint8_t *value, size_t size, size_t at)
{
    switch (type) {
    case ATTR_USERNAME:
        if (out->username == NULL) {
            out->username = (const char *)value;
            out->username_size = size;
        }
        break;
    case ATTR_MESSAGE_INTEGRITY:
        out->integrity_at = size == SHA1_BYTES ? at : 0;
        break;
    case ATTR_USE_CANDIDATE:
        out->use_candidate = true;
        break;
    case ATTR_ICE_CONTROLLED:
        out->controlled = true;
        break;
    default:
        if (!understood(type) && out->unknown == 0) {
            out->unknown = type;
        }
    }
}

int protocol_stun_parse(const uint8_t *data, size_t size, ProtocolStun *out)
{
    BaseReader reader = base_reader(data, size);
    *out = (ProtocolStun){.data = data, .size = size, .type = base_read_u16(&reader)};
    size_t length = base_read_u16(&reader);
    uint32_t magic = base_read_u32(&reader);
    out->transaction = base_read_bytes(&reader, TRANSACTION_BYTES);
    if (reader.failed || size > PROTOCOL_STUN_MAX_BYTES || (out->type & 0xc000) != 0 ||
        magic != MAGIC || length != size - HEADER_BYTES || length % 4 != 0) {
        return -EBADMSG;
    }
    bool fingerprint = false;
    while (reader.left > 0) {
        size_t at = size - reader.left;
        uint16_t type = base_read_u16(&reader);
        size_t value_size = base_read_u16(&reader);
        const uint8_t *value = base_read_bytes(&reader, value_size);
        base_read_bytes(&reader, -value_size & 3);
        if (reader.failed || fingerprint) { // must be last (RFC 8489 14.7)
            return -EBADMSG;
        }
        if (type == ATTR_FINGERPRINT) {
            if (value_size != 4 || !fingerprint_right(data, at, value)) {
                return -EBADMSG;
            }
            fingerprint = true;
        } else if (out->integrity_at == 0) {
            take(out, type, value, value_size, at);
        }
    }
    return fingerprint ? 0 : -EBADMSG;
}

/* HMAC-SHA1 up to `at`, with the length up to the attribute's end. */
static void integrity_of(const uint8_t *data, size_t at, const char *password, uint8_t *out)
{
    uint8_t copy[PROTOCOL_STUN_MAX_BYTES];
    memcpy(copy, data, at);
    base_put_u16(copy + 2, (uint16_t)(at + INTEGRITY_BYTES - HEADER_BYTES));
    unsigned size = SHA1_BYTES;
    HMAC(EVP_sha1(), password, (int)strlen(password), copy, at, out, &size);
}

bool protocol_stun_verify(const ProtocolStun *message, const char *password)
{
    if (message->integrity_at == 0) {
        return false;
    }
    uint8_t expected[SHA1_BYTES];
    integrity_of(message->data, message->integrity_at, password, expected);
    return CRYPTO_memcmp(expected, message->data + message->integrity_at + 4, SHA1_BYTES) == 0;
}

static uint8_t *put_attribute(uint8_t *at, uint16_t type, size_t size)
{
    base_put_u16(at, type);
    base_put_u16(at + 2, (uint16_t)size);
    return at + 4;
}

static uint8_t *put_header(uint8_t *out, uint16_t type, const ProtocolStun *request)
{
    base_put_u16(out, type);
    base_put_u32(out + 4, MAGIC);
    memcpy(out + 8, request->transaction, TRANSACTION_BYTES);
    return out + HEADER_BYTES;
}

static size_t finish(uint8_t *out, uint8_t *at, const char *password)
{
    size_t integrity_at = (size_t)(at - out);
    at = put_attribute(at, ATTR_MESSAGE_INTEGRITY, SHA1_BYTES);
    integrity_of(out, integrity_at, password, at);
    at += SHA1_BYTES;
    size_t size = (size_t)(at - out) + FINGERPRINT_BYTES;
    base_put_u16(out + 2, (uint16_t)(size - HEADER_BYTES));
    uint32_t crc = crc32_of(out, (size_t)(at - out));
    base_put_u32(put_attribute(at, ATTR_FINGERPRINT, 4), crc ^ FINGERPRINT_XOR);
    return size;
}

/* RFC 8489 14.2: port and address XOR cookie and transaction id. */
static uint8_t *put_mapped(uint8_t *at, const uint8_t *header, const ProtocolAddress *from)
{
    bool v4 = protocol_address_is_v4(from->ip);
    size_t size = v4 ? 4 : 16;
    at = put_attribute(at, ATTR_XOR_MAPPED_ADDRESS, 4 + size);
    base_put_u16(at, v4 ? 1 : 2);
    base_put_u16(at + 2, from->port ^ (uint16_t)(MAGIC >> 16));
    const uint8_t *ip = from->ip + (v4 ? 12 : 0);
    for (size_t i = 0; i < size; i++) {
        at[4 + i] = ip[i] ^ header[4 + i];
    }
    return at + 4 + size;
}

size_t protocol_stun_success(const ProtocolStun *request, const ProtocolAddress *from,
                             const char *password, uint8_t out[PROTOCOL_STUN_MAX_REPLY_BYTES])
{
    uint8_t *at = put_header(out, PROTOCOL_STUN_SUCCESS, request);
    at = put_mapped(at, out, from);
    return finish(out, at, password);
}

size_t protocol_stun_error(const ProtocolStun *request, unsigned code, const char *password,
                           uint8_t out[PROTOCOL_STUN_MAX_REPLY_BYTES])
{
    uint8_t *at = put_header(out, PROTOCOL_STUN_ERROR, request);
    at = put_attribute(at, ATTR_ERROR_CODE, 4); // no reason phrase: small reply
    base_put_u32(at, code / 100 << 8 | code % 100);
    at += 4;
    if (code == 420) {
        at = put_attribute(at, ATTR_UNKNOWN_ATTRIBUTES, 2);
        base_put_u32(at, (uint32_t)request->unknown << 16);
        at += 4;
    }
    return finish(out, at, password);
}

bool protocol_is_framed_stun(const uint8_t *first, size_t size)
{
    uint8_t cookie[4];
    if (size < FRAME_LENGTH_BYTES + 1) {
        return false;
    }
    unsigned length = (unsigned)first[0] << 8 | first[1];
    base_put_u32(cookie, MAGIC);
    for (size_t i = 0; i < sizeof cookie && FRAME_LENGTH_BYTES + COOKIE_AT + i < size; i++) {
        if (first[FRAME_LENGTH_BYTES + COOKIE_AT + i] != cookie[i]) {
            return false;
        }
    }
    return length >= HEADER_BYTES && length <= MAX_FRAME_BYTES && length % 4 == 0 &&
           first[FRAME_LENGTH_BYTES] <= LAST_FIRST_BYTE;
}
