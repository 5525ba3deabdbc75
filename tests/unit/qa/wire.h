// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// For tests of the hub: a server (store, http thread, Qa) and websocket clients that speak RFC 6455
// by hand over loopback TCP, so that what is asserted is what a peer sees. The test's own thread is
// main.

#include "auth/auth.h"
#include "base/json.h"
#include "base/loop.h"
#include "qa/qa.h"

typedef struct {
    char *folder;
    Store *store;
    AuthTokens *tokens;
    BaseLoop *http;
    Qa *qa;
    int listener;
    const char *state; // of the session "s1"
    char *title;
    const char *sound;       // its alarm
    bool open;               // of the session "s1"
    bool shows_names;        // the same
    unsigned infos, objects; // how often session_info and session_json were asked
    unsigned answered;       // how often the answered questions were said to have changed
} Server;

Server *server_new(void);
void server_free(Server *server);
/* Ends and starts again on the same database, as a new run. */
void server_restart(Server *server, const char *run);
void server_add_person(Server *server, const char *id, const char *name);
/* Runs the main context for a while. */
void server_run(int ms);

typedef struct {
    int fd;
    GByteArray *in;
    int close_code; // of the server's close frame; 0: none came; 1006: the connection ended without
    unsigned pings;
    bool raw;     // nothing is passed over
    char *cursor; // last seen
} Client;

/* Connected and upgraded. */
Client *client_new(Server *server, const char *person, AuthRole role);
/* The same with the socket's options of a slow reader, or with a head of one's own. */
Client *client_new_full(Server *server, const char *person, AuthRole role, int receive_buffer,
                        const char *head);
/* Adopted, while main has not been told yet; then, the answer to the upgrade. */
Client *client_new_unheard(Server *server, const char *person, AuthRole role);
void client_read_upgrade(Client *client);
void client_free(Client *client);
void client_send(Client *client, const char *text);
/* One frame; `first` is FIN, RSV and opcode. */
void client_send_frame(Client *client, uint8_t first, const void *data, size_t size);

/* The next message, or NULL when the connection was closed (see close_code). Fails the test after 5
 * s. Clock, presence and session events are passed over. */
json_t *client_next(Client *client);
/* The next that is there already, or NULL. */
json_t *client_poll(Client *client);
/* The next, which must have this "op" (and "type", where not NULL). */
json_t *client_expect(Client *client, const char *op, const char *type);
void client_expect_close(Client *client, int code);
/* Nothing comes for a while. */
void client_expect_silence(Client *client, int ms);
json_t *client_join(Client *client, const char *session, const char *since, const char *op,
                    const char *type);

const char *text_at(const json_t *json, const char *key, const char *inner);
