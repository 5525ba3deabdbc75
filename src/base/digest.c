// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 of files, read once, perhaps while they are copied.
#include "base/digest.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

#define BLOCK_BYTES (256 * 1024)

static int write_block(int fd, const uint8_t *block, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, block, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? -errno : -EIO;
        }
        block += written;
        size -= (size_t)written;
    }
    return 0;
}

int64_t base_digest_copy(int from, int to, uint64_t limit, char out[BASE_DIGEST_CHARACTERS],
                         void (*progress)(void *data, size_t bytes), void *data)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree uint8_t *block = g_malloc(BLOCK_BYTES);
    uint64_t size = 0;
    while (size < limit) {
        ssize_t got = read(from, block, MIN(BLOCK_BYTES, limit - size));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        if (got == 0) {
            break;
        }
        int result = to >= 0 ? write_block(to, block, (size_t)got) : 0;
        if (result != 0) {
            return result;
        }
        g_checksum_update(sum, block, got);
        size += (uint64_t)got;
        if (progress != NULL) {
            progress(data, (size_t)got);
        }
    }
    g_strlcpy(out, g_checksum_get_string(sum), BASE_DIGEST_CHARACTERS);
    return (int64_t)size;
}

int64_t base_digest(int fd, char out[BASE_DIGEST_CHARACTERS])
{
    return base_digest_copy(fd, -1, UINT64_MAX, out, NULL, NULL);
}
