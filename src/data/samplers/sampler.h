/* SPDX-License-Identifier: MIT */
/* The rows of samplers.def, and what they draw with.
 */
#ifndef MIEN_DATA_SAMPLER_H
#define MIEN_DATA_SAMPLER_H

#include "mien/data.h"

/* Rows by class: those of class c are row[first[c]] … row[first[c + 1] − 1], ascending.
 */
typedef struct mien_class_rows {
    int classes;
    int64_t *first; /* [classes + 1] */
    int64_t *row;
} mien_class_rows;

struct mien_sampling {
    const mien_sampler *sampler;
    mien_sampler_options options;
    int64_t rows;
    mien_class_rows by_class[MIEN_SAMPLER_FACTORS]; /* a factor each */
    mien_class_rows cells; /* combinations that occur; of samplers that ask for them */
    int64_t *order, count;
    int64_t *scratch; /* [rows] */
};

struct mien_sampler {
    const char *name, *summary;
    int factors;
    bool needs_cells;
    bool ordered; /* the order drawn stays; else it is shuffled */
    /* Checks the options and sets count. */
    mien_status (*plan)(mien_sampling *s);
    /* Fills order; every generator is seeded with `seed`. */
    void (*draw)(mien_sampling *s, uint32_t seed);
};

#define X(name) extern const mien_sampler mien_sampler_##name;
#include "data/samplers/samplers.def"
#undef X

int64_t mien_class_size(const mien_class_rows *rows, int c);
/* The size of the smallest class; MIEN_EINVAL if one is empty. */
mien_status mien_class_smallest(const mien_sampling *s, int factor, int64_t *smallest);
/* The first `take` of a permutation of n rows: what pandas' sample(n=take) gives. */
void mien_take_rows(mien_random *random, const int64_t *row, int64_t n, int64_t take,
    int64_t *scratch, int64_t *out);
/* `take` rows in shuffled passes: none comes again before all have come. */
void mien_take_passes(mien_random *random, const int64_t *row, int64_t n, int64_t take,
    int64_t *scratch, int64_t *out);

#endif
