// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Arabic and Latin text as a search compares it. Pure, any thread.
//
// One letter: alef with or without hamza, madda or wasla; ta marbuta and ha; alef maqsura and ya;
// waw and ya with or without hamza. Nothing: vowel signs, accents, tatweel, invisible characters.
// Digits are ASCII, letters small.

#include <glib.h>
#include <stdbool.h>

#define BASE_FOLD_TEXT_BYTES 16384   // the rest of a text is ignored
#define BASE_FOLD_WORD_CHARACTERS 64 // the rest of a word is ignored

typedef struct {
    char *text;        // folded, never empty
    unsigned from, to; // characters of the original, [from, to)
} BaseFoldWord;

/* BaseFoldWord. Full ownership. */
GArray *base_fold_words(const char *text);
/* The words, with a space between two. Valid UTF-8; folding it again changes nothing. */
char *base_fold(const char *text);

/* A folded word without its article and one-letter prefixes. */
typedef struct {
    char *text;
    bool article; // removed: sure. Else the letter may be of the root.
} BaseFoldStem;

/* BaseFoldStem, each once. Full ownership. */
GArray *base_fold_stems(const char *word);
/* Only an article, of a word that is still being typed. */
bool base_fold_is_article(const char *word);
