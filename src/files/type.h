// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The type of a file by its content. Pure.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    FILES_PNG,
    FILES_JPEG,
    FILES_WEBP,
    FILES_PDF,
    FILES_ODP,
    FILES_PPTX,
    FILES_TYPES, // none of them
} FilesType;

/* Sets of types. */
#define FILES_PICTURES (1u << FILES_PNG | 1u << FILES_JPEG | 1u << FILES_WEBP)
#define FILES_MATERIALS (FILES_PICTURES | 1u << FILES_PDF | 1u << FILES_ODP | 1u << FILES_PPTX)

typedef struct {
    const char *media_type;
    const char *ending; // of a file name, without the dot
    const char *name;   // for people
} FilesTypeInfo;

extern const FilesTypeInfo files_types[FILES_TYPES];

/* `*out_whole`: false if its end is missing. Presentations with macros are no FILES_PPTX. */
FilesType files_type_of(const uint8_t *bytes, size_t size, bool *out_whole);
/* For people: "PNG, JPEG, WebP". */
char *files_type_names(unsigned set);
/* One of `files_types`; NULL: another one. */
const FilesTypeInfo *files_type_find(const char *media_type);
