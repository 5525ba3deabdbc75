// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams of inputs that come by RTP.
#include "media/input.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static const char *const names[MEDIA_INPUTS] = {"speaker", "screen", "guest"};

int media_input_find(const char *name)
{
    for (int i = 0; i < MEDIA_INPUTS; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *media_input_name(unsigned input)
{
    return names[input];
}

bool media_input_read(const uint8_t *bytes, size_t size, MediaInputType *out_type,
                      unsigned *out_input)
{
    if (size < MEDIA_INPUT_HEADER_BYTES || bytes[1] >= MEDIA_INPUTS) {
        return false;
    }
    size -= MEDIA_INPUT_HEADER_BYTES;
    *out_type = bytes[0];
    *out_input = bytes[1];
    switch (bytes[0]) {
    case MEDIA_INPUT_BEGIN:
        return size == sizeof(MediaInputFormat);
    case MEDIA_INPUT_RTP:
    case MEDIA_INPUT_RTCP:
        return size > 0;
    case MEDIA_INPUT_END:
        return size == 0;
    default:
        return false;
    }
}

bool media_input_send(int fd, MediaInputType type, unsigned input, const void *payload, size_t size)
{
    uint8_t header[MEDIA_INPUT_HEADER_BYTES] = {(uint8_t)type, (uint8_t)input};
    struct iovec parts[] = {{header, sizeof header}, {(void *)payload, size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};
    return size <= MEDIA_INPUT_MAX_BYTES - sizeof header &&
           sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}
