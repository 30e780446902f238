/* SPDX-License-Identifier: MIT */
/* One pass of a model over rows: gathers their items, runs the network, hands out.
 *
 * What comes in are rows with a place of every input (rows.h); what goes out are
 * predictions in their order. Pictures and films are decoded ahead by a thread
 * (source.c, queue.c); what is small is read by the threads that run the network
 * (desks.c). Items that a later row still looks back to stay. predictor.c calls this.
 */
#include "predict/pass.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "predict/after.h"
#include "predict/desks.h"
#include "predict/moments.h"
#include "predict/queue.h"
#include "predict/series.h"
#include "predict/sink.h"

/* AHEAD: items between decoding and the network. ROWS: rows of small inputs that a
 * thread runs at once: enough to keep the network busy, few enough to stay in the
 * cache; so many BATCHES are gathered. */
enum { AHEAD = 8, ROWS = 64, ROWS_LEAST = 8, BATCHES = 8, SIDE_MAX = 100000 };

/* Places of a window of two by two cells, in a row of MIEN_WHERE. */
enum { WINDOWS = MIEN_WHERE - 1 };

typedef struct pass {
    mien_predictor *p;
    const mien_predict_options *options;
    const mien_rows *rows;
    const mien_network *network;
    const mien_architecture *a;
    bool strict, whole; /* whole: series are kept and smoothed as a whole */
    bool decoded[MIEN_INPUTS_MAX];
    int64_t first[MIEN_INPUTS_MAX]; /* of a decoded input's values in an item */
    int64_t steps, width, gather;
    mien_source *source;
    mien_queue *queue; /* NULL: the source is read directly */
    mien_desks *desks;
    mien_lock *lock; /* of what the threads tell of items */
    mien_moments *moments;
    mien_series *series;
    mien_receiver receiver;
    mien_predict_problem *problem;
    /* slots: the first `kept` are there to be looked back at */
    mien_item *items;
    int64_t room, count, kept;
    int64_t *run; /* [room] number of the series a slot belongs to */
    int64_t run_now, last_row, series_run;
    int64_t film_row; /* whose moments were delivered last; -1: none */
    int64_t *held;    /* [room] slots that hold a row or moment */
    int64_t held_count, fresh;
    float *values;     /* [room, width] of held slots from `kept` on */
    int64_t predicted; /* rows so far */
    int picture; /* input that is hidden in parts, to see where counts; -1: none */
    int64_t looked_at; /* held row that is; -1: none, rows are run as they are */
    float *hidden;     /* [windows, width] what it then gives */
    float *where;      /* [targets, MIEN_WHERE, MIEN_WHERE] */
    mien_tensor *map[MIEN_INPUTS_MAX];
    int maps;
    mien_status first_problem;
    char first_text[1024];
} pass;

