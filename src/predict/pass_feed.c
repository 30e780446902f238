/* SPDX-License-Identifier: MIT */
/* Feeds the plans of a pass: what was decoded is copied, what is small is read, each
 * row with its neighbours in time. The threads of the runner call this. */
#include <stdio.h>
#include <string.h>

#include "predict/pass_parts.h"

/* The held row that the batch's row r is about. */
static int64_t held_at(const mien_pass *g, const mien_runner_batch *batch, int64_t r) {
    return g->looked_at >= 0 ? g->looked_at : g->kept + batch->first + r;
}

/* The slot at step t of the batch's row r; -1: there is none. */
static int64_t slot_at(
    const mien_pass *g, const mien_runner_batch *batch, int64_t r, int64_t t) {
    int64_t here = held_at(g, batch, r), k = here - g->a->context_before + t;
    bool same =
        k >= 0 && k < g->held_count && g->run[g->held[k]] == g->run[g->held[here]];
    return same ? g->held[k] : -1;
}

/* Whether input i is there at a step; where a row's own is not, the model may need it.
 */
static void mark(const mien_pass *g, const mien_runner_batch *batch, int64_t step,
    int i, bool there) {
    if (batch->mask) {
        batch->mask[step * g->a->inputs_count + i] = there;
    }
    if (!there && !g->a->inputs[i].optional &&
        step % g->steps == g->a->context_before) {
        int64_t slot = g->held[held_at(g, batch, step / g->steps)];
        g->items[slot].lacking |= 1u << i;
    }
}

/* The mean colour in place of a window of two by two cells of the network's view. */
static void hide_window(const mien_item_shape *shape, int64_t window, float *image) {
    int64_t h = shape->size[1], w = shape->size[2];
    int64_t row = window / MIEN_WINDOWS, column = window % MIEN_WINDOWS;
    int64_t left = column * w / MIEN_WHERE, right = (column + 2) * w / MIEN_WHERE;
    for (int64_t c = 0; c < shape->size[0]; c++) {
        for (int64_t y = row * h / MIEN_WHERE; y < (row + 2) * h / MIEN_WHERE; y++) {
            memset(image + (c * h + y) * w + left, 0,
                (size_t)(right - left) * sizeof *image);
        }
    }
}

static void fill_decoded(const mien_pass *g, const mien_runner_batch *batch, int i) {
    const mien_item_shape *shape = &g->a->inputs[i].shape;
    int64_t each = mien_item_values(shape), mask = shape->steps;
    for (int64_t step = 0; step < batch->count * g->steps; step++) {
        int64_t slot = slot_at(g, batch, step / g->steps, step % g->steps);
        bool there = slot >= 0 && g->items[slot].there[i];
        float *to = batch->inputs[i] + step * each;
        if (there) {
            memcpy(to, g->items[slot].values + g->first[i], (size_t)each * sizeof *to);
        } else {
            memset(to, 0, (size_t)each * sizeof *to);
        }
        for (int64_t s = 0; batch->seen[i] && s < mask; s++) {
            batch->seen[i][step * mask + s] =
                there ? g->items[slot].values[g->first[i] + each + s] : 0;
        }
        if (there && g->looked_at >= 0 && i == g->picture &&
            step % g->steps == g->a->context_before) {
            hide_window(shape, batch->first + step / g->steps, to);
        }
        mark(g, batch, step, i, there);
    }
}

typedef struct feeding {
    mien_pass *g;
    const mien_runner_batch *batch;
} feeding;

/* The first failure of a row's own items speaks for it; a neighbour that cannot be read
 * is missing beside it. */
static void note_failure(void *context, int64_t step, mien_status status) {
    const feeding *f = context;
    mien_pass *g = f->g;
    if (step % g->steps != g->a->context_before) {
        return;
    }
    mien_item *item = &g->items[g->held[g->kept + f->batch->first + step / g->steps]];
    mien_lock_take(g->lock);
    if (item->status == MIEN_OK) {
        const char *trial = g->rows->items[item->row].trial;
        item->status = status;
        snprintf(item->text, sizeof item->text, "%s%s%s%s", trial ? "trial " : "",
            trial ? trial : "", trial ? ": " : "", mien_error());
    }
    mien_lock_give(g->lock);
}

static mien_status fill_small(
    mien_pass *g, const mien_runner_batch *batch, int i, mien_desk *desk) {
    int64_t steps = batch->count * g->steps;
    feeding f = {g, batch};
    for (int64_t step = 0; step < steps; step++) {
        int64_t slot = slot_at(g, batch, step / g->steps, step % g->steps);
        const mien_place *place =
            slot >= 0 ? &g->rows->items[g->items[slot].row].place[i] : NULL;
        desk->wanted[step] =
            (mien_wanted){place && place->file ? place : NULL, MIEN_END};
    }
    mien_status status = mien_desk_read(desk, &g->a->inputs[i], i, steps,
        batch->inputs[i], batch->seen[i], note_failure, &f);
    for (int64_t step = 0; status == MIEN_OK && step < steps; step++) {
        mark(g, batch, step, i, desk->wanted[step].status == MIEN_OK);
    }
    return status;
}

mien_status mien_pass_fill(void *context, const mien_runner_batch *batch) {
    mien_pass *g = context;
    mien_desk *desk = NULL;
    mien_status status = mien_interrupted()
                             ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                             : mien_desks_take(g->desks, &desk);
    for (int i = 0; status == MIEN_OK && i < g->a->inputs_count; i++) {
        if (g->decoded[i]) {
            fill_decoded(g, batch, i);
        } else {
            status = fill_small(g, batch, i, desk);
        }
    }
    mien_desks_give(g->desks, desk);
    return status;
}
