// SPDX-License-Identifier: GPL-3.0-or-later
// Checks source and encoder: plugins, media, speed.
#include "check/check.h"

#include "base/clock.h"
#include "capture/capture.h"
#include "options.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEDIA_LIMIT_S 120 // first use of GStreamer: reads all its plugins
#define PROBLEMS_MAX 100  // of an exit status
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

static void check_sandbox(const char *lacks)
{
    if (lacks != NULL) {
        check_note("%s", lacks);
    } else {
        check_ok("media are decoded in a sandbox");
    }
}

/* In the child. */
static void check_media(Check *check, const Conf *conf)
{
    g_autofree char *pipelines = options_share("pipelines");
    g_autoptr(GError) error = NULL;
    if (!capture_responds(conf->programme_source, &error)) {
        check_problem(check, "%s", error->message);
        return;
    }
    capture_init(NULL); // capture_check() tells
    g_autofree char *lacks =
        capture_confine(pipelines, conf->programme_encoder, conf->programme_source, NULL);
    check_sandbox(lacks);
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

static void say_killed(Check *check, int signal_number)
{
    check_problem(check,
                  "the process that tried source and encoder %s (%s): a plugin or driver has a "
                  "fault. A session's process would fail the same way: try another source or "
                  "encoder.",
                  signal_number == SIGALRM ? "hung" : "crashed", g_strsignal(signal_number));
}

void check_programme(Check *check, const Conf *conf)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        Check own = {0};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(MEDIA_LIMIT_S);
        check_media(&own, conf);
        _exit((int)MIN(own.problems, PROBLEMS_MAX));
    }
    if (pid < 0 || TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0) {
        check_problem(check, "no process can be started here: %s.", g_strerror(errno));
    } else if (WIFSIGNALED(status)) {
        say_killed(check, WTERMSIG(status));
    } else {
        check->problems += (unsigned)WEXITSTATUS(status);
    }
}
