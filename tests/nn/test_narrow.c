/* SPDX-License-Identifier: MIT */
/* Loops for small networks, of each instruction set that this processor runs, against
 * plain C in double precision; sizes that fill vectors and sizes that do not. */
#include "nn/kernels/narrow.h"

#include <math.h>

#include "nn/nets.h"

#define ROOM 8192

static const mien_narrow *sets[3];
static int sets_count;

static int find_sets(void **state) {
    (void)state;
    sets[sets_count++] = &mien_narrow_plain;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        sets[sets_count++] = &mien_narrow_avx2;
    }
    if (mien_narrow_best() == &mien_narrow_avx512) {
        sets[sets_count++] = &mien_narrow_avx512;
    }
#endif
    return 0;
}

static float *filled(int64_t count, uint64_t seed) {
    float *data = mien_alloc((size_t)count, sizeof *data);
    assert_non_null(data);
    nets_fill(data, count, seed);
    return data;
}

/* ---- products -------------------------------------------------------------------- */

typedef struct product_case {
    int64_t m, n, k;
    bool turned_a, dots, starts, adds;
} product_case;

static void check_product(const mien_narrow *set, const product_case *t) {
    int64_t c_row = t->n + 3;
    float *a = filled(t->m * t->k, 1), *b = filled(t->n * t->k, 2);
    float *c = filled(t->m * c_row, 3), *before = filled(t->m * c_row, 3);
    float *start = filled(t->n, 4);
    mien_narrow_product p = {.m = t->m,
        .n = t->n,
        .k = t->k,
        .a = a,
        .a_row = t->turned_a ? 1 : t->k,
        .a_term = t->turned_a ? t->m : 1,
        .b = b,
        .b_row = t->dots ? t->k : t->n,
        .start = t->starts ? start : NULL,
        .c = c,
        .c_row = c_row,
        .adds = t->adds};
    (t->dots ? set->dots : set->product)(&p);
    for (int64_t i = 0; i < t->m; i++) {
        for (int64_t j = 0; j < c_row; j++) {
            double sum = t->starts ? (double)start[j % t->n]
                         : t->adds ? (double)before[i * c_row + j]
                                   : 0;
            for (int64_t l = 0; j < t->n && l < t->k; l++) {
                sum += (double)a[i * p.a_row + l * p.a_term] *
                       (double)b[t->dots ? j * t->k + l : l * t->n + j];
            }
            sum = j < t->n ? sum : (double)before[i * c_row + j]; /* is left alone */
            assert_near(
                (double)c[i * c_row + j], sum, 1e-5 * (1 + sqrt((double)t->k)) * 16);
        }
    }
    mien_free(start);
    mien_free(before);
    mien_free(c);
    mien_free(b);
    mien_free(a);
}

static void products_are_sums_of_terms(void **state) {
    (void)state;
    static const int64_t sizes[][3] = {{1, 1, 1}, {5, 3, 4}, {8, 8, 8}, {150, 8, 8},
        {15, 16, 9}, {7, 37, 300}, {8, 50, 30}, {3, 9, 1100}};
    for (int s = 0; s < sets_count; s++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            for (int way = 0; way < 16; way++) {
                product_case t = {sizes[i][0], sizes[i][1], sizes[i][2], way & 1,
                    way & 2, way & 4, way & 8};
                if (!(t.dots && t.turned_a)) {
                    check_product(sets[s], &t);
                }
            }
        }
    }
}

static void column_sums_are_sums_of_rows(void **state) {
    (void)state;
    float *x = filled(ROOM, 5), sums[20];
    for (int s = 0; s < sets_count; s++) {
        for (int64_t rows = 1; rows < 12; rows++) {
            sets[s]->column_sums(x, rows, 19, 21, sums);
            for (int64_t j = 0; j < 19; j++) {
                double sum = 0;
                for (int64_t i = 0; i < rows; i++) {
                    sum += (double)x[i * 21 + j];
                }
                assert_near((double)sums[j], sum, 1e-5);
            }
        }
    }
    mien_free(x);
}

