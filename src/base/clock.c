// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the clocks; formats and parses wall-clock times.
#include "base/clock.h"

#include <errno.h>
#include <glib.h>
#include <stdatomic.h>
#include <time.h>

#define TRIES 100
#define TRY_US 10000

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    int result = clock_gettime(id, &now);
    g_assert(result == 0);
    return (int64_t)now.tv_sec * BASE_US_PER_S + now.tv_nsec / 1000;
}

int64_t base_clock_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

bool base_try_again(unsigned *tries)
{
    if (++*tries >= TRIES) {
        return false;
    }
    g_usleep(TRY_US);
    return true;
}

int64_t base_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t base_steady_us(void)
{
    static atomic_int_fast64_t zero_us;
    int64_t boot_us = read_clock(CLOCK_BOOTTIME);
    int_fast64_t none = 0;
    if (atomic_load(&zero_us) == 0) {
        atomic_compare_exchange_strong(&zero_us, &none, base_wall_us() - boot_us);
    }
    return atomic_load(&zero_us) + boot_us;
}

static void *read_boot(void *data)
{
    (void)data;
    char *boot = NULL;
    if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL)) {
        return g_strdup("");
    }
    return g_strstrip(boot);
}

BaseNow base_now(void)
{
    static GOnce once = G_ONCE_INIT;
    return (BaseNow){.wall_us = base_wall_us(),
                     .boot_us = read_clock(CLOCK_BOOTTIME),
                     .boot = g_once(&once, read_boot, NULL)};
}

char *base_time_format(int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / BASE_US_PER_S);
    int ms = (int)(wall_us % BASE_US_PER_S / BASE_US_PER_MS);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                           utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms);
}

int base_time_parse(const char *text, int64_t *out_wall_us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
    if (time == NULL) {
        return -EINVAL;
    }
    *out_wall_us = g_date_time_to_unix(time) * BASE_US_PER_S +
                   g_date_time_get_microsecond(time) / 1000 * BASE_US_PER_MS;
    return 0;
}
