// SPDX-License-Identifier: GPL-3.0-or-later
// One viewer: asks by HTTP, checks, shakes hands, counts, reports, leaves.
#include "load.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST 16                 // messages taken in one call
#define CHECK_EVERY_US 5000000   // consent (RFC 7675), give or take a fifth
#define FEEDBACK_EVERY_US 100000 // transport-wide
#define HANDSHAKE_LOOK_US 50000  // at OpenSSL's timer
#define GIVE_UP_CHECKS 9         // 50 ms, doubled each time up to 1.6 s
#define RECEIVE_BUFFER (1024 * 1024)
#define MAX_ARRIVALS 512
#define MAX_RTCP 1400

static const unsigned clocks[KINDS] = {48000, 90000, 90000};

void viewer_count_error(const char *what)
{
    errors_add(totals.errors, what, 1);
}

void viewer_close(Viewer *viewer, ViewerState state)
{
    g_clear_pointer(&viewer->web, web_free);
    g_clear_pointer(&viewer->resource, g_free);
    g_clear_pointer(&viewer->secure, secure_free);
    g_clear_pointer(&viewer->receive, srtp_dealloc);
    g_clear_pointer(&viewer->send, srtp_dealloc);
    if (viewer->fd >= 0) {
        totals.socket_drops += measure_socket_drops(viewer->fd);
        close(viewer->fd);
        viewer->fd = -1;
    }
    viewer->state = state;
}

static void fail(Viewer *viewer, const char *what)
{
    viewer_count_error(what);
    viewer_close(viewer, VIEWER_FAILED);
}

static void random_text(char *out, size_t size)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
    for (size_t i = 0; i < size; i++) {
        out[i] = letters[g_random_int_range(0, 64)];
    }
    out[size] = '\0';
}

static void ask(Viewer *viewer, const char *method, const char *path, const char *type,
                const char *body)
{
    web_free(viewer->web);
    viewer->web = web_ask(&setup.server, method, path, viewer->token, type, body, poll_fd, viewer);
}

/* Janus's HTTP API: create, attach, watch, its offer by a long poll, start with our answer */

enum { JANUS_CREATE, JANUS_ATTACH, JANUS_WATCH, JANUS_POLL, JANUS_START };

static void ask_janus(Viewer *viewer, unsigned step)
{
    g_autofree char *session =
        g_strdup_printf("%s/%" G_GUINT64_FORMAT, setup.server.path, viewer->janus_session);
    g_autofree char *handle =
        g_strdup_printf("%s/%" G_GUINT64_FORMAT, session, viewer->janus_handle);
    g_autofree char *body = NULL;
    const char *path = step == JANUS_CREATE   ? setup.server.path
                       : step == JANUS_ATTACH ? session
                                              : handle;
    viewer->step = step;
    switch (step) {
    case JANUS_CREATE:
        body = g_strdup("{\"janus\":\"create\",\"transaction\":\"1\"}");
        break;
    case JANUS_ATTACH:
        body = g_strdup("{\"janus\":\"attach\",\"transaction\":\"2\","
                        "\"plugin\":\"janus.plugin.streaming\"}");
        break;
    case JANUS_WATCH:
        body = g_strdup_printf("{\"janus\":\"message\",\"transaction\":\"3\","
                               "\"body\":{\"request\":\"watch\",\"id\":%d}}",
                               setup.janus);
        break;
    case JANUS_START: {
        g_autofree char *sdp =
            wire_answer(&viewer->remote, viewer->ufrag, viewer->pwd, secure_fingerprint());
        g_auto(GStrv) lines = g_strsplit(sdp, "\r\n", -1);
        g_autofree char *escaped = g_strjoinv("\\r\\n", lines);
        body = g_strdup_printf("{\"janus\":\"message\",\"transaction\":\"4\","
                               "\"body\":{\"request\":\"start\"},"
                               "\"jsep\":{\"type\":\"answer\",\"sdp\":\"%s\"}}",
                               escaped);
        break;
    }
    default:
        ask(viewer, "GET", session, NULL, NULL);
        return;
    }
    ask(viewer, "POST", path, "application/json", body);
}

static uint64_t json_id(const char *json)
{
    const char *data = strstr(json, "\"data\"");
    const char *id = data != NULL ? strstr(data, "\"id\"") : NULL;
    return id != NULL ? g_ascii_strtoull(id + strcspn(id, "0123456789"), NULL, 10) : 0;
}

