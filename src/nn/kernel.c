/* SPDX-License-Identifier: MIT */
/* Steps of kernels of our own over row-major values, and the products they use. */
#include "nn/kernel.h"

#include <string.h>

#include "nn/ops/gradient.h"
#include "nn/kernels/narrow.h"

/* Arguments of a step; parameters and their gradients are at fixed addresses. */
#define ARG_X DNNL_ARG_MULTIPLE_SRC
#define ARG_DX DNNL_ARG_MULTIPLE_DST
#define ARG_Y DNNL_ARG_DST
#define ARG_DY DNNL_ARG_DIFF_DST
#define ARG_KEPT DNNL_ARG_WORKSPACE
#define ARG_SCRATCH DNNL_ARG_SCRATCHPAD

#define WORK_PER_THREAD 20000

typedef struct running {
    const mien_kernel *kernel;
    mien_kernel_call call; /* all but what moves */
} running;

static void fill(const mien_step *step, mien_kernel_call *call) {
    for (int i = 0; i < step->args_count; i++) {
        int arg = step->args[i].arg;
        void *data = step->data[i];
        if (arg >= ARG_X && arg < ARG_X + MIEN_KERNEL_INPUTS) {
            call->x[arg - ARG_X] = data;
        } else if (arg >= ARG_DX && arg < ARG_DX + MIEN_KERNEL_INPUTS) {
            call->dx[arg - ARG_DX] = data;
        } else if (arg == ARG_Y) {
            call->y = data;
        } else if (arg == ARG_DY) {
            call->dy = data;
        } else if (arg == ARG_KEPT) {
            call->kept = data;
        } else {
            call->scratch = data;
        }
    }
}

static void run_forward(const mien_step *step) {
    const running *r = step->settings;
    mien_kernel_call call = r->call;
    fill(step, &call);
    r->kernel->forward(&call);
}

static void run_backward(const mien_step *step) {
    const running *r = step->settings;
    mien_kernel_call call = r->call;
    fill(step, &call);
    r->kernel->backward(&call);
}

static running *running_new(
    mien_builder *b, const mien_group *group, const mien_kernel *kernel) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    running *r = mien_arena_alloc(b->program->arena, 1, sizeof *r);
    if (!r) {
        return NULL;
    }
    mien_kernel_call *c = &r->call;
    r->kernel = kernel;
    c->node = n;
    c->count = n->inputs_count;
    c->threads = b->plan->threads;
    for (int i = 0; i < n->inputs_count; i++) {
        mien_builder_shape(b, n->inputs[i], c->x_shape[i]);
        c->x_count[i] =
            mien_shape_count(mien_builder_node(b, n->inputs[i])->rank, c->x_shape[i]);
    }
    mien_builder_shape(b, group->main, c->y_shape);
    c->y_count = mien_shape_count(n->rank, c->y_shape);
    for (int i = 0; i < n->parameters_count; i++) {
        float *data =
            mien_parameters_at(b->plan->parameters, n->parameters_first + i)->data;
        c->parameters[i] = data;
        b->plan->reads_parameters = true;
        c->statistics[i] = n->parameters[i].trainable ? NULL : data;
    }
    return r;
}

/* A row-major value of the node's shape. */
static mien_status plain_new(
    mien_builder *b, mien_node node, mien_node named, mien_value_ref *value) {
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, node, shape);
    mien_status status = mien_md_plain(&md, mien_builder_node(b, node)->rank, shape);
    if (status == MIEN_OK) {
        status = mien_builder_new(b, named, md, value);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status add_kept(
    mien_builder *b, mien_node node, mien_step *step, const running *r) {
    int64_t count = r->kernel->kept ? r->kernel->kept(&r->call) : 0;
    mien_value_ref kept;
    dnnl_memory_desc_t md = NULL;
    if (count == 0 || !mien_builder_learns(b, node)) {
        return MIEN_OK;
    }
    mien_status status = mien_md_plain(&md, 1, &count);
    if (status == MIEN_OK) {
        status = mien_builder_workspace(b, node, md, &kept);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, ARG_KEPT, kept);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status add_scratch(
    mien_builder *b, mien_node node, mien_step *step, const running *r, bool back) {
    int64_t count = r->kernel->scratch ? r->kernel->scratch(&r->call, back,
                                             mien_builder_learns(b, node))
                                       : 0;
    return count ? mien_step_scratch(b, step, count) : MIEN_OK;
}

mien_status mien_kernel_prepare(
    mien_builder *b, const mien_group *group, const mien_kernel *kernel) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from[MIEN_KERNEL_INPUTS], to;
    mien_step *step = NULL;
    running *r = running_new(b, group, kernel);
    mien_status status = r ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < n->inputs_count; i++) {
        status = mien_builder_plain(b, n->inputs[i], &from[i]);
    }
    if (status == MIEN_OK) {
        status = plain_new(b, group->main, group->last, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, ARG_Y, to) : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < n->inputs_count; i++) {
        status = mien_step_value(b, step, ARG_X + i, from[i]);
    }
    if (status == MIEN_OK) {
        status = add_kept(b, group->main, step, r);
    }
    if (status == MIEN_OK) {
        status = add_scratch(b, group->main, step, r, false);
    }
    if (status == MIEN_OK) {
        step->run = run_forward;
        step->settings = r;
        status = mien_builder_finish(b, group, 0, to);
    }
    return status;
}

