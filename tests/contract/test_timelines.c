/* SPDX-License-Identifier: MIT */
/* What every row of predict/timelines.def must do. */
#include "support/support.h"

#include <ctype.h>
#include <string.h>

#include "mien/predict.h"

enum { MOMENTS = 40 };

static const mien_target targets[2] = {{.name = "valence", .minimum = 1, .maximum = 7},
    {.name = "arousal", .minimum = 1, .maximum = 7}};

static void make_moments(mien_prediction *moments) {
    for (int i = 0; i < MOMENTS; i++) {
        moments[i] = (mien_prediction){.start_s = 0.2 * i,
            .end_s = 0.2 * (i + 1),
            .targets_count = 2,
            .value = {1 + i % 7, 7 - 0.125 * i}};
    }
}

static void rows_have_names_of_their_own_and_are_found(void **state) {
    (void)state;
    assert_true(mien_timeline_format_count() >= 4);
    for (int i = 0; i < mien_timeline_format_count(); i++) {
        const mien_timeline_format *f = mien_timeline_format_at(i);
        assert_ptr_equal(mien_timeline_format_find(f->name), f);
        assert_true(f->extension[0] && f->extension[0] != '.');
        assert_true(f->summary[0] && f->summary[strlen(f->summary) - 1] != '.');
        for (const char *c = f->name; *c; c++) {
            assert_true(islower((unsigned char)*c));
        }
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(
                f->extension, mien_timeline_format_at(k)->extension);
        }
    }
    assert_null(mien_timeline_format_find("csv"));
    assert_null(mien_timeline_format_at(-1));
    assert_null(mien_timeline_format_at(mien_timeline_format_count()));
}

static void every_moment_is_written_for_every_target(void **state) {
    (void)state;
    mien_prediction moments[MOMENTS];
    make_moments(moments);
    for (int i = 0; i < mien_timeline_format_count(); i++) {
        const mien_timeline_format *f = mien_timeline_format_at(i);
        mien_string one, all;
        mien_string_init(&one);
        mien_string_init(&all);
        assert_good(f->write(&one, "f.mp4", 8, moments, 1, targets));
        assert_good(f->write(&all, "f.mp4", 8, moments, MOMENTS, targets));
        assert_non_null(strstr(all.text, "valence"));
        assert_non_null(strstr(all.text, "arousal"));
        /* 7 − 0.125 · 39 = 2.125 is the last arousal */
        assert_true(strstr(all.text, "2.12") != NULL);
        assert_true(all.length > one.length + 20 * (MOMENTS - 1));
        assert_int_equal(all.text[all.length - 1], '\n');
        mien_string_clear(&one);
        mien_string_clear(&all);
    }
}

static void a_film_without_moments_is_written_too(void **state) {
    (void)state;
    for (int i = 0; i < mien_timeline_format_count(); i++) {
        mien_string text;
        mien_string_init(&text);
        assert_good(
            mien_timeline_format_at(i)->write(&text, "f.mp4", 8, NULL, 0, targets));
        mien_string_clear(&text);
    }
}

/* Every tag that opens is closed in its order, and every quote. */
static void assert_well_formed(const char *xml) {
    const char *open[16];
    size_t length[16];
    int depth = 0;
    for (const char *c = strchr(xml, '<'); c; c = strchr(c, '<')) {
        const char *end = c + 1;
        bool quoted = false;
        for (; *end && (quoted || *end != '>'); end++) {
            quoted = *end == '"' ? !quoted : quoted;
            assert_true(*end != '<');
        }
        assert_int_equal(*end, '>');
        size_t name = strcspn(c + 1, " />\n");
        if (c[1] == '/') {
            assert_true(depth-- > 0);
            assert_int_equal(strcspn(c + 2, ">"), length[depth]);
            assert_memory_equal(c + 2, open[depth], length[depth]);
        } else if (c[1] != '?' && end[-1] != '/') {
            assert_true(depth < 16);
            open[depth] = c + 1;
            length[depth++] = name;
        }
        c = end;
    }
    assert_int_equal(depth, 0);
}

static void xml_is_well_formed_whatever_the_film_is_called(void **state) {
    (void)state;
    mien_prediction moments[MOMENTS];
    mien_string text;
    mien_string_init(&text);
    make_moments(moments);
    assert_good(mien_timeline_format_find("eaf")->write(&text,
        "</HEADER> & \"quotes\" <!-- \xFF\x01.mp4", 8, moments, MOMENTS, targets));
    assert_well_formed(text.text);
    mien_string_clear(&text);
}

typedef struct job {
    const mien_timeline_format *format;
    mien_prediction moments[MOMENTS];
} job;

static mien_status write_once(void *context) {
    const job *j = context;
    mien_string text;
    mien_string_init(&text);
    mien_status status =
        j->format->write(&text, "f.mp4", 8, j->moments, MOMENTS, targets);
    mien_string_clear(&text);
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    job j;
    make_moments(j.moments);
    for (int i = 0; i < mien_timeline_format_count(); i++) {
        j.format = mien_timeline_format_at(i);
        support_each_allocation_fails(write_once, &j, 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_names_of_their_own_and_are_found),
        cmocka_unit_test(every_moment_is_written_for_every_target),
        cmocka_unit_test(a_film_without_moments_is_written_too),
        cmocka_unit_test(xml_is_well_formed_whatever_the_film_is_called),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
