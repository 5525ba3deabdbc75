// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Arabic and Latin words as a search compares them: without marks, tatweel and hamza; ta marbuta is
// ha, alef maqsura ya; digits are ASCII, letters small. Pure.

#include <glib.h>
#include <stdbool.h>

#define BASE_FOLD_TEXT_BYTES 16384 // the rest is ignored
#define BASE_FOLD_WORD_CHARACTERS 64

typedef struct {
    char *text;        // folded, never empty
    unsigned from, to; // characters of the original, [from, to)
} BaseFoldWord;

/* BaseFoldWord. */
GArray *base_fold_words(const char *text);
/* The words, with spaces. Valid UTF-8; folding again changes nothing. */
char *base_fold(const char *text);

/* A word without article or one-letter prefixes. */
typedef struct {
    char *text;
    bool article; // false: the removed letter may be of the root
} BaseFoldStem;

/* BaseFoldStem, each once. */
GArray *base_fold_stems(const char *word);
/* Nothing else. */
bool base_fold_is_article(const char *word);
