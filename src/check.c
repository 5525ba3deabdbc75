// SPDX-License-Identifier: GPL-3.0-or-later
// majlis check: finds what would stop the server, and how to mend it.
#include "base/clock.h"
#include "capture/capture.h"
#include "http/http.h"
#include "port/tls.h"
#include "options.h"
#include "store/store.h"

#include <gio/gio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SOURCE_LIMIT_US (5 * BASE_US_PER_S)
#define DATABASE_LIMIT_US (5 * BASE_US_PER_S)
#define FREE_WANTED_BYTES (UINT64_C(5) << 30) // an hour takes 1.3 GB with its MP4
#define CERTIFICATE_WANTED_US (INT64_C(14) * 24 * 3600 * BASE_US_PER_S)
#define WALL_EARLIEST_US (INT64_C(1767225600) * BASE_US_PER_S) // 2026-01-01

static void problem(unsigned *count, const char *text)
{
    printf("problem  %s\n", text);
    (*count)++;
}

static void check_source(const Conf *conf, unsigned *count)
{
    g_autofree char *pipelines = options_share("pipelines");
    g_autoptr(GPtrArray) found =
        capture_check(pipelines, conf->programme_source, conf->programme_encoder);
    for (guint i = 0; i < found->len; i++) {
        problem(count, found->pdata[i]);
    }
    if (found->len > 0) {
        return;
    }
    g_autofree char *shown = capture_redact(conf->programme_source);
    printf("ok       encoder %s is available\n", conf->programme_encoder);
    g_autofree char *dead = capture_try(pipelines, conf->programme_source, SOURCE_LIMIT_US);
    if (dead != NULL) {
        problem(count, dead);
    } else {
        printf("ok       source %s delivers media\n", shown);
    }
}

static void check_sandbox(void)
{
    g_autofree char *lacks = capture_sandbox_lacks();
    if (lacks != NULL) {
        printf("note     %s\n", lacks);
    } else {
        printf("ok       media are decoded in a sandbox\n");
    }
}

static void check_database(const Conf *conf, unsigned *count)
{
    g_autoptr(GError) error = NULL;
    bool whole;
    if (!store_check(conf->store_url, DATABASE_LIMIT_US, &whole, &error)) {
        problem(count, error->message);
    } else if (!whole) {
        printf("note     the database is large: nothing was found wrong in the part that could be "
               "looked at within 5 s\n");
    } else {
        printf("ok       the database is not damaged\n");
    }
}

static void check_port(const char *what, const char *listen, GSocketType type, unsigned *count)
{
    const char *protocol = type == G_SOCKET_TYPE_STREAM ? "TCP" : "UDP";
    g_autofree char *host = NULL;
    uint16_t port = 0;
    if (!conf_parse_address(listen, &host, &port)) {
        return; // refused by the configuration
    }
    const char *text = host[0] == '\0'                  ? "0.0.0.0"
                       : strcmp(host, "localhost") == 0 ? "127.0.0.1"
                                                        : host;
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(text, port);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket =
        g_socket_new(g_socket_address_get_family(address), type, G_SOCKET_PROTOCOL_DEFAULT, &error);
    if (socket == NULL || !g_socket_bind(socket, address, TRUE, &error)) {
        g_autofree char *line =
            g_strdup_printf("%s %s (%s) cannot be used: %s. Stop what uses it (\"ss -lntup\" lists "
                            "programs and ports) or set another in majlis.conf.",
                            what, listen, protocol, error->message);
        problem(count, line);
    } else {
        printf("ok       %s %s (%s) is free\n", what, listen, protocol);
    }
}

static void check_disk(const Conf *conf, unsigned *count)
{
    const char *folder = conf->archive_directory;
    uint64_t least = (uint64_t)conf->archive_minimum_free;
    g_autofree char *line = NULL;
    g_autoptr(GError) error = NULL;
    struct statvfs disk;
    if (!options_make_folders(conf, &error)) {
        line = g_strdup(error->message);
    } else if (statvfs(folder, &disk) == 0) {
        uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
        if (left < least) {
            line = g_strdup_printf("only %" G_GUINT64_FORMAT " MB are free under %s, less than "
                                   "[archive] minimum_free (%" G_GUINT64_FORMAT " MB): no session "
                                   "would open. Make room, or set a smaller minimum_free.",
                                   left >> 20, folder, least >> 20);
        } else if (left < FREE_WANTED_BYTES) {
            line = g_strdup_printf("only %" G_GUINT64_FORMAT " MB are free under %s: make room for "
                                   "at least 5 GB, or record elsewhere ([archive] directory).",
                                   left >> 20, folder);
        }
    }
    if (line != NULL) {
        problem(count, line);
    } else {
        printf("ok       recordings can be written to %s\n", folder);
    }
}

static bool same_disk(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev;
}

/* A folder outside the data folder should be on another disk: if not mounted, recordings fill the
 * system's. */
static void check_directory(const Conf *conf)
{
    g_autofree char *below = g_strconcat(conf->data_dir, "/", NULL);
    if (!g_str_has_prefix(conf->archive_directory, below) &&
        same_disk(conf->archive_directory, conf->data_dir)) {
        printf("note     [archive] directory %s is on the same disk as the data folder. Is the "
               "disk for recordings mounted? Without it they fill this one.\n",
               conf->archive_directory);
    }
}

