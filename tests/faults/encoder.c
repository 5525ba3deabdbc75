// SPDX-License-Identifier: GPL-3.0-or-later
// An encoder that misbehaves, by LD_PRELOAD: stands between x264enc and libx264.
// MAJLIS_OPEN_MS: opening takes so long. MAJLIS_NO_KEYS: while that file is there, only the first
// picture is a key frame. MAJLIS_STANDS: while that file is there, the encoder that was opened first
// stands still.
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define TYPE_AUTO 0 // X264_TYPE_AUTO, of x264_picture_t's first field

void *x264_encoder_open_164(void *parameters);
int x264_encoder_encode(void *encoder, void **nals, int *count, int *picture_in, void *picture_out);

static _Atomic(void *) first;

void *x264_encoder_open_164(void *parameters)
{
    void *(*open)(void *) = (void *(*)(void *))dlsym(RTLD_NEXT, "x264_encoder_open_164");
    const char *ms = getenv("MAJLIS_OPEN_MS");
    usleep(ms != NULL ? (useconds_t)atoi(ms) * 1000 : 0);
    void *encoder = open(parameters), *none = NULL;
    atomic_compare_exchange_strong(&first, &none, encoder);
    return encoder;
}

int x264_encoder_encode(void *encoder, void **nals, int *count, int *picture_in, void *picture_out)
{
    int (*encode)(void *, void **, int *, int *, void *) =
        (int (*)(void *, void **, int *, int *, void *))dlsym(RTLD_NEXT, "x264_encoder_encode");
    const char *flag = getenv("MAJLIS_NO_KEYS"), *stands = getenv("MAJLIS_STANDS");
    while (encoder == first && stands != NULL && access(stands, F_OK) == 0) {
        usleep(10000);
    }
    if (picture_in != NULL && flag != NULL && access(flag, F_OK) == 0) {
        *picture_in = TYPE_AUTO;
    }
    return encode(encoder, nals, count, picture_in, picture_out);
}
