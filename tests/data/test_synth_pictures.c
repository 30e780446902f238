/* SPDX-License-Identifier: MIT */
/* Synthetic BBOE, GAPED and AffectNet: what is planted can be read out of the files by
 * the plainest means as well as ideal.csv says. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/synths/affectnet_synth.h"
#include "data/synths/bboe_synth.h"
#include "data/synths/gaped_synth.h"
#include "data/synths/planted_levels.h"
#include "mien/data.h"

/* ---- help ------------------------------------------------------------------------ */

static const char *made(
    const char *name, const char *folder, const char *const (*set)[2]) {
    const mien_synth *synth = NULL;
    mien_synth_options o = mien_synth_options_default();
    mien_options *own = NULL;
    static char path[4096];
    assert_good(mien_synth_find(name, &synth));
    assert_good(mien_options_new(synth->options, &own));
    for (; (*set)[0]; set++) {
        assert_good(mien_options_set(own, "test", (*set)[0], (*set)[1]));
    }
    o.own = own;
    snprintf(path, sizeof path, "%s", support_temp_path(folder));
    assert_good(mien_synth_write(synth, &o, path, NULL, NULL));
    mien_options_free(&own);
    return path;
}

static mien_table *read(const char *folder, const char *file) {
    mien_table *table = NULL;
    char *path = mien_path_join(folder, file);
    assert_good(mien_table_read(path, NULL, &table));
    mien_free(path);
    return table;
}

static double number(const mien_table *t, int64_t row, const char *column) {
    double value = (double)NAN;
    assert_good(mien_table_number(t, row, mien_table_column(t, column), &value));
    return value;
}

/* Sums for a correlation. */
typedef struct sums {
    double n, x, y, xx, yy, xy;
} sums;

static void add(sums *s, double x, double y) {
    s->n++;
    s->x += x;
    s->y += y;
    s->xx += x * x;
    s->yy += y * y;
    s->xy += x * y;
}

static double r_of(const sums *s) {
    return (s->xy - s->x * s->y / s->n) /
           sqrt((s->xx - s->x * s->x / s->n) * (s->yy - s->y * s->y / s->n));
}

/* Means of a picture's red, green, blue. */
static void look(const mien_trials *t, int64_t row, double mean[3]) {
    mien_tensor *image = NULL;
    char *path = mien_trials_path(t, row, "image");
    assert_good(mien_image_read(path, NULL, &image));
    int64_t count = image->shape[0] * image->shape[1];
    const unsigned char *pixel = image->data;
    mean[0] = mean[1] = mean[2] = 0;
    for (int64_t i = 0; i < 3 * count; i++) {
        mean[i % 3] += (double)pixel[i] / (double)count;
    }
    mien_tensor_free(&image);
    mien_free(path);
}

static mien_trials *trials_of(const char *folder) {
    mien_trials *t = NULL;
    char *path = mien_path_join(folder, "trials.tsv");
    assert_good(mien_trials_open(path, &t));
    mien_free(path);
    return t;
}

/* ---- levels ---------------------------------------------------------------------- */

static void levels_are_told_as_well_as_the_latent_lets(void **state) {
    (void)state;
    const double cut[] = {-1, 0, .5};
    double largest = mien_normal_share(-1), rest = 1 - mien_normal_share(.5);
    assert_near(mien_levels_accuracy(3, cut, 0), fmax(.5 - largest, rest), 1e-3);
    assert_near(mien_levels_accuracy(3, cut, 1), 1, 2e-3);
    assert_true(mien_levels_accuracy(3, cut, .5) > mien_levels_accuracy(3, cut, .3));
    assert_near(mien_normal_quantile(.975), 1.959963985, 1e-8);
    /* of a latent cut at its middle: sqrt(2 / pi) */
    const double middle[] = {0};
    assert_near(mien_levels_r(1, middle), .797884561, 1e-8);
    /* and its sign is known from a part as asin says */
    assert_near(mien_levels_accuracy(1, middle, .25), .5 + asin(.5) / 3.14159265, 1e-4);
}

/* ---- BBOE ------------------------------------------------------------------------ */

