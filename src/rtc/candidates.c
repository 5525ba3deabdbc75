// SPDX-License-Identifier: GPL-3.0-or-later
// Which addresses an answer names, and how (RFC 8839 5.1, RFC 6544 4.5).
#include "rtc/socket.h"

#include "base/error.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#define MAX_ADDRESSES 16
/* RFC 8445 5.1.2. Type preferences: any TCP below all UDP (RFC 6544 4.2; as browsers rank their
 * own). Passive is direction 4. */
#define TYPE_UDP 126u
#define TYPE_TCP 90u
#define DIRECTION_PASSIVE 4u

typedef struct {
    uint8_t ips[MAX_ADDRESSES][RTC_IP_BYTES];
    unsigned n;
} Addresses;

static bool contains(const Addresses *list, const uint8_t ip[RTC_IP_BYTES])
{
    for (unsigned i = 0; i < list->n; i++) {
        if (memcmp(list->ips[i], ip, RTC_IP_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static void add(Addresses *list, const uint8_t ip[RTC_IP_BYTES])
{
    if (list->n < MAX_ADDRESSES && !contains(list, ip)) {
        memcpy(list->ips[list->n++], ip, RTC_IP_BYTES);
    }
}

static bool is_loopback(const uint8_t ip[RTC_IP_BYTES])
{
    return rtc_address_is_v4(ip) ? ip[12] == 127
                                 : IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)ip);
}

/* Link-local ones mean nothing without an interface. */
static bool usable(const uint8_t ip[RTC_IP_BYTES])
{
    bool link = rtc_address_is_v4(ip) ? ip[12] == 169 && ip[13] == 254
                                      : IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)ip);
    return !link && !rtc_ip_is_zero(ip);
}

static bool has_family(const struct ifaddrs *one, int family)
{
    return one->ifa_addr != NULL && one->ifa_addr->sa_family == family &&
           (one->ifa_flags & IFF_UP) != 0;
}

/* The machine's. IPv4 first: a check that gets through at once saves the peer a time-out. */
static void add_interfaces(Addresses *list, const RtcSocket *sock)
{
    struct ifaddrs *all;
    int families[] = {AF_INET, AF_INET6};
    if (getifaddrs(&all) < 0) {
        return;
    }
    for (int f = 0; f < (rtc_socket_takes_v6(sock) ? 2 : 1); f++) {
        for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
            uint8_t ip[RTC_IP_BYTES];
            uint16_t port;
            if (has_family(one, families[f])) {
                rtc_ip_take(one->ifa_addr, ip, &port);
                add(list, ip);
            }
        }
    }
    freeifaddrs(all);
}

/* Where packets for it come in: at the address that we are bound to, or at one of the machine's. */
static bool is_ours(const RtcSocket *sock, const uint8_t ip[RTC_IP_BYTES])
{
    const uint8_t *bound = rtc_socket_bound(sock);
    if (bound != NULL) {
        return memcmp(bound, ip, RTC_IP_BYTES) == 0;
    }
    Addresses own = {.n = 0};
    add_interfaces(&own, sock);
    // all of 127.0.0.0/8 is, though the interface names one
    return contains(&own, ip) || (rtc_address_is_v4(ip) && ip[12] == 127);
}

/* A packet for it can come in at all. */
static bool has_way(const RtcSocket *sock, const uint8_t ip[RTC_IP_BYTES])
{
    const uint8_t *bound = rtc_socket_bound(sock);
    return bound != NULL ? rtc_address_is_v4(bound) == rtc_address_is_v4(ip)
                         : rtc_address_is_v4(ip) || rtc_socket_takes_v6(sock);
}

typedef struct {
    uint8_t local[RTC_IP_BYTES], outside[RTC_IP_BYTES];
    bool mapped; // `local` is said
} Public;

/* "public" or "local=public". */
static bool read_public(const RtcSocket *sock, const char *entry, Public *out, GError **error)
{
    g_auto(GStrv) sides = g_strsplit(entry, "=", 2);
    const char *why = NULL;
    out->mapped = sides[1] != NULL;
    if (!rtc_ip_parse(out->mapped ? sides[1] : sides[0], out->outside) ||
        (out->mapped && !rtc_ip_parse(sides[0], out->local))) {
        why = "is not an address: write PUBLIC or LOCAL=PUBLIC in numbers";
    } else if (!has_way(sock, out->outside)) {
        why = "is of a family that [rtc] listen does not take in";
    } else if (out->mapped && !is_ours(sock, out->local)) {
        why = "names a local address that rtc does not listen on (\"ip address\" lists those of "
              "this machine)";
    }
    if (why != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "rtc: \"%s\" %s.", entry, why);
    }
    return why == NULL;
}

