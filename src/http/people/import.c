// SPDX-License-Identifier: GPL-3.0-or-later
// Import of a roster: a plan of each line, or all in one transaction. A worker reads the file and
// plans, so that the store's thread, which votes need, only writes.
#include "base/clock.h"
#include "http/people/private.h"
#include "http/resources.h"
#include "people/roster.h"

#include <stdatomic.h>
#include <string.h>

#define MAX_PLANS 10 // where people change again and again

typedef struct {
    HttpRequest *request;
    bool dry;
    char *columns_text, *heading; // nullable
    GHashTable *taken;            // lines

    StorePeopleState state; // of `people` and `entities`
    GPtrArray *people, *entities;

    PeopleTable *table; // nullable: not read yet
    PeopleColumns columns;
    PeoplePlan *plan;
    char *text; // the answer
    GError *error;
    unsigned plans;
    bool stale;         // people are others than planned for
    atomic_bool handed; // for ThreadSanitizer, blind to GTask
} Import;

static void forget_plan(Import *import)
{
    g_clear_pointer(&import->plan, people_plan_free);
    g_clear_pointer(&import->people, g_ptr_array_unref);
    g_clear_pointer(&import->entities, g_ptr_array_unref);
    g_clear_pointer(&import->text, g_free);
}

static void import_free(Import *import)
{
    forget_plan(import);
    g_free(import->columns_text);
    g_free(import->heading);
    g_clear_pointer(&import->taken, g_hash_table_unref);
    people_table_free(import->table);
    g_clear_error(&import->error);
    g_free(import);
}

/* "12,57" */
static bool take_lines(Import *import, const char *text, GError **error)
{
    g_auto(GStrv) list = g_strsplit(text != NULL ? text : "", ",", PEOPLE_ROSTER_LINES);
    import->taken = g_hash_table_new(NULL, NULL);
    for (size_t i = 0; list[i] != NULL; i++) {
        guint64 line;
        if (!g_ascii_string_to_unsigned(list[i], 10, 1, PEOPLE_ROSTER_LINES, &line, NULL)) {
            return base_refuse_value(error, "take", "12,57");
        }
        g_hash_table_add(import->taken, GUINT_TO_POINTER((guint)line));
    }
    return true;
}

static bool take_parameters(Import *import, const char *text, GError **error)
{
    g_autoptr(GHashTable) query =
        text != NULL ? soup_form_decode(text) : g_hash_table_new(g_str_hash, g_str_equal);
    const char *dry = g_hash_table_lookup(query, "dry_run");
    import->dry = g_strcmp0(dry, "false") != 0;
    if (dry != NULL && import->dry && strcmp(dry, "true") != 0) {
        return base_refuse_value(error, "dry_run", "true or false");
    }
    import->columns_text = g_strdup(g_hash_table_lookup(query, "columns"));
    import->heading = g_strdup(g_hash_table_lookup(query, "heading"));
    return take_lines(import, g_hash_table_lookup(query, "take"), error);
}

static void work(Import *import, GTaskThreadFunc func, GAsyncReadyCallback done)
{
    atomic_store_explicit(&import->handed, true, memory_order_release);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, done, import);
    g_task_set_task_data(task, import, NULL);
    g_task_run_in_thread(task, func);
}

static void free_on_worker(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Import *import = data;
    atomic_load_explicit(&import->handed, memory_order_acquire);
    import_free(import);
    g_task_return_boolean(task, TRUE);
}

/* Frees 20,000 lines elsewhere. */
static void end(Import *import)
{
    work(import, free_on_worker, NULL);
}

static void fail(Import *import, const GError *error)
{
    http_reply_error(import->request, error);
    end(import);
}

static void reply(Import *import)
{
    http_reply_json_text(import->request, 200, g_steal_pointer(&import->text));
    end(import);
}

/* --- In the store ----------------------------------------------------------------------------- */

