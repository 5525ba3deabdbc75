// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the configuration: defaults, values, and refusals with file and line.
#include "conf/conf.h"
#include "conf/schema.h"

#include <glib/gstdio.h>
#include <string.h>

static Conf *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    Conf *conf = conf_new_from_text("majlis.conf", text, strlen(text), "/data", &error);
    g_assert_no_error(error);
    return conf;
}

static void assert_defaults(const Conf *conf)
{
    g_assert_cmpstr(conf->server_listen, ==, "127.0.0.1:8080");
    g_assert_cmpstr(conf->server_host, ==, "127.0.0.1");
    g_assert_cmpint(conf->server_port, ==, 8080);
    g_assert_cmpstr(conf->server_public_url, ==, "");
    g_assert_null(conf->server_hosts[0]);
    g_assert_null(conf->server_trusted_proxies[0]);
    g_assert_cmpstr(conf->server_tls_certificate, ==, "");
    g_assert_cmpstr(conf->server_tls_key, ==, "");
    g_assert_cmpint(conf->server_threads, ==, 0);
    g_assert_cmpstr(conf->rtc_listen, ==, ":8189");
    g_assert_null(conf->rtc_public_addresses[0]);
    g_assert_cmpint(conf->rtc_max_viewers, >, 0);
    g_assert_cmpstr(conf->programme_source, ==, "test");
    g_assert_cmpstr(conf->programme_encoder, ==, "software");
    g_assert_cmpint(conf->programme_loudness, ==, -23);
    g_assert_cmpint(conf->programme_keyframe_ms, ==, 2000);
    g_assert_cmpint(conf->hls_part_ms, ==, 500);
    g_assert_cmpint(conf->hls_segment_ms, ==, 2000);
    g_assert_cmpint(conf->hls_window_s, ==, 60);
    g_assert_cmpstr(conf->archive_directory, ==, "/data/recordings");
    g_assert_cmpstr(conf->archive_second_directory, ==, "");
    g_assert_cmpint(conf->archive_keep_days, ==, 0);
    g_assert_cmpint(conf->archive_minimum_free, ==, INT64_C(1) << 30);
    g_assert_cmpstr(conf->store_url, ==, "sqlite:/data/majlis.db");
    g_assert_cmpstr(conf->mail_relay, ==, "");
    g_assert_cmpint(conf->mail_security, ==, CONF_STARTTLS);
    g_assert_cmpstr(conf->mail_reminders[0], ==, "1d");
    g_assert_cmpstr(conf->mail_reminders[1], ==, "1h");
    g_assert_null(conf->mail_reminders[2]);
}

static void test_defaults(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Conf) conf = conf_new(NULL, "/data", &error);
    g_assert_no_error(error);
    assert_defaults(conf);
    g_autoptr(Conf) empty = parse("# nothing\n\n[server]\n[rtc]\n");
    assert_defaults(empty);
    g_autoptr(Conf) here = conf_new(NULL, NULL, &error);
    g_autofree char *folder = g_get_current_dir();
    g_autofree char *data = g_build_filename(folder, "majlis-data", NULL);
    g_assert_cmpstr(here->data_dir, ==, data);
}

static const char everything[] =
    "[server]\r\n"
    "listen=[::1]:9000\r\n"
    "  public_url = HTTPS://Majlis.Example.AE:8443/  \n"
    "hosts = a.example, B.example;c.example\n"
    "trusted_proxies = 127.0.0.1, 10.1.0.0/16 2001:DB8::/32\n"
    "embed = https://*.Example.ae, http://localhost:8000\n"
    "threads = 4\n"
    "[rtc]\n"
    "listen = 10.0.0.1:7000\n"
    "public_addresses = 192.0.2.1, 10.0.0.1=192.0.2.2 "
    "fd00::1=2001:DB8::1\n"
    "ice_servers = stun:a.example:3478, turn:[::1]:3478?transport=tcp\n"
    "ice_secret = ice.secret\n"
    "max_viewers = 20\n"
    "[programme]\n"
    "source = rtsp://camera.local/a b?x=1=2\n"
    "encoder = vaapi\n"
    "loudness = -16\n"
    "keyframe_ms = 1000\n"
    "[hls]\n"
    "part_ms = 200\n"
    "segment_ms = 4000\n"
    "window = 30\n"
    "[archive]\n"
    "directory = تسجيلات\n"
    "second_directory = /mnt/b\n"
    "keep_days = 90\n"
    "minimum_free = 500M\n"
    "[store]\n"
    "url = sqlite:/srv/x.db\n";

