// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to the relay, for `majlis check`.
#include "base/error.h"
#include "mail/mail.h"
#include "mail/smtp.h"

#include <curl/curl.h>
#include <string.h>

static const char *remedy(const char *reason)
{
    static const struct {
        const char *reason, *text;
    } all[] = {
        {"unreachable", "is [mail] relay its name and port, does it run, and does the firewall let "
                        "this machine through?"},
        {"certificate", "its certificate is not trusted or not for this name: use the name that "
                        "stands in it, or name the authority that made it in [mail] ca_file"},
        {"no-tls",
         "it does not encrypt in this way: [mail] security = starttls is for port 587, tls "
         "for port 465"},
        {"login", "it refuses [mail] user with the password in [mail] password_file, or takes no "
                  "password from here"},
        {"later", "it is busy, or limits this machine: try again later"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (strcmp(reason, all[i].reason) == 0) {
            return all[i].text;
        }
    }
    return "ask whoever runs it";
}

bool mail_try(const MailConfig *config, GError **error)
{
    static const atomic_bool never;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Smtp *smtp = smtp_new(config, &never);
    const char *reason = "";
    g_autofree char *words = NULL;
    bool good = smtp_try(smtp, &reason, &words);
    smtp_free(smtp);
    curl_global_cleanup();
    if (!good) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the mail relay %s cannot be used: %s (%s)", config->relay, remedy(reason),
                    words);
    }
    return good;
}