static void a_turned_matrix_has_its_columns_as_rows(void **state) {
    (void)state;
    float *x = filled(ROOM, 5), y[19 * 21];
    for (int s = 0; s < sets_count; s++) {
        for (int64_t rows = 1; rows < 20; rows += 6) {
            for (int64_t columns = 1; columns < 22; columns += 5) {
                sets[s]->turn(x, rows, columns, y);
                for (int64_t i = 0; i < rows * columns; i++) {
                    assert_true(y[i] == x[i % rows * columns + i / rows]);
                }
            }
        }
    }
    mien_free(x);
}

/* ---- dropout --------------------------------------------------------------------- */

static void every_set_draws_the_same_values_wherever_it_begins(void **state) {
    (void)state;
    const mien_narrow_drop d = {{77, 991}, 1u << 30, 4.0f / 3};
    float *x = filled(ROOM, 6), *first = filled(ROOM, 7), *y = filled(ROOM, 8);
    int64_t kept = 0;
    mien_narrow_plain.drop(&d, x, first, 0, ROOM);
    for (int s = 0; s < sets_count; s++) {
        sets[s]->drop(&d, x, y, 0, 13);
        sets[s]->drop(&d, x, y, 13, ROOM);
        assert_memory_equal(first, y, ROOM * sizeof *y);
    }
    for (int64_t i = 0; i < ROOM; i++) {
        assert_true(first[i] == 0 || first[i] == d.scale * x[i]);
        kept += first[i] != 0;
    }
    /* 6144 expected of 8192, standard deviation 39 */
    assert_in_range(kept, 6144 - 160, 6144 + 160);
    mien_free(y);
    mien_free(first);
    mien_free(x);
}

/* Neighbours, and the same place under two keys, are kept independently: each of the
 * four cases of a pair comes as often as chance has it. */
static void draws_of_neighbours_and_of_keys_are_independent(void **state) {
    (void)state;
    enum { COUNT = 1 << 16 };
    static float ones[COUNT], y[3][COUNT];
    const mien_narrow_drop draws[3] = {{{0x9e3779b9, 0x7f4a7c15}, 1u << 31, 1},
        {{0xbf58476d, 0x7f4a7c15}, 1u << 31, 1},
        {{0x9e3779b9, 0x94d049bb}, 1u << 31, 1}};
    for (int64_t i = 0; i < COUNT; i++) {
        ones[i] = 1;
    }
    for (int k = 0; k < 3; k++) {
        mien_narrow_plain.drop(&draws[k], ones, y[k], 0, COUNT);
    }
    for (int gap = 1; gap <= 64; gap *= 2) {
        int64_t neighbours = 0, keys[2] = {0, 0};
        for (int64_t i = 0; i + gap < COUNT; i++) {
            neighbours += y[0][i] == y[0][i + gap];
            keys[0] += y[0][i] == y[1][i + gap - 1];
            keys[1] += y[0][i] == y[2][i + gap - 1];
        }
        /* half of them, standard deviation 128 */
        assert_in_range(neighbours, COUNT / 2 - 600, COUNT / 2 + 600);
        assert_in_range(keys[0], COUNT / 2 - 600, COUNT / 2 + 600);
        assert_in_range(keys[1], COUNT / 2 - 600, COUNT / 2 + 600);
    }
}

/* ---- values one by one --------------------------------------------------------------
 */

static void sums_and_rectified_values_are_exact(void **state) {
    (void)state;
    float x[21], b[21], y[21], dx[21];
    nets_fill(x, 21, 1);
    nets_fill(b, 21, 2);
    x[3] = -INFINITY;
    x[4] = 0;
    for (int s = 0; s < sets_count; s++) {
        for (int k = 0; k < 2; k++) {
            float slope = k ? 0.25f : 0;
            sets[s]->add(x, b, y, 21);
            for (int i = 0; i < 21; i++) {
                assert_true(y[i] == x[i] + b[i]);
            }
            sets[s]->rectify(x, slope, y, 21);
            sets[s]->rectify_back(y, b, slope, dx, 21);
            for (int i = 0; i < 21; i++) {
                bool passes = x[i] > 0;
                assert_true(y[i] == (passes ? x[i] : k ? slope * x[i] : 0));
                assert_true(dx[i] == (passes ? b[i] : slope * b[i]));
                assert_false(signbit(y[i]) && y[i] == 0);
            }
        }
    }
}

