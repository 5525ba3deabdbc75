// SPDX-License-Identifier: GPL-3.0-or-later
// One thread of the load program: its viewers join, are looked at by the clock, counted, and leave.
#include "load.h"

#include <stdatomic.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TICK_US 10000
#define JOIN_TIMEOUT_US 10000000
#define LEAVE_TIMEOUT_US 5000000
#define MIX_US 3000000

struct Before {
    uint64_t expected[KINDS], unique[KINDS], bytes, drops;
};

_Thread_local Totals totals;
_Thread_local int poll_fd;
static _Atomic Phase phase;
static atomic_uint joined, measured;

void worker_phase(Phase next)
{
    atomic_store(&phase, next);
}

unsigned worker_joined(void)
{
    return atomic_load(&joined);
}

unsigned worker_measured(void)
{
    return atomic_load(&measured);
}

/* Lives of two to five seconds, ended in one way after the other. */
static void churn(Viewer *viewer, int64_t at_us)
{
    static _Thread_local unsigned turn;
    if (viewer->first_key_us > 0 && viewer->leave_us == 0) {
        viewer->leave_us = at_us + g_random_int_range(2000000, 5000000);
    }
    if (viewer->state == VIEWER_PLAYING && viewer->leave_us > 0 && at_us >= viewer->leave_us) {
        viewer_leave(viewer, (Leave)(turn++ % LEAVES));
        viewer->due_us = at_us + g_random_int_range(200000, 1000000);
    } else if (viewer->state == VIEWER_FAILED) {
        viewer->state = VIEWER_IDLE;
        viewer->due_us = at_us + 1000000;
    } else if (viewer->state == VIEWER_IDLE && at_us >= viewer->due_us) {
        totals.restarts++;
        viewer_start(viewer);
    }
}

static void tick(Worker *worker, int64_t at_us)
{
    if (at_us < worker->tick_us) {
        return;
    }
    worker->tick_us = at_us + TICK_US;
    Phase now = atomic_load(&phase);
    for (unsigned i = 0; i < worker->started; i++) {
        viewer_tick(&worker->viewers[i], at_us);
        if (worker->viewers[i].churns && now != PHASE_LEAVE) {
            churn(&worker->viewers[i], at_us);
        }
    }
}

static void take_all(Worker *worker)
{
    for (unsigned i = 0; i < worker->started; i++) {
        if (worker->viewers[i].state == VIEWER_PLAYING) {
            viewer_event(&worker->viewers[i]);
        }
    }
}

static void sweep(Worker *worker, int64_t at_us)
{
    if (at_us >= worker->sweep_us) {
        worker->sweep_us = at_us + setup.coalesce_ms * 1000;
        take_all(worker);
    }
}

/* Sleeps, so that packets gather and few calls take many, then takes all that is there. */
static int64_t turn(Worker *worker, bool hurry)
{
    struct epoll_event events[1024];
    if (!hurry && setup.coalesce_ms > 0) {
        g_usleep(setup.coalesce_ms * 1000);
    }
    int n = epoll_wait(poll_fd, events, G_N_ELEMENTS(events), hurry ? 1 : 0);
    for (int i = 0; i < n; i++) {
        viewer_event(events[i].data.ptr);
    }
    int64_t at_us = now_us();
    sweep(worker, at_us);
    tick(worker, at_us);
    return at_us;
}

static bool all_joined(const Worker *worker)
{
    for (unsigned i = 0; i < worker->n; i++) {
        if (worker->viewers[i].first_key_us == 0 && worker->viewers[i].state != VIEWER_FAILED) {
            return false;
        }
    }
    return true;
}

/* The threads take turns in starting a viewer. */
static void join(Worker *worker)
{
    int64_t begin_us = now_us(), at_us = begin_us, each_us = INT64_C(1000000) / setup.ramp;
    int64_t end_us = begin_us + worker->n * each_us * worker->of + JOIN_TIMEOUT_US;
    while (at_us < end_us && (worker->started < worker->n || !all_joined(worker))) {
        while (worker->started < worker->n &&
               at_us - begin_us >= (worker->started * worker->of + worker->number) * each_us) {
            viewer_start(&worker->viewers[worker->started++]);
        }
        at_us = turn(worker, true);
    }
}

