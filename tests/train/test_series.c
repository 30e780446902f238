/* SPDX-License-Identifier: MIT */
/* Studies of series, scanpaths and numbers on planted reactions: what the body tells is
 * learnt, what it does not tell is not, a lost sensor is no failure, and rows are the
 * same whatever the threads. */
#include "train/runs.h"

#define STUDY                                                                          \
    "trials: %s/trials.tsv\n"                                                          \
    "method: network\n"                                                                \
    "bootstrap: {repeats: 20}\n"                                                       \
    "optimiser: {name: adamw, rate: 0.005, decay: 0.001}\n"                            \
    "batch: 16\n"

/* Small networks for small data. */
#define SERIES                                                                         \
    "inputs:\n"                                                                        \
    "  body: {kind: series, column: series, sensors: pupil heart, levels: change, "    \
    "optional: true}\n"                                                                \
    "branches:\n"                                                                      \
    "  body: [{cnn_lstm: {channels: 16, hidden: 16, width: 8, dropout: 0}}]\n"

static char *synth(const char *name, double pupil) {
    mien_synth_options o = mien_synth_options_default();
    const mien_synth *kind = NULL;
    o.reactions.persons = 12;
    o.reactions.stimuli = 16;
    o.reactions.per_person = 16;
    o.reactions.pupil = pupil;
    o.reactions.gsr = o.reactions.gaze = o.reactions.hr = 0;
    o.reactions.alpha = 0;
    o.reactions.beta = 0;
    o.reactions.gamma = 1;
    o.reactions.missing = 0;
    assert_good(mien_synth_find("emoeye", &kind));
    char *folder = mien_strdup(support_temp_path(name));
    assert_non_null(folder);
    assert_good(mien_synth_write(kind, &o, folder, NULL, NULL));
    return folder;
}

/* Trains; a figure of the first target, or NaN. */
static double train_lines(
    const char *name, const char *folder, const char *lines, const char *metric) {
    char yaml[2048], file[64];
    mien_study *study = NULL;
    mien_value *results = NULL;
    mien_train_options o = options_of();
    const char *run = run_path(name);
    snprintf(yaml, sizeof yaml, STUDY "%s", folder, lines);
    snprintf(file, sizeof file, "%s.yaml", name);
    assert_good(
        mien_study_open(support_write(file, yaml, strlen(yaml)), NULL, 0, &study));
    assert_good(mien_train(study, run, &o));
    mien_study_close(&study);
    char *path = mien_path_join(run, "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    const mien_value *target = mien_value_at(mien_value_get(results, "targets"), 0);
    const mien_value *metrics = mien_value_get(target, "metrics");
    double found = NAN;
    for (int64_t i = 0; i < mien_value_count(metrics); i++) {
        const mien_value *m = mien_value_at(metrics, i);
        if (strcmp(mien_value_text(mien_value_get(m, "name")), metric) == 0) {
            found = mien_value_number(mien_value_get(m, "value"), NAN);
        }
    }
    if (strcmp(metric, "pooled") == 0) {
        found = mien_value_number(
            mien_value_get(mien_value_get(results, "pooled"), "accuracy"), NAN);
    }
    mien_value_free(&results);
    return found;
}

/* r² at best: rho² = .81 for the pupil, less what seven steps take. */
static void the_pupil_tells_what_is_planted_and_nothing_else(void **state) {
    (void)state;
    static const char lines[] =
        SERIES "targets: [arousal]\nepochs: 40\nfolds: {k: 3, by: person}\n";
    char *told = synth("told", 0.9), *mute = synth("mute", 0);
    double r = train_lines("told-run", told, lines, "r");
    double nothing = train_lines("mute-run", mute, lines, "r");
    print_message(
        "r %.3f of a pupil that tells, %.3f of one that does not\n", r, nothing);
    assert_true(r > 0.55);
    assert_true(fabs(nothing) < 0.35); /* 192 rows: 2 standard errors are .15 */
    mien_free(mute);
    mien_free(told);
}

static void every_kind_trains_beside_the_others(void **state) {
    (void)state;
    static const char lines[] =
        "inputs:\n"
        "  body: {kind: series, column: series, optional: true, follows: scene, "
        "validity: true}\n"
        "  path: {kind: scanpath, column: scanpath, optional: true, follows: scene, "
        "size: 48}\n"
        "  order: {kind: number, standardise: true}\n"
        "  scene: {kind: picture, column: image, fit: squash, height: 32, width: 32}\n"
        "branches:\n"
        "  body: [{cnn_lstm: {channels: 4, hidden: 4, width: 3}}]\n"
        "  path: [{cnn: {channels: 2 3, norm: 2, width: 3}}]\n"
        "  order: [{hidden: {layers: 2}}]\n"
        "  scene: [{cnn: {channels: 2 3, norm: 0, width: 3}}]\n"
        "fusion: {name: concat}\n"
        "head: {layers: 8}\n"
        "sensor-dropout: 0.3\n"
        "augment: \"flip; rotate 20\"\n"
        "targets: [arousal, valence]\n"
        "classes: [arousal, valence]\n"
        "loss: {classes: {name: focal}}\n"
        "class-weights: {rule: drawn}\n"
        "sampler: {name: shuffled}\n"
        "judging: training\n"
        "epochs: 2\n"
        "folds: {rule: names, by: stimulus, hold-out: 4, seed: 42}\n";
    char *folder = synth("all", 0.5);
    double pooled = train_lines("all-run", folder, lines, "pooled");
    assert_true(pooled >= 0 && pooled <= 1);
    mien_free(folder);
}

static void what_cannot_be_is_refused_with_a_sentence(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {SERIES "targets: [arousal]\nclasses: [mood]\n", "mood"},
        {"inputs:\n  body: {kind: series, column: series}\n", "no rows of values"},
        {"inputs:\n  body: {kind: series, column: series, sensors: nose}\n"
         "branches:\n  body: [cnn_lstm]\n",
            "nose"},
        {"inputs:\n  body: {kind: series, column: series}\nbranches:\n  body: [cnn]\n",
            "cnn reads pictures"},
        {"inputs:\n  body: {kind: series, column: series, follows: scene}\n"
         "branches:\n  body: [cnn_lstm]\n",
            "no input is called scene"},
        {"inputs:\n"
         "  body: {kind: series, column: series, follows: scene}\n"
         "  scene: {kind: picture, column: image, fit: short}\n"
         "branches:\n  body: [cnn_lstm]\n",
            "not squashed"},
    };
    char *folder = synth("refused", 0.5);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char yaml[2048];
        mien_study *study = NULL;
        mien_train_options o = options_of();
        snprintf(yaml, sizeof yaml, STUDY "%s", folder, bad[i][0]);
        mien_status status = mien_study_open(
            support_write("bad.yaml", yaml, strlen(yaml)), NULL, 0, &study);
        status =
            status == MIEN_OK ? mien_train(study, run_path("bad-run"), &o) : status;
        assert_true(status != MIEN_OK);
        if (!strstr(mien_error(), bad[i][1])) {
            fail_msg("%s", mien_error());
        }
        mien_study_close(&study);
    }
    mien_free(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pupil_tells_what_is_planted_and_nothing_else),
        cmocka_unit_test(every_kind_trains_beside_the_others),
        cmocka_unit_test(what_cannot_be_is_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