/* ---- normalisation ------------------------------------------------------------------
 */

static void check_norm(
    const mien_narrow *set, int64_t rows, int64_t width, bool outside) {
    float *x = filled(rows * width, 1), *y = filled(rows * width, 2);
    float *weight = filled(width, 3), *bias = filled(width, 4);
    float *kept = filled(2 * (rows + MIEN_NARROW_LANES), 5);
    mien_narrow_norm n = {.rows = rows,
        .width = width,
        .x = x,
        .weight = weight,
        .bias = bias,
        .kept = kept,
        .outside = outside,
        .epsilon = 1e-3f,
        .y = y};
    set->norm_forward(&n);
    for (int64_t row = 0; row < rows; row++) {
        double mean = 0, squares = 0;
        for (int64_t i = 0; i < width; i++) {
            mean += (double)x[row * width + i] / (double)width;
        }
        for (int64_t i = 0; i < width; i++) {
            squares += pow((double)x[row * width + i] - mean, 2);
        }
        double by = outside ? sqrt(squares / (double)(width - 1)) + 1e-3
                            : sqrt(squares / (double)width + 1e-3);
        for (int64_t i = 0; i < width; i++) {
            double want = ((double)x[row * width + i] - mean) / by * (double)weight[i] +
                          (double)bias[i];
            assert_near((double)y[row * width + i], want, 2e-5);
        }
    }
    mien_free(kept);
    mien_free(bias);
    mien_free(weight);
    mien_free(y);
    mien_free(x);
}

/* Its gradient is compared with differences by contract/ops and nn/kernel. */
static void narrow_rows_are_normalised(void **state) {
    (void)state;
    for (int s = 0; s < sets_count; s++) {
        for (int64_t rows = 1; rows < 18; rows += 4) {
            check_norm(sets[s], rows, 8, true);
            check_norm(sets[s], rows, 8, false);
            check_norm(sets[s], rows, 13, true);
            check_norm(sets[s], rows, MIEN_NARROW_NORM, false);
        }
    }
}

/* What one set gives, the others give too, gradients as well. */
static void sets_agree_on_gradients_of_norms(void **state) {
    (void)state;
    enum { ROWS = 11, WIDTH = 13 };
    float *x = filled(ROWS * WIDTH, 1), *dy = filled(ROWS * WIDTH, 2),
          want[ROWS * WIDTH];
    float *weight = filled(WIDTH, 3), kept[2 * (ROWS + MIEN_NARROW_LANES)];
    float y[ROWS * WIDTH], dx[ROWS * WIDTH], dweight[WIDTH], dbias[WIDTH];
    for (int s = 0; s < sets_count; s++) {
        mien_narrow_norm n = {ROWS, WIDTH, x, weight, weight, kept, true, 1e-6f, y, dy,
            dx, dweight, dbias};
        sets[s]->norm_forward(&n);
        sets[s]->norm_backward(&n);
        if (s == 0) {
            memcpy(want, dx, sizeof want);
        }
        assert_close(dx, want, ROWS * WIDTH, 1e-4, 1e-5);
        for (int i = 0; i < WIDTH; i++) {
            double sum = 0;
            for (int r = 0; r < ROWS; r++) {
                sum += (double)dy[r * WIDTH + i];
            }
            assert_near((double)dbias[i], sum, 1e-5);
        }
    }
    mien_free(weight);
    mien_free(dy);
    mien_free(x);
}

/* ---- attention ----------------------------------------------------------------------
 */

typedef struct shape {
    int64_t items, heads, queries, keys, width;
} shape;

/* p by softmax in double, from q and k. */
static void shares_of(const shape *s, const float *q, const float *k, int64_t n,
    int64_t h, int64_t t, double *p) {
    int64_t each = s->width / s->heads;
    double sum = 0;
    for (int64_t j = 0; j < s->keys; j++) {
        double score = 0;
        for (int64_t l = h * each; l < (h + 1) * each; l++) {
            score += (double)q[(n * s->queries + t) * s->width + l] *
                     (double)k[(n * s->keys + j) * s->width + l];
        }
        sum += p[j] = exp(score / sqrt((double)each));
    }
    for (int64_t j = 0; j < s->keys; j++) {
        p[j] /= sum;
    }
}

