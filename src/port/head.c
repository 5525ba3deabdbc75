// SPDX-License-Identifier: GPL-3.0-or-later
// Parses and rewrites request heads and chunk sizes.
#include "port/head.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

#define MAX_METHOD_BYTES 32
#define REQUEST_LINE_REST (MAX_METHOD_BYTES + sizeof "  HTTP/1.1\r\n")

static PortRefusal refused(unsigned status, const char *why)
{
    return (PortRefusal){.status = status, .why = why};
}

static const PortRefusal fine = {0};

size_t port_head_find(const char *bytes, size_t size, PortHeadSearch *search,
                      PortRefusal *out_refusal)
{
    const char *lf;
    *out_refusal = fine;
    while ((lf = memchr(bytes + search->seen, '\n', size - search->seen)) != NULL) {
        size_t end = (size_t)(lf - bytes) + 1, length = end - search->line;
        if (length < 2 || lf[-1] != '\r') {
            *out_refusal = refused(400, "A line of the head ends without CRLF.");
            return 0;
        }
        search->line = search->seen = end;
        if (length == 2 && search->lines > 0) {
            return end;
        }
        if (length == 2 && ++search->blank > PORT_MAX_BLANK_LINES) {
            *out_refusal = refused(400, "Too many empty lines precede the request.");
            return 0;
        }
        search->lines += length > 2;
        if (search->lines > PORT_MAX_FIELDS + 1) {
            *out_refusal = refused(431, "The request has more than 100 header fields.");
            return 0;
        }
    }
    search->seen = size;
    if (search->lines == 0 && size - search->line > PORT_MAX_TARGET_BYTES + REQUEST_LINE_REST) {
        *out_refusal = refused(414, "The address is longer than 8,000 bytes.");
    } else if (size >= PORT_MAX_HEAD_BYTES) {
        *out_refusal = refused(431, "The request's header fields are larger than 32 KB.");
    }
    return 0;
}

/* RFC 9110 5.6.2. */
static bool is_token(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* RFC 9110 5.5. */
static bool is_text(char c)
{
    return (unsigned char)c >= 0x20 ? c != 0x7f : c == '\t';
}

/* Borrowed. */
typedef struct {
    const char *start;
    size_t size;
} Text;

static bool is(Text text, const char *other)
{
    return text.size == strlen(other) && g_ascii_strncasecmp(text.start, other, text.size) == 0;
}

typedef enum { HOST, LENGTH, ENCODING, RANGE, EXPECT, ONCE, DROPPED, OTHER } Kind;

/* Single, hop-by-hop (RFC 9110 7.6.1) or judged fields. */
static const struct {
    const char *name;
    Kind kind;
} known[] = {
    {"Host", HOST},
    {"Content-Length", LENGTH},
    {"Transfer-Encoding", ENCODING},
    {"Range", RANGE},
    {"Expect", EXPECT},
    {"Authorization", ONCE},
    {"Content-Type", ONCE},
    {"Origin", ONCE},
    {"TE", DROPPED},
    {"Trailer", DROPPED},
    {"Keep-Alive", DROPPED},
    {"Proxy-Connection", DROPPED},
    {"HTTP2-Settings", DROPPED},
};

typedef struct {
    const char *at; // to read
    const char *end;
    char *out; // to write, before `at`
    bool bodiless;
    bool http10;
    char authority[256]; // of absolute form, or ""
    unsigned seen[G_N_ELEMENTS(known)];
    PortHead *head;
} Parse;

static void put(Parse *parse, const char *from, size_t size)
{
    memmove(parse->out, from, size);
    parse->out += size;
}

static PortRefusal check_method(Parse *parse, Text method)
{
    static const char *const methods[] = {"GET",   "HEAD",   "OPTIONS", "POST",
                                          "PATCH", "DELETE", "PUT"};
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (method.size == strlen(methods[i]) &&
            memcmp(method.start, methods[i], method.size) == 0) {
            parse->bodiless = i < 3;
            return fine;
        }
    }
    for (size_t i = 0; i < method.size; i++) {
        if (!is_token(method.start[i])) {
            return refused(400, "The method is malformed.");
        }
    }
    return method.size == 0 || method.size > MAX_METHOD_BYTES
               ? refused(400, "The method is malformed.")
               : refused(501, "The server does not know that method.");
}

