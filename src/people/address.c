// SPDX-License-Identifier: GPL-3.0-or-later
// Checks mail addresses. Refuses quoted and international ones, which some servers refuse.
#include "people/people.h"

#include <string.h>

#define MAX_LOCAL 64 // RFC 5321 4.5.3.1.1
#define MAX_LABEL 63

static bool is_local(const char *text, size_t size)
{
    if (size == 0 || size > MAX_LOCAL || text[0] == '.' || text[size - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < size; i++) { // RFC 5322 3.2.3
        bool atom = g_ascii_isalnum(text[i]) || strchr("!#$%&'*+-/=?^_`{|}~", text[i]) != NULL;
        if (!atom && (text[i] != '.' || text[i + 1] == '.')) {
            return false;
        }
    }
    return true;
}

static bool is_label(const char *text, size_t size)
{
    if (size == 0 || size > MAX_LABEL || text[0] == '-' || text[size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!g_ascii_isalnum(text[i]) && text[i] != '-') {
            return false;
        }
    }
    return true;
}

bool people_domain_valid(const char *text)
{
    unsigned labels = 1;
    size_t size;
    for (; size = strcspn(text, "."), text[size] != '\0'; text += size + 1, labels++) {
        if (!is_label(text, size)) {
            return false;
        }
    }
    return labels > 1 && is_label(text, size) && !g_ascii_isdigit(text[size - 1]);
}

char *people_email_take(const char *text, const char *field, GError **error)
{
    g_autofree char *address = g_strstrip(g_strdup(text));
    const char *at = strrchr(address, '@');
    bool good = at != NULL && strlen(address) <= PEOPLE_MAX_EMAIL &&
                is_local(address, (size_t)(at - address)) && people_domain_valid(at + 1);
    if (!good) {
        base_refuse(error, BASE_CODE_BAD_EMAIL, field, NULL,
                    "This is no mail address: one looks like name@example.gov.ae.");
        return NULL;
    }
    return g_steal_pointer(&address);
}
