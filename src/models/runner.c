/* SPDX-License-Identifier: MIT */
/* A model ready to run, whatever it is made of: rows are fetched straight into the
 * network's memory, standardised, run, and handed out as the targets' values. */
#include "models/runner.h"

#include <math.h>
#include <string.h>

#include "base/need.h"
#include "models/extractor.h"
#include "models/parts/head_readout.h"

mien_runner_options mien_runner_options_default(void) {
    return (mien_runner_options){.batch = 1};
}

/* ---- opening ----------------------------------------------------------------------
 */

static mien_status check_width(
    const mien_extractor *extractor, const mien_model *model) {
    int64_t want = mien_model_network(model)->readout.features;
    int64_t width = mien_extractor_width(extractor);
    return width == want ? MIEN_OK
                         : mien_fail(MIEN_EVERIFY,
                               "%s has weights for %lld features, but the layers of %s "
                               "give %lld",
                               mien_model_path(model), (long long)want,
                               mien_model_backbone(model), (long long)width);
}

/* The frozen branch as an extractor's options; the stage's options must live as long.
 */
static mien_status fill_extractor(const mien_model *model,
    const mien_runner_options *options, const mien_options *stage,
    mien_extractor_options *e) {
    const mien_architecture *a = &mien_model_network(model)->architecture;
    const mien_preprocess *p = mien_model_preprocess(model);
    const char *layers = mien_options_text(stage, "layers");
    *e = mien_extractor_options_default();
    e->weights = options->weights;
    e->sha256 = a->branches[0].weights_sha256;
    e->layers = layers[0] ? layers : mien_options_text(stage, "layer");
    e->height = p->crop_height;
    e->width = p->crop_width;
    e->batch = options->batch;
    e->threads = options->threads;
    e->exact = options->exact;
    e->mirror = mien_options_flag(stage, "mirror");
    return mien_backbone_find(mien_options_text(stage, "name"), &e->backbone);
}

/* What a frozen branch is set to: the first backbone's name, layers of all. */
static mien_status read_stage(const mien_model *model, mien_options **stage) {
    const mien_part_choice *choice =
        &mien_model_network(model)->architecture.branches[0].stage[0];
    const mien_branch_kind *kind = NULL;
    mien_status status = mien_branch_kind_find(choice->kind, &kind);
    return status ? status
                  : mien_settings_read(
                        choice->kind, kind->options, choice->settings, stage);
}

mien_status mien_model_members(
    const mien_model *model, mien_member members[MIEN_MEMBERS_MAX], int *count) {
    mien_options *stage = NULL;
    mien_extractor_options e;
    const mien_runner_options usual = mien_runner_options_default();
    *count = 0;
    if (mien_network_is_graph(mien_model_network(model))) {
        return MIEN_OK;
    }
    mien_status status = read_stage(model, &stage);
    status = status ? status : fill_extractor(model, &usual, stage, &e);
    status = status ? status : mien_members_of(e.backbone, e.layers, members, count);
    mien_options_free(&stage);
    return status;
}

mien_status mien_model_extractor(const mien_model *model,
    const mien_runner_options *options, bool bare, mien_extractor **extractor) {
    mien_options *stage = NULL;
    mien_extractor *made = NULL;
    mien_extractor_options e;
    mien_status status = read_stage(model, &stage);
    if (status == MIEN_OK) {
        status = fill_extractor(model, options, stage, &e);
    }
    if (status == MIEN_OK) {
        status =
            bare ? mien_extractor_open_bare(&e, &made) : mien_extractor_open(&e, &made);
    }
    mien_options_free(&stage);
    status = status ? status : check_width(made, model);
    if (status != MIEN_OK) {
        mien_extractor_close(&made);
        return status;
    }
    *extractor = made;
    return MIEN_OK;
}

static mien_status prepare_head(
    mien_runner *runner, const mien_model *model, const mien_runner_options *options) {
    mien_status status =
        mien_model_extractor(model, options, false, &runner->extractor);
    if (status != MIEN_OK) {
        return status;
    }
    size_t features = (size_t)runner->network->readout.features;
    runner->features =
        mien_alloc((size_t)options->batch * features, sizeof *runner->features);
    runner->scratch = mien_alloc(features, sizeof *runner->scratch);
    return runner->features && runner->scratch ? MIEN_OK : MIEN_ENOMEM;
}

/* Rows of features are small: a plan runs all of its share at once. */
static bool is_small(const mien_architecture *a) {
    bool small = true;
    for (int i = 0; i < a->inputs_count; i++) {
        small = small && a->inputs[i].shape.rank == 1;
    }
    return small;
}

