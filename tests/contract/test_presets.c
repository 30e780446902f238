/* SPDX-License-Identifier: MIT */
/* Every row of presets.def: its text and settings, what it learns, what a mask hides.
 */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "models/assembled.h"

/* Debian 13's oneDNN keeps 12 bytes of a primitive's description for itself: other
 * versions are still watched. */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libdnnl.so.3.6\n";
}

#define SAMPLES 8
#define STEPS 600
#define RATE 3e-3

/* Three inputs of other widths; segments beside the row's own where the kind has them.
 */
static mien_architecture architecture_with(
    const mien_preset *preset, bool masks, const char *settings) {
    mien_architecture a = mien_architecture_default();
    a.outputs = 2;
    a.context_before = preset->temporal ? 2 : 0;
    a.context_after = preset->temporal ? 1 : 0;
    assert_good(assembled_features(&a, "sight", 12, masks));
    assert_good(assembled_features(&a, "sound", 5, masks));
    assert_good(assembled_features(&a, "words", 7, masks));
    assert_good(assembled_preset(&a, preset->name, settings));
    return a;
}

static mien_architecture architecture_of(const mien_preset *preset, bool masks) {
    return architecture_with(preset, masks, "dropout=0");
}

/* A network with a plan for all samples. */
typedef struct net {
    mien_architecture architecture;
    mien_graph *graph;
    mien_parameters *parameters;
    mien_plan *plan;
    mien_network_nodes nodes;
} net;

static void net_init(
    net *n, const mien_architecture *a, mien_mode mode, uint64_t seed) {
    *n = (net){.architecture = *a};
    mien_plan_options o = mien_plan_options_default();
    o.mode = mode;
    o.batch = SAMPLES;
    o.threads = 1;
    o.measure = false;
    assert_good(mien_graph_new(&n->graph));
    assert_good(mien_architecture_build(&n->architecture, n->graph, &n->nodes));
    assert_good(mien_parameters_new(n->graph, &n->parameters));
    assert_good(mien_architecture_randomize(&n->architecture, n->parameters, seed));
    o.outputs = &n->nodes.output;
    o.outputs_count = 1;
    assert_good(mien_plan_new(n->graph, n->parameters, &o, &n->plan));
}

static void net_clear(net *n) {
    mien_plan_free(&n->plan);
    mien_parameters_free(&n->parameters);
    mien_graph_free(&n->graph);
}

static int64_t rows_of(const net *n) {
    return SAMPLES * mien_architecture_steps(&n->architecture);
}

/* Phases grow as squares: of sines of one frequency any row is a sum of two others. */
static void fill(net *n) {
    for (int i = 0; i < n->architecture.inputs_count; i++) {
        float *x = mien_plan_input(n->plan, n->nodes.inputs[i]);
        for (int64_t k = 0; k < rows_of(n) * n->architecture.inputs[i].shape.size[0];
             k++) {
            x[k] = sinf((float)(k * k) * 0.7f + (float)i);
        }
    }
    for (int64_t k = 0;
         n->nodes.mask >= 0 && k < rows_of(n) * n->architecture.inputs_count; k++) {
        mien_plan_input(n->plan, n->nodes.mask)[k] = 1;
    }
}

static const float *run(net *n) {
    assert_good(mien_plan_run(n->plan));
    return mien_plan_output(n->plan, 0)->data;
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    assert_true(mien_preset_count() > 0);
    for (int i = 0; i < mien_preset_count(); i++) {
        const mien_preset *kind = mien_preset_at(i), *found = NULL;
        assert_true(kind->name && kind->summary && kind->options && kind->apply);
        assert_good(mien_preset_find(kind->name, &found));
        assert_ptr_equal(found, kind);
        for (int k = 0; kind->options[k].name; k++) {
            assert_non_null(kind->options[k].help);
            assert_non_null(kind->options[k].initial);
        }
    }
    const mien_preset *none = NULL;
    assert_fails(mien_preset_find("aam", &none), MIEN_ENOTFOUND, "nearest is aan");
}

static void settings_are_written_one_way(void **state) {
    (void)state;
    for (int i = 0; i < mien_preset_count(); i++) {
        const mien_preset *kind = mien_preset_at(i);
        mien_architecture a = architecture_of(kind, false);
        mien_architecture b = architecture_with(kind, false, "  dropout = 0.0 ;");
        assert_string_equal(a.preset.settings, b.preset.settings);
        assert_string_equal(a.fusion.settings, b.fusion.settings);
        assert_string_equal(a.head.settings, b.head.settings);
        for (int k = 0; kind->options[k].name; k++) {
            assert_non_null(strstr(a.preset.settings, kind->options[k].name));
        }
        assert_fails(assembled_preset(&b, kind->name, "dropuot=0"), MIEN_EINVAL,
            "did you mean \"dropout\"");
        assert_fails(assembled_preset(&b, kind->name, "dropout"), MIEN_EINVAL,
            "is not key=value");
        assert_good(mien_architecture_renew(&a));
        assert_string_equal(a.preset.settings, b.preset.settings);
    }
}

