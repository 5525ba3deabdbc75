// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A wire as libsoup takes it: a GIOStream whose two halves are pollable. Reading or writing never
// waits, also where a caller would allow it.

#include "http/wire.h"

#include <gio/gio.h>

/* Holds a reference of `wire`; closing the stream closes it. Full ownership. */
GIOStream *http_stream_new(HttpWire *wire);
