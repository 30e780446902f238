/* SPDX-License-Identifier: MIT */
/* Whole trainings of a network: what the run folder holds, and that a run which was
 * stopped, however, ends with the same bits. */
#include "train/runs.h"

#include "support/metric.h"

static const char *uninterrupted(void) {
    static char path[4096];
    if (!path[0]) {
        snprintf(path, sizeof path, "%s", support_temp_path("busy"));
        assert_good(train(path, busy, BUSY));
    }
    return path;
}

static void a_run_folder_holds_what_is_promised(void **state) {
    (void)state;
    static const char *const files[] = {"study.yaml", "trials.tsv", "predictions.csv",
        "metrics.csv", "results.json", "model.safetensors", "SHA256SUMS", "log.jsonl",
        "run.json", "fold-0/checkpoint.safetensors", "fold-1/events.out.tfevents.mien",
        "final/checkpoint.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = mien_path_join(uninterrupted(), files[i]);
        if (mien_file_size(path) <= 0) {
            fail_msg("%s is missing", files[i]);
        }
        mien_free(path);
    }
}

static void every_row_is_predicted_once_with_probabilities(void **state) {
    (void)state;
    mien_table *t = table_of(uninterrupted(), "predictions.csv");
    assert_int_equal(mien_table_rows(t), PICTURES_ROWS);
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        static const char *const names[] = {
            "emotion_p_a", "emotion_p_b", "emotion_p_c"};
        double sum = 0, best = -1;
        int chosen = 0;
        for (int k = 0; k < 3; k++) {
            double p = NAN;
            assert_good(mien_table_number(t, i, mien_table_column(t, names[k]), &p));
            sum += p;
            chosen = p > best ? k : chosen;
            best = fmax(best, p);
        }
        const char want[] = {(char)('a' + chosen), 0};
        assert_near(sum, 1, 1e-5);
        assert_string_equal(
            mien_table_cell(t, i, mien_table_column(t, "emotion_prediction")), want);
    }
    mien_table_free(&t);
}

static void every_epoch_of_every_fit_is_in_the_metrics(void **state) {
    (void)state;
    mien_table *t = table_of(uninterrupted(), "metrics.csv");
    assert_int_equal(mien_table_rows(t), 3 * 3);
    for (int64_t i = 0; i < 9; i++) {
        double loss = NAN, validation = NAN;
        assert_good(mien_table_number(t, i, mien_table_column(t, "loss_train"), &loss));
        assert_good(mien_table_number(
            t, i, mien_table_column(t, "loss_validation"), &validation));
        assert_true(isfinite(loss) && isfinite(validation));
    }
    mien_table_free(&t);
}

static int64_t count_right(const mien_table *t) {
    int truth = mien_table_column(t, "emotion_truth");
    int prediction = mien_table_column(t, "emotion_prediction");
    int64_t right = 0;
    for (int64_t i = 0; i < mien_table_rows(t); i++) {
        right += strcmp(mien_table_cell(t, i, truth),
                     mien_table_cell(t, i, prediction)) == 0;
    }
    return right;
}

static void figures_of_the_run_are_those_of_its_predictions(void **state) {
    (void)state;
    mien_value *results = NULL;
    mien_table *t = table_of(uninterrupted(), "predictions.csv");
    char *path = mien_path_join(uninterrupted(), "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    double truth[PICTURES_ROWS], prediction[PICTURES_ROWS], null[PICTURES_ROWS];
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        assert_good(
            mien_table_number(t, i, mien_table_column(t, "valence_truth"), &truth[i]));
        assert_good(mien_table_number(
            t, i, mien_table_column(t, "valence_prediction"), &prediction[i]));
        assert_good(
            mien_table_number(t, i, mien_table_column(t, "valence_null"), &null[i]));
    }
    const mien_value *targets = mien_value_get(results, "targets");
    const mien_value *valence = mien_value_at(targets, 0),
                     *emotion = mien_value_at(targets, 1);
    const mien_value *metrics = mien_value_get(valence, "metrics");
    assert_int_equal(mien_value_count(metrics), mien_metric_usual_count());
    for (int i = 0; i < mien_metric_usual_count(); i++) {
        assert_near(
            mien_value_number(mien_value_get(mien_value_at(metrics, i), "value"), NAN),
            metric_against(mien_metric_at(i), truth, prediction, null, PICTURES_ROWS),
            1e-5);
    }
    const mien_value *accuracy = mien_value_at(mien_value_get(emotion, "metrics"), 0);
    assert_string_equal(mien_value_text(mien_value_get(accuracy, "name")), "accuracy");
    assert_near(mien_value_number(mien_value_get(accuracy, "value"), NAN),
        (double)count_right(t) / PICTURES_ROWS, 1e-12);
    int64_t diagonal = 0, all = 0;
    for (int k = 0; k < PICTURES_CLASSES; k++) {
        const mien_value *row = mien_value_at(mien_value_get(emotion, "confusion"), k);
        for (int p = 0; p < PICTURES_CLASSES; p++) {
            all += mien_value_int(mien_value_at(row, p), -1);
        }
        diagonal += mien_value_int(mien_value_at(row, k), -1);
    }
    assert_int_equal(all, PICTURES_ROWS);
    assert_int_equal(diagonal, count_right(t));
    mien_value_free(&results);
    mien_table_free(&t);
}