/* Those behind which `local` is (NULL: all). */
static bool add_public(Addresses *list, const RtcSocket *sock, const char *const *entries,
                       const uint8_t *local, GError **error)
{
    for (; *entries != NULL; entries++) {
        Public one;
        if (!read_public(sock, *entries, &one, error)) {
            return false;
        }
        if (local == NULL ||
            (one.mapped ? memcmp(one.local, local, RTC_IP_BYTES) == 0
                        : rtc_address_is_v4(one.outside) == rtc_address_is_v4(local))) {
            add(list, one.outside);
        }
    }
    return true;
}

static void add_own(Addresses *list, const RtcSocket *sock)
{
    Addresses all = {.n = 0};
    if (rtc_socket_bound(sock) != NULL) {
        add(list, rtc_socket_bound(sock));
        return;
    }
    add_interfaces(&all, sock);
    for (int loopback = 0; loopback < 2 && list->n == 0; loopback++) { // a machine on its own
        for (unsigned i = 0; i < all.n; i++) {
            if (usable(all.ips[i]) && is_loopback(all.ips[i]) == (loopback != 0)) {
                add(list, all.ips[i]);
            }
        }
    }
}

/* One component. What differs in transport differs in foundation (RFC 8445 5.1.1.3). */
static void put(GPtrArray *out, const uint8_t ip[RTC_IP_BYTES], uint16_t port, bool tcp)
{
    g_autofree char *text = rtc_ip_format(ip);
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

static bool is_any_v4(const uint8_t ip[RTC_IP_BYTES])
{
    static const uint8_t zero[4];
    return rtc_address_is_v4(ip) && memcmp(ip + 12, zero, sizeof zero) == 0;
}

/* "ADDRESS:PORT", "[v6]:PORT" or ":PORT"; 0.0.0.0 and [::] are where it listens, not where it is
 * reached. */
static void put_public_tcp(GPtrArray *out, const RtcSocket *sock, const char *const *entries,
                           const Addresses *list, const char *where)
{
    const char *colon = strrchr(where, ':');
    uint16_t port = (uint16_t)g_ascii_strtoull(colon + 1, NULL, 10);
    size_t length = (size_t)(colon - where);
    g_autofree char *host =
        where[0] == '[' ? g_strndup(where + 1, length - 2) : g_strndup(where, length);
    uint8_t ip[RTC_IP_BYTES];
    Addresses one = {.n = 0};
    if (port == rtc_socket_port(sock)) {
        return; // no other way
    }
    if (!rtc_ip_parse(host, ip) || rtc_ip_is_zero(ip)) {
        put_all(out, list, port, true);
        return;
    }
    if (is_any_v4(ip)) {
        for (unsigned i = 0; i < list->n; i++) {
            if (rtc_address_is_v4(list->ips[i])) {
                add(&one, list->ips[i]);
            }
        }
    } else if (entries == NULL || entries[0] == NULL) {
        add(&one, ip);
    } else {
        add_public(&one, sock, entries, ip, NULL); // read before without an error
    }
    put_all(out, &one, port, true);
}

char **rtc_socket_candidates(const RtcSocket *sock, const char *const *public_addresses,
                             const char *public_tcp, GError **error)
{
    Addresses list = {.n = 0};
    if (public_addresses != NULL && public_addresses[0] != NULL) {
        if (!add_public(&list, sock, public_addresses, NULL, error)) {
            return NULL;
        }
    } else {
        add_own(&list, sock);
    }
    if (list.n == 0) {
        g_set_error_literal(error, BASE_ERROR, BASE_ERROR_FAILED,
                            "rtc found no address to offer: set [rtc] public_addresses.");
        return NULL;
    }
    GPtrArray *out = g_ptr_array_new();
    put_all(out, &list, rtc_socket_port(sock), false);
    put_all(out, &list, rtc_socket_port(sock), true);
    if (public_tcp != NULL) {
        put_public_tcp(out, sock, public_addresses, &list, public_tcp);
    }
    g_ptr_array_add(out, NULL);
    return (char **)g_ptr_array_free(out, FALSE);
}
