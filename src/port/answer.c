// SPDX-License-Identifier: GPL-3.0-or-later
// Sends an answer without libsoup.
#include "port/answer.h"

#include <errno.h>

static void drop_first(PortAnswer *answer)
{
    g_bytes_unref(answer->pieces[0]);
    answer->count--;
    for (unsigned i = 0; i < answer->count; i++) {
        answer->pieces[i] = answer->pieces[i + 1];
    }
    answer->at = 0;
}

static void advance(PortAnswer *answer, size_t sent)
{
    while (answer->count > 0) {
        size_t left = g_bytes_get_size(answer->pieces[0]) - answer->at;
        if (sent < left) {
            answer->at += sent;
            return;
        }
        sent -= left;
        drop_first(answer);
    }
}

int port_answer_go_on(PortAnswer *answer, PortWire *wire)
{
    while (answer->count > 0) {
        struct iovec vectors[PORT_ANSWER_PIECES];
        for (unsigned i = 0; i < answer->count; i++) {
            gsize size;
            const char *bytes = g_bytes_get_data(answer->pieces[i], &size);
            size_t skip = i == 0 ? answer->at : 0;
            vectors[i] = (struct iovec){.iov_base = (char *)bytes + skip, .iov_len = size - skip};
        }
        ssize_t sent = port_wire_writev(wire, vectors, (int)answer->count);
        if (sent < 0) {
            return sent == -EAGAIN ? 0 : -ECONNRESET;
        }
        advance(answer, (size_t)sent);
    }
    return 1;
}

/* Most answers fit: copies and references only the rest. */
int port_answer_start(PortAnswer *answer, PortWire *wire, const char *head, size_t head_size,
                      GBytes *lead, GBytes *body)
{
    struct iovec vectors[PORT_ANSWER_PIECES] = {{.iov_base = (char *)head, .iov_len = head_size}};
    GBytes *const more[] = {lead, body};
    size_t all = head_size;
    int count = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++) {
        if (more[i] != NULL) {
            gsize size;
            vectors[count].iov_base = (char *)g_bytes_get_data(more[i], &size);
            vectors[count++].iov_len = size;
            all += size;
        }
    }
    ssize_t sent = port_wire_writev(wire, vectors, count);
    if (sent < 0 && sent != -EAGAIN) {
        return -ECONNRESET;
    }
    size_t done = (size_t)MAX(sent, 0);
    if (done == all) {
        return 1;
    }
    answer->pieces[answer->count++] = g_bytes_new(head, head_size);
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++) {
        if (more[i] != NULL) {
            answer->pieces[answer->count++] = g_bytes_ref(more[i]);
        }
    }
    advance(answer, done);
    return port_answer_go_on(answer, wire);
}

void port_answer_clear(PortAnswer *answer)
{
    while (answer->count > 0) {
        drop_first(answer);
    }
}
