// SPDX-License-Identifier: GPL-3.0-or-later
// Writes people as a table; an import of it changes nothing.
#include "base/text.h"
#include "people/private.h"
#include "people/people.h"

#include <string.h>

static const char *code_of(GHashTable *codes, const StorePerson *row)
{
    const char *code = row->entity_id != NULL ? g_hash_table_lookup(codes, row->entity_id) : NULL;
    return code != NULL ? code : "";
}

static void add_cell(GString *out, const char *text, bool last)
{
    base_text_add_cell(out, text != NULL ? text : "", last);
}

GString *people_csv(const GPtrArray *people, const GPtrArray *entities)
{
    GString *out = g_string_new(BASE_TEXT_BOM);
    g_autoptr(GHashTable) codes = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < entities->len; i++) {
        const StoreEntity *entity = entities->pdata[i];
        g_hash_table_insert(codes, entity->id, entity->code);
    }
    add_cell(out, "Name الاسم", false);
    add_cell(out, "Email البريد الإلكتروني", false);
    add_cell(out, "Entity الجهة", false);
    add_cell(out, "Code رمز الجهة", false);
    add_cell(out, "State الحالة", true);
    for (guint i = 0; i < people->len; i++) {
        const StorePerson *row = people->pdata[i];
        add_cell(out, row->name, false);
        add_cell(out, row->email, false);
        add_cell(out, row->entity, false);
        add_cell(out, code_of(codes, row), false);
        add_cell(out, row->disabled ? "disabled معطّل" : "active نشط", true);
    }
    return out;
}