static void check_attention(const mien_narrow *set, const shape *s) {
    int64_t t = s->queries, d = s->width, each = d / s->heads;
    float *q = filled(s->items * t * d, 1), *k = filled(s->items * s->keys * d, 2);
    float *v = filled(s->items * s->keys * d, 3);
    float *p = filled(s->items * s->heads * t * s->keys, 4);
    float *y = filled(s->items * t * d, 5);
    mien_narrow_attention a = {.heads = s->heads,
        .queries = t,
        .keys = s->keys,
        .width = d,
        .scale = (float)(1 / sqrt((double)each)),
        .q = q,
        .k = k,
        .v = v,
        .p = p,
        .to = {p}};
    set->weights_forward(&a, 0, s->items);
    a.to[0] = y;
    set->mix_forward(&a, 0, s->items);
    for (int64_t i = 0; i < s->items * s->heads * t; i++) {
        int64_t n = i / t / s->heads, h = i / t % s->heads;
        double want[64];
        shares_of(s, q, k, n, h, i % t, want);
        for (int64_t j = 0; j < s->keys; j++) {
            assert_near((double)p[i * s->keys + j], want[j], 1e-5);
        }
        for (int64_t l = h * each; l < (h + 1) * each; l++) {
            double sum = 0;
            for (int64_t j = 0; j < s->keys; j++) {
                sum += want[j] * (double)v[(n * s->keys + j) * d + l];
            }
            assert_near((double)y[(n * t + i % t) * d + l], sum, 1e-4);
        }
    }
    mien_free(y);
    mien_free(p);
    mien_free(v);
    mien_free(k);
    mien_free(q);
}

static void short_sequences_attend(void **state) {
    (void)state;
    static const shape shapes[] = {
        {1, 1, 1, 1, 1}, {30, 2, 5, 5, 8}, {9, 3, 4, 7, 6}, {17, 2, 6, 3, 10}};
    for (int s = 0; s < sets_count; s++) {
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            check_attention(sets[s], &shapes[i]);
        }
    }
}

/* Of a network of such sequences, against differences: with and without a part of the
 * batch that fills no vector, on each of the kernels that gradients run through. */
static void gradients_of_short_sequences_are_right(void **state) {
    (void)state;
    for (int64_t batch = 7; batch < 10; batch++) {
        mien_graph *graph = NULL;
        mien_node x, qkv[3], shares, inputs[2], y;
        int64_t dims[3] = {MIEN_BATCH, 3, 6};
        assert_good(mien_graph_new(&graph));
        assert_good(mien_graph_input(graph, "x", 3, dims, &x));
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"q", "k", "v"};
            assert_good(mien_linear(graph, names[i], x, 6, true, &qkv[i]));
        }
        assert_good(mien_graph_add(
            graph, "attention_weights", "shares", qkv, 2, "heads=2", &shares));
        inputs[0] = shares;
        inputs[1] = qkv[2];
        assert_good(mien_graph_add(graph, "attention_mix", "mix", inputs, 2, "", &y));
        assert_good(
            mien_layer_norm(graph, "norm", y, 1e-6, MIEN_LAYER_NORM_DEVIATION, &y));
        assert_good(mien_add(graph, "sum", x, y, &y));
        assert_good(mien_activate(graph, "relu", y, MIEN_RELU, 0, &y));
        nets_check_all(graph, batch, true, 5e-6);
        nets_check_gradients(graph, batch, true, 12, 5e-3);
        mien_graph_free(&graph);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_sums_of_terms),
        cmocka_unit_test(column_sums_are_sums_of_rows),
        cmocka_unit_test(a_turned_matrix_has_its_columns_as_rows),
        cmocka_unit_test(every_set_draws_the_same_values_wherever_it_begins),
        cmocka_unit_test(draws_of_neighbours_and_of_keys_are_independent),
        cmocka_unit_test(sums_and_rectified_values_are_exact),
        cmocka_unit_test(narrow_rows_are_normalised),
        cmocka_unit_test(sets_agree_on_gradients_of_norms),
        cmocka_unit_test(short_sequences_attend),
        cmocka_unit_test(gradients_of_short_sequences_are_right),
    };
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
