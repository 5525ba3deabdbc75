// SPDX-License-Identifier: GPL-3.0-or-later
// Folds words for search; takes Arabic prefixes off them.
#include "base/fold.h"

#include <string.h>

#define LETTERS_AFTER_ARTICLE 2
#define LETTERS_AFTER_PREFIX 3
#define TATWEEL 0x0640

typedef enum { BREAK, SILENT, SOUND } Kind;

/* Letters without a decomposition. */
static gunichar one_of_alike(gunichar c)
{
    switch (c) {
    case 0x0671: // alef wasla
        return 0x0627;
    case 0x0629: // ta marbuta
    case 0x06be: // heh of Urdu and Kurdish
    case 0x06c1:
    case 0x06d5:
        return 0x0647;
    case 0x0649: // alef maqsura
    case 0x06cc: // ya of Persian
        return 0x064a;
    case 0x06a9: // kaf of Persian
        return 0x0643;
    case 0x03c2: // final sigma
        return 0x03c3;
    default:
        return c;
    }
}

static Kind kind_of(gunichar c)
{
    if (c == TATWEEL || c == 0x115f || c == 0x1160) { // Hangul fillers show nothing
        return SILENT;
    }
    switch (g_unichar_type(c)) {
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_FORMAT:
        return SILENT;
    default:
        return g_unichar_isalnum(c) ? SOUND : BREAK;
    }
}

static void add_sound(GString *word, gunichar c)
{
    if (c == 0x00df || c == 0x1e9e) { // sharp s
        g_string_append(word, "ss");
    } else if (g_unichar_isdigit(c)) {
        g_string_append_c(word, (char)('0' + g_unichar_digit_value(c)));
    } else {
        g_string_append_unichar(word, one_of_alike(g_unichar_tolower(c)));
    }
}

static Kind add_character(GString *word, gunichar c)
{
    if (c < 0x80) {
        if (g_ascii_isalnum((char)c)) {
            g_string_append_c(word, g_ascii_tolower((char)c));
            return SOUND;
        }
        return BREAK;
    }
    gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    gsize count = g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));
    Kind kind = kind_of(parts[0]);
    for (gsize i = 0; i < count; i++) {
        if (kind_of(parts[i]) == SOUND) {
            kind = SOUND;
            add_sound(word, parts[i]);
        }
    }
    return kind;
}

static void cut(char *word)
{
    if (g_utf8_strlen(word, -1) > BASE_FOLD_WORD_CHARACTERS) {
        *g_utf8_offset_to_pointer(word, BASE_FOLD_WORD_CHARACTERS) = '\0';
    }
}

/* False: the folded text is long enough. */
static bool end_word(GArray *words, GString *word, unsigned from, unsigned to, size_t *bytes)
{
    if (word->len == 0) {
        return true;
    }
    BaseFoldWord one = {.text = g_strndup(word->str, word->len), .from = from, .to = to};
    cut(one.text);
    g_string_truncate(word, 0);
    *bytes += strlen(one.text) + 1;
    if (*bytes > BASE_FOLD_TEXT_BYTES) {
        g_free(one.text);
        return false;
    }
    g_array_append_val(words, one);
    return true;
}

static void clear_word(void *word)
{
    g_free(((BaseFoldWord *)word)->text);
}

GArray *base_fold_words(const char *text)
{
    GArray *words = g_array_new(FALSE, FALSE, sizeof(BaseFoldWord));
    g_array_set_clear_func(words, clear_word);
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, BASE_FOLD_TEXT_BYTES));
    g_autoptr(GString) word = g_string_new(NULL);
    unsigned at = 0, from = 0, to = 0;
    size_t bytes = 0;
    bool room = true;
    for (const char *c = valid; *c != '\0' && room; c = g_utf8_next_char(c), at++) {
        bool begins = word->len == 0;
        Kind kind = add_character(word, g_utf8_get_char(c));
        if (kind == BREAK) {
            room = end_word(words, word, from, to, &bytes);
        } else if (word->len > 0) {
            from = begins ? at : from;
            to = at + 1; // with its marks
        }
    }
    if (room) {
        end_word(words, word, from, to, &bytes);
    }
    return words;
}

char *base_fold(const char *text)
{
    g_autoptr(GArray) words = base_fold_words(text);
    GString *folded = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++) {
        g_string_append(folded, i > 0 ? " " : "");
        g_string_append(folded, g_array_index(words, BaseFoldWord, i).text);
    }
    return g_string_free(folded, FALSE);
}

/* --- Prefixes --------------------------------------------------------------------------------- */

static const char *const articles[] = {"ال", "بال", "كال", "لل"};

/* The rest of `word`, of at least `least` letters, or NULL. */
static const char *without(const char *word, const char *prefix, glong least)
{
    const char *rest = g_str_has_prefix(word, prefix) ? word + strlen(prefix) : NULL;
    return rest != NULL && g_utf8_strlen(rest, -1) >= least ? rest : NULL;
}

static void add_stem(GArray *stems, const char *rest, bool article)
{
    for (guint i = 0; i < stems->len; i++) {
        BaseFoldStem *one = &g_array_index(stems, BaseFoldStem, i);
        if (strcmp(one->text, rest) == 0) {
            one->article = one->article || article;
            return;
        }
    }
    BaseFoldStem stem = {.text = g_strdup(rest), .article = article};
    g_array_append_val(stems, stem);
}

static void add_stems(GArray *stems, const char *word)
{
    static const char *const letters[] = {"ب", "ل", "ك"};
    for (size_t i = 0; i < G_N_ELEMENTS(articles); i++) {
        const char *rest = without(word, articles[i], LETTERS_AFTER_ARTICLE);
        if (rest != NULL) {
            add_stem(stems, rest, true);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        const char *rest = without(word, letters[i], LETTERS_AFTER_PREFIX);
        if (rest != NULL) {
            add_stem(stems, rest, false);
        }
    }
}

static const char *after_conjunction(const char *word)
{
    const char *rest = without(word, "و", LETTERS_AFTER_PREFIX);
    return rest != NULL ? rest : without(word, "ف", LETTERS_AFTER_PREFIX);
}

static void clear_stem(void *stem)
{
    g_free(((BaseFoldStem *)stem)->text);
}

GArray *base_fold_stems(const char *word)
{
    GArray *stems = g_array_new(FALSE, FALSE, sizeof(BaseFoldStem));
    g_array_set_clear_func(stems, clear_stem);
    const char *rest = after_conjunction(word);
    add_stems(stems, word);
    if (rest != NULL) {
        add_stem(stems, rest, false);
        add_stems(stems, rest);
    }
    return stems;
}

bool base_fold_is_article(const char *word)
{
    bool joined = g_str_has_prefix(word, "و") || g_str_has_prefix(word, "ف");
    const char *rest = joined ? g_utf8_next_char(word) : word;
    for (size_t i = 0; i < G_N_ELEMENTS(articles); i++) {
        if (strcmp(rest, articles[i]) == 0) {
            return true;
        }
    }
    return false;
}
