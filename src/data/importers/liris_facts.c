/* SPDX-License-Identifier: MIT */
/* Facts of LIRIS-ACCEDE's excerpts beside their ratings: their film, their set. */
#include "data/importers/liris.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DESCRIPTION_MAX ((size_t)64 << 20)

static int by_name(const void *a, const void *b) {
    return strcmp(
        ((const mien_liris_said *)a)->name, ((const mien_liris_said *)b)->name);
}

void mien_liris_facts_sort(mien_liris_facts *f) {
    if (f->count > 1) {
        qsort(f->items, (size_t)f->count, sizeof *f->items, by_name);
    }
}

const char *mien_liris_facts_find(const mien_liris_facts *f, const char *name) {
    mien_liris_said key = {name, NULL};
    const mien_liris_said *found =
        f->count > 0
            ? bsearch(&key, f->items, (size_t)f->count, sizeof *f->items, by_name)
            : NULL;
    return found ? found->text : NULL;
}

const char *mien_liris_tag(
    const char *text, const char *end, const char *tag, size_t *length) {
    size_t size = strlen(tag);
    for (const char *p = text; p + size + 2 <= end; p++) {
        p = memchr(p, '<', (size_t)(end - p));
        if (!p || p + size + 2 > end) {
            return NULL;
        }
        if (memcmp(p + 1, tag, size) != 0 || p[size + 1] != '>') {
            continue;
        }
        const char *inside = p + size + 2;
        const char *stop = memchr(inside, '<', (size_t)(end - inside));
        if (!stop) {
            return NULL;
        }
        *length = (size_t)(stop - inside);
        return inside;
    }
    return NULL;
}

/* Pairs of <name> and the <movie> before the next <name>. */
static void read_pairs(mien_liris_facts *films, const char *end, bool count_only) {
    size_t length = 0, movie_length = 0;
    const char *name = mien_liris_tag(films->text, end, "name", &length);
    films->count = 0;
    while (name) {
        size_t next_length = 0;
        const char *next = mien_liris_tag(name + length, end, "name", &next_length);
        const char *movie =
            mien_liris_tag(name + length, next ? next : end, "movie", &movie_length);
        if (movie && !count_only) {
            films->items[films->count] = (mien_liris_said){name, movie};
            ((char *)(uintptr_t)name)[length] = 0; /* of our own copy */
            ((char *)(uintptr_t)movie)[movie_length] = 0;
        }
        films->count += movie != NULL;
        name = next;
        length = next_length;
    }
}

mien_status mien_liris_films_read(const char *annotations, mien_liris_facts *films) {
    size_t count = 0;
    char *path = mien_path_join(annotations, MIEN_LIRIS_DESCRIPTION);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_file_read(path, DESCRIPTION_MAX, &films->text, &count);
    }
    mien_free(path);
    if (status != MIEN_OK || !films->text) {
        return status;
    }
    read_pairs(films, films->text + count, true);
    films->items = mien_alloc((size_t)films->count, sizeof *films->items);
    if (!films->items) {
        return MIEN_ENOMEM;
    }
    read_pairs(films, films->text + count, false);
    mien_liris_facts_sort(films);
    return MIEN_OK;
}

mien_status mien_liris_sets_add(
    const mien_table *t, int name, int set, mien_liris_facts *sets) {
    static const char *const names[][2] = {{"0", "test"}, {"1", "train"},
        {"2", "validation"}, {"test", "test"}, {"learning", "train"},
        {"train", "train"}, {"validation", "validation"}};
    int64_t rows = mien_table_rows(t);
    mien_liris_said *items = mien_realloc(
        sets->items, (size_t)sets->count, (size_t)(sets->count + rows), sizeof *items);
    if (!items) {
        return MIEN_ENOMEM;
    }
    sets->items = items;
    for (int64_t i = 0; i < rows; i++) {
        const char *cell = mien_table_cell(t, i, set), *split = NULL;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            split = strcasecmp(cell, names[k][0]) == 0 ? names[k][1] : split;
        }
        if (!split) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%" PRId64
                ": set is \"%s\"; 0 (test), 1 (learning) and 2 (validation) "
                "are possible",
                mien_table_file(t), mien_table_line(t, i), cell);
        }
        sets->items[sets->count++] =
            (mien_liris_said){mien_table_cell(t, i, name), split};
    }
    return MIEN_OK;
}

void mien_liris_facts_clear(mien_liris_facts *f) {
    mien_free(f->items);
    mien_free(f->text);
    *f = (mien_liris_facts){0};
}
