// SPDX-License-Identifier: GPL-3.0-or-later
// Parses, formats and compares IP addresses.
#include "protocol/address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>

static void map_v4(uint8_t out[PROTOCOL_IP_BYTES], const struct in_addr *in)
{
    memset(out, 0, 10);
    out[10] = out[11] = 0xff;
    memcpy(out + 12, in, 4);
}

bool protocol_ip_parse(const char *text, uint8_t out[PROTOCOL_IP_BYTES])
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        map_v4(out, &v4);
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1;
}

char *protocol_ip_format(const uint8_t ip[PROTOCOL_IP_BYTES])
{
    char text[INET6_ADDRSTRLEN];
    if (protocol_address_is_v4(ip)) {
        inet_ntop(AF_INET, ip + 12, text, sizeof text);
    } else {
        inet_ntop(AF_INET6, ip, text, sizeof text);
    }
    return g_strdup(text);
}

void protocol_ip_from_sockaddr(const struct sockaddr *address, uint8_t out[PROTOCOL_IP_BYTES],
                               uint16_t *out_port)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        map_v4(out, &v4->sin_addr);
        *out_port = ntohs(v4->sin_port);
    } else {
        const struct sockaddr_in6 *v6 = (const void *)address;
        memcpy(out, &v6->sin6_addr, PROTOCOL_IP_BYTES);
        *out_port = ntohs(v6->sin6_port);
    }
}
