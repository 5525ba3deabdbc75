// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/proxies.h"

#include <string.h>

typedef struct {
    const char *peer, *forwarded, *client;
} Case;

static const char *const ours[] = {"127.0.0.1", "10.1.0.0/16", "::1", "2001:db8:1::/48", NULL};

static const Case cases[] = {
    // nobody in front
    {"203.0.113.9", NULL, "203.0.113.9"},
    {"127.0.0.1", NULL, "127.0.0.1"},
    // a peer that is no proxy of ours writes what it likes
    {"203.0.113.9", "198.51.100.1", "203.0.113.9"},
    {"203.0.113.9", "127.0.0.1", "203.0.113.9"},
    // one proxy; what the client wrote itself stands to the left
    {"127.0.0.1", "203.0.113.9", "203.0.113.9"},
    {"127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
    {"::1", "198.51.100.1,203.0.113.9", "203.0.113.9"},
    // a chain of ours
    {"127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"},
    {"127.0.0.1", "203.0.113.9, 10.2.2.3, 10.1.2.3", "10.2.2.3"},
    {"127.0.0.1", "10.1.0.7, 10.1.2.3", "10.1.0.7"},
    // both families, also as a socket for both tells them
    {"::ffff:127.0.0.1", "2001:db8:2::7", "2001:db8:2::7"},
    {"2001:db8:1::5", "::ffff:203.0.113.9", "203.0.113.9"},
    {"::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"},
    // what is no address ends the chain
    {"127.0.0.1", "unknown", "127.0.0.1"},
    {"127.0.0.1", "", "127.0.0.1"},
    {"127.0.0.1", "203.0.113.9, , 10.1.2.3", "10.1.2.3"},
    {"127.0.0.1", "203.0.113.9:4711", "127.0.0.1"},
    {"127.0.0.1", "<script>, 203.0.113.9", "203.0.113.9"},
};

static void test_client(void)
{
    HttpProxies *proxies = http_proxies_new(ours);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s behind %s", cases[i].peer, cases[i].forwarded);
        g_autofree char *client = http_proxies_client(proxies, cases[i].peer, cases[i].forwarded);
        g_assert_cmpstr(client, ==, cases[i].client);
    }
    http_proxies_free(proxies);
}

static void test_none(void)
{
    HttpProxies *proxies = http_proxies_new(NULL);
    g_autofree char *client = http_proxies_client(proxies, "127.0.0.1", "203.0.113.9");
    g_assert_cmpstr(client, ==, "127.0.0.1");
    http_proxies_free(proxies);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/proxies/client", test_client);
    g_test_add_func("/http/proxies/none", test_none);
    return g_test_run();
}
