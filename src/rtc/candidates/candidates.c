// SPDX-License-Identifier: GPL-3.0-or-later
// Lists the addresses of an SDP answer (RFC 8839 5.1, RFC 6544 4.5).
#include "rtc/transport.h"

#include "base/error.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#define MAX_ADDRESSES 16
/* RFC 8445 5.1.2: TCP below UDP (RFC 6544 4.2), as in browsers. */
#define TYPE_UDP 126u
#define TYPE_TCP 90u
#define DIRECTION_PASSIVE 4u

typedef struct {
    uint8_t ips[MAX_ADDRESSES][PROTOCOL_IP_BYTES];
    unsigned n;
} Addresses;

static bool contains(const Addresses *list, const uint8_t ip[PROTOCOL_IP_BYTES])
{
    for (unsigned i = 0; i < list->n; i++) {
        if (memcmp(list->ips[i], ip, PROTOCOL_IP_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static void add(Addresses *list, const uint8_t ip[PROTOCOL_IP_BYTES])
{
    if (list->n < MAX_ADDRESSES && !contains(list, ip)) {
        memcpy(list->ips[list->n++], ip, PROTOCOL_IP_BYTES);
    }
}

static bool is_loopback(const uint8_t ip[PROTOCOL_IP_BYTES])
{
    return protocol_address_is_v4(ip) ? ip[12] == 127
                                      : IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)ip);
}

/* Link-local addresses need an interface. */
static bool usable(const uint8_t ip[PROTOCOL_IP_BYTES])
{
    bool link = protocol_address_is_v4(ip) ? ip[12] == 169 && ip[13] == 254
                                           : IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)ip);
    return !link && !protocol_ip_is_zero(ip);
}

static bool has_family(const struct ifaddrs *one, int family)
{
    return one->ifa_addr != NULL && one->ifa_addr->sa_family == family &&
           (one->ifa_flags & IFF_UP) != 0;
}

/* IPv4 works most often. */
static void add_interfaces(Addresses *list, const RtcTransport *transport)
{
    struct ifaddrs *all;
    int families[] = {AF_INET, AF_INET6};
    if (getifaddrs(&all) < 0) {
        return;
    }
    for (int f = 0; f < (rtc_transport_takes_v6(transport) ? 2 : 1); f++) {
        for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
            uint8_t ip[PROTOCOL_IP_BYTES];
            uint16_t port;
            if (has_family(one, families[f])) {
                protocol_ip_from_sockaddr(one->ifa_addr, ip, &port);
                add(list, ip);
            }
        }
    }
    freeifaddrs(all);
}

static bool is_ours(const RtcTransport *transport, const uint8_t ip[PROTOCOL_IP_BYTES])
{
    const uint8_t *bound = rtc_transport_bound(transport);
    if (bound != NULL) {
        return memcmp(bound, ip, PROTOCOL_IP_BYTES) == 0;
    }
    Addresses own = {.n = 0};
    add_interfaces(&own, transport);
    // all of 127.0.0.0/8 is local
    return contains(&own, ip) || (protocol_address_is_v4(ip) && ip[12] == 127);
}

static bool is_reachable(const RtcTransport *transport, const uint8_t ip[PROTOCOL_IP_BYTES])
{
    const uint8_t *bound = rtc_transport_bound(transport);
    return bound != NULL ? protocol_address_is_v4(bound) == protocol_address_is_v4(ip)
                         : protocol_address_is_v4(ip) || rtc_transport_takes_v6(transport);
}

typedef struct {
    uint8_t local[PROTOCOL_IP_BYTES], outside[PROTOCOL_IP_BYTES];
    bool mapped;
} Public;

static bool read_public(const RtcTransport *transport, const char *entry, Public *out,
                        GError **error)
{
    g_auto(GStrv) sides = g_strsplit(entry, "=", 2);
    const char *why = NULL;
    out->mapped = sides[1] != NULL;
    if (!protocol_ip_parse(out->mapped ? sides[1] : sides[0], out->outside) ||
        (out->mapped && !protocol_ip_parse(sides[0], out->local))) {
        why = "is not an address: write PUBLIC or LOCAL=PUBLIC in numbers";
    } else if (!is_reachable(transport, out->outside)) {
        why = "has an address family that [rtc] listen does not accept";
    } else if (out->mapped && !is_ours(transport, out->local)) {
        why = "names a local address that rtc does not listen on (\"ip address\" lists those of "
              "this machine)";
    }
    if (why != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "rtc: \"%s\" %s.", entry, why);
    }
    return why == NULL;
}

