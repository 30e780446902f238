/* SPDX-License-Identifier: MIT */
/* The read-out as a contract stores it, against the centred kernels it was fitted with.
 */
#include "support/support.h"

#include <math.h>
#include <stdio.h>

#include "train/final_model.h"
#include "train/made.h"

static const double interval[MADE_TARGETS][2] = {{-1.5, 2}, {-3, 4}};

static mien_status fit_all(
    const made *m, const double (*width)[2], mien_final_model *final) {
    int64_t rows[MADE_ROWS];
    const mien_final_model_rows fitted = {rows, MADE_ROWS};
    for (int i = 0; i < MADE_ROWS; i++) {
        rows[i] = i;
    }
    return mien_final_model_fit(
        final, &m->feature_set, &m->dataset, &m->study, &fitted, width, NULL);
}

static void fit(const made *m, mien_final_model *final) {
    assert_good(fit_all(m, interval, final));
}

/* The layers that the contract names. */
static void layers_of(const mien_network *n, char *layers, size_t size) {
    const char *at =
        strstr(n->architecture.branches[0].stage[0].settings, "layers=") + 7;
    snprintf(layers, size, "%.*s", (int)strcspn(at, ";"), at);
}

/* A row's features in the order the contract's layers name them. */
static void gather(const made *m, const mien_network *n, int row, double *features) {
    char layers[512], *at = layers;
    int64_t first = 0;
    layers_of(n, layers, sizeof layers);
    for (char *name = strtok_r(at, ",", &at); name; name = strtok_r(NULL, ",", &at)) {
        int block = 0;
        while (strcmp(m->feature_set.blocks.name[block], name) != 0) {
            block++;
            assert_true(block < m->feature_set.blocks.count);
        }
        for (int f = 0; f < MADE_WIDTH; f++) {
            features[first++] = (double)m->values[block][row * MADE_WIDTH + f];
        }
    }
    assert_int_equal(first, n->readout.features);
}

/* bias + Σ blocks, as models.h writes it. */
static double by_contract(const mien_readout *r, const double *features, int t) {
    double value = (double)r->bias[t], u[MADE_WIDTH];
    for (int b = 0; b < r->blocks_count; b++) {
        const mien_readout_block *k = &r->blocks[b];
        double square = 0;
        for (int64_t f = 0; f < k->width; f++) {
            u[f] = (features[k->first + f] - (double)k->mean[f]) * (double)k->scale[f];
            square += u[f] * u[f];
        }
        for (int64_t s = 0; s < k->vectors_count; s++) {
            double z = 0;
            for (int64_t f = 0; f < k->width; f++) {
                z += (double)k->vectors[s * k->width + f] *
                     (k->unit ? u[f] / sqrt(square) : u[f]);
            }
            value += (double)k->coefficient[t * k->vectors_count + s] *
                     (k->gamma > 0 ? exp(k->gamma * z) : z);
        }
    }
    return value;
}

/* The same rows by the centred kernels of the choice. */
static void by_kernels(
    const made *m, const mien_choice *c, const int64_t *rows, double *out) {
    int64_t all[MADE_ROWS];
    double matrix[MADE_ROWS * MADE_ROWS], cross[MADE_NEW * MADE_ROWS];
    for (int i = 0; i < MADE_ROWS; i++) {
        all[i] = i;
    }
    for (int i = 0; i < MADE_TARGETS * MADE_NEW; i++) {
        out[i] = c->ridge[i / MADE_NEW].mean;
    }
    for (int k = 0; k < c->candidates; k++) {
        mien_kernel kernel = {0};
        assert_good(mien_kernel_ridge_fit(&kernel, &m->feature_set.blocks,
            &m->candidates[k], all, MADE_ROWS, NULL, matrix));
        assert_good(mien_kernel_ridge_cross(
            &kernel, &m->feature_set.blocks, rows, MADE_NEW, NULL, cross));
        for (int t = 0; t < MADE_TARGETS; t++) {
            const mien_ridge *ridge = &c->ridge[k * MADE_TARGETS + t];
            double values[MADE_NEW];
            mien_ridge_predict(ridge, MADE_ROWS, cross, MADE_NEW, values);
            for (int i = 0; i < MADE_NEW; i++) {
                out[t * MADE_NEW + i] +=
                    c->weight[k * MADE_TARGETS + t] * (values[i] - ridge->mean);
            }
        }
        mien_kernel_clear(&kernel);
    }
}

