/* SPDX-License-Identifier: MIT */
/* Studies on features: what is read, what each mistake is told as. */
#include "train/films.h"

static void keys_reach_their_places(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(films_study(
        FILMS_SET("model.name=temporal_aan", "context.before=3", "context.after=1",
            "modality-dropout=0.2", "smoothing.rule=mean", "smoothing.candidates=1;5"),
        &s));
    const mien_architecture *d = &s->recipe.architecture;
    assert_true(s->preset);
    assert_int_equal(s->inputs_count, 2);
    assert_string_equal(d->inputs[0].name, "sound");
    assert_string_equal(d->inputs[1].name, "sight");
    assert_string_equal(d->preset.kind, "temporal_aan");
    assert_non_null(strstr(d->preset.settings, "width=4"));
    assert_int_equal(d->context_before, 3);
    assert_int_equal(d->context_after, 1);
    assert_true(mien_architecture_masked(d));
    assert_int_equal(s->smoothing, MIEN_SMOOTHING_MEAN);
    assert_int_equal(s->smooth_count, 2);
    assert_near(s->smooth[1], 5, 0);
    mien_study_close(&s);
}

static void every_default_is_written_and_reads_back(void **state) {
    (void)state;
    for (int k = 0; k < 3; k++) {
        const char *const set[] = {k == 0   ? "smoothing.rule=none"
                                   : k == 1 ? "smoothing.rule=mean"
                                            : "smoothing.rule=butterworth"};
        mien_study *first = NULL, *second = NULL;
        mien_string once, twice;
        mien_string_init(&once);
        mien_string_init(&twice);
        assert_good(films_study(set, 1, &first));
        assert_good(mien_study_write(first, &once));
        assert_non_null(strstr(once.text, "dropout: 0.1"));
        assert_non_null(strstr(once.text, "standardise: true"));
        assert_non_null(strstr(once.text, "modality-dropout: 0"));
        assert_null(strstr(once.text, "backbone"));
        assert_null(strstr(once.text, "head:"));
        assert_null(strstr(once.text, "picture"));
        char path[4096];
        snprintf(path, sizeof path, "%s",
            support_write("again.yaml", once.text, once.length));
        assert_good(mien_study_open(path, NULL, 0, &second));
        assert_good(mien_study_write(second, &twice));
        assert_string_equal(once.text, twice.text);
        mien_string_clear(&once);
        mien_string_clear(&twice);
        mien_study_close(&first);
        mien_study_close(&second);
    }
}

static void what_cannot_be_is_told_with_its_place(void **state) {
    (void)state;
    const struct {
        const char *set, *part;
        mien_status status;
    } cases[] = {
        {"inputs=sound;sound", "stands there twice", MIEN_EFORMAT},
        {"inputs=sound;mask", "\"mask\" is no name", MIEN_EFORMAT},
        {"inputs=so und", "is no name of an input", MIEN_EFORMAT},
        {"model.name=aam", "aan", MIEN_EFORMAT},
        {"model.widht=4", "did you mean \"width\"", MIEN_EINVAL},
        {"model.heads=3", "model.name", MIEN_EFORMAT},
        {"context.before=2", "looks at one row at a time", MIEN_EFORMAT},
        {"smoothing.candidates=3", "only with a smoothing.rule", MIEN_EFORMAT},
        {"head.layers=3", "only of studies on pictures", MIEN_EFORMAT},
        {"fusion.width=3", "fusion.width", MIEN_EINVAL},
        {"backbone.name=vgg16", "only of studies on pictures", MIEN_EFORMAT},
        {"readout.combine=best", "only with method: readout", MIEN_EFORMAT},
        {"standardize=true", "did you mean \"standardise\"", MIEN_EINVAL},
        {"method=readout", "only with method: network", MIEN_EFORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *s = NULL;
        assert_fails(films_study(&cases[i].set, 1, &s), cases[i].status, cases[i].part);
        assert_null(s);
    }
}

static void lines_of_the_file_are_named(void **state) {
    (void)state;
    const struct {
        const char *text, *part;
    } cases[] = {
        {"trials: t.tsv\nmethod: network\nmodality-dropout: 0.1\n",
            ":3: modality-dropout: only of studies with the key inputs"},
        {"trials: t.tsv\nmethod: network\nmodel: {width: 8}\n", "model.width"},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nhead: {layers: [3]}\n",
            ":4: head.layers: only of studies on pictures"},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nmodel: {name: aan,\n  depth: "
         "2}\n",
            ":5: model: "},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nsmoothing: {rule: mean,\n"
         "  candidates: [4]}\n",
            ":5: smoothing.candidates: \"4\" is neither 0 nor an odd number"},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nsmoothing: {rule: "
         "butterworth,\n  candidates: [0.1, 1]}\n",
            "a cut-off between 0 and 1"},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nfolds: {by: none}\n"
         "smoothing: {rule: mean}\n",
            "smoothing needs whole groups"},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nvalidation: {rule: rows}\n"
         "smoothing: {rule: mean}\n",
            ":4: validation.rule: smoothing needs whole groups"},
        {"trials: t.tsv\nmethod: network\ninputs: [a]\nloss: {numbers: {name: mixed,\n"
         "  cccc: 2}}\n",
            ":5: loss.numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *s = NULL;
        const char *path =
            support_write("wrong.yaml", cases[i].text, strlen(cases[i].text));
        assert_fails(mien_study_open(path, NULL, 0, &s), MIEN_EFORMAT, cases[i].part);
    }
}

static void the_study_we_ship_is_good(void **state) {
    (void)state;
    mien_study *s = NULL;
    assert_good(mien_study_open(support_source("studies/cognimuse.yaml"), NULL, 0, &s));
    assert_int_equal(s->inputs_count, 5);
    mien_study_close(&s);
}

static mien_status open_and_write(void *context) {
    mien_study *s = NULL;
    mien_string text;
    const char *const set[] = {"smoothing.rule=mean"};
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
    static const char text[] = "trials: t.tsv\nmethod: network\ninputs: [a]\n"
                               "model: {name: mlp}\n";
    char path[4096];
    snprintf(path, sizeof path, "%s", support_write("m.yaml", text, strlen(text)));
    support_each_allocation_fails(open_and_write, path, 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_reach_their_places),
        cmocka_unit_test(every_default_is_written_and_reads_back),
        cmocka_unit_test(what_cannot_be_is_told_with_its_place),
        cmocka_unit_test(lines_of_the_file_are_named),
        cmocka_unit_test(the_study_we_ship_is_good),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
