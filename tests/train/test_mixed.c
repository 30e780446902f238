/* SPDX-License-Identifier: MIT */
/* Pictures beside columns of features, planted: half of what was felt is in the colour
 * of the picture, half in a column. Who has both knows more than who has either, and a
 * column of noise that is often missing takes nothing from it. */
#include "train/runs.h"

enum { ROWS = 90, GROUPS = 15, COLUMNS = 3 };

#define STUDY                                                                          \
    "trials: mixed.tsv\n"                                                              \
    "method: network\n"                                                                \
    "targets: [valence]\n"                                                             \
    "epochs: 60\n"                                                                     \
    "batch: 12\n"                                                                      \
    "optimiser: {rate: 0.01}\n"                                                        \
    "folds: {k: 3}\n"                                                                  \
    "bootstrap: {repeats: 20}\n"

#define PICTURED "picture: {fit: squash, height: 32, width: 32}\n"

static double mood_of(int i) {
    return (double)((i * 37) % 41) / 20 - 1;
}

/* Columns of numbers, a row a trial: the last of "mood" carries the signal. */
static void write_features(const char *name, bool signal) {
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

static int make(void **state) {
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

/* Correlation out of fold of a study with these lines more. */
static double r_of(const char *name, const char *lines) {
    char yaml[1024], file[64];
    mien_study *study = NULL;
    mien_value *results = NULL;
    mien_train_options o = options_of();
    const char *run = run_path(name);
    snprintf(yaml, sizeof yaml, STUDY "%s", lines);
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

static void both_know_more_than_either(void **state) {
    (void)state;
    double image = r_of("image", PICTURED "inputs: [image]\n");
    double mood = r_of("mood", "inputs: [mood, skin]\nmodel: {name: linear}\n");
    double both = r_of("both", PICTURED "inputs: [image, mood, skin]\n");
    print_message("image %.3f, mood %.3f, both %.3f\n", image, mood, both);
    assert_true(image < 0.9 && mood < 0.9);
    assert_true(both > image + 0.1 && both > mood + 0.1 && both > 0.9);
}

static void branches_are_said_by_maps(void **state) {
    (void)state;
    double r = r_of("map",
        PICTURED "inputs:\n"
                 "  image: {kind: picture}\n"
                 "  mood: {kind: features}\n"
                 "branches:\n"
                 "  image: [backbone, {hidden: {layers: 16, activation: none}}]\n"
                 "  mood: [{project: {width: 4}}]\n"
                 "fusion: {name: concat}\n");
    print_message("map %.3f\n", r);
    assert_true(r > 0.8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_know_more_than_either),
        cmocka_unit_test(branches_are_said_by_maps),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
