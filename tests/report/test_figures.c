/* SPDX-License-Identifier: MIT */
/* Timeline, scatter and intervals: well-formed, and true to their input. */
#include "report/markup.h"

#include "report/run.h"

#include <math.h>

enum { N = 40 };

typedef struct film {
    double time[N], value[N], low[N], high[N];
    mien_figure_series series[2];
    mien_figure_thumbnail shots[3];
} film;

/* A start of a JPEG whose frame is 160 × 90, and nothing after it. */
static const uint8_t jpeg[] = {
    0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 90, 0, 160, 3};

static void film_init(film *f) {
    for (int i = 0; i < N; i++) {
        f->time[i] = 0.5 * i;
        f->value[i] = 4 + 2 * sin(i / 4.0);
        f->low[i] = f->value[i] - 1;
        f->high[i] = f->value[i] + 1;
    }
    f->series[0] = (mien_figure_series){.name = "valence",
        .value = f->value,
        .low = f->low,
        .high = f->high,
        .minimum = 1,
        .maximum = 7};
    f->series[1] = (mien_figure_series){.name = "a <b> & c", .value = f->value};
    for (int i = 0; i < 3; i++) {
        f->shots[i] = (mien_figure_thumbnail){9.0 * i, jpeg, sizeof jpeg};
    }
}

static void a_timeline_has_its_parts(void **state) {
    (void)state;
    film f;
    mien_string out;
    film_init(&f);
    mien_string_init(&out);
    assert_good(mien_figure_timeline(
        &out, "Film \"1\" <x>", f.time, N, f.series, 2, f.shots, 3));
    assert_markup(out.text);
    assert_non_null(strstr(out.text, "<title>Film &quot;1&quot; &lt;x&gt;</title>"));
    assert_non_null(strstr(out.text, "<desc>40 moments over 19.5 seconds."));
    assert_non_null(strstr(out.text, "a &lt;b&gt; &amp; c"));
    assert_int_equal(count_of(out.text, "<image"), 3);
    assert_int_equal(count_of(out.text, "class=\"line\""), 2);
    assert_int_equal(count_of(out.text, "class=\"band\" fill=\"currentColor\""), 1);
    assert_non_null(strstr(out.text, "data:image/jpeg;base64,/9j/4AAE"));
    assert_non_null(strstr(out.text, "high 5.99 at"));
    assert_non_null(strstr(out.text, "low 2.00 at"));
    assert_null(strstr(out.text, "nan"));
    mien_string_clear(&out);
}

static void highs_within_the_noise_are_not_pointed_at(void **state) {
    (void)state;
    film f;
    mien_string out;
    film_init(&f);
    for (int i = 0; i < N; i++) {
        f.low[i] = f.value[i] - 3;
        f.high[i] = f.value[i] + 3;
    }
    mien_string_init(&out);
    assert_good(mien_figure_timeline(&out, "F", f.time, N, f.series, 1, f.shots, 3));
    assert_null(strstr(out.text, "high 5.99"));
    assert_null(strstr(out.text, "low 2.00"));
    mien_string_clear(&out);
}

static void what_is_heard_and_cut_has_rows_of_its_own(void **state) {
    (void)state;
    film f;
    mien_string out;
    double level[N];
    bool speech[N], music[N];
    static const double cuts[] = {1, 7.5, 400};
    film_init(&f);
    for (int i = 0; i < N; i++) {
        level[i] = i == 3 ? 4 : -2.0 * i;
        speech[i] = i >= 4 && i < 10;
        music[i] = false;
    }
    mien_figure_scene scene = {.moments = N,
        .step_s = 0.5,
        .level_db = level,
        .speech = speech,
        .music = music,
        .is_seen = true,
        .cut_s = cuts,
        .cuts = 3};
    mien_string_init(&out);
    assert_good(mien_figure_timeline_of_film(
        &out, "F", f.time, N, f.series, 1, f.shots, 3, &scene));
    assert_markup(out.text);
    assert_non_null(
        strstr(out.text, "like speech 15 % of the time and like music 0 %. 3 cuts."));
    assert_non_null(strstr(out.text, ">sound level</text>"));
    /* one bar of six half seconds, none of music, two cuts within the film's times */
    assert_int_equal(count_of(out.text, "like speech</text>"), 1);
    const char *cut = strstr(out.text, ">cuts</text>");
    assert_non_null(cut);
    assert_int_equal(count_of(cut, "v9"), 2);
    scene.moments = 0;
    mien_string_empty(&out);
    assert_good(mien_figure_timeline_of_film(
        &out, "F", f.time, N, f.series, 1, NULL, 0, &scene));
    assert_markup(out.text);
    assert_null(strstr(out.text, "sound level"));
    assert_non_null(strstr(out.text, "it has no sound"));
    scene.is_seen = false; /* nothing is known: as without it */
    mien_string_empty(&out);
    assert_good(mien_figure_timeline_of_film(
        &out, "F", f.time, N, f.series, 1, NULL, 0, &scene));
    assert_null(strstr(out.text, "The film itself"));
    mien_string_clear(&out);
}