/* Full ownership, nullable. */
static char *json_sdp(const char *json)
{
    const char *at = strstr(json, "\"sdp\"");
    at = at != NULL ? strchr(at + 5, '"') : NULL;
    if (at == NULL) {
        return NULL;
    }
    GString *text = g_string_new(NULL);
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
            g_string_append_c(text, *at == 'r' ? '\r' : *at == 'n' ? '\n' : *at);
        } else {
            g_string_append_c(text, *at);
        }
    }
    return g_string_free(text, FALSE);
}

/* STUN */

static void send_check(Viewer *viewer, int64_t at_us)
{
    uint8_t bytes[STUN_BYTES];
    for (unsigned i = 0; i < 3; i++) {
        base_put_u32(viewer->transaction + 4 * i, g_random_int());
    }
    g_autofree char *username = g_strdup_printf("%s:%s", viewer->remote.ufrag, viewer->ufrag);
    size_t size = wire_check(username, viewer->remote.pwd, viewer->transaction, bytes);
    viewer->checked_us = at_us;
    (void)!send(viewer->fd, bytes, size, 0);
}

static void start_checking(Viewer *viewer)
{
    viewer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (viewer->fd < 0 || connect(viewer->fd, (struct sockaddr *)&viewer->remote.address,
                                  sizeof viewer->remote.address) < 0) {
        fail(viewer, "no socket");
        return;
    }
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &(int){RECEIVE_BUFFER}, sizeof(int));
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){RECEIVE_BUFFER}, sizeof(int));
    measure_note_arrivals(viewer->fd);
    if (setup.gro) {
        setsockopt(viewer->fd, IPPROTO_UDP, UDP_GRO, &(int){1}, sizeof(int));
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = viewer};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, viewer->fd, &event);
    viewer->state = VIEWER_CHECKING;
    viewer->tries = 1;
    int64_t at_us = now_us();
    viewer->due_us = at_us + 50000;
    send_check(viewer, at_us);
}

/* HTTP's answers */

static void take_sdp(Viewer *viewer, const char *sdp)
{
    if (sdp == NULL || !wire_read_sdp(sdp, &viewer->remote)) {
        fail(viewer, "unusable SDP");
    } else if (setup.janus >= 0) {
        ask_janus(viewer, JANUS_START);
    } else {
        start_checking(viewer);
    }
}

static void take_janus_answer(Viewer *viewer, const WebAnswer *answer)
{
    g_autofree char *sdp = NULL;
    if (answer->status != 200) {
        fail(viewer, "Janus refused");
        return;
    }
    switch (viewer->step) {
    case JANUS_CREATE:
        viewer->janus_session = json_id(answer->body);
        ask_janus(viewer, JANUS_ATTACH);
        break;
    case JANUS_ATTACH:
        viewer->janus_handle = json_id(answer->body);
        ask_janus(viewer, JANUS_WATCH);
        break;
    case JANUS_WATCH:
        ask_janus(viewer, JANUS_POLL);
        break;
    case JANUS_POLL:
        sdp = json_sdp(answer->body);
        if (sdp == NULL) {
            ask_janus(viewer, JANUS_POLL); // another event
        } else {
            take_sdp(viewer, sdp);
        }
        break;
    case JANUS_START:
        g_clear_pointer(&viewer->web, web_free);
        start_checking(viewer);
        break;
    default:
        break;
    }
}

static void take_whep_answer(Viewer *viewer, const WebAnswer *answer)
{
    if (answer->status != 201 || answer->location == NULL) {
        g_autofree char *what = g_strdup_printf("POST: status %d", answer->status);
        fail(viewer, what);
        return;
    }
    viewer->resource = g_strdup(answer->location);
    figures_add_us(totals.asked, now_us() - viewer->asked_us);
    g_autofree char *sdp = g_strdup(answer->body);
    g_clear_pointer(&viewer->web, web_free);
    take_sdp(viewer, sdp);
}

static void web_event(Viewer *viewer)
{
    WebAnswer answer;
    if (!web_go_on(viewer->web, &answer)) {
        return;
    }
    if (viewer->state == VIEWER_LEAVING) {
        if (answer.status != 200) {
            viewer_count_error("DELETE failed");
        }
        viewer_close(viewer, VIEWER_IDLE);
    } else if (setup.janus >= 0) {
        take_janus_answer(viewer, &answer);
    } else {
        take_whep_answer(viewer, &answer);
    }
}

