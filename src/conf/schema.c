// SPDX-License-Identifier: GPL-3.0-or-later
// The table of keys, and a reader per value type.
#include "conf/schema.h"

#include "base/id.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define NAME_MAX_LENGTH 64
#define LIST_MAX 64
#define AHEAD_MOST_MINUTES (60 * 24 * 60)
#define SIZE_MAX_BYTES (UINT64_C(1) << 50)

static bool is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        if (g_unichar_iscntrl(g_utf8_get_char(at))) {
            return false;
        }
    }
    return true;
}

static void set_text(void *field, const char *text)
{
    char **place = field;
    char *old = *place;
    *place = g_strdup(text);
    g_free(old);
}

static bool read_text(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    if (text[0] == '\0' || !is_plain(text)) {
        return false;
    }
    set_text(field, text);
    return true;
}

static bool read_name(const ConfKey *key, const char *text, void *field)
{
    return base_id_valid(text, NAME_MAX_LENGTH) && read_text(key, text, field);
}

static bool read_number(const ConfKey *key, const char *text, void *field)
{
    guint64 value;
    if (!g_ascii_string_to_unsigned(text, 10, (guint64)key->min, (guint64)key->max, &value, NULL)) {
        return false;
    }
    *(int *)field = (int)value;
    return true;
}

/* LUFS; 0: "off". */
static bool read_loudness(const ConfKey *key, const char *text, void *field)
{
    gint64 value = 0;
    if (strcmp(text, "off") != 0 &&
        !g_ascii_string_to_signed(text, 10, key->min, key->max, &value, NULL)) {
        return false;
    }
    *(int *)field = (int)value;
    return true;
}

/* The second of two words is true. */
static bool read_either(const char *text, const char *no, const char *yes, void *field)
{
    bool is_yes = strcmp(text, yes) == 0;
    if (!is_yes && strcmp(text, no) != 0) {
        return false;
    }
    *(bool *)field = is_yes;
    return true;
}

static bool read_yes(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_either(text, "no", "yes", field);
}

static bool read_log_format(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_either(text, "text", "json", field);
}

/* Bytes, or K, M, G (powers of 1024). */
static bool read_size(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    static const char suffixes[] = "KMG";
    g_autofree char *digits = g_strdup(text);
    size_t length = strlen(digits);
    const char *suffix = length > 0 ? strchr(suffixes, digits[length - 1]) : NULL;
    unsigned shift = 0;
    if (suffix != NULL) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        digits[length - 1] = '\0';
    }
    guint64 value;
    if (!g_ascii_string_to_unsigned(digits, 10, 0, SIZE_MAX_BYTES >> shift, &value, NULL)) {
        return false;
    }
    *(int64_t *)field = (int64_t)(value << shift);
    return true;
}

static bool read_path(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    if (!is_plain(text)) {
        return false;
    }
    set_text(field, text);
    return true;
}

static int family(const char *text)
{
    uint8_t address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, text, address) == 1) {
        return AF_INET;
    }
    return inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : AF_UNSPEC;
}

bool conf_parse_address(const char *text, char **out_host, uint16_t *out_port)
{
    const char *colon = strrchr(text, ':');
    guint64 port;
    if (colon == NULL || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL)) {
        return false;
    }
    size_t length = (size_t)(colon - text);
    bool bracketed = length >= 2 && text[0] == '[' && colon[-1] == ']';
    g_autofree char *host = bracketed ? g_strndup(text + 1, length - 2) : g_strndup(text, length);
    bool good = bracketed
                    ? family(host) == AF_INET6
                    : host[0] == '\0' || strcmp(host, "localhost") == 0 || family(host) == AF_INET;
    if (good) {
        *out_host = g_steal_pointer(&host);
        *out_port = (uint16_t)port;
    }
    return good;
}

static bool read_address(const ConfKey *key, const char *text, void *field)
{
    g_autofree char *host = NULL;
    uint16_t port;
    return conf_parse_address(text, &host, &port) && read_text(key, text, field);
}

static bool read_address_or_none(const ConfKey *key, const char *text, void *field)
{
    return text[0] == '\0' ? read_path(key, text, field) : read_address(key, text, field);
}

