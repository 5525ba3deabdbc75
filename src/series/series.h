// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// All series and speakers, in memory as in the store. Main thread.

#include "store/rows.h"

#include <glib.h>

#define SERIES_MAX 200
#define SERIES_MAX_SPEAKERS 2000

typedef struct Series Series;

/* Waits for the store. */
Series *series_new(Store *store, GError **error);
/* After the store has finished its jobs. */
void series_free(Series *series);

/* Nullable. Borrowed until the next call that changes it. */
const StoreSeries *series_find(const Series *series, const char *id);
const StoreSpeaker *series_speaker(const Series *series, const char *id);
/* Oldest first. The rows are borrowed. */
GPtrArray *series_list(const Series *series);
GPtrArray *series_speakers(const Series *series);

/* `error` is borrowed; NULL: committed. CONFLICT: another change of it is under way. LIMIT: no more
 * than above. */
typedef void (*SeriesDone)(void *data, const GError *error);

/* Insert or update. Take `row`. */
void series_save(Series *series, StoreSeries *row, SeriesDone done, void *data);
void series_save_speaker(Series *series, StoreSpeaker *row, SeriesDone done, void *data);
/* NOT_FOUND; a series with sessions: CONFLICT. */
void series_delete(Series *series, const char *id, SeriesDone done, void *data);
void series_delete_speaker(Series *series, const char *id, SeriesDone done, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Series, series_free)