void viewer_start(Viewer *viewer)
{
    viewer->fd = -1;
    viewer->first_rtp_us = viewer->first_key_us = viewer->leave_us = viewer->checked_us = 0;
    viewer->keyframe = (KeyFrame){0};
    memset(viewer->sources, 0, sizeof viewer->sources);
    random_text(viewer->ufrag, UFRAG_BYTES);
    random_text(viewer->pwd, PWD_BYTES);
    viewer->ssrc = g_random_int();
    viewer->state = VIEWER_ASKING;
    viewer->asked_us = now_us();
    if (setup.janus >= 0) {
        ask_janus(viewer, JANUS_CREATE);
        return;
    }
    g_autofree char *offer =
        wire_offer(viewer->ufrag, viewer->pwd, secure_fingerprint(), &setup.offer);
    ask(viewer, "POST", setup.server.path, "application/sdp", offer);
}

/* What comes by UDP */

static void take_keys_or_fail(Viewer *viewer, int result)
{
    if (result < 0) {
        fail(viewer, "DTLS failed");
    } else if (result > 0) {
        int64_t at_us = now_us();
        secure_keys(viewer->secure, &viewer->receive, &viewer->send);
        viewer->state = VIEWER_PLAYING;
        // from here on looked at by the clock: being woken is not the server's to pay
        epoll_ctl(poll_fd, EPOLL_CTL_DEL, viewer->fd, NULL);
        viewer->check_us = at_us + g_random_int_range(0, CHECK_EVERY_US);
        viewer->report_us = at_us + g_random_int_range(0, 1000) * (int)setup.report_ms;
        viewer->feedback_us = at_us + FEEDBACK_EVERY_US;
    }
}

static void take_stun(Viewer *viewer, const uint8_t *bytes, size_t size)
{
    uint16_t type = base_get_u16(bytes);
    if (size < 20) {
        return;
    }
    if (type == 0x0001) { // they check too
        uint8_t answer[STUN_BYTES];
        size_t length = wire_check_answer(bytes, viewer->pwd, &viewer->remote.address, answer);
        (void)!send(viewer->fd, answer, length, 0);
    } else if (type == 0x0101 && memcmp(bytes + 8, viewer->transaction, 12) == 0) {
        if (viewer->checked_us > 0) {
            figures_add_us(totals.check_rtt, now_us() - viewer->checked_us);
        }
        viewer->checked_us = 0;
        if (viewer->state == VIEWER_CHECKING) {
            viewer->state = VIEWER_SHAKING;
            viewer->due_us = now_us() + HANDSHAKE_LOOK_US;
            viewer->secure =
                secure_new(viewer->fd, viewer->remote.fingerprint, viewer->remote.active);
            take_keys_or_fail(viewer, secure_take(viewer->secure, NULL, 0));
        }
    } else if (type == 0x0111) {
        viewer_count_error("STUN error");
    }
}

/* Where the payload starts, or 0. */
static size_t payload_at(const uint8_t *packet, size_t size)
{
    size_t at = 12 + 4 * (size_t)(packet[0] & 0x0f);
    if (packet[0] & 0x10) {
        at += at + 4 <= size ? 4 + 4 * (size_t)base_get_u16(packet + at + 2) : size;
    }
    return at < size ? at : 0;
}

/* RFC 8285 one-byte elements; they are not encrypted. */
static void note_transport(Viewer *viewer, const uint8_t *packet, size_t payload, int64_t at_us)
{
    size_t at = 12 + 4 * (size_t)(packet[0] & 0x0f);
    if (!(packet[0] & 0x10) || base_get_u16(packet + at) != 0xbede) {
        return;
    }
    for (at += 4; at + 3 <= payload;) {
        unsigned id = packet[at] >> 4, length = (packet[at] & 0x0f) + 1u;
        if (id == viewer->remote.twcc && length == 2 && viewer->arrivals->len < MAX_ARRIVALS) {
            Arrival arrival = {.sequence = base_get_u16(packet + at + 1), .at_us = at_us};
            Arrival *last = viewer->arrivals->len > 0 ? &g_array_index(viewer->arrivals, Arrival,
                                                                       viewer->arrivals->len - 1)
                                                      : NULL;
            if (last == NULL || (int16_t)(uint16_t)(arrival.sequence - last->sequence) > 0) {
                g_array_append_val(viewer->arrivals, arrival);
            }
        }
        at += packet[at] == 0 ? 1 : 1 + length;
    }
}

