/* SPDX-License-Identifier: MIT */
/* The state that a checkpoint keeps: named tensors over the live memory of whatever
 * must go on with the same bits. Everything of this room that remembers adds its
 * own. */
#ifndef MIEN_TRAIN_CHECKPOINT_STATE_H
#define MIEN_TRAIN_CHECKPOINT_STATE_H

#include "mien/io.h"

/** Start with {0}. names and tensors go to mien_safetensors_write() as they are; they
 * show the memory they were added with, whatever it holds by then. */
typedef struct mien_checkpoint_state {
    int64_t count, capacity;
    char **names;
    mien_tensor **tensors;
} mien_checkpoint_state;

/** Adds [count] values at data, which must outlive the state. */
mien_status mien_checkpoint_state_add(mien_checkpoint_state *state, mien_dtype dtype,
    int64_t count, void *data, const char *format, ...) MIEN_PRINTF(5, 6);
void mien_checkpoint_state_clear(mien_checkpoint_state *state);

/** Fills the memory from tensors of the same names, types and counts; others in the
 * archive are left alone. All are checked before any is read: MIEN_ENOTFOUND,
 * MIEN_ESHAPE name the first that does not fit, and nothing has changed then. */
mien_status mien_checkpoint_state_load(
    const mien_checkpoint_state *state, mien_archive *archive);

#endif
