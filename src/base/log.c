// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the server's state.
#include "base/log.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/repeats.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "MAJLIS_"
#define FIELDS_MAX 16
#define WAITING_MAX 8192 // lines
#define KEY_BYTES 160
#define LOOK_S 1 // for windows of repeats

/* Repeats within a window, by key */

typedef struct {
    int64_t since_us;
    unsigned count;
    void *newest; // nullable
} Window;

struct BaseRepeats {
    GHashTable *windows; // of Window, by key
    GDestroyNotify drop;
};

BaseRepeats *base_repeats_new(GDestroyNotify drop)
{
    BaseRepeats *repeats = g_new(BaseRepeats, 1);
    repeats->windows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    repeats->drop = drop;
    return repeats;
}

static void drop_newest(BaseRepeats *repeats, Window *window)
{
    if (window->newest != NULL) {
        repeats->drop(window->newest);
    }
    window->newest = NULL;
}

void base_repeats_free(BaseRepeats *repeats)
{
    if (repeats == NULL) {
        return;
    }
    GHashTableIter iter;
    void *window;
    g_hash_table_iter_init(&iter, repeats->windows);
    while (g_hash_table_iter_next(&iter, NULL, &window)) {
        drop_newest(repeats, window);
    }
    g_hash_table_unref(repeats->windows);
    g_free(repeats);
}

bool base_repeats_show(BaseRepeats *repeats, const char *key, void *item, int64_t now_us)
{
    Window *window = g_hash_table_lookup(repeats->windows, key);
    if (window == NULL) {
        if (g_hash_table_size(repeats->windows) < BASE_REPEATS_KEYS) {
            window = g_new0(Window, 1);
            window->since_us = now_us;
            window->count = 1;
            g_hash_table_insert(repeats->windows, g_strdup(key), window);
        }
        return true;
    }
    if (++window->count <= BASE_REPEATS_SHOWN) {
        return true;
    }
    drop_newest(repeats, window);
    window->newest = item;
    return false;
}

void base_repeats_over(BaseRepeats *repeats, int64_t now_us,
                       void (*sum)(void *item, unsigned count, void *data), void *data)
{
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, repeats->windows);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Window *window = value;
        if (now_us - window->since_us < BASE_REPEATS_WINDOW_US) {
            continue;
        }
        if (window->newest != NULL) {
            sum(window->newest, window->count - BASE_REPEATS_SHOWN, data);
        }
        g_hash_table_iter_remove(&iter);
    }
}

/* The log */

typedef struct {
    GLogLevelFlags level;
    int64_t wall_us;
    GLogField fields[FIELDS_MAX]; // own the values
    gsize count;
} Entry;

static struct {
    BaseLogFormat format;
    bool journal;
    pthread_t thread;
    pthread_mutex_t mutex; // of all below
    pthread_cond_t wake;
    bool running;
    GQueue waiting; // of Entry
    unsigned lost;
    BaseRepeats *repeats; // of Entry
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static const char *value_of(const GLogField *fields, gsize count, const char *key)
{
    for (gsize i = 0; i < count; i++) {
        if (g_str_equal(fields[i].key, key)) {
            return fields[i].value;
        }
    }
    return "";
}

static const char *level_name(GLogLevelFlags level)
{
    static const char *const names[] = {"error", "critical", "warning", "notice", "info", "debug"};
    return names[CLAMP(g_bit_nth_lsf(level & G_LOG_LEVEL_MASK, 1) - 2, 0, 5)];
}

/* Nullable. */
static char *own_name(const GLogField *field)
{
    bool own = g_str_has_prefix(field->key, PREFIX) && *(const char *)field->value != '\0';
    return own ? g_ascii_strdown(field->key + strlen(PREFIX), -1) : NULL;
}

static char *text_line(const char *now, const char *level, const GLogField *fields, gsize count)
{
    const char *message = value_of(fields, count, "MESSAGE");
    const char *domain = value_of(fields, count, "GLIB_DOMAIN");
    GString *line = g_string_new(NULL);
    g_string_printf(line, "%s %s %s%s%s", now, level, domain, domain[0] != '\0' ? ": " : "",
                    message);
    for (gsize i = 0; i < count; i++) {
        g_autofree char *name = own_name(&fields[i]);
        if (name != NULL && strstr(message, fields[i].value) == NULL) {
            g_string_append_printf(line, " %s=%s", name, (const char *)fields[i].value);
        }
    }
    g_strdelimit(line->str, "\r\n", ' ');
    return g_string_free(line, FALSE);
}

static char *json_line(const char *now, const char *level, const GLogField *fields, gsize count)
{
    const char *message = value_of(fields, count, "MESSAGE");
    const char *domain = value_of(fields, count, "GLIB_DOMAIN");
    g_autofree char *valid = g_utf8_make_valid(message, -1);
    g_autoptr(json_t) json =
        json_pack("{s:s, s:s, s:s}", "time", now, "level", level, "message", valid);
    if (domain[0] != '\0') {
        json_object_set_new(json, "domain", json_string(domain));
    }
    for (gsize i = 0; i < count; i++) {
        g_autofree char *name = own_name(&fields[i]);
        if (name != NULL) {
            g_autofree char *value = g_utf8_make_valid(fields[i].value, -1);
            json_object_set_new(json, name, json_string(value));
        }
    }
    return base_json_text(json);
}

char *base_log_line(BaseLogFormat format, int64_t wall_us, GLogLevelFlags level,
                    const GLogField *fields, gsize count)
{
    g_autofree char *now = base_time_format(wall_us);
    return (format == BASE_LOG_JSON ? json_line : text_line)(now, level_name(level), fields, count);
}

static void write_all(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, text, size);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
            poll(&room, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return;
        }
        text += MAX(written, 0);
        size -= (size_t)MAX(written, 0);
    }
}