static void the_model_opens_and_keeps_its_golden_promise(void **state) {
    (void)state;
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    char *path = mien_path_join(uninterrupted(), "model.safetensors");
    assert_good(mien_model_open(path, &model));
    assert_good(mien_runner_new(model, &o, &runner));
    mien_golden_input golden;
    float image[3 * 32 * 32], got[4];
    const float *const inputs[] = {image};
    assert_int_equal(mien_model_width(model), 4);
    assert_good(mien_model_golden(model, 0, &golden));
    assert_good(mien_preprocess_run(
        mien_model_preprocess(model), golden.item[0], false, image));
    assert_good(mien_runner_run_arrays(runner, inputs, NULL, 1, got, NULL));
    assert_close(got, golden.output, 4, 1e-4, 1e-4);
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_free(path);
}

static void a_run_that_is_killed_at_random_ends_with_the_same_bits(void **state) {
    (void)state;
    uninterrupted();
    mien_random random;
    mien_random_init(&random, (uint32_t)getpid());
    for (int trial = 0; trial < 3; trial++) {
        char name[32];
        snprintf(name, sizeof name, "killed%d", trial);
        const char *run = run_path(name);
        end_after_kills(run, busy, BUSY, &random);
        assert_same_files(uninterrupted(), run);
    }
}

static void an_interrupt_between_any_steps_is_taken_up(void **state) {
    (void)state;
    uninterrupted();
    for (int64_t at = 1; at < 28; at += 9) {
        char name[32];
        mien_study *study = NULL;
        stopper s = {.at = at};
        mien_train_options o = options_of();
        o.progress = stop_at;
        o.context = &s;
        snprintf(name, sizeof name, "stopped%d", (int)at);
        const char *run = run_path(name);
        assert_good(pictures_study(busy, BUSY, &study));
        assert_fails(mien_train(study, run, &o), MIEN_EINTERRUPTED, "mien resume");
        mien_interrupt_clear();
        mien_study_close(&study);
        assert_int_equal(s.seen, at); /* it finished the step and no other */
        assert_good(resume(run));
        assert_same_files(uninterrupted(), run);
    }
}

static void a_head_learns_from_features_that_are_computed_once(void **state) {
    (void)state;
    const char *run = run_path("head");
    assert_good(train(run, small, SMALL));
    mien_table *t = table_of(run, "metrics.csv");
    double first = NAN, last = NAN;
    int loss = mien_table_column(t, "loss_train");
    assert_good(mien_table_number(t, 0, loss, &first));
    assert_good(mien_table_number(t, 149, loss, &last));
    assert_true(last < first / 4);
    mien_table_free(&t);
}

/* As far as sums in another order go: features come from a plan of their own. */
static void cached_features_train_the_same_head(void **state) {
    (void)state;
    const char *cached = run_path("cached"), *whole = run_path("whole");
    const char *set[SMALL + 2];
    memcpy(set, small, sizeof small);
    set[SMALL] = "epochs=4";
    set[SMALL + 1] = "cache.features=false";
    assert_good(train(cached, set, SMALL + 1));
    assert_good(train(whole, set, SMALL + 2));
    mien_table *a = table_of(cached, "predictions.csv"),
               *b = table_of(whole, "predictions.csv");
    int column = mien_table_column(a, "valence_prediction");
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        double x = NAN, y = NAN;
        assert_good(mien_table_number(a, i, column, &x));
        assert_good(mien_table_number(b, i, column, &y));
        assert_near(x, y, 1e-3);
    }
    mien_table_free(&a);
    mien_table_free(&b);
}

