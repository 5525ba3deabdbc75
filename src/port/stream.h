// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A wire and reader as pollable GIOStream for libsoup. Never blocks.

#include "port/reader.h"

#include <gio/gio.h>

/* Holds both; closes the wire with it. */
GIOStream *port_stream_new(PortWire *wire, PortReader *requests);
