// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Bounded big-endian reading and writing. A cursor stays failed after an overrun. Any thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *data;
    size_t left;
    bool failed;
} BaseReader;

static inline BaseReader base_reader(const void *data, size_t size)
{
    return (BaseReader){.data = data, .left = size};
}

/* NULL if too few. */
static inline const uint8_t *base_read_bytes(BaseReader *reader, size_t size)
{
    if (reader->failed || size > reader->left) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *at = reader->data;
    reader->data += size;
    reader->left -= size;
    return at;
}

static inline uint64_t base_read_uint(BaseReader *reader, size_t size)
{
    const uint8_t *at = base_read_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; at != NULL && i < size; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

static inline uint8_t base_read_u8(BaseReader *reader)
{
    return (uint8_t)base_read_uint(reader, 1);
}

static inline uint16_t base_read_u16(BaseReader *reader)
{
    return (uint16_t)base_read_uint(reader, 2);
}

static inline uint32_t base_read_u32(BaseReader *reader)
{
    return (uint32_t)base_read_uint(reader, 4);
}

static inline uint64_t base_read_u64(BaseReader *reader)
{
    return base_read_uint(reader, 8);
}

static inline void base_put_uint(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
}

static inline void base_put_u16(uint8_t *at, uint16_t value)
{
    base_put_uint(at, value, 2);
}

static inline void base_put_u32(uint8_t *at, uint32_t value)
{
    base_put_uint(at, value, 4);
}

static inline void base_put_u64(uint8_t *at, uint64_t value)
{
    base_put_uint(at, value, 8);
}

static inline uint16_t base_get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t base_get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
