// SPDX-License-Identifier: GPL-3.0-or-later
// Linked with what AddressSanitizer is built into: what libraries allocate while they load is no leak.
#if __has_include(<sanitizer/lsan_interface.h>) && defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>

/* GLib leaves its first table of quarks behind on purpose when it takes a larger one. */
static void disable(void)
{
    __lsan_disable();
}

/* Before the constructors of the libraries. */
__attribute__((section(".preinit_array"), used)) static void (*const before)(void) = disable;

/* After them. */
__attribute__((constructor)) static void enable(void)
{
    __lsan_enable();
}

#ifdef WHOLE_STACKS
const char *__asan_default_options(void);

/* Read by AddressSanitizer: stacks go on through libraries without frame pointers, at several times the cost of malloc. */
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}
#endif
#endif
