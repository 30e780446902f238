/* SPDX-License-Identifier: MIT */
/* Compiles a plan's graph: for the whole batch, or for the micro-batch that measures
 * best. */
#include "nn/plan/plan.h"

#define MEASURE_ENOUGH_S 0.4
#define MEMORY_BYTES_PER_S 15e9 /* of two cores; only its order matters */

/* A value of its own, or of nothing but such values one step before. */
static bool is_constant(const mien_graph *graph, const mien_op_node *node) {
    for (int k = 0; k < node->inputs_count; k++) {
        if (graph->nodes[node->inputs[k]]->inputs_count > 0 ||
            !graph->nodes[node->inputs[k]]->op) {
            return false;
        }
    }
    return node->op != NULL;
}

/* A batch can be cut only if every value the plan computes has it as first dimension,
 * or is constant and cheap: what a fixed number of items gives would be computed for
 * every part. */
static bool divisible(const mien_plan *plan) {
    if (plan->mode == MIEN_TRAIN) {
        return false; /* batch-norms and gradients want the whole batch */
    }
    for (int i = 0; i < plan->graph->count; i++) {
        const mien_op_node *n = plan->graph->nodes[i];
        if (n->shape[0] > 0 && !is_constant(plan->graph, n)) {
            return false;
        }
    }
    return plan->batch > 1;
}

/* ---- programs -----------------------------------------------------------------------
 */

void mien_plan_programs_clear(mien_plan *plan) {
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

mien_status mien_plan_run_program(const mien_plan *plan, const mien_program *program) {
    return mien_program_run(plan, program, 0, program->forward_count);
}

/* Seconds per item of the first micro-batch of a batch. */
static mien_status time_one(mien_plan *plan, double *per_item, double *spent) {
    double best = 1e30, begin = mien_clock_s(), chunk = 0;
    mien_status status = mien_plan_run_program(plan, plan->programs[0]);
    for (int i = 0; status == MIEN_OK && i < 5; i++) {
        double start = mien_clock_s();
        status = mien_plan_run_program(plan, plan->programs[0]);
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
        mien_plan_programs_clear(plan);
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
    mien_plan_programs_clear(plan);
    return programs_make(plan, chosen);
}

mien_status mien_plan_compile(mien_plan *plan, const mien_plan_options *o) {
    bool cut = divisible(plan);
    if (cut && o->micro_batch > 0) {
        return programs_make(
            plan, o->micro_batch < plan->batch ? o->micro_batch : plan->batch);
    }
    return cut && o->measure ? programs_measure(plan)
                             : programs_make(plan, plan->batch);
}
