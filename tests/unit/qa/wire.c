// SPDX-License-Identifier: GPL-3.0-or-later
// A hub with its server, and websocket clients written by hand, for the hub's tests.
#include "wire.h"

#include "base/clock.h"
#include "store/rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US (5 * BASE_US_PER_S)

/* The server */

static json_t *on_session_json(void *data, const char *session, const AuthIdentity *who)
{
    (void)who;
    Server *server = data;
    server->objects++;
    return strcmp(session, "s1") != 0 ? NULL
                                      : json_pack("{s:s, s:s, s:s}", "id", "s1", "state",
                                                  server->state, "title", server->title);
}

static bool on_session_info(void *data, const char *session, QaSessionInfo *out)
{
    Server *server = data;
    server->infos++;
    *out = (QaSessionInfo){.object = {.session = "s1", .open = server->open},
                           .state = server->state,
                           .over = strcmp(server->state, "ended") == 0,
                           .shows_names = server->shows_names};
    return strcmp(session, "s1") == 0;
}

static int64_t on_media_now(void *data, const char *session)
{
    (void)data, (void)session;
    return 90 * BASE_US_PER_S;
}

static const char *on_sound(void *data, const char *session)
{
    g_assert_cmpstr(session, ==, "s1");
    return ((Server *)data)->sound;
}

static void on_answered(void *data, const char *session)
{
    g_assert_cmpstr(session, ==, "s1");
    ((Server *)data)->answered++;
}

static void start_qa(Server *server, const char *run)
{
    QaConfig config = {
        .store = server->store,
        .tokens = server->tokens,
        .socket_context = base_loop_context(server->http),
        .run = run,
    };
    QaEvents events = {.session_info = on_session_info,
                       .session_json = on_session_json,
                       .media_now = on_media_now,
                       .sound = on_sound,
                       .answered = on_answered,
                       .data = server};
    g_autoptr(GError) error = NULL;
    server->qa = qa_new(&config, &events, &error);
    g_assert_no_error(error);
}

static void open_store(Server *server)
{
    g_autofree char *url = g_strdup_printf("sqlite:%s/test.db", server->folder);
    g_autoptr(GError) error = NULL;
    server->store = store_new(url, &error);
    g_assert_no_error(error);
}

static bool insert_session(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSession row = {.id = "s1",
                        .title_ar = "جلسة",
                        .title_en = "Session",
                        .speakers = "[]",
                        .access = "invited",
                        .state = SESSION_LIVE,
                        .duration_minutes = 60};
    return store_session_insert(db, &row, error);
}

static bool insert_person(StoreDb *db, void *data, GError **error)
{
    return store_person_insert(db, data, error);
}

void server_add_person(Server *server, const char *id, const char *name)
{
    StorePerson row = {.id = (char *)id, .name = (char *)name, .role = "", .entity = "Health"};
    g_autoptr(GError) error = NULL;
    store_run(server->store, insert_person, &row, &error);
    g_assert_no_error(error);
}

Server *server_new(void)
{
    Server *server = g_new0(Server, 1);
    server->folder = g_dir_make_tmp("majlis-qa-XXXXXX", NULL);
    server->state = "live";
    server->title = g_strdup("Session");
    server->tokens = auth_tokens_new();
    server->http = base_loop_new("http");
    open_store(server);
    g_autoptr(GError) error = NULL;
    store_run(server->store, insert_session, NULL, &error);
    g_assert_no_error(error);
    const char *people[][2] = {{"a", "Aisha"}, {"b", "Badr"}, {"m", "Mona"}, {"p", "Paul"}};
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++) {
        server_add_person(server, people[i][0], people[i][1]);
    }
    start_qa(server, "k3");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(server->listener, (void *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(server->listener, 1024), ==, 0);
    return server;
}

static void on_close_sockets(void *data)
{
    qa_close_sockets(data);
}

static void stop_qa(Server *server)
{
    base_loop_call(server->http, on_close_sockets, server->qa);
    qa_free(server->qa);
    store_free(server->store);
    while (g_main_context_iteration(NULL, FALSE)) {
        // what was posted still runs
    }
}

void server_restart(Server *server, const char *run)
{
    stop_qa(server);
    open_store(server);
    start_qa(server, run);
}

void server_free(Server *server)
{
    stop_qa(server);
    base_loop_free(server->http);
    auth_tokens_free(server->tokens);
    close(server->listener);
    const char *files[] = {"test.db", "test.db-wal", "test.db-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(server->folder, files[i], NULL);
        unlink(path);
    }
    g_assert_cmpint(rmdir(server->folder), ==, 0);
    g_free(server->folder);
    g_free(server->title);
    g_free(server);
}

void server_run(int ms)
{
    int64_t end_us = base_clock_us() + ms * BASE_US_PER_MS;
    while (base_clock_us() < end_us) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(200);
    }
}

/* The client */

