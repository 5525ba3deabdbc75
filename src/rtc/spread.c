// SPDX-License-Identifier: GPL-3.0-or-later
// Deals viewers out to the sending threads; moves them when one begins or stops.
#include "rtc/spread.h"

#include "rtc/server.h"

#include <limits.h>

#define LOOK_US (500 * BASE_US_PER_MS)
#define MOVES 64 // per update
#define UNEVEN 8 // viewers, and a quarter: begins to even out

struct RtcMove {
    RtcServer *server;
    RtcResource *resource; // NULL: removed meanwhile
    RtcViewer *viewer;
};

void rtc_spread_judge(RtcSpread *spread, const double *busy, unsigned max_threads, int64_t now_us)
{
    double most = 0, sum = 0;
    for (unsigned i = 0; i < spread->active; i++) {
        most = busy[i] > most ? busy[i] : most;
        sum += busy[i];
    }
    bool calm = spread->active > 1 && sum <= RTC_SPREAD_CALM * (spread->active - 1);
    if (!calm || spread->calm_us == 0) {
        spread->calm_us = calm ? now_us : 0;
    }
    if (most >= RTC_SPREAD_BUSY && spread->active < max_threads) {
        spread->active++;
    } else if (calm && now_us - spread->calm_us >= RTC_SPREAD_CALM_US) {
        spread->active--;
        spread->calm_us = 0;
    }
}

unsigned rtc_spread_place(const RtcServer *server)
{
    unsigned least = 0;
    for (unsigned i = 1; i < server->spread.active; i++) {
        least = server->dealt[i] < server->dealt[least] ? i : least;
    }
    return least;
}

static void on_arrived(void *data)
{
    g_autofree RtcMove *move = data;
    RtcResource *resource = move->resource;
    if (resource == NULL) {
        rtc_viewer_free(move->viewer);
        return;
    }
    resource->move = NULL;
    rtc_out_add_viewer(rtc_resource_out(resource), move->viewer);
    if (resource->has_new_path) {
        resource->has_new_path = false;
        rtc_out_move_viewer(rtc_resource_out(resource), move->viewer, &resource->new_path);
    }
}

/* Out thread. */
static void on_released(void *data, RtcViewer *viewer)
{
    RtcMove *move = data;
    move->viewer = viewer;
    base_post(base_loop_context(move->server->in), on_arrived, move);
}

void rtc_move_forget(RtcMove *move)
{
    move->resource = NULL;
}

static void move(RtcResource *resource, unsigned to)
{
    RtcServer *server = resource->server;
    if (resource->viewer != NULL) {
        resource->move = g_new(RtcMove, 1);
        *resource->move = (RtcMove){.server = server, .resource = resource};
        rtc_out_release_viewer(rtc_resource_out(resource), resource->viewer, on_released,
                               resource->move);
    }
    server->dealt[resource->out]--;
    server->dealt[to]++;
    resource->out = to;
}

/* Once it begins, until all threads have as many. */
static bool is_uneven(const RtcServer *server)
{
    unsigned most = 0, least = UINT_MAX;
    for (unsigned i = 0; i < server->n_outs; i++) {
        if (i >= server->spread.active && server->dealt[i] > 0) {
            return true;
        }
        most = MAX(most, server->dealt[i]);
        least = i < server->spread.active ? MIN(least, server->dealt[i]) : least;
    }
    return most > least + (server->evening ? 1 : UNEVEN + most / 4);
}

/* Some at a time. */
static void even_out(RtcServer *server)
{
    unsigned moves = 0;
    server->evening = is_uneven(server);
    for (guint i = 0; server->evening && i < server->resources->len && moves < MOVES; i++) {
        RtcResource *resource = server->resources->pdata[i];
        unsigned to = rtc_spread_place(server);
        if (resource->move == NULL && (resource->out >= server->spread.active ||
                                       server->dealt[resource->out] > server->dealt[to] + 1)) {
            move(resource, to);
            moves++;
        }
    }
}

static void look(RtcServer *server, int64_t now_us)
{
    double busy[RTC_MAX_OUT_THREADS];
    double span_us = (double)(now_us - server->looked_us);
    server->looked_us = now_us;
    for (unsigned i = 0; i < server->n_outs; i++) {
        int64_t busy_us = rtc_out_busy_us(server->outs[i]);
        busy[i] = (double)(busy_us - server->busy_us[i]) / span_us;
        server->busy_us[i] = busy_us;
    }
    rtc_spread_judge(&server->spread, busy, server->n_outs, now_us);
}

void rtc_spread_update(RtcServer *server, int64_t now_us)
{
    if (now_us - server->looked_us >= LOOK_US) {
        look(server, now_us);
    }
    even_out(server);
}