/* Store thread. */
static bool write_job(StoreDb *db, void *data, GError **error)
{
    Import *import = data;
    StorePeopleState now = {0};
    if (!store_people_state(db, &now, error)) {
        return false;
    }
    import->stale = memcmp(&now, &import->state, sizeof now) != 0;
    if (import->stale) {
        return base_refuse(error, BASE_CODE_CONFLICT, NULL, NULL,
                           "People were changed again and again meanwhile. Import the file again.");
    }
    return people_plan_apply(import->plan, db, base_wall_us(), error);
}

static void rename_people(const Import *import)
{
    g_autoptr(GPtrArray) changed = g_ptr_array_new();
    for (guint i = 0; i < import->plan->lines->len; i++) {
        const PeopleLine *line = import->plan->lines->pdata[i];
        if (line->outcome == PEOPLE_CHANGED) {
            g_ptr_array_add(changed, line->row);
        }
    }
    http_people_changed(import->request->http, changed);
}

static void plan(Import *import);

static void on_written(void *data, const GError *error)
{
    Import *import = data;
    if (import->stale && import->plans < MAX_PLANS) {
        plan(import);
    } else if (error != NULL) {
        fail(import, error);
    } else {
        rename_people(import);
        reply(import);
    }
}

/* --- The plan --------------------------------------------------------------------------------- */

static bool has_names(const PeopleColumns *columns, GError **error)
{
    for (unsigned i = 0; i < columns->count; i++) {
        if (columns->of[i] == PEOPLE_NAME) {
            return true;
        }
    }
    return base_refuse(error, BASE_CODE_ROSTER_NO_NAMES, "columns", NULL,
                       "No column has the names: say which one it is.");
}

static bool read_table(Import *import)
{
    const GByteArray *body = import->request->body;
    GError **error = &import->error;
    if (import->table == NULL) {
        import->table = people_table_read(body->data, body->len, error);
    }
    return import->table != NULL &&
           people_columns_take(import->table, import->columns_text, import->heading,
                               &import->columns, error) &&
           (import->dry || has_names(&import->columns, error));
}

static void plan_on_worker(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Import *import = data;
    atomic_load_explicit(&import->handed, memory_order_acquire);
    if (read_table(import)) {
        PeopleKnown known = {
            .people = import->people, .entities = import->entities, .taken = import->taken};
        import->plan = people_plan_new(import->table, &import->columns, &known);
        g_autoptr(json_t) answer =
            people_plan_json(import->table, &import->columns, import->plan, !import->dry);
        import->text = base_json_text(answer);
    }
    atomic_store_explicit(&import->handed, true, memory_order_release);
    g_task_return_boolean(task, TRUE);
}

static void on_planned(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object;
    (void)result;
    Import *import = data;
    HttpRequest *request = import->request;
    atomic_load_explicit(&import->handed, memory_order_acquire);
    if (!http_still_allowed(request, import->error)) {
        end(import);
    } else if (import->dry) {
        reply(import);
    } else {
        store_submit(request->http->services.store, write_job, on_written, import);
    }
}

/* Reader thread. */
static bool list_job(StoreDb *db, void *data, GError **error)
{
    Import *import = data;
    import->people = store_people_list(db, error);
    import->entities = import->people != NULL ? store_entities_list(db, error) : NULL;
    return import->entities != NULL && store_people_state(db, &import->state, error);
}

static void on_listed(void *data, const GError *error)
{
    Import *import = data;
    if (error != NULL) {
        fail(import, error);
    } else {
        work(import, plan_on_worker, on_planned);
    }
}

static void plan(Import *import)
{
    import->plans++;
    forget_plan(import);
    store_submit_read(import->request->http->services.store, list_job, on_listed, import);
}

void http_on_people_import(Http *http, HttpRequest *request)
{
    (void)http;
    Import *import = g_new0(Import, 1);
    g_autoptr(GError) error = NULL;
    import->request = request;
    if (take_parameters(import, request->query, &error)) {
        plan(import);
    } else {
        fail(import, error);
    }
}
