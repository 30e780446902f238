/* SPDX-License-Identifier: MIT */
/* Left and right change places. */
#include "signal/augment.h"

static const mien_option options[] = {MIEN_AUGMENT_P("0.5"), {.name = NULL}};

static mien_affine map(
    const double *value, const mien_frame *frame, const mien_augment_step *step) {
    (void)value, (void)frame, (void)step;
    return (mien_affine){.xx = -1.0, .yy = 1.0};
}

static const mien_augment_work work = {
    .phase = MIEN_AUGMENT_MOVES, .stays = MIEN_STAYS_ALWAYS, .map = map};

const mien_augment_kind mien_augment_flip = {
    .name = "flip",
    .summary = "mirrors left and right",
    .main = "p",
    .options = options,
    .work = &work,
};