typedef struct {
    Server *server;
    int fd;
    const char *head;
    AuthIdentity *who;
    uint8_t sign_in[AUTH_HASH_BYTES];
} Adoption;

static void on_adopt(void *data)
{
    Adoption *adoption = data;
    qa_adopt(adoption->server->qa, adoption->fd, adoption->head, strlen(adoption->head),
             adoption->who, adoption->sign_in);
}

static int connect_pair(Server *server, int receive_buffer, int *out_accepted)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(server->listener, (void *)&address, &size);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    g_assert_cmpint(connect(fd, (void *)&address, sizeof address), ==, 0);
    *out_accepted = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    g_assert_cmpint(*out_accepted, >=, 0);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Runs main until more bytes came. False: the connection ended. */
static bool read_more(Client *client, int64_t end_us)
{
    for (;;) {
        g_main_context_iteration(NULL, FALSE);
        uint8_t bytes[65536];
        ssize_t got = recv(client->fd, bytes, sizeof bytes, 0);
        if (got > 0) {
            g_byte_array_append(client->in, bytes, (guint)got);
            return true;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            return false;
        }
        if (base_clock_us() > end_us) {
            return true;
        }
        struct pollfd poll_fd = {.fd = client->fd, .events = POLLIN};
        poll(&poll_fd, 1, 1);
    }
}

static const char upgrade[] = "GET /ws HTTP/1.1\r\n"
                              "Host: localhost\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: majlis.v1\r\n"
                              "Sec-WebSocket-Version: 13\r\n\r\n";

