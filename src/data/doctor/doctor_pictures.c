/* SPDX-License-Identifier: MIT */
/* The doctor on pictures: opens each once, then compares them.
 *
 * In comes an opened table (doctor.c, audit.c) with the sides of its rows; out go
 * findings "file", "unreadable", "small" and "duplicate", and those of
 * doctor_likeness.c. */
#include "data/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

#define SMALL_SIDE 32
#define FILE_BYTES_MAX ((size_t)256 << 20)
#define CHUNK 32

typedef struct ward {
    const mien_trials *trials;
    const char *column; /* that names the pictures */
    mien_sides sides;
    int64_t *next; /* [rows] of the same picture */
    mien_look *looks;
    int64_t count, from; /* of this chunk */
} ward;

/* ---- looking at one ----------------------------------------------------------- */

static mien_status hash_pixels(const mien_tensor *image, char hex[65]) {
    mien_sha256 *sha = NULL;
    mien_status status = mien_sha256_new(&sha);
    if (status == MIEN_OK) {
        mien_sha256_add(sha, image->shape, 2 * sizeof *image->shape);
        mien_sha256_add(sha, image->data, mien_tensor_bytes(image));
        mien_sha256_take(&sha, hex);
    }
    return status;
}

static mien_status look(mien_look *l) {
    char *bytes = NULL;
    size_t count = 0;
    mien_tensor *image = NULL;
    mien_image_options options = mien_image_options_default();
    mien_status status = mien_file_read(l->path, FILE_BYTES_MAX, &bytes, &count);
    status = status ? status : mien_sha256_bytes(bytes, count, l->bytes_hash);
    status =
        status ? status : mien_image_parse(l->path, bytes, count, &options, &image);
    status = status ? status : hash_pixels(image, l->pixels_hash);
    if (status == MIEN_OK) {
        l->height = (int)image->shape[0];
        l->width = (int)image->shape[1];
        l->perceptual = mien_perceptual_hash(image, &l->flat);
        if (l->thumb) {
            mien_thumb_take(image, l->thumb);
        }
    }
    mien_tensor_free(&image);
    mien_free(bytes);
    return status;
}

static mien_status look_at(void *context, int64_t index, int worker) {
    ward *w = context;
    mien_look *l = &w->looks[w->from + index];
    (void)worker;
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while looking at pictures");
    }
    l->status = look(l);
    if (l->status == MIEN_ENOMEM) {
        return MIEN_ENOMEM;
    }
    if (l->status != MIEN_OK) {
        l->bytes_hash[0] = l->pixels_hash[0] = '\0';
        snprintf(l->error, sizeof l->error, "%s", mien_error());
    }
    return MIEN_OK;
}

static mien_status look_at_all(ward *w, int threads,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    mien_thread_pool *pool = NULL;
    mien_status status = mien_thread_pool_new(threads < 1 ? 1 : threads, &pool);
    int64_t step = (int64_t)CHUNK * mien_thread_pool_threads(pool);
    for (w->from = 0; status == MIEN_OK && w->from < w->count; w->from += step) {
        int64_t n = w->count - w->from < step ? w->count - w->from : step;
        status = mien_thread_pool_run(pool, n, look_at, w);
        if (status == MIEN_OK && progress) {
            /* before training their comparison is the second half */
            progress(context, w->from + n, (w->sides.strict ? 2 : 1) * w->count);
        }
    }
    mien_thread_pool_free(&pool);
    return status;
}

/* ---- which there are ---------------------------------------------------------- */

/* One look for each path, however many rows show it. */
static mien_status list_pictures(ward *w, mien_findings *findings) {
    const mien_trials *t = w->trials;
    int64_t rows = mien_trials_rows(t), different = 0, seen = 0;
    int64_t *last = mien_alloc((size_t)rows, sizeof *last);
    w->next = mien_alloc((size_t)rows, sizeof *w->next);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    w->looks = mien_alloc((size_t)rows, sizeof *w->looks);
    mien_status status =
        cells && first && w->looks && last && w->next ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        last[i] = -1;
        bool used = !w->sides.strict || w->sides.fold[i] != MIEN_FOLD_NONE;
        cells[i] = used ? mien_trials_cell(t, i, w->column) : NULL;
    }
    status = status ? status : mien_names_first(rows, cells, first);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        different += cells[i] && first[i] == i;
    }
    int64_t step = w->sides.strict ? 1 + (different - 1) / MIEN_LIKENESS_MAX : 1;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (cells[i] && first[i] == i && seen++ % step == 0) {
            mien_look *l = &w->looks[w->count++];
            l->row = i;
            l->path = mien_trials_path(t, i, w->column);
            status = l->path ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    if (status == MIEN_OK && step > 1) {
        status = mien_findings_add(findings, MIEN_NOTE, "sampled", NULL,
            "%s: %lld of %lld pictures were looked at, evenly out of the table",
            w->column, (long long)w->count, (long long)different);
    }
    for (int64_t i = rows - 1; status == MIEN_OK && i >= 0; i--) {
        w->next[i] = -1;
        if (cells[i] && first[i] != i) { /* chains are filled from their ends */
            w->next[i] = last[first[i]];
            last[first[i]] = i;
        } else {
            w->next[i] = last[i];
        }
    }
    for (int64_t i = 0;
         status == MIEN_OK && w->count <= MIEN_LIKENESS_MAX && i < w->count; i++) {
        w->looks[i].thumb = mien_alloc(1, sizeof *w->looks[i].thumb);
        status = w->looks[i].thumb ? MIEN_OK : MIEN_ENOMEM;
    }
    w->sides.next = w->next;
    mien_free(last);
    mien_free(first);
    mien_free(cells);
    return status;
}