/* A name stands for all of its parts. */
static void parts_of_another_make_are_no_preset(void **state) {
    (void)state;
    for (int i = 0; i < mien_preset_count(); i++) {
        mien_architecture a = architecture_of(mien_preset_at(i), false);
        assert_good(mien_architecture_check(&a));
        strcpy(a.branches[1].prefix, "other.");
        assert_fails(mien_architecture_check(&a), MIEN_EINVAL, "are not those of");
    }
}

/* Plain Adam, so that nothing of train is needed. */
typedef struct adam {
    float *m, *v;
} adam;

static void adam_step(adam *a, float *x, const float *g, int64_t n, int step) {
    double c1 = 1 - pow(0.9, step), c2 = 1 - pow(0.999, step);
    for (int64_t i = 0; i < n; i++) {
        a->m[i] = 0.9f * a->m[i] + 0.1f * g[i];
        a->v[i] = 0.999f * a->v[i] + 0.001f * g[i] * g[i];
        x[i] -=
            (float)(RATE * (double)a->m[i] / c1 / (sqrt((double)a->v[i] / c2) + 1e-8));
    }
}

static float target_of(int64_t place) {
    return cosf(2.3f * (float)place);
}

/* Mean squared error of the outputs; fills their gradient. */
static double loss_of(net *n) {
    const float *y = run(n);
    float *dy = mien_plan_output_gradient(n->plan, 0);
    int64_t count = SAMPLES * n->architecture.outputs;
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        float d = y[i] - target_of(i);
        sum += (double)(d * d);
        dy[i] = 2 * d / (float)count;
    }
    return sum / (double)count;
}

static double train(net *n) {
    int64_t count = mien_parameters_count(n->parameters);
    adam *state = mien_alloc((size_t)count, sizeof *state);
    assert_non_null(state);
    for (int64_t p = 0; p < count; p++) {
        size_t values = (size_t)mien_tensor_count(mien_parameters_at(n->parameters, p));
        state[p].m = mien_alloc(values, sizeof(float));
        state[p].v = mien_alloc(values, sizeof(float));
        assert_true(state[p].m && state[p].v);
    }
    fill(n);
    for (int step = 1; step <= STEPS; step++) {
        loss_of(n);
        assert_good(mien_plan_backward(n->plan));
        for (int64_t p = 0; p < count; p++) {
            const mien_tensor *g = mien_plan_gradient(n->plan, p);
            mien_tensor *x = mien_parameters_at(n->parameters, p);
            assert_non_null(g);
            adam_step(&state[p], x->data, g->data, mien_tensor_count(x), step);
        }
        assert_good(mien_plan_refresh(n->plan));
    }
    double loss = loss_of(n);
    for (int64_t p = 0; p < count; p++) {
        mien_free(state[p].m);
        mien_free(state[p].v);
    }
    mien_free(state);
    return loss;
}

static void each_row_learns_eight_samples(void **state) {
    (void)state;
    for (int i = 0; i < mien_preset_count(); i++) {
        for (int masks = 0; masks < 2; masks++) {
            mien_architecture d = architecture_of(mien_preset_at(i), masks);
            net n;
            net_init(&n, &d, MIEN_TRAIN, 3);
            fill(&n);
            double first = loss_of(&n), last = train(&n);
            if (!(first > 0.2) || !(last < 0.01)) {
                fail_msg("%s: loss %g, then %g", d.preset.kind, first, last);
            }
            net_clear(&n);
        }
    }
}

static void what_a_mask_hides_changes_nothing(void **state) {
    (void)state;
    for (int i = 0; i < mien_preset_count(); i++) {
        mien_architecture d = architecture_of(mien_preset_at(i), true);
        int64_t segments = mien_architecture_steps(&d),
                width = d.inputs[1].shape.size[0];
        float before[SAMPLES * 2], whole[SAMPLES * 2];
        net n;
        net_init(&n, &d, MIEN_INFER, 4);
        fill(&n);
        memcpy(whole, run(&n), sizeof whole);
        float *mask = mien_plan_input(n.plan, n.nodes.mask);
        float *sound = mien_plan_input(n.plan, n.nodes.inputs[1]);
        for (int64_t row = 0; row < SAMPLES * segments; row++) {
            mask[row * 3 + 1] = 0;
        }
        memset(sound, 0, (size_t)(SAMPLES * segments * width) * sizeof *sound);
        memcpy(before, run(&n), sizeof before);
        for (int k = 0; k < SAMPLES * 2; k++) {
            assert_true(fabsf(before[k] - whole[k]) > 1e-5f);
        }
        if (!d.context_before) { /* of segments, zeros are what a missing value is */
            for (int64_t k = 0; k < SAMPLES * width; k++) {
                sound[k] = 9;
            }
            assert_memory_equal(run(&n), before, sizeof before);
        }
        net_clear(&n);
    }
}

