/* SPDX-License-Identifier: MIT */
/* What is frozen in a study's network, computed once for each different picture and
 * shared by all folds and epochs: the values at every node of its frontier. */
#include <string.h>

#include "train/campaign_parts.h"
#include "train/numbering.h"

/* Below this share of the whole, reading what was computed saves little. */
#define PREFIX_LEAST 0.1
/* Networks of more trained values use all threads themselves. */
#define SIDE_BY_SIDE_WEIGHTS (4 << 20)

static mien_status number_stimuli(mien_campaign *c, int64_t **first) {
    mien_features *f = &c->features;
    size_t rows = (size_t)c->corpus.rows;
    const char **names = mien_alloc(rows, sizeof *names);
    f->stimulus = mien_alloc(rows, sizeof *f->stimulus);
    *first = mien_alloc(rows, sizeof **first);
    mien_status status = names && f->stimulus && *first ? MIEN_OK : MIEN_ENOMEM;
    for (size_t i = 0; status == MIEN_OK && i < rows; i++) {
        names[i] = mien_trials_cell(c->corpus.trials, c->corpus.row[i], "image");
    }
    if (status == MIEN_OK) {
        status = mien_number_names(names, c->corpus.rows, f->stimulus, &f->stimuli);
    }
    for (int64_t i = c->corpus.rows; status == MIEN_OK && i-- > 0;) {
        (*first)[f->stimulus[i]] = i;
    }
    mien_free(names);
    return status;
}

/* Whether what is frozen is worth computing once, and how its folds are trained. */
static mien_status weigh(mien_campaign *c) {
    mien_net tail = {0};
    if (c->whole.frozen.count == 0) {
        return MIEN_OK;
    }
    mien_status status = mien_net_open_tail(&tail, c->study, &c->whole);
    if (status == MIEN_OK) {
        double whole = mien_graph_flops(c->whole.graph, 1),
               left = mien_graph_flops(tail.graph, 1);
        c->cached = whole - left >= PREFIX_LEAST * whole;
        c->side_by_side =
            c->cached && mien_graph_weights(tail.graph) <= SIDE_BY_SIDE_WEIGHTS;
    }
    mien_net_clear(&tail);
    return status;
}

static mien_status make_store(mien_campaign *c) {
    mien_features *f = &c->features;
    const mien_options *o = c->study->options;
    f->width = 0;
    for (int k = 0; k < c->whole.frozen.count; k++) {
        f->width += mien_net_width(&c->whole, c->whole.frozen.node[k]);
    }
    size_t bytes = (size_t)(f->stimuli * f->width) * sizeof(float);
    const char *folder = mien_options_text(o, "cache.folder");
    bool fits = bytes <= (size_t)mien_options_int(o, "cache.memory") << 20;
    return mien_scratch_new(bytes,
        fits      ? NULL
        : *folder ? folder
                  : c->folder,
        &f->store);
}

static mien_status make_plan(mien_campaign *c, mien_plan **plan) {
    mien_plan_options o = mien_plan_options_default();
    o.batch = mien_options_int(c->study->options, "batch");
    o.threads = c->threads;
    o.outputs = c->whole.frozen.node;
    o.outputs_count = c->whole.frozen.count;
    o.measure = false;
    o.micro_batch = 4;
    o.exact = c->exact;
    return mien_plan_new(c->whole.graph, c->whole.parameters, &o, plan);
}

/* Appends what the plan gives for n pictures: of each, the values at every end of the
 * frozen part, one end after the other. */
static mien_status store_rows(mien_campaign *c, const mien_plan *plan, int64_t n) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; status == MIEN_OK && k < c->whole.frozen.count; k++) {
            size_t width = (size_t)mien_net_width(&c->whole, c->whole.frozen.node[k]);
            const float *values = mien_plan_output(plan, k)->data;
            status = mien_scratch_add(
                c->features.store, values + (size_t)i * width, width * sizeof *values);
        }
    }
    return status;
}

static mien_status fill(
    mien_campaign *c, mien_plan *plan, mien_feed *feed, const int64_t *first) {
    mien_features *f = &c->features;
    mien_feed_pass pass = {.rows = first, .count = f->stimuli};
    size_t values = (size_t)mien_item_values(&c->whole.architecture.inputs[0].shape);
    mien_status status = mien_feed_start(feed, &pass);
    for (int64_t done = 0; status == MIEN_OK && done < f->stimuli;) {
        mien_feed_batch b;
        status = mien_feed_next(feed, &b);
        if (status == MIEN_OK) {
            memcpy(mien_plan_input(plan, c->whole.input), b.values,
                (size_t)b.n * values * sizeof(float));
            status = mien_plan_run(plan);
        }
        if (status == MIEN_OK) {
            status = store_rows(c, plan, b.n);
        }
        if (status == MIEN_OK) {
            done += b.n;
        }
        if (status == MIEN_OK && c->options->progress) {
            c->options->progress(c->options->context, "features", done, f->stimuli);
        }
    }
    f->values = mien_scratch_data(f->store);
    return status;
}

static mien_status extract(mien_campaign *c) {
    int64_t *first = NULL;
    mien_plan *plan = NULL;
    mien_feed *feed = NULL;
    mien_status status = number_stimuli(c, &first);
    if (status == MIEN_OK) {
        status = make_store(c);
    }
    if (status == MIEN_OK) {
        status = make_plan(c, &plan);
    }
    if (status == MIEN_OK) {
        status = mien_feed_open(&c->corpus, c->study, NULL, c->threads, &feed);
    }
    if (status == MIEN_OK) {
        status = fill(c, plan, feed, first);
    }
    mien_feed_close(&feed);
    mien_plan_free(&plan);
    mien_free(first);
    return status;
}

mien_status mien_campaign_extract(mien_campaign *campaign) {
    mien_campaign *c = campaign;
    bool random = c->weights && strcmp(c->weights, "random") == 0;
    if (!(c->study->trainer->can & MIEN_TRAINS_BY_STEPS)) {
        mien_train_options o = *c->options;
        o.weights = c->weights;
        o.threads = c->threads;
        o.exact = c->exact;
        mien_status status = mien_material_open(&c->material, &c->corpus, c->study);
        return status == MIEN_OK
                   ? mien_material_extract(&c->material, &c->corpus, c->study, &o)
                   : status;
    }
    /* a backbone that is drawn is another with every seed */
    if (!mien_net_may_cache(c->study) || (random && c->seeds > 1)) {
        return MIEN_OK;
    }
    mien_status status =
        mien_net_open(&c->whole, c->study, c->corpus.outputs, c->weights);
    if (status == MIEN_OK) {
        status = weigh(c);
    }
    if (status == MIEN_OK && c->cached) {
        return extract(c);
    }
    mien_net_clear(&c->whole);
    return status;
}