static void histograms_have_one_height_and_count_the_ends(void **state) {
    (void)state;
    static const double all[] = {1, 7, 7, 4, (double)NAN, 9}, few[] = {7};
    const mien_figure_axis axis = {"v & w", 1, 7};
    const mien_figure_group groups[] = {{"all", all, 6}, {"a <few>", few, 1}};
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_figure_histograms(&out, "H", &axis, groups, 2));
    assert_markup(out.text);
    assert_non_null(strstr(out.text, "all (4)")); /* without NaN and what is outside */
    assert_non_null(strstr(out.text, "a &lt;few&gt; (1)"));
    assert_int_equal(count_of(out.text, "<rect"), 4);
    assert_non_null(strstr(out.text, "<title>2</title>"));
    assert_int_equal(count_of(out.text, "height=\"110\""), 1); /* the share of 1 */
    assert_int_equal(count_of(out.text, "height=\"55\""), 1);
    mien_string_empty(&out);
    assert_good(mien_figure_histograms(&out, "H", &axis, groups, 0));
    assert_markup(out.text);
    mien_string_clear(&out);
}

static void gaps_break_the_line(void **state) {
    (void)state;
    film f;
    mien_string out;
    film_init(&f);
    f.value[10] = f.low[10] = f.high[10] = (double)NAN;
    f.value[20] = f.value[22] = (double)NAN; /* a moment alone between two gaps */
    f.high[30] = (double)INFINITY;
    mien_string_init(&out);
    assert_good(mien_figure_timeline(&out, "gaps", f.time, N, f.series, 1, NULL, 0));
    assert_markup(out.text);
    const char *line = strstr(out.text, "stroke-linecap=\"round\" d=\"");
    assert_non_null(line);
    char path[4096];
    size_t n = strcspn(line + 26, "\"");
    assert_true(n < sizeof path);
    memcpy(path, line + 26, n);
    path[n] = 0;
    assert_int_equal(count_of(path, "M"), 4);
    assert_int_equal(count_of(path, "h0"), 1);
    assert_null(strstr(out.text, "nan"));
    assert_null(strstr(out.text, "inf,"));
    mien_string_clear(&out);
}

static void empty_and_single_timelines_are_drawn(void **state) {
    (void)state;
    film f;
    mien_string out;
    film_init(&f);
    mien_string_init(&out);
    assert_good(mien_figure_timeline(&out, "none", f.time, 0, f.series, 2, NULL, 0));
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, "no values"), 2);
    mien_string_empty(&out);
    assert_good(mien_figure_timeline(&out, "one", f.time, 1, f.series, 2, f.shots, 1));
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, "h0"), 2);
    assert_int_equal(count_of(out.text, "<image"), 1);
    mien_string_empty(&out);
    assert_good(
        mien_figure_timeline(&out, "no series", f.time, N, NULL, 0, f.shots, 3));
    assert_markup(out.text);
    mien_string_clear(&out);
}

static void long_films_stay_small(void **state) {
    (void)state;
    enum { MANY = 100000 };
    double *v = mien_alloc(MANY, 2 * sizeof *v);
    mien_string out;
    assert_non_null(v);
    mien_string_init(&out);
    for (int i = 0; i < MANY; i++) {
        v[i] = i == 77777 ? 6.5 : 4 + sin(i / 900.0);
        v[MANY + i] = 0.2 * i;
    }
    mien_figure_series series = {
        .name = "v", .value = v, .low = v, .high = v, .minimum = 1, .maximum = 7};
    assert_good(
        mien_figure_timeline(&out, "long", v + MANY, MANY, &series, 1, NULL, 0));
    assert_markup(out.text);
    assert_true(out.length < 200000);
    assert_non_null(strstr(out.text, "high 6.50 at 4:19:15"));
    mien_string_clear(&out);
    mien_free(v);
}

static void damaged_thumbnails_do_no_harm(void **state) {
    (void)state;
    film f;
    mien_string out;
    film_init(&f);
    mien_string_init(&out);
    for (size_t n = 0; n <= sizeof jpeg; n++) {
        f.shots[0].jpeg_bytes = n;
        mien_string_empty(&out);
        assert_good(
            mien_figure_timeline(&out, "cut", f.time, N, f.series, 1, f.shots, 1));
        assert_markup(out.text);
    }
    mien_string_clear(&out);
}

static const mien_figure_axis x_axis = {"valence (1-7)", 1, 7};
static const mien_figure_axis y_axis = {"arousal & more", 1, 7};

static void a_scatter_has_a_dot_a_pair(void **state) {
    (void)state;
    const double x[5] = {1, 2, (double)NAN, 4, 99}, y[5] = {1, 5, 3, (double)NAN, 2};
    const char *const labels[5] = {"<one>", "two", "three", "four", NULL};
    mien_string out;
    mien_string_init(&out);
    assert_good(
        mien_figure_scatter(&out, "S", &x_axis, x, &y_axis, y, labels, 5, true, false));
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, "<circle"), 3);
    assert_non_null(strstr(out.text, "<title>&lt;one&gt;: 1.00, 1.00</title>"));
    assert_non_null(strstr(out.text, "arousal &amp; more"));
    assert_int_equal(count_of(out.text, ">equal<"), 1);
    assert_null(strstr(out.text, "nan"));
    mien_string_clear(&out);
}

