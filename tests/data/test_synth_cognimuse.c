/* SPDX-License-Identifier: MIT */
/* Synthetic films: what is planted can be read out, and no more than that. */
#include "data/fixtures.h"

#include "data/synths/synth.h"

#include <math.h>
#include <stdlib.h>

static const mien_synth *cognimuse(void) {
    const mien_synth *synth = NULL;
    assert_good(mien_synth_find("cognimuse", &synth));
    return synth;
}

static mien_trials *make(const char *name, const mien_synth_options *options) {
    char path[300];
    mien_trials *trials = NULL;
    assert_good(
        mien_synth_write(cognimuse(), options, support_temp_path(name), NULL, NULL));
    snprintf(path, sizeof path, "%s/trials.tsv", name);
    assert_good(mien_trials_open(support_temp_path(path), &trials));
    return trials;
}

/* Pearson's, over rows that `group` allows (NULL: all). */
static double correlation(
    const mien_trials *t, const char *group, const double *x, const double *y) {
    double n = 0, sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < mien_trials_rows(t); i++) {
        if (group && strcmp(mien_trials_cell(t, i, "group"), group) != 0) {
            continue;
        }
        n++;
        sx += x[i];
        sy += y[i];
        xx += x[i] * x[i];
        yy += y[i] * y[i];
        xy += x[i] * y[i];
    }
    return (xy - sx * sy / n) / sqrt((xx - sx * sx / n) * (yy - sy * sy / n));
}

static double *numbers(const mien_trials *t, const char *column) {
    double *x = calloc((size_t)mien_trials_rows(t), sizeof *x);
    assert_good(mien_trials_numbers(t, column, x));
    return x;
}

/* A linear read-out of features as they are on disk: for each part the mean of its
 * columns, weighted as the signal has them. What is left of modalities that do not
 * carry is nothing: `carries` says which do. */
static double *read_out(const mien_trials *t, uint32_t seed,
    const bool carries[MIEN_FILM_KINDS], int target) {
    int64_t rows = mien_trials_rows(t), width = 0;
    double *ideal = calloc((size_t)rows, sizeof *ideal), l = MIEN_SYNTH_LOADING;
    int64_t *all = calloc((size_t)rows, sizeof *all);
    int carriers = 0;
    for (int k = 0; k < MIEN_FILM_KINDS; k++) {
        carriers += carries[k];
    }
    for (int64_t i = 0; i < rows; i++) {
        all[i] = i;
    }
    for (int k = 0; k < MIEN_FILM_KINDS; k++) {
        float *values = NULL;
        bool *present = NULL;
        mien_synth_column *columns =
            calloc((size_t)mien_film_kinds[k].width, sizeof *columns);
        mien_synth_columns(seed, k, carries[k], columns);
        assert_good(mien_trials_features(
            t, mien_film_kinds[k].name, all, rows, &values, &present, &width));
        assert_int_equal(width, mien_film_kinds[k].width);
        for (int64_t i = 0; i < rows * width; i++) {
            const mien_synth_column *c = &columns[i % width];
            bool shared = c->part % 2 == 0;
            double n = shared ? 16.0 * carriers : 16;
            double weight = sqrt(shared ? 0.5 : 0.5 / carriers);
            if (c->part >= 0 && c->part / 2 == target) {
                ideal[i / width] += weight * l / (n * l * l + 1 - l * l) * c->sign *
                                    ((double)values[i] - c->mean) / c->sd;
            }
        }
        mien_free(present);
        mien_free(values);
        free(columns);
    }
    free(all);
    return ideal;
}

static const bool all_carry[] = {true, true, true, true, true};

static void the_best_linear_read_out_reaches_r(void **state) {
    (void)state;
    mien_synth_options o = mien_synth_options_default();
    o.films = 3;
    mien_trials *t = make("six", &o);
    static const char *const films[] = {"BMI", "LOR", "GLA", NULL};
    for (int target = 0; target < 2; target++) {
        double *y = numbers(t, target ? "arousal" : "valence");
        double *ideal = read_out(t, o.seed, all_carry, target);
        for (int f = 0; f < 4; f++) { /* the noise of features leaves 0.02 (SD 0.008) */
            assert_near(correlation(t, films[f], ideal, y), 0.6, 0.03);
        }
        free(ideal);
        free(y);
    }
    mien_trials_close(&t);
}

