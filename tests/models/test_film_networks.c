/* SPDX-License-Identifier: MIT */
/* VGGish, FlowNetS and I3D against PyTorch in double precision, every layer, on weights
 * made by a rule; and the names of tensors in published files. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/backbones/backbone.h"
#include "support/rule.h"

enum { LINE = 1024, TAPS_MAX = 24, PLACES = 16 };
/* shares of a layer's largest value */
#define DIRECT 1e-5
#define WINOGRAD 1e-4

/* ---- values ---- */

typedef struct tap {
    char name[64];
    double mean, least, most, values[PLACES];
} tap;

typedef struct run {
    const mien_backbone *backbone;
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node input;
    int64_t item[4];
    int rank;
    int64_t batch, values;
} run;

static FILE *open_file(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "tests/golden/film/%s", name);
    FILE *file = fopen(support_source(path), "r");
    assert_non_null(file);
    return file;
}

static int read_taps(const char *label, tap *taps) {
    FILE *file = open_file("taps.tsv");
    char line[LINE], row[64], shape[64];
    int count = 0, used = 0;
    double sd;
    while (fgets(line, sizeof line, file)) {
        tap *t = &taps[count];
        if (sscanf(line, "%63s %63s %63s %lf %lf %lf %lf%n", row, t->name, shape,
                &t->mean, &sd, &t->least, &t->most, &used) != 7 ||
            strcmp(row, label) != 0) {
            continue;
        }
        const char *at = line + used;
        for (int k = 0; k < PLACES; k++) {
            char *end;
            t->values[k] = strtod(at, &end);
            assert_true(end != at);
            at = end;
        }
        assert_true(++count < TAPS_MAX);
    }
    fclose(file);
    assert_true(count > 0);
    return count;
}

static void open_run(const char *name, const int64_t *item, int64_t batch, run *r) {
    mien_node last;
    int64_t shape[MIEN_RANK_MAX];
    *r = (run){.batch = batch};
    assert_good(mien_backbone_find(name, &r->backbone));
    r->rank = mien_backbone_shape(r->backbone, 0, 0, item, shape);
    r->values = batch * mien_shape_count(r->rank - 1, shape + 1);
    memcpy(r->item, shape + 1, (size_t)(r->rank - 1) * sizeof *shape);
    assert_good(mien_graph_new(&r->graph));
    assert_good(mien_graph_input(r->graph, "input", r->rank, shape, &r->input));
    assert_good(r->backbone->build(r->graph, r->input, &last));
    assert_good(mien_parameters_new(r->graph, &r->parameters));
    rule_parameters(r->parameters);
}

static void close_run(run *r) {
    mien_parameters_free(&r->parameters);
    mien_graph_free(&r->graph);
}

/* The largest difference of a tap, as a share of its largest value. */
static double difference(const tap *t, const mien_tensor *output) {
    const int64_t count = mien_tensor_count(output);
    const float *values = output->data;
    const double largest = fmax(fabs(t->least), fabs(t->most));
    double worst = 0, sum = 0;
    for (int k = 0; k < PLACES; k++) {
        worst = fmax(worst, fabs((double)values[k * count / PLACES] - t->values[k]));
    }
    for (int64_t i = 0; i < count; i++) {
        sum += (double)values[i];
    }
    return fmax(worst, fabs(sum / (double)count - t->mean)) / largest;
}

/* A few layers at a time: what is asked for is kept whole. */
static void check_taps(const char *label, run *r, const float *input, bool exact) {
    static tap taps[TAPS_MAX];
    mien_node outputs[TAPS_MAX];
    const int count = read_taps(label, taps);
    double worst = 0;
    for (int t = 0; t < count; t++) {
        outputs[t] = mien_graph_find(r->graph, taps[t].name);
        assert_true(outputs[t] > 0);
    }
    mien_plan *plan = NULL;
    mien_plan_options options = mien_plan_options_default();
    options.outputs = outputs;
    options.outputs_count = count;
    options.batch = r->batch;
    options.exact = exact;
    options.measure = false;
    assert_good(mien_plan_new(r->graph, r->parameters, &options, &plan));
    memcpy(mien_plan_input(plan, r->input), input, (size_t)r->values * sizeof *input);
    assert_good(mien_plan_run(plan));
    for (int t = 0; t < count; t++) {
        const double off = difference(&taps[t], mien_plan_output(plan, t));
        if (!(off <= (exact ? DIRECT : WINOGRAD))) {
            fail_msg(
                "%s %s: off by %.3g of the largest value", label, taps[t].name, off);
        }
        worst = fmax(worst, off);
    }
    print_message("%s%s: %d layers, largest difference %.2g of the largest value\n",
        label, exact ? ", direct" : "", count, worst);
    mien_plan_free(&plan);
}