static bool read_head(Client *client)
{
    int64_t end_us = base_clock_us() + PATIENCE_US;
    for (;;) {
        char *end =
            client->in->len > 0 ? memmem(client->in->data, client->in->len, "\r\n\r\n", 4) : NULL;
        if (end != NULL) {
            size_t size = (size_t)(end + 4 - (char *)client->in->data);
            g_autofree char *head = g_strndup((char *)client->in->data, size);
            bool upgraded = g_str_has_prefix(head, "HTTP/1.1 101 ");
            if (upgraded) { // the accept key of RFC 6455 1.3
                g_assert_nonnull(strstr(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
                g_assert_nonnull(strcasestr(head, "sec-websocket-protocol: majlis.v1\r\n"));
            }
            client->close_code = upgraded ? 0 : atoi(head + 9);
            g_byte_array_remove_range(client->in, 0, (guint)size);
            return upgraded;
        }
        if (!read_more(client, end_us)) {
            client->close_code = 1006;
            return false;
        }
        g_assert_cmpint(base_clock_us(), <, end_us);
    }
}

static Client *adopt(Server *server, const char *person, AuthRole role, int receive_buffer,
                     const char *head)
{
    Client *client = g_new0(Client, 1);
    int accepted = -1;
    client->fd = connect_pair(server, receive_buffer, &accepted);
    client->in = g_byte_array_new();
    g_autoptr(AuthIdentity) who =
        auth_identity_new(person, person, "Health", role, role == AUTH_STAFF ? NULL : "s1");
    Adoption adoption = {
        .server = server, .fd = accepted, .head = head != NULL ? head : upgrade, .who = who};
    static unsigned sign_ins;
    g_autofree char *secret = g_strdup_printf("sign-in %u", sign_ins++);
    auth_secret_hash(secret, adoption.sign_in);
    auth_tokens_put(server->tokens, adoption.sign_in, who, base_wall_us(), INT64_MAX);
    base_loop_call(server->http, on_adopt, &adoption);
    return client;
}

Client *client_new_full(Server *server, const char *person, AuthRole role, int receive_buffer,
                        const char *head)
{
    Client *client = adopt(server, person, role, receive_buffer, head);
    read_head(client);
    return client;
}

Client *client_new(Server *server, const char *person, AuthRole role)
{
    Client *client = client_new_full(server, person, role, 0, NULL);
    g_assert_cmpint(client->close_code, ==, 0);
    return client;
}

Client *client_new_unheard(Server *server, const char *person, AuthRole role)
{
    return adopt(server, person, role, 0, NULL);
}

void client_read_upgrade(Client *client)
{
    g_assert_true(read_head(client));
}

void client_free(Client *client)
{
    close(client->fd);
    g_byte_array_unref(client->in);
    g_free(client->cursor);
    g_free(client);
}

void client_send_frame(Client *client, uint8_t first, const void *data, size_t size)
{
    const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
    g_autoptr(GByteArray) frame = g_byte_array_new();
    uint8_t head[4] = {first, (uint8_t)(0x80 | (size < 126 ? size : 126)), (uint8_t)(size >> 8),
                       (uint8_t)size};
    g_assert_cmpuint(size, <, 65536);
    g_byte_array_append(frame, head, size < 126 ? 2 : 4);
    g_byte_array_append(frame, mask, sizeof mask);
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = ((const uint8_t *)data)[i] ^ mask[i % 4];
        g_byte_array_append(frame, &byte, 1);
    }
    (void)!send(client->fd, frame->data, frame->len, MSG_NOSIGNAL);
}

void client_send(Client *client, const char *text)
{
    client_send_frame(client, 0x81, text, strlen(text));
}

/* Takes one frame off the input. */
static bool take_frame(Client *client, uint8_t *out_opcode, GBytes **out_payload)
{
    const uint8_t *in = client->in->data;
    size_t left = client->in->len, head = 2;
    if (left < 2) {
        return false;
    }
    g_assert_cmpint(in[1] & 0x80, ==, 0); // RFC 6455 5.1: a server does not mask
    g_assert_cmpint(in[0] & 0x70, ==, 0); // no extension was agreed
    uint64_t size = in[1] & 0x7f;
    if (size >= 126) {
        size_t length = size == 126 ? 2 : 8;
        if (left < 2 + length) {
            return false;
        }
        size = 0;
        for (size_t i = 0; i < length; i++) {
            size = size << 8 | in[2 + i];
        }
        head += length;
    }
    if (left < head + size) {
        return false;
    }
    *out_opcode = in[0] & 0x8f;
    *out_payload = g_bytes_new(in + head, size);
    g_byte_array_remove_range(client->in, 0, (guint)(head + size));
    return true;
}

static bool is_passed_over(const json_t *json)
{
    const char *type = json_string_value(json_object_get(json, "type"));
    return type != NULL && (strcmp(type, "clock") == 0 || strcmp(type, "presence.count") == 0 ||
                            strcmp(type, "session.state") == 0);
}

static json_t *wait_next(Client *client, int64_t end_us)
{
    for (;;) {
        uint8_t opcode = 0;
        g_autoptr(GBytes) payload = NULL;
        for (bool late = false; !take_frame(client, &opcode, &payload);) {
            if (late) {
                return NULL;
            }
            if (!read_more(client, end_us)) {
                client->close_code = client->close_code != 0 ? client->close_code : 1006;
                return NULL;
            }
            late = base_clock_us() > end_us;
        }
        gsize size = 0;
        const uint8_t *data = g_bytes_get_data(payload, &size);
        if (opcode == 0x88) {
            client->close_code = size >= 2 ? data[0] << 8 | data[1] : 1005;
            return NULL;
        }
        if (opcode == 0x89) {
            client->pings++;
            continue;
        }
        g_assert_cmphex(opcode, ==, 0x81);
        json_t *json = json_loadb((const char *)data, size, 0, NULL);
        g_assert_nonnull(json);
        const char *cursor = json_string_value(json_object_get(json, "cursor"));
        if (cursor != NULL) {
            g_free(client->cursor);
            client->cursor = g_strdup(cursor);
        }
        if (client->raw || !is_passed_over(json)) {
            return json;
        }
        json_decref(json);
    }
}

json_t *client_next(Client *client)
{
    json_t *json = wait_next(client, base_clock_us() + PATIENCE_US);
    if (json == NULL && client->close_code == 0) {
        g_error("nothing came in 5 s");
    }
    return json;
}

json_t *client_poll(Client *client)
{
    return wait_next(client, 0);
}

json_t *client_expect(Client *client, const char *op, const char *type)
{
    json_t *json = client_next(client);
    if (json == NULL) {
        g_error("closed with %d; expected %s %s", client->close_code, op, type ?: "");
    }
    if (g_strcmp0(text_at(json, "op", NULL), op) != 0 ||
        (type != NULL && g_strcmp0(text_at(json, "type", NULL), type) != 0)) {
        g_autofree char *text = base_json_text(json);
        g_error("expected %s %s, got %s", op, type ?: "", text);
    }
    return json;
}

void client_expect_close(Client *client, int code)
{
    for (json_t *json; (json = client_next(client)) != NULL;) {
        json_decref(json);
    }
    g_assert_cmpint(client->close_code, ==, code);
}

void client_expect_silence(Client *client, int ms)
{
    json_t *json = wait_next(client, base_clock_us() + ms * BASE_US_PER_MS);
    if (json != NULL) {
        g_autofree char *text = base_json_text(json);
        g_error("expected nothing, got %s", text);
    }
    g_assert_cmpint(client->close_code, ==, 0);
}

json_t *client_join(Client *client, const char *session, const char *since, const char *op,
                    const char *type)
{
    g_autoptr(json_t) join =
        json_pack("{s:s, s:s, s:s*}", "op", "join", "session", session, "since", since);
    g_autofree char *text = base_json_text(join);
    client_send(client, text);
    return client_expect(client, op, type);
}

const char *text_at(const json_t *json, const char *key, const char *inner)
{
    const json_t *at = json_object_get(json, key);
    return json_string_value(inner != NULL ? json_object_get(at, inner) : at);
}