static mien_status report_rows_without(const mien_trials *t, mien_findings *findings) {
    int64_t without = 0, rows = mien_trials_rows(t);
    for (int64_t i = 0; i < rows; i++) {
        without += !mien_trials_cell(t, i, "image");
    }
    if (without == 0 || mien_table_column(t->table, "image") < 0) {
        return MIEN_OK;
    }
    return mien_findings_add(findings, MIEN_WARNING, "missing", NULL,
        "%lld of %lld rows name no image", (long long)without, (long long)rows);
}

/* The picture as the table names it. */
static const char *name_of(const ward *w, const mien_look *l) {
    return mien_trials_cell(w->trials, l->row, w->column);
}

/* ---- reporting ---------------------------------------------------------------- */

static const char *id_of(const ward *w, const mien_look *l) {
    return mien_trials_id(w->trials, l->row);
}

static mien_status report_unreadable(const ward *w, mien_findings *findings) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < w->count && status == MIEN_OK; i++) {
        const mien_look *l = &w->looks[i];
        if (l->status != MIEN_OK) {
            bool here = mien_file_exists(l->path);
            status = mien_findings_add(findings, MIEN_ERROR,
                here ? "unreadable" : "file", id_of(w, l), "%s", l->error);
        } else if (l->width < SMALL_SIDE || l->height < SMALL_SIDE) {
            status = mien_findings_add(findings, MIEN_WARNING, "small", id_of(w, l),
                "%s has only %d x %d pixels", name_of(w, l), l->width, l->height);
        }
    }
    return status;
}

static mien_status report_duplicates(const ward *w, mien_findings *findings) {
    const char **hashes = mien_alloc((size_t)w->count, sizeof *hashes);
    int64_t *first = mien_alloc((size_t)w->count, sizeof *first);
    mien_status status = hashes && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < w->count; i++) {
        hashes[i] = w->looks[i].pixels_hash[0] ? w->looks[i].pixels_hash : NULL;
    }
    status = status ? status : mien_names_first(w->count, hashes, first);
    for (int64_t i = 0; status == MIEN_OK && i < w->count; i++) {
        if (first[i] == i) {
            continue;
        }
        const mien_look *l = &w->looks[i], *same = &w->looks[first[i]];
        char folds[64];
        bool apart = mien_sides_part_pictures(&w->sides, l->row, same->row, folds);
        if (!apart && w->sides.strict) {
            continue;
        }
        status =
            mien_findings_add(findings, apart ? MIEN_ERROR : MIEN_WARNING, "duplicate",
                id_of(w, l), "%s has the same %s as %s (trial %s)%s", name_of(w, l),
                strcmp(l->bytes_hash, same->bytes_hash) == 0 ? "bytes" : "pixels",
                name_of(w, same), id_of(w, same), folds);
    }
    mien_free(first);
    mien_free(hashes);
    return status;
}

mien_status mien_doctor_pictures(const mien_sides *sides, const char *column,
    const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_findings *findings) {
    ward w = {.trials = sides->trials, .column = column, .sides = *sides};
    bool strict = sides->strict;
    mien_status status =
        strict ? MIEN_OK : report_rows_without(sides->trials, findings);
    status = status ? status : list_pictures(&w, findings);
    status = status ? status : look_at_all(&w, options->threads, progress, context);
    status = status || strict ? status : report_unreadable(&w, findings);
    status = status ? status : report_duplicates(&w, findings);
    status = status ? status
                    : mien_doctor_likeness(&w.sides, column, w.looks, w.count, options,
                          progress, context, findings);
    for (int64_t i = 0; w.looks && i < w.count; i++) {
        mien_free(w.looks[i].path);
        mien_free(w.looks[i].thumb);
    }
    mien_free(w.looks);
    mien_free(w.next);
    return status;
}