static const ConfSetting *find_setting(const Conf *conf, const char *name, ConfSetting *out)
{
    for (size_t i = 0; i < conf_settings(); i++) {
        conf_setting(conf, i, out);
        if (strcmp(out->name, name) == 0) {
            return out;
        }
    }
    g_assert_not_reached();
}

static void test_settings(void)
{
    g_autoptr(Conf) conf = parse("[archive]\nkeep_days = 90\n");
    ConfSetting setting;
    find_setting(conf, "keep_days", &setting);
    g_assert_cmpstr(setting.section, ==, "archive");
    g_assert_cmpstr(setting.value, ==, "90");
    g_assert_cmpstr(setting.fallback, ==, "0");
    g_assert_true(setting.set);
    g_assert_true(setting.reloads);
    g_assert_true(setting.on_page);
    find_setting(conf, "relay", &setting);
    g_assert_cmpstr(setting.value, ==, "");
    g_assert_false(setting.set);
    g_assert_false(setting.reloads);
    g_assert_false(setting.on_page);
    for (size_t i = 0; i < conf_settings(); i++) { // or a change would wait for a restart
        conf_setting(conf, i, &setting);
        g_assert_true(!setting.on_page || setting.reloads);
    }
}

/* A value from the page: what the key takes, and no key that the page does not have. */
static void test_check(void)
{
    static const struct {
        const char *section, *name, *value;
        BaseCode code; // BASE_CODE_NONE: taken
    } cases[] = {
        {"mail", "from_name", "60 دقيقة اتصال", BASE_CODE_NONE},
        {"mail", "from_name", "", BASE_CODE_NONE},
        {"mail", "from_name", NULL, BASE_CODE_NONE},
        {"mail", "from_name", "two\nlines", BASE_CODE_BAD_VALUE},
        {"mail", "reply_to", "office@example..ae", BASE_CODE_BAD_VALUE},
        {"mail", "per_minute", "0", BASE_CODE_OUT_OF_RANGE},
        {"mail", "per_minute", "6000", BASE_CODE_NONE},
        {"mail", "reminders", "1d, 90m", BASE_CODE_NONE},
        {"mail", "reminders", "tomorrow", BASE_CODE_BAD_VALUE},
        {"mail", "follow_ups", "live answers", BASE_CODE_NONE},
        {"mail", "follow_ups", "dead", BASE_CODE_BAD_VALUE},
        {"archive", "keep_days", "-1", BASE_CODE_OUT_OF_RANGE},
        {"archive", "directory", "/tmp", BASE_CODE_UNKNOWN_FIELD},
        {"mail", "password_file", NULL, BASE_CODE_UNKNOWN_FIELD},
        {"nothing", "at_all", "1", BASE_CODE_UNKNOWN_FIELD},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("[%s] %s = %s", cases[i].section, cases[i].name, cases[i].value);
        bool taken = conf_check(cases[i].section, cases[i].name, cases[i].value, &error);
        g_assert_true(taken == (cases[i].code == BASE_CODE_NONE));
        if (!taken) {
            g_autofree char *field = g_strjoin(".", cases[i].section, cases[i].name, NULL);
            g_assert_cmpint(base_error_code(error), ==, cases[i].code);
            g_assert_cmpstr(base_error_field(error), ==, field);
        }
    }
    g_autofree char *letters = g_strnfill(201, 'a');
    g_assert_false(conf_check("mail", "from_name", letters, NULL));
}

