/* SPDX-License-Identifier: MIT */
/* Published weights of AttendAffectNet: the published numbers, from the file itself and
 * after conversion, in all that lies between. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/network.h"

/* Debian 13's oneDNN keeps 12 bytes of a primitive's description for itself: other
 * versions are still watched. */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libdnnl.so.3.6\n";
}

#define DATA "data/attendaffectnet/"
#define GOLDEN "golden/attendaffectnet/"
#define MODELS 3
#define ROWS 10

static const char *const files[MODELS] = {
    "MDB_arousal_COGNIMUSE_attention_model_Feature_AAN_only_audio.pth",
    "MDB_arousal_COGNIMUSE_attention_model_Feature_AAN_only_video.pth",
    "MDB_arousal_COGNIMUSE_attention_model_Feature_AAN_video_audio.pth",
};

static const char *joined(const char *folder, const char *name) {
    char path[300];
    snprintf(path, sizeof path, "%s%s", folder, name);
    return support_shared(path);
}

static mien_model *open_foreign(int file) {
    mien_model *model = NULL;
    assert_good(mien_model_open_foreign(joined(DATA, files[file]), NULL, &model));
    return model;
}

/* The sample of an input; the caller frees. */
static mien_tensor *sample(const char *input) {
    mien_tensor *tensor = NULL;
    char name[64];
    /* the one whose file is called otherwise */
    snprintf(name, sizeof name, "%s_sample.h5",
        strcmp(input, "emobase2010") ? input : "emobase");
    assert_good(mien_hdf5_read(joined(DATA, name), NULL, &tensor));
    return tensor;
}

typedef struct samples {
    int count;
    mien_tensor *tensors[MIEN_INPUTS_MAX];
    const float *inputs[MIEN_INPUTS_MAX];
} samples;

static samples samples_of(const mien_architecture *d) {
    samples s = {.count = d->inputs_count};
    for (int i = 0; i < s.count; i++) {
        s.tensors[i] = sample(d->inputs[i].name);
        assert_int_equal(s.tensors[i]->shape[0], ROWS);
        assert_int_equal(s.tensors[i]->shape[1], d->inputs[i].shape.size[0]);
        s.inputs[i] = s.tensors[i]->data;
    }
    return s;
}

static void samples_clear(samples *s) {
    for (int i = 0; i < s->count; i++) {
        mien_tensor_free(&s->tensors[i]);
    }
}

static void predict(const mien_model *model, float *values) {
    samples s = samples_of(&mien_model_network(model)->architecture);
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    o.batch = 4; /* the last one is not full */
    assert_good(mien_runner_new(model, &o, &runner));
    assert_good(mien_runner_run_arrays(runner, s.inputs, NULL, ROWS, values, NULL));
    mien_runner_free(&runner);
    samples_clear(&s);
}

static void assert_expected(int file, const float *values) {
    mien_table *table = NULL;
    assert_good(mien_table_read(support_shared(GOLDEN "expected.csv"), NULL, &table));
    for (int64_t r = 0; r < mien_table_rows(table); r++) {
        if (strcmp(mien_table_cell(table, r, 0), files[file]) != 0) {
            continue;
        }
        for (int i = 0; i < ROWS; i++) {
            double want;
            assert_good(mien_table_number(table, r, 2 + i, &want));
            assert_near(values[i], want, 1e-6);
        }
        mien_table_free(&table);
        return;
    }
    fail_msg("%s is not in the table", files[file]);
}

static void published_weights_give_the_published_outputs(void **state) {
    (void)state;
    for (int f = 0; f < MODELS; f++) {
        float values[ROWS];
        mien_model *model = open_foreign(f);
        assert_null(mien_model_preprocess(model));
        assert_string_equal(mien_model_targets(model)[0].name, "arousal");
        predict(model, values);
        assert_expected(f, values);
        mien_model_close(&model);
    }
}

static void converted_models_give_the_same_bits_and_verify(void **state) {
    (void)state;
    for (int f = 0; f < MODELS; f++) {
        const char *path = support_temp_path("converted.safetensors");
        float before[ROWS], after[ROWS];
        mien_model *model = open_foreign(f), *converted = NULL;
        predict(model, before);
        assert_good(mien_model_convert(joined(DATA, files[f]), NULL, path));
        assert_good(mien_model_open(path, &converted));
        predict(converted, after);
        assert_memory_equal(before, after, sizeof before);
        assert_string_equal(mien_model_network(model)->architecture.preset.settings,
            mien_model_network(converted)->architecture.preset.settings);
        assert_true(mien_model_golden_count(converted) > 0);
        assert_string_equal(mien_model_network(converted)->licence, "MIT");
        assert_true(mien_model_network(converted)->segment_s == 5);
        mien_model_close(&converted);
        mien_model_close(&model);
    }
}

/* Published modalities in the model's order, with what the pickles and the code tell.
 */