static void check_both(const char *label, run *r, const float *input) {
    check_taps(label, r, input, true);
    check_taps(label, r, input, false);
}

static void check_flow(const char *name, int64_t height, int64_t width) {
    static const double mean[3] = {0.411, 0.432, 0.45};
    const int64_t item[4] = {6, height, width};
    char label[64], stream[64];
    run r;
    open_run(name, item, 1, &r);
    float *input = mien_alloc((size_t)r.values, sizeof *input);
    assert_non_null(input);
    snprintf(
        label, sizeof label, "%s_%lldx%lld", name, (long long)height, (long long)width);
    snprintf(
        stream, sizeof stream, "flow.%lldx%lld", (long long)height, (long long)width);
    for (int64_t i = 0; i < r.values; i++) {
        const double pixel = floor((rule_value(rule_start(stream), i) + 1) * 128);
        input[i] = (float)(pixel / 255 - mean[i / (height * width) % 3]);
    }
    check_both(label, &r, input);
    mien_free(input);
    close_run(&r);
}

static void flownets_equals_pytorch(void **state) {
    (void)state;
    check_flow("flownets", 96, 128);
    check_flow("flownets", 135, 241);
}

static void flownets_with_batch_norm_equals_pytorch(void **state) {
    (void)state;
    check_flow("flownets_bn", 96, 128);
    check_flow("flownets_bn", 135, 241);
}

static void check_clip(int64_t frames, int64_t height, int64_t width) {
    const int64_t item[4] = {3, frames, height, width};
    char label[64], stream[64];
    run r;
    open_run("i3d", item, 1, &r);
    float *input = mien_alloc((size_t)r.values, sizeof *input);
    assert_non_null(input);
    snprintf(label, sizeof label, "i3d_%lldx%lldx%lld", (long long)frames,
        (long long)height, (long long)width);
    snprintf(stream, sizeof stream, "i3d.%lldx%lldx%lld", (long long)frames,
        (long long)height, (long long)width);
    for (int64_t i = 0; i < r.values; i++) {
        input[i] = (float)rule_value(rule_start(stream), i);
    }
    check_both(label, &r, input);
    mien_free(input);
    close_run(&r);
}

static void i3d_equals_pytorch_where_every_padding_is_uneven(void **state) {
    (void)state;
    check_clip(9, 97, 130);
}

static void i3d_equals_pytorch(void **state) {
    (void)state;
    check_clip(16, 224, 224);
}

static void vggish_equals_pytorch(void **state) {
    (void)state;
    mien_tensor *examples = NULL;
    run r;
    assert_good(mien_npy_read(
        support_source("tests/golden/film/vggish_examples_film16k.npy"), &examples));
    open_run("vggish", NULL, examples->shape[0], &r);
    assert_int_equal(mien_tensor_count(examples), r.values);
    check_both("vggish_film16k", &r, examples->data);
    mien_tensor_free(&examples);
    close_run(&r);
}

/* ---- names ---- */

static void check_keys(const char *name, const char *table) {
    run r;
    FILE *file = open_file(table);
    char line[LINE], key[96], shape[64], text[96];
    int64_t found = 0;
    open_run(name, NULL, 1, &r);
    while (fgets(line, sizeof line, file)) {
        const int fields = sscanf(line, "%95s %63s", key, shape);
        if (fields < 1 || strstr(key, "num_batches_tracked") ||
            strncmp(key, "logits.", 7) == 0) {
            continue;
        }
        const int64_t at = mien_parameters_find(r.parameters, key);
        if (at < 0) {
            fail_msg("%s has no %s", name, key);
        }
        const mien_tensor *tensor = mien_parameters_at(r.parameters, at);
        *text = 0;
        for (int d = 0; d < tensor->rank; d++) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld",
                d ? "x" : "", (long long)tensor->shape[d]);
        }
        assert_string_equal(text, shape);
        found++;
    }
    fclose(file);
    assert_int_equal(found, mien_parameters_count(r.parameters));
    close_run(&r);
}

static void keys_and_shapes_are_those_of_the_published_files(void **state) {
    (void)state;
    check_keys("vggish", "keys_vggish.tsv");
    check_keys("flownets", "keys_flownets.tsv");
    check_keys("flownets_bn", "keys_flownets_bn.tsv");
    check_keys("i3d", "keys_i3d.tsv");
}