static void note_mix(size_t size)
{
    uint16_t value = (uint16_t)size;
    if (totals.mix.steps->len == 0 || totals.mix_opens) {
        MixStep step = {.first = totals.mix.sizes->len};
        g_array_append_val(totals.mix.steps, step);
        totals.mix_opens = false;
    }
    g_array_append_val(totals.mix.sizes, value);
    g_array_index(totals.mix.steps, MixStep, totals.mix.steps->len - 1).n++;
}

static void got_key_frame(Viewer *viewer, int64_t at_us)
{
    viewer->first_key_us = at_us;
    figures_add_us(totals.first_key, at_us - viewer->asked_us);
}

/* All of a sample of viewers; else the first key frame and resends, whose payload names the
 * original. */
static bool must_decrypt(const Viewer *viewer, Kind kind)
{
    return viewer->index < setup.verify || viewer->first_key_us == 0 || kind == KIND_RTX;
}

/* `packet` is plain from here on. */
static void take_plain(Viewer *viewer, Kind kind, uint8_t *packet, size_t size, int64_t at_us)
{
    size_t at = payload_at(packet, size);
    uint16_t sequence = base_get_u16(packet + 2);
    totals.verified++;
    if (at == 0 || kind == KIND_AUDIO) {
        return;
    }
    if (kind == KIND_RTX) { // RFC 4588: the original number, then its payload
        if (at + 2 >= size) {
            return;
        }
        sequence = base_get_u16(packet + at);
        at += 2;
        totals.resent_rtx++;
        count_recovered(&viewer->sources[KIND_VIDEO], sequence);
    }
    if (viewer->first_key_us == 0 &&
        keyframe_take(&viewer->keyframe, sequence, base_get_u32(packet + 4), packet[1] >> 7,
                      packet + at, size - at)) {
        got_key_frame(viewer, at_us);
    }
}

static bool is_lost(void)
{
    return setup.loss > 0 && g_random_double() < setup.loss;
}

static void take_rtp(Viewer *viewer, uint8_t *packet, size_t size, int64_t at_us)
{
    int format = packet[1] & 0x7f;
    Kind kind = format == viewer->remote.audio   ? KIND_AUDIO
                : format == viewer->remote.video ? KIND_VIDEO
                                                 : KIND_RTX;
    if (kind == KIND_RTX && format != viewer->remote.rtx) {
        viewer_count_error("foreign payload type");
        return;
    }
    if (viewer->index == 0 && totals.mixing) {
        note_mix(size);
    }
    if (is_lost()) {
        totals.simulated++;
        return;
    }
    if (viewer->first_rtp_us == 0) {
        viewer->first_rtp_us = at_us;
        figures_add_us(totals.first_rtp, at_us - viewer->asked_us);
    }
    if (viewer->remote.twcc != 0 && setup.offer.twcc) {
        note_transport(viewer, packet, payload_at(packet, size), at_us);
    }
    bool fresh = count_take(&viewer->sources[kind], packet, size, clocks[kind], at_us);
    if (fresh && must_decrypt(viewer, kind)) {
        int plain = (int)size;
        if (srtp_unprotect(viewer->receive, packet, &plain) == srtp_err_status_ok) {
            take_plain(viewer, kind, packet, (size_t)plain, at_us);
        } else {
            totals.bad++;
        }
    }
}

static void take_rtcp(Viewer *viewer, uint8_t *packet, size_t size, int64_t at_us)
{
    int plain = (int)size;
    totals.reports++;
    if (srtp_unprotect_rtcp(viewer->receive, packet, &plain) != srtp_err_status_ok) {
        totals.bad++;
        return;
    }
    for (int at = 0; at + 28 <= plain; at += 4 + 4 * base_get_u16(packet + at + 2)) {
        for (unsigned kind = 0; kind < KINDS && packet[at + 1] == 200; kind++) {
            Source *source = &viewer->sources[kind];
            if (source->begun && source->ssrc == base_get_u32(packet + at + 4)) {
                source->sr_middle = base_get_u32(packet + at + 10);
                source->sr_us = at_us;
            }
        }
    }
}

