/* SPDX-License-Identifier: MIT */
/* The changes that explain a run: inputs left out, shown alone, permuted. */
#include <stdio.h>
#include <string.h>

#include "train/explain/explain.h"

/* Keeps its draws apart from others of the same seed. */
#define PERMUTATION_STREAM 0x7065726d757465u

/* ---- settling ------------------------------------------------------------------ */

static mien_status settle_hiding(mien_explanation *e) {
    mien_hiding *h = &e->options.hiding;
    bool learnt = mien_options_number(e->study->options, "modality-dropout") > 0;
    if (*h == MIEN_HIDING_AUTO) {
        *h = learnt || e->dataset->missing ? MIEN_HIDING_MASK : MIEN_HIDING_MEAN;
    }
    return *h == MIEN_HIDING_MASK && !mien_replay_masks(e->replay)
               ? mien_fail(MIEN_EINVAL,
                     "%s: its network takes no mask: hide inputs by their mean, or "
                     "train with modality-dropout",
                     e->run)
               : MIEN_OK;
}

static mien_status settle_permutation(mien_explanation *e) {
    mien_permutation *p = &e->options.permutation;
    if (*p == MIEN_PERMUTATION_AUTO) {
        *p = e->dataset->order ? MIEN_PERMUTATION_SHIFT : MIEN_PERMUTATION_ROWS;
    }
    return *p == MIEN_PERMUTATION_SHIFT && !e->dataset->order
               ? mien_fail(MIEN_EINVAL,
                     "%s: its rows have no order in time to shift them in: permute "
                     "rows",
                     e->run)
               : MIEN_OK;
}

/* ---- permutations -------------------------------------------------------------- */

static int64_t below(mien_stream *s, int64_t n) {
    return (int64_t)(mien_stream_uniform(s) * (double)n);
}

/* Each film is turned round by 1 to all but one of its rows; one row stays. */
static void shift(const mien_dataset *c, mien_stream *s, int64_t *from) {
    for (int64_t g = 0; g < c->groups; g++) {
        int64_t first = c->first[g], n = c->first[g + 1] - first;
        int64_t by = n > 1 ? 1 + below(s, n - 1) : 0;
        for (int64_t i = 0; i < n; i++) {
            from[c->order[first + i]] = c->order[first + (i + by) % n];
        }
    }
}

/* Rows of each fold change places (Fisher & Yates). */
static void exchange(
    const mien_dataset *c, mien_stream *s, int64_t *room, int64_t *from) {
    for (int fold = 0; fold < c->folds; fold++) {
        int64_t n = 0;
        for (int64_t i = 0; i < c->rows; i++) {
            if (c->fold[i] == fold) {
                room[n] = i;
                from[i] = n++;
            }
        }
        for (int64_t i = n - 1; i > 0; i--) {
            int64_t k = below(s, i + 1), kept = room[i];
            room[i] = room[k];
            room[k] = kept;
        }
        for (int64_t i = 0; i < c->rows; i++) {
            from[i] = c->fold[i] == fold ? room[from[i]] : from[i];
        }
    }
}

static mien_status permute(mien_explanation *e) {
    const mien_dataset *c = e->dataset;
    int64_t maps = (int64_t)e->repeats * e->inputs;
    int64_t *room = mien_alloc((size_t)c->rows, sizeof *room);
    e->from = mien_alloc((size_t)(maps * c->rows), sizeof *e->from);
    for (int64_t k = 0; room && e->from && k < maps; k++) {
        int64_t *from = e->from + k * c->rows;
        mien_stream s;
        mien_stream_init(&s, e->options.seed ^ PERMUTATION_STREAM,
            (uint64_t)(k / e->inputs), (uint64_t)(k % e->inputs));
        for (int64_t i = 0; i < c->rows; i++) {
            from[i] = i;
        }
        if (e->options.permutation == MIEN_PERMUTATION_SHIFT) {
            shift(c, &s, from);
        } else {
            exchange(c, &s, room, from);
        }
    }
    mien_status status = room && e->from ? MIEN_OK : MIEN_ENOMEM;
    mien_free(room);
    return status;
}

