/* SPDX-License-Identifier: MIT */
/* Where in a picture a prediction comes from, by occlusion: a row is predicted again
 * with each window of its picture covered; a cell's share is the mean loss of the
 * windows that cover it (Zeiler & Fergus 2014). */
#include <string.h>

#include "predict/pass_parts.h"

/* The prediction of a target in a row of values: the value, or how probable a class
 * is. */
static float said(const mien_target *target, const float *row, int choice) {
    return target->link == MIEN_LINK_VALUE ? *row : row[choice];
}

static int choose(const mien_target *target, const float *row) {
    double shares[MIEN_CLASSES_MAX];
    for (int c = 0; c < target->classes_count; c++) {
        shares[c] = (double)row[c];
    }
    return target->link == MIEN_LINK_VALUE ? 0 : mien_target_choose(target, shares);
}

/* A cell's share: the mean loss of the windows that cover it. */
static void spread(const mien_pass *g, const mien_target *target, const float *value,
    int64_t at, float *to) {
    int choice = choose(target, value + at);
    float whole = said(target, value + at, choice);
    float count[MIEN_WHERE * MIEN_WHERE] = {0};
    memset(to, 0, MIEN_WHERE * MIEN_WHERE * sizeof *to);
    for (int w = 0; w < MIEN_WINDOWS * MIEN_WINDOWS; w++) {
        float loss = whole - said(target, g->hidden + w * g->width + at, choice);
        for (int k = 0; k < 4; k++) {
            int cell =
                (w / MIEN_WINDOWS + k / 2) * MIEN_WHERE + w % MIEN_WINDOWS + k % 2;
            to[cell] += loss;
            count[cell]++;
        }
    }
    for (int cell = 0; cell < MIEN_WHERE * MIEN_WHERE; cell++) {
        to[cell] /= count[cell];
    }
}

/* Predicts a held row again with each window of its picture hidden. */
mien_status mien_pass_look(mien_pass *pass, int64_t index, const float *value) {
    mien_pass *g = pass;
    const mien_network *n = g->network;
    int64_t at = 0;
    g->looked_at = index;
    mien_status status = mien_runner_run(
        g->p->runner, MIEN_WINDOWS * MIEN_WINDOWS, mien_pass_fill, g, g->hidden, NULL);
    g->looked_at = -1;
    for (int t = 0; status == MIEN_OK && t < n->targets_count; t++) {
        spread(g, &n->targets[t], value, at, g->where + t * MIEN_WHERE * MIEN_WHERE);
        at += mien_target_width(&n->targets[t]);
    }
    return status;
}
