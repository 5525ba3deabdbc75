// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The parts of rtc-load: viewers over WebRTC by the thousand in a few threads. Shares no code with
// the server but the bytes' helpers.

#include "../figures.h"
#include "../measure.h"

#include "base/bytes.h"

#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdint.h>

#define UFRAG_BYTES 8
#define PWD_BYTES 24
#define MAX_DATAGRAM 65536 // with UDP_GRO a whole run of packets

static inline int64_t now_us(void)
{
    return g_get_monotonic_time();
}

/* web.c: one request on a connection of its own, never blocking. */

typedef struct {
    struct sockaddr_in address;
    char *host; // with the port, as in Host
    char *path;
    bool tls;
} WebServer;

typedef struct Web Web;

typedef struct {
    int status;           // 0: no answer
    const char *location; // nullable
    const char *body;
} WebAnswer;

/* `url` is http or https with a numeric IPv4 address. */
bool web_parse(const char *url, WebServer *out);
/* `type` and `body` may be NULL, `token` too. Connects; watched on `epoll_fd` with `data`. */
Web *web_ask(const WebServer *server, const char *method, const char *path, const char *token,
             const char *type, const char *body, int epoll_fd, void *data);
/* After any event: true once the answer is there, or will never be. `out` is borrowed. */
bool web_go_on(Web *web, WebAnswer *out);
void web_free(Web *web);

/* wire.c: SDP, STUN and RTCP as bytes. */

typedef struct {
    bool rtx, twcc, remb, nack;
} OfferOptions;

typedef struct {
    char ufrag[257], pwd[257], fingerprint[128]; // "sha-256 AB:…"
    struct sockaddr_in address;
    bool active;            // their end is the DTLS client
    int audio, video, rtx;  // payload types, -1: none
    unsigned twcc;          // header extension's id, 0: none
    char mid[2][65];        // of audio and video, in this order
    char video_format[256]; // its fmtp
    bool audio_first;
} Remote;

/* Full ownership. */
char *wire_offer(const char *ufrag, const char *pwd, const char *fingerprint,
                 const OfferOptions *options);
/* An answer to an offer of such a server (Janus), which says what it sends. Full ownership. */
char *wire_answer(const Remote *remote, const char *ufrag, const char *pwd,
                  const char *fingerprint);
bool wire_read_sdp(const char *sdp, Remote *out);

#define STUN_BYTES 768
/* A check with USE-CANDIDATE by the controlling end. The size. */
size_t wire_check(const char *username, const char *password, const uint8_t transaction[12],
                  uint8_t out[STUN_BYTES]);
/* The success that answers `request`. */
size_t wire_check_answer(const uint8_t *request, const char *password,
                         const struct sockaddr_in *from, uint8_t out[STUN_BYTES]);

typedef struct {
    uint32_t ssrc;
    uint8_t fraction;
    uint32_t lost; // 24 bits
    uint32_t highest, jitter, last_sr, delay;
} ReportBlock;

typedef struct {
    uint16_t sequence; // transport-wide
    int64_t at_us;
} Arrival;

/* Each writes at `out` and gives the size. */
size_t wire_rr(uint32_t from, const ReportBlock *blocks, unsigned n, const char *cname,
               uint8_t *out);
size_t wire_nack(uint32_t from, uint32_t media, const uint16_t *sequences, unsigned n,
                 uint8_t *out);
size_t wire_remb(uint32_t from, uint32_t bits_per_s, const uint32_t *ssrcs, unsigned n,
                 uint8_t *out);
size_t wire_bye(uint32_t from, uint8_t *out);
/* draft-holmer-rmcat-transport-wide-cc-extensions-01; `arrivals` ascend. */
size_t wire_twcc(uint32_t from, uint32_t media, uint8_t number, const Arrival *arrivals, unsigned n,
                 uint8_t *out);

/* secure.c: DTLS and what comes of it. */

typedef struct Secure Secure;

void secure_init(const char *profiles); // OpenSSL's names
const char *secure_fingerprint(void);   // "sha-256 AB:…" of the one certificate of all viewers
/* `fd` is connected. `their_fingerprint` is copied. */
Secure *secure_new(int fd, const char *their_fingerprint, bool server);
/* A datagram, or NULL for a look at the timer. 1: keys are there, 0: goes on, -1: failed. */
int secure_take(Secure *secure, const uint8_t *bytes, size_t size);
/* After secure_take() gave 1; full ownership of both. */
void secure_keys(Secure *secure, srtp_t *out_receive, srtp_t *out_send);
void secure_free(Secure *secure);

/* count.c: what arrives, per payload type. */

#define MISSING_MAX 128
#define WINDOW 2048 // sequence numbers in which a late packet still counts

typedef struct {
    uint16_t sequence;
    uint8_t tries;
    int64_t next_us;
} Missing;

typedef struct {
    bool begun;
    uint32_t ssrc;
    uint32_t first, highest;          // extended
    uint64_t unique, duplicate, late; // late ones filled a hole
    uint64_t packets, bytes;
    Gap gap;
    uint32_t transit;
    double jitter;
    uint64_t expected_before, unique_before; // at the last report
    uint32_t sr_middle;                      // of the last sender report
    int64_t sr_us;
    Missing missing[MISSING_MAX];
    unsigned n_missing;
    uint8_t seen[WINDOW / 8];
} Source;

