/* SPDX-License-Identifier: MIT */
/* Pictures beside columns of features, planted: half of what was felt is in the colour
 * of the picture, half in a column; a column of noise is often missing. */
#ifndef MIEN_TESTS_TRAIN_MIXED_H
#define MIEN_TESTS_TRAIN_MIXED_H

#include "train/runs.h"

enum { ROWS = 90, GROUPS = 15, COLUMNS = 3 };

#define STUDY                                                                          \
    "trials: mixed.tsv\n"                                                              \
    "targets: [valence]\n"                                                             \
    "batch: 12\n"                                                                      \
    "bootstrap: {repeats: 20}\n"

#define NETWORK "method: network\nepochs: 60\noptimiser: {rate: 0.01}\n"

#define PICTURED "picture: {fit: squash, height: 32, width: 32}\n"

static inline double mood_of(int i) {
    return (double)((i * 37) % 41) / 20 - 1;
}

/* Columns of numbers, a row a trial: the last of "mood" carries the signal. */
static inline void write_features(const char *name, bool signal) {
    mien_string text;
    mien_random random;
    mien_random_init(&random, signal ? 3 : 4);
    mien_string_init(&text);
    for (int i = 0; i < ROWS; i++) {
        for (int k = 0; k < COLUMNS; k++) {
            double x = mien_random_normal(&random);
            x = signal && k == COLUMNS - 1 ? mood_of(i) : x;
            mien_string_addf(&text, "%s%.6f", k ? "," : "", x);
        }
        mien_string_add(&text, "\n");
    }
    assert_good(mien_string_status(&text));
    support_write(name, text.text, text.length);
    mien_string_clear(&text);
}

static inline int make(void **state) {
    mien_string text;
    set_up(state);
    write_features("mood.csv", true);
    write_features("skin.csv", false);
    mien_string_init(&text);
    mien_string_add(
        &text, "trial\tgroup\timage\tvalence\tfeatures.mood\tfeatures.skin\n");
    for (int i = 0; i < ROWS; i++) {
        int shown = (i * 7) % PICTURES_ROWS;
        mien_string_addf(&text, "t%02d\tg%d\tpictures/%d.png\t%.4f\tmood.csv#%d\t", i,
            i % GROUPS, shown, 4 + (shown % 3 - 1) + 1.2 * mood_of(i), i);
        i % 3 == 1 ? mien_string_add(&text, "n/a\n")
                   : mien_string_addf(&text, "skin.csv#%d\n", i);
    }
    assert_good(mien_string_status(&text));
    support_write("mixed.tsv", text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] =
        "{\"version\": 2, \"name\": \"mixed\", \"targets\": {\"valence\": "
        "{\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\", "
        "\"perspective\": \"normative\"}}}";
    support_write("mixed.json", sidecar, sizeof sidecar - 1);
    return 0;
}

/* Correlation out of fold of a study with these lines more: a network with three folds,
 * where they say nothing else. */
static inline double r_of(const char *name, const char *lines) {
    char yaml[1024], file[64];
    mien_study *study = NULL;
    mien_value *results = NULL;
    mien_train_options o = options_of();
    const char *run = run_path(name);
    snprintf(yaml, sizeof yaml, STUDY "%s%s%s", strstr(lines, "method:") ? "" : NETWORK,
        lines, strstr(lines, "folds:") ? "" : "folds: {k: 3}\n");
    snprintf(file, sizeof file, "%s.yaml", name);
    assert_good(
        mien_study_open(support_write(file, yaml, strlen(yaml)), NULL, 0, &study));
    assert_good(mien_train(study, run, &o));
    mien_study_close(&study);
    char *path = mien_path_join(run, "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    const mien_value *target = mien_value_at(mien_value_get(results, "targets"), 0);
    const mien_value *metric = mien_value_at(mien_value_get(target, "metrics"), 0);
    double r = mien_value_number(mien_value_get(metric, "value"), NAN);
    mien_value_free(&results);
    return r;
}

#endif
