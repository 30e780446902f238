/* SPDX-License-Identifier: MIT */
/* Compiles a graph for a batch: inputs, outputs, the choice of the micro-batch, and
 * runs. */
#include "nn/plan/aside.h"

#include "base/aside.h"
#include "base/need.h"
#include "nn/ops/gradient.h"
#include "nn/parameters.h"

#include <omp.h>
#include <string.h>

#define WEIGHTS_BLOCK ((size_t)4 << 20)

mien_plan_options mien_plan_options_default(void) {
    return (mien_plan_options){
        .mode = MIEN_INFER, .batch = 1, .threads = mien_cpu_count(), .measure = true};
}

/* OpenMP takes its number of threads from the calling thread: set it for a call, and
 * put the caller's back. */
int mien_threads_enter(int threads) {
    int before = omp_get_max_threads();
    if (before != threads) {
        omp_set_num_threads(threads);
    }
    return before;
}

void mien_threads_leave(int before, int threads) {
    if (before != threads) {
        omp_set_num_threads(before);
    }
}

/* ---- inputs and outputs -------------------------------------------------------------
 */

static size_t bytes_of(const mien_op_node *node, int64_t batch) {
    int64_t shape[MIEN_RANK_MAX];
    mien_shape_of(node, batch, shape);
    return (size_t)mien_shape_count(node->rank, shape) * sizeof(float);
}

static size_t stride_of(const mien_op_node *node) {
    return node->shape[0] < 0 ? bytes_of(node, 1) : 0;
}

static mien_status check_outputs(const mien_graph *graph, const mien_plan_options *o) {
    if (graph->count == 0) {
        return mien_fail(MIEN_EINVAL, "the graph is empty");
    }
    for (int i = 0; o->outputs && i < o->outputs_count; i++) {
        if (o->outputs[i] < 0 || o->outputs[i] >= graph->count) {
            return mien_fail(
                MIEN_EINVAL, "output %d: there is no node %d", i, (int)o->outputs[i]);
        }
    }
    if (o->outputs && o->outputs_count < 1) {
        return mien_fail(MIEN_EINVAL, "%d outputs", o->outputs_count);
    }
    if (o->batch < 1 || o->threads < 1 || o->micro_batch < 0) {
        return mien_fail(MIEN_EINVAL, "batch %lld, threads %d, micro-batch %lld",
            (long long)o->batch, o->threads, (long long)o->micro_batch);
    }
    return MIEN_OK;
}

static mien_status add_outputs(mien_plan *plan, const mien_plan_options *o) {
    mien_node last = plan->graph->count - 1;
    const mien_node *asked = o->outputs ? o->outputs : &last;
    int count = o->outputs ? o->outputs_count : 1;
    plan->outputs = mien_alloc((size_t)count, sizeof *plan->outputs);
    plan->outputs_of = mien_alloc((size_t)count, sizeof *plan->outputs_of);
    plan->outputs_data = mien_alloc((size_t)count, sizeof *plan->outputs_data);
    plan->outputs_stride = mien_alloc((size_t)count, sizeof *plan->outputs_stride);
    plan->outputs_gradient = mien_alloc((size_t)count, sizeof *plan->outputs_gradient);
    if (!plan->outputs || !plan->outputs_of || !plan->outputs_data ||
        !plan->outputs_stride || !plan->outputs_gradient) {
        return MIEN_ENOMEM;
    }
    plan->outputs_asked = count;
    for (int i = 0; i < count; i++) {
        int k = 0;
        while (k < plan->outputs_count && plan->outputs[k] != asked[i]) {
            k++;
        }
        plan->outputs_of[i] = k;
        if (k < plan->outputs_count) {
            continue;
        }
        const mien_op_node *n = plan->graph->nodes[asked[i]];
        int64_t shape[MIEN_RANK_MAX];
        mien_shape_of(n, plan->batch, shape);
        mien_status status =
            mien_tensor_new(MIEN_F32, n->rank, shape, &plan->outputs_data[k]);
        if (status == MIEN_OK && plan->learns && plan->learns[asked[i]]) {
            status =
                mien_tensor_new(MIEN_F32, n->rank, shape, &plan->outputs_gradient[k]);
        }
        if (status != MIEN_OK) {
            return status;
        }
        plan->outputs[k] = asked[i];
        plan->outputs_stride[k] = stride_of(n);
        plan->outputs_count++;
    }
    return MIEN_OK;
}