/* `clock` is the payload's rate. True for one that was not there yet. */
bool count_take(Source *source, const uint8_t *header, size_t size, unsigned clock, int64_t at_us);
/* A sequence number that came by another way: RTX. */
void count_recovered(Source *source, uint16_t sequence);
uint64_t count_expected(const Source *source);
/* The numbers to ask for now; forgets those asked for often enough. */
unsigned count_wanted(Source *source, int64_t at_us, uint16_t out[MISSING_MAX]);
ReportBlock count_report(Source *source, int64_t at_us);

/* The first key frame of which every packet is there, whatever order they came in. */
typedef struct {
    bool open, idr, sps, pps, ended;
    uint32_t time;
    uint16_t base, first, last;
    uint8_t got[128]; // bits from `base`
} KeyFrame;

bool keyframe_take(KeyFrame *frame, uint16_t sequence, uint32_t time, bool marker,
                   const uint8_t *payload, size_t size);
/* floor.c: the same packets encrypted and sent by nothing else. */

typedef struct {
    unsigned first, n; // packets that came together, in `sizes`
} MixStep;

typedef struct {
    GArray *steps; // MixStep
    GArray *sizes; // uint16_t, as SRTP
    double seconds;
} Mix;

typedef struct {
    double encrypt_ms, send_ms; // CPU per viewer-second
    uint64_t packets, bytes;
} Floor;

/* `paced`: with the pauses of a live programme, in which the caches are lost to others; else one
 * step right after the other. */
Floor floor_run(const Mix *mix, unsigned viewers, bool gro, bool paced);

/* viewer.c */

typedef enum {
    VIEWER_IDLE,
    VIEWER_ASKING,   // HTTP
    VIEWER_CHECKING, // STUN
    VIEWER_SHAKING,  // DTLS
    VIEWER_PLAYING,  // keys are there
    VIEWER_LEAVING,  // DELETE is on its way
    VIEWER_FAILED,
} ViewerState;

typedef enum { LEAVE_BY_DELETE, LEAVE_BY_BYE, LEAVE_SILENTLY, LEAVES } Leave;

typedef enum { KIND_AUDIO, KIND_VIDEO, KIND_RTX, KINDS } Kind;

typedef struct {
    unsigned index;
    bool churns;       // leaves and comes again
    const char *token; // nullable
    ViewerState state;
    char ufrag[UFRAG_BYTES + 1], pwd[PWD_BYTES + 1];
    uint32_t ssrc; // of its reports
    Web *web;
    char *resource;
    unsigned step; // of Janus's way in
    uint64_t janus_session, janus_handle;
    Remote remote;
    int fd;
    Secure *secure;
    srtp_t receive, send;
    KeyFrame keyframe;
    Source sources[KINDS];
    GArray *arrivals; // Arrival, since the last feedback
    uint8_t feedbacks;
    int64_t asked_us, first_rtp_us, first_key_us;
    int64_t due_us; // the next check while checking, the next look at DTLS's timer, the next life
    unsigned tries;
    int64_t check_us, report_us, feedback_us, leave_us;
    int64_t checked_us; // when the open check was sent, 0: none open
    uint8_t transaction[12];
} Viewer;

typedef struct {
    WebServer server;
    OfferOptions offer;
    bool gro;
    double loss;
    unsigned report_ms, coalesce_ms, ramp;
    unsigned verify; // viewers that decrypt everything
    uint32_t remb;   // bit/s
    int janus;       // mountpoint, -1: WHEP
} Setup;

/* Sums over the viewers of a thread. */
typedef struct {
    GHashTable *errors;                                // text -> count
    GArray *first_rtp, *first_key, *check_rtt, *asked; // float ms
    uint64_t simulated, bad, verified, reports, nacked, resent_rtx, restarts;
    uint64_t socket_drops; // of sockets that are closed already
    Mix mix;               // of the first viewer
    bool mixing, mix_opens;
} Totals;

extern Setup setup; // constant once threads run
extern _Thread_local Totals totals;
extern _Thread_local int poll_fd; // epoll

void viewer_start(Viewer *viewer);
void viewer_event(Viewer *viewer);
void viewer_tick(Viewer *viewer, int64_t at_us);
void viewer_leave(Viewer *viewer, Leave how);
/* Forgets all, without a word to the server. */
void viewer_close(Viewer *viewer, ViewerState state);
void viewer_count_error(const char *what);

/* worker.c: one thread with its share of the viewers. */

typedef enum { PHASE_JOIN, PHASE_MEASURE, PHASE_MEASURED, PHASE_LEAVE } Phase;

/* Of the measured time; of viewers that do not churn. */
typedef struct {
    uint64_t expected[KINDS], unique[KINDS], bytes, drops, late, simulated;
    unsigned playing;
    GArray *gaps[KINDS]; // ms, the longest of each viewer
    uint64_t over;       // gaps longer than FIGURES_GAP_US, of sound and picture
} Seen;

typedef struct Before Before;

typedef struct {
    pthread_t thread;
    unsigned number, of; // this one, all
    Viewer *viewers;
    unsigned n, started;
    int64_t tick_us, sweep_us;
    Before *before;
    Seen seen;     // from PHASE_MEASURED on, once worker_measured() counts it
    Totals totals; // after the thread's end
} Worker;

/* Starts the thread, which goes through the phases that worker_phase() sets. */
void worker_start(Worker *worker);
void worker_phase(Phase phase);
/* Workers whose viewers have all joined or failed, and whose `seen` is there. */
unsigned worker_joined(void);
unsigned worker_measured(void);
