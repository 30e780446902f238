/* SPDX-License-Identifier: MIT */
/* Raw values to finished predictions: scales, ends, smoothing. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "predict/moments.h"

enum { KEPT_MAX = 64 };

typedef struct heard {
    mien_prediction kept[KEPT_MAX];
    uint8_t mark[KEPT_MAX]; /* first byte of the thumbnail */
    int64_t count;
    int64_t stop_at; /* this one is answered with an error; 0: none */
} heard;

static mien_status hear(void *context, const mien_prediction *prediction) {
    heard *h = context;
    if (h->count < KEPT_MAX) {
        h->kept[h->count] = *prediction;
        h->mark[h->count] =
            prediction->thumbnail ? *(uint8_t *)prediction->thumbnail->data : 0;
    }
    h->count++;
    return h->count == h->stop_at ? mien_fail(MIEN_EIO, "full") : MIEN_OK;
}

static mien_network network_of(void) {
    return (mien_network){.targets_count = 2,
        .targets = {{.name = "valence",
                        .minimum = 1,
                        .maximum = 7,
                        .interval_low = -1,
                        .interval_high = 1.5},
            {.name = "arousal",
                .minimum = 0,
                .maximum = 100,
                .interval_low = -30,
                .interval_high = 20}}};
}

/* What a row is about. */
static mien_prediction head_of(const char *input, double start_s) {
    return (mien_prediction){.input = input, .start_s = start_s, .end_s = (double)NAN};
}

static mien_status add_value(
    mien_moments *m, double start_s, const float *value, mien_tensor **thumbnail) {
    const mien_prediction head = head_of("film", start_s);
    return mien_moments_add(m, &head, value, thumbnail);
}

static mien_status add_row(mien_moments *m, const float *value) {
    const mien_prediction head = head_of("p.jpg", (double)NAN);
    return mien_moments_row(m, &head, value);
}

static void add(mien_moments *m, double start_s, float valence) {
    const int64_t shape[1] = {1};
    const float value[2] = {valence, 50};
    mien_tensor *thumbnail = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 1, shape, &thumbnail));
    *(uint8_t *)thumbnail->data = (uint8_t)(valence * 10);
    assert_good(add_value(m, start_s, value, &thumbnail));
    assert_null(thumbnail); /* taken */
}

static mien_moments *moments_of(const mien_network *r, int smooth, heard *h) {
    mien_moments *m = NULL;
    *h = (heard){0};
    assert_good(mien_moments_new(r, smooth, hear, h, &m));
    return m;
}

static void a_picture_is_given_at_once_on_both_scales(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 0, &h);
    const float value[2] = {4.75F, 25};
    assert_good(add_row(m, value));
    assert_int_equal(h.count, 1);
    const mien_prediction *p = &h.kept[0];
    assert_string_equal(p->input, "p.jpg");
    assert_true(isnan(p->start_s) && isnan(p->end_s));
    assert_int_equal(p->targets_count, 2);
    assert_near(p->value[0], 4.75, 0);
    assert_near(p->normal[0], 0.25, 1e-15);
    assert_near(p->low[0], 3.75, 0);
    assert_near(p->high[0], 6.25, 0);
    assert_near(p->normal[1], -0.5, 1e-15);
    assert_null(p->thumbnail);
    mien_moments_free(&m);
    assert_null(m);
}

static void values_and_intervals_stay_on_the_scale(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 0, &h);
    const float value[2] = {9, -20};
    assert_good(add_row(m, value));
    const mien_prediction *p = &h.kept[0];
    assert_near(p->value[0], 7, 0);
    assert_near(p->normal[0], 1, 0);
    assert_near(p->high[0], 7, 0);
    assert_near(p->low[0], 7, 0); /* 9 − 1 is above the scale too */
    assert_near(p->value[1], 0, 0);
    assert_near(p->low[1], 0, 0);
    assert_near(p->high[1], 0, 0);
    mien_moments_free(&m);
}