static void check_spelling(
    const char *backbone, const char *stored, const char *here, mien_spelled how) {
    const mien_backbone *b = NULL;
    char name[128];
    assert_good(mien_backbone_find(backbone, &b));
    assert_int_equal(b->spelled(stored, name, sizeof name), how);
    assert_string_equal(name, here);
}

static void other_spellings_are_read(void **state) {
    (void)state;
    check_spelling("i3d", "conv3d_1a_7x7.batch3d.running_var",
        "Conv3d_1a_7x7.bn.running_var", MIEN_SPELLED_HERE);
    check_spelling("i3d", "mixed_4f.branch_2.1.conv3d.weight",
        "Mixed_4f.b2b.conv3d.weight", MIEN_SPELLED_HERE);
    check_spelling("i3d", "mixed_3b.branch_0.batch3d.bias", "Mixed_3b.b0.bn.bias",
        MIEN_SPELLED_HERE);
    check_spelling("i3d", "module.mixed_5c.branch_3.1.conv3d.weight",
        "Mixed_5c.b3b.conv3d.weight", MIEN_SPELLED_HERE);
    check_spelling(
        "flownets", "module.conv3_1.0.bias", "conv3_1.0.bias", MIEN_SPELLED_HERE);
    check_spelling(
        "vggish", "embedding.4.weight", "embeddings.4.weight", MIEN_SPELLED_HERE);
    check_spelling(
        "vggish", "vggish/conv3/conv3_2/biases", "features.8.bias", MIEN_SPELLED_HERE);
    check_spelling("vggish", "vggish/fc1/fc1_2/weights", "embeddings.2.weight",
        MIEN_SPELLED_TURNED);
}

/* "theirs/weights" of TensorFlow is "conv.weight" here. */
static mien_spelled slim(const char *stored, char *name, size_t size) {
    if (strcmp(stored, "theirs/weights") != 0) {
        return MIEN_SPELLED_UNKNOWN;
    }
    snprintf(name, size, "conv.weight");
    return MIEN_SPELLED_TURNED;
}

static void tensors_of_tensorflow_are_turned(void **state) {
    (void)state;
    enum { OUT = 4, IN = 3, HEIGHT = 2, WIDTH = 5 };
    const char *path = support_temp_path("slim.safetensors");
    const char *const names[] = {"theirs/weights", "conv.bias"};
    const char *const none[] = {NULL};
    const int64_t theirs[] = {HEIGHT, WIDTH, IN, OUT}, bias[] = {OUT},
                  picture[] = {MIEN_BATCH, IN, 8, 8};
    mien_tensor *tensors[2] = {NULL};
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_archive *archive = NULL;
    mien_node input, y;
    mien_conv2d_options o = mien_conv2d_options_of(OUT, HEIGHT, 1, 0);
    mien_weights_options options = {.spelled = slim};
    o.kernel[1] = WIDTH;
    assert_good(mien_tensor_new(MIEN_F32, 4, theirs, &tensors[0]));
    assert_good(mien_tensor_new(MIEN_F32, 1, bias, &tensors[1]));
    for (int64_t i = 0; i < mien_tensor_count(tensors[0]); i++) {
        ((float *)tensors[0]->data)[i] = (float)i;
    }
    assert_good(mien_safetensors_write(
        path, 2, names, (const mien_tensor *const *)tensors, none));
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "input", 4, picture, &input));
    assert_good(mien_conv2d(graph, "conv", input, &o, &y));
    assert_good(mien_parameters_new(graph, &parameters));
    assert_good(mien_archive_open(path, &archive));
    assert_good(mien_weights_load(parameters, archive, &options));
    const float *here =
        mien_parameters_at(parameters, mien_parameters_find(parameters, "conv.weight"))
            ->data;
    for (int n = 0; n < OUT * IN * HEIGHT * WIDTH; n++) {
        const int w = n % WIDTH, h = n / WIDTH % HEIGHT, i = n / (WIDTH * HEIGHT) % IN,
                  k = n / (WIDTH * HEIGHT * IN);
        assert_float_equal(here[n], ((h * WIDTH + w) * IN + i) * OUT + k, 0);
    }
    /* without the spelling both names are told */
    assert_fails(mien_weights_load(parameters, archive, NULL), MIEN_EFORMAT,
        "1 missing (conv.weight); 1 not of this network (theirs/weights)");
    mien_archive_close(&archive);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    mien_tensor_free(&tensors[0]);
    mien_tensor_free(&tensors[1]);
}