/* Origin only: pages stand at the root. */
static bool read_origin(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    if (text[0] == '\0') {
        set_text(field, "");
        return true;
    }
    g_autofree char *scheme = NULL, *user = NULL, *host = NULL, *path = NULL, *query = NULL;
    g_autofree char *fragment = NULL;
    int port;
    if (!g_uri_split(text, G_URI_FLAGS_NONE, &scheme, &user, &host, &port, &path, &query, &fragment,
                     NULL)) {
        return false;
    }
    bool web = g_strcmp0(scheme, "https") == 0 || g_strcmp0(scheme, "http") == 0;
    bool bare = user == NULL && query == NULL && fragment == NULL &&
                (path[0] == '\0' || strcmp(path, "/") == 0);
    if (!web || !bare || host == NULL || host[0] == '\0') {
        return false;
    }
    g_autofree char *lower = g_ascii_strdown(host, -1);
    g_autofree char *origin =
        g_uri_join(G_URI_FLAGS_NONE, scheme, NULL, lower, port, "", NULL, NULL);
    set_text(field, origin);
    return true;
}

static bool is_host(const char *text)
{
    size_t length = strlen(text);
    return length <= 253 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-._:[]") == length;
}

/* "public" or "local=public", same family. */
static bool is_mapping(const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        return family(text) != AF_UNSPEC;
    }
    g_autofree char *local = g_strndup(text, (size_t)(equals - text));
    return family(local) != AF_UNSPEC && family(local) == family(equals + 1);
}

/* "ADDRESS" or "ADDRESS/BITS", host bits clear. */
static bool is_network(const char *text)
{
    uint8_t address[sizeof(struct in6_addr)] = {0};
    const char *slash = strchr(text, '/');
    g_autofree char *host =
        slash != NULL ? g_strndup(text, (size_t)(slash - text)) : g_strdup(text);
    int of = family(host);
    guint64 bits, most = of == AF_INET ? 32 : 128;
    if (of == AF_UNSPEC || slash == NULL) {
        return of != AF_UNSPEC;
    }
    if (!g_ascii_string_to_unsigned(slash + 1, 10, 0, most, &bits, NULL)) {
        return false;
    }
    inet_pton(of, host, address);
    for (guint64 i = bits; i < most; i++) {
        if ((address[i / 8] & (0x80 >> (i % 8))) != 0) {
            return false;
        }
    }
    return true;
}

/* Commas, semicolons or blanks separate. */
static bool read_list(const char *text, bool (*is_item)(const char *text), void *field)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_auto(GStrv) pieces = g_strsplit_set(lower, ",; \t", -1);
    g_autoptr(GStrvBuilder) items = g_strv_builder_new();
    size_t count = 0;
    for (char **piece = pieces; *piece != NULL; piece++) {
        if (**piece == '\0') {
            continue;
        }
        if (!is_item(*piece) || ++count > LIST_MAX) {
            return false;
        }
        g_strv_builder_add(items, *piece);
    }
    char ***place = field;
    g_strfreev(*place);
    *place = g_strv_builder_end(items);
    return true;
}

static bool read_hosts(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_host, field);
}

/* CSP source: an origin, perhaps "*."; cannot end the directive. */
static bool is_site(const char *text)
{
    const char *host = g_str_has_prefix(text, "https://")  ? text + strlen("https://")
                       : g_str_has_prefix(text, "http://") ? text + strlen("http://")
                                                           : NULL;
    if (host != NULL && g_str_has_prefix(host, "*.")) {
        host += strlen("*.");
    }
    return host != NULL && g_ascii_isalnum(host[0]) && is_host(host);
}

static bool read_sites(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_site, field);
}

static bool read_networks(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_network, field);
}

static bool read_mappings(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_mapping, field);
}

/* stun:HOST[:PORT] (RFC 7064), turn:HOST[:PORT][?transport=udp|tcp] (RFC 7065); stuns:, turns:
 * too. */
static bool is_ice_server(const char *text)
{
    static const char *const schemes[] = {"stun:", "stuns:", "turn:", "turns:"};
    const char *host = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (g_str_has_prefix(text, schemes[i])) {
            host = text + strlen(schemes[i]);
        }
    }
    if (host == NULL) {
        return false;
    }
    size_t length = strcspn(host, "?");
    g_autofree char *name = g_strndup(host, length);
    bool plain = host[length] == '\0';
    bool transport = text[0] == 't' && (strcmp(host + length, "?transport=udp") == 0 ||
                                        strcmp(host + length, "?transport=tcp") == 0);
    return length > 0 && is_host(name) && (plain || transport);
}

