/* SPDX-License-Identifier: MIT */
/* Three small studies, of a read-out, of a network on pictures and of a network over
 * features, on data that integers alone decide, so that every machine makes the same
 * bytes. test_reference_studies.c trains them; the models in tests/golden/versions are
 * what the program trained at the time each contract version was the newest. */
#ifndef MIEN_TESTS_CONTRACT_REFERENCE_H
#define MIEN_TESTS_CONTRACT_REFERENCE_H

#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "mien/mien.h"
#include "models/drawn.h"

enum {
    REFERENCE_ROWS = 24,
    REFERENCE_FILMS = 4,
    REFERENCE_SOUND = 3,
    REFERENCE_SIGHT = 4,
    REFERENCE_SIDE = 36
};

static inline const char *reference_write(const char *name, const char *text) {
    return support_write(name, text, strlen(text));
}

/* A colour that says which class it is, and a pattern that does not. */
static inline void reference_picture(int i) {
    const int64_t shape[3] = {REFERENCE_SIDE, REFERENCE_SIDE + i % 3, 3};
    mien_tensor *image = NULL;
    char name[64];
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    uint8_t *p = image->data;
    for (int y = 0; y < shape[0]; y++) {
        for (int x = 0; x < shape[1]; x++, p += 3) {
            for (int c = 0; c < 3; c++) {
                p[c] = (uint8_t)(c == i % 3 ? 180 + i : 30 + (x * (i + 1) + y) % 60);
            }
        }
    }
    snprintf(name, sizeof name, "pictures/%d.png", i);
    assert_good(mien_image_write_png(image, support_temp_path(name)));
    mien_tensor_free(&image);
}

static inline void reference_array(const char *name, int width) {
    mien_string text;
    uint64_t start = drawn_start(name);
    mien_string_init(&text);
    for (int i = 0; i < REFERENCE_ROWS * width; i++) {
        mien_string_addf(&text, "%.6f%s", 3 * drawn_value(start, i),
            i % width == width - 1 ? "\n" : ",");
    }
    assert_good(mien_string_status(&text));
    reference_write(name, text.text);
    mien_string_clear(&text);
}

/* One table for all three: four films of six segments, each with a picture and two rows
 * of features, of which one is missing in every fifth row. */
static inline void reference_table(void) {
    mien_string text;
    uint64_t start = drawn_start("noise");
    mien_string_init(&text);
    mien_string_add(&text, "trial\tgroup\tstart_s\tend_s\timage\tfeatures.sound\t"
                           "features.sight\tvalence\tarousal\temotion\n");
    for (int i = 0; i < REFERENCE_ROWS; i++) {
        char sound[32];
        snprintf(sound, sizeof sound, "sound.csv#%d", i);
        mien_string_addf(&text,
            "t%02d\tfilm%d\t%d\t%d\tpictures/%d.png\t%s\tsight.csv#%d\t"
            "%.4f\t%.4f\t%c\n",
            i, i / 6, 5 * (i % 6), 5 * (i % 6) + 5, i, i % 5 == 4 ? "n/a" : sound, i,
            2 + 2 * (i % 3) + 0.3 * drawn_value(start, i),
            4 + 2 * drawn_value(start, 100 + i), 'a' + i % 3);
    }
    assert_good(mien_string_status(&text));
    reference_write("trials.tsv", text.text);
    mien_string_clear(&text);
    reference_write("trials.json",
        "{\"version\": 2, \"name\": \"reference\", \"targets\": {"
        "\"valence\": {\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\"},"
        "\"arousal\": {\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\"},"
        "\"emotion\": {\"classes\": [\"a\", \"b\", \"c\"], \"construct\": \"evoked\","
        " \"perspective\": \"normative\"}}}");
}

/** Pictures, features and table in support_temp(). */
static inline void reference_make(void) {
    assert_good(mien_directory_make(support_temp_path("pictures")));
    for (int i = 0; i < REFERENCE_ROWS; i++) {
        reference_picture(i);
    }
    reference_array("sound.csv", REFERENCE_SOUND);
    reference_array("sight.csv", REFERENCE_SIGHT);
    reference_table();
}

/** Weights of MobileNetV2 that the read-out of contract version 1 names by their hash.
 */
static inline const char *reference_weights(void) {
    static char path[4096];
    const mien_backbone *backbone = NULL;
    if (!path[0]) {
        snprintf(path, sizeof path, "%s", support_temp_path("drawn.safetensors"));
        assert_good(mien_backbone_find("mobilenet_v2", &backbone));
        assert_good(drawn_save(backbone, path));
    }
    return path;
}

typedef struct reference_study {
    const char *name; /* of its files in tests/golden/versions */
    int version;      /* of the contract its model is written with */
    bool weights;     /* begins with reference_weights() */
    const char *text;
} reference_study;

#define REFERENCE_PICTURES                                                             \
    "trials: trials.tsv\n"                                                             \
    "picture: {fit: squash, height: 32, width: 32}\n"                                  \
    "folds: {k: 3}\n"                                                                  \
    "bootstrap: {repeats: 20}\n"

static const reference_study reference_studies[] = {
    {"readout", 1, true,
        REFERENCE_PICTURES "targets: [valence, arousal]\n"
                           "readout: {layers: [features.3, \"features.2:sd, "
                           "features.4\"], gamma: [0, 2], combine: stack}\n"
                           "backbone: {mirror: true}\n"
                           "model: {golden: 2, licence: MIT, citation: nobody}\n"},
    {"pictures", 2, true,
        REFERENCE_PICTURES "method: network\n"
                           "targets: [valence, emotion]\n"
                           "head: {layer: features.1, grid: 2, layers: [6], "
                           "activation: elu, dropout: 0.1, hidden-dropout: 0.2}\n"
                           "train: {what: [head, features.1*]}\n"
                           "epochs: 2\n"
                           "batch: 6\n"
                           "augment: flip\n"
                           "optimiser: {name: sgd, rate: 0.01, momentum: 0.9}\n"
                           "model: {golden: 2, licence: MIT}\n"},
    {"features", 3, false,
        "trials: trials.tsv\n"
        "method: network\n"
        "inputs: [sound, sight]\n"
        "targets: [valence, emotion]\n"
        "model: {name: mixed_aan, width: 4, heads: 2, layers: 2, golden: 2}\n"
        "context: {before: 2, after: 1}\n"
        "modality-dropout: 0.2\n"
        "epochs: 2\n"
        "batch: 6\n"
        "optimiser: {name: sgd, rate: 0.01, momentum: 0.9}\n"
        "folds: {rule: leave-one-group-out}\n"
        "bootstrap: {repeats: 20}\n"},
};
enum { REFERENCE_STUDIES = sizeof reference_studies / sizeof *reference_studies };

/** A file of tests/golden/versions: reference_golden("readout.csv"). */
static inline const char *reference_golden(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "tests/golden/versions/%s", name);
    return support_source(path);
}

#endif
