// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What server.c (threads, datagrams) and resource.c (WHEP's resources) share.

#include "rtc/out.h"
#include "rtc/peer.h"
#include "rtc/rtc.h"
#include "rtc/tcp.h"

#include "base/loop.h"

#define RTC_MAX_OUT_THREADS 32

struct RtcServer {
    // constant while it runs
    RtcSocket *socket;
    RtcDtlsIdentity *identity;
    char **candidates;
    char *address; // of the first candidate
    unsigned max_viewers;
    BaseLoop *in;
    unsigned n_outs;
    RtcOut *outs[RTC_MAX_OUT_THREADS];
    RtcCounters counters;
    // the in thread's
    GSource *readable, *tcp, *tick;
    GPtrArray *resources;   // RtcResource, owned
    GHashTable *by_id;      // id -> RtcResource
    GHashTable *by_ufrag;   // our ufrag -> RtcResource; after an ICE restart the old one too
    GHashTable *by_address; // RtcAddress (owned) that a check validated -> RtcResource
    unsigned next_out;
    unsigned handshakes; // peers that still hold DTLS's memory
    int64_t trim_us;     // when it goes back to the system, 0: not planned
    RtcDatagram *datagrams;
};

struct RtcStream {
    RtcServer *server;
    MediaBus *bus;
    RtcStreamEvents events;
    RtcOutFeed *feeds[RTC_MAX_OUT_THREADS];         // of the server's outs, in their order
    atomic_int_fast64_t asked_us[MEDIA_MAX_TRACKS]; // when a key frame was last asked for
    atomic_uint connected;
};

/* A viewer's WHEP resource. */
typedef struct {
    RtcServer *server;
    RtcStream *stream;
    char *id, *etag, *owner;
    char *ufrags[2];  // in by_ufrag: the current one and the one before
    char *kind, *mid; // of the m-line that carries the transport
    RtcPeer *peer;
    RtcViewerSetup setup;
    RtcOutFeed *feed;
    RtcViewer *viewer; // the out thread's; here only a name. NULL until connected
} RtcResource;

/* In thread. */
void rtc_resource_remove(RtcResource *resource);
/* As rtc_peer_recv(). */
int rtc_resource_datagram(RtcServer *server, RtcDatagram *datagram, int64_t now_us);
/* A connection that a check had validated is gone. */
void rtc_resource_lost(RtcServer *server, const RtcAddress *from);
void rtc_resources_update(RtcServer *server, int64_t now_us);