/* Unescapes a character, advances *at. -1: bad. */
static int unescape(const char **at, const char *end, bool query)
{
    char c = *(*at)++;
    if (!g_ascii_isgraph(c) || c == '#') {
        return -1;
    }
    if (c != '%') {
        return c;
    }
    int high = end - *at >= 2 ? g_ascii_xdigit_value((*at)[0]) : -1;
    int low = high >= 0 ? g_ascii_xdigit_value((*at)[1]) : -1;
    if (low < 0) {
        return -1;
    }
    *at += 2;
    int value = high << 4 | low;
    bool allowed = query ? value != 0 : value >= 0x20 && value != 0x7f && value != '/';
    return allowed ? value : -1;
}

/* No NUL, escaped slash or dot segment: nothing may resolve in two ways. */
static PortRefusal check_path(Text path)
{
    const char *at = path.start, *end = at + path.size;
    size_t length = 0, dots = 0;
    bool query = false;
    while (at < end) {
        bool slash = !query && *at == '/', question = !query && *at == '?';
        if ((slash || question) && dots == length && (dots == 1 || dots == 2)) {
            return refused(400, "The address contains \"..\" or \".\" as a part of its path.");
        }
        int c = unescape(&at, end, query);
        if (c < 0) {
            return refused(400, "The address contains a character or an escape (such as %00 or "
                                "%2F) that is not allowed there.");
        }
        query = query || question;
        length = slash ? 0 : length + 1;
        dots = slash ? 0 : dots + (c == '.');
    }
    return !query && dots == length && (dots == 1 || dots == 2)
               ? refused(400, "The address contains \"..\" or \".\" as a part of its path.")
               : fine;
}

/* Name, IPv4 or bracketed IPv6; 0: malformed. */
static size_t host_size(Text value)
{
    size_t size = 0;
    if (value.size > 0 && value.start[0] == '[') {
        char text[INET6_ADDRSTRLEN] = "";
        struct in6_addr address;
        const char *close = memchr(value.start, ']', value.size);
        size = close != NULL ? (size_t)(close - value.start) + 1 : 0;
        if (size < 2 || size - 2 >= sizeof text) {
            return 0;
        }
        memcpy(text, value.start + 1, size - 2);
        return inet_pton(AF_INET6, text, &address) == 1 ? size : 0;
    }
    while (size < value.size && (g_ascii_isalnum(value.start[size]) ||
                                 memchr(".-_", value.start[size], 3) != NULL)) { // not NUL
        size++;
    }
    return size;
}

/* True for "" too (RFC 3986 3.2.3). */
static bool is_port(Text text)
{
    unsigned port = 0;
    for (size_t i = 1; i < text.size; i++) {
        if (!g_ascii_isdigit(text.start[i])) {
            return false;
        }
        port = MIN(port * 10 + (unsigned)(text.start[i] - '0'), 65536);
    }
    return text.size == 0 || (text.start[0] == ':' && port < 65536);
}

/* Host with optional port. */
static bool is_authority(Text text)
{
    size_t size = host_size(text);
    return size > 0 && is_port((Text){text.start + size, text.size - size});
}

