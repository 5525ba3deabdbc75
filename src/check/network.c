// SPDX-License-Identifier: GPL-3.0-or-later
// Checks ports, their reach at viewers' addresses, STUN and TURN servers.
#include "check/check.h"

#include "http/http.h"
#include "options.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

/* A service may have more rights than this shell; a running server has its ports. */
static void say_refused(Check *check, const char *what, const char *listen, const char *protocol,
                        bool running, const GError *error)
{
    bool used = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
    const char *port = strrchr(listen, ':') + 1; // parsed before
    if (running && used) {
        check_ok("%s %s (%s) is in use, and a majlis runs on this data folder", what, listen,
                 protocol);
    } else if (used && check_port_held((unsigned)atoi(port), strcmp(protocol, "TCP") == 0)) {
        check_ok("%s %s (%s) is held by majlis.socket for the server", what, listen, protocol);
    } else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)) {
        check_note("%s %s (%s) could not be tried: ports below 1024 need CAP_NET_BIND_SERVICE, "
                   "which the package's service has and this shell has not",
                   what, listen, protocol);
    } else {
        check_problem(check,
                      "%s %s (%s) cannot be used: %s. Stop what uses it (\"ss -lntup\" lists "
                      "programs and ports) or set another in majlis.conf.",
                      what, listen, protocol, error->message);
    }
}

static bool check_port(Check *check, const char *what, const char *listen, GSocketType type,
                       bool running)
{
    const char *protocol = type == G_SOCKET_TYPE_STREAM ? "TCP" : "UDP";
    g_autofree char *host = NULL;
    uint16_t port = 0;
    if (!conf_parse_address(listen, &host, &port)) {
        return false; // refused by the configuration
    }
    const char *text = host[0] == '\0'                  ? "0.0.0.0"
                       : strcmp(host, "localhost") == 0 ? "127.0.0.1"
                                                        : host;
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(text, port);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket =
        g_socket_new(g_socket_address_get_family(address), type, G_SOCKET_PROTOCOL_DEFAULT, &error);
    if (socket == NULL || !g_socket_bind(socket, address, TRUE, &error)) {
        say_refused(check, what, listen, protocol, running, error);
        return false;
    }
    check_ok("%s %s (%s) is free", what, listen, protocol);
    return true;
}

static void say_dropped(Check *check, const CheckReach *one, const char *protocol, int code)
{
    const char *seen = code == ETIMEDOUT ? "no answer within 1 s" : g_strerror(code);
    if (one->own) {
        check_problem(check,
                      "%s to %s port %u, an address of this machine that viewers get, does not "
                      "arrive (%s): a firewall here drops it. Let it in (ufw allow %u; or in "
                      "nftables \"udp dport %u accept\" and \"tcp dport %u accept\").",
                      protocol, one->address, one->port, seen, one->port, one->port, one->port);
    } else {
        check_note("%s to %s port %u, the public address that viewers get, did not come back to "
                   "this machine (%s). Either a firewall or router in between drops it, or it only "
                   "does not return what comes from inside, as many do: watch a session from "
                   "another network to know",
                   protocol, one->address, one->port, seen);
    }
}

static void check_reached(Check *check, const Conf *conf, bool running)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) all = check_reach(conf, running, &error);
    g_autoptr(GString) reached = g_string_new(NULL);
    if (all == NULL) {
        check_problem(check, "%s", error->message);
        return;
    }
    for (guint i = 0; i < all->len; i++) {
        const CheckReach *one = all->pdata[i];
        if (one->udp == 0 && one->tcp == 0) {
            g_string_append_printf(reached, "%s%s port %u", reached->len > 0 ? ", " : "",
                                   one->address, one->port);
        }
        if (one->udp != 0) {
            say_dropped(check, one, "UDP", one->udp);
        }
        if (one->tcp != 0) {
            say_dropped(check, one, "TCP", one->tcp);
        }
    }
    if (reached->len > 0) {
        check_ok("viewers' media: %s at %s (asked from this machine, which does not see a firewall "
                 "between it and the viewers)",
                 running ? "TCP answers" : "UDP and TCP answer", reached->str);
    }
}

static void check_ice(Check *check, const Conf *conf)
{
    g_autoptr(GError) error = NULL;
    if (conf->rtc_ice_secret[0] == '\0') {
        return;
    }
    g_autofree char *secret = NULL;
    if (!auth_secret_read(conf->rtc_ice_secret, "[rtc] ice_secret", 1, &secret, &error)) {
        check_problem(check, "%s", error->message);
    } else {
        check_ok("TURN credentials can be made");
    }
}

static void check_metrics(Check *check, const Conf *conf, bool running)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *token = NULL;
    check_port(check, "[metrics] listen", conf->metrics_listen, G_SOCKET_TYPE_STREAM, running);
    if (!auth_secret_read(conf->metrics_token_file, "[metrics] token_file",
                          METRICS_TOKEN_LEAST_BYTES, &token, &error)) {
        check_problem(check, "%s", error->message);
    } else if (token != NULL) {
        check_ok("the token for metrics can be read");
    }
}

static void check_ice_servers(Check *check, const Conf *conf)
{
    for (char **server = conf->rtc_ice_servers; *server != NULL; server++) {
        g_autoptr(GError) error = NULL;
        if (!http_ice_check(*server, &error)) {
            check_problem(check, "%s", error->message);
        } else {
            check_ok("%s answers", *server);
        }
    }
}

void check_network(Check *check, const Conf *conf)
{
    bool running = options_locked(conf);
    check_port(check, "[server] listen", conf->server_listen, G_SOCKET_TYPE_STREAM, running);
    bool udp = check_port(check, "[rtc] listen", conf->rtc_listen, G_SOCKET_TYPE_DATAGRAM, running);
    bool tcp = check_port(check, "[rtc] listen", conf->rtc_listen, G_SOCKET_TYPE_STREAM, running);
    if (udp && tcp) {
        check_reached(check, conf, false);
    } else if (running && !udp && !tcp) {
        check_reached(check, conf, true);
        check_note("whether UDP arrives can be asked only while the server is stopped; a session's "
                   "page Health counts the viewers who came by it");
    }
    check_socket(check);
    check_ice(check, conf);
    check_ice_servers(check, conf);
    check_metrics(check, conf, running);
}
