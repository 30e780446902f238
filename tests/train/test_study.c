/* SPDX-License-Identifier: MIT */
/* Studies: what is read, and what each mistake is told as. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/study/study.h"

static const char *write_yaml(const char *text) {
    return support_write("study.yaml", text, strlen(text));
}

/* The study must be refused with a text that holds each of the parts (NULL-ended). */
static void assert_refused(const char *yaml, const char *const *parts) {
    mien_study *study = NULL;
    assert_fails(mien_study_open(write_yaml(yaml), NULL, 0, &study), MIEN_EFORMAT, "");
    assert_null(study);
    for (; *parts; parts++) {
        if (!strstr(mien_error(), *parts)) {
            fail_msg("\"%s\" is not in \"%s\"", *parts, mien_error());
        }
    }
}
#define REFUSED(yaml, ...)                                                             \
    assert_refused(yaml, (const char *const[]){__VA_ARGS__, NULL})

static void every_key_has_its_default(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(mien_study_open(write_yaml("trials: t.tsv\n"), NULL, 0, &s));
    assert_string_equal(mien_options_text(s->options, "name"), "study");
    assert_string_equal(s->backbone->name, "mobilenet_v2");
    assert_int_equal(s->targets_count, 0);
    assert_int_equal(s->layers_count, 1);
    assert_string_equal(s->layers[0], "pool");
    assert_int_equal(s->gammas_count, 1);
    assert_near(s->gammas[0], 0, 0);
    assert_int_equal(s->lambdas_count, 13);
    assert_near(s->lambdas[0], 1e-4, 1e-18);
    assert_near(s->lambdas[12], 100, 1e-12);
    assert_near(s->lambdas[1] / s->lambdas[0], sqrt(10), 1e-12);
    assert_int_equal(s->preprocess.crop_height, 224);
    assert_int_equal(s->preprocess.size, 256);
    mien_study_close(&s);
    assert_null(s);
}

static void trials_are_found_beside_the_study(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(mien_study_open(write_yaml("trials: sub/t.tsv\n"), NULL, 0, &s));
    assert_string_equal(s->trials, support_temp_path("sub/t.tsv"));
    mien_study_close(&s);
    assert_good(mien_study_open(write_yaml("trials: /data/t.tsv\n"), NULL, 0, &s));
    assert_string_equal(s->trials, "/data/t.tsv");
    mien_study_close(&s);
}

static void values_reach_their_places(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(mien_study_open(
        write_yaml("name: mine\n"
                   "trials: t.tsv\n"
                   "targets: [valence, arousal]\n"
                   "backbone: {name: resnet18, mirror: yes}\n"
                   "picture: {fit: squash, height: 96, width: 128, resize: bicubic}\n"
                   "readout:\n"
                   "  layers:\n"
                   "    - pool\n"
                   "    - \" layer3,  pool \"\n"
                   "  gamma: [0, 2.5]\n"
                   "  combine: stack\n"
                   "  lambda: {smallest: 1, largest: 4, steps: 3}\n"
                   "folds: {k: 5, by: none, seed: 4294967295}\n"),
        NULL, 0, &s));
    assert_string_equal(s->targets[1], "arousal");
    assert_string_equal(s->backbone->name, "resnet18");
    assert_true(mien_options_flag(s->options, "backbone.mirror"));
    assert_int_equal(s->preprocess.fit, MIEN_FIT_SQUASH);
    assert_int_equal(s->preprocess.crop_width, 128);
    assert_int_equal(s->preprocess.resize, MIEN_RESIZE_BICUBIC);
    assert_int_equal(s->layers_count, 2);
    assert_string_equal(s->layers[1], "layer3,  pool");
    assert_near(s->gammas[1], 2.5, 0);
    assert_int_equal(s->lambdas_count, 3);
    assert_near(s->lambdas[1], 2, 1e-15);
    assert_int_equal(mien_options_int(s->options, "folds.seed"), 4294967295);
    mien_study_close(&s);
}

