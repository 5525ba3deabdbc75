// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a configuration file, or names its faulty line.
#include "conf/conf.h"

#include "base/text.h"
#include "conf/schema.h"

#include <string.h>
#include <sys/stat.h>

#define WIDEST_MODE 0640 // if it holds a secret
#define GRID_MS 100      // three frames at 30 fps

static void *field_of(Conf *conf, const ConfKey *key)
{
    return (char *)conf + key->offset;
}

static void set_invalid(GError **error, const char *where, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void set_invalid(GError **error, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    for (char *at = text; *at != '\0'; at++) {
        if (g_ascii_iscntrl(*at)) {
            *at = '?'; // prevents forged log lines
        }
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "%s: %s", where, text);
}

static void note(Conf *conf, const ConfKey *key, const char *text, const char *where)
{
    size_t i = (size_t)(key - conf_schema);
    char *kept = g_strdup(text);
    g_free(conf->texts[i]);
    conf->texts[i] = kept;
    kept = g_strdup(where);
    g_free(conf->where[i]);
    conf->where[i] = kept;
}

static bool set_value(Conf *conf, const ConfKey *key, const char *text, const char *where,
                      GError **error)
{
    if (key->read(key, text, field_of(conf, key))) {
        note(conf, key, text, where);
        return true;
    }
    if (key->allowed != NULL) {
        set_invalid(error, where, "[%s] %s = %s: must be %s", key->section, key->name, text,
                    key->allowed);
    } else {
        set_invalid(error, where, "[%s] %s = %s: must be a whole number from %d to %d",
                    key->section, key->name, text, key->min, key->max);
    }
    return false;
}

/* ---- the file ---- */

/* A first pass, for line numbers, repeated and unknown keys, which GKeyFile lacks. */
typedef struct {
    const char *name; // file name
    GKeyFile *file;
    Conf *conf;
    char *section; // nullable
    int line;
} Reading;

static bool read_section(Reading *reading, char *line, const char *where, GError **error)
{
    size_t length = strlen(line);
    if (line[length - 1] != ']') {
        set_invalid(error, where, "a section is written [NAME]");
        return false;
    }
    g_free(reading->section);
    reading->section = g_strndup(line + 1, length - 2);
    if (!conf_schema_has_section(reading->section)) {
        g_autofree char *hint = conf_schema_hint(NULL, reading->section);
        set_invalid(error, where, "unknown section [%s]; %s", reading->section, hint);
        return false;
    }
    return true;
}

/* GKeyFile overwrites its error at a second bad escape. */
static bool escapes_valid(const char *raw)
{
    for (const char *at = strchr(raw, '\\'); at != NULL; at = strchr(at + 2, '\\')) {
        if (at[1] == '\0' || strchr("sntr\\", at[1]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool read_key(Reading *reading, char *line, const char *where, GError **error)
{
    char *equals = strchr(line, '=');
    if (equals == NULL || equals == line) {
        set_invalid(error, where, "a line is [SECTION], KEY = VALUE, or a comment after #");
        return false;
    }
    if (reading->section == NULL) {
        set_invalid(error, where, "a key stands before the first [SECTION]");
        return false;
    }
    *equals = '\0';
    const char *name = g_strchomp(line);
    const ConfKey *key = conf_schema_find(reading->section, name);
    if (key == NULL) {
        g_autofree char *hint = conf_schema_hint(reading->section, name);
        set_invalid(error, where, "unknown key %s in [%s]; %s", name, reading->section, hint);
        return false;
    }
    const char *before = reading->conf->where[key - conf_schema];
    if (before != NULL) {
        set_invalid(error, where, "[%s] %s was set before, at %s", key->section, name, before);
        return false;
    }
    g_autofree char *raw = g_key_file_get_value(reading->file, key->section, key->name, NULL);
    if (raw == NULL || !escapes_valid(raw)) {
        set_invalid(error, where,
                    "[%s] %s: after a backslash stands one of s, n, t, r or another "
                    "backslash, and the text is UTF-8",
                    key->section, key->name);
        return false;
    }
    g_autofree char *value = g_key_file_get_string(reading->file, key->section, key->name, NULL);
    if (value == NULL) {
        set_invalid(error, where, "[%s] %s is not UTF-8", key->section, key->name);
        return false;
    }
    return set_value(reading->conf, key, g_strchomp(value), where, error);
}

static bool read_line(Reading *reading, const char *text, GError **error)
{
    g_autofree char *line = g_strstrip(g_strdup(text));
    if (line[0] == '\0' || line[0] == '#') {
        return true;
    }
    g_autofree char *where = g_strdup_printf("%s:%d", reading->name, reading->line);
    return line[0] == '[' ? read_section(reading, line, where, error)
                          : read_key(reading, line, where, error);
}

static bool read_lines(Reading *reading, const char *text, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        reading->line++;
        if (!read_line(reading, *line, error)) {
            return false;
        }
    }
    return true;
}

static bool read_file_text(Conf *conf, const char *name, const char *text, size_t size,
                           GError **error)
{
    if (size > CONF_MAX_BYTES || !g_utf8_validate_len(text, size, NULL)) {
        set_invalid(error, name, "must be UTF-8 text of at most %d bytes", CONF_MAX_BYTES);
        return false;
    }
    g_autofree char *copy = size > 0 ? g_strndup(text, size) : g_strdup("");
    const char *lines = base_text_skip_bom(copy);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) bad = NULL;
    bool loaded = g_key_file_load_from_data(file, lines, strlen(lines), G_KEY_FILE_NONE, &bad);
    Reading reading = {.name = name, .file = file, .conf = conf};
    bool good = read_lines(&reading, lines, error);
    g_free(reading.section);
    if (good && !loaded && lines[0] != '\0') {
        set_invalid(error, name, "%s", bad->message);
        return false;
    }
    return good;
}

/* ---- checks across keys ---- */

static const char *place_of(const Conf *conf, const void *first, const void *second)
{
    const char *places[2] = {NULL, NULL};
    for (size_t i = 0; i < conf_schema_size; i++) {
        const char *field = (const char *)conf + conf_schema[i].offset;
        if (field == first) {
            places[0] = conf->where[i];
        } else if (field == second) {
            places[1] = conf->where[i];
        }
    }
    return places[0] != NULL ? places[0] : places[1] != NULL ? places[1] : "defaults";
}

/* Each cut has its key frame. */
static bool check_grid(const Conf *conf, GError **error)
{
    if (conf->hls_part_ms % GRID_MS != 0) {
        set_invalid(error, place_of(conf, &conf->hls_part_ms, NULL),
                    "[hls] part_ms = %d: must be a multiple of %d (whole frames)",
                    conf->hls_part_ms, GRID_MS);
        return false;
    }
    if (conf->programme_keyframe_ms % conf->hls_part_ms != 0) {
        set_invalid(error, place_of(conf, &conf->programme_keyframe_ms, &conf->hls_part_ms),
                    "[programme] keyframe_ms = %d: must be a multiple of [hls] part_ms (%d)",
                    conf->programme_keyframe_ms, conf->hls_part_ms);
        return false;
    }
    if (conf->hls_segment_ms % conf->programme_keyframe_ms != 0) {
        set_invalid(error, place_of(conf, &conf->hls_segment_ms, &conf->programme_keyframe_ms),
                    "[hls] segment_ms = %d: must be a multiple of [programme] keyframe_ms (%d)",
                    conf->hls_segment_ms, conf->programme_keyframe_ms);
        return false;
    }
    if (conf->hls_window_s * 1000 < 6 * conf->hls_segment_ms) {
        set_invalid(error, place_of(conf, &conf->hls_window_s, &conf->hls_segment_ms),
                    "[hls] window = %d: must be at least six segments (%d seconds)",
                    conf->hls_window_s, (6 * conf->hls_segment_ms + 999) / 1000);
        return false;
    }
    return true;
}

/* A mirror inside the folder protects nothing. */
static bool check_archive(const Conf *conf, GError **error)
{
    if (strcmp(conf->archive_second_directory, conf->archive_directory) != 0) {
        return true;
    }
    set_invalid(error, place_of(conf, &conf->archive_second_directory, &conf->archive_directory),
                "[archive] second_directory = %s: must be another folder than [archive] directory, "
                "on another disk",
                conf->archive_second_directory);
    return false;
}

/* TURN servers require credentials. */
static bool check_ice(const Conf *conf, GError **error)
{
    for (char **server = conf->rtc_ice_servers; *server != NULL; server++) {
        if ((*server)[0] == 't' && conf->rtc_ice_secret[0] == '\0') {
            set_invalid(error, place_of(conf, &conf->rtc_ice_servers, NULL),
                        "[rtc] ice_servers = %s: needs [rtc] ice_secret, a file with the server's "
                        "static-auth-secret",
                        *server);
            return false;
        }
    }
    return true;
}

static bool check_tls(const Conf *conf, GError **error)
{
    bool certificate = conf->server_tls_certificate[0] != '\0';
    bool key = conf->server_tls_key[0] != '\0';
    if (certificate != key) {
        const char *set = certificate ? "tls_certificate" : "tls_key";
        set_invalid(error, place_of(conf, &conf->server_tls_certificate, &conf->server_tls_key),
                    "[server] %s is set and %s is not: TLS needs both", set,
                    certificate ? "tls_key" : "tls_certificate");
        return false;
    }
    if (certificate && g_str_has_prefix(conf->server_public_url, "http:")) {
        set_invalid(error, place_of(conf, &conf->server_public_url, NULL),
                    "[server] public_url = %s: must be https:// where tls_certificate is set",
                    conf->server_public_url);
        return false;
    }
    return true;
}

/* Mail names its sender and leads to this server; a password never crosses the network unencrypted. */
static bool check_relay(const Conf *conf, GError **error)
{
    if (conf->mail_relay[0] == '\0') {
        return true;
    }
    const char *relay = place_of(conf, &conf->mail_relay, NULL);
    if (conf->mail_from[0] == '\0') {
        set_invalid(error, relay,
                    "[mail] relay is set and [mail] from is not: mail needs a sender");
    } else if (conf->server_public_url[0] == '\0') {
        set_invalid(error, relay,
                    "[mail] relay is set and [server] public_url is not: the links in mails need "
                    "the address that people can open");
    } else if ((conf->mail_user[0] == '\0') != (conf->mail_password_file[0] == '\0')) {
        set_invalid(error, place_of(conf, &conf->mail_user, &conf->mail_password_file),
                    "[mail] user and password_file: signing in at the relay needs both");
    } else if (conf->mail_user[0] != '\0' && conf->mail_security == CONF_NONE) {
        set_invalid(error, place_of(conf, &conf->mail_security, NULL),
                    "[mail] security = none: must be starttls or tls where [mail] user is set, or "
                    "the password could be read on the way");
    } else {
        return true;
    }
    return false;
}

/* "" stays "". */
static void make_absolute(char **path, const char *folder)
{
    if ((*path)[0] == '\0') {
        return;
    }
    char *full = g_canonicalize_filename(*path, folder);
    g_free(*path);
    *path = full;
}

/* Repeated after each change. */
static bool settle(Conf *conf, GError **error)
{
    g_free(g_steal_pointer(&conf->server_host));
    bool good = conf_parse_address(conf->server_listen, &conf->server_host, &conf->server_port);
    g_assert(good); // validated before
    make_absolute(&conf->archive_directory, conf->data_dir);
    make_absolute(&conf->archive_second_directory, conf->data_dir);
    make_absolute(&conf->archive_export_directory, conf->data_dir);
    make_absolute(&conf->server_tls_certificate, conf->data_dir);
    make_absolute(&conf->server_tls_key, conf->data_dir);
    make_absolute(&conf->rtc_ice_secret, conf->data_dir);
    make_absolute(&conf->metrics_token_file, conf->data_dir);
    make_absolute(&conf->mail_password_file, conf->data_dir);
    make_absolute(&conf->mail_ca_file, conf->data_dir);
    g_autofree char *file = g_strdup(conf->store_url + strlen("sqlite:"));
    make_absolute(&file, conf->data_dir);
    g_free(conf->store_url);
    conf->store_url = g_strconcat("sqlite:", file, NULL);
    if (conf->where[conf_schema_find("rtc", "listen") - conf_schema] == NULL) {
        g_free(conf->rtc_listen);
        // port 0 suggests several servers per machine
        conf->rtc_listen = g_strdup(conf->server_port == 0 ? ":0" : ":8189");
    }
    return check_grid(conf, error) && check_archive(conf, error) && check_tls(conf, error) &&
           check_ice(conf, error) && check_relay(conf, error);
}

/* ---- the object ---- */

static Conf *new_default(const char *data_dir)
{
    Conf *conf = g_new0(Conf, 1);
    conf->data_dir = g_canonicalize_filename(data_dir != NULL ? data_dir : CONF_DATA_DIR, NULL);
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        bool good = key->read(key, key->fallback, field_of(conf, key));
        g_assert(good);
    }
    return conf;
}

Conf *conf_new_from_text(const char *name, const char *text, size_t size, const char *data_dir,
                         GError **error)
{
    g_autoptr(Conf) conf = new_default(data_dir);
    if (!read_file_text(conf, name, text, size, error) || !settle(conf, error)) {
        return NULL;
    }
    return g_steal_pointer(&conf);
}

/* Matches "rtsp://user:word@camera/". */
static bool has_password(const char *text)
{
    const char *begin = strstr(text, "://");
    const char *end = begin != NULL ? strchr(begin + 3, '@') : NULL;
    return end != NULL && memchr(begin + 3, ':', (size_t)(end - begin - 3)) != NULL;
}

/* Wide modes, with a camera's password inside. */
static bool check_mode(const char *path, const Conf *conf, GError **error)
{
    struct stat file;
    if (!has_password(conf->programme_source) || stat(path, &file) != 0 ||
        (file.st_mode & 0777 & ~WIDEST_MODE) == 0) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                "%s holds a camera's password and others may read it: chmod 0640 %s, or narrower",
                path, path);
    return false;
}

Conf *conf_new(const char *path, const char *data_dir, GError **error)
{
    if (path == NULL) {
        return conf_new_from_text("", "", 0, data_dir, error);
    }
    g_autofree char *text = NULL;
    g_autoptr(GError) bad = NULL;
    size_t size;
    if (!g_file_get_contents(path, &text, &size, &bad)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "cannot read the configuration: %s",
                    bad->message);
        return NULL;
    }
    g_autoptr(Conf) conf = conf_new_from_text(path, text, size, data_dir, error);
    if (conf == NULL || !check_mode(path, conf, error)) {
        return NULL;
    }
    conf->file = g_strdup(path);
    return g_steal_pointer(&conf);
}

