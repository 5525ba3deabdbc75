// SPDX-License-Identifier: GPL-3.0-or-later
// Times sound by its sample count; measures the drift.
#include "capture/source/steady.h"

#include "base/clock.h"

#include <glib.h>
#include <math.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_US 1000
#define HOLE_US (300 * BASE_US_PER_MS)     // longer than stalls: sound is missing
#define TORN_HOLE_US (15 * BASE_US_PER_MS) // likewise, at a discontinuity
#define ASTRAY_US (20 * BASE_US_PER_MS)    // likewise, if lasting
#define ASTRAY_FOR_US (500 * BASE_US_PER_MS)
#define FOLLOW_US (4.0 * BASE_US_PER_S) // 100 ppm: 0.4 ms behind
#define MAX_RATE 0.004                  // below the reader's 0.005

static int64_t duration_ns(int64_t count, int rate)
{
    return (int64_t)((double)count * (double)NS_PER_S / rate + 0.5);
}

static void begin(CaptureSteady *steady, int64_t pts_ns)
{
    steady->begun = true;
    steady->base_ns = MAX(pts_ns, 0) - (int64_t)(steady->skew_us * NS_PER_US);
    steady->count = 0;
    steady->astray = 0;
}

/* Timestamps jitter: their mean counts. */
static void follow(CaptureSteady *steady, double off_us, int64_t count)
{
    double buffer_us = (double)count * BASE_US_PER_S / steady->rate;
    double most = MAX_RATE * buffer_us;
    steady->skew_us += CLAMP(off_us * buffer_us / FOLLOW_US, -most, most);
}

/* A late timestamp is jitter; a splice stays off. */
static bool went_astray(CaptureSteady *steady, double off_us, int64_t count)
{
    if (fabs(off_us) < (double)ASTRAY_US || (off_us < 0) != (steady->astray < 0)) {
        steady->astray = 0;
    }
    if (fabs(off_us) >= (double)ASTRAY_US) {
        steady->astray += off_us < 0 ? -count : count;
    }
    return ABS(steady->astray) * BASE_US_PER_S > ASTRAY_FOR_US * steady->rate;
}

int64_t capture_steady_time(CaptureSteady *steady, int rate, int64_t pts_ns, int64_t count,
                            bool torn)
{
    bool begun = steady->begun && rate == steady->rate;
    bool stands = pts_ns < 0 || pts_ns == steady->last_ns;
    steady->rate = rate;
    steady->last_ns = pts_ns;
    int64_t at_ns = steady->base_ns + duration_ns(steady->count, rate);
    double off_us = (double)(pts_ns - at_ns) / NS_PER_US - steady->skew_us;
    bool far = fabs(off_us) > (double)(torn ? TORN_HOLE_US : HOLE_US);
    if (begun && stands) {
        steady->astray = 0;
    } else if (!begun || far || went_astray(steady, off_us, count)) {
        begin(steady, pts_ns);
        at_ns = steady->base_ns;
    } else {
        follow(steady, off_us, count);
    }
    steady->count += count;
    return at_ns;
}

void capture_steady_restart(CaptureSteady *steady)
{
    steady->begun = false;
}
