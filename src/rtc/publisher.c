// SPDX-License-Identifier: GPL-3.0-or-later
// Hands on a publisher's media; sends reports.
#include "rtc/publisher.h"

#include "protocol/srtp.h"

#include <string.h>

#define MAX_REPORT_BYTES 1400

struct RtcPublisher {
    RtcTransport *transport;
    RtcPublisherEvents events;
    MediaInputFormat format;
    ProtocolSrtpOut *srtp; // NULL: not connected
    ProtocolAddress path;
};

RtcPublisher *rtc_publisher_new(RtcTransport *transport, const ProtocolOffer *offer,
                                const RtcPublisherEvents *events)
{
    RtcPublisher *publisher = g_new0(RtcPublisher, 1);
    publisher->transport = transport;
    publisher->events = *events;
    publisher->format = (MediaInputFormat){
        .video = offer->video < 0 ? MEDIA_INPUT_NO_VIDEO
                                  : (offer->vp8 ? MEDIA_INPUT_VP8 : MEDIA_INPUT_H264),
        .video_format = (uint8_t)offer->video_format,
        .video_transport = (uint8_t)offer->video_transport,
        .audio = offer->audio >= 0,
        .audio_format = (uint8_t)offer->audio_format,
        .audio_transport = (uint8_t)offer->audio_transport,
    };
    return publisher;
}

void rtc_publisher_free(RtcPublisher *publisher)
{
    if (publisher != NULL) {
        publisher->events.ended(publisher->events.data);
        protocol_srtp_out_free(publisher->srtp);
        g_free(publisher);
    }
}

void rtc_publisher_connected(RtcPublisher *publisher, const ProtocolSrtpMaster *keys,
                             const ProtocolAddress *to)
{
    publisher->srtp = protocol_srtp_out_new(keys);
    publisher->path = *to;
    publisher->events.connected(publisher->events.data, &publisher->format);
}

void rtc_publisher_moved(RtcPublisher *publisher, const ProtocolAddress *to)
{
    publisher->path = *to;
}

void rtc_publisher_take(RtcPublisher *publisher, bool rtcp, const uint8_t *bytes, size_t size)
{
    publisher->events.packet(publisher->events.data, rtcp, bytes, size);
}

void rtc_publisher_send(RtcPublisher *publisher, const uint8_t *bytes, size_t size)
{
    uint8_t packet[MAX_REPORT_BYTES + PROTOCOL_SRTCP_MAX_TRAILER_BYTES];
    if (publisher->srtp == NULL || size > MAX_REPORT_BYTES) {
        return;
    }
    memcpy(packet, bytes, size);
    size = protocol_srtp_protect_rtcp(publisher->srtp, packet, size);
    rtc_transport_send(publisher->transport, &publisher->path, packet, size);
}