/* ---- the pooled values that an extractor gives ---- */

/* One plan with all threads or one a thread; parameters kept or not. */
static void any_plans_give_the_same_values(void **state) {
    (void)state;
    enum { PAIRS = 3, SIDE = 64 };
    const int64_t values = 6 * SIDE * SIDE;
    float *pairs = mien_alloc((size_t)(PAIRS * values), sizeof *pairs);
    float *out[2] = {NULL};
    assert_non_null(pairs);
    for (int64_t i = 0; i < PAIRS * values; i++) {
        pairs[i] = (float)rule_value(11, i);
    }
    for (int k = 0; k < 2; k++) {
        mien_extractor_options o = mien_extractor_options_default();
        mien_extractor *e = NULL;
        assert_good(mien_backbone_find("flownets_bn", &o.backbone));
        o.weights = "random";
        o.batch = 2;
        o.threads = 2;
        o.steady = true;
        o.single = k == 1;
        assert_good(mien_extractor_open(&o, &e));
        assert_int_equal(mien_extractor_width(e), 1024);
        out[k] = mien_alloc(PAIRS * 1024, sizeof *out[k]);
        assert_non_null(out[k]);
        assert_good(mien_extractor_run(e, pairs, PAIRS, out[k]));
        mien_extractor_close(&e);
    }
    for (int i = 0; i < PAIRS * 1024; i++) {
        assert_true(isfinite(out[0][i]));
        assert_float_equal(out[0][i], out[1][i], 1e-6);
    }
    mien_free(out[0]);
    mien_free(out[1]);
    mien_free(pairs);
}

static void an_extractor_gives_means_of_clips(void **state) {
    (void)state;
    mien_extractor_options o = mien_extractor_options_default();
    mien_extractor *e = NULL;
    enum { FRAMES = 9, SIDE = 40 };
    const int64_t values = 3 * FRAMES * SIDE * SIDE;
    assert_good(mien_backbone_find("i3d", &o.backbone));
    o.weights = "random";
    o.batch = 2;
    o.layers = "pool,Mixed_5c:map,Mixed_5c:max";
    memcpy(o.item, (const int64_t[]){3, FRAMES, SIDE, SIDE}, sizeof o.item);
    assert_good(mien_extractor_open(&o, &e));
    const int64_t area = 2 * 2 * 2;
    assert_int_equal(mien_extractor_width(e), 1024 * (2 + area));
    float *clips = mien_alloc((size_t)(2 * values), sizeof *clips);
    float *out = mien_alloc((size_t)(2 * mien_extractor_width(e)), sizeof *out);
    assert_true(clips && out);
    for (int64_t i = 0; i < 2 * values; i++) {
        clips[i] = (float)rule_value(7, i);
    }
    assert_good(mien_extractor_run(e, clips, 2, out));
    for (int n = 0; n < 2; n++) {
        const float *row = out + n * mien_extractor_width(e), *map = row + 1024;
        for (int c = 0; c < 1024; c++) {
            double sum = 0, most = -1;
            for (int k = 0; k < area; k++) {
                sum += (double)map[c * area + k];
                most = fmax(most, (double)map[c * area + k]);
            }
            assert_float_equal(row[c], sum / (double)area, 1e-5 * most + 1e-7);
            assert_float_equal(map[1024 * area + c], most, 0);
        }
    }
    mien_free(out);
    mien_free(clips);
    mien_extractor_close(&e);
    o.item[1] = 4;
    assert_fails(mien_extractor_open(&o, &e), MIEN_EINVAL,
        "i3d: dimension 1 of an item is 4, not 8 or more");
    const mien_backbone *b = NULL;
    assert_fails(mien_backbone_find_pictures("vggish", &b), MIEN_EUNSUPPORTED,
        "vggish reads no pictures");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flownets_equals_pytorch),
        cmocka_unit_test(flownets_with_batch_norm_equals_pytorch),
        cmocka_unit_test(i3d_equals_pytorch_where_every_padding_is_uneven),
        cmocka_unit_test(i3d_equals_pytorch),
        cmocka_unit_test(vggish_equals_pytorch),
        cmocka_unit_test(keys_and_shapes_are_those_of_the_published_files),
        cmocka_unit_test(other_spellings_are_read),
        cmocka_unit_test(tensors_of_tensorflow_are_turned),
        cmocka_unit_test(any_plans_give_the_same_values),
        cmocka_unit_test(an_extractor_gives_means_of_clips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
