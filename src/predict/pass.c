/* SPDX-License-Identifier: MIT */
/* One pass of a model over rows: gathers their items, runs the network, hands out.
 *
 * What comes in are rows with a place of every input (rows.h); what goes out are
 * predictions in their order. Pictures and films are decoded ahead by a thread
 * (source.c, queue.c); what is small is read by the threads that run the network
 * (pass_feed.c, desks.c). Items that a later row still looks back to stay. predictor.c
 * calls this.
 */
#include "predict/pass.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "predict/after.h"
#include "predict/pass_parts.h"

/* ---- problems ------------------------------------------------------------------- */

/* The failure of one row. */
static mien_status tell_problem(mien_pass *g, const mien_item *item) {
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
static mien_status describe_lacking(const mien_pass *g, mien_item *item) {
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
static void number_run(mien_pass *g, int64_t slot) {
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
static void list_held(mien_pass *g) {
    g->held_count = 0;
    for (int64_t slot = 0; slot < g->count; slot++) {
        if (holds(&g->items[slot])) {
            g->held[g->held_count++] = slot;
        }
    }
}

/* How many of the held can be predicted: those whose later neighbours are there. */
static int64_t count_ready(const mien_pass *g, bool last) {
    int64_t ready = g->kept, after = g->a->context_after;
    while (
        ready < g->held_count && (last || after == 0 || ready + after < g->held_count ||
                                     g->run[g->held[ready]] < g->run_now)) {
        ready++;
    }
    return ready;
}

/* Keeps what later rows look back to, and what waits. */
static void keep_slots(mien_pass *g, int64_t ready, int64_t delivered) {
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

/* ---- running ------------------------------------------------------------------- */

static mien_status run_network(mien_pass *g, int64_t count) {
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
    return count > 0 ? mien_runner_run(g->p->runner, count, mien_pass_fill, g,
                           g->values, g->maps ? maps : NULL)
                     : MIEN_OK;
}

/* ---- handing out ---------------------------------------------------------------- */

static mien_status end_series(mien_pass *g) {
    mien_status status = mien_series_end(g->series, -(double)INFINITY);
    return status == MIEN_OK ? mien_moments_end(g->moments, -(double)INFINITY) : status;
}

static mien_prediction head_of(const mien_pass *g, const mien_item *item) {
    const mien_row *row = &g->rows->items[item->row];
    bool moment = item->kind == MIEN_ITEM_MOMENT;
    return (mien_prediction){.input = row->name,
        .trial = row->trial,
        .series = moment ? row->name : row->series,
        .row = row->number,
        .by = row->by,
        .start_s = item->start_s,
        .end_s = moment ? (double)NAN : item->end_s,
        .trained_on = moment ? 0 : item->trained_on,
        .thumbnail = item->thumbnail};
}

static mien_status deliver_row(
    mien_pass *g, mien_item *item, int64_t index, const float *value) {
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
        status = mien_pass_look(g, index, value);
        head.where = g->where;
    }
    return status == MIEN_OK ? mien_moments_row(g->moments, &head, value) : status;
}

/* A film is smoothed as it comes where the caller says over how long. */
static mien_status deliver_moment(mien_pass *g, mien_item *item, const float *value) {
    const mien_prediction head = head_of(g, item);
    g->film_row = item->row;
    return g->whole && g->options->smooth_s < 0
               ? mien_series_add(g->series, &head, value, &item->thumbnail)
               : mien_moments_add(g->moments, &head, value, &item->thumbnail);
}

static mien_status deliver_end(mien_pass *g, const mien_item *item) {
    mien_status status = mien_series_end(g->series, item->start_s);
    return status == MIEN_OK ? mien_moments_end(g->moments, item->start_s) : status;
}

static mien_status deliver(
    mien_pass *g, int64_t slot, int64_t index, const float *value) {
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
static mien_status flush(mien_pass *g, bool last) {
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

static mien_status next(mien_pass *g, mien_item *item) {
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted");
    }
    return g->queue ? mien_queue_next(g->queue, item)
                    : mien_source_next(g->source, item);
}

static mien_status run_all(mien_pass *g) {
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
static mien_status write_maps(mien_pass *g) {
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
    mien_pass g = {.p = predictor,
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
    mien_status status = mien_pass_open(&g);
    if (status == MIEN_OK) {
        status = run_all(&g);
    }
    if (status == MIEN_OK && g.maps) {
        status = write_maps(&g);
    }
    if (status == MIEN_OK && g.first_problem != MIEN_OK) {
        status = mien_fail(g.first_problem, "%s", g.first_text);
    }
    mien_pass_clear(&g);
    return mien_receiver_status(&g.receiver, status);
}