static void pictures_are_as_the_backbone_was_trained_unless_told(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *resize, *fit_text;
        mien_picture_fit fit;
        int size, height, width;
    } cases[] = {
        {"trials: t.tsv\n", "bilinear", "short", MIEN_FIT_SHORT, 256, 224, 224},
        {"trials: t.tsv\nbackbone: {name: keras_vgg16}\n", "nearest", "squash",
            MIEN_FIT_SQUASH, 256, 224, 224},
        {"trials: t.tsv\nbackbone: {name: keras_vgg16}\npicture: {height: 96}\n",
            "nearest", "squash", MIEN_FIT_SQUASH, 256, 96, 224},
        {"trials: t.tsv\nbackbone: {name: keras_vgg16}\n"
         "picture: {fit: short, resize: bicubic}\n",
            "bicubic", "short", MIEN_FIT_SHORT, 256, 224, 224},
        {"trials: t.tsv\nbackbone: {name: resnet18}\npicture: {fit: pad}\n", "bilinear",
            "pad", MIEN_FIT_PAD, 256, 224, 224},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *s = NULL;
        assert_good(mien_study_open(write_yaml(cases[i].yaml), NULL, 0, &s));
        assert_int_equal(s->preprocess.fit, cases[i].fit);
        assert_int_equal(s->preprocess.size, cases[i].size);
        assert_int_equal(s->preprocess.crop_height, cases[i].height);
        assert_int_equal(s->preprocess.crop_width, cases[i].width);
        assert_string_equal(mien_resize_name(s->preprocess.resize), cases[i].resize);
        /* as --print writes them */
        assert_string_equal(
            mien_options_text(s->options, "picture.fit"), cases[i].fit_text);
        assert_string_equal(
            mien_options_text(s->options, "picture.resize"), cases[i].resize);
        mien_study_close(&s);
    }
}

static void an_unknown_key_is_told_with_its_line_and_the_nearest(void **state) {
    (void)state;
    REFUSED("trials: t.tsv\nreadout:\n  lambda:\n    larges: 3\n", "study.yaml:4",
        "readout.lambda.larges", "did you mean \"readout.lambda.largest\"");
    REFUSED("trial: t.tsv\n", "study.yaml:1", "\"trial\"", "\"trials\"");
    REFUSED("trials: t.tsv\nfold: {k: 3}\n", "study.yaml:2", "fold.k", "folds.k");
    REFUSED("trials: t.tsv\nnonsense_of_a_long_name: 1\n", "study.yaml:2",
        "the nearest are ", "`mien study --keys` lists all");
    REFUSED("trials: t.tsv\nlearning_rate: 1\n", "study.yaml:2", "\"optimiser.rate\"",
        "`mien study --keys` lists all");
}

static void an_unknown_key_with_nothing_behind_it_is_told_too(void **state) {
    (void)state;
    REFUSED("trials: t.tsv\nspeed:\n", "study.yaml:2", "\"speed\"");
    REFUSED("trials: t.tsv\nspeed: {}\n", "study.yaml:2", "\"speed\"");
    REFUSED("trials: t.tsv\nspeed: []\n", "study.yaml:2", "\"speed\"");
    REFUSED("trials: t.tsv\nfolds: 3\n", "study.yaml:2", "folds: is a map");
    REFUSED("trials: {a: b}\n", "study.yaml:1", "\"trials.a\"");
    mien_study *s = NULL; /* a section that is there but empty is no mistake */
    assert_good(mien_study_open(
        write_yaml("trials: t.tsv\nfolds:\npicture: {}\nname:\n"), NULL, 0, &s));
    mien_study_close(&s);
}

static void a_wrong_type_is_told_with_what_is_allowed(void **state) {
    (void)state;
    REFUSED("trials: t.tsv\nfolds:\n  k: ten\n", "study.yaml:3", "folds.k", "\"ten\"",
        "a whole number");
    REFUSED("trials: t.tsv\nfolds: {k: 2.5}\n", "study.yaml:2", "a whole number");
    REFUSED("trials: t.tsv\nfolds: {k: true}\n", "study.yaml:2", "a whole number");
    REFUSED("trials: t.tsv\nreadout: {lambda: {smallest: low}}\n", "study.yaml:2",
        "a number");
    REFUSED("trials: t.tsv\nbackbone: {mirror: perhaps}\n", "study.yaml:2",
        "backbone.mirror", "true or false");
    REFUSED("trials: t.tsv\npicture: {fit: shrt}\n", "study.yaml:2", "picture.fit",
        "short, squash, pad", "did you mean \"short\"");
    REFUSED("trials: t.tsv\nreadout:\n  gamma: [0, much]\n", "study.yaml:3",
        "readout.gamma", "\"much\"", "0 to 100");
}

static void a_value_out_of_range_is_told_with_the_range(void **state) {
    (void)state;
    REFUSED("trials: t.tsv\nfolds: {k: 1}\n", "study.yaml:2", "folds.k", "2 to 10000");
    REFUSED("trials: t.tsv\npicture: {height: 4}\n", "32 to 2048");
    REFUSED("trials: t.tsv\nbootstrap: {level: 1}\n", "0.5 to 0.999");
    REFUSED("trials: t.tsv\nreadout: {lambda: {steps: 65}}\n", "1 to 64");
    REFUSED(
        "trials: t.tsv\n\nreadout:\n  gamma: -1\n", "study.yaml:4", "readout.gamma");
    REFUSED("trials: t.tsv\nreadout: {gamma: 101}\n", "0 to 100");
    REFUSED("trials: t.tsv\nreadout: {gamma: .nan}\n", "readout.gamma");
    REFUSED("trials: t.tsv\nreadout:\n  lambda:\n    smallest: 3\n    largest: 2\n",
        "study.yaml:5", "readout.lambda.largest", "below", "smallest, 3");
    REFUSED("trials: t.tsv\npicture: {fit: short, size: 100}\n", "study.yaml:2",
        "picture.size", "black border");
}