/* ---- all ----------------------------------------------------------------------- */

/* Inputs, then their parts where a network loads them (sensors of a series). */
static mien_status list_left_out(mien_explanation *e) {
    mien_status status = MIEN_OK;
    for (int m = 0; m < e->inputs; m++) {
        mien_left_out *l = &e->left[e->lefts++];
        l->input = m;
        snprintf(l->name, sizeof l->name, "%s", e->dataset->input[m].input.name);
    }
    for (int m = 0; status == MIEN_OK && m < e->inputs; m++) {
        const mien_input *input = &e->dataset->input[m].input;
        mien_input_part part[MIEN_INPUT_PARTS_MAX];
        int count = 0;
        status = mien_input_parts(input, part, &count);
        bool several = count > 1 && mien_replay_loads(e->replay, m);
        for (int k = 0; several && k < count && e->lefts < MIEN_LEFT_OUT_MAX; k++) {
            mien_left_out *l = &e->left[e->lefts++];
            l->input = m;
            l->rows = part[k].rows;
            snprintf(l->name, sizeof l->name, "%s/%s", input->name, part[k].name);
        }
    }
    return status;
}

/* Lists the predictions to make; those of one input stand together within a way. */
static void list(mien_explanation *e) {
    uint32_t all = (uint32_t)((1u << e->inputs) - 1);
    bool masked = e->options.hiding == MIEN_HIDING_MASK;
    e->changes = 1;
    for (int k = 0; k < e->lefts; k++) {
        const mien_left_out *l = &e->left[k];
        e->change[e->changes++] =
            l->rows ? (mien_columns_change){.part_of = l->input, .part_rows = l->rows}
                    : (mien_columns_change){.hidden = 1u << l->input, .masked = masked};
    }
    for (int m = 0; m < e->inputs; m++) {
        e->change[e->changes++] =
            (mien_columns_change){.hidden = all & ~(1u << m), .masked = masked};
    }
    for (int m = 0; m < e->inputs; m++) {
        for (int k = 0; k < e->repeats; k++) {
            e->change[e->changes++] = (mien_columns_change){.moved = 1u << m,
                .from = e->from + (int64_t)k * e->inputs * e->dataset->rows};
        }
    }
}

mien_status mien_explanation_changes(mien_explanation *explanation) {
    mien_explanation *e = explanation;
    mien_status status = settle_hiding(e);
    if (status == MIEN_OK) {
        status = settle_permutation(e);
    }
    if (status == MIEN_OK) {
        status = permute(e);
    }
    if (status == MIEN_OK) {
        status = list_left_out(e);
    }
    if (status == MIEN_OK) {
        e->change = mien_alloc(
            (size_t)(1 + e->lefts + e->inputs * (1 + e->repeats)), sizeof *e->change);
        status = e->change ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        list(e);
    }
    return status;
}

bool mien_explanation_has(const mien_explanation *explanation, mien_way way) {
    return way != MIEN_WAY_RETRAINED || explanation->retrained;
}

const double *mien_explanation_of(
    const mien_explanation *explanation, mien_way way, int input, int *count) {
    const mien_explanation *e = explanation;
    int64_t each = e->seeds * e->values;
    *count = e->seeds;
    switch (way) {
    case MIEN_WAY_LEFT_OUT:
        return e->predictions + (1 + input) * each;
    case MIEN_WAY_ALONE:
        return e->predictions + (1 + e->lefts + input) * each;
    case MIEN_WAY_PERMUTED:
        *count = e->seeds * e->repeats;
        return e->predictions + (1 + e->lefts + e->inputs + input * e->repeats) * each;
    default:
        return e->retrained + input * each;
    }
}
