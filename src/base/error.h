// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one error domain of the control plane. Codes follow what a caller would do about it; the
// message says what happened and what to do, in English, without secrets.

#include <glib.h>

#define BASE_ERROR (base_error_quark())
GQuark base_error_quark(void);

typedef enum {
    BASE_ERROR_FAILED,      // could not be done; the message says why
    BASE_ERROR_INVALID,     // the input is not acceptable: correct it
    BASE_ERROR_NOT_FOUND,   // no such object
    BASE_ERROR_DENIED,      // signed in, but not allowed
    BASE_ERROR_SIGNED_OUT,  // nobody is signed in
    BASE_ERROR_CONFLICT,    // the object's state does not allow it now
    BASE_ERROR_LIMIT,       // too many or too often: later
    BASE_ERROR_UNAVAILABLE, // the service cannot do it now: later
    BASE_ERROR_FULL,        // no room on the disk
    BASE_ERROR_NO_PLACE,    // all places are taken: later, or another way
    BASE_ERROR_GONE,        // there was such an object; the message says what became of it
    BASE_ERROR_UPGRADE,     // the address speaks another protocol
} BaseError;
