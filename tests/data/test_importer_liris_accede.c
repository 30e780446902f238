/* SPDX-License-Identifier: MIT */
/* LIRIS-ACCEDE, excerpts and films, on small copies of what is published. */
#include "data/fixtures_features.h"

#include "data/importers/liris.h"

static mien_status import_task(const char *task, mien_trials **trials) {
    const mien_importer *set = NULL;
    mien_options *options = NULL;
    char directory[4096], output[4096];
    snprintf(directory, sizeof directory, "%s", support_temp_path("LIRIS"));
    snprintf(output, sizeof output, "%s", support_temp_path("liris.tsv"));
    remove(output);
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_find("liris-accede", &set));
    assert_good(mien_options_new(set->options, &options));
    assert_good(mien_options_set(options, NULL, "task", task));
    mien_status status = mien_importer_run(set, directory, options, output);
    mien_options_free(&options);
    if (status == MIEN_OK) {
        assert_good(mien_trials_open(output, trials));
    } else {
        assert_false(mien_file_exists(output));
    }
    return status;
}

static void assert_cell(
    const mien_trials *t, int64_t row, const char *column, const char *want) {
    const char *got = mien_trials_cell(t, row, column);
    if (!got || !want) {
        assert_true(got == want);
    } else {
        assert_string_equal(got, want);
    }
}

static void assert_refused(const char *task, mien_status status, const char *part) {
    mien_trials *t = NULL;
    assert_fails(import_task(task, &t), status, part);
}

static void excerpts_have_ratings_sets_and_films(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_liris();
    assert_good(import_task("global", &t));
    assert_int_equal(mien_trials_rows(t), 4);
    assert_string_equal(mien_trials_id(t, 0), "ACCEDE00000");
    assert_cell(t, 0, "valence", "2.5");
    assert_cell(t, 0, "arousal", "1.25");
    assert_cell(t, 0, "split", "train");
    assert_cell(t, 2, "split", "validation");
    assert_cell(t, 3, "split", "test");
    assert_cell(t, 1, "group", "After The Rain");
    assert_cell(t, 2, "group", NULL);
    assert_cell(t, 3, "group", "Payload");
    assert_cell(t, 2, "features.vggish", "LIRIS/features/vggish.h5#2");
    assert_cell(t, 1, "features.i3d", "LIRIS/features/i3d/ACCEDE00001.h5");
    assert_cell(t, 2, "features.i3d", NULL);
    assert_cell(t, 2, "film", NULL);
    mien_trials_close(&t);
}

static void mediaeval_names_tell_the_split(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_liris();
    remove(support_temp_path("LIRIS/annotations/ACCEDEsets.txt"));
    remove(support_temp_path("LIRIS/annotations/ACCEDEdescription.xml"));
    fixture_text("LIRIS/annotations/ACCEDEranking.txt",
        "name\tvalence\tarousal\nACCEDE00000.mp4\t2\t2\nACCEDE00001.mp4\t3\t3\n");
    fixture_text("LIRIS/annotations/MEDIAEVAL16.txt",
        "name\tvalence\tarousal\nMEDIAEVAL16_00000.mp4\t4\t4\nMEDIAEVAL16_1."
        "mp4\t1\t1\n");
    fixture_folder("LIRIS/data");
    fixture_text("LIRIS/data/ACCEDE00001.mp4", "x");
    assert_good(import_task("global", &t));
    assert_cell(t, 0, "split", "train");
    assert_cell(t, 2, "split", "test");
    assert_cell(t, 1, "film", "LIRIS/data/ACCEDE00001.mp4");
    assert_non_null(mien_value_get(mien_trials_sidecar(t), "notes"));
    mien_trials_close(&t);
    remove(support_temp_path("LIRIS/annotations/MEDIAEVAL16.txt"));
}

static void wrong_excerpts_are_named(void **state) {
    (void)state;
    fixture_liris();
    fixture_h5("LIRIS/features/vggish.h5", "default", 5, 6, 1);
    assert_refused("global", MIEN_ESHAPE, "vggish.h5: 5 rows where the ratings have 4");
    fixture_liris();
    fixture_text("LIRIS/annotations/ACCEDEsets.txt", "name\tset\nACCEDE00000.mp4\t7\n");
    assert_refused("global", MIEN_EFORMAT, "ACCEDEsets.txt:2: set is \"7\"");
    fixture_liris();
    fixture_text("LIRIS/annotations/ACCEDEranking.txt",
        "name\tvalenceValue\tarousalValue\nA.mp4\t1\t5.5\nB."
        "mp4\t1\t1\nC\t1\t1\nD\t1\t1\n");
    assert_refused(
        "global", MIEN_EFORMAT, "ACCEDEranking.txt:2: arousalValue is \"5.5\"");
    fixture_text("LIRIS/annotations/ACCEDEranking.txt",
        "name\tvalenceValue\tarousalValue\nA.mp4\t1\t5\nA."
        "mp4\t1\t1\nC\t1\t1\nD\t1\t1\n");
    assert_refused("global", MIEN_EFORMAT, "excerpt A is rated twice");
    fixture_text("LIRIS/annotations/ACCEDEranking.txt",
        "name\tvalenceValue\tarousalValue\n\t1\t5\nA.mp4\t1\t1\nC\t1\t1\nD\t1\t1\n");
    assert_refused(
        "global", MIEN_EFORMAT, "ACCEDEranking.txt:2: the excerpt has no name");
    remove(support_temp_path("LIRIS/annotations/ACCEDEranking.txt"));
    assert_refused("global", MIEN_ENOTFOUND, "no table with columns name");
}