/* What the page sets stands above the file, also above a file that is read again. */
static void test_with(void)
{
    static const ConfChange changes[] = {{"archive", "keep_days", "7"},
                                         {"mail", "reminders", "2h"}};
    g_autoptr(Conf) file = parse("[archive]\nkeep_days = 90\ndirectory = a\n[hls]\nwindow = 30\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Conf) conf = conf_with(file, changes, G_N_ELEMENTS(changes), &error);
    g_assert_no_error(error);
    g_assert_cmpint(conf->archive_keep_days, ==, 7);
    g_assert_cmpint(file->archive_keep_days, ==, 90);
    g_assert_cmpstr(conf->mail_reminders[0], ==, "2h");
    g_assert_null(conf->mail_reminders[1]);
    g_assert_cmpint(conf->hls_window_s, ==, 30);
    g_assert_cmpstr(conf->archive_directory, ==, file->archive_directory);
    g_assert_cmpstr(conf->rtc_listen, ==, file->rtc_listen);
    static const ConfChange bad[] = {{"hls", "window", "1"}};
    g_assert_null(conf_with(file, bad, 1, &error));
    g_assert_cmpint(base_error_code(error), ==, BASE_CODE_UNKNOWN_FIELD);
}

static void test_values(void)
{
    g_autoptr(Conf) conf = parse(everything);
    g_assert_cmpstr(conf->server_host, ==, "::1");
    g_assert_cmpint(conf->server_port, ==, 9000);
    g_assert_cmpstr(conf->server_public_url, ==, "https://majlis.example.ae:8443");
    g_assert_true(g_strv_equal((const char *const *)conf->server_hosts,
                               (const char *[]){"a.example", "b.example", "c.example", NULL}));
    g_assert_true(
        g_strv_equal((const char *const *)conf->server_trusted_proxies,
                     (const char *[]){"127.0.0.1", "10.1.0.0/16", "2001:db8::/32", NULL}));
    g_assert_true(
        g_strv_equal((const char *const *)conf->server_embed,
                     (const char *[]){"https://*.example.ae", "http://localhost:8000", NULL}));
    g_assert_cmpstr(conf->rtc_listen, ==, "10.0.0.1:7000");
    g_assert_cmpuint(g_strv_length(conf->rtc_public_addresses), ==, 3);
    g_assert_cmpstr(conf->rtc_public_addresses[2], ==, "fd00::1=2001:db8::1");
    g_assert_cmpint(conf->server_threads, ==, 4);
    g_assert_cmpstr(conf->rtc_ice_servers[1], ==, "turn:[::1]:3478?transport=tcp");
    g_assert_true(g_path_is_absolute(conf->rtc_ice_secret));
    g_assert_cmpint(conf->rtc_max_viewers, ==, 20);
    g_assert_cmpstr(conf->programme_source, ==, "rtsp://camera.local/a b?x=1=2");
    g_assert_cmpstr(conf->programme_encoder, ==, "vaapi");
    g_assert_cmpint(conf->programme_loudness, ==, -16);
    g_assert_cmpint(conf->programme_keyframe_ms, ==, 1000);
    g_assert_cmpint(conf->hls_part_ms, ==, 200);
    g_assert_cmpint(conf->hls_segment_ms, ==, 4000);
    g_assert_cmpint(conf->hls_window_s, ==, 30);
    g_assert_cmpstr(conf->archive_directory, ==, "/data/تسجيلات");
    g_assert_cmpstr(conf->archive_second_directory, ==, "/mnt/b");
    g_assert_cmpint(conf->archive_keep_days, ==, 90);
    g_assert_cmpint(conf->archive_minimum_free, ==, INT64_C(500) << 20);
    g_assert_cmpstr(conf->store_url, ==, "sqlite:/srv/x.db");
}

static void test_loudness_off(void)
{
    g_autoptr(Conf) conf = parse("[programme]\nloudness = off\n");
    g_assert_cmpint(conf->programme_loudness, ==, 0);
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } sizes[] = {{"0", 0},
                 {"1", 1},
                 {"123456789", 123456789},
                 {"7K", 7 * 1024},
                 {"64M", 64 * 1024 * 1024},
                 {"1048576G", INT64_C(1) << 50}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *text = g_strdup_printf("[archive]\nminimum_free = %s\n", sizes[i].text);
        g_autoptr(Conf) conf = parse(text);
        g_assert_cmpint(conf->archive_minimum_free, ==, sizes[i].bytes);
    }
    g_autoptr(Conf) below = parse("[archive]\nsecond_directory = mirror\n");
    g_assert_cmpstr(below->archive_second_directory, ==, "/data/mirror");
    g_autoptr(Conf) none = parse("[archive]\nsecond_directory =\n");
    g_assert_cmpstr(none->archive_second_directory, ==, "");
}