bool conf_set(Conf *conf, const char *section, const char *key, const char *value,
              const char *option, GError **error)
{
    const ConfKey *found = conf_schema_find(section, key);
    g_assert(found != NULL);
    if (!g_utf8_validate(value, -1, NULL)) {
        set_invalid(error, option, "must be UTF-8 text");
        return false;
    }
    return set_value(conf, found, value, option, error) && settle(conf, error);
}

/* ---- again, while running ---- */

static const char *text_of(const Conf *conf, size_t i)
{
    return conf->texts[i] != NULL ? conf->texts[i] : conf_schema[i].fallback;
}

/* settle() must follow. */
static void copy_value(Conf *to, const Conf *from, size_t i)
{
    const ConfKey *key = &conf_schema[i];
    bool good = key->read(key, text_of(from, i), field_of(to, key));
    g_assert(good); // it was read before
    note(to, key, from->texts[i], from->where[i]);
}

static void list_key(GString **list, const ConfKey *key)
{
    if (*list == NULL) {
        *list = g_string_new(NULL);
    }
    g_string_append_printf(*list, "%s[%s] %s", (*list)->len > 0 ? ", " : "", key->section,
                           key->name);
}

static char *list_end(GString *list)
{
    return list != NULL ? g_string_free(list, FALSE) : NULL;
}

