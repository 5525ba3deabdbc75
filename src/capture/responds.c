// SPDX-License-Identifier: GPL-3.0-or-later
// Asks in a process of its own whether a source's disk responds.
#include "base/error.h"
#include "capture/capture.h"
#include "capture/spec.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 5000 // a sleeping disk responds to the next question

/* Only async-signal-safe calls: other threads may have held locks. `end` is closed last. */
static _Noreturn void ask(const char *path, int end)
{
    struct stat file;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(end, 0);
    close_range(1, ~0U, 0);
    int fd = stat(path, &file) == 0 ? open(path, O_PATH | O_CLOEXEC) : -1;
    _exit(fd < 0);
}

/* True also where no process can ask. */
static bool responds(const char *path)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return true;
    }
    pid_t pid = fork();
    if (pid == 0) {
        ask(path, ends[1]);
    }
    close(ends[1]);
    struct pollfd closed = {.fd = ends[0], .events = POLLIN};
    bool answered = pid < 0 || TEMP_FAILURE_RETRY(poll(&closed, 1, LIMIT_MS)) != 0;
    close(ends[0]);
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, answered ? 0 : WNOHANG);
    }
    return answered;
}

bool capture_responds(const char *source, GError **error)
{
    bool loop = false;
    g_autofree char *path = capture_spec_path(source, &loop);
    if (strstr(source, "://") != NULL || responds(path)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                "The disk of the source %s does not respond. If it is a network disk: is its "
                "server down?",
                path);
    return false;
}
