/* SPDX-License-Identifier: MIT */
/* Films by their features: rows on one clock, missing inputs, segments beside a row. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/predict.h"
#include "models/assembled.h"

/* Debian 13's oneDNN keeps 12 bytes of a primitive's description for itself: other
 * versions are still watched. */
MIEN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libdnnl.so.3.6\n";
}

#define ROWS 150 /* several shares, the last one not full */
#define SIGHT 5
#define SOUND 3

static float sight[ROWS * SIGHT], sound[ROWS * SOUND];

static int set_up(void **state) {
    (void)state;
    for (int i = 0; i < ROWS * SIGHT; i++) {
        sight[i] = sinf((float)i * 0.7f);
    }
    for (int i = 0; i < ROWS * SOUND; i++) {
        sound[i] = cosf((float)i * 1.3f);
    }
    return 0;
}

/* A model of the kind with drawn weights. */
static const char *model_of(const char *kind, bool masks, int before, int after) {
    const char *path = support_temp_path("m.safetensors");
    mien_network n = {.targets_count = 1,
        .targets = {{.name = "arousal",
            .minimum = -1,
            .maximum = 1,
            .construct = "evoked",
            .perspective = "normative"}},
        .segment_s = 2};
    mien_architecture *a = &n.architecture;
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_network_nodes nodes;
    *a = mien_architecture_default();
    a->context_before = before;
    a->context_after = after;
    a->outputs = 1;
    assert_good(assembled_features(a, "sight", SIGHT, masks));
    assert_good(assembled_features(a, "sound", SOUND, masks));
    assert_good(assembled_preset(a, kind, ""));
    assert_good(mien_graph_new(&graph));
    assert_good(mien_architecture_build(a, graph, &nodes));
    assert_good(mien_parameters_new(graph, &parameters));
    assert_good(mien_architecture_randomize(a, parameters, 3));
    assert_good(mien_network_save(path, &n, parameters, NULL, 0));
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    return path;
}

static const char *npy(const char *name, float *values, int64_t rows, int64_t width) {
    const char *path = support_temp_path(name);
    const int64_t shape[] = {rows, width};
    mien_tensor *tensor = NULL;
    assert_good(mien_tensor_over(MIEN_F32, 2, shape, values, &tensor));
    assert_good(mien_npy_write(path, tensor));
    mien_tensor_free(&tensor);
    return path;
}

static mien_feature_file files[2];

static void write_files(float *a, float *b, int64_t rows) {
    files[0] = (mien_feature_file){"sight", npy("sight.npy", a, rows, SIGHT)};
    files[1] = (mien_feature_file){"sound", npy("sound.npy", b, rows, SOUND)};
}

typedef struct told {
    int64_t rows;
    double values[ROWS];
    double end_s;
} told;

static mien_status take(void *context, const mien_prediction *p) {
    told *t = context;
    assert_near(p->start_s, 2.0 * (double)t->rows, 0);
    t->values[t->rows++] = p->value[0];
    t->end_s = p->end_s;
    return MIEN_OK;
}

static mien_status predict(
    const char *model, int count, const char *attention, told *t) {
    mien_predict_options o = mien_predict_options_default();
    mien_predictor *p = NULL;
    *t = (told){0};
    o.threads = 2;
    o.attention = attention;
    assert_good(mien_predictor_open(model, &o, &p));
    mien_status status = mien_predictor_run_features(p, files, count, take, t);
    mien_predictor_close(&p);
    return status;
}

/* What the runner gives of one row alone. */
static double alone(
    const mien_model *model, const float *a, const float *b, const float *mask) {
    const float *inputs[] = {a, b};
    mien_runner *runner = NULL;
    float value;
    assert_good(mien_runner_new(model, NULL, &runner));
    assert_good(mien_runner_run_arrays(runner, inputs, mask, 1, &value, NULL));
    mien_runner_free(&runner);
    return (double)value;
}

static void rows_come_in_order_on_one_clock(void **state) {
    (void)state;
    const char *path = model_of("aan", false, 0, 0);
    mien_model *model = NULL;
    told t;
    write_files(sight, sound, ROWS);
    assert_good(predict(path, 2, NULL, &t));
    assert_int_equal(t.rows, ROWS);
    assert_near(t.end_s, 2.0 * ROWS, 0);
    assert_good(mien_model_open(path, &model));
    for (int row = 0; row < ROWS; row += 37) {
        assert_near(t.values[row],
            alone(model, sight + row * SIGHT, sound + row * SOUND, NULL), 0);
    }
    mien_model_close(&model);
}

static void segments_beside_a_row_are_its_neighbours(void **state) {
    (void)state;
    const char *path = model_of("temporal_aan", true, 2, 1);
    mien_model *model = NULL;
    told t;
    write_files(sight, sound, ROWS);
    assert_good(predict(path, 2, NULL, &t));
    assert_good(mien_model_open(path, &model));
    for (int row = 0; row < ROWS; row += 1 + (row > 2 && row < ROWS - 3) * 40) {
        float a[4 * SIGHT] = {0}, b[4 * SOUND] = {0}, mask[8] = {0};
        for (int k = 0; k < 4; k++) {
            int at = row - 2 + k;
            if (at >= 0 && at < ROWS) {
                memcpy(a + k * SIGHT, sight + at * SIGHT, SIGHT * sizeof *a);
                memcpy(b + k * SOUND, sound + at * SOUND, SOUND * sizeof *b);
                mask[2 * k] = mask[2 * k + 1] = 1;
            }
        }
        assert_near(t.values[row], alone(model, a, b, mask), 0);
    }
    mien_model_close(&model);
}