static void test_tls(void)
{
    g_autoptr(Conf) conf =
        parse("[server]\ntls_certificate = tls/chain.pem\ntls_key = /etc/a.key\n");
    g_assert_cmpstr(conf->server_tls_certificate, ==, "/data/tls/chain.pem");
    g_assert_cmpstr(conf->server_tls_key, ==, "/etc/a.key");
}

typedef struct {
    const char *text;
    const char *words[4]; // each must be in the message
} Bad;

static const Bad bad[] = {
    {"[programme]\nsource=\\x\\\n", {"majlis.conf:2", "backslash"}},
    {"[server]\nlisen = :80\n", {"majlis.conf:2:", "lisen", "did you mean listen?", "public_url"}},
    {"[server]\nxyzzy = 1\n", {"majlis.conf:2:", "allowed: listen, public_url, hosts"}},
    {"\n\n[sever]\n", {"majlis.conf:3:", "[sever]", "did you mean server?", "rtc, programme"}},
    {"[server]\nlisten = 80\n", {"majlis.conf:2:", "listen = 80", "ADDRESS:PORT"}},
    {"[server]\nlisten = :65536\n", {"majlis.conf:2:", "0 to 65535"}},
    {"[server]\nlisten = example.com:80\n", {"majlis.conf:2:", "ADDRESS:PORT"}},
    {"[server]\nlisten = ::1:80\n", {"majlis.conf:2:", "[::1]:8080"}},
    {"[server]\nlisten = :80 # all\n", {"majlis.conf:2:", "ADDRESS:PORT"}},
    {"[server]\nlisten =\n", {"majlis.conf:2:", "ADDRESS:PORT"}},
    {"[server]\nlisten = :80\n\nlisten = :81\n", {"majlis.conf:4:", "before, at majlis.conf:2"}},
    {"[server]\nlisten = :80\n[rtc]\n[server]\nlisten = :81\n", {"majlis.conf:5:", "before"}},
    {"[server]\npublic_url = majlis.ae\n", {"majlis.conf:2:", "https://"}},
    {"[server]\npublic_url = https://majlis.ae/live\n", {"majlis.conf:2:", "without a path"}},
    {"[server]\npublic_url = https://u:p@majlis.ae\n", {"majlis.conf:2:"}},
    {"[server]\npublic_url = ftp://majlis.ae\n", {"majlis.conf:2:", "http://"}},
    {"[server]\nhosts = a/b\n", {"majlis.conf:2:", "host names"}},
    {"[server]\nembed = www.example.ae\n", {"majlis.conf:2:", "https://www.example.ae"}},
    {"[server]\nembed = https://a.example/page\n", {"majlis.conf:2:", "sites"}},
    {"[server]\nembed = *\n", {"majlis.conf:2:", "sites"}},
    {"[server]\nembed = https://*\n", {"majlis.conf:2:", "sites"}},
    {"[server]\nembed = 'none'\n", {"majlis.conf:2:", "sites"}},
    {"[server]\ntrusted_proxies = proxy.example\n", {"majlis.conf:2:", "10.1.0.0/16"}},
    {"[server]\ntrusted_proxies = 10.0.0.0/33\n", {"majlis.conf:2:", "10.1.0.0/16"}},
    {"[server]\ntrusted_proxies = 10.1.0.0/8\n", {"majlis.conf:2:", "10.1.0.0/16"}},
    {"[server]\ntrusted_proxies = ::1/129\n", {"majlis.conf:2:", "10.1.0.0/16"}},
    {"[server]\n\ntls_certificate = a\n", {"majlis.conf:3:", "tls_key is not"}},
    {"[server]\ntls_key = a\n", {"majlis.conf:2:", "tls_certificate is not"}},
    {"[server]\ntls_key = a\ntls_certificate = b\npublic_url = http://c\n",
     {"majlis.conf:4:", "must be https://"}},
    {"[rtc]\npublic_addresses = example.com\n", {"majlis.conf:2:", "LOCAL=PUBLIC"}},
    {"[rtc]\npublic_addresses = 10.0.0.1=2001:db8::1\n", {"majlis.conf:2:", "LOCAL=PUBLIC"}},
    {"[rtc]\nice_servers = turn:a.example\n", {"majlis.conf:2:", "ice_secret"}},
    {"[rtc]\nice_servers = stun:a.example?transport=udp\n", {"majlis.conf:2:", "turn:HOST"}},
    {"[rtc]\nice_servers = http://a.example\n", {"majlis.conf:2:", "turn:HOST"}},
    {"[rtc]\nice_servers = turn:\n", {"majlis.conf:2:", "turn:HOST"}},
    {"[server]\nmax_load = 101\n", {"majlis.conf:2:", "whole number from 0 to 100"}},
    {"[log]\nformat = xml\n", {"majlis.conf:2:", "text or json"}},
    {"[log]\nrequests = true\n", {"majlis.conf:2:", "yes or no"}},
    {"[rtc]\nmax_viewers = 0\n", {"majlis.conf:2:", "whole number from 1 to 100000"}},
    {"[rtc]\nmax_viewers = -5\n", {"majlis.conf:2:", "whole number"}},
    {"[rtc]\nmax_viewers = 99999999999999999999\n", {"majlis.conf:2:", "whole number"}},
    {"[rtc]\nmax_viewers = 5.5\n", {"majlis.conf:2:", "whole number"}},
    {"[programme]\nencoder = ../x\n", {"majlis.conf:2:", "pipelines/"}},
    {"[programme]\nsource = \n", {"majlis.conf:2:", "pipelines/"}},
    {"[programme]\nsource = a\\nb\n", {"majlis.conf:2:", "a?b", "pipelines/"}},
    {"[programme]\nsource = a\\qb\n", {"majlis.conf:2:", "source"}},
    {"[archive]\nminimum_free = 1T\n", {"majlis.conf:2:", "1T", "K, M or G", "500M"}},
    {"[archive]\nminimum_free = \n", {"majlis.conf:2:", "K, M or G"}},
    {"[archive]\nminimum_free = M\n", {"majlis.conf:2:", "K, M or G"}},
    {"[archive]\nminimum_free = -1G\n", {"majlis.conf:2:", "K, M or G"}},
    {"[archive]\nminimum_free = 1.5G\n", {"majlis.conf:2:", "K, M or G"}},
    {"[archive]\nminimum_free = 1048577G\n", {"majlis.conf:2:", "1048576G"}},
    {"[archive]\nminimum_free = 18446744073709551616\n", {"majlis.conf:2:", "K, M or G"}},
    {"[archive]\nkeep_days = 36501\n", {"majlis.conf:2:", "from 0 to 36500"}},
    {"[archive]\nkeep_days = a year\n", {"majlis.conf:2:", "whole number"}},
    {"[archive]\nsecond_directory = a\\nb\n", {"majlis.conf:2:", "another disk"}},
    {"[archive]\n\nsecond_directory = ./recordings/\n", {"majlis.conf:3:", "another folder"}},
    {"[archive]\ndirectory = /r\nsecond_directory = /r\n", {"majlis.conf:3:", "another folder"}},
    {"[mail]\nrelay = smtp.a.ae\n", {"majlis.conf:2:", "HOST:PORT"}},
    {"[mail]\nrelay = :25\n", {"majlis.conf:2:", "HOST:PORT"}},
    {"[mail]\nrelay = a/b:25\n", {"majlis.conf:2:", "HOST:PORT"}},
    {"[mail]\nrelay = smtp.a.ae:25\n", {"majlis.conf:2:", "[mail] from is not"}},
    {"[mail]\nfrom = a@b.ae\nrelay = smtp.a.ae:25\n", {"majlis.conf:3:", "public_url"}},
    {"[mail]\nfrom = A <a@b.ae>\n", {"majlis.conf:2:", "an address"}},
    {"[mail]\nsecurity = ssl\n", {"majlis.conf:2:", "starttls, tls or none"}},
    {"[mail]\nreminders = 1w\n", {"majlis.conf:2:", "1d, 1h, 30m"}},
    {"[mail]\nreminders = 61d\n", {"majlis.conf:2:", "1d, 1h, 30m"}},
    {"[mail]\nper_minute = 0\n", {"majlis.conf:2:", "from 1 to 6000"}},
    {"[server]\npublic_url = https://m.ae\n[mail]\nrelay = a:25\nfrom = a@b.ae\nuser = u\n",
     {"majlis.conf:6:", "needs both"}},
    {"[server]\npublic_url = https://m.ae\n[mail]\nrelay = a:25\nfrom = a@b.ae\nuser = u\n"
     "password_file = p\nsecurity = none\n",
     {"majlis.conf:8:", "could be read on the way"}},
    {"[store]\nurl = postgresql://db/majlis\n", {"majlis.conf:2:", "sqlite:FILE"}},
    {"[programme]\nloudness = 23\n", {"majlis.conf:2:", "from -31 to -14, or off"}},
    {"[programme]\nloudness = on\n", {"majlis.conf:2:", "from -31 to -14, or off"}},
    {"[store]\nurl = sqlite:\n", {"majlis.conf:2:", "sqlite:FILE"}},
    {"listen = :80\n", {"majlis.conf:1:", "before the first [SECTION]"}},
    {"[server]\nlisten\n", {"majlis.conf:2:", "KEY = VALUE"}},
    {"[server\n", {"majlis.conf:1:", "[NAME]"}},
    {"[server]\n= 5\n", {"majlis.conf:2:", "KEY = VALUE"}},
    {"[server]\nlisten[ar] = :80\n", {"majlis.conf:2:", "unknown key"}},
    {"[server]\n\xff\xfe = 1\n", {"majlis.conf:", "UTF-8"}},
    {"[hls]\nsegment_ms = 3000\n", {"majlis.conf:2:", "segment_ms = 3000", "keyframe_ms (2000)"}},
    {"[programme]\nkeyframe_ms = 3000\n", {"majlis.conf:2:", "segment_ms", "keyframe_ms (3000)"}},
    {"[hls]\npart_ms = 300\n", {"majlis.conf:2:", "part_ms (300)"}},
    {"[hls]\npart_ms = 250\n", {"majlis.conf:2:", "multiple of 100"}},
    {"[hls]\nwindow = 10\n", {"majlis.conf:2:", "six segments (12 seconds)"}},
};

