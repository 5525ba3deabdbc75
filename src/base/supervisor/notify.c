// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol of sd_notify(3): datagrams of VARIABLE=VALUE lines.
#include "base/supervisor/notify.h"

#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define UNSENT_MAX 16
#define WATCHDOG_MIN_US 1000

struct BaseNotify {
    int fd; // -1: no supervisor
    struct sockaddr_un address;
    socklen_t address_size;
    uint64_t watchdog_us; // 0: none
    guint watchdog;
    GQueue unsent; // texts, in order
    char *status;  // last one
};

/* A path, or "@NAME": abstract. */
static bool parse_address(BaseNotify *notify, const char *text)
{
    size_t length = strlen(text);
    if ((text[0] != '/' && text[0] != '@') || length < 2 ||
        length >= sizeof notify->address.sun_path) {
        return false;
    }
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, text, length);
    notify->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (text[0] == '@') {
        notify->address.sun_path[0] = '\0'; // no final NUL
    } else {
        notify->address_size++;
    }
    return true;
}

/* 0: not for this process. */
static uint64_t read_watchdog(void)
{
    const char *text = g_getenv("WATCHDOG_USEC");
    const char *pid = g_getenv("WATCHDOG_PID");
    guint64 value, owner;
    if (text == NULL ||
        !g_ascii_string_to_unsigned(text, 10, WATCHDOG_MIN_US, G_MAXINT64, &value, NULL)) {
        return 0;
    }
    bool ours = pid == NULL || (g_ascii_string_to_unsigned(pid, 10, 0, G_MAXINT, &owner, NULL) &&
                                owner == (guint64)getpid());
    return ours ? value : 0;
}

BaseNotify *base_notify_new(void)
{
    BaseNotify *notify = g_new0(BaseNotify, 1);
    g_queue_init(&notify->unsent);
    const char *address = g_getenv("NOTIFY_SOCKET");
    bool given = address != NULL && parse_address(notify, address);
    notify->fd = given ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    notify->watchdog_us = notify->fd >= 0 ? read_watchdog() : 0;
    g_unsetenv("NOTIFY_SOCKET");
    g_unsetenv("WATCHDOG_USEC");
    g_unsetenv("WATCHDOG_PID");
    return notify;
}

void base_notify_free(BaseNotify *notify)
{
    if (notify == NULL) {
        return;
    }
    g_clear_handle_id(&notify->watchdog, g_source_remove);
    g_queue_clear_full(&notify->unsent, g_free);
    if (notify->fd >= 0) {
        close(notify->fd);
    }
    g_free(notify->status);
    g_free(notify);
}

bool base_notify_supervised(const BaseNotify *notify)
{
    return notify->fd >= 0;
}

/* False: the queue is full. */
static bool send_now(const BaseNotify *notify, const char *text)
{
    return sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                  (const struct sockaddr *)&notify->address, notify->address_size) >= 0 ||
           (errno != EAGAIN && errno != ENOBUFS);
}

static void flush(BaseNotify *notify)
{
    while (!g_queue_is_empty(&notify->unsent) &&
           send_now(notify, g_queue_peek_head(&notify->unsent))) {
        g_free(g_queue_pop_head(&notify->unsent));
    }
}

/* Takes `text`. */
static void tell(BaseNotify *notify, char *text)
{
    if (notify->fd >= 0 && g_queue_get_length(&notify->unsent) < UNSENT_MAX) {
        g_queue_push_tail(&notify->unsent, text);
        flush(notify);
    } else {
        g_free(text);
    }
}

void base_notify_extend(BaseNotify *notify, int64_t most_us)
{
    tell(notify, g_strdup_printf("EXTEND_TIMEOUT_USEC=%" G_GINT64_FORMAT, most_us));
}

static gboolean on_watchdog(gpointer data)
{
    BaseNotify *notify = data;
    flush(notify);
    if (g_queue_is_empty(&notify->unsent)) {
        send_now(notify, "WATCHDOG=1");
    }
    return G_SOURCE_CONTINUE;
}

void base_notify_ready(BaseNotify *notify)
{
    tell(notify, g_strdup("READY=1"));
    if (notify->watchdog_us > 0 && notify->watchdog == 0) {
        guint64 half_ms = notify->watchdog_us / 2 / BASE_US_PER_MS;
        notify->watchdog = g_timeout_add((guint)CLAMP(half_ms, 1, G_MAXUINT), on_watchdog, notify);
    }
}

void base_notify_reloading(BaseNotify *notify)
{
    tell(notify, g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, base_clock_us()));
}

void base_notify_stopping(BaseNotify *notify)
{
    tell(notify, g_strdup("STOPPING=1"));
}

void base_notify_status(BaseNotify *notify, const char *text)
{
    flush(notify);
    if (g_strcmp0(text, notify->status) == 0) {
        return;
    }
    g_free(notify->status);
    notify->status = g_strdup(text);
    char *line = g_strconcat("STATUS=", text, NULL);
    tell(notify, g_strdelimit(line, "\r\n", ' '));
}
