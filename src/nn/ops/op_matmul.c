/* SPDX-License-Identifier: MIT */
/* Products of two values' last two dimensions, [.., M, K] [.., K, N] → [.., M, N];
 * those before are broadcast. */
#include <string.h>

#include "nn/ops/attend_step.h"
#include "nn/ops/broadcast.h"

typedef mien_matmul_settings matmul;

static const mien_option options[] = {
    {.name = "transpose-a",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "the first is [.., K, M]"},
    {.name = "transpose-b",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "the second is [.., N, K]"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    matmul *s = settings;
    s->turned[0] = mien_options_flag(given, "transpose-a");
    s->turned[1] = mien_options_flag(given, "transpose-b");
    return MIEN_OK;
}

/* Rows and columns of op(x). */
static void sides(
    bool turned, int rank, const int64_t *shape, int64_t *rows, int64_t *columns) {
    *rows = shape[rank - 2 + turned];
    *columns = shape[rank - 1 - turned];
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const matmul *s = node->settings;
    int64_t m = 0, k = -1, k2 = -2, n = 0;
    if (inputs[0]->rank > 1 && inputs[1]->rank > 1) {
        sides(s->turned[0], inputs[0]->rank, inputs[0]->shape, &m, &k);
        sides(s->turned[1], inputs[1]->rank, inputs[1]->shape, &k2, &n);
    }
    if (k != k2 || k < 1 || n < 1) {
        return mien_fail(MIEN_ESHAPE, "it takes [.., M, K] and [.., K, N]");
    }
    mien_status status = mien_broadcast_shape(node, inputs, 2, 2);
    if (status == MIEN_OK && m < 0 && node->rank > 2) {
        return mien_fail(MIEN_ESHAPE, "the batch must stay the first dimension");
    }
    node->shape[node->rank - 2] = m;
    node->shape[node->rank - 1] = n;
    return status;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    const matmul *s = node->settings;
    int64_t y[MIEN_RANK_MAX], m, k;
    mien_shape_of(node, batch, y);
    sides(s->turned[0], inputs[0]->rank, inputs[0]->shape, &m, &k);
    return 2.0 * (double)mien_shape_count(node->rank, y) * (double)k;
}

/* The products to be done: which matrices, of which sides. */
typedef struct products {
    mien_broadcast walk;
    int64_t count, m, n, k, a, b; /* a, b: values of one matrix */
    bool once[2];                 /* no matrix of it is read twice */
} products;

static products products_of(const mien_kernel_call *c) {
    const matmul *s = c->node->settings;
    products p = {.count = 1};
    int64_t shapes[2][MIEN_RANK_MAX] = {{0}};
    int ranks[2], rank = c->node->rank - 2;
    for (int i = 0; i < 2; i++) {
        for (ranks[i] = 0; ranks[i] < MIEN_RANK_MAX && c->x_shape[i][ranks[i]] > 0;) {
            ranks[i]++;
        }
        memcpy(shapes[i], c->x_shape[i], (size_t)(ranks[i] - 2) * sizeof **shapes);
    }
    sides(s->turned[0], ranks[0], c->x_shape[0], &p.m, &p.k);
    sides(s->turned[1], ranks[1], c->x_shape[1], &p.k, &p.n);
    p.a = p.m * p.k;
    p.b = p.k * p.n;
    for (int i = 0; i < 2; i++) {
        ranks[i] -= 2;
    }
    mien_broadcast_of(
        &p.walk, rank, c->y_shape, 2, (const int64_t(*)[MIEN_RANK_MAX])shapes, ranks);
    p.count = c->y_count / (p.m * p.n);
    p.once[0] = c->x_count[0] == p.count * p.a;
    p.once[1] = c->x_count[1] == p.count * p.b;
    if (p.once[0] && c->x_count[1] == p.b && !s->turned[0]) {
        /* one matrix for all: one product of all rows */
        p.m *= p.count;
        p.a *= p.count;
        p.count = 1;
        p.once[1] = true;
        p.walk = (mien_broadcast){.rank = 1, .size = {1}, .runs = 1};
    }
    return p;
}

/* Finds the matrix of each operand that product i takes. */
static void matrices(const products *p, int64_t i, int64_t *at) {
    int last = p->walk.rank - 1;
    int64_t n = p->walk.size[last];
    mien_broadcast_at(&p->walk, 2, i / n, at);
    for (int k = 0; k < 2; k++) {
        at[k] += i % n * p->walk.stride[k][last];
    }
}

static void reference(const mien_reference *r) {
    const matmul *s = r->node->settings;
    int rank = r->node->rank;
    int64_t m = r->y_shape[rank - 2], n = r->y_shape[rank - 1];
    int64_t k = r->x_shape[0][r->x_rank[0] - 1 - s->turned[0]];
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t at[2], matrix = i / (m * n), row = i / n % m, column = i % n;
        for (int x = 0; x < 2; x++) {
            int64_t stride = 1, rest = matrix;
            at[x] = 0;
            for (int d = rank - 3; d >= 0; d--) {
                int own = d - (rank - r->x_rank[x]);
                int64_t size = own < 0 ? 1 : r->x_shape[x][own];
                at[x] += size == 1 ? 0 : rest % r->y_shape[d] * stride;
                rest /= r->y_shape[d];
                stride *= size;
            }
        }
        const double *a = r->x[0] + at[0] * m * k, *b = r->x[1] + at[1] * k * n;
        r->y[i] = 0;
        for (int64_t l = 0; l < k; l++) {
            r->y[i] += a[s->turned[0] ? l * m + row : row * k + l] *
                       b[s->turned[1] ? column * k + l : l * n + column];
        }
    }
}

