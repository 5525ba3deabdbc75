// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the certificate: key, dates, chain, names.
#include "check/check.h"

#include "base/clock.h"
#include "port/tls.h"

#define WANTED_US (INT64_C(14) * 24 * 3600 * BASE_US_PER_S)

static void check_dates(Check *check, const PortTls *tls)
{
    int64_t now_us = base_wall_us(), ends_us = port_tls_ends_us(tls);
    g_autofree char *end = base_time_format(ends_us);
    if (!port_tls_begun(tls, now_us)) {
        check_problem(check, "the certificate is not valid yet: is the clock right?");
    } else if (ends_us <= now_us) {
        check_problem(check,
                      "the certificate ended at %s: renew it; a server that runs reads it again by "
                      "itself.",
                      end);
    } else if (ends_us - now_us < WANTED_US) {
        check_note("the certificate ends at %s: renew it soon", end);
    } else {
        check_ok("the certificate fits its key and is valid until %s", end);
    }
}

static void check_chain(Check *check, const PortTls *tls)
{
    g_autofree char *root = NULL;
    g_autofree char *fault = port_tls_chain_fault(tls, base_wall_us(), &root);
    if (fault != NULL) {
        check_problem(check, "%s", fault);
    } else if (root != NULL) {
        check_note("the certificate rests on \"%s\", which this machine does not trust: browsers "
                   "accept it only where that root is installed",
                   root);
    }
}

/* The links' host; NULL: of the listen address. */
static char *public_host(const Conf *conf)
{
    g_autoptr(GUri) uri = g_uri_parse(conf->server_public_url, G_URI_FLAGS_NONE, NULL);
    return uri != NULL ? g_strdup(g_uri_get_host(uri)) : NULL;
}

void check_certificate(Check *check, const Conf *conf)
{
    if (conf->server_tls_certificate[0] == '\0') {
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(PortTls) tls =
        port_tls_new(conf->server_tls_certificate, conf->server_tls_key, &error);
    if (tls == NULL) {
        check_problem(check, "%s", error->message);
        return;
    }
    check_dates(check, tls);
    check_chain(check, tls);
    g_autofree char *host = public_host(conf);
    if (host != NULL && !port_tls_names(tls, host)) {
        check_problem(check,
                      "the certificate is not for %s, the host of [server] public_url: browsers "
                      "refuse it. Get one for that name, or set public_url to the name that it is "
                      "for.",
                      host);
    }
}
