// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared within export.

#include "archive/archive.h"
#include "base/json.h"
#include "bundle/bundle.h"
#include "export/export.h"
#include "qa/questions.h"
#include "recording/chapters.h"
#include "store/files/files.h"

typedef struct {
    StoreSession *row;
    QaQuestions *questions;
    GPtrArray *chapters;     // RecordingChapter
    GPtrArray *files;        // StoreFile: cover and materials
    ArchiveTimemap *timemap; // nullable: no media
    bool poster;
} ExportContent;

/* {"id", "text", "state", "votes", "asked_at", "at_ms", "by"?}; "at_ms": published time or null. */
json_t *export_questions_json(const ExportContent *content, bool all);
/* RFC 4180, with a byte order mark, without formulas. */
char *export_questions_csv(const json_t *questions);

/* Copies them, and sets "cover" (a file's name or null) and "materials" ({"name", "file" or "link"}) in
 * `session`. */
bool export_materials(const ExportConfig *config, const ExportContent *content, Bundle *bundle,
                      json_t *session, GError **error);
