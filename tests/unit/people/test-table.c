// SPDX-License-Identifier: GPL-3.0-or-later
// Text files as rows of fields: encodings, separators, quotes, limits, headings.
#include "tests.h"

#include <string.h>

static void test_encodings(void)
{
    static const char text[] = "الاسم,البريد\r\nنورة الشامسي,n@example.ae\r\n";
    static const struct {
        const char *to, *mark;
        size_t mark_size;
        const char *found;
    } cases[] = {
        {"utf-8", "", 0, "utf-8"},
        {"utf-8", "\xef\xbb\xbf", 3, "utf-8"},
        {"utf-16le", "", 0, "utf-16le"},
        {"utf-16le", "\xff\xfe", 2, "utf-16le"},
        {"utf-16be", "", 0, "utf-16be"},
        {"utf-16be", "\xfe\xff", 2, "utf-16be"},
        {"windows-1256", "", 0, "windows-1256"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize size;
        g_autofree char *bytes = g_convert(text, -1, cases[i].to, "utf-8", NULL, &size, NULL);
        g_autoptr(GByteArray) file = g_byte_array_new();
        g_byte_array_append(file, (const uint8_t *)cases[i].mark, (guint)cases[i].mark_size);
        g_byte_array_append(file, (const uint8_t *)bytes, (guint)size);
        g_autoptr(GError) error = NULL;
        g_autoptr(PeopleTable) table = people_table_read(file->data, file->len, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(table->encoding, ==, cases[i].found);
        g_assert_cmpuint(table->rows->len, ==, 2);
        const PeopleRow *row = table->rows->pdata[1];
        g_assert_cmpstr(row->fields[0], ==, "نورة الشامسي");
        g_assert_cmpstr(row->fields[1], ==, "n@example.ae");
        PeopleColumns columns;
        people_columns_find(table, &columns);
        g_assert_true(columns.heading && columns.of[0] == PEOPLE_NAME &&
                      columns.of[1] == PEOPLE_EMAIL);
    }
}

static void test_no_text(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        BaseCode code;
    } cases[] = {
        {"", 0, BASE_CODE_ROSTER_EMPTY},
        {"\xef\xbb\xbf", 3, BASE_CODE_ROSTER_EMPTY},
        {" \r\n\t\n\n", 6, BASE_CODE_ROSTER_EMPTY},
        {"PK\x03\x04rest", 8, BASE_CODE_ROSTER_NOT_TEXT},
        {"\xd0\xcf\x11\xe0rest", 8, BASE_CODE_ROSTER_NOT_TEXT},
        {"%PDF-1.7", 8, BASE_CODE_ROSTER_NOT_TEXT},
        {"name\0xy", 7, BASE_CODE_ROSTER_NOT_TEXT},                 // no UTF-16
        {"\xff\xfe\x00\xd8\x41\x00", 6, BASE_CODE_ROSTER_NOT_TEXT}, // half a surrogate pair
        {"\xff\xfe\x41\x00\x42", 5, BASE_CODE_ROSTER_NOT_TEXT},     // half a character
        {"\xef\xbb\xbf\xff", 4, BASE_CODE_ROSTER_NOT_TEXT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("case %zu", i);
        g_assert_null(people_table_read((const uint8_t *)cases[i].bytes, cases[i].size, &error));
        g_assert_cmpint(base_error_code(error), ==, cases[i].code);
    }
}

/* The fields, "|" between them, and "/" after each row; "!" where a quote is not closed. */
static char *written(const PeopleTable *table)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < table->rows->len; i++) {
        const PeopleRow *row = table->rows->pdata[i];
        g_string_append_printf(text, "%u:", row->line);
        for (unsigned n = 0; n < row->count; n++) {
            g_string_append_printf(text, "%s%s", n > 0 ? "|" : "", row->fields[n]);
        }
        g_string_append(text, row->unclosed ? "!/" : "/");
    }
    return g_string_free(text, FALSE);
}

