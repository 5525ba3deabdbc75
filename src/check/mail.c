// SPDX-License-Identifier: GPL-3.0-or-later
// Tries the mail relay.
#include "check/check.h"

#include "mail/mail.h"
#include "server.h"

static void try_relay(Check *check, const Conf *conf)
{
    ServerSecrets secrets = {0};
    g_autofree int *reminders = g_new(int, g_strv_length(conf->mail_reminders) + 1);
    g_autoptr(GError) error = NULL;
    MailConfig config;
    if (!auth_secret_read(conf->mail_password_file, "[mail] password_file", 1, &secrets.mail,
                          &error)) {
        check_problem(check, "%s", error->message);
        return;
    }
    server_fill_mail(conf, &secrets, conf->server_public_url, reminders, &config);
    if (!mail_try(&config, &error)) {
        check_problem(check, "%s.", error->message);
    } else {
        check_ok("the mail relay %s answers%s%s", conf->mail_relay,
                 conf->mail_security != CONF_NONE ? ", encrypted, its certificate is trusted" : "",
                 conf->mail_user[0] != '\0' ? ", and takes the password" : "");
    }
    server_secrets_clear(&secrets);
}

void check_mail(Check *check, const Conf *conf)
{
    if (conf->mail_relay[0] == '\0') {
        check_note("no mail is sent, as [mail] relay is not set: staff copy the links of "
                   "invitations by hand");
        return;
    }
    try_relay(check, conf);
}