static void test_bad(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        const char *text = bad[i].text;
        g_autofree char *shown = g_strescape(text, NULL); // TAP is UTF-8
        g_test_message("%s", shown);
        g_assert_null(conf_new_from_text("majlis.conf", text, strlen(text), "/data", &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        for (size_t j = 0; j < G_N_ELEMENTS(bad[i].words) && bad[i].words[j] != NULL; j++) {
            g_autofree char *said = g_strescape(error->message, NULL);
            g_test_message("wanted: %s, said: %s", bad[i].words[j], said);
            g_assert_nonnull(strstr(error->message, bad[i].words[j]));
        }
    }
}

static void test_size(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(conf_new_from_text("x", "[rtc]\0", 6, NULL, &error)); // NUL is no text
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
    g_autofree char *large = g_strnfill(CONF_MAX_BYTES + 1, '#');
    g_assert_null(conf_new_from_text("x", large, CONF_MAX_BYTES + 1, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_autoptr(Conf) fits = conf_new_from_text("x", large, CONF_MAX_BYTES, NULL, NULL);
    g_assert_nonnull(fits);
}

/* Whatever the file says, the outcome is an error with a text or values that hold together. */
static void try(const char *text, size_t size)
{
    g_autofree char *exact = g_memdup2(text, size); // so that a sanitizer sees the end
    g_autoptr(GError) error = NULL;
    g_autoptr(Conf) conf = conf_new_from_text("x", exact, size, "/data", &error);
    if (conf == NULL) {
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpint(conf->hls_segment_ms % conf->programme_keyframe_ms, ==, 0);
    g_assert_cmpint(conf->programme_keyframe_ms % conf->hls_part_ms, ==, 0);
    g_assert_true(g_path_is_absolute(conf->archive_directory));
    g_assert_true(g_str_has_prefix(conf->store_url, "sqlite:/"));
}

static void test_noise(void)
{
    for (size_t size = 0; size < sizeof everything; size++) {
        try(everything, size);
    }
    for (int i = 0; i < 5000; i++) {
        g_autofree char *text = g_memdup2(everything, sizeof everything - 1);
        for (int j = g_test_rand_int_range(1, 5); j > 0; j--) {
            char noise = "[]=;#\\\n \xd9\x01 0a"[g_test_rand_int_range(0, 13)];
            text[g_test_rand_int_range(0, sizeof everything - 1)] = noise;
        }
        try(text, sizeof everything - 1);
    }
}

static bool is_taken(const char *path, const char *text, int mode)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, text, -1, &error));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
    g_autoptr(Conf) conf = conf_new(path, "/data", &error);
    if (conf == NULL) {
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, "chmod 0640"));
        g_assert_null(strstr(error->message, "s3cret"));
    }
    return conf != NULL;
}

