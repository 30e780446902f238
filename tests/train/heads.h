/* SPDX-License-Identifier: MIT */
/* A small head on made features, that remembers everything a training can: for tests
 * and the fuzzer of checkpoints. No picture and no weights are read. */
#ifndef MIEN_TESTS_TRAIN_HEADS_H
#define MIEN_TESTS_TRAIN_HEADS_H

#include <stdio.h>
#include <string.h>

#include "train/fit/network_fit.h"

enum { HEADS_ROWS = 12, HEADS_WIDTH = 32, HEADS_FOLDS = 2, HEADS_BATCH = 4 };

typedef struct heads {
    mien_study *study;
    mien_dataset dataset;
    mien_net whole; /* of drawn weights; its first layer is never run */
    mien_features features;
    float values[HEADS_ROWS * HEADS_WIDTH];
    mien_batches *feed;
} heads;

static const char heads_sidecar[] =
    "{\"version\": 2, \"name\": \"made\", \"targets\": {"
    "\"valence\": {\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\","
    " \"perspective\": \"normative\"},"
    "\"emotion\": {\"classes\": [\"a\", \"b\", \"c\"], \"construct\": \"evoked\","
    " \"perspective\": \"normative\"}}}";

static const char heads_study[] =
    "trials: trials.tsv\n"
    "method: network\n"
    "picture: {fit: squash, height: 32, width: 32}\n"
    "head: {layer: features.0, layers: [3], dropout: 0.2}\n"
    "epochs: 4\n"
    "batch: 4\n"
    "optimiser: {name: sgd, rate: 0.05, momentum: 0.9}\n"
    "schedule: {name: plateau}\n"
    "average: {rule: decaying, decay: 0.8}\n"
    "validation: {rule: groups}\n"
    "stopping: {patience: 5}\n"
    "loss: {learned: true}\n"
    "folds: {k: 2}\n"
    "bootstrap: {repeats: 20}\n";

static inline mien_status heads_write(
    const char *folder, const char *name, const char *text) {
    char *path = mien_path_join(folder, name);
    mien_status status = path ? mien_file_write(path, text, strlen(text)) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

static inline mien_status heads_table(const char *folder) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, "trial\tgroup\timage\tvalence\temotion\n");
    for (int i = 0; i < HEADS_ROWS; i++) {
        mien_string_addf(&text, "t%02d\tg%d\t%d.png\t%d.5\t%c\n", i, i % 6, i,
            1 + 2 * (i % 3), 'a' + i % 3);
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = heads_write(folder, "trials.tsv", text.text);
    }
    mien_string_clear(&text);
    return status == MIEN_OK ? heads_write(folder, "trials.json", heads_sidecar)
                             : status;
}

/* Features that say which class it is, and something else. */
static inline void heads_features(heads *h) {
    for (int i = 0; i < HEADS_ROWS; i++) {
        for (int k = 0; k < HEADS_WIDTH; k++) {
            h->values[i * HEADS_WIDTH + k] =
                (k == i % 3 ? 1.0F : 0.0F) + 0.03F * (float)((7 * i + 5 * k) % 11);
        }
    }
    h->features.table[0] =
        (mien_item_table){.width = HEADS_WIDTH, .values = h->values, .computed = true};
}

/** Writes table and study into the folder and opens them. Clear also after a failure.
 */
static inline mien_status heads_open(
    heads *h, const char *folder, const char *const *set, int count) {
    *h = (heads){0};
    char *path = mien_path_join(folder, "study.yaml");
    mien_status status = path ? heads_table(folder) : MIEN_ENOMEM;
    heads_features(h);
    if (status == MIEN_OK) {
        status = heads_write(folder, "study.yaml", heads_study);
    }
    if (status == MIEN_OK) {
        status = mien_study_open(path, set, count, &h->study);
    }
    if (status == MIEN_OK) {
        status = mien_dataset_open(&h->dataset, h->study);
    }
    if (status == MIEN_OK) {
        status = mien_net_open(&h->whole, h->study, &h->dataset, "random");
    }
    if (status == MIEN_OK) {
        status =
            mien_batches_open(&h->dataset, h->study, h->features.table, 1, &h->feed);
    }
    mien_free(path);
    return status;
}

static inline mien_status heads_fit(heads *h, int fold, mien_network_fit **fit) {
    mien_training_setup setup = {.study = h->study,
        .dataset = &h->dataset,
        .fold = fold,
        .feed = h->feed,
        .features = &h->features,
        .whole = &h->whole,
        .computed = 1,
        .threads = 1};
    return mien_network_fit_new(&setup, fit);
}

/* The same fit as a row of trainers.def makes it. */
static inline mien_status heads_training(heads *h, int fold, mien_training **training) {
    mien_training_setup setup = {.study = h->study,
        .dataset = &h->dataset,
        .fold = fold,
        .feed = h->feed,
        .features = &h->features,
        .whole = &h->whole,
        .computed = 1,
        .threads = 1};
    return mien_training_open(h->study->trainer, &setup, training);
}

static inline void heads_clear(heads *h) {
    mien_batches_close(&h->feed);
    mien_net_clear(&h->whole);
    mien_dataset_clear(&h->dataset);
    mien_study_close(&h->study);
}

#endif
