// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A wire and its reader as libsoup takes them: a GIOStream whose two halves are pollable. Reading
// or writing never waits, also where a caller would allow it.

#include "http/reader.h"

#include <gio/gio.h>

/* Reads through `reader`, which is of `wire`. Holds a reference of both; closing the stream closes
 * the wire. Full ownership. */
GIOStream *http_stream_new(HttpWire *wire, HttpReader *reader);