static void designs_are_recognised(void **state) {
    (void)state;
    static const char *const inputs[MODELS] = {"vggish 128 emobase2010 1582 ",
        "resnet50 2048 flownet 1024 i3d 1024 ",
        "resnet50 2048 flownet 1024 i3d 1024 vggish 128 emobase2010 1582 "};
    static const char *const forms[MODELS] = {"feed-forward=tanh-before; pooled=tanh;",
        "feed-forward=tanh-before; pooled=tanh;",
        "feed-forward=relu-after; pooled=plain;"};
    static const int64_t parameters[MODELS] = {16073, 35169, 48937 - 72};
    for (int f = 0; f < MODELS; f++) {
        mien_model *model = open_foreign(f);
        const mien_architecture *d = &mien_model_network(model)->architecture;
        mien_string text;
        mien_string_init(&text);
        for (int i = 0; i < d->inputs_count; i++) {
            mien_string_addf(&text, "%s %lld ", d->inputs[i].name,
                (long long)d->inputs[i].shape.size[0]);
        }
        assert_string_equal(text.text, inputs[f]);
        assert_non_null(strstr(d->preset.settings, "width=8; layers=6; heads=2;"));
        assert_non_null(strstr(d->preset.settings, forms[f]));
        assert_non_null(
            strstr(d->preset.settings, "dropout=0.1; norm=deviation; epsilon=1e-06"));
        assert_int_equal(
            mien_graph_weights(mien_model_body(model)->graph), parameters[f]);
        mien_string_clear(&text);
        mien_model_close(&model);
    }
}

/* ---- what lies between -------------------------------------------------------------
 */

/* The node that a stage of the table is. */
static void node_of(const char *stage, char *node, size_t size) {
    int layer;
    char part[32];
    if (sscanf(stage, "layer%d.%31s", &layer, part) != 2) {
        snprintf(node, size, "%s",
            strcmp(stage, "final_norm") == 0 ? "encoder.norm"
            : strcmp(stage, "output") == 0   ? "linear"
                                             : stage);
        return;
    }
    snprintf(node, size, "encoder.layers.%d.%s", layer,
        strcmp(part, "attn") == 0         ? "self_attn.weights"
        : strcmp(part, "after_attn") == 0 ? "sublayer.0"
                                          : "sublayer.1");
}

/* A plan of one row that puts out every node of the model's graph that has a name in
 * the table, run on the first sample. */
typedef struct between {
    mien_plan *plan;
    mien_node nodes[64];
    int count;
} between;

static void between_init(between *b, const mien_model *model) {
    const mien_network_body *body = mien_model_body(model);
    const mien_architecture *d = &mien_model_network(model)->architecture;
    samples s = samples_of(d);
    mien_plan_options o = mien_plan_options_default();
    *b = (between){0};
    for (mien_node n = 0; n < mien_graph_nodes(body->graph); n++) {
        const char *name = mien_graph_name(body->graph, n);
        const char *end = strrchr(name, '.') ? strrchr(name, '.') : name;
        if (!strcmp(name, "tokens") || !strcmp(name, "encoder.norm") ||
            !strcmp(name, "pooled") || !strcmp(name, "linear") ||
            !strcmp(end, ".weights") ||
            (strstr(name, "sublayer") && (!strcmp(end, ".0") || !strcmp(end, ".1")))) {
            b->nodes[b->count++] = n;
        }
    }
    o.outputs = b->nodes;
    o.outputs_count = b->count;
    assert_good(mien_plan_new(body->graph, body->parameters, &o, &b->plan));
    for (int i = 0; i < d->inputs_count; i++) {
        memcpy(mien_plan_input(b->plan, body->nodes.inputs[i]), s.inputs[i],
            (size_t)d->inputs[i].shape.size[0] * sizeof(float));
    }
    assert_good(mien_plan_run(b->plan));
    samples_clear(&s);
}

static const float *between_at(
    const between *b, const mien_graph *graph, const char *name) {
    for (int i = 0; i < b->count; i++) {
        if (strcmp(mien_graph_name(graph, b->nodes[i]), name) == 0) {
            return mien_plan_output(b->plan, i)->data;
        }
    }
    return NULL;
}

static void all_that_lies_between_is_the_published(void **state) {
    (void)state;
    mien_table *table = NULL;
    int64_t compared = 0;
    assert_good(
        mien_table_read(support_shared(GOLDEN "intermediates_row0.csv"), NULL, &table));
    for (int f = 0; f < MODELS; f++) {
        mien_model *model = open_foreign(f);
        const mien_graph *graph = mien_model_body(model)->graph;
        between b;
        between_init(&b, model);
        for (int64_t r = 0; r < mien_table_rows(table); r++) {
            const char *stage = mien_table_cell(table, r, 1);
            double index, want;
            char name[96];
            if (strcmp(mien_table_cell(table, r, 0), files[f]) != 0) {
                continue;
            }
            node_of(stage, name, sizeof name);
            const float *values = between_at(&b, graph, name);
            assert_non_null(values);
            assert_good(mien_table_number(table, r, 2, &index));
            assert_good(mien_table_number(table, r, 3, &want));
            /* some tokens are above 200, where a float's own steps are 1.5e-5 */
            double allowed = 1e-5 + 2e-7 * fabs(want);
            if (!(fabs((double)values[(int64_t)index] - want) <= allowed)) {
                fail_msg("%s, %s %g: %.9g, not %.9g", files[f], stage, index,
                    (double)values[(int64_t)index], want);
            }
            compared++;
        }
        mien_plan_free(&b.plan);
        mien_model_close(&model);
    }
    assert_int_equal(compared, mien_table_rows(table));
    mien_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_weights_give_the_published_outputs),
        cmocka_unit_test(converted_models_give_the_same_bits_and_verify),
        cmocka_unit_test(designs_are_recognised),
        cmocka_unit_test(all_that_lies_between_is_the_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
