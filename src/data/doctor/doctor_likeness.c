/* SPDX-License-Identifier: MIT */
/* The doctor on pictures that look alike.
 *
 * In come pictures that were looked at (doctor_pictures.c); out go findings "near" and
 * "near-fold". Two are near when their plain outlines are (mien doctor --near), or when
 * the outline of one mirrored, resized or turned is roughly the other's and both
 * correlate once they are laid on each other. Of 50 pictures of OASIS each mirrored,
 * cropped by 5 and 10 % of every side, framed by 5 and 10 % and turned by 5 degrees, 46
 * to 50 are found, and of its own pairs none has a correlation above 0.91. */
#include "data/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

/* All pairs are compared: beyond this it would take minutes. */
#define COMPARED_MAX 100000
#define ALIGNED_R 0.94
/* Before training, where it ends the command: smooth drawings reach 0.95 by chance. */
#define STRICT_R 0.97
/* Bits in which outlines may differ before two are laid on each other; fewer where
 * there are so many pictures that chance pairs would take minutes. */
#define ROUGH_BITS 14
#define ROUGH_BITS_MANY 9
#define MANY 2500
#define CHUNK 64

/* The best likeness of each picture among those before it. */
typedef struct match {
    int64_t of; /* -1: none */
    int bits;   /* of plain outlines; 64: it was aligned */
    double r;
    bool mirrored;
} match;

typedef struct comparison {
    const mien_sides *sides;
    const mien_look *looks;
    int64_t count, from;
    int near_bits, rough_bits;
    match *matches;
} comparison;

static bool can_be_compared(const mien_look *a, const mien_look *b) {
    return a->status == MIEN_OK && b->status == MIEN_OK && !a->flat && !b->flat &&
           strcmp(a->pixels_hash, b->pixels_hash) != 0;
}

/* Replaces the match by a closer one. */
static void compare(const comparison *c, int64_t i, int64_t j, match *m) {
    const mien_look *b = &c->looks[i], *a = &c->looks[j];
    int bits = __builtin_popcountll(a->perceptual ^ b->perceptual), variant = 0;
    bool swapped = false, strict = c->sides->strict;
    char where[64];
    if (!strict && bits < c->near_bits && bits < m->bits) {
        *m = (match){j, bits, 1, false};
    }
    if (m->bits < 64 || !a->thumb || !b->thumb ||
        mien_thumb_distance(a->thumb, b->thumb, &variant, &swapped) > c->rough_bits ||
        (strict && !mien_sides_part_pictures(c->sides, a->row, b->row, where))) {
        return;
    }
    double r = swapped ? mien_thumb_align(b->thumb, a->thumb, variant)
                       : mien_thumb_align(a->thumb, b->thumb, variant);
    if (r >= (strict ? STRICT_R : ALIGNED_R) && r > m->r) {
        *m = (match){j, 64, r, variant >= MIEN_VARIANTS / 2};
    }
}

static mien_status compare_one(void *context, int64_t index, int worker) {
    comparison *c = context;
    int64_t i = c->from + index;
    match *m = &c->matches[i];
    (void)worker;
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while comparing pictures");
    }
    *m = (match){-1, 64, 0, false};
    for (int64_t j = 0; j < i; j++) {
        if (can_be_compared(&c->looks[j], &c->looks[i])) {
            compare(c, i, j, m);
        }
    }
    return MIEN_OK;
}

/* What is compared with all before it takes the longer the later it stands. */
static void tell(const comparison *c, int64_t done,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    double share = (double)done / (double)c->count;
    if (progress && c->sides->strict) {
        progress(context, c->count + (int64_t)(share * share * (double)c->count),
            2 * c->count);
    }
}

static mien_status compare_all(comparison *c, int threads,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    mien_thread_pool *pool = NULL;
    mien_status status = mien_thread_pool_new(threads < 1 ? 1 : threads, &pool);
    for (; status == MIEN_OK && c->from < c->count; c->from += CHUNK) {
        int64_t n = c->count - c->from < CHUNK ? c->count - c->from : CHUNK;
        status = mien_thread_pool_run(pool, n, compare_one, c);
        tell(c, c->from + n, progress, context);
    }
    mien_thread_pool_free(&pool);
    return status;
}

static mien_status report(const mien_sides *sides, const char *column,
    const mien_look *looks, int64_t i, const match *m, mien_findings *findings) {
    const mien_trials *t = sides->trials;
    const mien_look *b = &looks[i], *a = &looks[m->of];
    char folds[64], how[96];
    bool apart = mien_sides_part_pictures(sides, a->row, b->row, folds);
    if (m->bits < 64) {
        snprintf(how, sizeof how, "%d of 64 bits differ", m->bits);
    } else {
        snprintf(how, sizeof how, "%s, they correlate by %.2f",
            m->mirrored ? "mirrored" : "laid on each other", m->r);
    }
    return mien_findings_add(findings, apart ? MIEN_WARNING : MIEN_NOTE,
        apart ? "near-fold" : "near", mien_trials_id(t, b->row),
        "%s looks like %s (trial %s): %s%s", mien_trials_cell(t, b->row, column),
        mien_trials_cell(t, a->row, column), mien_trials_id(t, a->row), how, folds);
}

mien_status mien_doctor_likeness(const mien_sides *sides, const char *column,
    const mien_look *looks, int64_t count, const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_findings *findings) {
    if (count > COMPARED_MAX) {
        return mien_findings_add(findings, MIEN_NOTE, "near", NULL,
            "over %d pictures: they were not compared for likeness", COMPARED_MAX);
    }
    comparison c = {.sides = sides,
        .looks = looks,
        .count = count,
        .near_bits = options->near_bits,
        .rough_bits = count > MANY ? ROUGH_BITS_MANY : ROUGH_BITS};
    c.matches = mien_alloc((size_t)count, sizeof *c.matches);
    mien_status status =
        c.matches ? compare_all(&c, options->threads, progress, context) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (c.matches[i].of >= 0) {
            status = report(sides, column, looks, i, &c.matches[i], findings);
        }
    }
    mien_free(c.matches);
    return status;
}
