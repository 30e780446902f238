/* SPDX-License-Identifier: MIT */
/* Every row of data/synths/synths.def: what it writes is a table without mistakes, the
 * same each time. */
#include "support/support.h"

#include "mien/data.h"

#include <stdio.h>
#include <string.h>

static mien_synth_options small(void) {
    mien_synth_options o = mien_synth_options_default();
    o.films = 3;
    o.segments = 20;
    o.reactions.persons = 3;
    o.reactions.stimuli = 10;
    o.reactions.per_person = 8;
    return o;
}

/* Options of the set's own that make it small, those it has of these. */
static mien_options *small_own(const mien_synth *synth) {
    static const char *const values[][2] = {{"videos", "24"}, {"rated", "16"},
        {"persons", "3"}, {"share", "0.05"}, {"width", "64"}, {"train", "64"},
        {"validation", "32"}, {"size", "48"}};
    mien_options *own = NULL;
    if (synth->options) {
        assert_good(mien_options_new(synth->options, &own));
    }
    for (size_t i = 0; own && i < sizeof values / sizeof *values; i++) {
        for (const mien_option *o = synth->options; o->name; o++) {
            if (strcmp(o->name, values[i][0]) == 0) {
                assert_good(mien_options_set(own, "test", values[i][0], values[i][1]));
            }
        }
    }
    return own;
}

static void every_row_has_name_and_summary(void **state) {
    (void)state;
    assert_true(mien_synth_count() > 0);
    for (int i = 0; i < mien_synth_count(); i++) {
        const mien_synth *synth = mien_synth_at(i), *found = NULL;
        assert_true(strlen(synth->name) > 0 && strlen(synth->summary) > 20);
        assert_good(mien_synth_find(synth->name, &found));
        assert_ptr_equal(found, synth);
    }
    assert_null(mien_synth_at(mien_synth_count()));
}

static void the_doctor_finds_no_mistake(void **state) {
    (void)state;
    mien_synth_options o = small();
    mien_doctor_options d = mien_doctor_options_default();
    d.folds = 3;
    for (int i = 0; i < mien_synth_count(); i++) {
        char folder[64], table[96];
        mien_finding *findings = NULL;
        int64_t count = 0;
        mien_options *own = small_own(mien_synth_at(i));
        bool schematic = strcmp(mien_synth_at(i)->name, "affectnet") == 0;
        o.own = own;
        snprintf(folder, sizeof folder, "doctor%d", i);
        snprintf(table, sizeof table, "%s/trials.tsv", folder);
        assert_good(mien_synth_write(
            mien_synth_at(i), &o, support_temp_path(folder), NULL, NULL));
        assert_good(
            mien_doctor(support_temp_path(table), &d, NULL, NULL, &findings, &count));
        for (int64_t f = 0; f < count; f++) {
            /* schematic faces look alike; few reactions may be as one-sided as many of
             * people's are, and where people are crossed with pictures, folds by one
             * have the other on both sides */
            if (findings[f].severity != MIEN_NOTE &&
                strcmp(findings[f].check, "balance") != 0 &&
                strcmp(findings[f].check, "leak") != 0 &&
                !(schematic && strncmp(findings[f].check, "near", 4) == 0)) {
                fail_msg("%s: %s", findings[f].check, findings[f].text);
            }
        }
        mien_free(findings);
        mien_options_free(&own);
    }
}

static void count_calls(void *context, int64_t done, int64_t total) {
    int *calls = context;
    assert_true(done >= 0 && done < total);
    ++*calls;
}

static void the_same_options_give_the_same_table(void **state) {
    (void)state;
    mien_synth_options o = small();
    for (int i = 0; i < mien_synth_count(); i++) {
        char hash[2][65];
        int calls = 0;
        mien_options *own = small_own(mien_synth_at(i));
        o.own = own;
        for (int k = 0; k < 2; k++) {
            char folder[64], table[96];
            snprintf(folder, sizeof folder, "same%d-%d", i, k);
            snprintf(table, sizeof table, "%s/trials.tsv", folder);
            assert_good(mien_synth_write(
                mien_synth_at(i), &o, support_temp_path(folder), count_calls, &calls));
            assert_good(mien_sha256_file(support_temp_path(table), hash[k]));
        }
        assert_string_equal(hash[0], hash[1]);
        assert_true(calls > 2);
        mien_options_free(&own);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_name_and_summary),
        cmocka_unit_test(the_doctor_finds_no_mistake),
        cmocka_unit_test(the_same_options_give_the_same_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