static void check_sum_of_blocks(const char *combine, double gamma) {
    made m;
    mien_final_model final;
    made_init(&m, combine, gamma);
    fit(&m, &final);
    int64_t rows[MADE_NEW];
    double want[MADE_TARGETS * MADE_NEW];
    for (int i = 0; i < MADE_NEW; i++) {
        rows[i] = MADE_ROWS + i; /* pictures that the model has never seen */
    }
    by_kernels(&m, &final.choice, rows, want);
    for (int i = 0; i < MADE_NEW; i++) {
        double features[MADE_BLOCKS * MADE_WIDTH];
        gather(&m, &final.network, MADE_ROWS + i, features);
        for (int t = 0; t < MADE_TARGETS; t++) {
            /* the contract holds floats */
            assert_near(by_contract(&final.network.readout, features, t),
                want[t * MADE_NEW + i], 2e-5);
        }
    }
    mien_final_model_clear(&final);
    made_clear(&m);
}

static void stored_sum_equals_the_kernels_for_linear_ridge(void **state) {
    (void)state;
    check_sum_of_blocks("best", 0);
    check_sum_of_blocks("stack", 0);
}

static void stored_sum_equals_the_kernels_for_exponential_ones(void **state) {
    (void)state;
    check_sum_of_blocks("best", 2);
    check_sum_of_blocks("stack", 2);
}

static void linear_blocks_hold_one_vector_a_target(void **state) {
    (void)state;
    made m;
    mien_final_model final;
    made_init(&m, "stack", 0);
    fit(&m, &final);
    assert_true(final.network.readout.blocks_count >= 1);
    for (int b = 0; b < final.network.readout.blocks_count; b++) {
        assert_int_equal(final.network.readout.blocks[b].vectors_count, MADE_TARGETS);
        assert_false(final.network.readout.blocks[b].unit);
    }
    mien_final_model_clear(&final);
    made_clear(&m);
}

static void layers_without_weight_are_not_asked_for(void **state) {
    (void)state;
    made m;
    mien_final_model final;
    made_init(&m, "best", 0);
    fit(&m, &final);
    char layers[512];
    layers_of(&final.network, layers, sizeof layers);
    assert_string_equal(layers, "pool,second");
    assert_int_equal(final.network.readout.features, 2 * MADE_WIDTH);
    mien_final_model_clear(&final);
    made_clear(&m);
}

static void the_contract_says_what_the_study_and_the_table_say(void **state) {
    (void)state;
    made m;
    mien_final_model final;
    made_init(&m, "best", 0);
    assert_good(mien_options_set(m.study.options, NULL, "model.licence", "MIT"));
    assert_good(mien_options_set(m.study.options, NULL, "backbone.mirror", "true"));
    fit(&m, &final);
    const mien_network *r = &final.network;
    const mien_branch *branch = &r->architecture.branches[0];
    assert_non_null(strstr(branch->stage[0].settings, "name=made;"));
    assert_string_equal(branch->weights_sha256, m.feature_set.backbone_hash);
    assert_string_equal(r->licence, "MIT");
    assert_non_null(strstr(branch->stage[0].settings, "mirror=true"));
    assert_int_equal(r->targets_count, MADE_TARGETS);
    assert_string_equal(r->targets[0].name, "valence");
    assert_string_equal(r->targets[1].perspective, "normative");
    assert_near(r->targets[0].interval_low, -1.5, 0);
    assert_near(r->targets[1].interval_high, 4, 0);
    assert_near(r->targets[1].maximum, 20, 0);
    mien_final_model_clear(&final);
    made_clear(&m);
}