static void one_value_and_lists_are_told_apart(void **state) {
    (void)state;
    REFUSED("trials: t.tsv\nfolds:\n  k: [3, 4]\n", "study.yaml:3", "folds.k",
        "one value is wanted, not a list");
    REFUSED("trials: [a.tsv]\n", "study.yaml:1", "trials", "not a list");
    REFUSED("trials: t.tsv\nreadout:\n  layers:\n    - [pool]\n", "readout.layers",
        "a single value is wanted");
    REFUSED("trials: t.tsv\nreadout:\n  layers: [a: b]\n", "readout.layers",
        "a single value");
}

static void empty_and_repeated_items_are_told(void **state) {
    (void)state;
    REFUSED("trials: t.tsv\nreadout: {layers: []}\n", "study.yaml:2", "readout.layers",
        "empty list");
    REFUSED("trials: t.tsv\nreadout: {layers: [pool, \"\"]}\n", "study.yaml:2",
        "an empty item");
    REFUSED("trials: t.tsv\nreadout: {layers: [pool, null]}\n", "study.yaml:2",
        "an empty item");
    REFUSED("trials: t.tsv\ntargets: [valence, valence]\n", "study.yaml:2", "targets",
        "\"valence\" stands there twice");
    REFUSED("trials: t.tsv\nreadout: {gamma: [1, 2, 1]}\n", "readout.gamma", "twice");
    REFUSED(
        "trials: t.tsv\nreadout: {layers: [pool, pool]}\n", "readout.layers", "twice");
}

static void more_items_than_there_is_room_for_are_told(void **state) {
    (void)state;
    char yaml[1024] = "trials: t.tsv\nreadout:\n  layers:\n";
    for (int i = 0; i <= MIEN_STUDY_LAYERS_MAX; i++) {
        snprintf(yaml + strlen(yaml), sizeof yaml - strlen(yaml), "    - l%d\n", i);
    }
    REFUSED(yaml, "readout.layers", "more than 16");
}

static void what_must_be_there_is_told(void **state) {
    (void)state;
    REFUSED("name: x\n", "study.yaml", "\"trials\" is missing");
    REFUSED("trials: \"\"\n", "\"trials\" is missing");
    REFUSED("trials: t.tsv\n\nbackbone:\n  name: mobilenet\n", "study.yaml:4",
        "backbone.name", "mobilenet_v2");
}

static void what_is_no_study_is_told(void **state) {
    (void)state;
    mien_study *s = NULL;
    REFUSED("- a\n- b\n", "a map of keys");
    REFUSED("", "study.yaml");
    REFUSED("trials: t.tsv\nname: [\n", "study.yaml:");
    REFUSED("trials: a.tsv\ntrials: b.tsv\n", "study.yaml:2", "trials");
    assert_fails(mien_study_open(support_temp_path("none.yaml"), NULL, 0, &s), MIEN_EIO,
        "none.yaml");
}

static void a_text_longer_than_the_contract_holds_is_told(void **state) {
    (void)state;
    char yaml[400];
    snprintf(yaml, sizeof yaml, "trials: t.tsv\nmodel:\n  citation: x%0255d\n", 0);
    REFUSED(yaml, "model.citation", "longer than 255 bytes");
    snprintf(yaml, sizeof yaml, "trials: t.tsv\nmodel:\n  licence: x%063d\n", 0);
    REFUSED(yaml, "model.licence", "longer than 63 bytes");
}

static void overrides_replace_what_the_file_says(void **state) {
    (void)state;
    mien_study *s = NULL;
    const char *const set[] = {"folds.k=5", "readout.layers=pool;features.17, pool",
        "readout.gamma=1;2;3", "name=a=b", "targets="};
    assert_good(mien_study_open(write_yaml("trials: t.tsv\nfolds: {k: 7}\n"
                                           "readout: {layers: [classifier.1]}\n"
                                           "targets: [valence]\n"),
        set, 5, &s));
    assert_int_equal(mien_options_int(s->options, "folds.k"), 5);
    assert_int_equal(s->layers_count, 2);
    assert_string_equal(s->layers[0], "pool");
    assert_int_equal(s->gammas_count, 3);
    assert_string_equal(mien_options_text(s->options, "name"), "a=b");
    assert_int_equal(s->targets_count, 0);
    mien_study_close(&s);
}

