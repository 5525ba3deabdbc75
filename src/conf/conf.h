// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The configuration: one key file, read once, checked against one table, then immutable. Nobody but
// main changes it, before anything is started: other modules are given the values they need.
// Touches nothing but the file: folders, addresses and sources are tried by those who use them.

#include "base/error.h"
#include "base/refs.h"

#include <stdbool.h>
#include <stdint.h>

#define CONF_MAX_BYTES (64 * 1024)
#define CONF_DATA_DIR "majlis-data" // below the folder the program was started in
#define CONF_KEYS_MAX 32

/* Texts and arrays are owned by it and never NULL unless said. Paths are absolute; in the file a
 * relative one is below data_dir. */
typedef struct {
    BaseRefs refs;
    char *data_dir;

    char *server_listen;     // "127.0.0.1:8080"
    char *server_host;       // of it, without brackets; "" is every interface
    uint16_t server_port;    // of it; 0 picks a free one
    char *server_public_url; // "https://host[:port]" without a final slash; "" if not set
    char **server_hosts;     // further Host names to answer to, in lower case
    char **server_embed;     // origins of the sites that may frame the player page
    char **server_trusted_proxies; // ADDRESS or ADDRESS/BITS
    char *server_tls_certificate;  // both are set, or both ""
    char *server_tls_key;

    char *rtc_listen; // ":8189"; ":0" where it is not set and server_port is 0
    char **rtc_public_addresses;
    char **rtc_ice_servers;
    char *rtc_ice_secret; // a file; "" only where no server is turn: or turns:
    int rtc_max_viewers;

    char *programme_source; // a name from pipelines/, a file or a url
    char *programme_encoder;
    int programme_keyframe_ms;

    int hls_part_ms;
    int hls_segment_ms;
    int hls_window_s;

    char *archive_directory;        // data_dir/recordings
    char *archive_second_directory; // "" for none
    int archive_keep_days;          // 0: for ever
    int64_t archive_minimum_free;   // bytes
    char *store_url;                // sqlite:data_dir/majlis.db

    char *where[CONF_KEYS_MAX]; // of the module: "FILE:LINE" or an option, NULL for a default
} Conf;

/* Reads `path` (NULL: all defaults). `data_dir` NULL is CONF_DATA_DIR. NULL with a
 * BASE_ERROR_INVALID that names file, line and what is allowed, or BASE_ERROR_NOT_FOUND for the
 * file. A file with a camera's password in it must not be wider than 0640. Full ownership. */
Conf *conf_new(const char *path, const char *data_dir, GError **error);
/* The same from memory; `name` stands for the file in errors. `text` need not end in NUL. */
Conf *conf_new_from_text(const char *name, const char *text, size_t size, const char *data_dir,
                         GError **error);

/* An option of the command line in place of the file's value: conf_set(conf, "server", "listen",
 * value, "--listen", error). Before the configuration is shared; after a failure it is only to be
 * freed. */
bool conf_set(Conf *conf, const char *section, const char *key, const char *value,
              const char *option, GError **error);

const Conf *conf_ref(const Conf *conf);
void conf_unref(const Conf *conf);

/* Splits "ADDRESS:PORT", "[IPV6]:PORT" or ":PORT" (an empty host is every interface). The address
 * is a literal or "localhost". `out_host` full ownership. */
bool conf_parse_address(const char *text, char **out_host, uint16_t *out_port);

static inline void conf_cleanup(Conf *conf)
{
    conf_unref(conf);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conf, conf_cleanup)