static void take_packet(Viewer *viewer, uint8_t *packet, size_t size, int64_t at_us)
{
    if (size < 12) {
        return;
    }
    if (packet[0] < 4) {
        take_stun(viewer, packet, size);
    } else if (packet[0] < 64) {
        if (viewer->state == VIEWER_SHAKING) {
            take_keys_or_fail(viewer, secure_take(viewer->secure, packet, size));
        }
    } else if (viewer->state == VIEWER_PLAYING) {
        if (packet[1] >= 192 && packet[1] <= 223) {
            take_rtcp(viewer, packet, size, at_us);
        } else {
            take_rtp(viewer, packet, size, at_us);
        }
    }
}

typedef struct {
    struct mmsghdr messages[BURST];
    struct iovec vectors[BURST];
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(sizeof(int)) + MEASURE_CONTROL_BYTES];
    } controls[BURST];
    uint8_t bytes[BURST][MAX_DATAGRAM];
} Inbox;

static Inbox *ready_inbox(void)
{
    static _Thread_local Inbox *inbox;
    if (inbox == NULL) {
        inbox = g_new0(Inbox, 1);
    }
    for (unsigned i = 0; i < BURST; i++) {
        inbox->vectors[i] = (struct iovec){inbox->bytes[i], MAX_DATAGRAM};
        inbox->messages[i].msg_hdr = (struct msghdr){.msg_iov = &inbox->vectors[i],
                                                     .msg_iovlen = 1,
                                                     .msg_control = &inbox->controls[i],
                                                     .msg_controllen = sizeof inbox->controls[i]};
    }
    return inbox;
}

/* With UDP_GRO a message is a run of packets, all but the last of this size. */
static size_t segment_of(struct mmsghdr *message)
{
    int size = 0;
    for (struct cmsghdr *control = CMSG_FIRSTHDR(&message->msg_hdr); control != NULL;
         control = CMSG_NXTHDR(&message->msg_hdr, control)) {
        if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
            memcpy(&size, CMSG_DATA(control), sizeof size);
        }
    }
    return size > 0 ? (size_t)size : MAX_DATAGRAM;
}

static void udp_event(Viewer *viewer)
{
    int got = BURST;
    totals.mix_opens = true;
    while (got == BURST && viewer->fd >= 0) {
        Inbox *inbox = ready_inbox();
        got = recvmmsg(viewer->fd, inbox->messages, BURST, MSG_DONTWAIT, NULL);
        for (int i = 0; i < got && viewer->fd >= 0; i++) {
            int64_t arrived_us = measure_arrived_us(&inbox->messages[i].msg_hdr);
            int64_t at_us = arrived_us > 0 ? arrived_us : now_us();
            size_t segment = segment_of(&inbox->messages[i]), all = inbox->messages[i].msg_len;
            for (size_t at = 0; at < all && viewer->fd >= 0; at += segment) {
                take_packet(viewer, inbox->bytes[i] + at, MIN(segment, all - at), at_us);
            }
        }
    }
}

void viewer_event(Viewer *viewer)
{
    if (viewer->web != NULL) {
        web_event(viewer);
    }
    if (viewer->fd >= 0) {
        udp_event(viewer);
    }
}

/* What goes out by itself */

static void send_rtcp(Viewer *viewer, uint8_t *bytes, size_t size)
{
    int length = (int)size;
    if (srtp_protect_rtcp(viewer->send, bytes, &length) == srtp_err_status_ok) {
        (void)!send(viewer->fd, bytes, (size_t)length, 0);
    }
}

/* Every compound begins with it. */
static size_t put_report(Viewer *viewer, bool with_blocks, int64_t at_us, uint8_t *out)
{
    ReportBlock blocks[KINDS];
    unsigned n = 0;
    for (unsigned kind = 0; with_blocks && kind < KIND_RTX; kind++) {
        if (viewer->sources[kind].begun) {
            blocks[n++] = count_report(&viewer->sources[kind], at_us);
        }
    }
    return wire_rr(viewer->ssrc, blocks, n, viewer->ufrag, out);
}