/* A camera's password is for those that the server's user trusts. */
static void test_mode(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("majlis-conf-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(folder, "majlis.conf", NULL);
    const char *secret = "[programme]\nsource = rtsp://user:s3cret@10.0.0.9/main\n";
    g_assert_false(is_taken(path, secret, 0644));
    g_assert_false(is_taken(path, secret, 0660));
    g_assert_true(is_taken(path, secret, 0640));
    g_assert_true(is_taken(path, secret, 0600));
    g_assert_true(is_taken(path, "[programme]\nsource = rtsp://10.0.0.9:554/main\n", 0644));
    g_assert_true(is_taken(path, "[programme]\nsource = test\n", 0644));
    g_unlink(path);
    g_rmdir(folder);
}

static void test_options(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Conf) conf = parse("[server]\nlisten = :80\n[programme]\nsource = a\n");
    g_assert_true(conf_set(conf, "server", "listen", "127.0.0.1:0", "--listen", &error));
    g_assert_true(conf_set(conf, "programme", "source", "talk.mp4?loop=0", "--source", &error));
    g_assert_cmpint(conf->server_port, ==, 0);
    g_assert_cmpstr(conf->server_host, ==, "127.0.0.1");
    g_assert_cmpstr(conf->programme_source, ==, "talk.mp4?loop=0");
    g_assert_cmpstr(conf->rtc_listen, ==, ":0"); // a free port for both, as nobody named rtc's
    g_assert_false(conf_set(conf, "server", "listen", "nowhere", "--listen", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, "--listen: "));

    g_autoptr(Conf) named = parse("[rtc]\nlisten = :7000\n");
    g_assert_true(conf_set(named, "server", "listen", ":0", "--listen", NULL));
    g_assert_cmpstr(named->rtc_listen, ==, ":7000");
    g_assert_cmpstr(named->server_host, ==, "");
}