static bool read_ice_servers(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_ice_server, field);
}

static bool read_store_url(const ConfKey *key, const char *text, void *field)
{
    const char *path = g_str_has_prefix(text, "sqlite:") ? text + strlen("sqlite:") : "";
    return path[0] != '\0' && path[0] != ':' && read_text(key, text, field);
}

static bool read_security(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    static const char *const names[] = {
        [CONF_STARTTLS] = "starttls", [CONF_TLS] = "tls", [CONF_NONE] = "none"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *(ConfSecurity *)field = (ConfSecurity)i;
            return true;
        }
    }
    return false;
}

/* "HOST:PORT", of another machine; or empty. */
static bool read_relay(const ConfKey *key, const char *text, void *field)
{
    const char *colon = strrchr(text, ':');
    guint64 port;
    if (text[0] == '\0') {
        return read_path(key, text, field);
    }
    if (colon == NULL || colon == text ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL)) {
        return false;
    }
    g_autofree char *host = g_strndup(text, (size_t)(colon - text));
    g_autofree char *lower = g_ascii_strdown(host, -1);
    bool bracketed = host[0] == '[' && colon[-1] == ']';
    return (bracketed || strchr(host, ':') == NULL) && is_host(lower) &&
           read_text(key, text, field);
}

static bool read_mailbox(const ConfKey *key, const char *text, void *field)
{
    return (text[0] == '\0' || base_text_is_address(text)) && read_path(key, text, field);
}

/* At most `max` characters, or empty. */
static bool read_title(const ConfKey *key, const char *text, void *field)
{
    return g_utf8_strlen(text, -1) <= key->max && !base_text_has_too_many_marks(text) &&
           read_path(key, text, field);
}

bool conf_parse_ahead(const char *text, int *out_minutes)
{
    static const struct {
        char unit;
        int minutes;
    } units[] = {{'m', 1}, {'h', 60}, {'d', 24 * 60}};
    size_t length = strlen(text);
    for (size_t i = 0; length > 1 && i < G_N_ELEMENTS(units); i++) {
        g_autofree char *digits = g_strndup(text, length - 1);
        guint64 value;
        guint64 most = (guint64)(AHEAD_MOST_MINUTES / units[i].minutes);
        if (text[length - 1] == units[i].unit &&
            g_ascii_string_to_unsigned(digits, 10, 1, most, &value, NULL)) {
            *out_minutes = (int)value * units[i].minutes;
            return true;
        }
    }
    return false;
}

static bool is_ahead(const char *text)
{
    int minutes;
    return conf_parse_ahead(text, &minutes);
}

static bool read_reminders(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_ahead, field);
}

static bool is_follow_up(const char *text)
{
    static const char *const known[] = {"live", "recording", "answers", NULL};
    return g_strv_contains(known, text);
}

static bool read_follow_ups(const ConfKey *key, const char *text, void *field)
{
    (void)key;
    return read_list(text, is_follow_up, field);
}

#define ADDRESS "ADDRESS:PORT or :PORT, as 127.0.0.1:8080, [::1]:8080 or :8080 (port 0 to 65535)"

