/* SPDX-License-Identifier: MIT */
/* A plan's calls for training: whose gradients are wanted, and where they are read. */
#include "nn/ops/gradient.h"
#include "base/need.h"

mien_status mien_plan_training_init(mien_plan *plan, const mien_plan_options *o) {
    size_t count = (size_t)mien_parameters_count(plan->parameters);
    plan->gradients = mien_alloc(count, sizeof *plan->gradients);
    return plan->gradients ? mien_learns_new(plan->graph, plan->parameters,
                                 o->input_gradients, &plan->learns)
                           : MIEN_ENOMEM;
}

void mien_plan_training_clear(mien_plan *plan) {
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

mien_status mien_plan_backward(mien_plan *plan) {
    MIEN_NEED(plan);
    const mien_program *p = plan->programs[0];
    if (plan->mode != MIEN_TRAIN || plan->run == 0) {
        return mien_fail(MIEN_EINVAL, plan->run
                                          ? "the plan was made to infer, not to train"
                                          : "there was no run to go back through");
    }
    int before = mien_threads_enter(plan->threads);
    mien_status status = mien_program_run(plan, p, p->forward_count, p->steps_count);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_stream_wait(plan->stream));
    }
    mien_threads_leave(before, plan->threads);
    return status;
}

float *mien_plan_output_gradient(mien_plan *plan, int index) {
    MIEN_NEED_OR(NULL, plan);
    mien_tensor *t = index >= 0 && index < plan->outputs_asked
                         ? plan->outputs_gradient[plan->outputs_of[index]]
                         : NULL;
    return t ? t->data : NULL;
}

const mien_tensor *mien_plan_input_gradient(const mien_plan *plan, mien_node input) {
    MIEN_NEED_OR(NULL, plan);
    for (int i = 0; i < plan->inputs_count; i++) {
        if (plan->inputs[i] == input) {
            return plan->inputs_gradient[i];
        }
    }
    return NULL;
}

const mien_tensor *mien_plan_gradient(const mien_plan *plan, int64_t parameter) {
    MIEN_NEED_OR(NULL, plan);
    return plan->gradients && parameter >= 0 &&
                   parameter < mien_parameters_count(plan->parameters)
               ? plan->gradients[parameter].tensor
               : NULL;
}

void mien_plan_seed(mien_plan *plan, uint64_t seed, uint64_t run) {
    MIEN_NEED_OR(, plan);
    plan->seed = seed;
    plan->run = run;
}