/* Inputs that an output needs. */
static mien_status add_inputs(mien_plan *plan) {
    size_t n = (size_t)plan->graph->count;
    bool *live = mien_alloc(n, sizeof *live);
    mien_status status = MIEN_ENOMEM;
    plan->inputs = mien_alloc(n, sizeof *plan->inputs);
    plan->inputs_data = mien_alloc(n, sizeof *plan->inputs_data);
    plan->inputs_stride = mien_alloc(n, sizeof *plan->inputs_stride);
    plan->inputs_gradient = mien_alloc(n, sizeof *plan->inputs_gradient);
    if (!live || !plan->inputs || !plan->inputs_data || !plan->inputs_stride ||
        !plan->inputs_gradient) {
        goto done;
    }
    for (int i = 0; i < plan->outputs_count; i++) {
        live[plan->outputs[i]] = true;
    }
    for (int i = plan->graph->count - 1; i >= 0; i--) {
        const mien_op_node *node = plan->graph->nodes[i];
        for (int k = 0; live[i] && k < node->inputs_count; k++) {
            live[node->inputs[k]] = true;
        }
    }
    for (int i = 0; i < plan->graph->count; i++) {
        const mien_op_node *node = plan->graph->nodes[i];
        if (!live[i] || node->op) {
            continue;
        }
        float *data = mien_alloc(bytes_of(node, plan->batch), 1);
        if (!data) {
            goto done;
        }
        mien_tensor **gradient = &plan->inputs_gradient[plan->inputs_count];
        plan->inputs[plan->inputs_count] = i;
        plan->inputs_data[plan->inputs_count] = data;
        plan->inputs_stride[plan->inputs_count++] = stride_of(node);
        int64_t shape[MIEN_RANK_MAX];
        mien_shape_of(node, plan->batch, shape);
        if (plan->learns && plan->learns[i] &&
            mien_tensor_new(MIEN_F32, node->rank, shape, gradient) != MIEN_OK) {
            goto done;
        }
    }
    status = MIEN_OK;
done:
    mien_free(live);
    return status;
}

mien_status mien_plan_new(const mien_graph *graph, mien_parameters *parameters,
    const mien_plan_options *options, mien_plan **plan) {
    MIEN_NEED(graph, parameters, plan);
    return mien_plan_new_aside(graph, parameters, options, NULL, plan);
}

mien_status mien_plan_new_aside(const mien_graph *graph, mien_parameters *parameters,
    const mien_plan_options *options, const char *folder, mien_plan **plan) {
    mien_plan_options o = options ? *options : mien_plan_options_default();
    mien_status status = check_outputs(graph, &o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_plan *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    int before = mien_threads_enter(o.threads);
    p->graph = graph;
    p->parameters = parameters;
    p->mode = o.mode;
    p->passing = o.no_dropout ? MIEN_INFER : o.mode;
    p->batch = o.batch;
    p->threads = o.threads;
    p->exact = o.exact;
    p->batch_statistics = o.batch_statistics && o.mode == MIEN_INFER;
    o.micro_batch = p->batch_statistics ? o.batch : o.micro_batch;
    status =
        (folder ? mien_arena_new_maps : mien_arena_new)(WEIGHTS_BLOCK, &p->weights);
    if (status == MIEN_OK && o.mode == MIEN_TRAIN) {
        status = mien_plan_training_init(p, &o);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_engine_create(&p->engine, dnnl_cpu, 0));
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_stream_create(&p->stream, p->engine, dnnl_stream_default_flags));
    }
    if (status == MIEN_OK) {
        status = mien_plan_probe(p);
    }
    if (status == MIEN_OK) {
        status = add_outputs(p, &o);
    }
    if (status == MIEN_OK) {
        status = add_inputs(p);
    }
    if (status == MIEN_OK) {
        status = mien_plan_compile(p, &o);
    }
    if (status == MIEN_OK && folder && mien_arena_seal(p->weights, folder) == MIEN_OK) {
        mien_plan_rest(p); /* without room for the file they stay in memory */
    }
    mien_threads_leave(before, o.threads);
    if (status != MIEN_OK) {
        mien_plan_free(&p);
        return status;
    }
    *plan = p;
    return MIEN_OK;
}

void mien_plan_free(mien_plan **plan) {
    if (!plan || !*plan) {
        return;
    }
    mien_plan *p = *plan;
    mien_plan_programs_clear(p);
    mien_packed_free(p);
    mien_plan_training_clear(p);
    for (int i = 0; i < p->inputs_count; i++) {
        mien_free(p->inputs_data[i]);
    }
    for (int i = 0; p->outputs_data && i < p->outputs_asked; i++) {
        mien_tensor_free(&p->outputs_data[i]);
    }
    mien_free(p->inputs);
    mien_free(p->inputs_data);
    mien_free(p->inputs_stride);
    mien_free(p->outputs);
    mien_free(p->outputs_of);
    mien_free(p->outputs_data);
    mien_free(p->outputs_stride);
    dnnl_stream_destroy(p->stream);
    dnnl_engine_destroy(p->engine);
    mien_free(p);
    *plan = NULL;
}

