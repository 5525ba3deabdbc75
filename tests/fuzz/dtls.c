// SPDX-License-Identifier: GPL-3.0-or-later
// DTLS through the datagram BIO. Input: a byte (bit 0: we are the client; bit 1: the handshake was
// done before), then datagrams with two bytes of length. Random records never end a handshake, and
// what comes back is bounded.
#include "fuzz.h"

#include "base/bytes.h"
#include "protocol/dtls.h"

#include <errno.h>
#include <glib.h>

#define MAX_DATAGRAMS 32
#define MAX_DATAGRAM_BYTES 2048
#define MAX_FLIGHT_BYTES 8192 // ours: hello, certificate, key exchange, request, and their repeats

typedef struct {
    ProtocolDtls *dtls;
    GQueue *to; // NULL: nobody hears it
    size_t bytes;
} End;

static void on_send(void *data, const uint8_t *bytes, size_t size)
{
    End *end = data;
    g_assert_cmpuint(size, <=, PROTOCOL_DTLS_MTU);
    end->bytes += size;
    if (end->to != NULL) {
        g_queue_push_tail(end->to, g_bytes_new(bytes, size));
    }
}

static void pump(End *a, End *b)
{
    while (a->to->length + b->to->length > 0) {
        End *reader = a->to->length > 0 ? b : a;
        GBytes *bytes = g_queue_pop_head(a->to->length > 0 ? a->to : b->to);
        gsize size;
        const uint8_t *data = g_bytes_get_data(bytes, &size);
        g_assert_cmpint(protocol_dtls_recv(reader->dtls, data, size), >=, 0);
        g_bytes_unref(bytes);
    }
}

/* The end that the input is for, its handshake done with another. */
static void finish_handshake(ProtocolDtlsIdentity *identity, End *end, bool client)
{
    End other = {.to = g_queue_new()};
    end->to = g_queue_new();
    other.dtls = protocol_dtls_new(identity, !client, on_send, &other);
    protocol_dtls_start(client ? end->dtls : other.dtls);
    pump(end, &other);
    ProtocolSrtpMaster send, receive;
    g_assert_cmpint(protocol_dtls_export(end->dtls, &send, &receive), ==, 0);
    protocol_dtls_free(other.dtls);
    g_queue_free(other.to);
    g_clear_pointer(&end->to, g_queue_free);
    end->bytes = 0;
}

static int feed(End *end, BaseReader *reader)
{
    int result = 0;
    for (int n = 0; n < MAX_DATAGRAMS && reader->left >= 2 && result >= 0; n++) {
        size_t size = base_read_u16(reader);
        size = MIN(MIN(size, reader->left), MAX_DATAGRAM_BYTES);
        g_autofree uint8_t *exact = g_malloc(MAX(size, 1));
        if (size > 0) {
            memcpy(exact, base_read_bytes(reader, size), size);
        }
        size_t before = end->bytes;
        result = protocol_dtls_recv(end->dtls, exact, size);
        g_assert_true(result == 0 || result == 1 || result == -EPROTO);
        g_assert_cmpuint(end->bytes - before, <=, MAX_FLIGHT_BYTES);
    }
    return result;
}

int target(const uint8_t *data, size_t size)
{
    static ProtocolDtlsIdentity *identity;
    identity = identity != NULL ? identity : protocol_dtls_identity_new(NULL);
    BaseReader reader = base_reader(data, size);
    uint8_t flags = base_read_u8(&reader);
    bool client = (flags & 1) != 0, done = (flags & 2) != 0;
    if (reader.failed) {
        return 0;
    }
    End end = {0};
    end.dtls = protocol_dtls_new(identity, client, on_send, &end);
    if (done) {
        finish_handshake(identity, &end, client);
    } else if (client) {
        protocol_dtls_start(end.dtls);
    }
    int result = feed(&end, &reader);
    ProtocolFingerprint fingerprint;
    protocol_dtls_identity_fingerprint(identity, &fingerprint);
    if (done) {
        g_assert_cmpint(result, >=, 0); // nothing unauthenticated ends what was agreed
        g_assert_true(protocol_dtls_verify(end.dtls, &fingerprint));
    } else {
        g_assert_cmpint(result, !=, 1);
        uint8_t none[PROTOCOL_DTLS_CLOSE_NOTIFY_BYTES];
        g_assert_cmpuint(protocol_dtls_close_notify(end.dtls, none), ==, 0);
    }
    protocol_dtls_free(end.dtls);
    return 0;
}
