// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 of files.
#include "base/digest.h"

#include <errno.h>
#include <glib.h>
#include <openssl/evp.h>
#include <unistd.h>

#define BLOCK_BYTES (256 * 1024)

/* Uses the processor's SHA instructions: 1.7 GB/s; GChecksum 0.4. */
static EVP_MD_CTX *sum_new(void)
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    g_assert(sum != NULL); // no memory
    int begun = EVP_DigestInit_ex(sum, EVP_sha256(), NULL);
    g_assert(begun == 1);
    return sum;
}

static void sum_write(EVP_MD_CTX *sum, char out[BASE_DIGEST_CHARACTERS])
{
    uint8_t bytes[BASE_DIGEST_CHARACTERS / 2];
    EVP_DigestFinal_ex(sum, bytes, NULL);
    for (size_t i = 0; i < sizeof bytes; i++) {
        g_snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

/* The bytes, or -errno. */
static int64_t read_all(int fd, EVP_MD_CTX *sum,
                        int (*each)(void *data, const uint8_t *block, size_t size), void *data)
{
    g_autofree uint8_t *block = g_malloc(BLOCK_BYTES);
    int64_t size = 0;
    for (;;) {
        ssize_t got = read(fd, block, BLOCK_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : size;
        }
        int result = each(data, block, (size_t)got);
        if (result != 0) {
            return result;
        }
        EVP_DigestUpdate(sum, block, (size_t)got);
        size += got;
    }
}

int64_t base_digest_each(int fd, char out[BASE_DIGEST_CHARACTERS],
                         int (*each)(void *data, const uint8_t *block, size_t size), void *data)
{
    EVP_MD_CTX *sum = sum_new();
    int64_t size = read_all(fd, sum, each, data);
    sum_write(sum, out);
    EVP_MD_CTX_free(sum);
    return size;
}

static int pass_over(void *data, const uint8_t *block, size_t size)
{
    (void)data, (void)block, (void)size;
    return 0;
}

int64_t base_digest(int fd, char out[BASE_DIGEST_CHARACTERS])
{
    return base_digest_each(fd, out, pass_over, NULL);
}