// clang-format off
const ConfKey conf_schema[] = {
    {"server", "listen", read_address, offsetof(Conf, server_listen), "127.0.0.1:8080",
     .allowed = ADDRESS,
     .text = "Where the server takes requests: pages, API, websocket, HLS and WHEP are on one port. Without an address it is every interface."},
    {"server", "public_url", read_origin, offsetof(Conf, server_public_url), "",
     .allowed = "http:// or https:// with a host and perhaps a port, without a path",
     .text = "The address that people type, for links and redirects. With https, cookies are marked Secure. Without it links have the address of listen."},
    {"server", "hosts", read_hosts, offsetof(Conf, server_hosts), "",
     .allowed = "host names separated by commas", .reloads = true,
     .text = "More host names to answer to, besides those of public_url and listen and localhost; requests for any other are refused."},
    {"server", "trusted_proxies", read_networks, offsetof(Conf, server_trusted_proxies), "",
     .allowed = "addresses or networks of the proxies in front, as 127.0.0.1, 10.1.0.0/16",
     .text = "Only their X-Forwarded-For is believed. Needed behind a proxy, or else limits by address count the proxy instead of people."},
    {"server", "embed", read_sites, offsetof(Conf, server_embed), "",
     .allowed = "sites that may show the player page in a frame, as https://www.example.ae or https://*.example.ae, separated by commas", .reloads = true,
     .text = "Without it no other site may frame the player page."},
    {"server", "tls_certificate", read_path, offsetof(Conf, server_tls_certificate), "",
     .allowed = "a file with the certificate and those that it rests on (PEM); a relative one is below the data folder",
     .text = "With tls_key the port speaks https only. A renewed pair is read some seconds after its files stop changing, or on SIGHUP."},
    {"server", "tls_key", read_path, offsetof(Conf, server_tls_key), "",
     .allowed = "the file of the certificate's key (PEM), not wider than 0640; a relative one is below the data folder",
     .text = "See tls_certificate."},
    {"server", "threads", read_number, offsetof(Conf, server_threads), "0", 0, 64,
     .text = "Threads that serve connections; 0: one per core."},
    {"server", "public_feeds", read_yes, offsetof(Conf, server_public_feeds), "no", .allowed = "yes or no",
     .text = "Whether everybody, without a sign-in, may subscribe to the calendar and the podcast of open sessions (/feeds/sessions.ics, /feeds/recordings.rss) and play these recordings. A person's own feeds are there in any case."},
    {"server", "max_viewers", read_number, offsetof(Conf, server_max_viewers), "0", 0, 1000000,
     .text = "Viewers at a time, by WebRTC and HLS together; 0: as many as load and memory allow. More are told that all places are taken, and their pages ask again; staff and speakers are always let in."},
    {"server", "max_load", read_number, offsetof(Conf, server_max_load), "95", 0, 100,
     .text = "While a serving thread uses this many percent of its core, new viewers, also of recordings, are told that all places are taken; 0: never."},
    {"server", "min_memory", read_size, offsetof(Conf, server_min_memory), "128M",
     .allowed = "a number of bytes, or of K, M or G, as 500M (at most 1048576G)",
     .text = "While the machine, or the control group, has less memory left, new viewers, also of recordings, are told that all places are taken; 0: never."},
    {"rtc", "listen", read_address, offsetof(Conf, rtc_listen), ":8189",
     .allowed = ADDRESS,
     .text = "The UDP and TCP port for WebRTC media; open both in the firewall. Where [server] listen has port 0, the default is any free port."},
    {"rtc", "public_addresses", read_mappings, offsetof(Conf, rtc_public_addresses), "",
     .allowed = "IP addresses separated by commas, each PUBLIC or LOCAL=PUBLIC",
     .text = "The addresses that viewers send to, where the machine is behind NAT. Without it the addresses of the interfaces are offered."},
    {"rtc", "ice_servers", read_ice_servers, offsetof(Conf, rtc_ice_servers), "",
     .allowed = "stun:HOST:PORT, turn:HOST:PORT?transport=udp (or tcp), turns:HOST:PORT, separated by commas", .reloads = true,
     .text = "STUN and TURN servers for viewers whose firewall blocks the media port."},
    {"rtc", "ice_secret", read_path, offsetof(Conf, rtc_ice_secret), "",
     .allowed = "the file with the TURN server's static-auth-secret, not wider than 0640; a relative one is below the data folder", .reloads = true,
     .text = "Needed for turn: and turns:. Each viewer gets a credential of its own that ends after minutes."},
    {"rtc", "max_viewers", read_number, offsetof(Conf, rtc_max_viewers), "1000", 1, 100000, .reloads = true,
     .text = "WebRTC viewers at a time; others are sent to HLS."},
    {"programme", "source", read_text, offsetof(Conf, programme_source), "test",
     .allowed = "the name of a source in pipelines/, a file, or an rtsp: or srt: url", .reloads = true,
     .text = "The camera or other source of sessions that name none. A password in it is never logged, and the file must then be 0640 or narrower."},
    {"programme", "encoder", read_name, offsetof(Conf, programme_encoder), "software",
     .allowed = "the name of an encoder in pipelines/, as software", .reloads = true,
     .text = "How pictures are encoded; see pipelines/encoders."},
    {"programme", "loudness", read_loudness, offsetof(Conf, programme_loudness), "-23", -31, -14,
     .allowed = "a number from -31 to -14, or off", .reloads = true,
     .text = "The loudness that the programme's sound is brought to, in LUFS (EBU R 128: -23), by a slow gain of at most 20 dB and a limiter at -1 dBTP; off: the sound is left as it comes. The test source keeps its level in any case: its beep is for measuring."},
    {"programme", "keyframe_ms", read_number, offsetof(Conf, programme_keyframe_ms), "2000", 500, 10000, .reloads = true,
     .text = "The distance of key frames; a multiple of [hls] part_ms."},
    {"hls", "part_ms", read_number, offsetof(Conf, hls_part_ms), "500", 200, 2000, .reloads = true,
     .text = "The length of LL-HLS parts, a multiple of 100; the delay is about four of them."},
    {"hls", "segment_ms", read_number, offsetof(Conf, hls_segment_ms), "2000", 1000, 10000, .reloads = true,
     .text = "The length of segments, a multiple of [programme] keyframe_ms."},
    {"hls", "window", read_number, offsetof(Conf, hls_window_s), "60", 6, 3600, .reloads = true,
     .text = "Seconds of media that are kept in memory; older media is read from the disk. At least six segments."},
    {"archive", "directory", read_text, offsetof(Conf, archive_directory), "recordings",
     .allowed = "a folder; a relative one is below the data folder",
     .text = "Where recordings are written, best on a disk of their own."},
    {"archive", "second_directory", read_path, offsetof(Conf, archive_second_directory), "",
     .allowed = "a folder, best on another disk, or empty for none; a relative one is below the data folder",
     .text = "Where a second copy is written at the same time; what one disk lacks is then taken from the other."},
    {"archive", "export_directory", read_path, offsetof(Conf, archive_export_directory), "", .reloads = true,
     .allowed = "a folder that is there, or empty for none; a relative one is below the data folder",
     .text = "Where staff export recordings from the page of all recordings, as majlis export does: a folder for each, with its date and id."},
    {"archive", "keep_days", read_number, offsetof(Conf, archive_keep_days), "0", 0, 36500, .reloads = true, .on_page = true,
     .text = "Recordings are deleted after this many days, unless held; 0: never."},
    {"archive", "minimum_free", read_size, offsetof(Conf, archive_minimum_free), "1G",
     .allowed = "a number of bytes, or of K, M or G, as 500M (at most 1048576G)",
     .text = "Below it staff are warned and no session opens; below a tenth of it nothing is recorded, as the database needs the room."},
    {"store", "url", read_store_url, offsetof(Conf, store_url), "sqlite:majlis.db",
     .allowed = "sqlite:FILE; a relative one is below the data folder",
     .text = "The database's file."},
    {"mail", "relay", read_relay, offsetof(Conf, mail_relay), "",
     .allowed = "HOST:PORT, as smtp.example.ae:587, or empty for no mail",
     .text = "The SMTP server that takes the mails of this one: invitations, changes, reminders. Without it majlis sends no mail, and staff copy the links. Needs from and [server] public_url."},
    {"mail", "security", read_security, offsetof(Conf, mail_security), "starttls",
     .allowed = "starttls, tls or none",
     .text = "How the connection is encrypted: starttls (mostly port 587) or tls from its first byte (mostly port 465), with the relay's certificate checked; none only for a relay on this machine or in its own network, without user."},
    {"mail", "user", read_path, offsetof(Conf, mail_user), "",
     .allowed = "the name for signing in at the relay, or empty",
     .text = "Where the relay asks for one; with password_file."},
    {"mail", "password_file", read_path, offsetof(Conf, mail_password_file), "",
     .allowed = "the file with the password for the relay, not wider than 0640; a relative one is below the data folder",
     .text = "See user."},
    {"mail", "from", read_mailbox, offsetof(Conf, mail_from), "",
     .allowed = "an address, as sessions@example.ae",
     .text = "The sender of all mails; the relay must accept it."},
    {"mail", "from_name", read_title, offsetof(Conf, mail_from_name), "", .max = 200,
     .allowed = "a text in one line, at most 200 characters", .reloads = true, .on_page = true,
     .text = "The sender's name, as people see it."},
    {"mail", "reply_to", read_mailbox, offsetof(Conf, mail_reply_to), "",
     .allowed = "an address, as office@example.ae, or empty for from", .reloads = true, .on_page = true,
     .text = "Where answers go: to mails, to invitations in calendars, and requests to get no more."},
    {"mail", "per_minute", read_number, offsetof(Conf, mail_per_minute), "60", 1, 6000, .reloads = true, .on_page = true,
     .text = "Mails a minute at most, as the relay allows."},
    {"mail", "ca_file", read_path, offsetof(Conf, mail_ca_file), "",
     .allowed = "a file with the certificates to trust (PEM), or empty for those of the system; a relative one is below the data folder",
     .text = "For a relay whose certificate comes from the organisation itself."},
    {"mail", "reminders", read_reminders, offsetof(Conf, mail_reminders), "1d, 1h",
     .allowed = "times before the start separated by commas, as 1d, 1h, 30m, or empty for none", .reloads = true, .on_page = true,
     .text = "When people who got an invitation by mail are reminded of the session, unless its series has reminders of its own."},
    {"mail", "follow_ups", read_follow_ups, offsetof(Conf, mail_follow_ups), "live, recording, answers",
     .allowed = "live, recording, answers, separated by commas, or empty for none", .reloads = true, .on_page = true,
     .text = "What people are told besides: live, that the session has begun, to those who were invited by mail and are not there; recording, that it is published, to those who were invited by mail; answers, to each asker whose question was answered, with the second in the recording, once it is published. Everybody can stop these and the reminders by a link in them."},
    {"log", "format", read_log_format, offsetof(Conf, log_json), "text", .allowed = "text or json",
     .text = "The form of a line on standard error. The journal gets fields in any case."},
    {"log", "requests", read_yes, offsetof(Conf, log_requests), "no", .allowed = "yes or no",
     .text = "A line for each request: method, path, status, bytes, time, role. Never links, tokens, queries or network addresses."},
    {"metrics", "listen", read_address_or_none, offsetof(Conf, metrics_listen), "",
     .allowed = ADDRESS ", for /metrics alone, or empty for none",
     .text = "An address of its own for Prometheus, which serves nothing else, without TLS and sign-in: only for the machine or the monitoring's network."},
    {"metrics", "token_file", read_path, offsetof(Conf, metrics_token_file), "",
     .allowed = "the file with the bearer token for /metrics on the public port, not wider than 0640; a relative one is below the data folder", .reloads = true,
     .text = "With it the public port serves /metrics to the bearer of the file's content, 16 bytes or more; all others get 401."},
};
// clang-format on
const size_t conf_schema_size = G_N_ELEMENTS(conf_schema);
G_STATIC_ASSERT(G_N_ELEMENTS(conf_schema) <= CONF_KEYS_MAX);