/* Adds the public addresses of `local`; NULL: all. */
static bool add_public(Addresses *list, const RtcTransport *transport, const char *const *entries,
                       const uint8_t *local, GError **error)
{
    for (; *entries != NULL; entries++) {
        Public one;
        if (!read_public(transport, *entries, &one, error)) {
            return false;
        }
        if (local == NULL ||
            (one.mapped ? memcmp(one.local, local, PROTOCOL_IP_BYTES) == 0
                        : protocol_address_is_v4(one.outside) == protocol_address_is_v4(local))) {
            add(list, one.outside);
        }
    }
    return true;
}

static void add_own(Addresses *list, const RtcTransport *transport)
{
    Addresses all = {.n = 0};
    if (rtc_transport_bound(transport) != NULL) {
        add(list, rtc_transport_bound(transport));
        return;
    }
    add_interfaces(&all, transport);
    for (int loopback = 0; loopback < 2 && list->n == 0; loopback++) { // only on isolated machines
        for (unsigned i = 0; i < all.n; i++) {
            if (usable(all.ips[i]) && is_loopback(all.ips[i]) == (loopback != 0)) {
                add(list, all.ips[i]);
            }
        }
    }
}

/* Each transport needs its own foundation (RFC 8445 5.1.1.3). */
static void put(GPtrArray *out, const uint8_t ip[PROTOCOL_IP_BYTES], uint16_t port, bool tcp)
{
    g_autofree char *text = protocol_ip_format(ip);
    unsigned type = tcp ? TYPE_TCP : TYPE_UDP;
    unsigned local = tcp ? DIRECTION_PASSIVE << 13 | (8191 - out->len) : 65535 - out->len;
    g_ptr_array_add(out, g_strdup_printf("%u 1 %s %u %s %u typ host%s", out->len + 1,
                                         tcp ? "tcp" : "udp", type << 24 | local << 8 | 255, text,
                                         port, tcp ? " tcptype passive" : ""));
}

static void put_all(GPtrArray *out, const Addresses *list, uint16_t port, bool tcp)
{
    for (unsigned i = 0; i < list->n; i++) {
        put(out, list->ips[i], port, tcp);
    }
}

static bool is_any_v4(const uint8_t ip[PROTOCOL_IP_BYTES])
{
    static const uint8_t zero[4];
    return protocol_address_is_v4(ip) && memcmp(ip + 12, zero, sizeof zero) == 0;
}

/* 0.0.0.0 and [::] cannot be reached: list all addresses. */
static void put_public_tcp(GPtrArray *out, const RtcTransport *transport,
                           const char *const *entries, const Addresses *list, const char *where)
{
    const char *colon = strrchr(where, ':');
    uint16_t port = (uint16_t)g_ascii_strtoull(colon + 1, NULL, 10);
    size_t length = (size_t)(colon - where);
    g_autofree char *host =
        where[0] == '[' ? g_strndup(where + 1, length - 2) : g_strndup(where, length);
    uint8_t ip[PROTOCOL_IP_BYTES];
    Addresses one = {.n = 0};
    if (port == rtc_transport_port(transport)) {
        return; // same as rtc's own
    }
    if (!protocol_ip_parse(host, ip) || protocol_ip_is_zero(ip)) {
        put_all(out, list, port, true);
        return;
    }
    if (is_any_v4(ip)) {
        for (unsigned i = 0; i < list->n; i++) {
            if (protocol_address_is_v4(list->ips[i])) {
                add(&one, list->ips[i]);
            }
        }
    } else if (entries == NULL || entries[0] == NULL) {
        add(&one, ip);
    } else {
        add_public(&one, transport, entries, ip, NULL); // validated before
    }
    put_all(out, &one, port, true);
}

char **rtc_transport_candidates(const RtcTransport *transport, const char *const *public_addresses,
                                const char *public_tcp, GError **error)
{
    Addresses list = {.n = 0};
    if (public_addresses != NULL && public_addresses[0] != NULL) {
        if (!add_public(&list, transport, public_addresses, NULL, error)) {
            return NULL;
        }
    } else {
        add_own(&list, transport);
    }
    if (list.n == 0) {
        g_set_error_literal(error, BASE_ERROR, BASE_ERROR_FAILED,
                            "rtc found no address to offer: set [rtc] public_addresses.");
        return NULL;
    }
    GPtrArray *out = g_ptr_array_new();
    put_all(out, &list, rtc_transport_port(transport), false);
    put_all(out, &list, rtc_transport_port(transport), true);
    if (public_tcp != NULL) {
        put_public_tcp(out, transport, public_addresses, &list, public_tcp);
    }
    g_ptr_array_add(out, NULL);
    return (char **)g_ptr_array_free(out, FALSE);
}