static void films_are_cut_into_segments(void **state) {
    (void)state;
    mien_trials *t = NULL;
    fixture_liris();
    assert_good(import_task("continuous", &t));
    assert_int_equal(mien_trials_rows(t), 2);
    assert_string_equal(mien_trials_id(t, 1), "Payload/0001");
    assert_cell(t, 0, "valence", "0.125");
    assert_cell(t, 1, "valence", "0.4375");
    assert_cell(t, 1, "arousal", "-0.5");
    assert_cell(t, 1, "features.vggish", "LIRIS/features/Payload_vggish.h5#1");
    mien_trials_close(&t);
}

static void wrong_films_are_named(void **state) {
    (void)state;
    fixture_liris();
#define AROUSAL "LIRIS/continuous-annotations/Payload_Arousal.txt"
    fixture_text(AROUSAL, "Time\tMean\n0\t0\n");
    assert_refused("continuous", MIEN_ESHAPE, "Payload_Arousal.txt has 1 rows where ");
    char text[400] = "Time\tMean\n";
    for (int i = 0; i < 10; i++) {
        snprintf(text + strlen(text), 30, "%d\t%d\n", i == 4 ? 5 : i, 0);
    }
    fixture_text(AROUSAL, text);
    assert_refused("continuous", MIEN_EFORMAT, "Payload_Arousal.txt:6: time 5 where ");
    text[strlen(text) - 2] = '9';
    text[strlen("Time\tMean\n") + 4 * 4] = '4';
    fixture_text(AROUSAL, text);
    assert_refused("continuous", MIEN_EFORMAT, "Payload_Arousal.txt:11: Mean is \"9\"");
    fixture_text(AROUSAL, "When\tMean\n0\t0\n");
    assert_refused("continuous", MIEN_EFORMAT, "columns Time and Mean");
    remove(support_temp_path(AROUSAL));
    assert_refused("continuous", MIEN_EIO, "Payload_Arousal.txt");
    fixture_liris();
    remove(support_temp_path("LIRIS/features/Payload_vggish.h5"));
    assert_refused("continuous", MIEN_ENOTFOUND, "film Payload: it has ratings");
    remove(support_temp_path("LIRIS/continuous-annotations/Payload_Valence.txt"));
    assert_refused("continuous", MIEN_ENOTFOUND, "no continuous ratings");
}

static void tags_are_found_or_not(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {{"<name>a b</name>", "a b"}, {"<x><name>y<", "y"}, {"<name>", NULL},
        {"<name>a", NULL}, {"<names>a<", NULL}, {"<name", NULL}, {"", NULL},
        {"<", NULL}, {"<name></name>", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = 0;
        const char *text = cases[i].text, *end = text + strlen(text);
        const char *got = mien_liris_tag(text, end, "name", &length);
        assert_true(!got == !cases[i].want);
        if (got) {
            assert_int_equal(length, strlen(cases[i].want));
            assert_memory_equal(got, cases[i].want, length);
        }
    }
}

static mien_options *chosen;
static const mien_importer *found;
static mien_status import_again(void *context) {
    return mien_importer_run(found, context, chosen, support_temp_path("again.tsv"));
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const char *const tasks[] = {"global", "continuous"};
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", fixture_liris());
    assert_good(mien_importer_find("liris-accede", &found));
    for (int i = 0; i < 2; i++) {
        assert_good(mien_options_new(found->options, &chosen));
        assert_good(mien_options_set(chosen, NULL, "task", tasks[i]));
        support_each_allocation_fails(import_again, directory, 800);
        mien_options_free(&chosen);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(excerpts_have_ratings_sets_and_films),
        cmocka_unit_test(mediaeval_names_tell_the_split),
        cmocka_unit_test(wrong_excerpts_are_named),
        cmocka_unit_test(films_are_cut_into_segments),
        cmocka_unit_test(wrong_films_are_named),
        cmocka_unit_test(tags_are_found_or_not),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