static void where_nothing_can_be_learnt_the_model_is_the_mean(void **state) {
    (void)state;
    made m;
    mien_final_model final;
    made_init(&m, "stack", 2);
    for (int b = 0; b < MADE_BLOCKS; b++) { /* all pictures look the same */
        for (int i = 0; i < MADE_ALL * MADE_WIDTH; i++) {
            m.values[b][i] = 1;
        }
    }
    fit(&m, &final);
    double features[MADE_BLOCKS * MADE_WIDTH];
    assert_true(final.network.readout.blocks_count >= 1); /* a contract names a layer */
    char layers[512];
    layers_of(&final.network, layers, sizeof layers);
    assert_true(layers[0] != 0);
    gather(&m, &final.network, 0, features);
    for (int t = 0; t < MADE_TARGETS; t++) {
        assert_near(by_contract(&final.network.readout, features, t),
            final.choice.ridge[t].mean, 1e-5);
    }
    mien_final_model_clear(&final);
    made_clear(&m);
}

/* Sixteen layers in pairs, each pair wanted by one target; a ninth target wants the
 * first pair bent (the cosine of twice an angle has no linear part): two blocks more
 * than a contract takes. */
static void more_blocks_than_a_contract_takes_are_an_error(void **state) {
    (void)state;
    enum { LAYERS = 16, PAIRS = 8, WANTED = PAIRS + 1 };
    static float values[LAYERS][MADE_ROWS * 2];
    static double rated[WANTED * MADE_ROWS];
    static const char *const names[LAYERS] = {
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"};
    made m;
    mien_final_model final;
    mien_candidate candidates[WANTED];
    double none[WANTED][2] = {{0}};
    mien_stream s;
    mien_stream_init(&s, 4, 0, 0);
    made_init(&m, "best", 0);
    m.feature_set.blocks = (mien_blocks){.count = LAYERS, .rows = MADE_ROWS};
    for (int l = 0; l < LAYERS; l++) {
        m.feature_set.blocks.width[l] = 2;
        m.feature_set.blocks.values[l] = values[l];
        m.feature_set.blocks.name[l] = names[l];
        for (int i = 0; i < MADE_ROWS; i++) {
            float *v = values[l] + 2 * i;
            v[0] = (float)made_normal(&s);
            v[1] = (float)made_normal(&s);
            rated[l / 2 * MADE_ROWS + i] += (double)v[0];
            rated[PAIRS * MADE_ROWS + i] +=
                l < 2 ? cos(2 * atan2((double)v[1], (double)v[0])) : 0;
        }
    }
    for (int t = 0; t < WANTED; t++) {
        int pair = t < PAIRS ? t : 0;
        candidates[t] = (mien_candidate){
            .blocks = {2 * pair, 2 * pair + 1}, .count = 2, .gamma = t < PAIRS ? 0 : 2};
        made_describe(&m.target[0], &m.dataset.target[t]);
    }
    m.feature_set.candidates = candidates;
    m.feature_set.candidates_count = m.feature_set.targets = WANTED;
    m.feature_set.rated = rated;
    assert_fails(fit_all(&m, (const double(*)[2])none, &final), MIEN_ELIMIT,
        "more than 16 blocks");
    mien_final_model_clear(&final);
    m.feature_set.targets = PAIRS; /* sixteen are the most that go in */
    assert_good(fit_all(&m, (const double(*)[2])none, &final));
    assert_int_equal(final.network.readout.blocks_count, 16);
    mien_final_model_clear(&final);
    made_clear(&m);
}

static mien_status fit_once(void *context) {
    const made *m = context;
    mien_final_model final = {0};
    mien_status status = fit_all(m, interval, &final);
    mien_final_model_clear(&final);
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    made m;
    made_init(&m, "stack", 2);
    m.feature_set.candidates_count = 2;
    support_each_allocation_fails(fit_once, &m, 2000);
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_sum_equals_the_kernels_for_linear_ridge),
        cmocka_unit_test(stored_sum_equals_the_kernels_for_exponential_ones),
        cmocka_unit_test(linear_blocks_hold_one_vector_a_target),
        cmocka_unit_test(layers_without_weight_are_not_asked_for),
        cmocka_unit_test(the_contract_says_what_the_study_and_the_table_say),
        cmocka_unit_test(where_nothing_can_be_learnt_the_model_is_the_mean),
        cmocka_unit_test(more_blocks_than_a_contract_takes_are_an_error),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
