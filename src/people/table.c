// SPDX-License-Identifier: GPL-3.0-or-later
// Splits a text file into rows of fields.
#include "people/private.h"

#include <string.h>

typedef struct {
    const char *at;
    char separator;
    unsigned line;
    GString *field;
} Reader;

static void row_free(void *data)
{
    PeopleRow *row = data;
    for (unsigned i = 0; i < row->count; i++) {
        g_free(row->fields[i]);
    }
    g_free(row->fields);
    g_free(row);
}

static bool is_end(const Reader *reader)
{
    char c = *reader->at;
    return c == '\0' || c == '\n' || c == '\r' || c == reader->separator;
}

/* From the opening quote. False: no closing one. */
static bool read_quoted(Reader *reader)
{
    reader->at++;
    for (;; reader->at++) {
        if (*reader->at == '\0') {
            return false;
        }
        if (*reader->at == '"' && *++reader->at != '"') {
            return true;
        }
        g_string_append_c(reader->field, *reader->at);
    }
}

/* What follows a closing quote belongs to the field. */
static bool read_field(Reader *reader)
{
    g_string_truncate(reader->field, 0);
    bool closed = *reader->at != '"' || read_quoted(reader);
    for (; !is_end(reader); reader->at++) {
        g_string_append_c(reader->field, *reader->at);
    }
    return closed;
}

static void skip_line_end(Reader *reader)
{
    if (*reader->at == '\r') {
        reader->at++;
    }
    if (*reader->at == '\n') {
        reader->at++;
    }
}

/* Full ownership. */
static PeopleRow *read_row(Reader *reader)
{
    PeopleRow *row = g_new0(PeopleRow, 1);
    g_autoptr(GPtrArray) fields = g_ptr_array_new();
    row->line = ++reader->line;
    for (bool more = true; more;) {
        row->unclosed = !read_field(reader) || row->unclosed;
        if (fields->len < PEOPLE_ROSTER_COLUMNS) {
            g_ptr_array_add(fields, g_strndup(reader->field->str, reader->field->len));
        }
        more = reader->separator != '\0' && *reader->at == reader->separator;
        reader->at += more;
    }
    skip_line_end(reader);
    row->count = fields->len;
    row->fields = (char **)g_ptr_array_free(g_steal_pointer(&fields), FALSE);
    return row;
}

static bool is_blank(const PeopleRow *row)
{
    for (unsigned i = 0; i < row->count; i++) {
        if (row->fields[i][strspn(row->fields[i], " \t")] != '\0') {
            return false;
        }
    }
    return true;
}

/* The one with the most known headings in the first row, else the most fields. */
static char find_separator(const char *text)
{
    static const char separators[] = {',', ';', '\t'};
    char best = ',';
    unsigned most = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(separators); i++) {
        g_autoptr(GString) field = g_string_new(NULL);
        Reader reader = {.at = text, .separator = separators[i], .field = field};
        PeopleRow *row = read_row(&reader);
        unsigned worth = row->count;
        for (unsigned n = 0; n < row->count; n++) {
            bool known = people_column_of(row->fields[n]) != PEOPLE_NO_COLUMN;
            worth += known ? PEOPLE_ROSTER_COLUMNS : 0;
        }
        if (worth > most) {
            most = worth;
            best = separators[i];
        }
        row_free(row);
    }
    return best;
}

static bool read_rows(PeopleTable *table, const char *text, GError **error)
{
    g_autoptr(GString) field = g_string_new(NULL);
    Reader reader = {.at = text, .separator = table->separator, .field = field};
    while (*reader.at != '\0') {
        PeopleRow *row = read_row(&reader);
        if (is_blank(row)) {
            row_free(row);
        } else {
            g_ptr_array_add(table->rows, row);
        }
        if (reader.line > PEOPLE_ROSTER_LINES) {
            return base_refuse(error, BASE_CODE_ROSTER_TOO_LONG, NULL,
                               json_pack("{s:i}", "max", PEOPLE_ROSTER_LINES),
                               "The file has more than %d lines. Divide it.", PEOPLE_ROSTER_LINES);
        }
    }
    return table->rows->len > 0 ||
           base_refuse(error, BASE_CODE_ROSTER_EMPTY, NULL, NULL, "There is nothing in the file.");
}

PeopleTable *people_table_read(const uint8_t *bytes, size_t size, GError **error)
{
    g_autoptr(PeopleTable) table = g_new0(PeopleTable, 1);
    table->rows = g_ptr_array_new_with_free_func(row_free);
    g_autofree char *text = size > 0 ? people_decode(bytes, size, &table->encoding, error) : NULL;
    if (size == 0) {
        base_refuse(error, BASE_CODE_ROSTER_EMPTY, NULL, NULL, "There is nothing in the file.");
    }
    if (text == NULL) {
        return NULL;
    }
    table->separator = find_separator(text);
    return read_rows(table, text, error) ? g_steal_pointer(&table) : NULL;
}

void people_table_free(PeopleTable *table)
{
    if (table == NULL) {
        return;
    }
    g_ptr_array_unref(table->rows);
    g_free(table);
}
