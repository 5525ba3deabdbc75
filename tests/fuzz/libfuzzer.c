// SPDX-License-Identifier: GPL-3.0-or-later
// The target under libFuzzer, which hands over an exact-size copy itself.
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return target(data, size);
}
