/* SPDX-License-Identifier: MIT */
/* The calls with which the rows of branches.def, fusions.def and heads.def build.
 * build.c makes one, calls a fusion's begin(), every branch with the fusion's take()
 * behind it, the fusion's build() and the head's. */
#ifndef MIEN_MODELS_PARTS_H
#define MIEN_MODELS_PARTS_H

#include "mien/models.h"
#include "models/builder.h"

struct mien_part_build {
    mien_builder b; /* a failure makes the rest do nothing */
    const mien_architecture *architecture;
    const mien_options *options; /* of the row */
    /* The prefix of the names of a stage's or head's nodes, without a dot at the
     * end: "face.0", "inputs.sound", "head"; "" for published names. */
    char name[96];
    int input;   /* of a stage: whose branch it is in */
    bool merged; /* of a stage under context: it reads [N × T, item] */
    /* Of a fusion: */
    mien_node x[MIEN_INPUTS_MAX]; /* what the branches read, then what they give */
    mien_node mask;               /* [N, T, M]; -1: nothing can be missing */
    mien_node kept;               /* what begin() made for build() */
};

/** "NAME.what", or "what" where the part has no name: in a ring of buffers, lent. */
const char *mien_part_node(const mien_part_build *part, const char *what);

/** One input's column of the mask: [N, 1], or [N, T, 1] with context, [N × T, 1] in a
 * merged branch; -1: no mask. */
mien_node mien_part_seen(mien_part_build *part, int input);
/** The output of a branch [N, F], zeros where its input is missing. */
mien_node mien_part_masked(mien_part_build *part, int input);
/** The same as one row [N, T × F], the segments of a context side by side. */
mien_node mien_part_row(mien_part_build *part, int input);
/** Batch-norm (1e-5, 0.1) of a stage: where its input may be missing, rows without it
 * do not count in a batch's statistics. */
mien_node mien_part_norm(mien_part_build *part, mien_node x, const char *what);
/** Dropout of a stage; x itself at rate 0. */
mien_node mien_part_dropout(
    mien_part_build *part, mien_node x, double rate, const char *what);
/** Values of the last dimension of a node. */
int64_t mien_part_width(const mien_part_build *part, mien_node x);

/** Whether there is a choice: a preset made the parts, or none did. */
static inline bool mien_part_chosen(const mien_part_choice *choice) {
    return choice->kind[0] != 0;
}
/** The choice of a row whose options are a preset's where their names are equal, and
 * else its defaults, but for the pairs {key, value}. */
mien_status mien_part_from(mien_part_choice *choice, const char *kind,
    const mien_option *table, const mien_options *given, const mien_option *given_table,
    const char *const pairs[][2], int pairs_count);
/** The settings of a choice as options of its row's table; the caller frees. */
mien_status mien_part_read(
    const mien_part_choice *choice, const mien_option *table, mien_options **options);

/* Shared by the heads of decision trees (head_trees.c): the options of how many
 * trees and nodes, and the node that runs them on the fusion's row, under the part's
 * name "0". */
extern const mien_option mien_tree_options[];
mien_node mien_build_trees(mien_part_build *part, mien_node fused);

#endif
