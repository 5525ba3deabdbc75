// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by the SDP parser's files.

#include "protocol/sdp.h"

/* BASE_ERROR_INVALID, code bad-offer. Returns FALSE. */
gboolean protocol_sdp_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Single spaces; no blank lines, line ends or control characters. */
char **protocol_sdp_split(const char *text, size_t size, GError **error);

/* Value of the next `a=name` or `a=name:value` in [*at, end), in any case; advances *at.
 * Nullable. */
const char *protocol_sdp_next(char **lines, unsigned *at, unsigned end, const char *name);
const char *protocol_sdp_attribute(char **lines, unsigned first, unsigned end, const char *name);
const char *protocol_sdp_media_attribute(const ProtocolOffer *offer,
                                         const ProtocolOfferMedia *media, const char *name);
/* From the m-line, else the session. */
const char *protocol_sdp_inherited(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                                   const char *name);
bool protocol_sdp_in_bundle(const ProtocolOffer *offer, const char *mid);

/* False: no codec that we send. */
bool protocol_sdp_choose_video(ProtocolOffer *offer, int index);
bool protocol_sdp_choose_audio(ProtocolOffer *offer, int index);
/* Of the chosen codecs. */
void protocol_sdp_find_feedback(ProtocolOffer *offer);

bool protocol_sdp_take_ice(ProtocolOffer *offer, GError **error);
bool protocol_sdp_take_fingerprint(ProtocolOffer *offer, GError **error);
bool protocol_sdp_take_setup(ProtocolOffer *offer, GError **error);
