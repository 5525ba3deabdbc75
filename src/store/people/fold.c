// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the folded words of people whom triggers marked: name first, for sorting.
#include "base/fold.h"
#include "store/db.h"

typedef struct {
    char *id, *words;
} Folded;

static void free_folded(void *data)
{
    Folded *folded = data;
    g_free(folded->id);
    g_free(folded->words);
    g_free(folded);
}

char *store_person_words(const StorePersonTexts *texts)
{
    const char *const all[] = {texts->name, texts->email, texts->entity, texts->entity_en,
                               texts->code};
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_string_append_printf(text, "%s ", all[i] != NULL ? all[i] : "");
    }
    return base_fold(text->str);
}

static void *read_folded(StoreQuery *query)
{
    Folded *folded = g_new(Folded, 1);
    folded->id = store_take_text(query);
    g_autofree char *name = store_take_text(query);
    g_autofree char *email = store_take_text(query);
    g_autofree char *entity = store_take_text(query);
    g_autofree char *entity_en = store_take_text(query);
    g_autofree char *code = store_take_text(query);
    folded->words = store_person_words(&(StorePersonTexts){
        .name = name, .email = email, .entity = entity, .entity_en = entity_en, .code = code});
    return folded;
}

static bool write_folded(StoreDb *db, const Folded *folded, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE people SET folded = ? WHERE id = ?");
    store_put_text(&query, folded->words);
    store_put_text(&query, folded->id);
    return store_query_run(&query, NULL, error);
}

bool store_people_refresh(StoreDb *db, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT p.id, p.name, p.email, p.entity, e.name_en, e.code FROM people p "
                        "LEFT JOIN entities e ON e.id = p.entity_id WHERE p.folded IS NULL");
    g_autoptr(GPtrArray) list = store_query_list(&query, read_folded, free_folded, error);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        if (!write_folded(db, list->pdata[i], error)) {
            return false;
        }
    }
    return list != NULL;
}
