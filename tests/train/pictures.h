/* SPDX-License-Identifier: MIT */
/* A small data set for trainings: pictures whose colour says what was felt, in groups,
 * with numbers, classes and votes; and drawn weights of a backbone. */
#ifndef MIEN_TESTS_TRAIN_PICTURES_H
#define MIEN_TESTS_TRAIN_PICTURES_H

#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/drawn.h"
#include "train/network.h"
#include "train/study/study.h"

enum { PICTURES_ROWS = 24, PICTURES_GROUPS = 8, PICTURES_CLASSES = 3 };

static inline void pictures_paint(int i) {
    const int64_t shape[3] = {36, 36, 3};
    mien_tensor *image = NULL;
    char name[64];
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    uint8_t *p = image->data;
    for (int y = 0; y < 36; y++) {
        for (int x = 0; x < 36; x++, p += 3) {
            for (int c = 0; c < 3; c++) {
                p[c] = (uint8_t)(c == i % 3 ? 200 + i : 30 + (x * (i + 1) + y) % 40);
            }
        }
    }
    snprintf(name, sizeof name, "pictures/%d.png", i);
    assert_good(mien_image_write_png(image, support_temp_path(name)));
    mien_tensor_free(&image);
}

/* Row 23 shows the picture of row 0. */
static inline void pictures_table(const char *name) {
    mien_string text;
    char path[96];
    mien_string_init(&text);
    mien_string_add(
        &text, "trial\tgroup\timage\tvalence\temotion\tva\tvb\tvc\tsplit\n");
    for (int i = 0; i < PICTURES_ROWS; i++) {
        int k = i % PICTURES_CLASSES, votes[3] = {1, 1, 1};
        votes[k] = 6;
        mien_string_addf(&text,
            "t%02d\tg%d\tpictures/%d.png\t%.2f\t%c\t%d\t%d\t%d\t%s\n", i,
            i % PICTURES_GROUPS, i == PICTURES_ROWS - 1 ? 0 : i, 2.0 + 2 * k, 'a' + k,
            votes[0], votes[1], votes[2],
            i < 12   ? "train"
            : i < 18 ? "validation"
                     : "test");
    }
    assert_good(mien_string_status(&text));
    snprintf(path, sizeof path, "%s.tsv", name);
    support_write(path, text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] =
        "{\"version\": 2, \"name\": \"made\", \"targets\": {"
        "\"valence\": {\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\"},"
        "\"emotion\": {\"classes\": [\"a\", \"b\", \"c\"], \"votes\": [\"va\", \"vb\", "
        "\"vc\"], \"construct\": \"evoked\", \"perspective\": \"normative\"}}}";
    snprintf(path, sizeof path, "%s.json", name);
    support_write(path, sidecar, sizeof sidecar - 1);
}

/* The drawn weights' path, made by the first call. */
static inline const char *pictures_weights(void) {
    static char path[4096];
    const mien_backbone *backbone = NULL;
    if (!path[0]) {
        snprintf(path, sizeof path, "%s", support_temp_path("drawn.safetensors"));
        assert_good(mien_backbone_find("mobilenet_v2", &backbone));
        assert_good(drawn_save(backbone, path));
    }
    return path;
}

static inline void pictures_make(void) {
    assert_good(mien_directory_make(support_temp_path("pictures")));
    for (int i = 0; i < PICTURES_ROWS; i++) {
        pictures_paint(i);
    }
    pictures_table("trials");
}

#define PICTURES_STUDY                                                                 \
    "trials: trials.tsv\n"                                                             \
    "method: network\n"                                                                \
    "picture: {fit: squash, height: 32, width: 32}\n"                                  \
    "epochs: 3\n"                                                                      \
    "batch: 5\n"                                                                       \
    "optimiser: {rate: 0.01}\n"                                                        \
    "folds: {k: 2}\n"                                                                  \
    "bootstrap: {repeats: 20}\n"                                                       \
    "model: {golden: 1}\n"

/** A study of these pictures with what is set. */
static inline mien_status pictures_study(
    const char *const *set, int count, mien_study **study) {
    char path[4096];
    snprintf(path, sizeof path, "%s",
        support_write("study.yaml", PICTURES_STUDY, strlen(PICTURES_STUDY)));
    return mien_study_open(path, set, count, study);
}
#define PICTURES_SET(...)                                                              \
    (const char *const[]){__VA_ARGS__},                                                \
        (int)(sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *))

/** The study's network over its own rows. */
static inline mien_status pictures_net(
    mien_net *net, const mien_study *study, const char *weights) {
    mien_dataset dataset = {0};
    mien_status status = mien_dataset_open(&dataset, study);
    if (status == MIEN_OK) {
        status = mien_net_open(net, study, &dataset, weights);
    }
    mien_dataset_clear(&dataset);
    return status;
}

#endif