static void a_bad_override_is_the_callers_mistake(void **state) {
    (void)state;
    const struct {
        const char *set, *part;
        mien_status status;
    } cases[] = {
        {"folds.k", "--set folds.k: not of the form key=value", MIEN_EINVAL},
        {"fold.k=3", "did you mean \"folds.k\"", MIEN_EINVAL},
        {"folds.k=x", "--set: folds.k", MIEN_EINVAL},
        {"folds.k=1", "2 to 10000", MIEN_EINVAL},
        {"=3", "unknown key", MIEN_EINVAL},
        {"readout.layers=", "--set: readout.layers: at least one", MIEN_EFORMAT},
        {"readout.gamma=a", "--set: readout.gamma", MIEN_EFORMAT},
    };
    const char *path = write_yaml("trials: t.tsv\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *s = NULL;
        assert_fails(mien_study_open(path, &cases[i].set, 1, &s), cases[i].status,
            cases[i].part);
        assert_null(s);
    }
}

static void a_study_written_and_read_back_is_the_same(void **state) {
    (void)state;
    static const char *const studies[] = {"trials: t.tsv\n",
        "name: \"yes: [no] # x\"\n"
        "trials: \" t .tsv\"\n"
        "targets: [valence, \"1\"]\n"
        "readout: {layers: [pool, \"a, b\"], gamma: [0, 0.1, 2], combine: stack}\n"
        "backbone: {mirror: true}\n"
        "folds: {k: 3, by: \"null\"}\n"
        "model: {citation: \"a \\\"b\\\" c — d\"}\n"};
    for (int i = 0; i < 2; i++) {
        mien_study *first = NULL, *second = NULL;
        mien_string once, twice;
        mien_string_init(&once);
        mien_string_init(&twice);
        assert_good(mien_study_open(write_yaml(studies[i]), NULL, 0, &first));
        assert_good(mien_study_write(first, &once));
        assert_good(mien_study_open(write_yaml(once.text), NULL, 0, &second));
        assert_good(mien_study_write(second, &twice));
        assert_string_equal(once.text, twice.text);
        for (const mien_option *key = mien_study_keys; key->name; key++) {
            const char *a = mien_options_text(first->options, key->name);
            const char *b = mien_options_text(second->options, key->name);
            if (a || b) {
                assert_non_null(a);
                assert_non_null(b);
                assert_string_equal(a, b);
            }
        }
        mien_string_clear(&once);
        mien_string_clear(&twice);
        mien_study_close(&first);
        mien_study_close(&second);
    }
}

static void every_key_is_explained_and_has_a_line(void **state) {
    (void)state;
    int count = 0;
    for (const mien_option *key = mien_study_keys; key->name; key++, count++) {
        assert_non_null(key->help);
        assert_true(strlen(key->help) > 0);
    }
    assert_true(count <= MIEN_STUDY_KEYS_MAX);
}

static void the_study_we_ship_is_good(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(mien_study_open(support_source("studies/oasis.yaml"), NULL, 0, &s));
    mien_study_close(&s);
}

static mien_status open_and_write(void *context) {
    const char *const set[] = {"readout.gamma=1;2"};
    mien_study *s = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_study_open(context, set, 1, &s);
    if (status == MIEN_OK) {
        status = mien_study_write(s, &text);
    }
    mien_string_clear(&text);
    mien_study_close(&s);
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s",
        write_yaml("trials: t.tsv\nreadout: {layers: [pool, a]}\nfolds: {k: 4}\n"));
    support_each_allocation_fails(open_and_write, path, 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_has_its_default),
        cmocka_unit_test(trials_are_found_beside_the_study),
        cmocka_unit_test(values_reach_their_places),
        cmocka_unit_test(pictures_are_as_the_backbone_was_trained_unless_told),
        cmocka_unit_test(an_unknown_key_is_told_with_its_line_and_the_nearest),
        cmocka_unit_test(an_unknown_key_with_nothing_behind_it_is_told_too),
        cmocka_unit_test(a_wrong_type_is_told_with_what_is_allowed),
        cmocka_unit_test(a_value_out_of_range_is_told_with_the_range),
        cmocka_unit_test(one_value_and_lists_are_told_apart),
        cmocka_unit_test(empty_and_repeated_items_are_told),
        cmocka_unit_test(more_items_than_there_is_room_for_are_told),
        cmocka_unit_test(what_must_be_there_is_told),
        cmocka_unit_test(what_is_no_study_is_told),
        cmocka_unit_test(a_text_longer_than_the_contract_holds_is_told),
        cmocka_unit_test(overrides_replace_what_the_file_says),
        cmocka_unit_test(a_bad_override_is_the_callers_mistake),
        cmocka_unit_test(a_study_written_and_read_back_is_the_same),
        cmocka_unit_test(every_key_is_explained_and_has_a_line),
        cmocka_unit_test(the_study_we_ship_is_good),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