static void send_report(Viewer *viewer, int64_t at_us)
{
    uint8_t bytes[MAX_RTCP];
    size_t size = put_report(viewer, true, at_us, bytes);
    if (setup.remb > 0) {
        uint32_t media = viewer->sources[KIND_VIDEO].ssrc;
        size += wire_remb(viewer->ssrc, setup.remb, &media, 1, bytes + size);
    }
    send_rtcp(viewer, bytes, size);
}

static void send_nack(Viewer *viewer, int64_t at_us)
{
    uint16_t wanted[MISSING_MAX];
    unsigned n = count_wanted(&viewer->sources[KIND_VIDEO], at_us, wanted);
    if (n > 0) {
        uint8_t bytes[MAX_RTCP];
        size_t size = put_report(viewer, false, at_us, bytes);
        size += wire_nack(viewer->ssrc, viewer->sources[KIND_VIDEO].ssrc, wanted, n, bytes + size);
        totals.nacked += n;
        send_rtcp(viewer, bytes, size);
    }
}

static void send_feedback(Viewer *viewer, int64_t at_us)
{
    if (viewer->arrivals->len == 0) {
        return;
    }
    // what must fit: two bytes a seventh packet, two an arrival
    uint8_t bytes[MAX_RTCP];
    unsigned n = MIN(viewer->arrivals->len, 300);
    Arrival *arrivals = (Arrival *)(void *)viewer->arrivals->data;
    while (n > 1 && (uint16_t)(arrivals[n - 1].sequence - arrivals[0].sequence) > 1500) {
        n--;
    }
    size_t size = put_report(viewer, false, at_us, bytes);
    size += wire_twcc(viewer->ssrc, viewer->sources[KIND_VIDEO].ssrc, viewer->feedbacks++, arrivals,
                      n, bytes + size);
    g_array_set_size(viewer->arrivals, 0);
    send_rtcp(viewer, bytes, size);
}

static void tick_playing(Viewer *viewer, int64_t at_us)
{
    if (at_us >= viewer->check_us) {
        if (viewer->checked_us > 0) {
            viewer_count_error("check without an answer");
        }
        send_check(viewer, at_us);
        viewer->check_us = at_us + CHECK_EVERY_US * 4 / 5 + g_random_int_range(0, 2000000);
    }
    if (setup.report_ms > 0 && at_us >= viewer->report_us) {
        send_report(viewer, at_us);
        viewer->report_us = at_us + (int64_t)setup.report_ms * 1000;
    }
    if (setup.offer.nack && viewer->sources[KIND_VIDEO].n_missing > 0) {
        send_nack(viewer, at_us);
    }
    if (setup.offer.twcc && at_us >= viewer->feedback_us) {
        send_feedback(viewer, at_us);
        viewer->feedback_us = at_us + FEEDBACK_EVERY_US;
    }
}

void viewer_tick(Viewer *viewer, int64_t at_us)
{
    if (viewer->state == VIEWER_PLAYING) {
        tick_playing(viewer, at_us);
    } else if (viewer->state == VIEWER_CHECKING && at_us >= viewer->due_us) {
        if (viewer->tries++ == GIVE_UP_CHECKS) {
            fail(viewer, "no answer to STUN");
            return;
        }
        viewer->due_us = at_us + (INT64_C(50000) << MIN(viewer->tries, 5));
        send_check(viewer, at_us);
    } else if (viewer->state == VIEWER_SHAKING && at_us >= viewer->due_us) {
        viewer->due_us = at_us + HANDSHAKE_LOOK_US;
        take_keys_or_fail(viewer, secure_take(viewer->secure, NULL, 0));
    }
}

void viewer_leave(Viewer *viewer, Leave how)
{
    if (how == LEAVE_BY_BYE && viewer->state == VIEWER_PLAYING) {
        uint8_t bytes[MAX_RTCP];
        size_t size = put_report(viewer, false, now_us(), bytes);
        send_rtcp(viewer, bytes, size + wire_bye(viewer->ssrc, bytes + size));
    }
    if (how == LEAVE_BY_DELETE && viewer->resource != NULL) {
        g_autofree char *path = g_steal_pointer(&viewer->resource);
        viewer_close(viewer, VIEWER_LEAVING);
        ask(viewer, "DELETE", path, NULL, NULL);
    } else {
        viewer_close(viewer, VIEWER_IDLE);
    }
}