static void test_file(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("majlis-conf-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "majlis.conf", NULL);
    g_assert_null(conf_new(path, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, path));
    g_clear_error(&error);
    g_file_set_contents(path, "[rtc]\nmax_viewers = 7", -1, NULL);
    g_autoptr(Conf) conf = conf_new(path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(conf->rtc_max_viewers, ==, 7);
    g_unlink(path);
    g_rmdir(folder);
}

/* Writes `text` and reads it again under `running`; NULL: `*out_error`. */
static Conf *reload(const Conf *running, const char *text, char **out_changed, char **out_restart,
                    GError **error)
{
    g_assert_true(g_file_set_contents(running->file, text, -1, NULL));
    g_clear_pointer(out_changed, g_free);
    g_clear_pointer(out_restart, g_free);
    return conf_reload(running, out_changed, out_restart, error);
}

static void test_reload(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("majlis-conf-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "majlis.conf", NULL);
    g_autofree char *changed = NULL, *restart = NULL;
    g_assert_true(g_file_set_contents(path, "[archive]\ndirectory = a\n", -1, NULL));
    g_autoptr(Conf) first = conf_new(path, "/data", &error);
    g_assert_true(conf_set(first, "server", "listen", "127.0.0.1:0", "--listen", &error));
    g_autoptr(Conf) same = reload(first, "[archive]\ndirectory=a\n", &changed, &restart, &error);
    g_assert_no_error(error);
    g_assert_null(changed);
    g_assert_null(restart);
    g_assert_cmpstr(same->archive_directory, ==, "/data/a");
    g_assert_cmpstr(same->rtc_listen, ==, ":0"); // the option counts

    g_autoptr(Conf) next = reload(same,
                                  "[server]\nlisten = :80\n[hls]\nwindow = 30\n[archive]\n"
                                  "directory = b\nkeep_days = 9\n[rtc]\nlisten = :7000\n",
                                  &changed, &restart, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(changed, ==, "[hls] window, [archive] keep_days");
    g_assert_cmpstr(restart, ==, "[rtc] listen, [archive] directory");
    g_assert_cmpint(next->hls_window_s, ==, 30);
    g_assert_cmpint(next->archive_keep_days, ==, 9);
    g_assert_cmpstr(next->archive_directory, ==, "/data/a");
    g_assert_cmpstr(next->rtc_listen, ==, ":0");
    g_assert_cmpint(next->server_port, ==, 0);

    // back to the defaults; what waits for a restart is compared with what is in use
    g_autoptr(Conf) last = reload(next, "[archive]\ndirectory = a\n", &changed, &restart, &error);
    g_assert_cmpstr(changed, ==, "[hls] window, [archive] keep_days");
    g_assert_null(restart);
    g_assert_cmpint(last->hls_window_s, ==, 60);

    g_assert_null(reload(last, "[hls]\nwindow = soon\n", &changed, &restart, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "majlis.conf:2: [hls] window"));
    g_unlink(path);
    g_rmdir(folder);
}

/* The package's sample is the defaults; without its "# " before keys it is valid and names every
 * key. */
static void test_sample(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *sample = NULL;
    g_assert_true(g_file_get_contents(SAMPLE, &sample, NULL, &error));
    g_autoptr(Conf) plain = parse(sample);
    assert_defaults(plain);
    g_autoptr(GRegex) commented = g_regex_new("^# ([a-z_]+ =)", G_REGEX_MULTILINE, 0, &error);
    g_autofree char *whole = g_regex_replace(commented, sample, -1, 0, "\\1", 0, &error);
    g_assert_no_error(error);
    g_autoptr(Conf) conf = parse(whole);
    for (size_t i = 0; i < conf_schema_size; i++) {
        if (conf->texts[i] == NULL) {
            g_error("%s lacks [%s] %s", SAMPLE, conf_schema[i].section, conf_schema[i].name);
        }
    }
}

/* majlis.conf(5) is made from them. */
static void test_texts(void)
{
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        g_test_message("[%s] %s", key->section, key->name);
        g_assert_nonnull(key->text);
        g_assert_true(g_str_has_suffix(key->text, "."));
        g_assert_true(key->allowed != NULL || key->min < key->max);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/defaults", test_defaults);
    g_test_add_func("/conf/settings", test_settings);
    g_test_add_func("/conf/check", test_check);
    g_test_add_func("/conf/with", test_with);
    g_test_add_func("/conf/values", test_values);
    g_test_add_func("/conf/loudness-off", test_loudness_off);
    g_test_add_func("/conf/sizes", test_sizes);
    g_test_add_func("/conf/tls", test_tls);
    g_test_add_func("/conf/bad", test_bad);
    g_test_add_func("/conf/size", test_size);
    g_test_add_func("/conf/noise", test_noise);
    g_test_add_func("/conf/options", test_options);
    g_test_add_func("/conf/file", test_file);
    g_test_add_func("/conf/mode", test_mode);
    g_test_add_func("/conf/reload", test_reload);
    g_test_add_func("/conf/sample", test_sample);
    g_test_add_func("/conf/texts", test_texts);
    return g_test_run();
}
