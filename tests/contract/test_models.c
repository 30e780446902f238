/* SPDX-License-Identifier: MIT */
/* Every row of models.def: its text, shapes, layers, and weights that survive a file.
 */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/models.h"
#include "models/backbones/backbone.h"

#define SIZE 64

static mien_graph *graph_of(const mien_backbone *b, mien_node *logits) {
    mien_graph *graph = NULL;
    mien_node input;
    int64_t shape[MIEN_RANK_MAX];
    int size = b->minimum_size > SIZE ? b->minimum_size : SIZE;
    int rank = mien_backbone_shape(b, size, size, NULL, shape);
    assert_good(mien_graph_new(&graph));
    assert_good(mien_graph_input(graph, "input", rank, shape, &input));
    assert_good(b->build(graph, input, logits));
    return graph;
}

static void every_row_is_complete(void **state) {
    (void)state;
    for (int i = 0; i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i), *found = NULL;
        assert_true(b->name && b->summary && b->feature && b->build);
        assert_true(!b->weights_url || b->weights_file);
        assert_true(!b->weights_file || b->weights_licence);
        /* FlowNetS is published behind a page alone */
        assert_true(!b->weights_file || b->weights_url || b->weights_sha256 ||
                    b->wheel || strstr(b->name, "flownets"));
        assert_good(mien_backbone_find(b->name, &found));
        assert_ptr_equal(found, b);
        assert_true((b->preprocess == NULL) == (b->item_rank > 0));
        if (!b->preprocess) {
            assert_int_equal(b->minimum_size, 0);
            continue;
        }
        mien_preprocess p = b->preprocess();
        assert_good(mien_preprocess_check(&p));
        assert_true(p.crop_height >= b->minimum_size);
    }
}

static void shapes_and_the_feature_layer_are_there(void **state) {
    (void)state;
    for (int i = 0; i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i);
        mien_node logits;
        int64_t shape[MIEN_RANK_MAX];
        mien_graph *graph = graph_of(b, &logits);
        assert_int_equal(mien_graph_shape(graph, logits, shape), 2);
        assert_int_equal(shape[0], MIEN_BATCH);
        int64_t width = shape[1];
        assert_true(b->classes == 0 || b->classes == width);
        assert_int_equal(logits, mien_graph_nodes(graph) - 1);
        mien_node feature = mien_graph_find(graph, b->feature);
        assert_true(feature >= 0);
        const int rank = mien_graph_shape(graph, feature, shape);
        assert_true(b->preprocess ? rank == 4 : rank >= 2);
        assert_true(b->classes > 0 || width == shape[1]);
        assert_true(mien_graph_flops(graph, 1) > 1e7);
        mien_graph_free(&graph);
    }
}

static void every_row_gives_features_at_its_smallest_size(void **state) {
    (void)state;
    for (int i = 0; i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i);
        mien_extractor *e = NULL;
        mien_extractor_options o = mien_extractor_options_default();
        o.backbone = b;
        o.weights = "random";
        o.height = o.width = b->minimum_size;
        o.batch = 1;
        o.threads = 1;
        assert_good(mien_extractor_open(&o, &e));
        int64_t size[MIEN_RANK_MAX];
        const int rank =
            mien_backbone_shape(b, b->minimum_size, b->minimum_size, NULL, size);
        int64_t pixels = mien_shape_count(rank - 1, size + 1);
        float *image = mien_alloc((size_t)pixels, sizeof *image);
        float *features = mien_alloc((size_t)mien_extractor_width(e), sizeof *features);
        assert_true(image && features);
        for (int64_t k = 0; k < pixels; k++) {
            image[k] = sinf((float)k);
        }
        assert_good(mien_extractor_run(e, image, 1, features));
        double sum = 0;
        for (int64_t f = 0; f < mien_extractor_width(e); f++) {
            assert_true(isfinite(features[f]));
            sum += fabs((double)features[f]);
        }
        assert_true(sum > 0);
        mien_free(features);
        mien_free(image);
        mien_extractor_close(&e);
    }
}

/* Saves the parameters and loads them into others. */
static void check_file(const mien_backbone *b) {
    enum { MOST = 1024 };
    static const char *names[MOST];
    static const mien_tensor *tensors[MOST];
    const char *const none[] = {NULL};
    const char *path = support_temp_path("row.safetensors");
    mien_node logits;
    mien_parameters *one = NULL, *two = NULL;
    mien_archive *archive = NULL;
    mien_graph *graph = graph_of(b, &logits);
    assert_good(mien_parameters_new(graph, &one));
    assert_good(mien_parameters_new(graph, &two));
    mien_parameters_randomize(one, 5);
    int64_t count = mien_parameters_count(one);
    assert_true(count < MOST);
    for (int64_t i = 0; i < count; i++) {
        names[i] = mien_parameters_name(one, i);
        tensors[i] = mien_parameters_at(one, i);
    }
    assert_good(mien_safetensors_write(path, count, names, tensors, none));
    assert_good(mien_archive_open(path, &archive));
    assert_good(mien_weights_load(two, archive, NULL));
    for (int64_t i = 0; i < count; i++) {
        assert_memory_equal(mien_parameters_at(two, i)->data, tensors[i]->data,
            mien_tensor_bytes(tensors[i]));
    }
    mien_archive_close(&archive);
    mien_parameters_free(&two);
    mien_parameters_free(&one);
    mien_graph_free(&graph);
}

static void weights_survive_a_file(void **state) {
    (void)state;
    for (int i = 0; i < mien_backbone_count(); i++) {
        /* the VGGs' half gigabyte tells no more than the others */
        if (!strstr(mien_backbone_at(i)->name, "vgg")) {
            check_file(mien_backbone_at(i));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(shapes_and_the_feature_layer_are_there),
        cmocka_unit_test(every_row_gives_features_at_its_smallest_size),
        cmocka_unit_test(weights_survive_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
