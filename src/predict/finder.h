/* SPDX-License-Identifier: MIT */
/* A row of finders.def: a network that looks at one canvas. finders.c scales
 * pictures, passes over them, and makes one list of what was found. */
#ifndef MIEN_PREDICT_FINDER_H
#define MIEN_PREDICT_FINDER_H

#include "mien/finders.h"

/** A face as a network gives it, and its place among equals. */
typedef struct mien_candidate {
    mien_face face; /* in pixels of the canvas */
    int stride;
    int64_t index;
} mien_candidate;

typedef struct mien_candidates {
    mien_candidate *items;
    int64_t count, room;
} mien_candidates;
/** MIEN_ENOMEM. */
mien_status mien_candidates_add(
    mien_candidates *candidates, const mien_candidate *candidate);

struct mien_finder_kind {
    const char *name, *summary;
    /** Loads what it needs; own is given to the others. hash [65]: of its weights. */
    mien_status (*open)(const mien_finder_options *options, char *hash, void **own);
    void (*close)(void **own);
    /** Adds every face of [H, W, 3] u8 that scores at least as much, overlapping ones
     * too. */
    mien_status (*look)(
        void *own, const mien_tensor *image, double score, mien_candidates *found);
    int (*plans)(const void *own);
};

#define X(name) extern const mien_finder_kind mien_finder_kind_##name;
#include "predict/finders.def"
#undef X

#endif
