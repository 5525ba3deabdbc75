// SPDX-License-Identifier: GPL-3.0-or-later
// The client's address behind proxies.
#include "port/proxies.h"

#include <string.h>

typedef struct {
    const char *peer, *forwarded, *client;
} Case;

static const char *const ours[] = {"127.0.0.1", "10.1.0.0/16", "::1", "2001:db8:1::/48", NULL};

static const Case cases[] = {
    // no proxy
    {"203.0.113.9", NULL, "203.0.113.9"},
    {"127.0.0.1", NULL, "127.0.0.1"},
    // an untrusted peer may write anything
    {"203.0.113.9", "198.51.100.1", "203.0.113.9"},
    {"203.0.113.9", "127.0.0.1", "203.0.113.9"},
    // one proxy; the client's own entries are on the left
    {"127.0.0.1", "203.0.113.9", "203.0.113.9"},
    {"127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
    {"::1", "198.51.100.1,203.0.113.9", "203.0.113.9"},
    // a chain of our proxies
    {"127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"},
    {"127.0.0.1", "203.0.113.9, 10.2.2.3, 10.1.2.3", "10.2.2.3"},
    {"127.0.0.1", "10.1.0.7, 10.1.2.3", "10.1.0.7"},
    // both families, also as dual-stack sockets write them
    {"::ffff:127.0.0.1", "2001:db8:2::7", "2001:db8:2::7"},
    {"2001:db8:1::5", "::ffff:203.0.113.9", "203.0.113.9"},
    {"::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"},
    // a malformed address ends the chain
    {"127.0.0.1", "unknown", "127.0.0.1"},
    {"127.0.0.1", "", "127.0.0.1"},
    {"127.0.0.1", "203.0.113.9, , 10.1.2.3", "10.1.2.3"},
    {"127.0.0.1", "203.0.113.9:4711", "127.0.0.1"},
    {"127.0.0.1", "<script>, 203.0.113.9", "203.0.113.9"},
};

static void test_client(void)
{
    PortProxies *proxies = port_proxies_new(ours);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s behind %s", cases[i].peer, cases[i].forwarded);
        g_autofree char *client = port_proxies_client(proxies, cases[i].peer, cases[i].forwarded);
        g_assert_cmpstr(client, ==, cases[i].client);
    }
    port_proxies_free(proxies);
}

static void test_none(void)
{
    PortProxies *proxies = port_proxies_new(NULL);
    g_autofree char *client = port_proxies_client(proxies, "127.0.0.1", "203.0.113.9");
    g_assert_cmpstr(client, ==, "127.0.0.1");
    port_proxies_free(proxies);
}

static void test_subscriber(void)
{
    static const struct {
        const char *address, *subscriber;
    } addresses[] = {
        {"203.0.113.9", "203.0.113.9"},
        {"2001:db8:2:3:4:5:6:7", "2001:db8:2:3::/64"},
        {"2001:db8:2:3::1", "2001:db8:2:3::/64"},
        {"2001:db8:2:4::1", "2001:db8:2:4::/64"},
        {"::1", "::/64"},
        {"fe80::1", "fe80::/64"},
        {"what", "what"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autofree char *subscriber = port_subscriber(addresses[i].address);
        g_assert_cmpstr(subscriber, ==, addresses[i].subscriber);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/port/proxies/client", test_client);
    g_test_add_func("/port/proxies/none", test_none);
    g_test_add_func("/port/proxies/subscriber", test_subscriber);
    return g_test_run();
}
