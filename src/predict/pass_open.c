/* SPDX-License-Identifier: MIT */
/* Opens what a pass works with: the runner for so many rows at once, slots for what is
 * gathered, readers, what comes after the network, room for maps. */
#include <math.h>

#include "predict/after.h"
#include "predict/pass_parts.h"

/* AHEAD: items between decoding and the network. ROWS: rows of small inputs that a
 * thread runs at once: enough to keep the network busy, few enough to stay in the
 * cache; so many BATCHES are gathered. */
enum { AHEAD = 8, ROWS = 64, ROWS_LEAST = 8, BATCHES = 8, SIDE_MAX = 100000 };

void mien_pass_clear(mien_pass *pass) {
    mien_pass *g = pass;
    mien_queue_free(&g->queue);
    mien_source_close(&g->source);
    mien_desks_free(&g->desks);
    mien_lock_free(&g->lock);
    mien_moments_free(&g->moments);
    mien_series_free(&g->series);
    for (int64_t i = 0; g->items && i < g->room; i++) {
        mien_item_clear(&g->items[i]);
    }
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_tensor_free(&g->map[i]);
    }
    mien_free(g->items);
    mien_free(g->run);
    mien_free(g->held);
    mien_free(g->values);
    mien_free(g->hidden);
    mien_free(g->where);
}

/* ---- opening -------------------------------------------------------------------- */

/* Moments on each side of a moving average over a film; judged smoothing is done on
 * whole series. */
static mien_status find_side(const mien_pass *g, int64_t *side) {
    const mien_predict_options *o = g->options;
    *side = 0;
    if (!mien_after_smooths(g->network, o->smooth_s) || !g->rows->pictures) {
        return MIEN_OK;
    }
    if (o->keyframes || !(o->every_s > 0)) {
        return mien_fail(MIEN_EINVAL,
            "smoothing wants pictures at even times, not %s%s",
            o->keyframes ? "key frames" : "every frame",
            o->smooth_s < 0 ? " (0 s of smoothing turns off what the model learnt)"
                            : "");
    }
    if (o->smooth_s > 0) {
        *side = mien_after_side(o->smooth_s, o->every_s, SIDE_MAX);
    }
    return *side < SIDE_MAX
               ? MIEN_OK
               : mien_fail(MIEN_ELIMIT, "smoothing over more than %d moments",
                     2 * (int)SIDE_MAX);
}

static bool is_single_picture(const mien_rows *rows) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    const mien_row *row = rows->items;
    return rows->count == 1 && !row->problem &&
           mien_media_kind_of(row->name, &kind) == MIEN_OK &&
           kind == MIEN_MEDIA_PICTURE;
}

/* How many rows the runner takes at once, and how many are gathered for it. */
static mien_status prepare_runner(mien_pass *g, int64_t decodes, bool single) {
    int threads = g->options->threads > 0 ? g->options->threads : mien_cpu_count();
    int64_t each = g->options->batch > 0 ? g->options->batch : 1,
            batch = each * threads;
    if (decodes == 0) {
        each = ROWS / g->steps > ROWS_LEAST ? ROWS / g->steps : ROWS_LEAST;
        batch = g->rows->count < each * threads ? g->rows->count : each * threads;
    }
    batch = single || batch < 1 ? 1 : batch;
    g->gather = decodes > 0 ? batch : batch * BATCHES;
    return mien_predictor_need(g->p, batch);
}

