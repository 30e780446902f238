/* SPDX-License-Identifier: MIT */
/* Every row of data/importers/importers.def: its fixture reads, labels are in range,
 * pictures are there, splits and folds are disjoint. */
#include "data/fixtures.h"
#include "data/fixtures_faces.h"
#include "data/fixtures_features.h"

#include <math.h>

/* A new data set adds its fixture here. */
static const struct {
    const char *name;
    const char *(*make)(void);
} fixtures[] = {{"oasis", fixture_oasis}, {"gaped", fixture_gaped},
    {"bboe", fixture_bboe}, {"predictions", fixture_predictions},
    {"ferplus", fixture_ferplus}, {"emomv", fixture_emomv},
    {"cognimuse", fixture_cognimuse}, {"features", fixture_features},
    {"liris-accede", fixture_liris}, {"pictures", fixture_pictures},
    {"bids", fixture_bids}, {"recordings", fixture_recordings},
    {"emoeye", fixture_emoeye}, {"folders", fixture_folders},
    {"fer2013", fixture_fer2013}, {"rafdb", fixture_rafdb}, {"ckplus", fixture_ckplus},
    {"affwild2", fixture_affwild2}, {"affectnet", fixture_affectnet}};

static const char *make_fixture(const char *name) {
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        if (strcmp(fixtures[i].name, name) == 0) {
            return fixtures[i].make();
        }
    }
    fail_msg("data set %s has no fixture", name);
    return NULL;
}

static mien_trials *import(const mien_importer *set) {
    mien_trials *trials = NULL;
    char output[64], path[4096];
    snprintf(output, sizeof output, "%s.tsv", set->name);
    snprintf(path, sizeof path, "%s", support_temp_path(output));
    const char *directory = make_fixture(set->name);
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_run(set, directory, NULL, path));
    assert_good(mien_trials_open(path, &trials));
    assert_true(mien_trials_rows(trials) >= 3);
    return trials;
}

static void every_row_has_name_and_summary(void **state) {
    (void)state;
    assert_true(mien_importer_count() > 0);
    for (int i = 0; i < mien_importer_count(); i++) {
        const mien_importer *set = mien_importer_at(i), *found = NULL;
        assert_true(strlen(set->name) > 0 && strlen(set->summary) > 20);
        assert_good(mien_importer_find(set->name, &found));
        assert_ptr_equal(found, set);
    }
}

static void every_set_says_where_it_is_from(void **state) {
    (void)state;
    static const char *const keys[] = {"name", "source", "citation", "licence"};
    for (int i = 0; i < mien_importer_count(); i++) {
        mien_trials *t = import(mien_importer_at(i));
        for (int k = 0; k < 4; k++) {
            const char *text =
                mien_value_text(mien_value_get(mien_trials_sidecar(t), keys[k]));
            assert_true(text && strlen(text) > 3);
        }
        mien_trials_close(&t);
    }
}

static int count_in_range(const mien_trials *t, const mien_trials_target *target) {
    double values[64];
    int rated = 0;
    assert_good(mien_trials_numbers(t, target->name, values));
    for (int64_t r = 0; r < mien_trials_rows(t); r++) {
        rated += !isnan(values[r]);
        assert_true(isnan(values[r]) ||
                    (values[r] >= target->minimum && values[r] <= target->maximum));
    }
    return rated;
}

/* Reading has checked the labels; shares, where there are votes, are shares. */
static int count_classes(const mien_trials *t, const mien_trials_target *target) {
    int label[64], rated = 0;
    double shares[64 * 16];
    assert_true(target->classes <= 16);
    assert_good(mien_trials_classes(t, target->name, label));
    if (target->votes_column) {
        assert_good(mien_trials_shares(t, target->name, shares));
    }
    for (int64_t r = 0; r < mien_trials_rows(t); r++) {
        double sum = 0;
        rated += label[r] >= 0;
        for (int c = 0; target->votes_column && c < target->classes; c++) {
            sum += shares[r * target->classes + c];
        }
        assert_true(!target->votes_column || isnan(sum) || fabs(sum - 1) < 1e-12);
    }
    return rated;
}

static void every_label_is_in_its_range(void **state) {
    (void)state;
    for (int i = 0; i < mien_importer_count(); i++) {
        mien_trials *t = import(mien_importer_at(i));
        assert_true(mien_trials_targets(t) > 0 && mien_trials_rows(t) <= 64);
        for (int k = 0; k < mien_trials_targets(t); k++) {
            const mien_trials_target *target = mien_trials_target_at(t, k);
            int rated = target->kind == MIEN_TARGET_CLASS ? count_classes(t, target)
                                                          : count_in_range(t, target);
            assert_true(rated > 0);
        }
        mien_trials_close(&t);
    }
}