/* ---- the way back
 * ------------------------------------------------------------------------ */

/* Addresses of the parameters' gradients, which never move. */
static mien_status find_gradients(mien_builder *b, running *r) {
    const mien_op_node *n = r->call.node;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < n->parameters_count; i++) {
        dnnl_memory_t memory = NULL;
        void *data = NULL;
        status =
            mien_builder_parameter_gradient(b, n, n->parameters[i].suffix, &memory);
        if (status == MIEN_OK && memory) {
            status = MIEN_DNNL(dnnl_memory_get_data_handle(memory, &data));
        }
        r->call.gradients[i] = data;
    }
    return status;
}

/* The values that a backward step reads and writes; storage -1 where there is none. */
typedef struct backing {
    mien_value_ref x[MIEN_KERNEL_INPUTS], y, dy, dx[MIEN_KERNEL_INPUTS];
} backing;

/* The gradient of the group's main value, row-major. */
static mien_status plain_gradient(
    mien_builder *b, const mien_group *group, mien_value_ref *dy) {
    int64_t shape[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_value_ref value;
    mien_builder_shape(b, group->main, shape);
    mien_status status = mien_builder_output_gradient(b, group, &value);
    if (status == MIEN_OK) {
        status = mien_md_plain(&md, mien_builder_node(b, group->main)->rank, shape);
    }
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, value, md, dy);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* Collects the values that the row says its gradient needs, dy, and room for the
 * gradients that are wanted. */
static mien_status backing_init(mien_builder *b, const mien_group *group, backing *k) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    k->y.storage = -1;
    if (n->op->parts & MIEN_PART_NEEDS_Y) {
        k->y = mien_builder_value(b, group->last); /* what passes through may follow */
    }
    mien_status status = plain_gradient(b, group, &k->dy);
    for (int i = 0; status == MIEN_OK && i < n->inputs_count; i++) {
        k->x[i].storage = k->dx[i].storage = -1;
        if (n->op->parts & MIEN_PART_NEEDS_X) {
            status = mien_builder_plain(b, n->inputs[i], &k->x[i]);
        }
        if (status == MIEN_OK && mien_builder_learns(b, n->inputs[i])) {
            status = plain_new(b, n->inputs[i], -1, &k->dx[i]);
        }
    }
    return status;
}

static mien_status add_if(
    mien_builder *b, mien_step *step, int arg, mien_value_ref value) {
    return value.storage < 0 ? MIEN_OK : mien_step_value(b, step, arg, value);
}

mien_status mien_kernel_backward(
    mien_builder *b, const mien_group *group, const mien_kernel *kernel) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    backing k;
    mien_step *step = NULL;
    running *r = running_new(b, group, kernel);
    mien_status status = r ? find_gradients(b, r) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = backing_init(b, group, &k);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, ARG_DY, k.dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = add_if(b, step, ARG_Y, k.y);
    }
    for (int i = 0; status == MIEN_OK && i < n->inputs_count; i++) {
        status = add_if(b, step, ARG_X + i, k.x[i]);
        if (status == MIEN_OK) {
            status = add_if(b, step, ARG_DX + i, k.dx[i]);
        }
    }
    if (status == MIEN_OK) {
        status = add_kept(b, group->main, step, r);
    }
    if (status == MIEN_OK) {
        status = add_scratch(b, group->main, step, r, true);
    }
    if (status == MIEN_OK) {
        step->run = run_backward;
        step->settings = r;
    }
    for (int i = 0; status == MIEN_OK && i < n->inputs_count; i++) {
        if (k.dx[i].storage >= 0) {
            status = mien_builder_gradient_add(b, n->inputs[i], k.dx[i]);
        }
    }
    return status;
}

int mien_kernel_threads(const mien_kernel_call *call, int64_t work) {
    int64_t useful = 1 + work / WORK_PER_THREAD;
    return useful < call->threads ? (int)useful : call->threads;
}

/* ---- products
 * ------------------------------------------------------------------------------ */

/* Where our own loops were measured to be faster: up to so many multiply-adds with one
 * side of at most SIDE, and always with FEW rows or columns; with b transposed up to
 * FEW columns, or where a call of the library costs more than the work. */