static mien_status prepare_graph(
    mien_runner *runner, const mien_model *model, const mien_runner_options *options) {
    mien_node outputs[MIEN_MAPS_OUTPUTS_MAX] = {runner->body->nodes.output};
    int count = 1;
    if (options->weights) {
        return mien_fail(MIEN_EINVAL,
            "%s holds its whole network: other weights have no use",
            mien_model_path(model));
    }
    if (options->batch < 1) {
        return mien_fail(
            MIEN_EINVAL, "batch %lld is less than 1", (long long)options->batch);
    }
    if (options->attention) {
        runner->stacks_count = mien_attention_maps_find(
            runner->body->graph, runner->stacks, outputs, &count);
    }
    const mien_plan_set_options plans = {.batch = options->batch,
        .threads = options->threads,
        .exact = options->exact,
        .whole = is_small(&runner->network->architecture),
        .outputs = outputs,
        .outputs_count = count};
    return mien_plan_set_init(
        &runner->plans, runner->body->graph, runner->body->parameters, &plans);
}

mien_status mien_runner_new(
    const mien_model *model, const mien_runner_options *options, mien_runner **runner) {
    MIEN_NEED(model, runner);
    mien_runner_options usual = mien_runner_options_default();
    mien_runner *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    options = options ? options : &usual;
    made->network = mien_model_network(model);
    made->body = mien_model_body(model);
    made->graph = mien_network_is_graph(made->network);
    made->steps = mien_architecture_steps(&made->network->architecture);
    made->width = mien_model_width(model);
    made->batch = options->batch;
    mien_status status = made->graph ? prepare_graph(made, model, options)
                                     : prepare_head(made, model, options);
    if (status != MIEN_OK) {
        mien_runner_free(&made);
        return status;
    }
    *runner = made;
    return MIEN_OK;
}

void mien_runner_free(mien_runner **runner) {
    if (!runner || !*runner) {
        return;
    }
    mien_plan_set_clear(&(*runner)->plans);
    mien_extractor_close(&(*runner)->extractor);
    mien_free((*runner)->features);
    mien_free((*runner)->scratch);
    mien_free(*runner);
    *runner = NULL;
}

/* ---- filling ----------------------------------------------------------------------
 */

/* The state of one call. */
typedef struct passage {
    const mien_runner *runner;
    mien_runner_fill *fill;
    void *context;
    float *values;
    float *const *maps; /* of each stack; NULL: not wanted */
    int64_t first;      /* of the extractor's batch */
} passage;

static void set_ones(float *values, int64_t count) {
    for (int64_t i = 0; values && i < count; i++) {
        values[i] = 1;
    }
}

static int64_t count_gaps(const float *values, int64_t count) {
    int64_t gaps = 0;
    for (int64_t i = 0; i < count; i++) {
        gaps += values[i] != values[i];
    }
    return gaps;
}

/* Items [items, item] of one input as its network reads them; seen: one in `step`
 * floats for each item, 0 where it is missing. */
static mien_status prepare_items(
    const mien_network *n, int index, const float *seen, int64_t items, float *values) {
    const mien_input *input = &n->architecture.inputs[index];
    const mien_standard *s = input->standardise ? &n->standard[index] : NULL;
    int64_t step = n->architecture.inputs_count;
    int64_t each = mien_item_values(&input->shape), gaps = 0;
    for (int64_t item = 0; item < items && (s || seen); item++, values += each) {
        if (seen && seen[item * step] == 0) {
            memset(values, 0, (size_t)each * sizeof *values);
            continue;
        }
        if (s) {
            mien_standard_apply(s, each / s->width, values, values);
            gaps += s->fill ? 0 : count_gaps(values, each);
        }
    }
    return gaps == 0 ? MIEN_OK
                     : mien_fail(MIEN_ENUMBER,
                           "input %s: %lld single values are missing (NaN), of which "
                           "the model has seen none in training",
                           input->name, (long long)gaps);
}

static mien_status fill_plan(
    const passage *p, mien_plan *plan, int64_t first, int64_t count) {
    const mien_runner *r = p->runner;
    const mien_architecture *a = &r->network->architecture;
    const mien_network_nodes *n = &r->body->nodes;
    mien_runner_batch batch = {.first = first, .count = count};
    int64_t items = count * r->steps;
    for (int i = 0; i < a->inputs_count; i++) {
        batch.inputs[i] = mien_plan_input(plan, n->inputs[i]);
        if (n->seen[i] >= 0) {
            batch.seen[i] = mien_plan_input(plan, n->seen[i]);
            set_ones(batch.seen[i], items * a->inputs[i].shape.steps);
        }
    }
    batch.mask = n->mask >= 0 ? mien_plan_input(plan, n->mask) : NULL;
    set_ones(batch.mask, items * a->inputs_count);
    mien_status status = p->fill(p->context, &batch);
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        status = prepare_items(
            r->network, i, batch.mask ? batch.mask + i : NULL, items, batch.inputs[i]);
    }
    return status;
}

/* ---- running ----------------------------------------------------------------------
 */

/* Takes the plan's outputs as rows of the targets' values; logits at their
 * temperature. */
static void take_values(
    const mien_runner *r, const mien_plan *plan, int64_t count, float *row) {
    const float *outputs = mien_plan_output(plan, 0)->data;
    for (int64_t i = 0; i < count; i++) {
        for (int t = 0; t < r->network->targets_count; t++) {
            const mien_target *target = &r->network->targets[t];
            double temperature = r->network->after.temperature[t];
            float cooled[MIEN_CLASSES_MAX];
            for (int64_t k = 0; temperature > 0 && k < mien_target_outputs(target);
                 k++) {
                cooled[k] = (float)((double)outputs[k] / temperature);
            }
            mien_target_read(target, temperature > 0 ? cooled : outputs, row);
            outputs += mien_target_outputs(target);
            row += mien_target_width(target);
        }
    }
}

