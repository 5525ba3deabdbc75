// SPDX-License-Identifier: GPL-3.0-or-later
// How often one person, address or viewer may ask.
#include "base/clock.h"
#include "http/core/core.h"

#include <string.h>

static const BaseRate change_rate = {.every_us = BASE_US_PER_S / 5, .burst = 30};
static const BaseRate read_rate = {.every_us = BASE_US_PER_S / 20, .burst = 60};
#define STAFF_FACTOR 10

static BaseRate rate_of(BaseRate rate, unsigned factor)
{
    return (BaseRate){.every_us = rate.every_us / factor, .burst = rate.burst * factor};
}

static bool reads_too_often(Http *http, const char *key, BaseRate rate)
{
    pthread_mutex_lock(&http->mutex);
    int64_t wait_us = base_rates_wait(http->reads, key, rate, base_clock_us());
    pthread_mutex_unlock(&http->mutex);
    return wait_us > 0;
}

bool http_viewer_changes_too_often(Http *http, const char *id)
{
    return reads_too_often(http, id, change_rate);
}

static unsigned factor_of(const AuthIdentity *who)
{
    return who->role >= AUTH_MODERATOR ? STAFF_FACTOR : 1;
}

bool http_too_often(HttpRequest *request)
{
    const HttpRoute *route = request->route;
    if (request->who == NULL || route->where != HTTP_ON_MAIN_THREAD ||
        strcmp(route->method, "GET") == 0) {
        return false;
    }
    BaseRate rate = rate_of(change_rate, factor_of(request->who));
    return base_rates_wait(request->http->changes, request->who->person, rate, base_clock_us()) > 0;
}

bool http_reads_too_often(HttpRequest *request)
{
    const HttpRoute *route = request->route;
    if (route->where != HTTP_ON_MAIN_THREAD || strcmp(route->method, "GET") != 0) {
        return false;
    }
    // a signed path's readers are not its signer
    const AuthIdentity *who = route->object != HTTP_OF_PATH ? request->who : NULL;
    const char *whose = who != NULL ? who->person : request->address;
    BaseRate rate = rate_of(read_rate, who != NULL ? factor_of(who) : 1);
    return reads_too_often(request->http, whose != NULL ? whose : "", rate);
}
