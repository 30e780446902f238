/* SPDX-License-Identifier: MIT */
/* Computes the frozen part of a study's network once for each different item of each
 * input, shared by all folds, seeds and epochs: the values at every node of its
 * frontier. study_run.c calls this before the folds, replay.c before it predicts
 * again. */
#include <string.h>

#include "train/run/study_run_parts.h"

/* Below this share of the whole, reading what was computed saves little. */
#define PREFIX_LEAST 0.1
/* Networks of more trained weights use all threads themselves. */
#define TAIL_WEIGHTS_MOST (4 << 20)

/* The ends of the frozen part that belong to one input: which of the frontier's. */
static int ends_of(const mien_net *whole, int input, mien_node *node) {
    int count = 0;
    for (int k = 0; k < whole->frozen.count; k++) {
        if (whole->frozen.item[k] == input && count < MIEN_COLUMN_PARTS_MAX) {
            node[count++] = whole->frozen.node[k];
        }
    }
    return count;
}

/* Whether what is frozen of an input is worth computing once: by its share of the work.
 */
static mien_status weigh_input(const mien_study_run *c, int input, bool *worth) {
    mien_node node[MIEN_COLUMN_PARTS_MAX];
    mien_net tail = {0};
    *worth = false;
    int ends = ends_of(&c->whole, input, node);
    if (ends == 0) {
        return MIEN_OK;
    }
    mien_status status = mien_net_open_tail(&tail, c->study, &c->whole, 1u << input);
    if (status == MIEN_OK) {
        double whole = mien_graph_flops(c->whole.graph, 1),
               left = mien_graph_flops(tail.graph, 1);
        *worth = whole - left >= PREFIX_LEAST * whole;
    }
    mien_net_clear(&tail);
    return status;
}

mien_status mien_study_run_weigh(
    const mien_study_run *run, uint32_t computed, mien_net *whole) {
    mien_net tail = {0};
    mien_status status =
        computed ? mien_net_open_tail(&tail, run->study, whole, computed) : MIEN_OK;
    if (status == MIEN_OK && computed) {
        whole->tail_weights = mien_graph_weights(tail.graph);
    }
    mien_net_clear(&tail);
    return status;
}

bool mien_study_run_is_parallel(const mien_study_run *run) {
    const mien_study_run *c = run;
    bool loads = mien_trainer_kernels(c->study->trainer);
    for (int m = 0; m < c->dataset.inputs; m++) {
        loads = loads || (!c->dataset.input[m].small && !(c->computed >> m & 1));
    }
    return !loads && c->whole.tail_weights <= TAIL_WEIGHTS_MOST;
}

/* ---- one input ------------------------------------------------------------------ */

typedef struct extraction {
    mien_study_run *c;
    int input, ends;
    mien_node node[MIEN_COLUMN_PARTS_MAX];
    mien_plan *plan;
    mien_batches *feed;
} extraction;

static mien_status make_store(extraction *x) {
    mien_study_run *c = x->c;
    const mien_options *o = c->study->options;
    mien_item_table *table = &c->features.table[x->input];
    *table = (mien_item_table){.computed = true};
    for (int k = 0; k < x->ends; k++) {
        table->width += mien_net_item(&c->whole, x->node[k]);
    }
    size_t items = (size_t)c->dataset.input[x->input].items;
    size_t bytes = items * (size_t)table->width * sizeof(float);
    const char *folder = mien_options_text(o, "cache.folder");
    bool fits = bytes <= (size_t)mien_options_int(o, "cache.memory") << 20;
    return mien_spill_new(bytes,
        fits      ? NULL
        : *folder ? folder
                  : c->folder,
        &c->features.store[x->input]);
}

/* Under context a row of the plan has room for the items of a window: different items
 * are computed there side by side. */
static mien_status make_plan(extraction *x) {
    mien_study_run *c = x->c;
    mien_plan_options o = mien_plan_options_default();
    int64_t batch = mien_options_int(c->study->options, "batch");
    o.batch = (batch + c->dataset.segments - 1) / c->dataset.segments;
    o.threads = c->threads;
    o.outputs = x->node;
    o.outputs_count = x->ends;
    o.measure = false;
    o.micro_batch = 4;
    o.exact = c->exact;
    return mien_plan_new(c->whole.graph, c->whole.parameters, &o, &x->plan);
}