#define PRODUCT_NARROW 1000000
#define PRODUCT_SMALL 20000
#define SIDE 64
#define FEW 16

/* b transposed in place of b, where it is small. */
static void product_turned(mien_narrow_product *p) {
    float turned[SIDE * SIDE];
    for (int64_t j = 0; j < p->n; j++) {
        for (int64_t l = 0; l < p->k; l++) {
            turned[l * p->n + j] = p->b[j * p->b_row + l];
        }
    }
    p->b = turned;
    p->b_row = p->n;
    mien_narrow_best()->product(p);
}

/* True if our own loops take this product: op(b) is transposed where turns. */
static bool is_narrow(bool ta, bool tb, int64_t m, int64_t n, int64_t k, bool *turns) {
    bool dots = !ta && (n <= FEW || m * n * k <= PRODUCT_SMALL);
    bool few = n <= FEW || m <= FEW, some = n <= SIDE || k <= SIDE || m <= SIDE;
    *turns = tb && n <= SIDE && k <= SIDE;
    return (few || (some && m * n * k <= PRODUCT_NARROW)) && (!tb || *turns || dots);
}

static void run_narrow(mien_narrow_product *p, bool tb, bool turns) {
    if (turns) {
        product_turned(p);
    } else if (tb) {
        mien_narrow_best()->dots(p);
    } else {
        mien_narrow_best()->product(p);
    }
}

void mien_product(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a,
    int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    bool turns;
    mien_narrow_product p = {.m = m,
        .n = n,
        .k = k,
        .a = a,
        .a_row = ta ? 1 : lda,
        .a_term = ta ? lda : 1,
        .b = b,
        .b_row = ldb,
        .c = c,
        .c_row = ldc,
        .adds = beta != 0};
    if (is_narrow(ta, tb, m, n, k, &turns) && (beta == 0 || beta == 1)) {
        run_narrow(&p, tb, turns);
    } else {
        dnnl_sgemm(
            ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
    }
}

void mien_product_linear(int64_t rows, int64_t out, int64_t in, const float *x,
    const float *weight, const float *bias, float *y) {
    bool turns;
    mien_narrow_product p = {.m = rows,
        .n = out,
        .k = in,
        .a = x,
        .a_row = in,
        .a_term = 1,
        .b = weight,
        .b_row = in,
        .start = bias,
        .c = y,
        .c_row = out};
    if (is_narrow(false, true, rows, out, in, &turns)) {
        run_narrow(&p, true, turns);
        return;
    }
    for (int64_t i = 0; bias && i < rows; i++) {
        memcpy(y + i * out, bias, (size_t)out * sizeof *bias);
    }
    dnnl_sgemm('N', 'T', rows, out, in, 1, x, in, weight, in, bias ? 1 : 0, y, out);
}

#define COLUMNS 64

typedef struct summing {
    const float *x;
    int64_t rows, columns;
    float *sums;
} summing;

static void sum_blocks(const void *context, int64_t first, int64_t last) {
    const summing *s = context;
    int64_t from = first * COLUMNS, to = last * COLUMNS;
    to = to < s->columns ? to : s->columns;
    mien_narrow_best()->column_sums(
        s->x + from, s->rows, to - from, s->columns, s->sums + from);
}

void mien_column_sums(
    const float *x, int64_t rows, int64_t columns, int threads, float *sums) {
    summing s = {x, rows, columns, sums};
    mien_in_parts(threads, (columns + COLUMNS - 1) / COLUMNS, sum_blocks, &s);
}

/* ---- parts ---------------------------------------------------------------------- */

void mien_in_parts(
    int threads, int64_t count, mien_part_work *work, const void *context) {
    if (threads <= 1 || count <= 1) {
        work(context, 0, count);
        return;
    }
#pragma omp parallel for num_threads(threads)
    for (int part = 0; part < threads; part++) {
        int64_t first = count * part / threads, last = count * (part + 1) / threads;
        if (first < last) {
            work(context, first, last);
        }
    }
}

void mien_product_linear_backward(const mien_kernel_call *call) {
    const mien_kernel_call *c = call;
    int64_t out = c->node->parameters[0].shape[0], in = c->node->parameters[0].shape[1];
    int64_t rows = c->y_count / out;
    if (c->gradients[0]) {
        mien_product(true, false, out, in, rows, c->dy, out, c->x[0], in, 0,
            c->gradients[0], in);
    }
    if (c->gradients[1]) {
        mien_column_sums(c->dy, rows, out, 1, c->gradients[1]);
    }
    if (c->dx[0]) {
        mien_product(false, false, rows, in, out, c->dy, out, c->parameters[0], in, 0,
            c->dx[0], in);
    }
}