static void a_moment_ends_where_the_next_begins(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 0, &h);
    add(m, 0, 1);
    assert_int_equal(h.count, 0); /* its end is not known yet */
    add(m, 0.2, 2);
    assert_int_equal(h.count, 1);
    add(m, 0.5, 3);
    assert_good(mien_moments_end(m, 0.61));
    assert_int_equal(h.count, 3);
    const double start[] = {0, 0.2, 0.5}, end[] = {0.2, 0.5, 0.61};
    for (int i = 0; i < 3; i++) {
        assert_near(h.kept[i].start_s, start[i], 0);
        assert_near(h.kept[i].end_s, end[i], 0);
        assert_near(h.kept[i].value[0], i + 1, 0);
        assert_int_equal(h.mark[i], 10 * (i + 1));
    }
    mien_moments_free(&m);
}

static void the_last_moment_never_ends_before_it_begins(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 0, &h);
    add(m, 1, 1);
    add(m, 2, 2);
    assert_good(mien_moments_end(m, 1.5));
    assert_int_equal(h.count, 2);
    assert_near(h.kept[1].end_s, 2, 0);
    assert_good(mien_moments_end(m, 5)); /* nothing waits any more */
    assert_int_equal(h.count, 2);
    mien_moments_free(&m);
}

static void a_moment_before_damage_lasts_as_long_as_the_one_before(void **state) {
    (void)state;
    mien_network r = network_of();
    for (int smooth = 0; smooth <= 2; smooth++) {
        for (int film = 1; film <= 4; film++) {
            heard h;
            mien_moments *m = moments_of(&r, smooth, &h);
            for (int i = 0; i < film; i++) {
                add(m, 0.5 * i, 1);
            }
            assert_good(mien_moments_end(m, -INFINITY));
            assert_int_equal(h.count, film);
            assert_near(h.kept[film - 1].end_s, film > 1 ? 0.5 * film : 0, 1e-12);
            mien_moments_free(&m);
        }
    }
}

/* The mean over as many neighbours as there are on both sides, for windows up to longer
 * than the film: what mien_smooth_mean() gives of the whole. */
static void smoothing_is_a_centred_mean_narrower_at_the_ends(void **state) {
    (void)state;
    enum { FILM = 11 };
    const float raw[FILM] = {1, 5, 2, 2, 7, 1, 3, 6, 4, 2, 5};
    mien_network r = network_of();
    for (int smooth = 0; smooth <= FILM + 2; smooth++) {
        heard h;
        mien_moments *m = moments_of(&r, smooth, &h);
        for (int i = 0; i < FILM; i++) {
            add(m, i * 0.5, raw[i]);
        }
        assert_good(mien_moments_end(m, FILM * 0.5));
        assert_int_equal(h.count, FILM);
        for (int i = 0; i < FILM; i++) {
            double sum = 0;
            int side = smooth < i ? smooth : i;
            side = side < FILM - 1 - i ? side : FILM - 1 - i;
            for (int k = i - side; k <= i + side; k++) {
                sum += (double)raw[k];
            }
            assert_near(h.kept[i].value[0], sum / (2 * side + 1), 1e-12);
            assert_near(h.kept[i].start_s, i * 0.5, 0);
            assert_near(h.kept[i].end_s, (i + 1) * 0.5, 0);
            assert_int_equal(h.mark[i], (int)(raw[i] * 10)); /* its own picture */
        }
        mien_moments_free(&m);
    }
}

static void films_one_after_the_other_do_not_mix(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 2, &h);
    for (int i = 0; i < 3; i++) {
        add(m, i, 1);
    }
    assert_good(mien_moments_end(m, 3));
    for (int i = 0; i < 3; i++) {
        add(m, i, 7);
    }
    assert_good(mien_moments_end(m, 3));
    assert_int_equal(h.count, 6);
    for (int i = 0; i < 6; i++) {
        assert_near(h.kept[i].value[0], i < 3 ? 1 : 7, 0);
    }
    mien_moments_free(&m);
}

/* ---- classes ---- */

static const char *const feelings[3] = {"happy", "sad", "calm"};
static const mien_network mixed = {.targets_count = 2,
    .targets = {{.name = "emotion",
                    .link = MIEN_LINK_SOFTMAX,
                    .classes_count = 3,
                    .classes = feelings},
        {.name = "valence", .minimum = 1, .maximum = 7, .interval_high = 1}}};

typedef struct classes_heard {
    int choice[8];
    double share[8][3], value[8];
    int count;
} classes_heard;

