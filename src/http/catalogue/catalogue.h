// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Lists of sessions and recordings, narrowed down and page by page. Main thread.

#include "http/resources.h"

typedef struct {
    SessionFind find; // borrows from the rest
    unsigned states;  // bits of `state`
    char *series, *speaker;
    GArray *words;
    bool earliest;  // first; else the latest
    unsigned limit; // of a page
    char *after;    // id of the row before the page; NULL: from the first
    int64_t after_us;
} HttpFind;

/* Names of `state`, NULL-terminated; bit i of HttpFind.states is the i-th. */
bool http_find_take(HttpFind *find, const char *query, const char *const *names, GError **error);
void http_find_clear(HttpFind *find);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpFind, http_find_clear)

/* StoreSession, borrowed; in the order of `find`, all pages. `judge`: also by the list's own
 * rules. Container ownership. */
typedef bool (*HttpFindJudge)(const HttpRequest *request, const StoreSession *row,
                              const HttpFind *find);
GPtrArray *http_find_all(const HttpRequest *request, const HttpFind *find, HttpFindJudge judge);
/* The rows of one page; `*out_next`: cursor, NULL after the last. */
GPtrArray *http_find_page(const GPtrArray *all, const HttpFind *find, char **out_next);