static void check_second(const Conf *conf, unsigned *count)
{
    const char *folder = conf->archive_second_directory;
    if (folder[0] == '\0') {
        return;
    }
    if (g_mkdir_with_parents(folder, 0700) != 0 || access(folder, W_OK) != 0) {
        g_autofree char *line = g_strdup_printf(
            "[archive] second_directory %s cannot be written: mount its disk, create "
            "it for this user, or leave the line out.",
            folder);
        problem(count, line);
    } else if (same_disk(folder, conf->archive_directory)) {
        printf("note     the second copy in %s is on the same disk as the first: when that disk "
               "fails, both are lost. Is the other disk mounted?\n",
               folder);
    } else {
        printf("ok       the second copy can be written to %s\n", folder);
    }
}

static void check_ice(const Conf *conf, unsigned *count)
{
    g_autoptr(GError) error = NULL;
    if (conf->rtc_ice_secret[0] == '\0') {
        return;
    }
    g_autofree char *secret = http_ice_secret(conf->rtc_ice_secret, &error);
    if (secret == NULL) {
        problem(count, error->message);
    } else {
        printf("ok       TURN credentials can be made\n");
    }
}

static void check_ice_servers(const Conf *conf, unsigned *count)
{
    for (char **server = conf->rtc_ice_servers; *server != NULL; server++) {
        g_autoptr(GError) error = NULL;
        if (!http_ice_check(*server, &error)) {
            problem(count, error->message);
        } else {
            printf("ok       %s answers\n", *server);
        }
    }
}

/* The links' host; NULL: of the listen address. */
static char *public_host(const Conf *conf)
{
    g_autoptr(GUri) uri = g_uri_parse(conf->server_public_url, G_URI_FLAGS_NONE, NULL);
    return uri != NULL ? g_strdup(g_uri_get_host(uri)) : NULL;
}

static void check_dates(const PortTls *tls, unsigned *count)
{
    int64_t now_us = base_wall_us(), ends_us = port_tls_ends_us(tls);
    g_autofree char *end = base_time_format(ends_us);
    g_autofree char *line = NULL;
    if (!port_tls_begun(tls, now_us)) {
        line = g_strdup("the certificate is not valid yet: is the clock right?");
    } else if (ends_us <= now_us) {
        line = g_strdup_printf("the certificate ended at %s: renew it; a server that runs reads it "
                               "again by itself.",
                               end);
    } else if (ends_us - now_us < CERTIFICATE_WANTED_US) {
        printf("note     the certificate ends at %s: renew it soon\n", end);
    } else {
        printf("ok       the certificate fits its key and is valid until %s\n", end);
    }
    if (line != NULL) {
        problem(count, line);
    }
}

static void check_chain(const PortTls *tls, unsigned *count)
{
    g_autofree char *root = NULL;
    g_autofree char *fault = port_tls_chain_fault(tls, base_wall_us(), &root);
    if (fault != NULL) {
        problem(count, fault);
    } else if (root != NULL) {
        printf("note     the certificate rests on \"%s\", which this machine does not trust: "
               "browsers accept it only where that root is installed\n",
               root);
    }
}

static void check_certificate(const Conf *conf, unsigned *count)
{
    if (conf->server_tls_certificate[0] == '\0') {
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(PortTls) tls =
        port_tls_new(conf->server_tls_certificate, conf->server_tls_key, &error);
    if (tls == NULL) {
        problem(count, error->message);
        return;
    }
    check_dates(tls, count);
    check_chain(tls, count);
    g_autofree char *host = public_host(conf);
    if (host != NULL && !port_tls_names(tls, host)) {
        g_autofree char *line = g_strdup_printf(
            "the certificate is not for %s, the host of [server] public_url: browsers refuse it. "
            "Get one for that name, or set public_url to the name that it is for.",
            host);
        problem(count, line);
    }
}

int check_main(const Conf *conf)
{
    unsigned count = 0;
    g_autofree char *shell = options_share("web/dist/index.html");
    check_source(conf, &count);
    check_sandbox();
    check_port("[server] listen", conf->server_listen, G_SOCKET_TYPE_STREAM, &count);
    check_port("[rtc] listen", conf->rtc_listen, G_SOCKET_TYPE_DATAGRAM, &count);
    check_port("[rtc] listen", conf->rtc_listen, G_SOCKET_TYPE_STREAM, &count);
    check_ice(conf, &count);
    check_ice_servers(conf, &count);
    check_certificate(conf, &count);
    check_disk(conf, &count);
    check_directory(conf);
    check_database(conf, &count);
    check_second(conf, &count);
    if (!g_file_test(shell, G_FILE_TEST_EXISTS)) {
        problem(&count,
                "the pages are not built: run ./deploy/up, or \"npm ci && npm run build\" in "
                "web/.");
    }
    if (base_wall_us() < WALL_EARLIEST_US) {
        problem(&count, "the clock is years behind: set it (timedatectl set-ntp true).");
    }
    printf(count == 0 ? "ready\n" : "%u problem(s)\n", count);
    return count == 0 ? EXIT_OK : EXIT_FAILED;
}