static void a_hidden_segment_changes_nothing(void **state) {
    (void)state;
    for (int i = 0; i < mien_preset_count(); i++) {
        mien_architecture d = architecture_of(mien_preset_at(i), true);
        int64_t segments = mien_architecture_steps(&d);
        float before[SAMPLES * 2];
        net n;
        if (segments == 1) {
            continue;
        }
        net_init(&n, &d, MIEN_INFER, 4);
        for (int round = 0; round < 2; round++) {
            fill(&n);
            float *mask = mien_plan_input(n.plan, n.nodes.mask);
            for (int64_t row = 0; row < SAMPLES * segments; row += segments) {
                memset(mask + row * 3, 0, 3 * sizeof *mask);
                for (int m = 0; round && m < 3; m++) {
                    int64_t width = d.inputs[m].shape.size[0];
                    float *x = mien_plan_input(n.plan, n.nodes.inputs[m]) + row * width;
                    for (int64_t k = 0; k < width; k++) {
                        x[k] = 7;
                    }
                }
            }
            if (round) {
                assert_memory_equal(run(&n), before, sizeof before);
            } else {
                memcpy(before, run(&n), sizeof before);
            }
        }
        net_clear(&n);
    }
}

static void each_row_gives_the_same_bits_again(void **state) {
    (void)state;
    for (int i = 0; i < mien_preset_count(); i++) {
        mien_architecture d = architecture_of(mien_preset_at(i), true);
        float once[SAMPLES * 2];
        for (int round = 0; round < 2; round++) {
            net n;
            net_init(&n, &d, MIEN_TRAIN, 5);
            train(&n);
            if (round) {
                assert_memory_equal(run(&n), once, sizeof once);
            } else {
                memcpy(once, run(&n), sizeof once);
            }
            net_clear(&n);
        }
    }
}

static void rows_that_have_copies_begin_with_them(void **state) {
    (void)state;
    int kinds = 0;
    for (int i = 0; i < mien_preset_count(); i++) {
        mien_architecture d = architecture_of(mien_preset_at(i), true);
        if (!strstr(d.preset.settings, "copies=true")) {
            continue;
        }
        net n;
        net_init(&n, &d, MIEN_INFER, 6);
        const char *const pairs[][2] = {
            {"encoder.layers.0.self_attn.linears.0.weight",
                "encoder.layers.5.self_attn.linears.3.weight"},
            {"encoder.layers.0.self_attn.linears.0.bias",
                "encoder.layers.2.self_attn.linears.1.bias"},
            {"encoder.layers.0.feed_forward.w.weight",
                "encoder.layers.4.feed_forward.w.weight"},
        };
        for (int k = 0; k < 3; k++) {
            int64_t a = mien_parameters_find(n.parameters, pairs[k][0]);
            int64_t b = mien_parameters_find(n.parameters, pairs[k][1]);
            assert_true(a >= 0 && b >= 0);
            const mien_tensor *t = mien_parameters_at(n.parameters, a);
            assert_memory_equal(t->data, mien_parameters_at(n.parameters, b)->data,
                mien_tensor_bytes(t));
        }
        net_clear(&n);
        kinds++;
    }
    assert_true(kinds > 0);
}

static void what_does_not_fit_is_refused_by_name(void **state) {
    (void)state;
    const mien_preset *aan = NULL;
    assert_good(mien_preset_find("aan", &aan));
    mien_architecture good = architecture_of(aan, false), d = good;
    assert_good(mien_architecture_check(&d));
    d.context_before = 1;
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "aan looks at one segment");
    d = good;
    assert_fails(
        assembled_preset(&d, "aan", "heads=3"), MIEN_EINVAL, "do not divide width 8");
    d = good;
    strcpy(d.inputs[1].name, "sight");
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "sight is there twice");
    strcpy(d.inputs[1].name, "mask");
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "\"mask\" is no name");
    strcpy(d.inputs[1].name, "a.b");
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "\"a.b\" is no name");
    d = good;
    d.inputs[2].shape.size[0] = 0;
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "input words");
    d = good;
    d.inputs_count = 0;
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "0 inputs");
    d = good;
    d.outputs = 0;
    assert_fails(mien_architecture_check(&d), MIEN_EINVAL, "0 outputs");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(settings_are_written_one_way),
        cmocka_unit_test(parts_of_another_make_are_no_preset),
        cmocka_unit_test(each_row_learns_eight_samples),
        cmocka_unit_test(what_a_mask_hides_changes_nothing),
        cmocka_unit_test(a_hidden_segment_changes_nothing),
        cmocka_unit_test(each_row_gives_the_same_bits_again),
        cmocka_unit_test(rows_that_have_copies_begin_with_them),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
