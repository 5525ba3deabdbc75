// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The Cookie field (RFC 6265 5.4). Pure.

/* The first `name`; nullable. */
char *http_cookie_find(const char *field, const char *name);