/* Origin form or "*"; splits absolute form. */
static PortRefusal check_target(Parse *parse, Text *target)
{
    if (target->size > PORT_MAX_TARGET_BYTES) {
        return refused(414, "The address is longer than 8,000 bytes.");
    }
    size_t scheme = target->size > 8 && g_ascii_strncasecmp(target->start, "https://", 8) == 0  ? 8
                    : target->size > 7 && g_ascii_strncasecmp(target->start, "http://", 7) == 0 ? 7
                                                                                                : 0;
    if (scheme > 0) {
        const char *from = target->start + scheme;
        const char *slash = memchr(from, '/', target->size - scheme);
        size_t size = slash != NULL ? (size_t)(slash - from) : 0;
        if (!is_authority((Text){from, size}) || size >= sizeof parse->authority) {
            return refused(400, "The address is malformed.");
        }
        memcpy(parse->authority, from, size);
        *target = (Text){slash, target->size - scheme - size};
    }
    if (target->size == 0 || target->start[0] != '/') {
        return refused(400, "The address must begin with a slash.");
    }
    return check_path(*target);
}

static PortRefusal check_version(Parse *parse, Text version)
{
    bool form = version.size == 8 && memcmp(version.start, "HTTP/", 5) == 0 &&
                g_ascii_isdigit(version.start[5]) && version.start[6] == '.' &&
                g_ascii_isdigit(version.start[7]);
    if (!form) {
        return refused(400, "The request line does not end with a version of HTTP.");
    }
    parse->http10 = version.start[7] == '0';
    return version.start[5] == '1' ? fine : refused(505, "The server speaks HTTP/1.1 and 1.0.");
}

static bool has_host(const char *at, const char *end)
{
    while (end - at >= 5 && g_ascii_strncasecmp(at, "Host:", 5) != 0) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        at = lf != NULL ? lf + 1 : end;
    }
    return end - at >= 5;
}

static void put_request_line(Parse *parse, Text method, Text target)
{
    bool adds = parse->http10 && parse->authority[0] == '\0' && !has_host(parse->at, parse->end);
    parse->head->before = adds ? PORT_HEAD_MARGIN_BYTES : 0;
    parse->out -= parse->head->before;
    put(parse, method.start, method.size);
    put(parse, " ", 1);
    put(parse, target.start, target.size);
    put(parse, parse->http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n", 11);
    put(parse, "Host:127.0.0.1\r\n", parse->head->before);
}

static PortRefusal request_line(Parse *parse, Text line)
{
    const char *end = line.start + line.size;
    const char *first = memchr(line.start, ' ', line.size);
    const char *second = first != NULL ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (second == NULL) {
        return refused(400, "The request line is not METHOD ADDRESS VERSION.");
    }
    Text method = {line.start, (size_t)(first - line.start)};
    Text target = {first + 1, (size_t)(second - first - 1)};
    PortRefusal refusal = check_method(parse, method);
    if (refusal.status == 0) {
        refusal = check_version(parse, (Text){second + 1, (size_t)(end - second - 1)});
    }
    if (refusal.status == 0) {
        refusal = check_target(parse, &target);
    }
    if (refusal.status == 0) {
        put_request_line(parse, method, target);
    }
    return refusal;
}

static PortRefusal check_host(const Parse *parse, Text value)
{
    if (value.size > 0 && !is_authority(value)) {
        return refused(400, "The Host field is malformed.");
    }
    if (value.size == 0 || (parse->authority[0] != '\0' && !is(value, parse->authority))) {
        return refused(400, "The Host field is empty, or differs from the address.");
    }
    return fine;
}

static PortRefusal check_length(Parse *parse, Text value)
{
    uint64_t length = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (!g_ascii_isdigit(value.start[i])) {
            return refused(400, "Content-Length is not a number.");
        }
        length = length * 10 + (uint64_t)(value.start[i] - '0'); // may wrap: refused then
    }
    parse->head->length = length;
    return value.size == 0                       ? refused(400, "Content-Length is not a number.")
           : value.size > PORT_MAX_LENGTH_DIGITS ? refused(413, "The body is too large.")
                                                 : fine;
}