const ConfKey *conf_schema_find(const char *section, const char *name)
{
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0) {
            return key;
        }
    }
    return NULL;
}

bool conf_schema_has_section(const char *section)
{
    for (size_t i = 0; i < conf_schema_size; i++) {
        if (strcmp(conf_schema[i].section, section) == 0) {
            return true;
        }
    }
    return false;
}

/* Levenshtein distance by rows. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1];
    size_t length = MIN(strlen(b), NAME_MAX_LENGTH);
    for (size_t j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t change = corner + (a[i] != b[j]);
            corner = row[j + 1];
            row[j + 1] = MIN(change, MIN(row[j], corner) + 1);
        }
    }
    return row[length];
}

char *conf_schema_hint(const char *section, const char *name)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    const char *nearest = NULL, *last = "";
    size_t nearest_distance = MAX(strlen(name) / 2, 2) + 1; // beyond: unrelated
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        const char *word = section == NULL ? key->section : key->name;
        if (strcmp(word, last) == 0 || (section != NULL && strcmp(section, key->section) != 0)) {
            continue;
        }
        last = word;
        g_string_append_printf(allowed, "%s%s", allowed->len > 0 ? ", " : "", word);
        size_t apart = distance(name, word);
        if (apart < nearest_distance) {
            nearest = word;
            nearest_distance = apart;
        }
    }
    return nearest == NULL ? g_strdup_printf("allowed: %s", allowed->str)
                           : g_strdup_printf("did you mean %s? allowed: %s", nearest, allowed->str);
}