static void bboe_shows_what_it_says(void **state) {
    (void)state;
    const char *const set[][2] = {
        {"videos", "160"}, {"rated", "150"}, {"persons", "4"}, {NULL, NULL}};
    const char *folder = made("bboe", "bboe", set);
    mien_table *truth = read(folder, "truth.csv");
    mien_trials *t = trials_of(folder);
    const mien_table *rows = mien_trials_table(t);
    float *film = NULL, *skin = NULL;
    bool *has = NULL, *felt = NULL;
    int64_t width = 0, n = mien_trials_rows(t), given = 0;
    int64_t *all = mien_alloc((size_t)n, sizeof *all);
    sums bright = {0}, warm = {0}, green = {0}, motion = {0}, body = {0}, common = {0},
         own = {0}, whole = {0};
    for (int64_t i = 0; i < n; i++) {
        all[i] = i;
    }
    assert_good(mien_trials_features(t, "film", all, n, &film, &has, &width));
    assert_int_equal(width, 4);
    assert_good(mien_trials_features(t, "skin", all, n, &skin, &felt, &width));
    assert_int_equal(width, 2);
    for (int64_t i = 0, at = 0; i < n; i++, at++) {
        double mean[3];
        while (strcmp(mien_table_cell(truth, at, 0), mien_trials_id(t, i)) != 0) {
            at++; /* its rating is missing */
        }
        look(t, i, mean);
        double angle = 6.283185307 * ((double)(i * 4 / n)) / 4;
        double a = number(truth, at, "a_common"), c = number(truth, at, "c_own"),
               d = number(truth, at, "d_own"), latent = number(truth, at, "latent");
        assert_near(number(rows, i, "valence"), number(truth, at, "rating"), 0);
        add(&bright, (mean[0] + mean[1] + mean[2]) / 3, a);
        add(&warm, mean[0] - mean[2], c);
        add(&green, mean[1] - (mean[0] + mean[2]) / 2, d);
        add(&motion, (double)film[4 * i], number(truth, at, "m_film"));
        add(&body, (double)skin[2 * i], number(truth, at, "e_body"));
        add(&common, a, latent);
        add(&own, cos(angle) * c + sin(angle) * d, latent);
        add(&whole, latent, number(rows, i, "valence"));
        given++;
    }
    assert_true(r_of(&bright) > .98 && r_of(&warm) > .98 && r_of(&green) > .98);
    assert_true(r_of(&motion) > .9999);
    assert_near(r_of(&body), .7, .06);
    assert_near(r_of(&common), sqrt(.2), .1);
    assert_near(r_of(&own), sqrt(.3), .1);
    assert_near(r_of(&whole), .957, .02);
    assert_true(given < 600 && given > 570); /* two in a hundred are missing */
    mien_free(film);
    mien_free(skin);
    mien_free(has);
    mien_free(felt);
    mien_free(all);
    mien_trials_close(&t);
    mien_table_free(&truth);
}

static void bboe_says_what_can_be_reached(void **state) {
    (void)state;
    mien_options *own = NULL;
    const mien_synth *synth = NULL;
    mien_bboe_plan plan;
    assert_good(mien_synth_find("bboe", &synth));
    assert_good(mien_options_new(synth->options, &own));
    assert_good(mien_bboe_plan_take(own, &plan));
    assert_near(mien_bboe_r2(&plan, MIEN_BBOE_STILL), .2, 1e-12);
    assert_near(mien_bboe_r2(&plan, MIEN_BBOE_STILL | MIEN_BBOE_PERSON), .5, 1e-12);
    /* two witnesses of one cause: 1 - 1 / (1 + .49/.51 + .36/.64) */
    assert_near(mien_bboe_r2(&plan, MIEN_BBOE_BODY), .2 * .603691, 1e-5);
    assert_good(mien_options_set(own, "test", "own", "0.6"));
    assert_int_equal(mien_bboe_plan_take(own, &plan), MIEN_EINVAL);
    mien_options_free(&own);
}

/* ---- GAPED ----------------------------------------------------------------------- */

static void gaped_shows_what_it_says(void **state) {
    (void)state;
    const char *const set[][2] = {{"share", "0.5"}, {"width", "64"}, {NULL, NULL}};
    const char *folder = made("gaped", "gaped", set);
    mien_table *truth = read(folder, "truth.csv");
    mien_trials *t = trials_of(folder);
    sums bright = {0}, warm = {0}, value = {0};
    int64_t n = mien_trials_rows(t), norms = 0;
    assert_int_equal(n, mien_table_rows(truth));
    assert_int_equal(n, 62 + 52 + 44 + 60 + 66 + 79);
    for (int64_t i = 0; i < n; i++) {
        double mean[3], sd = 0;
        const char *type = mien_trials_cell(t, i, "type");
        assert_string_equal(mien_trials_id(t, i), mien_table_cell(truth, i, 0));
        assert_near(number(mien_trials_table(t), i, "valence"),
            number(truth, i, "valence"), 1e-3);
        look(t, i, mean);
        add(&bright, (mean[0] + mean[1] + mean[2]) / 3,
            number(truth, i, "a_brightness"));
        add(&warm, mean[0] - mean[2], number(truth, i, "c_red_blue"));
        if (strcmp(type, "Spider") == 0) {
            add(&value, number(truth, i, "a_brightness"), number(truth, i, "valence"));
        }
        norms += mien_trials_cell(t, i, "norm_internal") != NULL;
        assert_true(
            mien_parse_number(mien_trials_cell(t, i, "valence_sd"), &sd) && sd > 7);
    }
    assert_int_equal(norms, 62 + 52); /* of animals and human rights alone */
    assert_true(r_of(&bright) > .97 && r_of(&warm) > .97);
    assert_near(r_of(&value), .7, .15);
    mien_trials_close(&t);
    mien_table_free(&truth);
}

