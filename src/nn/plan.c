/* SPDX-License-Identifier: MIT */
/* Compiles a graph for a batch: inputs, outputs, the choice of the micro-batch, and
 * runs. */
#include "nn/gradient.h"
#include "nn/parameters.h"

#include <omp.h>
#include <string.h>

#define WEIGHTS_BLOCK ((size_t)4 << 20)
#define MEASURE_ENOUGH_S 0.4
#define MEMORY_BYTES_PER_S 15e9 /* of two cores; only its order matters */

mien_plan_options mien_plan_options_default(void) {
    return (mien_plan_options){
        .mode = MIEN_INFER, .batch = 1, .threads = mien_cpu_count(), .measure = true};
}

/* OpenMP takes its number of threads from the calling thread: set it for a call, and
 * put the caller's back. */
static int threads_enter(int threads) {
    int before = omp_get_max_threads();
    if (before != threads) {
        omp_set_num_threads(threads);
    }
    return before;
}

static void threads_leave(int before, int threads) {
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
    return node->shape[0] == MIEN_BATCH ? bytes_of(node, 1) : 0;
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

/* A batch can be cut only if every value the plan computes has it as first dimension.
 */
static bool divisible(const mien_plan *plan) {
    if (plan->mode == MIEN_TRAIN) {
        return false; /* batch-norms and gradients want the whole batch */
    }
    for (int i = 0; i < plan->graph->count; i++) {
        if (plan->graph->nodes[i]->shape[0] != MIEN_BATCH) {
            return false;
        }
    }
    return plan->batch > 1;
}

/* ---- programs -----------------------------------------------------------------------
 */

static void programs_clear(mien_plan *plan) {
    mien_program_free(&plan->programs[0]);
    mien_program_free(&plan->programs[1]);
    mien_free(plan->buffer);
    plan->buffer = NULL;
}

static mien_status programs_make(mien_plan *plan, int64_t micro_batch) {
    int64_t rest = plan->batch % micro_batch;
    size_t bytes = 0;
    plan->micro_batch = micro_batch;
    mien_status status = mien_program_new(plan, micro_batch, &plan->programs[0]);
    if (status == MIEN_OK && rest) {
        status = mien_program_new(plan, rest, &plan->programs[1]);
    }
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        const mien_program *p = plan->programs[i];
        size_t needs = p ? p->buffer_bytes + p->scratch_bytes : 0;
        bytes = needs > bytes ? needs : bytes;
    }
    if (status == MIEN_OK) {
        plan->buffer = mien_alloc(bytes, 1);
        status = plan->buffer ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        if (plan->programs[i]) {
            status = mien_program_place(plan->programs[i], plan->buffer);
        }
        if (status == MIEN_OK && plan->programs[i]) {
            status = mien_program_move(plan, plan->programs[i], 0);
        }
    }
    return status;
}

static mien_status run_whole(const mien_plan *plan, const mien_program *program) {
    return mien_program_run(plan, program, 0, program->forward_count);
}

/* Seconds per item of the first micro-batch of a batch. */
static mien_status time_one(mien_plan *plan, double *per_item, double *spent) {
    double best = 1e30, begin = mien_clock_s(), chunk = 0;
    mien_status status = run_whole(plan, plan->programs[0]);
    for (int i = 0; status == MIEN_OK && i < 5; i++) {
        double start = mien_clock_s();
        status = run_whole(plan, plan->programs[0]);
        chunk = mien_clock_s() - start;
        best = chunk < best ? chunk : best;
        if (mien_clock_s() - begin > MEASURE_ENOUGH_S / 2) {
            break;
        }
    }
    *per_item = best / (double)plan->micro_batch;
    *spent = best;
    return status;
}

/* Smallest power of two at which reading all packed weights from memory costs less than
 * a fiftieth of the work: for work that takes too long to try. */
static int64_t enough_for_weights(const mien_plan *plan, double per_item) {
    double read_s = 0;
    int64_t m = 1;
    for (int i = 0; i < plan->packed_count; i++) {
        read_s += (double)plan->packed[i].bytes / MEMORY_BYTES_PER_S;
    }
    while (m < plan->batch && read_s / (double)m > 0.02 * per_item) {
        m *= 2;
    }
    return m < plan->batch ? m : plan->batch;
}

/* Doubles the micro-batch while that pays; ends at the whole batch, at work that takes
 * long enough that overheads do not count, or after two sizes without a gain. */
static mien_status programs_measure(mien_plan *plan) {
    double best = 1e30;
    int64_t chosen = 1;
    int worse = 0;
    for (int64_t m = 1; worse < 2;) {
        double per_item, spent;
        programs_clear(plan);
        mien_status status = programs_make(plan, m);
        if (status == MIEN_OK) {
            status = time_one(plan, &per_item, &spent);
        }
        if (status != MIEN_OK) {
            return status;
        }
        worse = per_item < best * 0.98 ? 0 : worse + 1;
        if (per_item < best * 0.98) {
            best = per_item;
            chosen = m;
        }
        if (spent > MEASURE_ENOUGH_S) {
            int64_t enough = enough_for_weights(plan, per_item);
            chosen = enough > chosen ? enough : chosen;
            break;
        }
        if (m == plan->batch) {
            break;
        }
        m = m * 2 < plan->batch ? m * 2 : plan->batch;
    }
    programs_clear(plan);
    return programs_make(plan, chosen);
}

static mien_status compile(mien_plan *plan, const mien_plan_options *o) {
    bool cut = divisible(plan);
    if (cut && o->micro_batch > 0) {
        return programs_make(
            plan, o->micro_batch < plan->batch ? o->micro_batch : plan->batch);
    }
    return cut && o->measure ? programs_measure(plan)
                             : programs_make(plan, plan->batch);
}