static void leave(Worker *worker)
{
    int64_t end_us = now_us() + LEAVE_TIMEOUT_US;
    for (unsigned i = 0; i < worker->started; i++) {
        if (worker->viewers[i].state == VIEWER_PLAYING) {
            viewer_leave(&worker->viewers[i], LEAVE_BY_DELETE);
            turn(worker, true);
        }
    }
    for (bool any = true; any && now_us() < end_us;) {
        turn(worker, true);
        any = false;
        for (unsigned i = 0; i < worker->started; i++) {
            any = any || worker->viewers[i].state == VIEWER_LEAVING;
        }
    }
}

static void take_before(Worker *worker)
{
    worker->seen.simulated = totals.simulated;
    for (unsigned i = 0; i < worker->n; i++) {
        Viewer *viewer = &worker->viewers[i];
        Before *before = &worker->before[i];
        *before = (Before){.drops = viewer->fd >= 0 ? measure_socket_drops(viewer->fd) : 0};
        for (unsigned kind = 0; kind < KINDS; kind++) {
            Source *source = &viewer->sources[kind];
            before->expected[kind] = count_expected(source);
            before->unique[kind] = source->unique;
            before->bytes += source->bytes;
            gap_begin(&source->gap);
        }
    }
}

static void take_viewer(Seen *seen, Viewer *viewer, const Before *before, int64_t at_us)
{
    seen->playing++;
    seen->drops += measure_socket_drops(viewer->fd) - before->drops;
    seen->bytes -= before->bytes;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        Source *source = &viewer->sources[kind];
        seen->bytes += source->bytes;
        seen->late += source->late;
        seen->expected[kind] += count_expected(source) - before->expected[kind];
        seen->unique[kind] += source->unique - before->unique[kind];
        if (kind != KIND_RTX) {
            gap_end(&source->gap, at_us);
            figures_add_us(seen->gaps[kind], source->gap.longest_us);
            seen->over += source->gap.over;
        }
    }
}

static void take_seen(Worker *worker)
{
    worker->seen.simulated = totals.simulated - worker->seen.simulated;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        worker->seen.gaps[kind] = figures_new();
    }
    take_all(worker); // what came before the end
    int64_t at_us = now_us();
    for (unsigned i = 0; i < worker->n; i++) {
        Viewer *viewer = &worker->viewers[i];
        if (viewer->state == VIEWER_PLAYING && !viewer->churns) {
            take_viewer(&worker->seen, viewer, &worker->before[i], at_us);
        }
    }
}

static void set_up(void)
{
    GArray **lists[] = {&totals.first_rtp, &totals.first_key, &totals.check_rtt, &totals.asked};
    for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++) {
        *lists[i] = figures_new();
    }
    totals.errors = errors_new();
    totals.mix.steps = g_array_new(FALSE, FALSE, sizeof(MixStep));
    totals.mix.sizes = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
}

static void wait_for(Worker *worker, Phase next)
{
    while (atomic_load(&phase) < next) {
        turn(worker, false);
    }
}

static void *work(void *data)
{
    Worker *worker = data;
    set_up();
    join(worker);
    atomic_fetch_add(&joined, 1);
    wait_for(worker, PHASE_MEASURE);
    take_before(worker);
    int64_t mixed_us = now_us() + MIX_US;
    totals.mixing = true;
    while (atomic_load(&phase) < PHASE_MEASURED) {
        totals.mixing = turn(worker, false) < mixed_us;
    }
    take_seen(worker);
    atomic_fetch_add(&measured, 1);
    wait_for(worker, PHASE_LEAVE);
    leave(worker);
    worker->totals = totals;
    close(poll_fd);
    return NULL;
}

void worker_start(Worker *worker)
{
    worker->before = g_new0(Before, worker->n);
    int failed = pthread_create(&worker->thread, NULL, work, worker);
    g_assert(failed == 0);
}