static void pass_clear(pass *g) {
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
static mien_status find_side(const pass *g, int64_t *side) {
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
static mien_status prepare_runner(pass *g, int64_t decodes, bool single) {
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

static mien_status make_slots(pass *g, int64_t decodes) {
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

static mien_status open_readers(pass *g, int64_t decodes, bool single) {
    int threads = g->options->threads > 0 ? g->options->threads : mien_cpu_count();
    mien_status status = mien_source_open(g->rows, g->options, &g->source);
    /* one thread decodes and runs the network in turns */
    if (status == MIEN_OK && decodes > 0 && !single && threads > 1) {
        status = mien_queue_new(g->source, AHEAD, decodes, &g->queue);
    }
    if (status == MIEN_OK) {
        status = mien_lock_new(&g->lock);
    }
    return status == MIEN_OK ? mien_desks_new(g->a, g->p->batch * g->steps, &g->desks)
                             : status;
}

static mien_status open_after(pass *g) {
    int64_t side = 0;
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

static mien_status make_maps(pass *g) {
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

/* Of several pictures the first is looked at. */
static mien_status prepare_where(pass *g) {
    size_t cells = MIEN_WHERE * MIEN_WHERE, windows = WINDOWS * WINDOWS;
    g->picture = mien_architecture_input(g->a, "picture");
    if (g->picture < 0) {
        return mien_fail(MIEN_EINVAL, "%s reads no pictures: there is no where in them",
            mien_model_path(g->p->model));
    }
    g->hidden = mien_alloc(windows * (size_t)g->width, sizeof *g->hidden);
    g->where = mien_alloc((size_t)g->network->targets_count * cells, sizeof *g->where);
    return g->hidden && g->where ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status pass_init(pass *g) {
    int64_t decodes = mien_source_values(g->a, g->first);
    bool single = decodes > 0 && is_single_picture(g->rows);
    for (int i = 0; i < g->a->inputs_count; i++) {
        g->decoded[i] = mien_source_decodes(&g->a->inputs[i]);
    }
    mien_status status = prepare_runner(g, decodes, single);
    if (status == MIEN_OK) {
        status = make_slots(g, decodes);
    }
    if (status == MIEN_OK) {
        status = open_readers(g, decodes, single);
    }
    if (status == MIEN_OK) {
        status = open_after(g);
    }
    if (status == MIEN_OK && g->options->where) {
        status = prepare_where(g);
    }
    return status == MIEN_OK && g->options->attention ? make_maps(g) : status;
}

/* ---- problems ------------------------------------------------------------------- */

/* The failure of one row. */
static mien_status tell_problem(pass *g, const mien_item *item) {
    if (g->strict) {
        return mien_fail(item->status, "%s", item->text);
    }
    if (g->first_problem == MIEN_OK) {
        g->first_problem = item->status;
        snprintf(g->first_text, sizeof g->first_text, "%s", item->text);
    }
    if (g->problem) {
        g->problem(g->receiver.context, g->rows->items[item->row].name, item->text);
    }
    return MIEN_OK;
}

/* A row that turned out to have nothing where the model needs something. */
static mien_status describe_lacking(const pass *g, mien_item *item) {
    const mien_row *row = &g->rows->items[item->row];
    mien_place place[MIEN_INPUTS_MAX];
    mien_string lacking;
    for (int i = 0; i < g->a->inputs_count; i++) {
        place[i] = mien_place_of(item->lacking >> i & 1 ? NULL : "");
    }
    mien_string_init(&lacking);
    mien_rows_lacking(g->rows, place, &lacking);
    mien_status status = mien_string_status(&lacking);
    if (status == MIEN_OK) {
        item->status = MIEN_EFORMAT;
        snprintf(item->text, sizeof item->text,
            "%s%s%s: row %lld has nothing but NaN for %s, and the model was not made "
            "to "
            "do without",
            row->name, row->trial ? ": trial " : "", row->trial ? row->trial : "",
            (long long)row->number, lacking.text);
    }
    mien_string_clear(&lacking);
    return status;
}

/* ---- slots ---------------------------------------------------------------------- */

static bool holds(const mien_item *item) {
    return item->kind == MIEN_ITEM_ROW || item->kind == MIEN_ITEM_MOMENT;
}

/* A row that cannot be predicted at all. With windows it is told at once, since a row
 * before it may wait for those behind it. */
static bool is_row_problem(const mien_item *item) {
    return item->kind == MIEN_ITEM_PROBLEM && isinf(item->start_s);
}

/* A film, and rows of one series, are a run; whatever else is one by itself. */
static void number_run(pass *g, int64_t slot) {
    const mien_item *item = &g->items[slot];
    const mien_row *row = &g->rows->items[item->row];
    const mien_row *last = g->last_row >= 0 ? &g->rows->items[g->last_row] : NULL;
    bool same = item->row == g->last_row || (last && row->series && last->series &&
                                                strcmp(row->series, last->series) == 0);
    g->run_now += !same;
    g->last_row = item->row;
    g->run[slot] = g->run_now;
}

/* Lists the slots that hold something: the first `kept` of them are predicted. */
static void list_held(pass *g) {
    g->held_count = 0;
    for (int64_t slot = 0; slot < g->count; slot++) {
        if (holds(&g->items[slot])) {
            g->held[g->held_count++] = slot;
        }
    }
}

/* How many of the held can be predicted: those whose later neighbours are there. */
static int64_t count_ready(const pass *g, bool last) {
    int64_t ready = g->kept, after = g->a->context_after;
    while (
        ready < g->held_count && (last || after == 0 || ready + after < g->held_count ||
                                     g->run[g->held[ready]] < g->run_now)) {
        ready++;
    }
    return ready;
}

/* Keeps what later rows look back to, and what waits. */
static void keep_slots(pass *g, int64_t ready, int64_t delivered) {
    int64_t from = ready - g->a->context_before, to = 0, kept = 0, index = 0;
    for (int64_t slot = 0; slot < g->count; slot++) {
        bool value = holds(&g->items[slot]);
        bool looked_at = value && index >= from && index < ready;
        index += value;
        if (!looked_at && slot < delivered) {
            continue;
        }
        kept += looked_at;
        mien_item swap = g->items[to];
        g->items[to] = g->items[slot];
        g->items[slot] = swap;
        g->run[to++] = g->run[slot];
    }
    g->count = to;
    g->kept = kept;
    g->fresh = 0;
    for (int64_t slot = kept; slot < to; slot++) {
        g->fresh += holds(&g->items[slot]);
    }
}

/* ---- running -------------------------------------------------------------------- */

/* The held row that the batch's row r is about. */
static int64_t held_at(const pass *g, const mien_runner_batch *batch, int64_t r) {
    return g->looked_at >= 0 ? g->looked_at : g->kept + batch->first + r;
}

/* The slot at step t of the batch's row r; -1: there is none. */
static int64_t slot_at(
    const pass *g, const mien_runner_batch *batch, int64_t r, int64_t t) {
    int64_t here = held_at(g, batch, r), k = here - g->a->context_before + t;
    bool same =
        k >= 0 && k < g->held_count && g->run[g->held[k]] == g->run[g->held[here]];
    return same ? g->held[k] : -1;
}

/* Whether input i is there at a step; where a row's own is not, the model may need it.
 */
static void mark(
    const pass *g, const mien_runner_batch *batch, int64_t step, int i, bool there) {
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
    int64_t row = window / WINDOWS, column = window % WINDOWS;
    int64_t left = column * w / MIEN_WHERE, right = (column + 2) * w / MIEN_WHERE;
    for (int64_t c = 0; c < shape->size[0]; c++) {
        for (int64_t y = row * h / MIEN_WHERE; y < (row + 2) * h / MIEN_WHERE; y++) {
            memset(image + (c * h + y) * w + left, 0,
                (size_t)(right - left) * sizeof *image);
        }
    }
}

static void fill_decoded(const pass *g, const mien_runner_batch *batch, int i) {
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
    pass *g;
    const mien_runner_batch *batch;
} feeding;

/* The first failure of a row's own items speaks for it; a neighbour that cannot be read
 * is missing beside it. */
static void note_failure(void *context, int64_t step, mien_status status) {
    const feeding *f = context;
    pass *g = f->g;
    if (step % g->steps != g->a->context_before) {
        return;
    }
    mien_item *item = &g->items[g->held[g->kept + f->batch->first + step / g->steps]];
    mien_lock_take(g->lock);
    if (item->status == MIEN_OK) {
        item->status = status;
        snprintf(item->text, sizeof item->text, "%s", mien_error());
    }
    mien_lock_give(g->lock);
}

static mien_status fill_small(
    pass *g, const mien_runner_batch *batch, int i, mien_desk *desk) {
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

static mien_status fill(void *context, const mien_runner_batch *batch) {
    pass *g = context;
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

static mien_status run_network(pass *g, int64_t count) {
    float *maps[MIEN_INPUTS_MAX];
    if (g->maps && g->predicted + count > g->rows->count) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "maps of attention are written of rows, not of the moments of a film");
    }
    for (int i = 0; i < g->maps; i++) {
        int64_t each = mien_tensor_count(g->map[i]) / g->rows->count;
        maps[i] = (float *)g->map[i]->data + g->predicted * each;
    }
    g->predicted += count;
    return count > 0 ? mien_runner_run(g->p->runner, count, fill, g, g->values,
                           g->maps ? maps : NULL)
                     : MIEN_OK;
}

/* ---- where in the picture -------------------------------------------------------- */

/* What a row of values says of a target: the value, or how probable a class is. */
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
static void spread(const pass *g, const mien_target *target, const float *value,
    int64_t at, float *to) {
    int choice = choose(target, value + at);
    float whole = said(target, value + at, choice);
    float count[MIEN_WHERE * MIEN_WHERE] = {0};
    memset(to, 0, MIEN_WHERE * MIEN_WHERE * sizeof *to);
    for (int w = 0; w < WINDOWS * WINDOWS; w++) {
        float loss = whole - said(target, g->hidden + w * g->width + at, choice);
        for (int k = 0; k < 4; k++) {
            int cell = (w / WINDOWS + k / 2) * MIEN_WHERE + w % WINDOWS + k % 2;
            to[cell] += loss;
            count[cell]++;
        }
    }
    for (int cell = 0; cell < MIEN_WHERE * MIEN_WHERE; cell++) {
        to[cell] /= count[cell];
    }
}

/* Predicts a held row again with each window of its picture hidden. */
static mien_status look_at(pass *g, int64_t index, const float *value) {
    const mien_network *n = g->network;
    int64_t at = 0;
    g->looked_at = index;
    mien_status status =
        mien_runner_run(g->p->runner, WINDOWS * WINDOWS, fill, g, g->hidden, NULL);
    g->looked_at = -1;
    for (int t = 0; status == MIEN_OK && t < n->targets_count; t++) {
        spread(g, &n->targets[t], value, at, g->where + t * MIEN_WHERE * MIEN_WHERE);
        at += mien_target_width(&n->targets[t]);
    }
    return status;
}

/* ---- handing out ---------------------------------------------------------------- */

static mien_status end_series(pass *g) {
    return mien_series_end(g->series, -(double)INFINITY);
}

static mien_prediction head_of(const pass *g, const mien_item *item) {
    const mien_row *row = &g->rows->items[item->row];
    bool moment = item->kind == MIEN_ITEM_MOMENT;
    return (mien_prediction){.input = row->name,
        .trial = row->trial,
        .series = moment ? row->name : row->series,
        .row = row->number,
        .start_s = item->start_s,
        .end_s = moment ? (double)NAN : item->end_s,
        .thumbnail = item->thumbnail};
}

static mien_status deliver_row(
    pass *g, mien_item *item, int64_t index, const float *value) {
    mien_prediction head = head_of(g, item);
    const mien_predict_options *o = g->options;
    mien_status status = MIEN_OK;
    if (g->whole && head.series) {
        return mien_series_add(g->series, &head, value, &item->thumbnail);
    }
    if (head.start_s < o->start_s || head.start_s >= o->end_s) {
        return MIEN_OK;
    }
    if (g->picture >= 0 && item->there[g->picture]) {
        status = look_at(g, index, value);
        head.where = g->where;
    }
    return status == MIEN_OK ? mien_moments_row(g->moments, &head, value) : status;
}

/* A film is smoothed as it comes where the caller says over how long. */
static mien_status deliver_moment(pass *g, mien_item *item, const float *value) {
    const mien_prediction head = head_of(g, item);
    g->film_row = item->row;
    return g->whole && g->options->smooth_s < 0
               ? mien_series_add(g->series, &head, value, &item->thumbnail)
               : mien_moments_add(g->moments, &head, value, &item->thumbnail);
}

static mien_status deliver_end(pass *g, const mien_item *item) {
    mien_status status = mien_series_end(g->series, item->start_s);
    return status == MIEN_OK ? mien_moments_end(g->moments, item->start_s) : status;
}

static mien_status deliver(pass *g, int64_t slot, int64_t index, const float *value) {
    mien_item *item = &g->items[slot];
    mien_status status = MIEN_OK;
    if (g->run[slot] != g->series_run) {
        status = end_series(g);
        g->series_run = g->run[slot];
    }
    if (status == MIEN_OK && holds(item) && item->status == MIEN_OK && item->lacking) {
        status = describe_lacking(g, item);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (holds(item) && item->status != MIEN_OK) {
        return tell_problem(g, item);
    }
    switch (item->kind) {
    case MIEN_ITEM_ROW:
        return deliver_row(g, item, index, value);
    case MIEN_ITEM_MOMENT:
        return deliver_moment(g, item, value);
    case MIEN_ITEM_FILM_END:
        return deliver_end(g, item);
    case MIEN_ITEM_PROBLEM:
        /* moments before the damage stand */
        status = tell_problem(g, item);
        return status == MIEN_OK && item->row == g->film_row ? deliver_end(g, item)
                                                             : status;
    }
    return MIEN_OK;
}

/* Runs the network over what is ready and delivers it in order. */
static mien_status flush(pass *g, bool last) {
    list_held(g);
    int64_t ready = count_ready(g, last), slot = g->kept, index = g->kept;
    mien_status status = run_network(g, ready - g->kept);
    for (; status == MIEN_OK && slot < g->count; slot++) {
        bool value = holds(&g->items[slot]);
        if (value && index == ready) {
            break;
        }
        status = deliver(g, slot, index, g->values + (index - g->kept) * g->width);
        index += value;
    }
    if (status == MIEN_OK) {
        keep_slots(g, ready, slot);
    }
    return status;
}

static mien_status next(pass *g, mien_item *item) {
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted");
    }
    return g->queue ? mien_queue_next(g->queue, item)
                    : mien_source_next(g->source, item);
}

static mien_status run_all(pass *g) {
    mien_status status = MIEN_OK;
    while ((status = next(g, &g->items[g->count])) == MIEN_OK) {
        number_run(g, g->count);
        if (g->steps > 1 && is_row_problem(&g->items[g->count])) {
            status = tell_problem(g, &g->items[g->count]);
        } else {
            g->fresh += holds(&g->items[g->count]);
            g->count++;
        }
        if (status != MIEN_OK) {
            return status;
        }
        if (g->fresh >= g->gather + g->a->context_after || g->count == g->room) {
            status = flush(g, false);
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    status = status == MIEN_END ? flush(g, true) : status;
    return status == MIEN_OK ? end_series(g) : status;
}

/* Rows that could not be predicted have no map. */
static mien_status write_maps(pass *g) {
    const char *names[MIEN_INPUTS_MAX];
    for (int i = 0; i < g->maps; i++) {
        names[i] = mien_runner_attention_name(g->p->runner, i);
        g->map[i]->shape[0] = g->predicted;
    }
    return mien_hdf5_write(
        g->options->attention, g->maps, names, (const mien_tensor *const *)g->map);
}

mien_status mien_pass_run(mien_predictor *predictor, const mien_rows *rows, bool strict,
    mien_predict_sink *sink, mien_predict_problem *problem, void *context) {
    pass g = {.p = predictor,
        .options = &predictor->options,
        .rows = rows,
        .network = rows->network,
        .a = &rows->network->architecture,
        .strict = strict,
        .steps = mien_architecture_steps(&rows->network->architecture),
        .width = mien_model_width(predictor->model),
        .receiver = {sink, context, false, ""},
        .problem = problem,
        .last_row = -1,
        .film_row = -1,
        .picture = -1,
        .looked_at = -1,
        .series_run = -1};
    mien_status status = pass_init(&g);
    if (status == MIEN_OK) {
        status = run_all(&g);
    }
    if (status == MIEN_OK && g.maps) {
        status = write_maps(&g);
    }
    if (status == MIEN_OK && g.first_problem != MIEN_OK) {
        status = mien_fail(g.first_problem, "%s", g.first_text);
    }
    pass_clear(&g);
    return mien_receiver_status(&g.receiver, status);
}
