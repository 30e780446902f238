/* SPDX-License-Identifier: MIT */
/* Recipes of networks: what is read of a study, and what each mistake is told as. */
#include "train/pictures.h"
#include "train/trainers/trainer.h"

static void every_key_has_its_default(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(pictures_study(NULL, 0, &s));
    const mien_recipe *r = &s->recipe;
    assert_true(s->trainer->can & MIEN_TRAINS_BY_STEPS);
    assert_int_equal(r->what_count, 1);
    assert_string_equal(r->what[0], "head");
    assert_string_equal(r->numbers->name, "mse");
    assert_string_equal(r->classes->name, "cross_entropy");
    assert_string_equal(r->optim->name, "adamw");
    assert_string_equal(r->schedule->name, "constant");
    assert_string_equal(mien_sampler_name(r->sampler), "shuffled");
    assert_int_equal(r->folds, MIEN_FOLDS_GROUPS);
    assert_int_equal(r->validation, MIEN_VALIDATION_NONE);
    const mien_architecture *a = &r->architecture;
    assert_non_null(strstr(a->head.settings, "layers=;"));
    assert_int_equal(a->inputs[0].shape.size[1], 32);
    assert_null(r->augment);
    mien_study_close(&s);
}

static void values_reach_their_places(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(pictures_study(
        PICTURES_SET("train.what=head;features.18.*",
            "train.rates=features.* = 0.1;head.*=2", "train.decays=*.bias = 0",
            "head.layers=27;9", "head.activation=elu", "head.dropout=0.3",
            "head.hidden-dropout=0.2", "head.grid=2", "loss.numbers.name=huber",
            "loss.numbers.delta=0.5", "loss.weights=1;0.25", "optimiser.name=sgd",
            "optimiser.momentum=0.8", "schedule.name=multiplier",
            "schedule.factors=1;0.5,0.25", "augment=flip; rotate 10", "folds.by=none",
            "validation.rule=rows"),
        &s));
    const mien_recipe *r = &s->recipe;
    assert_int_equal(r->what_count, 2);
    assert_string_equal(r->rate[0].pattern, "features.*");
    assert_near(r->rate[0].factor, 0.1, 0);
    assert_string_equal(r->rate[1].pattern, "head.*");
    assert_near(r->rate[1].factor, 2, 0);
    const mien_architecture *a = &r->architecture;
    assert_string_equal(a->head.settings,
        "layers=27 9; activation=elu; dropout=0.2; batch-norm=false; "
        "read-activation=none; read-dropout=0.3");
    assert_non_null(strstr(a->branches[0].stage[0].settings, "grid=2;"));
    assert_near(mien_options_number(r->given[MIEN_RECIPE_NUMBERS], "delta"), 0.5, 0);
    assert_near(
        mien_options_number(r->given[MIEN_RECIPE_OPTIMISER], "momentum"), 0.8, 0);
    assert_string_equal(
        mien_options_text(r->given[MIEN_RECIPE_SCHEDULE], "factors"), "1\n0.5,0.25");
    assert_int_equal(r->loss_weights, 2);
    assert_near(r->loss_weight[1], 0.25, 0);
    assert_int_equal(mien_augment_count(r->augment), 2);
    assert_int_equal(r->folds, MIEN_FOLDS_ROWS);
    assert_int_equal(r->validation, MIEN_VALIDATION_ROWS);
    mien_study_close(&s);
}

/* A stage that is no more than its name is the backbone of the key, whose preprocessing
 * the pictures get. */
static void a_bare_backbone_is_that_of_the_key(void **state) {
    (void)state;
    const char text[] = PICTURES_STUDY "inputs: {image: {kind: picture}}\n"
                                       "branches: {image: [backbone]}\n"
                                       "fusion: {name: single}\n";
    const char *set[] = {"backbone.name=resnet18"};
    mien_study *s = NULL;
    assert_good(
        mien_study_open(support_write("bare.yaml", text, sizeof text - 1), set, 1, &s));
    assert_non_null(
        strstr(s->recipe.architecture.branches[0].stage[0].settings, "name=resnet18;"));
    mien_study_close(&s);
}

/* The line of the file is the study's ninth. */
static void refused(const char *line, const char *const *parts) {
    mien_study *s = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s%s\n", PICTURES_STUDY, line);
    char path[4096];
    snprintf(
        path, sizeof path, "%s", support_write("bad.yaml", text.text, text.length));
    mien_string_clear(&text);
    assert_fails(mien_study_open(path, NULL, 0, &s), MIEN_EFORMAT, "");
    assert_null(s);
    for (; *parts; parts++) {
        if (!strstr(mien_error(), *parts)) {
            fail_msg("\"%s\" is not in \"%s\"", *parts, mien_error());
        }
    }
}
#define REFUSED(line, ...) refused(line, (const char *const[]){__VA_ARGS__, NULL})