Conf *conf_reload(const Conf *running, char **out_changed, char **out_restart, GError **error)
{
    g_autoptr(Conf) conf = conf_new(running->file, running->data_dir, error);
    if (conf == NULL) {
        return NULL;
    }
    GString *changed = NULL, *restart = NULL;
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        bool option = running->where[i] != NULL && g_str_has_prefix(running->where[i], "--");
        if (option || strcmp(text_of(conf, i), text_of(running, i)) == 0) {
            copy_value(conf, running, i);
        } else if (key->reloads) {
            list_key(&changed, key);
        } else {
            list_key(&restart, key);
            copy_value(conf, running, i);
        }
    }
    g_autofree char *changes = list_end(changed);
    g_autofree char *restarts = list_end(restart);
    if (!settle(conf, error)) {
        return NULL;
    }
    *out_changed = g_steal_pointer(&changes);
    *out_restart = g_steal_pointer(&restarts);
    return g_steal_pointer(&conf);
}

/* ---- the page "Settings" ---- */

/* "mail.reminders, archive.keep_days". */
static char *list_on_page(void)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        if (key->on_page) {
            g_string_append_printf(list, "%s%s.%s", list->len > 0 ? ", " : "", key->section,
                                   key->name);
        }
    }
    return g_strdup(list->str);
}