static void side_by_side_heads_have_the_same_bits_on_any_threads(void **state) {
    (void)state;
    const char *one = run_path("one"), *two = run_path("two");
    mien_study *study = NULL;
    mien_train_options o = options_of();
    assert_good(train(one, small, SMALL));
    assert_good(pictures_study(small, SMALL, &study));
    o.threads = 2;
    assert_good(mien_train(study, two, &o));
    mien_study_close(&study);
    assert_same_files(one, two);
}

static void a_prescribed_split_gives_one_fold_and_its_model(void **state) {
    (void)state;
    const char *run = run_path("prescribed");
    assert_good(train(run, PICTURES_SET("folds.rule=prescribed", "targets=emotion",
                               "loss.soft=true", "stopping.patience=1", "epochs=30")));
    mien_table *t = table_of(run, "predictions.csv");
    assert_int_equal(mien_table_rows(t), 6);
    mien_table_free(&t);
    char *path = mien_path_join(run, "final");
    assert_false(mien_file_exists(path));
    mien_free(path);
}

static void every_optimiser_sam_and_average_goes_through(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"optimiser.name=adam", "sam.rho=0.05", "average.rule=mean"},
        {"optimiser.name=nadam", "schedule.name=one_cycle", "drop-last=true"},
        {"optimiser.name=adamw", "schedule.name=plateau", "validation.rule=first"},
        {"optimiser.name=sgd", "schedule.name=step", "sampler.name=cap"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        snprintf(name, sizeof name, "through%d", (int)i);
        assert_good(
            train(run_path(name), PICTURES_SET(cases[i][0], cases[i][1], cases[i][2],
                                      "targets=emotion", "train.what=last-block")));
    }
}

static void a_second_process_is_kept_out_of_a_run(void **state) {
    (void)state;
    const char *run = run_path("shared");
    char part[64];
    char *record = mien_path_join(run, "run.json");
    uninterrupted();
    pid_t child = fork();
    if (child == 0) {
        mien_log_set(NULL, NULL);
        const char *set[BUSY + 1];
        memcpy(set, busy, sizeof busy);
        set[BUSY] = "epochs=100000";
        train(run, set, BUSY + 1);
        _exit(0);
    }
    assert_true(child > 0);
    wait_for(record, child);
    snprintf(part, sizeof part, "process %ld is training", (long)child);
    assert_fails(train(run, busy, BUSY), MIEN_EIO, part);
    assert_fails(resume(run), MIEN_EIO, part);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_fails(train(run, busy, BUSY), MIEN_EINVAL, "is not empty");
    mien_free(record);
}

static void a_loss_that_is_no_number_names_the_trials(void **state) {
    (void)state;
    const char *run = run_path("diverged");
    assert_fails(train(run, PICTURES_SET("targets=valence", "optimiser.name=sgd",
                                "optimiser.rate=1000", "head.layers=64;64", "epochs=50",
                                "cache.features=false", "checkpoint.pause=0",
                                "checkpoint.every=0.0001")),
        MIEN_ENUMBER, "epoch");
    assert_non_null(strstr(mien_error(), "step"));
    assert_non_null(strstr(mien_error(), "trials t"));
    assert_non_null(strstr(mien_error(), "last good checkpoint is kept"));
    char *path = mien_path_join(run, "fold-0/checkpoint.safetensors");
    assert_true(mien_file_exists(path));
    mien_free(path);
}

