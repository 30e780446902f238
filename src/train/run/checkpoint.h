/* SPDX-License-Identifier: MIT */
/* Checkpoints of a training: safetensors files that are whole or not there, and sealed.
 */
#ifndef MIEN_TRAIN_CHECKPOINT_H
#define MIEN_TRAIN_CHECKPOINT_H

#include "train/trainers/trainer.h"

/** Writes what mien_training_state() lists. run: what it belongs to (64 hex digits, of
 * study, data, weights and fold); events: bytes of the event file by then. Replaces the
 * file only when complete. */
mien_status mien_checkpoint_write(
    const char *path, mien_training *training, const char *run, int64_t events);
/** Takes it up. MIEN_EVERIFY for a file that is of another run or whose bytes are not
 * those that were written; MIEN_EFORMAT for one that is no checkpoint. */
mien_status mien_checkpoint_read(
    const char *path, mien_training *training, const char *run, int64_t *events);

/** Whether a file is what a power cut leaves of one that was written in a group
 * (io/beside.h): nothing, or zeros. Its fit is made again. */
bool mien_checkpoint_is_lost(const char *path);

#endif
