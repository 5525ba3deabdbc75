// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Problem documents (RFC 9457), for refusals at every stage of a request. Any thread.

#include <stdbool.h>

typedef struct {
    unsigned status;
    const char *type, *title;
    const char *retry_after; // seconds, or NULL
} HttpProblem;

/* By status; of one that is not in the table, that of 500. Static. */
const HttpProblem *http_problem(unsigned status);
/* The document as text. Full ownership. */
char *http_problem_text(const HttpProblem *problem, const char *detail, const char *request_id);
/* A whole answer with it that ends the connection. Full ownership. */
char *http_problem_answer(unsigned status, const char *detail);