/* Appends what the plan gives for n items: of each, the values at every end of the
 * frozen part, one end after the other. */
static mien_status store_items(extraction *x, int64_t n) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; status == MIEN_OK && k < x->ends; k++) {
            size_t width = (size_t)mien_net_item(&x->c->whole, x->node[k]);
            const float *values = mien_plan_output(x->plan, k)->data;
            status = mien_spill_add(x->c->features.store[x->input],
                values + (size_t)i * width, width * sizeof *values);
        }
    }
    return status;
}

static mien_status fill(extraction *x) {
    mien_study_run *c = x->c;
    const mien_dataset_input *in = &c->dataset.input[x->input];
    mien_batches_pass pass = {.rows = in->first, .count = in->items};
    mien_status status = mien_batches_start(x->feed, &pass);
    for (int64_t done = 0; status == MIEN_OK && done < in->items;) {
        mien_fit_batch b;
        status = mien_batches_next(x->feed, &b);
        if (status == MIEN_OK) {
            memcpy(mien_plan_input(x->plan, c->whole.inputs[x->input]),
                b.values[x->input], (size_t)(b.n * in->width) * sizeof(float));
            status = mien_plan_run(x->plan);
        }
        if (status == MIEN_OK) {
            status = store_items(x, b.n);
        }
        if (status == MIEN_OK) {
            done += b.n;
        }
        if (status == MIEN_OK && c->options->progress) {
            c->options->progress(c->options->context, "features", done, in->items);
        }
    }
    c->features.table[x->input].values = mien_spill_data(c->features.store[x->input]);
    return status;
}

static mien_status extract_input(mien_study_run *c, int input) {
    extraction x = {.c = c, .input = input};
    x.ends = ends_of(&c->whole, input, x.node);
    mien_status status = make_store(&x);
    if (status == MIEN_OK) {
        status = make_plan(&x);
    }
    if (status == MIEN_OK) {
        status =
            mien_batches_open_input(&c->dataset, c->study, input, c->threads, &x.feed);
    }
    if (status == MIEN_OK) {
        status = fill(&x);
    }
    mien_batches_close(&x.feed);
    mien_plan_free(&x.plan);
    return status;
}

/* ---- all ------------------------------------------------------------------------ */

static mien_status extract_blocks(mien_study_run *c) {
    mien_train_options o = *c->options;
    o.weights = c->weights;
    o.threads = c->threads;
    o.exact = c->exact;
    mien_status status = mien_feature_set_open(&c->feature_set, &c->dataset, c->study);
    return status == MIEN_OK
               ? mien_feature_set_extract(&c->feature_set, &c->dataset, c->study, &o)
               : status;
}

mien_status mien_study_run_extract(mien_study_run *run) {
    mien_study_run *c = run;
    bool random = c->weights && strcmp(c->weights, "random") == 0;
    if (mien_trainer_kernels(c->study->trainer)) {
        return extract_blocks(c);
    }
    /* A head that is fitted at once reads every row several times. */
    bool fitted = c->study->trainer->learner != NULL;
    /* A backbone that is drawn is another with every seed. */
    bool may = fitted || (mien_options_flag(c->study->options, "cache.features") &&
                             !(random && c->seeds > 1));
    mien_status status =
        may ? mien_net_open(&c->whole, c->study, &c->dataset, c->weights) : MIEN_OK;
    for (int m = 0; status == MIEN_OK && may && m < c->dataset.inputs; m++) {
        bool worth = fitted && !c->dataset.input[m].small;
        status = fitted ? MIEN_OK : weigh_input(c, m, &worth);
        c->computed |= worth ? 1u << m : 0;
    }
    if (status == MIEN_OK) {
        status = mien_study_run_weigh(c, c->computed, &c->whole);
    }
    for (int m = 0; status == MIEN_OK && m < c->dataset.inputs; m++) {
        if (c->computed >> m & 1) {
            status = extract_input(c, m);
        }
    }
    if (!c->computed) {
        mien_net_clear(&c->whole);
    }
    return status;
}