static void ideal_csv_holds_that_read_out(void **state) {
    (void)state;
    mien_synth_options o = mien_synth_options_default();
    o.films = 2;
    o.segments = 30;
    mien_trials *t = make("ideal", &o);
    mien_table *table = NULL;
    assert_good(mien_table_read(support_temp_path("ideal/ideal.csv"), NULL, &table));
    double *ideal = read_out(t, o.seed, all_carry, 1);
    for (int64_t i = 0; i < mien_trials_rows(t); i++) {
        double value;
        assert_string_equal(mien_table_cell(table, i, 0), mien_trials_id(t, i));
        assert_good(mien_table_number(table, i, 2, &value));
        assert_near(value, ideal[i], 1e-6);
    }
    free(ideal);
    mien_table_free(&table);
    mien_trials_close(&t);
}

static void without_signal_nothing_can_be_read_out(void **state) {
    (void)state;
    mien_synth_options o = mien_synth_options_default();
    o.films = 2;
    o.r = 0;
    mien_trials *t = make("zero", &o);
    double *y = numbers(t, "valence"), *ideal = read_out(t, o.seed, all_carry, 0);
    assert_near(correlation(t, NULL, ideal, y), 0, 0.04);
    free(ideal);
    free(y);
    mien_trials_close(&t);
}

static void a_strong_signal_is_reached_too(void **state) {
    (void)state;
    static const bool sound[] = {false, false, false, true, true};
    mien_synth_options o = mien_synth_options_default();
    o.films = 1;
    o.r = 0.95;
    o.modalities = "vggish,emobase2010";
    mien_trials *t = make("sound", &o);
    double *y = numbers(t, "valence"), *ideal = read_out(t, o.seed, sound, 0);
    assert_near(correlation(t, NULL, ideal, y), 0.95, 0.02);
    free(ideal);
    /* what pictures would carry if they did is not there */
    static const bool pictures[] = {true, true, true, false, false};
    ideal = read_out(t, o.seed, pictures, 0);
    assert_near(correlation(t, NULL, ideal, y), 0, 0.3);
    free(ideal);
    free(y);
    mien_trials_close(&t);
}

static void features_have_the_published_scales(void **state) {
    (void)state;
    /* smallest, largest, mean of the published samples, with room on either side */
    static const struct {
        double low, high, mean_low, mean_high;
    } want[] = {{0.0004, 0.9, 0.09, 0.12}, {-0.02, 0.15, -0.002, 0.001},
        {0.002, 0.36, 0.12, 0.16}, {0, 2, 0.09, 0.15}, {-30, 2600, 1, 5}};
    mien_synth_options o = mien_synth_options_default();
    o.films = 1;
    mien_trials *t = make("scale", &o);
    for (int k = 0; k < MIEN_FILM_KINDS; k++) {
        char path[64];
        mien_tensor *tensor = NULL;
        snprintf(path, sizeof path, "scale/BMI.h5");
        assert_good(
            mien_hdf5_read(support_temp_path(path), mien_film_kinds[k].name, &tensor));
        const float *x = tensor->data;
        int64_t n = mien_tensor_count(tensor), zeros = 0;
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            assert_true((double)x[i] >= want[k].low && (double)x[i] <= want[k].high);
            sum += (double)x[i];
            zeros += x[i] == 0;
        }
        assert_true(sum / (double)n > want[k].mean_low);
        assert_true(sum / (double)n < want[k].mean_high);
        if (k == 3) {
            assert_near((double)zeros / (double)n, 0.396, 0.05);
        } else if (k == 4) {
            assert_true(x[1581] == 0.32f && x[2 * 1582 - 1] == 0.32f);
        }
        mien_tensor_free(&tensor);
    }
    mien_trials_close(&t);
}