static void a_path_shows_where_it_starts_and_ends(void **state) {
    (void)state;
    const double x[4] = {(double)NAN, 2, 3, 4}, y[4] = {1, 5, 3, 2};
    mien_string out;
    mien_string_init(&out);
    assert_good(
        mien_figure_scatter(&out, "P", &x_axis, x, &y_axis, y, NULL, 4, false, true));
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, ">start<"), 1);
    assert_int_equal(count_of(out.text, ">end<"), 1);
    mien_string_clear(&out);
}

static void empty_and_single_scatters_are_drawn(void **state) {
    (void)state;
    const double x[1] = {3}, nothing[1] = {(double)NAN};
    const mien_figure_axis free_axis = {"free", 0, 0};
    mien_string out;
    mien_string_init(&out);
    for (int connect = 0; connect < 2; connect++) {
        assert_good(mien_figure_scatter(
            &out, "0", &x_axis, x, &y_axis, x, NULL, 0, true, connect));
        assert_good(mien_figure_scatter(
            &out, "1", &free_axis, x, &free_axis, x, NULL, 1, true, connect));
        assert_good(mien_figure_scatter(&out, "n", &free_axis, nothing, &free_axis,
            nothing, NULL, 1, false, connect));
    }
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, "no values"), 4);
    assert_int_equal(count_of(out.text, "<svg"), 6);
    mien_string_clear(&out);
}

static void intervals_leave_out_what_is_unknown(void **state) {
    (void)state;
    const mien_figure_estimate list[4] = {{"a", {0.6, 0.5, 0.7}, MIEN_MARK_DOT, true},
        {"b", {0.4, (double)NAN, (double)NAN}, MIEN_MARK_SQUARE, false},
        {"c", {(double)NAN, 0, 1}, MIEN_MARK_DIAMOND, false},
        {"d", {0.9, 0.8, 1.0}, MIEN_MARK_BAR, true}};
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_figure_intervals(&out, "I", "r", list, 4, 0.5));
    assert_non_null(strstr(out.text, "stroke-dasharray"));
    assert_markup(out.text);
    assert_non_null(strstr(out.text, "<desc>3 estimates"));
    assert_null(strstr(out.text, ">c<"));
    mien_string_empty(&out);
    assert_good(mien_figure_intervals(&out, "I", "r", list, 0, NAN));
    assert_markup(out.text);
    mien_string_clear(&out);
}

static void metrics_become_a_table(void **state) {
    (void)state;
    const mien_report_metric list[3] = {
        {"valence", "m", "Pearson r", {0.66, 0.6, 0.71}},
        {"valence", "m", "R²", {-0.5, (double)NAN, (double)NAN}},
        {"a&b", "m", "RMSE", {(double)NAN, 0, 0}}};
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_report_metrics(&out, list, 3));
    assert_markup(out.text);
    assert_non_null(strstr(out.text, "0.660<small>0.600 to 0.710</small>"));
    assert_non_null(strstr(out.text, "−0.500"));
    assert_non_null(strstr(out.text, "–"));
    assert_int_equal(count_of(out.text, ">valence<"), 1);
    assert_non_null(strstr(out.text, "<caption>"));
    mien_string_clear(&out);
}

static mien_status draw_everything(void *context) {
    film *f = context;
    mien_string out;
    mien_string_init(&out);
    mien_status status =
        mien_figure_timeline(&out, "t", f->time, N, f->series, 2, f->shots, 3);
    if (status == MIEN_OK) {
        status = mien_figure_scatter(
            &out, "s", &x_axis, f->value, &y_axis, f->low, NULL, N, true, true);
    }
    mien_string_clear(&out);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    film f;
    film_init(&f);
    support_each_allocation_fails(draw_everything, &f, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeline_has_its_parts),
        cmocka_unit_test(highs_within_the_noise_are_not_pointed_at),
        cmocka_unit_test(what_is_heard_and_cut_has_rows_of_its_own),
        cmocka_unit_test(histograms_have_one_height_and_count_the_ends),
        cmocka_unit_test(gaps_break_the_line),
        cmocka_unit_test(empty_and_single_timelines_are_drawn),
        cmocka_unit_test(long_films_stay_small),
        cmocka_unit_test(damaged_thumbnails_do_no_harm),
        cmocka_unit_test(a_scatter_has_a_dot_a_pair),
        cmocka_unit_test(a_path_shows_where_it_starts_and_ends),
        cmocka_unit_test(empty_and_single_scatters_are_drawn),
        cmocka_unit_test(intervals_leave_out_what_is_unknown),
        cmocka_unit_test(metrics_become_a_table),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("report/figures", tests, NULL, NULL);
}
