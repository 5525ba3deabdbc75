// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by server.c and resource.c.

#include "rtc/out.h"
#include "rtc/peer.h"
#include "rtc/publisher.h"
#include "rtc/rtc.h"
#include "rtc/spread.h"
#include "rtc/tcp.h"

#include "base/loop.h"

#define RTC_MAX_OUT_THREADS 32

struct RtcServer {
    // constant
    RtcTransport *transport;
    ProtocolDtlsIdentity *identity;
    bool own_addresses; // those of the machine; they may change
    char *public_tcp;   // nullable
    bool (*may_stay)(void *data, const RtcRight *right);
    void *data;
    BaseLoop *in;
    unsigned n_outs;
    RtcOut *outs[RTC_MAX_OUT_THREADS];
    RtcCounters counters;
    // any thread
    atomic_uint max_viewers;
    // in thread
    char **candidates;
    char *address;        // of the first
    int64_t addresses_us; // of the last look
    GSource *intake, *tcp;
    GPtrArray *resources; // RtcResource, owned
    GHashTable *by_id;
    GHashTable *by_ufrag;   // local ufrag, current and previous
    GHashTable *by_address; // validated ProtocolAddress, owned
    RtcSpread spread;
    unsigned dealt[RTC_MAX_OUT_THREADS];  // resources of each thread
    int64_t busy_us[RTC_MAX_OUT_THREADS]; // processor time at `looked_us`
    int64_t looked_us;
    bool evening;        // moves viewers until all threads have as many
    unsigned handshakes; // peers with a DTLS object
    unsigned unsettled;  // resources that are not connected or have a DTLS object
    int64_t urgent_us;   // last NACK or key-frame request
    int64_t trim_us;     // next malloc_trim(); 0: none
    int64_t rights_us;   // next may_stay check
    RtcDatagram *datagrams;
};

struct RtcStream {
    RtcServer *server;
    MediaBus *bus;
    RtcStreamEvents events;
    RtcOutStream *out_streams[RTC_MAX_OUT_THREADS]; // one per out thread
    atomic_int_fast64_t asked_us[MEDIA_MAX_TRACKS]; // key frames
    atomic_int_fast64_t wall_us;                    // see RtcOutStreamConfig
    atomic_uint connected;
};

typedef struct RtcMove RtcMove; // between two out threads

typedef struct {
    RtcServer *server;
    RtcStream *stream;
    char *id, *etag, *owner;
    RtcRight right;
    char *ufrags[2];  // current, previous
    char *kind, *mid; // of the transport's m-line
    RtcPeer *peer;
    RtcPublisher *publisher; // NULL: a viewer
    RtcViewerSetup setup;
    unsigned out;      // thread
    RtcViewer *viewer; // out thread's; NULL: not connected
    RtcMove *move;     // NULL: `viewer` is with `out`
    bool has_new_path; // during `move`
    ProtocolAddress new_path;
} RtcResource;

static inline RtcOutStream *rtc_resource_out(const RtcResource *resource)
{
    return resource->stream->out_streams[resource->out];
}

/* In thread. */
/* Takes `candidates`. */
void rtc_server_set_candidates(RtcServer *server, char **candidates);
/* In thread: makes the candidates anew where addresses changed; looks every 10 s. */
void rtc_server_follow_addresses(RtcServer *server, int64_t now_us);

void rtc_resource_remove(RtcResource *resource);
/* Like rtc_peer_recv(). */
int rtc_resource_datagram(RtcServer *server, RtcDatagram *datagram, int64_t now_us);
void rtc_resource_lost(RtcServer *server, const ProtocolAddress *from);
void rtc_resources_update(RtcServer *server, int64_t now_us);

/* In thread: the out thread for a new resource. */
unsigned rtc_spread_place(const RtcServer *server);
/* In thread, each 100 ms: sets the number of out threads, moves viewers. */
void rtc_spread_update(RtcServer *server, int64_t now_us);
/* In thread: resource removed; its viewer is freed when given back. */
void rtc_move_forget(RtcMove *move);