static mien_status run_share(void *context, int lane, int64_t first, int64_t count) {
    const passage *p = context;
    const mien_runner *r = p->runner;
    mien_plan *plan = r->plans.plans[lane];
    mien_status status = fill_plan(p, plan, first, count);
    if (status == MIEN_OK) {
        status = mien_plan_run(plan);
    }
    if (status != MIEN_OK) {
        return status;
    }
    take_values(r, plan, count, p->values + first * r->width);
    for (int i = 0; p->maps && i < r->stacks_count; i++) {
        mien_attention_maps_take(&r->stacks[i], plan, first, count, p->maps[i]);
    }
    return MIEN_OK;
}

/* Pictures of a frozen backbone, straight into its memory. */
static mien_status fill_pictures(
    void *context, int64_t first, int64_t count, float *images) {
    const passage *p = context;
    const mien_runner_batch batch = {
        .first = p->first + first, .count = count, .inputs = {images}};
    return p->fill(p->context, &batch);
}

static mien_status run_head(passage *p, int64_t n) {
    const mien_runner *r = p->runner;
    const mien_readout *readout = &r->network->readout;
    for (p->first = 0; p->first < n; p->first += r->batch) {
        int64_t count = n - p->first < r->batch ? n - p->first : r->batch;
        mien_status status = mien_extractor_run_filled(
            r->extractor, count, fill_pictures, p, r->features);
        if (status != MIEN_OK) {
            return status;
        }
        for (int64_t i = 0; i < count; i++) {
            mien_readout_run(readout, r->network->targets_count,
                r->features + i * readout->features, r->scratch,
                p->values + (p->first + i) * r->width);
        }
    }
    return MIEN_OK;
}

mien_status mien_runner_run(mien_runner *runner, int64_t n, mien_runner_fill *fill,
    void *context, float *values, float *const *maps) {
    MIEN_NEED(runner, fill, values || n < 1);
    passage p = {.runner = runner,
        .fill = fill,
        .context = context,
        .values = values,
        .maps = maps};
    return runner->graph ? mien_plan_set_run(&runner->plans, n, run_share, &p)
                         : run_head(&p, n);
}

/* ---- rows in memory -----------------------------------------------------------------
 */

typedef struct held {
    const mien_runner *runner;
    const float *const *inputs;
    const float *mask;
} held;

static mien_status fill_held(void *context, const mien_runner_batch *batch) {
    const held *h = context;
    const mien_architecture *a = &h->runner->network->architecture;
    int64_t steps = h->runner->steps, m = a->inputs_count;
    for (int i = 0; i < m; i++) {
        int64_t row = steps * mien_item_values(&a->inputs[i].shape);
        memcpy(batch->inputs[i], h->inputs[i] + batch->first * row,
            (size_t)(batch->count * row) * sizeof(float));
    }
    if (batch->mask && h->mask) {
        memcpy(batch->mask, h->mask + batch->first * steps * m,
            (size_t)(batch->count * steps * m) * sizeof *h->mask);
    }
    return MIEN_OK;
}

static mien_status check_mask(const mien_runner *runner, const float *mask, int64_t n) {
    const mien_architecture *a = &runner->network->architecture;
    int64_t each = runner->steps * a->inputs_count;
    bool masked = mien_architecture_masked(a);
    for (int64_t i = 0; !masked && mask && i < n * each; i++) {
        if (mask[i] == 0) {
            return mien_fail(MIEN_EINVAL,
                "row %lld: %s is missing, and the model takes no mask",
                (long long)(i / each), a->inputs[i % a->inputs_count].name);
        }
    }
    return MIEN_OK;
}

mien_status mien_runner_run_arrays(mien_runner *runner, const float *const *inputs,
    const float *mask, int64_t n, float *values, float *const *maps) {
    MIEN_NEED(runner, inputs, values || n < 1);
    held h = {runner, inputs, mask};
    mien_status status = check_mask(runner, mask, n);
    return status == MIEN_OK ? mien_runner_run(runner, n, fill_held, &h, values, maps)
                             : status;
}

/* ---- attention ----------------------------------------------------------------------
 */

int mien_runner_attention_count(const mien_runner *runner) {
    MIEN_NEED_OR(0, runner);
    return runner->stacks_count;
}

const char *mien_runner_attention_name(const mien_runner *runner, int index) {
    MIEN_NEED_OR(NULL, runner);
    return runner->stacks[index].name;
}

int mien_runner_attention_shape(
    const mien_runner *runner, int index, int64_t shape[MIEN_RANK_MAX]) {
    MIEN_NEED_OR(0, runner, shape);
    const mien_attention_stack *s = &runner->stacks[index];
    memcpy(shape, s->shape, (size_t)s->rank * sizeof *shape);
    return s->rank;
}