static void test_rows(void)
{
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"a,b\nc,d", "1:a|b/2:c|d/"},
        {"a;b\nc;d\n", "1:a|b/2:c|d/"},
        {"a\tb\r\nc\td\r\n", "1:a|b/2:c|d/"},
        {"a,b\rc,d\r", "1:a|b/2:c|d/"},
        {"name;email, or none\nx;y", "1:name|email, or none/2:x|y/"}, // by known headings
        {"\"a,b\",c", "1:a,b|c/"},
        {"\"a\"\"b\",c", "1:a\"b|c/"},
        {"\"a\r\nb\",c\nd,e", "1:a\r\nb|c/2:d|e/"},
        {"\"a\"b,c", "1:ab|c/"},
        {"a\"b,c", "1:a\"b|c/"},
        {"a,\"b\nc,d\n", "1:a|b\nc,d\n!/"},
        {"a,\n\n,\nb,c\n", "1:a|/4:b|c/"}, // blank rows count
        {"a,b,\n", "1:a|b|/"},
        {"\"\",\"\"\"\"", "1:|\"/"},
        {"one\n\"\n", "1:one/2:\n!/"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PeopleTable) table = read_text(cases[i].text);
        g_autofree char *rows = written(table);
        g_assert_cmpstr(rows, ==, cases[i].rows);
    }
}

static void test_limits(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < PEOPLE_ROSTER_LINES; i++) {
        g_string_append(text, "x,y\n");
    }
    g_autoptr(PeopleTable) table = read_text(text->str);
    g_assert_cmpuint(table->rows->len, ==, PEOPLE_ROSTER_LINES);
    g_string_append(text, "x,y\n");
    g_autoptr(GError) error = NULL;
    g_assert_null(people_table_read((const uint8_t *)text->str, text->len, &error));
    g_assert_cmpint(base_error_code(error), ==, BASE_CODE_ROSTER_TOO_LONG);
    g_string_truncate(text, 0);
    for (int i = 0; i < 3 * PEOPLE_ROSTER_COLUMNS; i++) {
        g_string_append(text, "x,");
    }
    g_autoptr(PeopleTable) wide = read_text(text->str);
    g_assert_cmpuint(((PeopleRow *)wide->rows->pdata[0])->count, ==, PEOPLE_ROSTER_COLUMNS);
}

static void test_headings(void)
{
    static const struct {
        const char *heading;
        PeopleColumn column;
    } cases[] = {
        {"Name", PEOPLE_NAME},
        {" FULL  NAME ", PEOPLE_NAME},
        {"الإسم", PEOPLE_NAME},
        {"الاسم", PEOPLE_NAME},
        {"E-Mail", PEOPLE_EMAIL},
        {"البريد الالكتروني", PEOPLE_EMAIL},
        {"الجهه", PEOPLE_ENTITY},
        {"Entity", PEOPLE_ENTITY},
        {"رمز الجهة", PEOPLE_CODE},
        {"Entity code", PEOPLE_CODE},
        {"Names of pets", PEOPLE_NO_COLUMN},
        {"", PEOPLE_NO_COLUMN},
        {"***", PEOPLE_NO_COLUMN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].heading);
        g_assert_cmpint(people_column_of(cases[i].heading), ==, cases[i].column);
    }
}

static void test_columns(void)
{
    static const struct {
        const char *columns, *heading;
        bool good, has_heading;
        PeopleColumn of[3];
    } cases[] = {
        {NULL, NULL, true, true, {PEOPLE_NAME, PEOPLE_NO_COLUMN, PEOPLE_EMAIL}},
        {NULL, "false", true, false, {PEOPLE_NAME, PEOPLE_NO_COLUMN, PEOPLE_EMAIL}},
        {"email,name", "true", true, true, {PEOPLE_EMAIL, PEOPLE_NAME, PEOPLE_NO_COLUMN}},
        {",,", NULL, true, true, {PEOPLE_NO_COLUMN, PEOPLE_NO_COLUMN, PEOPLE_NO_COLUMN}},
        {"name,name", NULL, false, false, {0}},
        {"nome", NULL, false, false, {0}},
        {NULL, "yes", false, false, {0}},
    };
    g_autoptr(PeopleTable) table = read_text("Name,Name,Email\nx,y,z");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        PeopleColumns columns = {0};
        g_autoptr(GError) error = NULL;
        bool good =
            people_columns_take(table, cases[i].columns, cases[i].heading, &columns, &error);
        g_assert_cmpint(good, ==, cases[i].good);
        g_assert_cmpint(columns.heading, ==, cases[i].has_heading);
        for (int n = 0; n < 3; n++) {
            g_assert_cmpint(columns.of[n], ==, cases[i].of[n]);
        }
    }
}

void add_table_tests(void)
{
    g_test_add_func("/people/encodings", test_encodings);
    g_test_add_func("/people/no-text", test_no_text);
    g_test_add_func("/people/rows", test_rows);
    g_test_add_func("/people/limits", test_limits);
    g_test_add_func("/people/headings", test_headings);
    g_test_add_func("/people/columns", test_columns);
}