static mien_status hear_classes(void *context, const mien_prediction *p) {
    classes_heard *h = context;
    assert_true(h->count < 8);
    assert_true(isnan(p->value[0]) && isnan(p->normal[0]));
    assert_true(isnan(p->low[0]) && isnan(p->high[0]));
    assert_null(p->probability[1]);
    h->choice[h->count] = p->choice[0];
    memcpy(h->share[h->count], p->probability[0], sizeof h->share[0]);
    h->value[h->count++] = p->value[1];
    return MIEN_OK;
}

static void classes_have_a_choice_and_probabilities(void **state) {
    (void)state;
    classes_heard h = {0};
    mien_moments *m = NULL;
    const float row[4] = {0.25F, 0.5F, 0.25F, 4};
    assert_good(mien_moments_new(&mixed, 0, hear_classes, &h, &m));
    assert_good(add_row(m, row));
    assert_int_equal(h.count, 1);
    assert_int_equal(h.choice[0], 1);
    assert_near(h.share[0][0], 0.25, 0);
    assert_near(h.share[0][1], 0.5, 0);
    assert_near(h.value[0], 4, 0);
    mien_moments_free(&m);
}

static void smoothed_probabilities_choose_anew(void **state) {
    (void)state;
    classes_heard h = {0};
    mien_moments *m = NULL;
    mien_tensor *none = NULL;
    const float rows[3][4] = {
        {0.75F, 0.25F, 0, 1}, {0, 0.5F, 0.5F, 4}, {0.5F, 0, 0.5F, 7}};
    assert_good(mien_moments_new(&mixed, 1, hear_classes, &h, &m));
    for (int i = 0; i < 3; i++) {
        assert_good(add_value(m, i, rows[i], &none));
    }
    assert_good(mien_moments_end(m, 3));
    assert_int_equal(h.count, 3);
    assert_int_equal(h.choice[0], 0); /* alone */
    assert_near(h.share[1][0], 1.25 / 3, 1e-15);
    assert_near(h.share[1][1], 0.25, 1e-15);
    assert_near(h.share[1][2], 1.0 / 3, 1e-15);
    assert_int_equal(h.choice[1], 0);
    assert_int_equal(h.choice[2], 0); /* 1/2, 0, 1/2: the lowest of equals */
    assert_near(h.value[1], 4, 1e-12);
    mien_moments_free(&m);
}

static mien_status make_once(void *context) {
    mien_moments *m = NULL;
    classes_heard h = {0};
    mien_status status = mien_moments_new(context, 1, hear_classes, &h, &m);
    mien_moments_free(&m);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    support_each_allocation_fails(make_once, (void *)&mixed, 20);
}

static void a_long_film_allocates_nothing(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 3, &h);
    const float value[2] = {4, 50};
    mien_tensor *none = NULL;
    uint64_t before = mien_alloc_count();
    for (int i = 0; i < 100000; i++) {
        assert_good(add_value(m, i * 0.2, value, &none));
    }
    assert_good(mien_moments_end(m, 20000));
    assert_int_equal(h.count, 100000);
    assert_int_equal(mien_alloc_count(), before);
    mien_moments_free(&m);
}

static void a_failing_listener_stops_the_film(void **state) {
    (void)state;
    heard h;
    mien_network r = network_of();
    mien_moments *m = moments_of(&r, 0, &h);
    const float value[2] = {4, 50};
    mien_tensor *none = NULL;
    h.stop_at = 2;
    add(m, 0, 1);
    add(m, 1, 1);
    assert_fails(add_value(m, 2, value, &none), MIEN_EIO, "full");
    mien_moments_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_is_given_at_once_on_both_scales),
        cmocka_unit_test(values_and_intervals_stay_on_the_scale),
        cmocka_unit_test(a_moment_ends_where_the_next_begins),
        cmocka_unit_test(the_last_moment_never_ends_before_it_begins),
        cmocka_unit_test(a_moment_before_damage_lasts_as_long_as_the_one_before),
        cmocka_unit_test(smoothing_is_a_centred_mean_narrower_at_the_ends),
        cmocka_unit_test(films_one_after_the_other_do_not_mix),
        cmocka_unit_test(classes_have_a_choice_and_probabilities),
        cmocka_unit_test(smoothed_probabilities_choose_anew),
        cmocka_unit_test(failing_allocations_are_reported),
        cmocka_unit_test(a_long_film_allocates_nothing),
        cmocka_unit_test(a_failing_listener_stops_the_film),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