static void a_missing_input_is_masked_or_refused(void **state) {
    (void)state;
    mien_model *model = NULL;
    told t;
    write_files(sight, sound, ROWS);
    assert_fails(predict(model_of("aan", false, 0, 0), 1, NULL, &t), MIEN_EINVAL,
        "features of sound are missing");
    assert_int_equal(t.rows, 0);
    const char *path = model_of("aan", true, 0, 0);
    assert_good(predict(path, 1, NULL, &t));
    assert_good(mien_model_open(path, &model));
    const float mask[2] = {1, 0}, none[SOUND] = {0};
    assert_near(t.values[9], alone(model, sight + 9 * SIGHT, none, mask), 0);
    mien_model_close(&model);
    assert_fails(predict(path, 0, NULL, &t), MIEN_EINVAL, "no features");
}

static void a_row_of_nan_is_missing_and_one_nan_a_mistake(void **state) {
    (void)state;
    const char *path = model_of("aan", true, 0, 0);
    const float mask[2] = {1, 0}, none[SOUND] = {0};
    float holes[ROWS * SOUND];
    mien_model *model = NULL;
    told t;
    memcpy(holes, sound, sizeof holes);
    for (int k = 0; k < SOUND; k++) {
        holes[70 * SOUND + k] = NAN;
    }
    write_files(sight, holes, ROWS);
    assert_good(predict(path, 2, NULL, &t));
    assert_good(mien_model_open(path, &model));
    assert_near(t.values[70], alone(model, sight + 70 * SIGHT, none, mask), 0);
    mien_model_close(&model);
    assert_fails(predict(model_of("aan", false, 0, 0), 2, NULL, &t), MIEN_EFORMAT,
        "sight.npy: row 70 has nothing but NaN for sound");
    holes[70 * SOUND] = 1;
    holes[140 * SOUND + 2] = INFINITY;
    write_files(sight, holes, ROWS);
    assert_fails(predict(model_of("aan", true, 0, 0), 2, NULL, &t), MIEN_ENUMBER,
        "sound.npy: value 1 of row 70 is NaN");
    assert_int_equal(t.rows, 0);
}

static void files_that_do_not_fit_are_named(void **state) {
    (void)state;
    const char *path = model_of("aan", false, 0, 0);
    told t;
    write_files(sight, sound, ROWS);
    files[1].path = npy("short.npy", sound, ROWS - 1, SOUND);
    assert_fails(predict(path, 2, NULL, &t), MIEN_ESHAPE, "short.npy: 149 rows");
    files[1].path = npy("wide.npy", sound, ROWS / 5, SIGHT);
    assert_fails(predict(path, 2, NULL, &t), MIEN_ESHAPE,
        "wide.npy: 5 values a row; the model's sound has 3");
    files[1].name = "sounds";
    assert_fails(predict(path, 2, NULL, &t), MIEN_EINVAL, "nearest is sound");
    files[1].name = "sight";
    assert_fails(predict(path, 2, NULL, &t), MIEN_EINVAL, "given twice");
}

static void attention_goes_into_a_file(void **state) {
    (void)state;
    const char *maps = support_temp_path("maps.h5");
    mien_tensor *tensor = NULL;
    told t;
    write_files(sight, sound, ROWS);
    assert_good(predict(model_of("mixed_aan", true, 1, 0), 2, maps, &t));
    assert_good(mien_hdf5_read(maps, "encoder", &tensor));
    /* rows, layers, segments, heads, inputs by inputs */
    const int64_t within[] = {ROWS, 6, 2, 2, 2, 2}, among[] = {ROWS, 2, 2, 2, 2};
    assert_int_equal(tensor->rank, 6);
    assert_memory_equal(tensor->shape, within, sizeof within);
    const float *w = tensor->data;
    int64_t last = mien_tensor_count(tensor);
    assert_near(w[last - 1] + w[last - 2], 1, 1e-6);
    mien_tensor_free(&tensor);
    assert_good(mien_hdf5_read(maps, "temporal", &tensor));
    assert_int_equal(tensor->rank, 5);
    assert_memory_equal(tensor->shape, among, sizeof among);
    w = tensor->data; /* row 0: there is nothing before it */
    assert_true(w[0] == 0 && w[1] == 1);
    mien_tensor_free(&tensor);
    assert_fails(predict(model_of("mlp", false, 0, 0), 2, maps, &t), MIEN_EINVAL,
        "has no attention");
}

static mien_status all_of_it(void *context) {
    mien_predictor *p = NULL;
    told t = {0};
    mien_status status = mien_predictor_open(context, NULL, &p);
    if (status == MIEN_OK) {
        status = mien_predictor_run_features(p, files, 2, take, &t);
    }
    mien_predictor_close(&p);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    write_files(sight, sound, 3);
    support_each_allocation_fails(
        all_of_it, (void *)model_of("mlp", false, 0, 0), 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_order_on_one_clock),
        cmocka_unit_test(segments_beside_a_row_are_its_neighbours),
        cmocka_unit_test(a_missing_input_is_masked_or_refused),
        cmocka_unit_test(a_row_of_nan_is_missing_and_one_nan_a_mistake),
        cmocka_unit_test(files_that_do_not_fit_are_named),
        cmocka_unit_test(attention_goes_into_a_file),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