static void the_same_options_give_the_same_bytes(void **state) {
    (void)state;
    static const char *const files[] = {
        "BMI.h5", "labels/LOR.csv", "ideal.csv", "trials.tsv", "trials.json"};
    mien_synth_options o = mien_synth_options_default();
    o.films = 2;
    o.segments = 20;
    for (uint32_t seed = 1; seed < 4; seed++) { /* 1 and 2 with the same seed */
        char name[8] = "seed0";
        name[4] = (char)('0' + seed);
        o.seed = seed == 3 ? 9 : 7;
        mien_trials *t = make(name, &o);
        mien_trials_close(&t);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char hash[3][65], path[64];
        for (int k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "seed%d/%s", k + 1, files[i]);
            assert_good(mien_sha256_file(support_temp_path(path), hash[k]));
        }
        assert_string_equal(hash[0], hash[1]);
        assert_string_not_equal(hash[0], hash[2]);
    }
}

static void the_importer_reads_it(void **state) {
    (void)state;
    const mien_importer *set = NULL;
    mien_trials *t = NULL, *imported = NULL;
    mien_synth_options o = mien_synth_options_default();
    o.films = 13;
    o.segments = 20;
    t = make("again", &o);
    assert_good(mien_importer_find("cognimuse", &set));
    assert_good(mien_importer_run(
        set, support_temp_path("again"), NULL, support_temp_path("imported.tsv")));
    assert_good(mien_trials_open(support_temp_path("imported.tsv"), &imported));
    assert_int_equal(mien_trials_rows(imported), mien_trials_rows(t));
    double *one = numbers(t, "valence"), *two = numbers(imported, "valence");
    double sums[2] = {0, 0}; /* films come in another order */
    for (int64_t i = 0; i < mien_trials_rows(t); i++) {
        sums[0] += fabs(one[i]);
        sums[1] += fabs(two[i]);
    }
    assert_near(sums[0], sums[1], 1e-9);
    free(one);
    free(two);
    mien_trials_close(&imported);
    mien_trials_close(&t);
}

static void assert_refused(const mien_synth_options *o, const char *part) {
    assert_fails(
        mien_synth_write(cognimuse(), o, support_temp_path("refused"), NULL, NULL),
        MIEN_EINVAL, part);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    const mien_synth *none = NULL;
    const mien_synth_options good = mien_synth_options_default();
    mien_synth_options o = good;
    o.r = 0.96;
    assert_refused(&o, "r is 0.96");
    o.r = (double)NAN;
    assert_refused(&o, "r is nan");
    o = good;
    o.films = 0;
    assert_refused(&o, "0 films");
    o = good;
    o.segments = 19;
    assert_refused(&o, "19 segments");
    o = good;
    o.modalities = "vggish,sound";
    assert_refused(&o, "\"sound\" is none of");
    o.modalities = "vggish,vggish";
    assert_refused(&o, "\"vggish\" is there twice");
    o.modalities = "";
    assert_refused(&o, "name one");
    fixture_folder("full/inside");
    assert_fails(
        mien_synth_write(cognimuse(), &good, support_temp_path("full"), NULL, NULL),
        MIEN_EINVAL, "not empty (inside)");
    assert_fails(mien_synth_find("x", &none), MIEN_ENOTFOUND, "known: affectnet");
}

static const mien_synth *found;
static mien_status write_again(void *context) {
    char command[4200];
    mien_synth_options o = mien_synth_options_default();
    o.films = 1;
    o.segments = 20;
    snprintf(command, sizeof command, "rm -rf %s", (const char *)context);
    assert_int_equal(system(command), 0);
    return mien_synth_write(found, &o, context, NULL, NULL);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char directory[4096];
    found = cognimuse();
    snprintf(directory, sizeof directory, "%s", support_temp_path("alloc"));
    support_each_allocation_fails(write_again, directory, 800);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_linear_read_out_reaches_r),
        cmocka_unit_test(ideal_csv_holds_that_read_out),
        cmocka_unit_test(without_signal_nothing_can_be_read_out),
        cmocka_unit_test(a_strong_signal_is_reached_too),
        cmocka_unit_test(features_have_the_published_scales),
        cmocka_unit_test(the_same_options_give_the_same_bytes),
        cmocka_unit_test(the_importer_reads_it),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