static void what_cannot_be_is_told_before_a_folder_is_made(void **state) {
    (void)state;
    const struct {
        const char *set, *part;
        mien_status status;
    } cases[] = {
        {"batch=500", "less than a batch of 500", MIEN_EFORMAT},
        {"train.what=none.*", "no parameter of the network", MIEN_EFORMAT},
        {"train.rates=featurs.* = 2", "no parameter that is trained", MIEN_EFORMAT},
        {"train.rates=* = 0", "leave nothing to train", MIEN_EFORMAT},
        {"loss.weights=0;0", "nothing would be learnt", MIEN_EFORMAT},
        {"optimiser.rate=0", "rate", MIEN_EFORMAT},
        {"folds.k=30", "folds", MIEN_EFORMAT},
        {"folds.by=theme", "no column \"theme\"", MIEN_ENOTFOUND},
        {"loss.weights=1", "1 weights for 2 targets", MIEN_EFORMAT},
        {"targets=joy", "no target \"joy\"", MIEN_ENOTFOUND},
        {"sampler.by=colour", "neither a target nor a column", MIEN_ENOTFOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *run = run_path("refused");
        const char *const set[] = {cases[i].set,
            strstr(cases[i].set, "sampler") ? "sampler.name=cap" : "epochs=1"};
        assert_fails(train(run, set, 2), cases[i].status, cases[i].part);
        assert_false(mien_file_exists(run));
    }
}

static void an_empty_class_is_told(void **state) {
    (void)state;
    char *text = NULL, *at;
    size_t length = 0;
    assert_good(
        mien_file_read(support_temp_path("trials.tsv"), 1 << 16, &text, &length));
    while ((at = strstr(text, "\tc\t")) != NULL) {
        at[1] = 'a';
    }
    support_write("empty.tsv", text, length);
    mien_free(text);
    assert_good(
        mien_file_read(support_temp_path("trials.json"), 1 << 16, &text, &length));
    support_write("empty.json", text, length);
    mien_free(text);
    assert_fails(train(run_path("empty"), PICTURES_SET("trials=empty.tsv")),
        MIEN_EFORMAT, "no row is of the class \"c\"");
}

static void a_label_outside_its_classes_is_told(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    assert_good(
        mien_file_read(support_temp_path("trials.tsv"), 1 << 16, &text, &length));
    char *at = strstr(strstr(text, "t05"), "\tc\t");
    at[1] = 'z';
    support_write("outside.tsv", text, length);
    mien_free(text);
    assert_good(
        mien_file_read(support_temp_path("trials.json"), 1 << 16, &text, &length));
    support_write("outside.json", text, length);
    mien_free(text);
    const char *run = run_path("outside");
    assert_fails(
        train(run, PICTURES_SET("trials=outside.tsv")), MIEN_EFORMAT, "outside.tsv:7");
    assert_non_null(strstr(mien_error(), "\"z\""));
    assert_non_null(strstr(mien_error(), "emotion"));
    assert_false(mien_file_exists(run));
}

/* An interrupted run, copied for each way in which it may be spoilt. */
static void begin(const char *run) {
    mien_study *study = NULL;
    stopper s = {.at = 12};
    mien_train_options o = options_of();
    o.progress = stop_at;
    o.context = &s;
    assert_good(pictures_study(busy, BUSY, &study));
    assert_fails(mien_train(study, run, &o), MIEN_EINTERRUPTED, "");
    mien_interrupt_clear();
    mien_study_close(&study);
}

static void append(const char *folder, const char *file, const char *text) {
    char *path = mien_path_join(folder, file);
    FILE *f = fopen(path, "ab");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    mien_free(path);
}

static void a_changed_study_is_not_taken_up(void **state) {
    (void)state;
    const char *run = run_path("changed");
    begin(run);
    append(run, "study.yaml", "# a remark\n");
    assert_fails(resume(run), MIEN_EVERIFY, "the study changed");
}

static void changed_data_are_not_taken_up(void **state) {
    (void)state;
    const char *run = run_path("moved");
    pictures_table("other");
    mien_study *study = NULL;
    stopper s = {.at = 3};
    mien_train_options o = options_of();
    o.progress = stop_at;
    o.context = &s;
    assert_good(pictures_study(
        PICTURES_SET("trials=other.tsv", "cache.features=false"), &study));
    assert_fails(mien_train(study, run, &o), MIEN_EINTERRUPTED, "");
    mien_interrupt_clear();
    mien_study_close(&study);
    append(support_temp_path(""), "other.tsv",
        "t99\tg1\tpictures/1.png\t3\ta\t1\t1\t1\ttrain\n");
    assert_fails(resume(run), MIEN_EVERIFY, "the trial table or its sidecar changed");
}

static void changed_weights_are_not_taken_up(void **state) {
    (void)state;
    const char *run = run_path("weights");
    const char *other = support_temp_path("other.safetensors");
    mien_train_options o = mien_train_options_default();
    char *bytes = NULL;
    size_t length = 0;
    begin(run);
    assert_good(mien_file_read(pictures_weights(), 1 << 30, &bytes, &length));
    bytes[length - 1] ^= 1;
    assert_good(mien_file_write(other, bytes, length));
    mien_free(bytes);
    o.weights = other;
    assert_fails(
        mien_resume(run, &o), MIEN_EVERIFY, "the weights of the backbone changed");
}

static void a_checkpoint_of_another_fold_is_refused(void **state) {
    (void)state;
    const char *run = run_path("swapped");
    char *from = NULL, *to = NULL;
    begin(run); /* in its second fold */
    from = mien_path_join(run, "fold-0/checkpoint.safetensors");
    to = mien_path_join(run, "fold-1/checkpoint.safetensors");
    assert_int_equal(rename(from, to), 0);
    assert_fails(resume(run), MIEN_EVERIFY, "it is of another run");
    mien_free(from);
    mien_free(to);
}

static void a_tampered_checkpoint_is_refused(void **state) {
    (void)state;
    const char *run = run_path("tampered");
    char *text = NULL, *path;
    size_t length = 0;
    begin(run);
    path = mien_path_join(run, "fold-0/checkpoint.safetensors");
    assert_good(mien_file_read(path, 1 << 30, &text, &length));
    text[length - 9] ^= 1;
    assert_good(mien_file_write(path, text, length));
    assert_fails(resume(run), MIEN_EVERIFY, "not those that were written");
    assert_good(mien_file_write(path, text, length / 2));
    assert_fails(resume(run), MIEN_EFORMAT, "");
    mien_free(text);
    mien_free(path);
}

static void a_folder_without_a_run_is_told(void **state) {
    (void)state;
    assert_good(mien_directory_make(support_temp_path("nothing")));
    assert_fails(
        resume(support_temp_path("nothing")), MIEN_ENOTFOUND, "no run to take up");
}

static void a_finished_run_is_left_alone(void **state) {
    (void)state;
    char before[65], after[65];
    hash_of(uninterrupted(), "log.jsonl", before);
    assert_good(resume(uninterrupted()));
    hash_of(uninterrupted(), "log.jsonl", after);
    assert_string_equal(before, after);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_folder_holds_what_is_promised),
        cmocka_unit_test(every_row_is_predicted_once_with_probabilities),
        cmocka_unit_test(every_epoch_of_every_fit_is_in_the_metrics),
        cmocka_unit_test(figures_of_the_run_are_those_of_its_predictions),
        cmocka_unit_test(the_model_opens_and_keeps_its_golden_promise),
        cmocka_unit_test(a_run_that_is_killed_at_random_ends_with_the_same_bits),
        cmocka_unit_test(an_interrupt_between_any_steps_is_taken_up),
        cmocka_unit_test(a_head_learns_from_features_that_are_computed_once),
        cmocka_unit_test(cached_features_train_the_same_head),
        cmocka_unit_test(side_by_side_heads_have_the_same_bits_on_any_threads),
        cmocka_unit_test(a_prescribed_split_gives_one_fold_and_its_model),
        cmocka_unit_test(every_optimiser_sam_and_average_goes_through),
        cmocka_unit_test(a_second_process_is_kept_out_of_a_run),
        cmocka_unit_test(a_loss_that_is_no_number_names_the_trials),
        cmocka_unit_test(what_cannot_be_is_told_before_a_folder_is_made),
        cmocka_unit_test(an_empty_class_is_told),
        cmocka_unit_test(a_changed_study_is_not_taken_up),
        cmocka_unit_test(changed_data_are_not_taken_up),
        cmocka_unit_test(a_label_outside_its_classes_is_told),
        cmocka_unit_test(changed_weights_are_not_taken_up),
        cmocka_unit_test(a_checkpoint_of_another_fold_is_refused),
        cmocka_unit_test(a_tampered_checkpoint_is_refused),
        cmocka_unit_test(a_folder_without_a_run_is_told),
        cmocka_unit_test(a_finished_run_is_left_alone),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