float *mien_plan_input(mien_plan *plan, mien_node input) {
    MIEN_NEED_OR(NULL, plan);
    for (int i = 0; i < plan->inputs_count; i++) {
        if (plan->inputs[i] == input) {
            return plan->inputs_data[i];
        }
    }
    return NULL;
}

int mien_plan_input_shape(
    const mien_plan *plan, mien_node input, int64_t shape[MIEN_RANK_MAX]) {
    MIEN_NEED_OR(0, plan, shape);
    for (int i = 0; i < plan->inputs_count; i++) {
        if (plan->inputs[i] == input) {
            const mien_op_node *n = plan->graph->nodes[input];
            mien_shape_of(n, plan->batch, shape);
            return n->rank;
        }
    }
    return -1;
}

const mien_tensor *mien_plan_output(const mien_plan *plan, int index) {
    MIEN_NEED_OR(NULL, plan);
    return index >= 0 && index < plan->outputs_asked
               ? plan->outputs_data[plan->outputs_of[index]]
               : NULL;
}

mien_status mien_plan_run(mien_plan *plan) {
    MIEN_NEED(plan);
    int before = mien_threads_enter(plan->threads);
    int64_t whole = plan->batch / plan->micro_batch * plan->micro_batch;
    mien_status status = MIEN_OK;
    for (int64_t first = 0; status == MIEN_OK && first < plan->batch;
         first += plan->micro_batch) {
        mien_program *p = plan->programs[first == whole];
        if (plan->batch > plan->micro_batch) {
            status = mien_program_move(plan, p, first);
        }
        if (status == MIEN_OK) {
            status = mien_plan_run_program(plan, p);
        }
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_stream_wait(plan->stream));
    }
    mien_threads_leave(before, plan->threads);
    plan->run++;
    return status;
}

void mien_plan_rest(mien_plan *plan) {
    mien_arena_rest(plan->weights);
}

/* Frozen weights of a plan that trains cannot have changed. */
static bool may_have_changed(const mien_plan *plan, const mien_packed *packed) {
    const mien_op_node *nodes[] = {packed->node, packed->norm};
    for (int k = 0; k < 2; k++) {
        for (int i = 0; nodes[k] && i < nodes[k]->parameters_count; i++) {
            if (mien_parameters_trained(
                    plan->parameters, nodes[k]->parameters_first + i)) {
                return true;
            }
        }
    }
    return plan->mode != MIEN_TRAIN;
}

mien_status mien_plan_refresh(mien_plan *plan) {
    MIEN_NEED(plan);
    if (mien_arena_sealed(plan->weights)) {
        return mien_fail(
            MIEN_EINVAL, "weights that were set aside cannot be refreshed");
    }
    int before = mien_threads_enter(plan->threads);
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < plan->packed_count; i++) {
        if (may_have_changed(plan, &plan->packed[i])) {
            status = mien_pack(plan, &plan->packed[i]);
        }
    }
    mien_threads_leave(before, plan->threads);
    return status;
}

mien_status mien_plan_profile(mien_plan *plan,
    void (*take)(void *context, const mien_plan_step *step), void *context) {
    MIEN_NEED(plan, take);
    const mien_program *p = plan->programs[0];
    int before = mien_threads_enter(plan->threads);
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < p->steps_count; i++) {
        double start = mien_clock_s();
        status = mien_program_run(plan, p, i, i + 1);
        if (status == MIEN_OK) {
            status = MIEN_DNNL(dnnl_stream_wait(plan->stream));
        }
        mien_plan_step step = {.node = p->steps[i].name,
            .kernel = mien_step_kernel(&p->steps[i]),
            .backward = i >= p->forward_count,
            .seconds = mien_clock_s() - start};
        take(context, &step);
    }
    mien_threads_leave(before, plan->threads);
    return status;
}

mien_plan_info mien_plan_describe(const mien_plan *plan) {
    MIEN_NEED_OR((mien_plan_info){0}, plan);
    mien_plan_info info = {.operators = plan->programs[0]->steps_count,
        .reorders = plan->programs[0]->reorders,
        .weight_packs = plan->weight_packs,
        .reads_parameters = plan->reads_parameters || plan->mode == MIEN_TRAIN,
        .micro_batch = plan->micro_batch};
    for (int i = 0; i < 2; i++) {
        const mien_program *p = plan->programs[i];
        if (p && p->buffer_bytes > info.buffer_bytes) {
            info.buffer_bytes = p->buffer_bytes;
        }
        if (p && p->scratch_bytes > info.scratch_bytes) {
            info.scratch_bytes = p->scratch_bytes;
        }
    }
    for (int i = 0; i < plan->packed_count; i++) {
        info.weight_bytes += plan->packed[i].bytes;
    }
    return info;
}