static void every_picture_opens(void **state) {
    (void)state;
    for (int i = 0; i < mien_importer_count(); i++) {
        mien_trials *t = import(mien_importer_at(i));
        bool pictures = mien_table_column(mien_trials_table(t), "image") >= 0;
        for (int64_t r = 0; pictures && r < mien_trials_rows(t); r++) {
            mien_tensor *image = NULL;
            char *path = mien_trials_path(t, r, "image");
            assert_non_null(path);
            assert_true(mien_trials_cell(t, r, "image")[0] != '/');
            assert_good(mien_image_read(path, NULL, &image));
            mien_tensor_free(&image);
            mien_free(path);
        }
        mien_trials_close(&t);
    }
}

/* A set has pictures, features or recordings. */
static void all_features_are_read(void **state) {
    (void)state;
    int64_t rows[64];
    for (int64_t r = 0; r < 64; r++) {
        rows[r] = r;
    }
    for (int i = 0; i < mien_importer_count(); i++) {
        mien_trials *t = import(mien_importer_at(i));
        const mien_table *table = mien_trials_table(t);
        int inputs = (mien_table_column(table, "image") >= 0) +
                     (mien_table_column(table, "recording") >= 0);
        for (int c = 0; c < mien_table_columns(table); c++) {
            const char *name = mien_table_name(table, c);
            if (strncmp(name, "features.", 9) == 0) {
                float *values = NULL;
                bool *present = NULL;
                int64_t width = 0;
                assert_good(mien_trials_features(
                    t, name + 9, rows, mien_trials_rows(t), &values, &present, &width));
                assert_true(width > 0);
                mien_free(values);
                mien_free(present);
                inputs++;
            }
        }
        assert_true(inputs > 0);
        mien_trials_close(&t);
    }
}

static void the_doctor_finds_no_error(void **state) {
    (void)state;
    for (int i = 0; i < mien_importer_count(); i++) {
        mien_trials *t = import(mien_importer_at(i));
        mien_trials_close(&t);
        mien_finding *findings = NULL;
        int64_t count = 0;
        char output[64];
        mien_doctor_options o = mien_doctor_options_default();
        o.folds = 2;
        snprintf(output, sizeof output, "%s.tsv", mien_importer_at(i)->name);
        assert_good(
            mien_doctor(support_temp_path(output), &o, NULL, NULL, &findings, &count));
        for (int64_t f = 0; f < count; f++) {
            if (findings[f].severity == MIEN_ERROR) {
                fail_msg("%s: %s", findings[f].check, findings[f].text);
            }
        }
        mien_free(findings);
    }
}

static void folds_share_no_group(void **state) {
    (void)state;
    for (int i = 0; i < mien_importer_count(); i++) {
        mien_trials *t = import(mien_importer_at(i));
        const char *group[64];
        int fold[64];
        int64_t rows = mien_trials_rows(t);
        for (int64_t r = 0; r < rows; r++) {
            group[r] = mien_trials_cell(t, r, "group");
        }
        assert_good(mien_folds_make(rows, group, 2, 0, fold));
        for (int64_t a = 0; a < rows; a++) {
            for (int64_t b = 0; b < a; b++) {
                assert_true(!group[a] || !group[b] || strcmp(group[a], group[b]) ||
                            fold[a] == fold[b]);
            }
        }
        mien_trials_close(&t);
    }
}

static void the_same_folder_gives_the_same_bytes(void **state) {
    (void)state;
    for (int i = 0; i < mien_importer_count(); i++) {
        char one[65], two[65];
        mien_trials *t = import(mien_importer_at(i));
        assert_good(mien_trials_hash(t, one));
        mien_trials_close(&t);
        t = import(mien_importer_at(i));
        assert_good(mien_trials_hash(t, two));
        mien_trials_close(&t);
        assert_string_equal(one, two);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_name_and_summary),
        cmocka_unit_test(every_set_says_where_it_is_from),
        cmocka_unit_test(every_label_is_in_its_range),
        cmocka_unit_test(every_picture_opens),
        cmocka_unit_test(all_features_are_read),
        cmocka_unit_test(the_doctor_finds_no_error),
        cmocka_unit_test(folds_share_no_group),
        cmocka_unit_test(the_same_folder_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