static mien_status training_init(mien_plan *plan, const mien_plan_options *o) {
    size_t count = (size_t)mien_parameters_count(plan->parameters);
    plan->gradients = mien_alloc(count, sizeof *plan->gradients);
    return plan->gradients ? mien_learns_new(plan->graph, plan->parameters,
                                 o->input_gradients, &plan->learns)
                           : MIEN_ENOMEM;
}

static void training_clear(mien_plan *plan) {
    int64_t count = plan->gradients ? mien_parameters_count(plan->parameters) : 0;
    for (int64_t i = 0; i < count; i++) {
        dnnl_memory_destroy(plan->gradients[i].memory);
        mien_tensor_free(&plan->gradients[i].tensor);
    }
    for (int i = 0; i < plan->inputs_count; i++) {
        mien_tensor_free(&plan->inputs_gradient[i]);
    }
    for (int i = 0; plan->outputs_gradient && i < plan->outputs_asked; i++) {
        mien_tensor_free(&plan->outputs_gradient[i]);
    }
    mien_free(plan->inputs_gradient);
    mien_free(plan->outputs_gradient);
    mien_free(plan->gradients);
    mien_free(plan->learns);
}

mien_status mien_plan_new(const mien_graph *graph, mien_parameters *parameters,
    const mien_plan_options *options, mien_plan **plan) {
    mien_plan_options o = options ? *options : mien_plan_options_default();
    mien_status status = check_outputs(graph, &o);
    if (status != MIEN_OK) {
        return status;
    }
    mien_plan *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    int before = threads_enter(o.threads);
    p->graph = graph;
    p->parameters = parameters;
    p->mode = o.mode;
    p->batch = o.batch;
    p->threads = o.threads;
    p->exact = o.exact;
    status = mien_arena_new(WEIGHTS_BLOCK, &p->weights);
    if (status == MIEN_OK && o.mode == MIEN_TRAIN) {
        status = training_init(p, &o);
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
        status = compile(p, &o);
    }
    threads_leave(before, o.threads);
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
    programs_clear(p);
    mien_packed_free(p);
    training_clear(p);
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
    for (int i = 0; i < plan->inputs_count; i++) {
        if (plan->inputs[i] == input) {
            return plan->inputs_data[i];
        }
    }
    return NULL;
}

const mien_tensor *mien_plan_output(const mien_plan *plan, int index) {
    return index >= 0 && index < plan->outputs_asked
               ? plan->outputs_data[plan->outputs_of[index]]
               : NULL;
}

mien_status mien_plan_run(mien_plan *plan) {
    int before = threads_enter(plan->threads);
    int64_t whole = plan->batch / plan->micro_batch * plan->micro_batch;
    mien_status status = MIEN_OK;
    for (int64_t first = 0; status == MIEN_OK && first < plan->batch;
         first += plan->micro_batch) {
        mien_program *p = plan->programs[first == whole];
        if (plan->batch > plan->micro_batch) {
            status = mien_program_move(plan, p, first);
        }
        if (status == MIEN_OK) {
            status = run_whole(plan, p);
        }
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_stream_wait(plan->stream));
    }
    threads_leave(before, plan->threads);
    plan->run++;
    return status;
}

mien_status mien_plan_backward(mien_plan *plan) {
    const mien_program *p = plan->programs[0];
    if (plan->mode != MIEN_TRAIN || plan->run == 0) {
        return mien_fail(MIEN_EINVAL, plan->run
                                          ? "the plan was made to infer, not to train"
                                          : "there was no run to go back through");
    }
    int before = threads_enter(plan->threads);
    mien_status status = mien_program_run(plan, p, p->forward_count, p->steps_count);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_stream_wait(plan->stream));
    }
    threads_leave(before, plan->threads);
    return status;
}

float *mien_plan_output_gradient(mien_plan *plan, int index) {
    mien_tensor *t = index >= 0 && index < plan->outputs_asked
                         ? plan->outputs_gradient[plan->outputs_of[index]]
                         : NULL;
    return t ? t->data : NULL;
}

const mien_tensor *mien_plan_input_gradient(const mien_plan *plan, mien_node input) {
    for (int i = 0; i < plan->inputs_count; i++) {
        if (plan->inputs[i] == input) {
            return plan->inputs_gradient[i];
        }
    }
    return NULL;
}

const mien_tensor *mien_plan_gradient(const mien_plan *plan, int64_t parameter) {
    return plan->gradients && parameter >= 0 &&
                   parameter < mien_parameters_count(plan->parameters)
               ? plan->gradients[parameter].tensor
               : NULL;
}

void mien_plan_seed(mien_plan *plan, uint64_t seed, uint64_t run) {
    plan->seed = seed;
    plan->run = run;
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
    int before = threads_enter(plan->threads);
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < plan->packed_count; i++) {
        if (may_have_changed(plan, &plan->packed[i])) {
            status = mien_pack(plan, &plan->packed[i]);
        }
    }
    threads_leave(before, plan->threads);
    return status;
}

mien_status mien_plan_profile(mien_plan *plan,
    void (*take)(void *context, const mien_plan_step *step), void *context) {
    const mien_program *p = plan->programs[0];
    int before = threads_enter(plan->threads);
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
    threads_leave(before, plan->threads);
    return status;
}

mien_plan_info mien_plan_describe(const mien_plan *plan) {
    mien_plan_info info = {.operators = plan->programs[0]->steps_count,
        .reorders = plan->programs[0]->reorders,
        .weight_packs = plan->weight_packs,
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