static void write_fields(int64_t wall_us, GLogLevelFlags level, const GLogField *fields,
                         gsize count)
{
    if (state.journal &&
        g_log_writer_journald(level, fields, count, NULL) == G_LOG_WRITER_HANDLED) {
        return;
    }
    g_autofree char *line = base_log_line(state.format, wall_us, level, fields, count);
    g_autofree char *ended = g_strconcat(line, "\n", NULL);
    write_all(ended, strlen(ended));
}

/* Entries */

static Entry *entry_new(GLogLevelFlags level, const GLogField *fields, gsize count)
{
    Entry *entry = g_new0(Entry, 1);
    entry->level = level;
    entry->wall_us = base_wall_us();
    entry->count = MIN(count, FIELDS_MAX);
    for (gsize i = 0; i < entry->count; i++) {
        const GLogField *from = &fields[i];
        entry->fields[i].key = g_intern_string(from->key);
        entry->fields[i].value =
            from->length < 0 ? g_strdup(from->value) : g_strndup(from->value, (gsize)from->length);
        entry->fields[i].length = -1;
    }
    return entry;
}

static void entry_free(void *data)
{
    Entry *entry = data;
    for (gsize i = 0; i < entry->count; i++) {
        g_free((char *)entry->fields[i].value);
    }
    g_free(entry);
}

static void entry_write(Entry *entry)
{
    write_fields(entry->wall_us, entry->level, entry->fields, entry->count);
    entry_free(entry);
}

/* With the mutex. */
static void on_sum(void *item, unsigned count, void *data)
{
    (void)data;
    Entry *entry = item;
    for (gsize i = 0; count > 1 && i < entry->count; i++) {
        GLogField *field = &entry->fields[i];
        if (g_str_equal(field->key, "MESSAGE")) {
            char *text = (char *)field->value;
            field->value = g_strdup_printf("%s (… and %u more in %d s)", text, count - 1,
                                           (int)(BASE_REPEATS_WINDOW_US / G_USEC_PER_SEC));
            g_free(text);
        }
    }
    g_queue_push_tail(&state.waiting, entry);
}

/* With the mutex. Numbers do not make another message; another session does. Request lines are
 * always shown. */
static bool shown(Entry *entry)
{
    const char *message = value_of(entry->fields, entry->count, "MESSAGE");
    if (value_of(entry->fields, entry->count, BASE_LOG_REQUEST)[0] != '\0' ||
        value_of(entry->fields, entry->count, BASE_LOG_STATUS)[0] != '\0') {
        return true;
    }
    char key[KEY_BYTES];
    size_t size =
        g_strlcpy(key, value_of(entry->fields, entry->count, BASE_LOG_SESSION), BASE_ID_LENGTH + 1);
    size = MIN(size, BASE_ID_LENGTH);
    for (const char *c = message; *c != '\0' && size + 1 < sizeof key; c++) {
        bool digit = g_ascii_isdigit(*c);
        if (!digit || size == 0 || key[size - 1] != '#') {
            key[size++] = digit ? '#' : *c;
        }
    }
    key[size] = '\0';
    return base_repeats_show(state.repeats, key, entry, base_clock_us());
}

