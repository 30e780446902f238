/* SPDX-License-Identifier: MIT */
/* Runs the frozen network in front of a head over rows of the dataset, batch by batch.
 * head_trainer.c calls it; items come from tables in memory, of features as they were
 * measured or of what a frozen branch gives for each different picture. */
#include "train/trainers/head_rows.h"

#include <math.h>
#include <string.h>

enum { BATCH = 64 };

/* A spread that float32 cannot tell from rounding is none. */
#define SMALLEST_SPREAD 1e-7

void mien_head_rows_clear(mien_head_rows *rows) {
    mien_plan_free(&rows->plan);
    mien_net_clear(&rows->net);
    mien_columns_clear(&rows->columns);
    mien_free(rows->mean);
    mien_free(rows->scale);
    *rows = (mien_head_rows){0};
}

static bool reads_an_input(const mien_head_rows *r) {
    return strcmp(mien_graph_operator(r->net.graph, r->net.fused), "input") == 0;
}

static mien_status make_plan(mien_head_rows *r) {
    const mien_node *end = reads_an_input(r) ? &r->net.output : &r->net.fused;
    mien_plan_options o = mien_plan_options_default();
    o.batch = BATCH;
    o.threads = r->setup->threads;
    o.outputs = end;
    o.outputs_count = 1;
    o.measure = false;
    o.exact = r->setup->exact;
    return mien_plan_new(r->net.graph, r->net.parameters, &o, &r->plan);
}

/* Inputs of features are standardised before the network; what branches compute of
 * them, or of pictures, is not. */
static bool computes(const mien_head_rows *r) {
    const mien_architecture *a = &r->net.architecture;
    bool computes = false;
    for (int m = 0; m < a->inputs_count; m++) {
        computes = computes || a->branches[m].stages > 0;
    }
    return computes;
}

static mien_status measure(mien_head_rows *r, const int64_t *training, int64_t count) {
    size_t width = (size_t)r->width;
    float *x = mien_alloc((size_t)count * width, sizeof *x);
    double *mean = mien_alloc(width, sizeof *mean);
    double *scale = mien_alloc(width, sizeof *scale);
    mien_status status = x && mean && scale
                             ? mien_head_rows_fill(r, training, count, NULL, x)
                             : MIEN_ENOMEM;
    for (int64_t f = 0; status == MIEN_OK && f < r->width; f++) {
        double squares = 0;
        for (int64_t i = 0; i < count; i++) {
            mean[f] += (double)x[i * r->width + f] / (double)count;
        }
        for (int64_t i = 0; i < count; i++) {
            double d = (double)x[i * r->width + f] - mean[f];
            squares += d * d;
        }
        double spread = sqrt(squares / (double)count);
        scale[f] = spread > SMALLEST_SPREAD * fabs(mean[f]) ? 1 / spread : 0;
    }
    mien_free(x);
    r->mean = mean;
    r->scale = scale;
    return status;
}

mien_status mien_head_rows_open(mien_head_rows *rows, const mien_training_setup *setup,
    const int64_t *training, int64_t count) {
    mien_head_rows *r = rows;
    const mien_training_setup *s = setup;
    mien_item_table tables[MIEN_INPUTS_MAX];
    *r = (mien_head_rows){.setup = setup};
    mien_status status =
        s->whole ? mien_net_open_tail(&r->net, s->study, s->whole, s->computed)
                 : mien_net_open(&r->net, s->study, s->dataset, s->weights);
    if (status == MIEN_OK) {
        mien_item_tables(s->dataset, s->features, tables);
        status = mien_columns_init(
            &r->columns, s->dataset, s->study, tables, training, count);
    }
    if (status == MIEN_OK) {
        status = mien_columns_stand_in(&r->columns, training, count);
    }
    if (status == MIEN_OK) {
        r->width = mien_net_width(&r->net, r->net.fused);
        status = make_plan(r);
    }
    bool scales = s->study->trainer->learner->scales &&
                  mien_options_flag(s->study->options, "standardise");
    return status == MIEN_OK && scales && computes(r) ? measure(r, training, count)
                                                      : status;
}

static mien_status check_finite(
    const mien_head_rows *r, const float *x, int64_t count, int64_t row) {
    const mien_dataset *c = r->setup->dataset;
    for (int64_t k = 0; k < count; k++) {
        if (!isfinite(x[k])) {
            return mien_fail(MIEN_ENUMBER,
                "trial %s: value %lld of what the head reads is not finite",
                mien_trials_id(c->trials, c->row[row]), (long long)k);
        }
    }
    return MIEN_OK;
}

/* n rows that a plan has made, standardised. */
static mien_status take_rows(
    const mien_head_rows *r, const int64_t *of, int64_t n, float *x) {
    const float *from = reads_an_input(r) ? mien_plan_input(r->plan, r->net.fused)
                                          : mien_plan_output(r->plan, 0)->data;
    mien_status status = MIEN_OK;
    memcpy(x, from, (size_t)(n * r->width) * sizeof *x);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++, x += r->width) {
        status = check_finite(r, x, r->width, of[i]);
        for (int64_t f = 0; r->mean && f < r->width; f++) {
            x[f] = (float)(((double)x[f] - r->mean[f]) * r->scale[f]);
        }
    }
    return status;
}

mien_status mien_head_rows_fill(mien_head_rows *rows, const int64_t *of, int64_t n,
    const mien_columns_change *change, float *x) {
    mien_head_rows *r = rows;
    mien_column_parts parts[MIEN_INPUTS_MAX];
    mien_status status = MIEN_OK;
    r->columns.change = change;
    mien_net_parts(&r->net, &r->columns, r->setup->whole, r->plan, parts);
    float *mask = r->net.mask >= 0 ? mien_plan_input(r->plan, r->net.mask) : NULL;
    for (int64_t i = 0; status == MIEN_OK && i < n; i += BATCH) {
        int64_t count = n - i < BATCH ? n - i : BATCH;
        mien_columns_fill(&r->columns, of + i, count, -1, parts, mask);
        status = reads_an_input(r) ? MIEN_OK : mien_plan_run(r->plan);
        if (status == MIEN_OK) {
            status = take_rows(r, of + i, count, x + i * r->width);
        }
    }
    r->columns.change = NULL;
    return status;
}

int mien_head_rows_blocks(const mien_head_rows *rows, int64_t *block) {
    const mien_net *net = &rows->net;
    int inputs = net->architecture.inputs_count;
    int64_t sum = 0;
    for (int m = 0; m < inputs; m++) {
        block[m] = net->branch[m];
        sum += net->branch[m];
    }
    if (sum != rows->width) { /* inputs are mixed into one row */
        block[0] = rows->width;
        return 1;
    }
    return inputs;
}