static void mistakes_are_told_with_line_key_and_what_is_allowed(void **state) {
    (void)state;
    REFUSED("loss: {numbers: {name: msee}}", "bad.yaml:10", "loss.numbers.name", "mse");
    REFUSED("loss: {numbers: {name: focal}}", "bad.yaml:10", "a loss of classes");
    REFUSED("loss: {classes: {name: focal, gama: 2}}", "bad.yaml:10", "gama",
        "did you mean \"gamma\"");
    REFUSED("loss: {classes: {smoothing: much}}", "bad.yaml:10", "smoothing", "much",
        "a number");
    REFUSED("schedule: {name: cosin}", "bad.yaml:10", "schedule.name", "cosine");
    REFUSED("schedule: {warmup: -1}", "bad.yaml:10", "schedule.warmup", "0 to");
    REFUSED("sampler: {name: fair}", "bad.yaml:10", "sampler.name", "shuffled");
    REFUSED("head: {layers: [0]}", "bad.yaml:10", "head.layers", "whole numbers");
    REFUSED("head: {layer: features.99}", "bad.yaml:10", "head.layer");
    REFUSED("head: {activation: swish}", "bad.yaml:10", "head.activation", "nearest");
    REFUSED("train: {rates: [features]}", "bad.yaml:10", "PATTERN = FACTOR");
    REFUSED("augment: [flipp]", "bad.yaml:10", "flip");
    REFUSED("validation: {share: 2}", "bad.yaml:10", "validation.share", "0.999");
    REFUSED("stopping: {patience: 3}", "bad.yaml:10", "validation.rule");
    REFUSED("class-weights: {rule: given}", "class-weights.values");
    REFUSED("class-weights: {values: [1, 2]}", "bad.yaml:10", "class-weights.rule");
    REFUSED("checkpoint: {epochs: 0, every: 0}", "bad.yaml:10", "ever be saved");
    REFUSED("backbone: {mirror: true}", "bad.yaml:10", "method: readout");
}

static void keys_of_a_network_are_no_keys_of_a_readout(void **state) {
    (void)state;
    mien_study *s = NULL;
    static const char *const cases[] = {"epochs: 3", "optimiser: {momentum: 0.9}",
        "stopping: {patience: 3}", "seed: 1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256], path[4096];
        snprintf(text, sizeof text, "trials: t.tsv\n%s\n", cases[i]);
        snprintf(
            path, sizeof path, "%s", support_write("bad.yaml", text, strlen(text)));
        assert_fails(
            mien_study_open(path, NULL, 0, &s), MIEN_EFORMAT, "method: network");
    }
}

static void what_is_written_reads_back_the_same(void **state) {
    (void)state;
    mien_study *s = NULL, *again = NULL;
    mien_string first, second;
    char path[4096];
    mien_string_init(&first);
    mien_string_init(&second);
    assert_good(pictures_study(
        PICTURES_SET("loss.classes.name=focal", "loss.classes.gamma=1",
            "schedule.name=multiplier", "schedule.factors=1;0.5", "augment=flip; noise",
            "train.rates=features.* = 0.1", "head.layers=4"),
        &s));
    assert_good(mien_study_write(s, &first));
    snprintf(
        path, sizeof path, "%s", support_write("out.yaml", first.text, first.length));
    assert_good(mien_study_open(path, NULL, 0, &again));
    assert_good(mien_study_write(again, &second));
    assert_string_equal(first.text, second.text);
    mien_string_clear(&first);
    mien_string_clear(&second);
    mien_study_close(&s);
    mien_study_close(&again);
}

static void a_failed_allocation_is_told(void **state) {
    (void)state;
    const char *const set[] = {"train.rates=features.* = 0.1", "head.layers=4",
        "augment=flip", "loss.classes.name=focal", "loss.classes.gamma=1"};
    mien_study *s = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s",
        support_write("study.yaml", PICTURES_STUDY, strlen(PICTURES_STUDY)));
    mien_status status = MIEN_ENOMEM;
    for (uint64_t n = 1; status != MIEN_OK; n++) {
        mien_alloc_fail_at(n);
        status = mien_study_open(path, set, 5, &s);
        mien_alloc_fail_at(0);
        assert_true(status == MIEN_OK || status == MIEN_ENOMEM);
        assert_true(n < 100000);
    }
    mien_study_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_has_its_default),
        cmocka_unit_test(values_reach_their_places),
        cmocka_unit_test(a_bare_backbone_is_that_of_the_key),
        cmocka_unit_test(mistakes_are_told_with_line_key_and_what_is_allowed),
        cmocka_unit_test(keys_of_a_network_are_no_keys_of_a_readout),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(a_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