bool conf_check(const char *section, const char *name, const char *value, GError **error)
{
    const ConfKey *key = conf_schema_find(section, name);
    g_autofree char *field = g_strdup_printf("%.40s.%.40s", section, name);
    if (key == NULL || !key->on_page) {
        g_autofree char *valid = g_utf8_make_valid(field, -1);
        g_autofree char *list = list_on_page();
        return base_refuse(error, BASE_CODE_UNKNOWN_FIELD, valid,
                           json_pack("{s:s}", "allowed", list), "%s cannot be set; allowed: %s",
                           valid, list);
    }
    g_autoptr(Conf) tried = new_default(NULL);
    if (value == NULL || key->read(key, value, field_of(tried, key))) {
        return true;
    }
    if (key->allowed != NULL) {
        return base_refuse_value(error, field, key->allowed);
    }
    return base_refuse(error, BASE_CODE_OUT_OF_RANGE, field,
                       json_pack("{s:i, s:i}", "min", key->min, "max", key->max),
                       "%s must be a whole number from %d to %d", field, key->min, key->max);
}

Conf *conf_with(const Conf *file, const ConfChange *changes, size_t count, GError **error)
{
    g_autoptr(Conf) conf = new_default(file->data_dir);
    conf->file = g_strdup(file->file);
    for (size_t i = 0; i < conf_schema_size; i++) {
        copy_value(conf, file, i);
    }
    for (size_t i = 0; i < count; i++) {
        const ConfChange *change = &changes[i];
        if (!conf_check(change->section, change->name, change->value, error) ||
            !set_value(conf, conf_schema_find(change->section, change->name), change->value,
                       "the page Settings", error)) {
            return NULL;
        }
    }
    return settle(conf, error) ? g_steal_pointer(&conf) : NULL;
}

