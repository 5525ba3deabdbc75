// SPDX-License-Identifier: GPL-3.0-or-later
// The decks that the server knows.
#include "slides/slides.h"

#include "slides/deck.h"
#include "slides/private.h"
#include "slides/work.h"

#include <errno.h>
#include <glib/gstdio.h>

typedef struct {
    SlidesDeck deck;
    uint64_t serial; // results of an earlier one are dropped
} Entry;

struct Slides {
    char *folder;
    GHashTable *decks; // digest: Entry
    SlidesWork *work;
    uint64_t serial;
    void (*changed)(void *data, const char *digest);
    void *data;
};

static void clear(Entry *entry)
{
    g_strfreev(entry->deck.texts);
    g_free(entry->deck.problem);
    entry->deck = (SlidesDeck){0};
}

static void free_entry(void *data)
{
    clear(data);
    g_free(data);
}

static void on_done(void *data, SlidesResult *result)
{
    Slides *slides = data;
    Entry *entry = g_hash_table_lookup(slides->decks, result->digest);
    if (entry == NULL || entry->serial != result->serial) {
        return; // forgotten meanwhile
    }
    clear(entry);
    if (result->texts != NULL) {
        entry->deck.pages = g_strv_length(result->texts);
        entry->deck.texts = g_steal_pointer(&result->texts);
    } else {
        entry->deck.problem = g_strdup(base_code_text(result->problem));
    }
    if (slides->changed != NULL) {
        slides->changed(slides->data, result->digest);
    }
}

Slides *slides_new_limited(const char *folder, const char *binary, const SlidesLimits *limits,
                           GError **error)
{
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot make the folder %s: %s", folder,
                    g_strerror(errno));
        return NULL;
    }
    Slides *slides = g_new0(Slides, 1);
    slides->folder = g_strdup(folder);
    slides->decks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_entry);
    slides->work = slides_work_new(folder, binary, limits, on_done, slides);
    return slides;
}

Slides *slides_new(const char *folder, const char *binary, GError **error)
{
    return slides_new_limited(folder, binary, &slides_limits, error);
}

void slides_free(Slides *slides)
{
    if (slides != NULL) {
        slides_work_free(slides->work);
        g_hash_table_unref(slides->decks);
        g_free(slides->folder);
        g_free(slides);
    }
}

void slides_prepare(Slides *slides, const char *digest, const char *path)
{
    g_assert(slides_is_digest(digest));
    Entry *entry = g_hash_table_lookup(slides->decks, digest);
    if (entry != NULL && entry->deck.problem == NULL) {
        return;
    }
    if (entry == NULL) {
        entry = g_new0(Entry, 1);
        g_hash_table_insert(slides->decks, g_strdup(digest), entry);
    }
    clear(entry);
    entry->deck.working = true;
    entry->serial = ++slides->serial;
    slides_work_prepare(slides->work, entry->serial, digest, path);
}

void slides_watch(Slides *slides, void (*changed)(void *data, const char *digest), void *data)
{
    slides->changed = changed;
    slides->data = data;
}

const SlidesDeck *slides_deck(const Slides *slides, const char *digest)
{
    const Entry *entry = g_hash_table_lookup(slides->decks, digest);
    return entry != NULL ? &entry->deck : NULL;
}

const char *slides_folder(const Slides *slides)
{
    return slides->folder;
}

char *slides_page_path(const Slides *slides, const char *digest, unsigned page)
{
    return slides_disk_path(slides->folder, digest, page, "png");
}

char *slides_thumb_path(const Slides *slides, const char *digest, unsigned page)
{
    return slides_disk_path(slides->folder, digest, page, "jpg");
}

void slides_forget(Slides *slides, const char *digest)
{
    g_assert(slides_is_digest(digest));
    g_hash_table_remove(slides->decks, digest);
    slides_work_forget(slides->work, digest);
}
