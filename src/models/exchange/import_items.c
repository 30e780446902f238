/* SPDX-License-Identifier: MIT */
/* Whether a foreign network treats the items of a batch by themselves, as mien runs it:
 * two items are run as one batch of the file's own, and compared with each alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/exchange/import.h"

#define ITEMS 2
#define TOLERANCE                                                                      \
    1e-3 /* of the largest value: far above rounding, far below mixing                 \
          */

static mien_status make_plan(
    const mien_import *import, int64_t batch, mien_plan **plan) {
    mien_plan_options o = mien_plan_options_default();
    mien_node output = mien_import_output(import, 0);
    o.batch = batch;
    o.measure = false;
    o.outputs = &output;
    o.outputs_count = 1;
    return mien_plan_new(
        mien_import_graph(import), mien_import_parameters(import), &o, plan);
}

/* The same numbers in both, whatever their shape. */
static mien_status run(const mien_import *import, mien_plan *plan, int64_t values) {
    float *to = mien_plan_input(plan, mien_import_input(import, 0));
    mien_stream s;
    mien_stream_init(&s, 11, 0, 0);
    for (int64_t i = 0; to && i < values; i++) {
        to[i] = (float)(2 * mien_stream_uniform(&s) - 1);
    }
    return to ? mien_plan_run(plan) : MIEN_OK;
}

static mien_status compare(const mien_tensor *one, const mien_tensor *both) {
    const float *a = one->data, *b = both->data;
    double largest = 0, worst = 0;
    bool same = mien_tensor_count(one) == mien_tensor_count(both);
    for (int64_t i = 0; same && i < mien_tensor_count(one); i++) {
        largest = fmax(largest, fabs((double)a[i]));
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    }
    return same && worst <= TOLERANCE * largest + 1e-6
               ? MIEN_OK
               : mien_fail(MIEN_EUNSUPPORTED, "it mixes the items of a batch: two "
                                              "together give other values than "
                                              "each alone");
}

mien_status mien_import_check_items(
    const char *path, const mien_import_options *options, const mien_import *import) {
    mien_import_options o = options ? *options : mien_import_options_default();
    mien_import *pair = NULL;
    mien_plan *one = NULL, *both = NULL;
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(
        mien_import_graph(import), mien_import_input(import, 0), shape);
    int64_t values = ITEMS * mien_shape_count(rank - 1, shape + 1);
    mien_import_size size = {.rank = rank};
    if (o.whole || mien_import_inputs(import) != 1) {
        return MIEN_OK;
    }
    memcpy(size.shape, shape, sizeof shape);
    size.shape[0] = ITEMS;
    o.whole = true;
    o.sizes = &size;
    o.sizes_count = 1;
    mien_status status = mien_import_open(path, &o, &pair);
    if (status != MIEN_OK) { /* a file that is for one item alone mixes nothing */
        return status == MIEN_ENOMEM ? status : MIEN_OK;
    }
    status = make_plan(import, ITEMS, &one);
    if (status == MIEN_OK) {
        status = make_plan(pair, 1, &both);
    }
    if (status == MIEN_OK) {
        status = run(import, one, values);
    }
    if (status == MIEN_OK) {
        status = run(pair, both, values);
    }
    if (status == MIEN_OK) {
        status = compare(mien_plan_output(one, 0), mien_plan_output(both, 0));
    }
    mien_plan_free(&one);
    mien_plan_free(&both);
    mien_import_close(&pair);
    return status;
}