static void gaped_says_what_can_be_reached(void **state) {
    (void)state;
    double known = mien_gaped_r(.7, false, true),
           unseen = mien_gaped_r(.7, false, false);
    assert_true(known > .95 && known < 1 && unseen > .2 && unseen < .4);
    assert_near(mien_gaped_r(0, false, false), 0, 1e-12);
    assert_near(mien_gaped_category_accuracy(0), 1, 2e-2); /* kinds known for certain */
    assert_true(mien_gaped_category_accuracy(.99) < 1 &&
                mien_gaped_category_accuracy(.99) > .8);
}

/* ---- AffectNet ------------------------------------------------------------------- */

static void check_faces(const char *folder, int64_t rows, int64_t nameless) {
    mien_trials *t = trials_of(folder);
    mien_table *truth = read(folder, "truth.csv");
    int64_t n = mien_trials_rows(t), none = 0, validation = 0, wrong = 0, seen = 0;
    int label[8] = {0};
    int *class = mien_alloc((size_t)n, sizeof *class);
    sums valence = {0};
    assert_int_equal(n, rows);
    assert_int_equal(mien_table_rows(truth), rows);
    assert_good(mien_trials_classes(t, "emotion", class));
    for (int64_t i = 0; i < n; i++) {
        bool first = strcmp(mien_trials_cell(t, i, "split"), "train") == 0;
        validation += !first;
        none += class[i] < 0;
        if (class[i] < 0) {
            assert_null(mien_trials_cell(t, i, "valence")); /* -2 is none */
            continue;
        }
        label[class[i]] += first;
        assert_int_equal(class[i], (int)number(truth, i, "label"));
        if (!first) {
            wrong += class[i] != (int)number(truth, i, "expression");
            seen++;
            add(&valence, number(truth, i, "valence_drawn"),
                number(mien_trials_table(t), i, "valence"));
        }
    }
    assert_int_equal(none, nameless);
    assert_int_equal(validation, 160);
    /* happiness is the most frequent, contempt among the rarest */
    assert_true(label[1] > label[0] && label[0] > label[2] && label[7] < label[3]);
    assert_near((double)wrong / (double)seen, .2, .1);
    const mien_face_plan plan = {.spread = .12, .noise = .12, .wrong = .2};
    assert_near(r_of(&valence), mien_face_r(&plan, 0), .03);
    mien_free(class);
    mien_trials_close(&t);
    mien_table_free(&truth);
}

static void affectnet_comes_in_both_releases(void **state) {
    (void)state;
    const char *const npy[][2] = {
        {"train", "240"}, {"validation", "160"}, {"size", "48"}, {NULL, NULL}};
    const char *const csv[][2] = {{"train", "240"}, {"validation", "160"},
        {"size", "48"}, {"layout", "csv"}, {NULL, NULL}};
    check_faces(made("affectnet", "npy", npy), 400, 0);
    check_faces(made("affectnet", "csv", csv), 400, 9 + 6);
}

static void affectnet_says_what_can_be_reached(void **state) {
    (void)state;
    mien_face_plan plan = {.spread = .12, .noise = .12, .wrong = .2};
    assert_near(mien_face_accuracy(&plan), .8, 1e-12);
    assert_true(mien_face_accuracy_by_values(&plan) < .8);
    plan.spread = .02; /* no two expressions overlap */
    assert_near(mien_face_accuracy_by_values(&plan), .8, 1e-3);
    plan.spread = .5;
    assert_true(mien_face_accuracy_by_values(&plan) < .4);
}

/* Mouths up and down differ where they should: a smile's ends are above its middle. */
static void a_smile_bends_up(void **state) {
    (void)state;
    mien_face_drawing f = {.size = 200,
        .expression = 0,
        .middle = {.5, .5},
        .scale = .45,
        .skin = {220, 190, 170},
        .ground = {90, 90, 90}};
    int64_t row[2];
    for (int k = 0; k < 2; k++) {
        mien_tensor *image = NULL;
        f.valence = k ? -.7 : .7;
        assert_good(mien_face_draw(&f, &image));
        const unsigned char *pixel = image->data;
        int64_t darkest = 0, at = 0;
        for (int64_t y = 120; y < 180; y++) { /* at the mouth's right end */
            int64_t dark = 255 - pixel[3 * (y * 200 + 100 + 33)];
            at = dark > darkest ? y : at;
            darkest = dark > darkest ? dark : darkest;
        }
        row[k] = at;
        mien_tensor_free(&image);
    }
    assert_true(row[0] + 8 < row[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_told_as_well_as_the_latent_lets),
        cmocka_unit_test(bboe_shows_what_it_says),
        cmocka_unit_test(bboe_says_what_can_be_reached),
        cmocka_unit_test(gaped_shows_what_it_says),
        cmocka_unit_test(gaped_says_what_can_be_reached),
        cmocka_unit_test(affectnet_comes_in_both_releases),
        cmocka_unit_test(affectnet_says_what_can_be_reached),
        cmocka_unit_test(a_smile_bends_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
