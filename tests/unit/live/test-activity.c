// SPDX-License-Identifier: GPL-3.0-or-later
// The state machine of a session, walked whole: every activity with every event.
#include "live/activity.h"

#include <glib.h>
#include <string.h>

static const char *const events[LIVE_EVENTS] = {"start", "started", "failed", "end", "settled",
                                                "build", "trim",    "delete", "done"};

/* Everything that may happen; all else must be refused. */
static const struct {
    const char *from, *event, *to;
} allowed[] = {
    {"idle", "start", "starting"},       {"idle", "end", "settling"},
    {"idle", "build", "building"},       {"idle", "trim", "trimming"},
    {"idle", "delete", "deleting"},      {"starting", "started", "on"},
    {"starting", "failed", "idle"},      {"on", "end", "settling"},
    {"settling", "settled", "building"}, {"building", "done", "idle"},
    {"trimming", "done", "idle"},        {"deleting", "done", "idle"},
};

static const char *find(const char *from, const char *event)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(allowed); i++) {
        if (strcmp(allowed[i].from, from) == 0 && strcmp(allowed[i].event, event) == 0) {
            return allowed[i].to;
        }
    }
    return NULL;
}

static void test_table(void)
{
    unsigned taken = 0;
    for (int from = 0; from < LIVE_ACTIVITIES; from++) {
        for (int event = 0; event < LIVE_EVENTS; event++) {
            LiveActivity to = LIVE_ACTIVITIES;
            bool may = live_activity_next((LiveActivity)from, (LiveEvent)event, &to);
            const char *want = find(live_activity_name((LiveActivity)from), events[event]);
            g_test_message("%s, %s", live_activity_name((LiveActivity)from), events[event]);
            g_assert_cmpstr(may ? live_activity_name(to) : NULL, ==, want);
            g_assert_true(may || to == LIVE_ACTIVITIES);
            taken += may;
        }
    }
    g_assert_cmpuint(taken, ==, G_N_ELEMENTS(allowed));
}

/* Whatever happens, a session comes to rest: idle is reachable from everywhere. */
static void test_rests(void)
{
    for (int from = 0; from < LIVE_ACTIVITIES; from++) {
        unsigned reached = 1U << from;
        for (int round = 0; round < LIVE_ACTIVITIES; round++) {
            for (int at = 0; at < LIVE_ACTIVITIES; at++) {
                for (int event = 0; event < LIVE_EVENTS; event++) {
                    LiveActivity to;
                    bool may = (reached >> at & 1) != 0 &&
                               live_activity_next((LiveActivity)at, (LiveEvent)event, &to);
                    reached |= may ? 1U << to : 0;
                }
            }
        }
        g_assert_cmpuint(reached, ==, (1U << LIVE_ACTIVITIES) - 1);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live/activity/table", test_table);
    g_test_add_func("/live/activity/rests", test_rests);
    return g_test_run();
}