static PortRefusal check_value(Parse *parse, Kind kind, Text value)
{
    switch (kind) {
    case HOST:
        return check_host(parse, value);
    case LENGTH:
        return check_length(parse, value);
    case ENCODING:
        parse->head->chunked = true;
        return is(value, "chunked")
                   ? fine
                   : refused(501, "The only supported transfer coding is chunked.");
    case EXPECT:
        return is(value, "100-continue") ? fine : refused(417, "Expect must be 100-continue.");
    case RANGE:
        if (value.size < PORT_MAX_RANGE_BYTES) {
            memcpy(parse->head->range, value.start, value.size);
        }
        return fine;
    default:
        return fine;
    }
}

/* Refuses repetitions. */
static PortRefusal classify(Parse *parse, Text name, Kind *out_kind)
{
    *out_kind = OTHER;
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (is(name, known[i].name)) {
            *out_kind = known[i].kind;
            bool again = parse->seen[i]++ > 0;
            return again && known[i].kind != DROPPED
                       ? refused(400, "A header field that may occur only once occurs twice.")
                       : fine;
        }
    }
    return fine;
}

static PortRefusal field(Parse *parse, Text line)
{
    const char *at = line.start, *end = at + line.size;
    while (at < end && is_token(*at)) {
        at++;
    }
    Text name = {line.start, (size_t)(at - line.start)};
    if (name.size == 0 || at == end || *at != ':') {
        return refused(400, "A header field is malformed, begins with a space, or has one before "
                            "its colon.");
    }
    at++;
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    Text value = {at, (size_t)(end - at)};
    for (; at < end; at++) {
        if (!is_text(*at)) {
            return refused(400, "A header field contains a control character.");
        }
    }
    Kind kind;
    PortRefusal refusal = classify(parse, name, &kind);
    if (refusal.status == 0) {
        refusal = check_value(parse, kind, value);
    }
    // libsoup removes fields named by Connection in HTTP/1.0
    bool dropped = kind == DROPPED || kind == RANGE || (parse->http10 && is(name, "Connection"));
    if (refusal.status == 0 && !dropped) {
        put(parse, name.start, name.size);
        *parse->out++ = ':';
        put(parse, value.start, value.size);
        put(parse, "\r\n", 2);
    }
    return refusal;
}

/* RFC 9112 3.2, 6.1, 6.3. */
static PortRefusal check_whole(const Parse *parse)
{
    bool host = parse->seen[HOST] > 0, length = parse->seen[LENGTH] > 0;
    const PortHead *head = parse->head;
    if (!host && (!parse->http10 || parse->authority[0] != '\0')) {
        return refused(400, "The Host field is missing.");
    }
    if (head->chunked && (length || parse->http10)) {
        return refused(400, "The body's length is ambiguous.");
    }
    if (parse->bodiless && (head->chunked || head->length > 0)) {
        return refused(400, "A request of that method has no body.");
    }
    return fine;
}

PortRefusal port_head_rewrite(char *bytes, size_t size, PortHead *out_head)
{
    *out_head = (PortHead){0};
    const char *end = bytes + size;
    Parse parse = {.at = bytes, .end = end, .out = bytes, .head = out_head};
    bool first = true;
    while (parse.at < end) {
        const char *lf = memchr(parse.at, '\n', (size_t)(end - parse.at));
        g_assert(lf != NULL && lf > parse.at);
        Text line = {parse.at, (size_t)(lf - 1 - parse.at)}; // without CRLF
        parse.at = lf + 1;
        if (line.size > 0) {
            PortRefusal refusal = first ? request_line(&parse, line) : field(&parse, line);
            first = false;
            if (refusal.status != 0) {
                return refusal;
            }
        }
    }
    PortRefusal refusal = check_whole(&parse);
    put(&parse, "\r\n", 2);
    out_head->size = (size_t)(parse.out - bytes) + out_head->before;
    return refusal;
}

int64_t port_chunk_size(const char *line, size_t size)
{
    int64_t value = 0;
    if (size < 3 || size - 2 > PORT_MAX_CHUNK_DIGITS || line[size - 2] != '\r' ||
        line[size - 1] != '\n') {
        return -1;
    }
    for (size_t i = 0; i < size - 2; i++) {
        int digit = g_ascii_xdigit_value(line[i]);
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}
