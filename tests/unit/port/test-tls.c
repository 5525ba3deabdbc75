// SPDX-License-Identifier: GPL-3.0-or-later
// TLS on a wire, its files, and a websocket through it. The client is OpenSSL.
#include "base/clock.h"
#include "base/error.h"
#include "port/certificate.h"
#include "port/relay.h"
#include "qa/hub.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *folder, *certificate, *key;
} Files;

static void make_pair(const char *certificate, const char *key, const char *names)
{
    g_autofree char *alternative = g_strdup_printf("subjectAltName=%s", names);
    const char *words[] = {"openssl",
                           "req",
                           "-x509",
                           "-newkey",
                           "ec",
                           "-pkeyopt",
                           "ec_paramgen_curve:prime256v1",
                           "-nodes",
                           "-days",
                           "2",
                           "-subj",
                           "/CN=test",
                           "-addext",
                           alternative,
                           "-keyout",
                           key,
                           "-out",
                           certificate,
                           NULL};
    g_autoptr(GError) error = NULL;
    int status = -1;
    g_spawn_sync(NULL, (char **)words, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                 NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpint(g_chmod(key, 0600), ==, 0);
}

static void set_up(Files *files, gconstpointer data)
{
    (void)data;
    files->folder = g_dir_make_tmp("majlis-tls-XXXXXX", NULL);
    files->certificate = g_build_filename(files->folder, "a.pem", NULL);
    files->key = g_build_filename(files->folder, "a.key", NULL);
    make_pair(files->certificate, files->key, "DNS:majlis.example,DNS:*.hall.example,IP:192.0.2.1");
}

static void tear_down(Files *files, gconstpointer data)
{
    (void)data;
    g_autoptr(GDir) folder = g_dir_open(files->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
        g_autofree char *path = g_build_filename(files->folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(files->folder);
    g_free(files->folder);
    g_free(files->certificate);
    g_free(files->key);
}

static void assert_refused(const char *certificate, const char *key, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(port_tls_new(certificate, key, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    if (strstr(error->message, why) == NULL) {
        g_error("\"%s\" does not say \"%s\"", error->message, why);
    }
}

static void test_files(Files *files, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    g_autoptr(PortTls) tls = port_tls_new(files->certificate, files->key, &error);
    g_assert_no_error(error);
    int64_t now_us = base_wall_us();
    g_assert_true(port_tls_begun(tls, now_us));
    g_assert_false(port_tls_begun(tls, now_us - 3600 * BASE_US_PER_S));
    int64_t left_us = port_tls_ends_us(tls) - now_us;
    g_assert_cmpint(ABS(left_us - 2 * 24 * 3600 * BASE_US_PER_S), <, 60 * BASE_US_PER_S);
    g_assert_true(port_tls_names(tls, "majlis.example"));
    g_assert_true(port_tls_names(tls, "a.hall.example"));
    g_assert_true(port_tls_names(tls, "192.0.2.1"));
    g_assert_false(port_tls_names(tls, "192.0.2.2"));
    g_assert_false(port_tls_names(tls, "evil.example"));

    g_autofree char *other = g_build_filename(files->folder, "b.pem", NULL);
    g_autofree char *other_key = g_build_filename(files->folder, "b.key", NULL);
    make_pair(other, other_key, "DNS:b");
    assert_refused(files->certificate, other_key, "not the key of");
    assert_refused("/nowhere/a.pem", files->key, "/nowhere/a.pem");
    assert_refused(files->folder, files->key, "not a file");
    g_autofree char *pipe = g_build_filename(files->folder, "pipe", NULL);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    assert_refused(pipe, files->key, "not a file"); // does not block on a pipe
    g_assert_cmpint(g_unlink(pipe), ==, 0);
    assert_refused(files->key, files->key, "no certificate");
    assert_refused(files->certificate, files->certificate, "chmod 0640");
    static const unsigned wide[] = {0644, 0604, 0660, 0650, 0641};
    for (size_t i = 0; i < G_N_ELEMENTS(wide); i++) {
        g_chmod(files->key, (int)wide[i]);
        assert_refused(files->certificate, files->key, "chmod 0640");
    }
    g_chmod(files->key, 0640);
    PortTls *again = port_tls_new(files->certificate, files->key, &error);
    g_assert_no_error(error);
    port_tls_unref(again);
}

/* A client */

typedef struct {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
} Client;

static Client client_new(int fd)
{
    Client client = {.context = SSL_CTX_new(TLS_client_method()), .fd = fd};
    client.ssl = SSL_new(client.context);
    SSL_set_fd(client.ssl, fd);
    SSL_set_connect_state(client.ssl);
    return client;
}

static void client_end(Client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
}

static void make_sockets(int pair[2])
{
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), ==,
                    0);
}

static PortWire *wire_new(const Files *files, int fd)
{
    g_autoptr(PortTls) tls = port_tls_new(files->certificate, files->key, NULL);
    PortWire *wire = port_wire_new(fd, &(PortWireEvents){0});
    port_wire_start_tls(wire, tls);
    return wire;
}

static void shake(Client *client, PortWire *wire)
{
    char byte;
    for (int i = 0; i < 100 && !SSL_is_init_finished(client->ssl); i++) {
        SSL_do_handshake(client->ssl);
        g_assert_cmpint(port_wire_read(wire, &byte, 1), ==, -EAGAIN);
    }
    g_assert_true(SSL_is_init_finished(client->ssl));
}

static void test_wire(Files *files, gconstpointer data)
{
    (void)data;
    int pair[2];
    make_sockets(pair);
    PortWire *wire = wire_new(files, pair[0]);
    Client client = client_new(pair[1]);
    static const unsigned char offered[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(client.ssl, offered, sizeof offered - 1);
    shake(&client, wire);
    const unsigned char *chosen;
    unsigned chosen_size;
    SSL_get0_alpn_selected(client.ssl, &chosen, &chosen_size);
    g_assert_cmpmem(chosen, chosen_size, "http/1.1", 8);
    g_assert_cmpint(SSL_version(client.ssl), ==, TLS1_3_VERSION);
    char bytes[64];
    g_assert_cmpint(SSL_write(client.ssl, "question", 8), ==, 8);
    g_assert_cmpint(port_wire_read(wire, bytes, 3), ==, 3);
    g_assert_cmpint(port_wire_waits(wire, G_IO_IN), ==, 0); // already decrypted
    g_assert_cmpint(port_wire_read(wire, bytes + 3, 60), ==, 5);
    g_assert_cmpmem(bytes, 8, "question", 8);
    g_assert_cmpint(port_wire_waits(wire, G_IO_IN), ==, G_IO_IN);
    g_assert_cmpint(port_wire_write(wire, "answer", 6), ==, 6);
    g_assert_cmpint(SSL_read(client.ssl, bytes, sizeof bytes), ==, 6);
    port_wire_close(wire);
    g_assert_cmpint(SSL_read(client.ssl, bytes, sizeof bytes), ==, 0);
    g_assert_cmpint(SSL_get_error(client.ssl, 0), ==, SSL_ERROR_ZERO_RETURN); // got close_notify
    g_assert_cmpint(port_wire_read(wire, bytes, 1), ==, -ECONNRESET);
    port_wire_unref(wire);
    client_end(&client);
}

/* The TLS record of `text`, unsent. */
static int make_record(Client *client, const char *text, int length, uint8_t *bytes, int size)
{
    BIO *record = BIO_new(BIO_s_mem());
    BIO *fd = SSL_get_wbio(client->ssl);
    BIO_up_ref(fd);
    SSL_set0_wbio(client->ssl, record);
    g_assert_cmpint(SSL_write(client->ssl, text, length), ==, length);
    int made = BIO_read(record, bytes, size);
    g_assert_cmpint(made, >, length);
    SSL_set0_wbio(client->ssl, fd);
    return made;
}

/* An incomplete record is not readable: poll for the rest. */
static void test_cut_record(Files *files, gconstpointer data)
{
    (void)data;
    int pair[2];
    make_sockets(pair);
    PortWire *wire = wire_new(files, pair[0]);
    Client client = client_new(pair[1]);
    g_assert_cmpint(send(pair[1], "\x16\x03\x01", 3, MSG_NOSIGNAL), ==, 3);
    char bytes[64];
    g_assert_cmpint(port_wire_read(wire, bytes, sizeof bytes), ==, -EAGAIN);
    g_assert_cmpint(port_wire_waits(wire, G_IO_IN), ==, G_IO_IN);
    port_wire_unref(wire);
    client_end(&client);
    make_sockets(pair);
    wire = wire_new(files, pair[0]);
    client = client_new(pair[1]);
    shake(&client, wire);
    uint8_t record[256];
    int length = make_record(&client, "question", 8, record, sizeof record);
    for (int i = 0; i < length; i++) {
        g_assert_cmpint(port_wire_read(wire, bytes, sizeof bytes), ==, -EAGAIN);
        g_assert_cmpint(port_wire_waits(wire, G_IO_IN), ==, G_IO_IN);
        g_assert_cmpint(send(pair[1], record + i, 1, 0), ==, 1);
    }
    g_assert_cmpint(port_wire_read(wire, bytes, sizeof bytes), ==, 8);
    port_wire_unref(wire);
    client_end(&client);
}

static void test_old_versions(Files *files, gconstpointer data)
{
    (void)data;
    for (int version = TLS1_VERSION; version <= TLS1_2_VERSION; version++) {
        int pair[2];
        make_sockets(pair);
        PortWire *wire = wire_new(files, pair[0]);
        Client client = client_new(pair[1]);
        SSL_set_security_level(client.ssl, 0);
        SSL_set_min_proto_version(client.ssl, version);
        SSL_set_max_proto_version(client.ssl, version);
        char byte;
        ssize_t got = -EAGAIN;
        for (int i = 0; i < 10 && got == -EAGAIN && !SSL_is_init_finished(client.ssl); i++) {
            SSL_do_handshake(client.ssl);
            got = port_wire_read(wire, &byte, 1);
        }
        g_assert_cmpint(got, ==, version < TLS1_2_VERSION ? -ECONNRESET : -EAGAIN);
        port_wire_unref(wire);
        client_end(&client);
    }
}

static void test_junk(Files *files, gconstpointer data)
{
    (void)data;
    int pair[2];
    make_sockets(pair);
    PortWire *wire = wire_new(files, pair[0]);
    char bytes[64];
    g_assert_cmpint(send(pair[1], "\x16\x03\x01\x00\x05junk!", 10, 0), ==, 10);
    g_assert_cmpint(port_wire_read(wire, bytes, sizeof bytes), ==, -ECONNRESET);
    g_assert_cmpint(port_wire_write(wire, "a", 1), ==, -ECONNRESET);
    port_wire_unref(wire); // without close_notify
    close(pair[1]);
}

/* A relay */

static void turn(void)
{
    for (int i = 0; i < 50; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
}

typedef struct {
    PortRelays *relays;
    Client client;
    int hub;
} Relayed;

static Relayed relay(const Files *files)
{
    int pair[2];
    make_sockets(pair);
    Relayed made = {.relays = port_relays_new(NULL), .client = client_new(pair[1])};
    PortWire *wire = wire_new(files, pair[0]);
    shake(&made.client, wire);
    made.hub = port_relay_start(made.relays, wire, NULL, 0);
    g_assert_cmpint(made.hub, >=, 0);
    g_assert_cmpint(port_wire_fd(wire), ==, -1);
    port_wire_unref(wire);
    turn();
    return made;
}

static void relayed_end(Relayed *relayed)
{
    if (relayed->hub >= 0) {
        close(relayed->hub);
    }
    client_end(&relayed->client);
    port_relays_free(relayed->relays);
}

/* A client's frame, masked with zeros. */
static const char ask[9] = "\x81\x83\0\0\0\0ask";

static void test_relay(Files *files, gconstpointer data)
{
    (void)data;
    Relayed relayed = relay(files);
    char bytes[64];
    g_assert_cmpint(SSL_write(relayed.client.ssl, ask, sizeof ask), ==, sizeof ask);
    turn();
    g_assert_cmpint(recv(relayed.hub, bytes, sizeof bytes, 0), ==, sizeof ask);
    g_assert_cmpint(send(relayed.hub, "ok", 2, 0), ==, 2);
    turn();
    g_assert_cmpint(SSL_read(relayed.client.ssl, bytes, sizeof bytes), ==, 2);
    // the hub sends and closes: the client gets both
    g_assert_cmpint(send(relayed.hub, "bye", 3, 0), ==, 3);
    close(relayed.hub);
    relayed.hub = -1;
    turn();
    g_assert_cmpint(SSL_read(relayed.client.ssl, bytes, sizeof bytes), ==, 3);
    g_assert_cmpint(SSL_read(relayed.client.ssl, bytes, sizeof bytes), ==, 0);
    g_assert_cmpint(SSL_get_error(relayed.client.ssl, 0), ==, SSL_ERROR_ZERO_RETURN);
    g_assert_cmpuint(port_relays_count(relayed.relays), ==, 0);
    relayed_end(&relayed);
}

static void test_relay_cut_record(Files *files, gconstpointer data)
{
    (void)data;
    Relayed relayed = relay(files);
    uint8_t record[256];
    char bytes[64];
    int length = make_record(&relayed.client, ask, sizeof ask, record, sizeof record);
    g_assert_cmpint(send(relayed.client.fd, record, 7, 0), ==, 7);
    turn();
    g_assert_cmpint(recv(relayed.hub, bytes, sizeof bytes, 0), ==, -1);
    g_assert_cmpint(send(relayed.client.fd, record + 7, (size_t)length - 7, 0), ==, length - 7);
    turn();
    g_assert_cmpint(recv(relayed.hub, bytes, sizeof bytes, 0), ==, sizeof ask);
    relayed_end(&relayed);
}

static void test_client_goes(Files *files, gconstpointer data)
{
    (void)data;
    Relayed relayed = relay(files);
    char byte;
    SSL_shutdown(relayed.client.ssl);
    turn();
    g_assert_cmpint(recv(relayed.hub, &byte, 1, 0), ==, 0);
    g_assert_cmpuint(port_relays_count(relayed.relays), ==, 0);
    relayed_end(&relayed);
}

/* The hub sees a slow client once its own and the kernel's buffers are full; memory stays bounded,
 * and later all arrives in order. */
static void test_slow_client(Files *files, gconstpointer data)
{
    (void)data;
    Relayed relayed = relay(files);
    int size = PORT_RELAY_SEND_BYTES;
    setsockopt(relayed.hub, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    uint32_t message[100] = {0}, put = 0, got = 0; // as long as usual messages
    for (int idle = 0; idle < 20;) {
        message[0] = put;
        ssize_t sent = send(relayed.hub, message, sizeof message, MSG_NOSIGNAL);
        g_assert_true(sent < 0 || sent == sizeof message);
        put += sent > 0;
        idle = sent > 0 ? 0 : idle + 1;
        turn();
    }
    g_test_message("%u bytes before the hub had to wait", (unsigned)(put * sizeof message));
    g_assert_cmpuint(put, >, 1);
    g_assert_cmpuint(put * sizeof message, <, 512 * 1024);
    g_autoptr(GByteArray) all = g_byte_array_new();
    for (int idle = 0; idle < 20;) {
        uint8_t bytes[4096];
        int read = SSL_read(relayed.client.ssl, bytes, sizeof bytes);
        idle = read > 0 ? 0 : idle + 1;
        g_byte_array_append(all, bytes, (guint)MAX(read, 0));
        turn();
    }
    g_assert_cmpuint(all->len, ==, put * sizeof message);
    for (; got < put; got++) {
        memcpy(message, all->data + got * sizeof message, sizeof message);
        g_assert_cmpuint(message[0], ==, got);
    }
    relayed_end(&relayed);
}

static gboolean on_time(gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static unsigned turns_in(unsigned ms)
{
    bool over = false;
    unsigned turns = 0;
    g_timeout_add(ms, on_time, &over);
    while (!over) {
        g_main_context_iteration(NULL, TRUE);
        turns++;
    }
    return turns;
}

/* The hub gives up on a client that never reads; the relay does not spin, and ends. */
static void test_never_reads(Files *files, gconstpointer data)
{
    (void)data;
    Relayed relayed = relay(files);
    uint8_t bytes[4096] = {0};
    for (int idle = 0; idle < 20; turn()) {
        idle = send(relayed.hub, bytes, sizeof bytes, MSG_NOSIGNAL) > 0 ? 0 : idle + 1;
    }
    close(relayed.hub);
    relayed.hub = -1;
    g_assert_cmpint(SSL_write(relayed.client.ssl, ask, sizeof ask), ==, sizeof ask); // for nobody
    g_assert_cmpuint(turns_in(300), <, 20);
    g_assert_cmpuint(port_relays_count(relayed.relays), ==, 1);
    turns_in(PORT_RELAY_LAST_S * 1000);
    g_assert_cmpuint(port_relays_count(relayed.relays), ==, 0);
    relayed_end(&relayed);
}

static int polled(void)
{
    GMainContext *context = g_main_context_default();
    GPollFD fds[256];
    int timeout, priority;
    g_assert_true(g_main_context_acquire(context));
    g_main_context_prepare(context, &priority);
    int count = g_main_context_query(context, G_MAXINT, &timeout, fds, G_N_ELEMENTS(fds));
    g_main_context_check(context, priority, fds, count);
    g_main_context_release(context);
    return count;
}

/* A turn of the thread costs the same with a thousand websockets. */
static void test_relays_are_not_walked(Files *files, gconstpointer data)
{
    (void)files, (void)data;
    PortRelays *relays = port_relays_new(NULL);
    int before = polled(), ends[2 * 20];
    for (int i = 0; i < 20; i++) {
        int pair[2];
        make_sockets(pair);
        PortWire *wire = port_wire_new(pair[0], &(PortWireEvents){0});
        ends[2 * i] = pair[1];
        ends[2 * i + 1] = port_relay_start(relays, wire, NULL, 0);
        port_wire_unref(wire);
    }
    turn();
    g_assert_cmpuint(port_relays_count(relays), ==, 20);
    g_assert_cmpint(polled(), ==, before);
    port_relays_free(relays);
    for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
        close(ends[i]);
    }
}

/* The same through the real hub: it closes a client that does not read. */
typedef struct {
    unsigned opened, closed;
    uint64_t socket;
} Seen;

static void on_opened(void *data, uint64_t socket, AuthIdentity *who, const uint8_t *sign_in)
{
    (void)who, (void)sign_in;
    Seen *seen = data;
    seen->opened++;
    seen->socket = socket;
}

static void on_received(void *data, uint64_t socket, GBytes *text, bool limited)
{
    (void)data, (void)socket, (void)text, (void)limited;
}

static void on_closed(void *data, uint64_t socket)
{
    (void)socket;
    ((Seen *)data)->closed++;
}

static const char upgrade[] = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: majlis.v1\r\n\r\n";

/* All bytes to the end. */
static GByteArray *read_to_end(Client *client)
{
    GByteArray *all = g_byte_array_new();
    int64_t end_us = base_clock_us() + 5 * BASE_US_PER_S;
    for (int read = 1; base_clock_us() < end_us;) {
        uint8_t bytes[4096];
        read = SSL_read(client->ssl, bytes, sizeof bytes);
        g_byte_array_append(all, bytes, (guint)MAX(read, 0));
        if (read <= 0 && SSL_get_error(client->ssl, read) != SSL_ERROR_WANT_READ) {
            return all;
        }
        turn();
    }
    g_assert_not_reached();
}

static void test_slow_at_hub(Files *files, gconstpointer data)
{
    (void)data;
    Relayed relayed = relay(files);
    Seen seen = {0};
    QaHubEvents events = {
        .opened = on_opened, .received = on_received, .closed = on_closed, .data = &seen};
    QaHub *hub = qa_hub_new(g_main_context_default(), &events);
    g_autoptr(AuthIdentity) who = auth_identity_new("p1", "A", "", AUTH_ATTENDEE, "s1");
    static const uint8_t sign_in[AUTH_HASH_BYTES];
    qa_hub_adopt(hub, relayed.hub, upgrade, sizeof upgrade - 1, who, sign_in);
    relayed.hub = -1; // owned by the hub
    turn();
    g_assert_cmpuint(seen.opened, ==, 1);
    g_autofree char *text = g_strnfill(400, 'x');
    g_autoptr(GBytes) message = g_bytes_new(text, 400);
    for (int i = 0; i < 1500; i++) {
        qa_hub_send(hub, seen.socket, message, false);
        turn();
    }
    g_autoptr(GByteArray) all = read_to_end(&relayed.client);
    static const uint8_t slow[] = {
        QA_CLOSE_SLOW >> 8, QA_CLOSE_SLOW & 0xff, 'r', 'e', 'a', 'd', 's'};
    g_assert_nonnull(memmem(all->data, all->len, slow, sizeof slow));
    g_test_message("closed with %u bytes on their way", all->len);
    g_assert_cmpuint(all->len, <, 256 * 1024); // the hub dropped its queue
    turn();
    g_assert_cmpuint(seen.closed, ==, 1);
    g_assert_cmpuint(port_relays_count(relayed.relays), ==, 0);
    qa_hub_stop(hub);
    qa_hub_free(hub);
    relayed_end(&relayed);
    turn();
}

/* Renewal */

typedef struct {
    PortTls *tls;
    unsigned count;
} Renewed;

static void on_changed(void *data, PortTls *tls)
{
    Renewed *renewed = data;
    port_tls_unref(renewed->tls);
    renewed->tls = port_tls_ref(tls);
    renewed->count++;
}

static void wait_for(const unsigned *count, unsigned wanted, int most_s)
{
    int64_t end_us = base_clock_us() + most_s * BASE_US_PER_S;
    while (*count < wanted && base_clock_us() < end_us) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
    g_assert_cmpuint(*count, ==, wanted);
}

static unsigned warnings;

static GLogWriterOutput on_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                               gpointer data)
{
    (void)fields, (void)count, (void)data;
    warnings += (level & G_LOG_LEVEL_WARNING) != 0;
    return G_LOG_WRITER_HANDLED;
}

static void test_renewal(Files *files, gconstpointer data)
{
    (void)data;
    Renewed renewed = {0};
    PortCertificate *certificate =
        port_certificate_new(files->certificate, files->key, NULL, on_changed, &renewed);
    port_certificate_reload(certificate);
    port_certificate_reload(certificate); // while the first one runs
    wait_for(&renewed.count, 2, 5);
    g_assert_true(port_tls_names(renewed.tls, "majlis.example"));
    make_pair(files->certificate, files->key, "DNS:renewed.example");
    port_certificate_reload(certificate);
    wait_for(&renewed.count, 3, 5);
    g_assert_true(port_tls_names(renewed.tls, "renewed.example"));
    // a mismatch: warns and keeps the old one
    g_autofree char *other = g_build_filename(files->folder, "b.pem", NULL);
    make_pair(other, files->key, "DNS:b");
    port_certificate_reload(certificate);
    wait_for(&warnings, 1, 5);
    g_assert_cmpuint(renewed.count, ==, 3);
    port_certificate_reload(certificate);
    port_certificate_free(certificate); // during a poll
    for (int i = 0; i < 50; i++) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
    g_assert_cmpuint(renewed.count, ==, 3);
    port_tls_unref(renewed.tls);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_IGN);
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL); // expects a warning
    g_log_set_writer_func(on_log, NULL, NULL);
    g_test_add("/port/tls/files", Files, NULL, set_up, test_files, tear_down);
    g_test_add("/port/tls/wire", Files, NULL, set_up, test_wire, tear_down);
    g_test_add("/port/tls/cut-record", Files, NULL, set_up, test_cut_record, tear_down);
    g_test_add("/port/tls/old-versions", Files, NULL, set_up, test_old_versions, tear_down);
    g_test_add("/port/tls/junk", Files, NULL, set_up, test_junk, tear_down);
    g_test_add("/port/tls/relay", Files, NULL, set_up, test_relay, tear_down);
    g_test_add("/port/tls/relay-cut-record", Files, NULL, set_up, test_relay_cut_record, tear_down);
    g_test_add("/port/tls/client-goes", Files, NULL, set_up, test_client_goes, tear_down);
    g_test_add("/port/tls/slow-client", Files, NULL, set_up, test_slow_client, tear_down);
    g_test_add("/port/tls/never-reads", Files, NULL, set_up, test_never_reads, tear_down);
    g_test_add("/port/tls/relays-are-not-walked", Files, NULL, set_up, test_relays_are_not_walked,
               tear_down);
    g_test_add("/port/tls/slow-at-hub", Files, NULL, set_up, test_slow_at_hub, tear_down);
    g_test_add("/port/tls/renewal", Files, NULL, set_up, test_renewal, tear_down);
    return g_test_run();
}