/* ---- the end ---- */

size_t conf_settings(void)
{
    return conf_schema_size;
}

void conf_setting(const Conf *conf, size_t i, ConfSetting *out)
{
    const ConfKey *key = &conf_schema[i];
    *out = (ConfSetting){.section = key->section,
                         .name = key->name,
                         .value = text_of(conf, i),
                         .fallback = key->fallback,
                         .set = conf->texts[i] != NULL,
                         .reloads = key->reloads,
                         .on_page = key->on_page};
}

void conf_free(Conf *conf)
{
    if (conf == NULL) {
        return;
    }
    g_free(conf->data_dir);
    g_free(conf->file);
    g_free(conf->server_listen);
    g_free(conf->server_host);
    g_free(conf->server_public_url);
    g_strfreev(conf->server_hosts);
    g_strfreev(conf->server_embed);
    g_strfreev(conf->server_trusted_proxies);
    g_free(conf->server_tls_certificate);
    g_free(conf->server_tls_key);
    g_free(conf->rtc_listen);
    g_strfreev(conf->rtc_public_addresses);
    g_strfreev(conf->rtc_ice_servers);
    g_free(conf->rtc_ice_secret);
    g_free(conf->programme_source);
    g_free(conf->programme_encoder);
    g_free(conf->archive_directory);
    g_free(conf->archive_second_directory);
    g_free(conf->archive_export_directory);
    g_free(conf->store_url);
    g_free(conf->metrics_listen);
    g_free(conf->metrics_token_file);
    g_free(conf->mail_relay);
    g_free(conf->mail_user);
    g_free(conf->mail_password_file);
    g_free(conf->mail_from);
    g_free(conf->mail_from_name);
    g_free(conf->mail_reply_to);
    g_free(conf->mail_ca_file);
    g_strfreev(conf->mail_reminders);
    g_strfreev(conf->mail_follow_ups);
    for (size_t i = 0; i < CONF_KEYS_MAX; i++) {
        g_free(conf->where[i]);
        g_free(conf->texts[i]);
    }
    g_free(conf);
}
