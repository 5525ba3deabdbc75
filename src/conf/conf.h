// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The configuration: a key file, validated by a table. Immutable after the start; a reload makes
// another. Opens no other file, address or source.

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define CONF_MAX_BYTES (64 * 1024)
#define CONF_DATA_DIR "majlis-data" // below the working directory
#define CONF_KEYS_MAX 64

/* How a connection is encrypted. */
typedef enum {
    CONF_STARTTLS,
    CONF_TLS,
    CONF_NONE,
} ConfSecurity;

/* Owns its texts and arrays; none is NULL. Paths are absolute (in the file relative to
 * data_dir). */
typedef struct {
    char *data_dir;
    char *file; // nullable: defaults only

    char *server_listen;           // "127.0.0.1:8080"
    char *server_host;             // without brackets; "": all interfaces
    uint16_t server_port;          // 0: any free port
    char *server_public_url;       // "https://host[:port]", no final slash; or ""
    char **server_hosts;           // more accepted Host names, lower case
    char **server_embed;           // origins allowed to frame the player
    char **server_trusted_proxies; // ADDRESS or ADDRESS/BITS
    char *server_tls_certificate;  // both or none ("")
    char *server_tls_key;
    int server_threads; // 0: one per core

    bool server_public_feeds;
    int server_max_viewers;    // 0: no limit
    int server_max_load;       // percent of a core; 0: no limit
    int64_t server_min_memory; // bytes; 0: no limit

    char *rtc_listen; // default ":8189", or ":0" if server_port is 0
    char **rtc_public_addresses;
    char **rtc_ice_servers;
    char *rtc_ice_secret; // file; "" without turn: or turns: servers
    int rtc_max_viewers;

    char *programme_source; // name in pipelines/, file or URL
    char *programme_encoder;
    int programme_loudness; // LUFS; 0: off
    int programme_keyframe_ms;

    int hls_part_ms;
    int hls_segment_ms;
    int hls_window_s;

    char *archive_directory;        // data_dir/recordings
    char *archive_second_directory; // "": none
    char *archive_export_directory; // "": none
    int archive_keep_days;          // 0: forever
    int64_t archive_minimum_free;   // bytes
    char *store_url;                // sqlite:data_dir/majlis.db

    char *metrics_listen;     // "": no listener
    char *metrics_token_file; // "": none on the public port

    char *mail_relay; // "HOST:PORT"; "": no mail is sent
    ConfSecurity mail_security;
    char *mail_user;          // "": without signing in
    char *mail_password_file; // both or none
    char *mail_from;          // address
    char *mail_from_name;     // "": none
    char *mail_reply_to;      // "": from
    char *mail_ca_file;       // "": the system's
    int mail_per_minute;
    char **mail_reminders;  // "1d", "90m": before the start
    char **mail_follow_ups; // of "live", "recording", "answers"

    bool log_json;     // [log] format
    bool log_requests; // [log] requests

    // private, of each key; NULL: default
    char *where[CONF_KEYS_MAX]; // "FILE:LINE" or option
    char *texts[CONF_KEYS_MAX]; // in the file's notation
} Conf;

/* `path` NULL: defaults; `data_dir` NULL: CONF_DATA_DIR. BASE_ERROR_INVALID with file, line,
 * allowed values; BASE_ERROR_NOT_FOUND. A camera's password needs mode 0640 or narrower. */
Conf *conf_new(const char *path, const char *data_dir, GError **error);
/* Errors call it `name`. `text` needs no NUL. */
Conf *conf_new_from_text(const char *name, const char *text, size_t size, const char *data_dir,
                         GError **error);

/* An option: conf_set(conf, "server", "listen", value, "--listen", error). After failure only free
 * `conf`. */
bool conf_set(Conf *conf, const char *section, const char *key, const char *value,
              const char *option, GError **error);

/* Reads `running->file` (not NULL) again, with its options. Keeps keys that need a restart.
 * `*out_changed`, `*out_restart`: changed keys taken and kept, "[hls] window, [hls] part_ms" (full
 * ownership; NULL: none). Errors as conf_new(); also if new and kept values conflict. Any thread.
 * Full ownership. */
Conf *conf_reload(const Conf *running, char **out_changed, char **out_restart, GError **error);

/* What an admin set on the page "Settings", in the file's notation. */
typedef struct {
    const char *section, *name, *value; // borrowed
} ConfChange;

/* True: the page may set the key to `value` (NULL: back to the file's). BASE_ERROR_INVALID with the
 * field "mail.reminders" and what is allowed. Any thread. */
bool conf_check(const char *section, const char *name, const char *value, GError **error);
/* `file` with `changes` in place of its values. INVALID as conf_check(), or if values conflict. Any
 * thread. Full ownership. */
Conf *conf_with(const Conf *file, const ConfChange *changes, size_t count, GError **error);

/* A key as it stands, in the file's notation. Borrows from `conf`. */
typedef struct {
    const char *section, *name;
    const char *value, *fallback; // never NULL
    bool set;                     // by file or option
    bool reloads;                 // may change while the server runs
    bool on_page;                 // and an admin may, on the page "Settings"
} ConfSetting;

size_t conf_settings(void); // how many keys there are
void conf_setting(const Conf *conf, size_t i, ConfSetting *out);

void conf_free(Conf *conf);

/* "ADDRESS:PORT", "[IPV6]:PORT" or ":PORT" (all interfaces). Literals and "localhost" only.
 * `out_host`: full ownership. */
bool conf_parse_address(const char *text, char **out_host, uint16_t *out_port);
/* As "1d", "2h" or "90m", up to 60 days. */
bool conf_parse_ahead(const char *text, int *out_minutes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conf, conf_free)
