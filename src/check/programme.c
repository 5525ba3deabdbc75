// SPDX-License-Identifier: GPL-3.0-or-later
// Checks source and encoder: plugins, media, speed.
#include "check/check.h"

#include "base/clock.h"
#include "capture/capture.h"
#include "options.h"

#define SOURCE_LIMIT_US (5 * BASE_US_PER_S)
#define ENCODE_US (5 * BASE_US_PER_S)
#define ENCODE_LIMIT_US (6 * BASE_US_PER_S)
#define SPEED_LEAST 1.0
#define SPEED_WANTED 1.5 // the rest is for viewers, recording and builds

static void check_speed(Check *check, const char *pipelines, const char *encoder)
{
    g_autoptr(GError) error = NULL;
    double speed = capture_encode_speed(pipelines, encoder, ENCODE_US, ENCODE_LIMIT_US, &error);
    g_autofree char *said = g_strdup_printf(
        "encoder %s encodes a hard picture at %.2f times real time", encoder, speed);
    const char *remedy = "Choose a lighter one ([programme] encoder, such as software-fast or "
                         "small), stop other programs, or use a machine with more cores";
    if (error != NULL) {
        check_problem(check, "%s", error->message);
    } else if (speed < SPEED_LEAST) {
        check_problem(check, "%s: pictures would be left out. %s.", said, remedy);
    } else if (speed < SPEED_WANTED) {
        check_note("%s, which leaves little for viewers. %s", said, remedy);
    } else {
        check_ok("%s", said);
    }
}

static void check_sandbox(void)
{
    g_autofree char *lacks = capture_sandbox_lacks();
    if (lacks != NULL) {
        check_note("%s", lacks);
    } else {
        check_ok("media are decoded in a sandbox");
    }
}

void check_programme(Check *check, const Conf *conf)
{
    g_autofree char *pipelines = options_share("pipelines");
    check_sandbox();
    g_autoptr(GPtrArray) found =
        capture_check(pipelines, conf->programme_source, conf->programme_encoder);
    for (guint i = 0; i < found->len; i++) {
        check_problem(check, "%s", (const char *)found->pdata[i]);
    }
    if (found->len > 0) {
        return;
    }
    g_autofree char *shown = capture_redact(conf->programme_source);
    check_ok("encoder %s is available", conf->programme_encoder);
    g_autofree char *dead = capture_try(pipelines, conf->programme_source, SOURCE_LIMIT_US);
    if (dead != NULL) {
        check_problem(check, "%s", dead);
    } else {
        check_ok("source %s delivers media", shown);
    }
    check_speed(check, pipelines, conf->programme_encoder);
}
