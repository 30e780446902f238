/* SPDX-License-Identifier: MIT */
/* Films with a planted signal: ratings tell each part as strongly as was asked for, and
 * the files show it where it is. */
#include "support/support.h"

#include "mien/data.h"
#include "mien/media.h"
#include "mien/signal.h"

#include <math.h>
#include <string.h>

enum { ROWS = 64 };

static int column_of(const char *file, const char *name, double *values) {
    mien_table *table = NULL;
    assert_good(mien_table_read(support_temp_path(file), NULL, &table));
    const int column = mien_table_column(table, name);
    assert_true(column >= 0);
    const int rows = (int)mien_table_rows(table);
    for (int i = 0; i < rows; i++) {
        assert_good(mien_table_number(table, i, column, &values[i]));
    }
    mien_table_free(&table);
    return rows;
}

static double correlation(const double *x, const double *y, int n) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        mx += x[i] / n;
        my += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static void make(const char *folder, const char *modalities) {
    mien_synth_options o = mien_synth_options_default();
    const mien_synth *synth = NULL;
    o.media = true;
    o.films = 1;
    o.segments = 20;
    o.modalities = modalities;
    assert_good(mien_synth_find("cognimuse", &synth));
    assert_good(mien_synth_write(synth, &o, support_temp_path(folder), NULL, NULL));
}

static void ratings_tell_each_part_as_strongly_as_asked(const char *folder) {
    static const char *const targets[] = {"valence", "arousal"};
    static const char *const kinds[] = {"colour", "motion", "sound"};
    static const double want[] = {0.3, 0, 0.6};
    double rating[ROWS], part[ROWS];
    char file[64], name[64];
    for (int t = 0; t < 2; t++) {
        snprintf(file, sizeof file, "%s/trials.tsv", folder);
        const int rows = column_of(file, targets[t], rating);
        for (int k = 0; k < 3; k++) {
            snprintf(file, sizeof file, "%s/parts.csv", folder);
            snprintf(name, sizeof name, "%s_%s", targets[t], kinds[k]);
            assert_int_equal(column_of(file, name, part), rows);
            assert_float_equal(correlation(rating, part, rows), want[k], 1e-5);
        }
        snprintf(file, sizeof file, "%s/ideal.csv", folder);
        column_of(file, targets[t], part);
        assert_float_equal(correlation(rating, part, rows), sqrt(0.09 + 0.36), 1e-5);
    }
}

/* What a film's pictures say of each segment. */
static int watch(const char *path, double *light, double *warmth, double *across) {
    enum { PER_ROW = 125 };
    static mien_glance g[PER_ROW];
    const mien_glance *all[PER_ROW];
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t us, sample;
    int n = 0;
    assert_good(mien_film_open(path, NULL, &film));
    while (mien_film_next(film, &image, &us, &sample) == MIEN_OK) {
        float colour[MIEN_COLOUR_VALUES], motion[MIEN_MOTION_VALUES];
        assert_good(mien_glance_take(image, &g[n % PER_ROW]));
        all[n % PER_ROW] = &g[n % PER_ROW];
        if (++n % PER_ROW == 0) {
            mien_colour_values(all, PER_ROW, colour);
            mien_motion_values(all, PER_ROW, motion);
            light[n / PER_ROW - 1] = (double)colour[0];
            warmth[n / PER_ROW - 1] = (double)colour[7];
            across[n / PER_ROW - 1] = (double)motion[4];
        }
    }
    mien_film_close(&film);
    assert_int_equal(n % PER_ROW, 0);
    return n / PER_ROW;
}

static void the_files_show_what_was_planted(void **state) {
    (void)state;
    double light[ROWS], warmth[ROWS], across[ROWS], part[ROWS], rating[ROWS];
    make("media", "colour=0.3,sound=0.6");
    ratings_tell_each_part_as_strongly_as_asked("media");
    const int rows = column_of("media/trials.tsv", "arousal", rating);
    assert_int_equal(
        watch(support_temp_path("media/films/film01.mp4"), light, warmth, across),
        rows);
    column_of("media/parts.csv", "arousal_colour", part);
    assert_true(correlation(light, part, rows) > 0.98);
    column_of("media/parts.csv", "valence_colour", part);
    assert_true(correlation(warmth, part, rows) > 0.98);
    column_of("media/parts.csv", "arousal_motion", part);
    assert_true(correlation(across, part, rows) > 0.8);
    assert_true(
        fabs(correlation(across, rating, rows)) < 0.35); /* motion tells nothing */
}

static void strengths_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"colour=0.8,sound=0.8", "smell", "colour,colour",
        "motion=x", "sound=-0.1", "colour="};
    mien_synth_options o = mien_synth_options_default();
    const mien_synth *synth = NULL;
    o.media = true;
    assert_good(mien_synth_find("cognimuse", &synth));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        o.modalities = bad[i];
        assert_int_equal(
            mien_synth_write(synth, &o, support_temp_path("bad"), NULL, NULL),
            MIEN_EINVAL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_show_what_was_planted),
        cmocka_unit_test(strengths_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
