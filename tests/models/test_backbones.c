/* SPDX-License-Identifier: MIT */
/* Every backbone against torchvision, Keras or its own package: names, shapes, and
 * features of drawn weights. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/drawn.h"

#define LINE 256
#define LAYERS_MAX 16
/* of the layer's largest value */
#define TOLERANCE 1e-4

static FILE *open_golden(const char *name) {
    FILE *file = fopen(support_source(name), "r");
    assert_non_null(file);
    return file;
}

static bool is_keras(const char *label) {
    return strncmp(label, "keras_", 6) == 0;
}

static FILE *open_golden_of(const char *label, const char *table) {
    char name[128];
    const char *from = strncmp(label, "efficientnet_", 13) == 0 ? "efficientnet_" : "";
    snprintf(name, sizeof name, "tests/golden/models/%s%s.tsv",
        is_keras(label) ? "keras_" : from, table);
    return open_golden(name);
}

/* ---- names ---- */

static void check_parameter(
    mien_parameters *parameters, const char *name, const char *shape, int64_t *found) {
    int64_t at = mien_parameters_find(parameters, name);
    if (at < 0) {
        fail_msg("no parameter %s", name);
    }
    const mien_tensor *tensor = mien_parameters_at(parameters, at);
    char text[LINE] = "";
    for (int d = 0; d < tensor->rank; d++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%lld", d ? "," : "",
            (long long)tensor->shape[d]);
    }
    assert_string_equal(text, shape);
    (*found)++;
}

static void check_names(const mien_backbone *backbone) {
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_node input, logits;
    int64_t found = 0;
    int modules = 0;
    assert_good(
        drawn_graph(backbone, backbone->minimum_size + 32, &graph, &input, &logits));
    assert_good(mien_parameters_new(graph, &parameters));
    int64_t values = 0, ones = 0, want = -1;
    FILE *file = open_golden_of(backbone->name, "names");
    char line[LINE], row[32], kind[16], name[96], shape[64];
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%31s %15s %95s %63s", row, kind, name, shape) != 4 ||
            strcmp(row, backbone->name) != 0) {
            continue;
        }
        if (strcmp(kind, "parameter") == 0) {
            check_parameter(parameters, name, shape, &found);
        } else if (strcmp(kind, "ones") == 0) { /* a scale that Keras has not */
            check_parameter(parameters, name, shape, &found);
            ones += atoll(shape);
        } else if (strcmp(kind, "count") == 0) {
            want = atoll(name);
        } else if (is_keras(row) && strstr(name, "_pad")) {
            /* zeros around, part of the next layer here */
        } else if (mien_graph_find(graph, name) < 0) {
            fail_msg("%s: no %s %s", row, kind, name);
        } else {
            modules++;
        }
    }
    fclose(file);
    assert_true(modules >= 18);
    assert_int_equal(found, mien_parameters_count(parameters));
    for (int64_t i = 0; i < found; i++) {
        values += mien_tensor_count(mien_parameters_at(parameters, i));
    }
    if (is_keras(backbone->name)) {
        assert_int_equal(values - ones, want);
    }
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void names_are_the_published_ones(void **state) {
    (void)state;
    for (int i = 0; i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i);
        /* networks of films: test_film_networks.c; of faces, which mien installs:
         * theirs */
        if (b->preprocess && (b->weights_url || b->wheel)) {
            check_names(mien_backbone_at(i));
        }
    }
}

/* ---- values ---- */

/* The golden rows of one backbone: the plan's outputs are its layers. */
typedef struct golden {
    char layer[LAYERS_MAX][64];
    int layers, size;
} golden;

static void read_layers(const char *label, golden *g) {
    FILE *file = open_golden_of(label, "features");
    char line[LINE], row[64], layer[64], index[16];
    double value;
    int size;
    *g = (golden){0};
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%63s %d %63s %15s %lf", row, &size, layer, index, &value) ==
                5 &&
            strcmp(row, label) == 0 && strcmp(index, "max") == 0) {
            assert_true(g->layers < LAYERS_MAX);
            strcpy(g->layer[g->layers++], layer);
            g->size = size;
        }
    }
    fclose(file);
    assert_true(g->layers > 0);
}

