// SPDX-License-Identifier: GPL-3.0-or-later
// Checks clock, locale, file limit, built pages.
#include "check/check.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "options.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>

#define WALL_EARLIEST_US (INT64_C(1767225600) * BASE_US_PER_S) // 2026-01-01
#define BEHIND_US (3600 * BASE_US_PER_S)
/* Two connections for pages and media, one for the relayed websocket (2). */
#define VIEWER_DESCRIPTORS 5

static bool in_container(void)
{
    static const char *const marks[] = {"/.dockerenv", "/run/.containerenv",
                                        "/run/systemd/container"};
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (g_file_test(marks[i], G_FILE_TEST_EXISTS)) {
            return true;
        }
    }
    return g_getenv("container") != NULL;
}

/* The database's last change; 0: no file. */
static int64_t changed_us(const Conf *conf)
{
    struct stat file;
    const char *path = strchr(conf->store_url, ':');
    return path != NULL && stat(path + 1, &file) == 0 ? file.st_mtime * BASE_US_PER_S : 0;
}

static void check_synchronised(Check *check)
{
    struct timex clock = {0};
    int state = adjtimex(&clock);
    if (state < 0) {
        check_note("whether the clock is synchronised cannot be read here (%s): look on the host",
                   g_strerror(errno));
    } else if (state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0) {
        check_ok("the clock is synchronised");
    } else if (in_container()) {
        check_note("the clock of the machine that runs this container is not synchronised: "
                   "sessions begin and links expire by it. On that machine: timedatectl set-ntp "
                   "true");
    } else {
        check_problem(check,
                      "the clock is not synchronised: sessions begin and links expire by it. "
                      "Install a time service (sudo apt-get install systemd-timesyncd) and switch "
                      "it on (timedatectl set-ntp true); \"timedatectl\" then says synchronized: "
                      "yes.");
    }
}

static void check_clock(Check *check, const Conf *conf)
{
    int64_t now_us = base_wall_us(), changed = changed_us(conf);
    if (now_us < WALL_EARLIEST_US) {
        check_problem(check, "the clock is years behind: set it (timedatectl set-ntp true).");
    } else if (changed > now_us + BEHIND_US) {
        g_autofree char *time = base_time_format(changed), *now = base_time_format(now_us);
        check_problem(check,
                      "the clock says %s, but the database was changed at %s: the clock is behind. "
                      "Set it (timedatectl set-ntp true).",
                      now, time);
    } else {
        check_synchronised(check);
    }
}

/* majlis sets C.UTF-8 (main.c): only the terminal follows the environment. */
static void check_locale(Check *check)
{
    locale_t shell = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    const char *code = shell != (locale_t)0 ? nl_langinfo_l(CODESET, shell) : "of no installed one";
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        check_problem(check, "the locale C.UTF-8 is missing, so names in Arabic cannot be read: "
                             "sudo apt-get install --reinstall libc-bin.");
    } else if (strcmp(code, "UTF-8") != 0) {
        check_note("the locale here is not UTF-8 (its characters are %s): majlis works, but other "
                   "programs may garble Arabic names in this terminal. Set LANG=C.UTF-8 (for all: "
                   "sudo update-locale LANG=C.UTF-8)",
                   code);
    } else {
        check_ok("the locale is UTF-8");
    }
    if (shell != (locale_t)0) {
        freelocale(shell);
    }
}

static void check_descriptors(Check *check, const Conf *conf)
{
    unsigned viewers = base_descriptors_start() / VIEWER_DESCRIPTORS;
    if (viewers < (unsigned)conf->rtc_max_viewers) {
        check_problem(check,
                      "the limit of open files here (\"ulimit -Hn\") is enough for about %u "
                      "viewers, and [rtc] max_viewers is %d. Raise it (LimitNOFILE=65536, as "
                      "the package's service has), or set a smaller max_viewers.",
                      viewers, conf->rtc_max_viewers);
    } else {
        check_ok("the limit of open files here is enough for about %u viewers", viewers);
    }
}

void check_machine(Check *check, const Conf *conf)
{
    g_autofree char *shell = options_share("web/dist/index.html");
    check_clock(check, conf);
    check_locale(check);
    check_descriptors(check, conf);
    if (!g_file_test(shell, G_FILE_TEST_EXISTS)) {
        check_problem(check, "the pages are not built: run ./deploy/up, or \"npm ci && npm run "
                             "build\" in web/.");
    }
}
