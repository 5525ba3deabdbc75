// SPDX-License-Identifier: GPL-3.0-or-later
// Read by AddressSanitizer where a program is built with it; else nobody calls these.

const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0"; // else stacks through GLib end at g_malloc
}

/* GStreamer's names fill GLib's first table of quarks, 16 KB made while the library loads, and GLib
 * leaves it behind on purpose when it takes a larger one. */
const char *__lsan_default_suppressions(void)
{
    return "leak:call_init\nleak:ld-linux-x86-64.so\n"; // the loader, with and without its symbols
}