static double mean_of(const mien_tensor *tensor) {
    double sum = 0;
    int64_t count = mien_tensor_count(tensor);
    for (int64_t i = 0; i < count; i++) {
        sum += (double)((const float *)tensor->data)[i];
    }
    return sum / (double)count;
}

/* Largest difference of any golden value, as a share of its layer's largest value. */
static double compare(const char *label, const golden *g, mien_plan *plan) {
    FILE *file = open_golden_of(label, "features");
    char line[LINE], row[64], layer[64], index[16];
    double value, largest = 1, worst = 0;
    int size, compared = 0;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%63s %d %63s %15s %lf", row, &size, layer, index, &value) !=
                5 ||
            strcmp(row, label) != 0) {
            continue;
        }
        int at = 0;
        while (strcmp(g->layer[at], layer) != 0) {
            at++;
        }
        const mien_tensor *output = mien_plan_output(plan, at);
        double got;
        if (strcmp(index, "max") == 0) {
            largest = value;
            continue;
        } else if (strcmp(index, "mean") == 0) {
            got = mean_of(output);
        } else {
            got = (double)((const float *)output->data)[atoll(index)];
        }
        double difference = fabs(got - value) / largest;
        if (!(difference <= TOLERANCE)) {
            fail_msg("%s %s[%s]: got %.9g, want %.9g", label, layer, index, got, value);
        }
        worst = difference > worst ? difference : worst;
        compared++;
    }
    fclose(file);
    assert_true(compared > 10 * g->layers);
    return worst;
}

static void run_golden(const char *label, mien_graph *graph, mien_node input,
    mien_parameters *parameters, const golden *g) {
    mien_node outputs[LAYERS_MAX];
    mien_plan *plan = NULL;
    mien_plan_options options = mien_plan_options_default();
    for (int l = 0; l < g->layers; l++) {
        outputs[l] = mien_graph_find(graph, g->layer[l]);
        assert_true(outputs[l] >= 0);
    }
    options.outputs = outputs;
    options.outputs_count = g->layers;
    options.measure = false;
    assert_good(mien_plan_new(graph, parameters, &options, &plan));
    drawn_picture(mien_plan_input(plan, input), (int64_t)3 * g->size * g->size);
    assert_good(mien_plan_run(plan));
    double worst = compare(label, g, plan);
    print_message("%s: largest difference %.2g of the largest value\n", label, worst);
    mien_plan_free(&plan);
}

/* Keras' InceptionV3 has batch-norms without scale. */
static void no_scales(mien_parameters *parameters) {
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        mien_tensor *tensor = mien_parameters_at(parameters, i);
        float *values = tensor->data;
        if (tensor->rank == 1 &&
            drawn_ends(mien_parameters_name(parameters, i), "weight")) {
            for (int64_t k = 0; k < mien_tensor_count(tensor); k++) {
                values[k] = 1;
            }
        }
    }
}

static void check_values(const char *name) {
    const mien_backbone *backbone = NULL;
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_node input, logits;
    golden g;
    read_layers(name, &g);
    assert_good(mien_backbone_find(name, &backbone));
    assert_good(drawn_graph(backbone, g.size, &graph, &input, &logits));
    assert_good(mien_parameters_new(graph, &parameters));
    drawn_parameters(parameters);
    if (strcmp(name, "keras_inception_v3") == 0) {
        no_scales(parameters);
    }
    run_golden(name, graph, input, parameters, &g);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
}

static void mobilenet_v2_equals_torchvision(void **state) {
    (void)state;
    check_values("mobilenet_v2");
}

static void efficientnet_lite0_equals_its_package(void **state) {
    (void)state;
    check_values("efficientnet_lite0");
}

static void efficientnet_lite2_equals_its_package(void **state) {
    (void)state;
    check_values("efficientnet_lite2");
}

static void resnet18_equals_torchvision(void **state) {
    (void)state;
    check_values("resnet18");
}

static void resnet50_equals_torchvision(void **state) {
    (void)state;
    check_values("resnet50");
}

static void vgg16_equals_torchvision(void **state) {
    (void)state;
    check_values("vgg16");
}

static void vgg19_equals_torchvision(void **state) {
    (void)state;
    check_values("vgg19");
}

static void inception_v3_equals_keras(void **state) {
    (void)state;
    check_values("keras_inception_v3");
}

static void mobilenet_equals_keras(void **state) {
    (void)state;
    check_values("keras_mobilenet");
}