/* With the mutex. */
static void write_waiting(void)
{
    for (Entry *entry; (entry = g_queue_pop_head(&state.waiting)) != NULL;) {
        entry_write(entry);
    }
}

/* The process ends. g_log() takes the flag away. */
static bool is_fatal(GLogLevelFlags level)
{
    return (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0;
}

/* By g_malloc(), perhaps called with the mutex. */
static bool no_memory(GLogLevelFlags level, const char *message)
{
    return is_fatal(level) && strstr(message, "failed to allocate") != NULL;
}

/* Allocates only for older lines. */
static void write_no_memory(const char *message)
{
    write_all("majlis: the memory is used up: ", strlen("majlis: the memory is used up: "));
    write_all(message, strlen(message));
    write_all("\n", 1);
    if (pthread_mutex_trylock(&state.mutex) == 0) {
        write_waiting();
        pthread_mutex_unlock(&state.mutex);
    }
}

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                                  gpointer data)
{
    (void)data;
    if ((level & G_LOG_LEVEL_DEBUG) != 0 && g_getenv("MAJLIS_DEBUG") == NULL) {
        return G_LOG_WRITER_HANDLED;
    }
    const char *message = value_of(fields, count, "MESSAGE");
    if (no_memory(level, message)) {
        write_no_memory(message);
        return G_LOG_WRITER_HANDLED;
    }
    pthread_mutex_lock(&state.mutex);
    bool now = !state.running || is_fatal(level);
    if (!now && state.waiting.length >= WAITING_MAX) {
        state.lost++;
    } else if (!now) {
        Entry *entry = entry_new(level, fields, count);
        if (shown(entry)) {
            g_queue_push_tail(&state.waiting, entry);
            pthread_cond_signal(&state.wake);
        }
    }
    pthread_mutex_unlock(&state.mutex);
    if (now) {
        pthread_mutex_lock(&state.mutex);
        write_waiting();
        pthread_mutex_unlock(&state.mutex);
        write_fields(base_wall_us(), level, fields, count);
    }
    return G_LOG_WRITER_HANDLED;
}

/* With the mutex. */
static Entry *take_lost(void)
{
    if (state.lost == 0) {
        return NULL;
    }
    g_autofree char *text = g_strdup_printf(
        "%u lines of the log are missing here: they came faster than they were read", state.lost);
    const GLogField fields[] = {{"MESSAGE", text, -1}, {"PRIORITY", "4", -1}};
    state.lost = 0;
    return entry_new(G_LOG_LEVEL_WARNING, fields, G_N_ELEMENTS(fields));
}

/* With the mutex. NULL: stopped, all is written. */
static Entry *next_entry(void)
{
    for (;;) {
        base_repeats_over(state.repeats, state.running ? base_clock_us() : INT64_MAX, on_sum, NULL);
        Entry *entry = g_queue_pop_head(&state.waiting);
        entry = entry == NULL ? take_lost() : entry;
        if (entry != NULL || !state.running) {
            return entry;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_S;
        pthread_cond_timedwait(&state.wake, &state.mutex, &until);
    }
}

static void *run(void *data)
{
    (void)data;
    pthread_setname_np(pthread_self(), "log");
    pthread_mutex_lock(&state.mutex);
    for (Entry *entry; (entry = next_entry()) != NULL;) {
        pthread_mutex_unlock(&state.mutex);
        entry_write(entry);
        pthread_mutex_lock(&state.mutex);
    }
    pthread_mutex_unlock(&state.mutex);
    return NULL;
}

void base_log_begin(void)
{
    g_log_set_writer_func(write_log, NULL, NULL);
}

void base_log_start(BaseLogFormat format)
{
    state.format = format;
    state.journal = g_log_writer_is_journald(STDERR_FILENO);
    state.repeats = base_repeats_new(entry_free);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&state.wake, &attributes);
    pthread_condattr_destroy(&attributes);
    g_queue_init(&state.waiting);
    state.running = true;
    base_thread_start(&state.thread, run, NULL);
}

void base_log_stop(void)
{
    pthread_mutex_lock(&state.mutex);
    state.running = false;
    pthread_cond_signal(&state.wake);
    pthread_mutex_unlock(&state.mutex);
    pthread_join(state.thread, NULL);
    g_clear_pointer(&state.repeats, base_repeats_free);
}
