// SPDX-License-Identifier: GPL-3.0-or-later
// Text that is searched. Folded, it is valid UTF-8, bounded, and stays as it is when folded again;
// its words lie in order within the text.
#include "fuzz.h"

#include "base/fold.h"

#include <string.h>

int target(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *folded = base_fold(text);
    g_autofree char *again = base_fold(folded);
    g_autoptr(GArray) words = base_fold_words(text);
    g_assert_true(g_utf8_validate(folded, -1, NULL));
    g_assert_cmpuint(strlen(folded), <=, BASE_FOLD_TEXT_BYTES);
    g_assert_cmpstr(again, ==, folded);
    unsigned end = 0;
    for (guint i = 0; i < words->len; i++) {
        const BaseFoldWord *word = &g_array_index(words, BaseFoldWord, i);
        g_autoptr(GArray) stems = base_fold_stems(word->text);
        g_assert_true(word->from >= end && word->to > word->from && word->text[0] != '\0');
        g_assert_cmpuint(stems->len, <=, 8);
        end = word->to;
    }
    g_assert_cmpuint(end, <=, size);
    return 0;
}