static void resnet50_equals_keras(void **state) {
    (void)state;
    check_values("keras_resnet50");
}

static void vgg16_equals_keras(void **state) {
    (void)state;
    check_values("keras_vgg16");
}

static void vgg19_equals_keras(void **state) {
    (void)state;
    check_values("keras_vgg19");
}

static void xception_equals_keras(void **state) {
    (void)state;
    check_values("keras_xception");
}

/* The table of the study that used them: values a backbone holds, pooled features. */
static void parameters_count_as_published(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int64_t values, ones, features;
    } published[] = {{"keras_inception_v3", 21802784, 17216, 2048},
        {"keras_mobilenet", 3228864, 0, 1024}, {"keras_resnet50", 23587712, 0, 2048},
        {"keras_vgg16", 14714688, 0, 512}, {"keras_vgg19", 20024384, 0, 512},
        {"keras_xception", 20861480, 0, 2048}};
    for (size_t k = 0; k < sizeof published / sizeof published[0]; k++) {
        const mien_backbone *backbone = NULL;
        mien_graph *graph = NULL;
        mien_parameters *parameters = NULL;
        mien_node input, last;
        int64_t shape[MIEN_RANK_MAX], values = 0;
        assert_good(mien_backbone_find(published[k].name, &backbone));
        assert_good(drawn_graph(backbone, 224, &graph, &input, &last));
        assert_good(mien_parameters_new(graph, &parameters));
        for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
            values += mien_tensor_count(mien_parameters_at(parameters, i));
        }
        assert_int_equal(values - published[k].ones, published[k].values);
        assert_int_equal(mien_graph_shape(graph, last, shape), 2);
        assert_int_equal(shape[1], published[k].features);
        print_message(
            "%s: %.1f GFLOP\n", published[k].name, mien_graph_flops(graph, 1) * 1e-9);
        mien_parameters_free(&parameters);
        mien_graph_free(&graph);
    }
}

static void real_mobilenet_v2_equals_torchvision(void **state) {
    (void)state;
    const char *label = "mobilenet_v2-b0353104";
    const mien_backbone *backbone = NULL;
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_archive *archive = NULL;
    mien_node input, logits;
    char *path = NULL;
    golden g;
    assert_good(mien_backbone_find("mobilenet_v2", &backbone));
    if (mien_backbone_weights(backbone, &path) != MIEN_OK) {
        print_message("SKIPPED: %s\n", mien_error());
        skip();
    }
    read_layers(label, &g);
    assert_good(drawn_graph(backbone, g.size, &graph, &input, &logits));
    assert_good(mien_parameters_new(graph, &parameters));
    assert_good(mien_archive_open(path, &archive));
    assert_good(mien_weights_load(parameters, archive, NULL));
    run_golden(label, graph, input, parameters, &g);
    mien_archive_close(&archive);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    mien_free(path);
}

/* ---- the table ---- */

static void an_unknown_backbone_names_the_nearest(void **state) {
    (void)state;
    const mien_backbone *backbone = NULL;
    assert_fails(mien_backbone_find("mobilnet_v2", &backbone), MIEN_ENOTFOUND,
        "the nearest is mobilenet_v2");
    assert_null(backbone);
    assert_null(mien_backbone_at(-1));
    assert_null(mien_backbone_at(mien_backbone_count()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_published_ones),
        cmocka_unit_test(mobilenet_v2_equals_torchvision),
        cmocka_unit_test(efficientnet_lite0_equals_its_package),
        cmocka_unit_test(efficientnet_lite2_equals_its_package),
        cmocka_unit_test(resnet18_equals_torchvision),
        cmocka_unit_test(resnet50_equals_torchvision),
        cmocka_unit_test(vgg16_equals_torchvision),
        cmocka_unit_test(vgg19_equals_torchvision),
        cmocka_unit_test(inception_v3_equals_keras),
        cmocka_unit_test(mobilenet_equals_keras),
        cmocka_unit_test(resnet50_equals_keras),
        cmocka_unit_test(vgg16_equals_keras),
        cmocka_unit_test(vgg19_equals_keras),
        cmocka_unit_test(xception_equals_keras),
        cmocka_unit_test(parameters_count_as_published),
        cmocka_unit_test(real_mobilenet_v2_equals_torchvision),
        cmocka_unit_test(an_unknown_backbone_names_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