static mien_status make_slots(mien_pass *g, int64_t decodes) {
    g->room = g->gather + g->a->context_before + g->a->context_after + AHEAD;
    g->items = mien_alloc((size_t)g->room, sizeof *g->items);
    g->run = mien_alloc((size_t)g->room, sizeof *g->run);
    g->held = mien_alloc((size_t)g->room, sizeof *g->held);
    g->values = mien_alloc((size_t)(g->room * g->width), sizeof *g->values);
    bool good = g->items && g->run && g->held && g->values;
    for (int64_t i = 0; good && i < g->room; i++) {
        good = mien_item_init(&g->items[i], decodes) == MIEN_OK;
    }
    return good ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status open_source(mien_pass *g, int64_t decodes) {
    int threads = g->options->threads > 0 ? g->options->threads : mien_cpu_count();
    mien_status status = mien_source_open(g->rows, g->options, g->p->known, &g->source);
    /* one thread decodes and runs the network in turns */
    if (status == MIEN_OK && decodes > 0 && threads > 1) {
        status = mien_queue_new(g->source, AHEAD, decodes, &g->queue);
    }
    return status;
}

static mien_status open_readers(mien_pass *g) {
    mien_status status = mien_lock_new(&g->lock);
    return status == MIEN_OK ? mien_desks_new(g->a, g->p->batch * g->steps, &g->desks)
                             : status;
}

/* Rows without a cell that the model knows are told once, before any is predicted. */
static void tell_unknown(const mien_pass *g) {
    int64_t unknown = 0;
    for (int64_t i = 0; i < g->rows->count; i++) {
        unknown += !g->rows->items[i].by && g->rows->items[i].status == MIEN_OK;
    }
    mien_after_tell(&g->network->after, unknown, g->rows->count);
}

static mien_status open_after(mien_pass *g) {
    int64_t side = 0;
    tell_unknown(g);
    mien_status status = find_side(g, &side);
    g->whole = g->strict || mien_after_smooths(g->network, g->options->smooth_s);
    if (status == MIEN_OK) {
        status =
            mien_moments_new(g->network, side, mien_receive, &g->receiver, &g->moments);
    }
    return status == MIEN_OK ? mien_series_new(g->network, g->options, mien_receive,
                                   &g->receiver, &g->series)
                             : status;
}

static mien_status make_maps(mien_pass *g) {
    const mien_runner *runner = g->p->runner;
    mien_status status = MIEN_OK;
    g->maps = mien_runner_attention_count(runner);
    for (int i = 0; status == MIEN_OK && i < g->maps; i++) {
        int64_t shape[MIEN_RANK_MAX + 1] = {g->rows->count};
        int rank = mien_runner_attention_shape(runner, i, shape + 1);
        status = mien_tensor_new(MIEN_F32, rank + 1, shape, &g->map[i]);
    }
    return status == MIEN_OK && g->maps == 0
               ? mien_fail(
                     MIEN_EINVAL, "%s has no attention", mien_model_path(g->p->model))
               : status;
}

/* Prepares occlusion; of a row's several pictures the first is examined. */
static mien_status prepare_where(mien_pass *g) {
    size_t cells = MIEN_WHERE * MIEN_WHERE, windows = MIEN_WINDOWS * MIEN_WINDOWS;
    g->picture = mien_architecture_input(g->a, "picture");
    if (g->picture < 0) {
        return mien_fail(MIEN_EINVAL, "%s reads no pictures: there is no where in them",
            mien_model_path(g->p->model));
    }
    g->hidden = mien_alloc(windows * (size_t)g->width, sizeof *g->hidden);
    g->where = mien_alloc((size_t)g->network->targets_count * cells, sizeof *g->where);
    return g->hidden && g->where ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_pass_open(mien_pass *pass) {
    mien_pass *g = pass;
    int64_t decodes = mien_source_values(g->a, g->first);
    bool single = decodes > 0 && is_single_picture(g->rows);
    for (int i = 0; i < g->a->inputs_count; i++) {
        g->decoded[i] = mien_source_decodes(&g->a->inputs[i]);
    }
    /* the first picture is decoded while the network is planned */
    mien_status status = open_source(g, decodes);
    if (status == MIEN_OK) {
        status = prepare_runner(g, decodes, single);
    }
    if (status == MIEN_OK) {
        status = make_slots(g, decodes);
    }
    if (status == MIEN_OK) {
        status = open_readers(g);
    }
    if (status == MIEN_OK) {
        status = open_after(g);
    }
    if (status == MIEN_OK && g->options->where) {
        status = prepare_where(g);
    }
    return status == MIEN_OK && g->options->attention ? make_maps(g) : status;
}