static void forward(const mien_kernel_call *c) {
    const matmul *s = c->node->settings;
    products p = products_of(c);
    int64_t lda = s->turned[0] ? p.m : p.k, ldb = s->turned[1] ? p.k : p.n;
    int threads = p.count > 1 ? mien_kernel_threads(c, p.count * p.a * p.n) : 1;
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t i = 0; i < p.count; i++) {
        int64_t at[2];
        matrices(&p, i, at);
        mien_product(s->turned[0], s->turned[1], p.m, p.n, p.k, c->x[0] + at[0] * p.a,
            lda, c->x[1] + at[1] * p.b, ldb, 0, c->y + i * p.m * p.n, p.n);
    }
}

/* Adds product i's part to the gradient of operand x. */
static void add_gradient(
    const mien_kernel_call *c, const products *p, int x, int64_t i, float beta) {
    const matmul *s = c->node->settings;
    int64_t at[2], lda = s->turned[0] ? p->m : p->k, ldb = s->turned[1] ? p->k : p->n;
    matrices(p, i, at);
    const float *a = c->x[0] + at[0] * p->a, *b = c->x[1] + at[1] * p->b;
    const float *dy = c->dy + i * p->m * p->n;
    float *dx = c->dx[x] + at[x] * (x ? p->b : p->a);
    if (x == 0 && !s->turned[0]) {
        mien_product(
            false, !s->turned[1], p->m, p->k, p->n, dy, p->n, b, ldb, beta, dx, lda);
    } else if (x == 0) {
        mien_product(
            s->turned[1], true, p->k, p->m, p->n, b, ldb, dy, p->n, beta, dx, lda);
    } else if (!s->turned[1]) {
        mien_product(
            !s->turned[0], false, p->k, p->n, p->m, a, lda, dy, p->n, beta, dx, ldb);
    } else {
        mien_product(
            true, s->turned[0], p->n, p->k, p->m, dy, p->n, a, lda, beta, dx, ldb);
    }
}

/* A matrix that several products read gathers its gradient in their order. */
static void backward(const mien_kernel_call *c) {
    products p = products_of(c);
    for (int x = 0; x < 2; x++) {
        int threads = p.count > 1 ? mien_kernel_threads(c, p.count * p.a * p.n) : 1;
        if (!c->dx[x]) {
            continue;
        }
        if (!p.once[x]) {
            memset(c->dx[x], 0, (size_t)c->x_count[x] * sizeof *c->dx[x]);
            threads = 1;
        }
#pragma omp parallel for num_threads(threads) if (threads > 1)
        for (int64_t i = 0; i < p.count; i++) {
            add_gradient(c, &p, x, i, p.once[x] ? 0 : 1);
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    if (group->second) {
        return mien_attend_prepare(b, group);
    }
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_matmul = {
    .name = "matmul",
    .summary = "Products of matrices",
    .options = options,
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(matmul),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .joins = mien_attend_joins,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
