/* SPDX-License-Identifier: MIT */
/* The doctor finds each kind of illness, and nothing where there is none. */
#include "data/fixtures_doctor.h"

static void pictures(void) {
    char name[32];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "p%d.bmp", i);
        fixture_bmp(name, 72, 64, (uint64_t)i);
    }
}

static void a_healthy_table_gets_only_notes(void **state) {
    (void)state;
    pictures();
    visit v = examine("trial\tstimulus\tgroup\timage\tcategory\tvalence\n"
                      "a\ts1\tg1\tp0.bmp\tx\t2\nb\ts2\tg1\tp1.bmp\ty\t6\n"
                      "c\ts3\tg2\tp2.bmp\tx\t1\nd\ts4\tg2\tp3.bmp\ty\t7\n",
        SIDECAR);
    assert_int_equal(count_of(&v, MIEN_ERROR), 0);
    assert_int_equal(count_of(&v, MIEN_WARNING), 0);
    assert_found(
        &v, MIEN_NOTE, "balance", "", "valence: mean 4, SD 2.55, from 1 to 7; 50 %");
    assert_found(&v, MIEN_NOTE, "balance", "", "category: x 2, y 2");
    assert_found(&v, MIEN_NOTE, "groups", "", "2 groups in 4 rows");
    mien_free(v.findings);
}

static void what_opening_refuses_is_listed(void **state) {
    (void)state;
    pictures();
    visit v = examine("trial\timage\tvalence\tsplit\n"
                      "a\tp0.bmp\tbad\ttrain\na\tp1.bmp\t3\tmaybe\n\tp2.bmp\t3\ttest\n",
        "{\"version\":1,\"targets\":{\"valence\":{\"range\":[1,7]," TARGET
        "},\"joy\":{\"range\":[0,1]," TARGET "}}}");
    assert_found(&v, MIEN_ERROR, "id", "", "sick.tsv:3: trial \"a\" is there already");
    assert_found(&v, MIEN_ERROR, "id", "", "sick.tsv:4: the trial has no id");
    assert_found(&v, MIEN_ERROR, "number", "", "sick.tsv:2");
    assert_found(&v, MIEN_ERROR, "split", "", "sick.tsv:3");
    assert_found(&v, MIEN_ERROR, "sidecar", "", "joy");
    assert_found(&v, MIEN_WARNING, "missing", "", "valence is missing in 1 of 3 rows");
    mien_free(v.findings);
    v = examine("name\timage\na\tp0.bmp\nb\tp1.bmp\n", "[]");
    assert_found(&v, MIEN_ERROR, "column", "", "\"trial\"");
    assert_found(&v, MIEN_ERROR, "sidecar", "", "object");
    mien_free(v.findings);
    v = examine("trial\timage\tvalence\n", SIDECAR);
    assert_found(&v, MIEN_ERROR, "rows", "", "no rows");
    mien_free(v.findings);
}

static void unknown_labels_empty_classes_and_odd_votes_are_found(void **state) {
    (void)state;
    visit v = examine("trial\temotion\tv1\tv2\tv3\n"
                      "a\tjoy\t3\t1\t0\nb\tjoy\t1\t4\t0\nc\tglee\t1\t0\t0\n"
                      "d\tfear\t0\t0\t0\ne\tn/a\tn/a\tn/a\tn/a\n",
        "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":[\"joy\",\"fear\","
        "\"calm\"],\"votes\":[\"v1\",\"v2\",\"v3\"]," TARGET "}}}");
    assert_found(&v, MIEN_ERROR, "label", "", "sick.tsv:4: emotion \"glee\"");
    assert_found(&v, MIEN_WARNING, "class", "", "emotion: no row has the class calm");
    assert_found(&v, MIEN_NOTE, "balance", "", "emotion: joy 2, fear 1, calm 0");
    assert_found(&v, MIEN_WARNING, "missing", "", "emotion is missing in 1 of 5 rows");
    assert_found(
        &v, MIEN_WARNING, "votes", "b", "emotion is joy, but more voted for fear");
    assert_found(&v, MIEN_ERROR, "votes", "d", "are all 0");
    mien_free(v.findings);
}

static void a_class_ten_times_another_is_found(void **state) {
    (void)state;
    char table[512] = "trial\temotion\nx\tfear\n";
    for (int i = 0; i < 11; i++) {
        char row[32];
        snprintf(row, sizeof row, "t%d\tjoy\n", i);
        strcat(table, row);
    }
    visit v = examine(table, "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":["
                             "\"joy\",\"fear\"]," TARGET "}}}");
    assert_found(&v, MIEN_WARNING, "balance", "",
        "joy 11, fear 1; the largest is over ten times the smallest");
    mien_free(v.findings);
}

static void ratings_out_of_range_or_one_sided_are_found(void **state) {
    (void)state;
    visit v =
        examine("trial\tvalence\tsd\tn\na\t7.5\t1\t10\nb\t0.5\t-1\t10\nc\t5\t7\t1.5\n"
                "d\t5\t1\t0\n",
            "{\"version\":1,\"targets\":{\"valence\":{\"range\":[1,7]," TARGET
            ",\"sd\":\"sd\",\"n\":\"n\"}}}");
    assert_found(
        &v, MIEN_ERROR, "range", "a", "sick.tsv:2: valence is 7.5; the sidecar says 1");
    assert_found(&v, MIEN_ERROR, "range", "b", "valence is 0.5");
    assert_found(&v, MIEN_ERROR, "raters", "b", "sd is -1");
    assert_found(&v, MIEN_ERROR, "raters", "c", "sd is 7");
    assert_found(&v, MIEN_ERROR, "raters", "c", "n is 1.5");
    assert_found(&v, MIEN_ERROR, "raters", "d", "n is 0");
    mien_free(v.findings);
    v = examine("trial\tvalence\na\t5\nb\t5.1\nc\t5.2\n", SIDECAR);
    assert_found(&v, MIEN_WARNING, "balance", "", "the ratings hardly differ");
    assert_found(&v, MIEN_WARNING, "balance", "", "one side is nearly empty");
    mien_free(v.findings);
}

static void uneven_classes_are_found(void **state) {
    (void)state;
    char table[1024] = "trial\temotion\n";
    for (int i = 0; i < 13; i++) {
        snprintf(table + strlen(table), 16, "t%d\t%s\n", i, i ? "calm" : "fear");
    }
    visit v = examine(table, "{\"version\":1,\"targets\":{}}");
    assert_found(
        &v, MIEN_WARNING, "balance", "", "emotion: fear 1, calm 12; the largest");
    mien_free(v.findings);
}

static void pictures_that_cannot_be_used_are_found(void **state) {
    (void)state;
    pictures();
    fixture_text("text.jpg", "not a picture at all");
    fixture_text("empty.png", "");
    fixture_bmp("tiny.bmp", 8, 8, 50);
    visit v = examine("trial\timage\tvalence\n"
                      "a\tp0.bmp\t2\nb\ttext.jpg\t3\nc\tnone.bmp\t6\nd\tempty.png\t5\n"
                      "e\ttiny.bmp\t4\nf\tn/a\t4\n",
        SIDECAR);
    assert_found(&v, MIEN_ERROR, "unreadable", "b", "text.jpg");
    assert_found(&v, MIEN_ERROR, "file", "c", "none.bmp");
    assert_found(&v, MIEN_ERROR, "unreadable", "d", "empty.png");
    assert_found(&v, MIEN_WARNING, "small", "e", "8 x 8");
    assert_found(&v, MIEN_WARNING, "missing", "", "1 of 6 rows name no image");
    assert_int_equal(count_of(&v, MIEN_ERROR), 3);
    mien_free(v.findings);
}

/* copy.bmp: the bytes of p0; same.png: its pixels; like.png: nearly its pixels. */
static void make_copies(void) {
    char *bytes = NULL;
    size_t count = 0;
    mien_tensor *image = NULL;
    pictures();
    assert_good(mien_file_read(support_temp_path("p0.bmp"), 1 << 20, &bytes, &count));
    support_write("copy.bmp", bytes, count);
    assert_good(mien_image_parse("p0", bytes, count, NULL, &image));
    assert_good(mien_image_write_png(image, support_temp_path("same.png")));
    uint8_t *pixels = image->data;
    for (int64_t i = 0; i < mien_tensor_count(image); i++) {
        pixels[i] = (uint8_t)(pixels[i] / 2 + 60);
    }
    assert_good(mien_image_write_png(image, support_temp_path("like.png")));
    mien_tensor_free(&image);
    mien_free(bytes);
}

static void copies_are_found_by_bytes_pixels_and_looks(void **state) {
    (void)state;
    make_copies();
    visit v = examine("trial\tgroup\timage\tvalence\n"
                      "a\tg\tp0.bmp\t2\nb\tg\tcopy.bmp\t6\nc\tg\tsame.png\t2\n"
                      "d\tg\tlike.png\t6\ne\th\tp1.bmp\t2\nf\th\tp2.bmp\t6\n",
        SIDECAR);
    assert_found(&v, MIEN_WARNING, "duplicate", "b", "the same bytes as");
    assert_found(&v, MIEN_WARNING, "duplicate", "c", "the same pixels as");
    assert_found(&v, MIEN_NOTE, "near", "d", "looks like");
    assert_null(find(&v, "near", "p1.bmp"));
    assert_null(find(&v, "near", "p2.bmp"));
    assert_int_equal(count_of(&v, MIEN_ERROR), 0);
    mien_free(v.findings);
}

static void copies_on_both_sides_of_a_fold_are_worse(void **state) {
    (void)state;
    make_copies();
    visit v = examine("trial\tgroup\timage\tvalence\n"
                      "a\tg\tp0.bmp\t2\nb\th\tcopy.bmp\t6\n"
                      "c\tg\tp1.bmp\t2\nd\th\tlike.png\t6\n",
        SIDECAR);
    assert_found(&v, MIEN_ERROR, "duplicate", "b", "they are in folds");
    assert_found(&v, MIEN_WARNING, "near-fold", "d", "they are in folds");
    mien_free(v.findings);
}

static void copies_on_both_sides_of_a_prescribed_split_are_told(void **state) {
    (void)state;
    make_copies();
    visit v = examine("trial\tgroup\timage\tvalence\tsplit\n"
                      "a\tg\tp0.bmp\t2\ttrain\nb\tg\tcopy.bmp\t6\ttest\n"
                      "c\tg\tsame.png\t2\ttrain\nd\th\tp1.bmp\t2\ttrain\n",
        SIDECAR);
    assert_found(&v, MIEN_ERROR, "duplicate", "b", "they are in test and train");
    assert_found(&v, MIEN_WARNING, "duplicate", "c", "the same pixels as");
    mien_free(v.findings);
}

static void flat_pictures_are_not_alike(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, (int64_t[]){40, 40, 3}, &image));
    assert_good(mien_image_write_png(image, support_temp_path("black.png")));
    memset(image->data, 200, mien_tensor_bytes(image));
    assert_good(mien_image_write_png(image, support_temp_path("grey.png")));
    mien_tensor_free(&image);
    visit v =
        examine("trial\timage\tvalence\na\tblack.png\t2\nb\tgrey.png\t6\n", SIDECAR);
    assert_null(find(&v, "near", ""));
    assert_null(find(&v, "near-fold", ""));
    assert_null(find(&v, "duplicate", ""));
    mien_free(v.findings);
}

static void leaks_between_groups_and_splits_are_found(void **state) {
    (void)state;
    pictures();
    visit v = examine("trial\tstimulus\tgroup\timage\tvalence\tsplit\n"
                      "a\ts1\tg1\tp0.bmp\t2\ttrain\nb\ts1\tg2\tp1.bmp\t6\ttrain\n"
                      "c\ts2\tg1\tp2.bmp\t2\ttest\nd\ts3\tn/a\tp3.bmp\t6\tn/a\n"
                      "e\ts3\tn/a\tp3.bmp\t6\tn/a\n",
        SIDECAR);
    assert_found(
        &v, MIEN_ERROR, "leak", "b", "stimulus s1 is in group g2 and, with trial a");
    assert_found(
        &v, MIEN_ERROR, "leak", "c", "group g1 is in split test and, with trial a");
    assert_found(&v, MIEN_WARNING, "leak", "e", "stimulus s3 is shown in trial d too");
    assert_found(&v, MIEN_WARNING, "leak", "e", "image p3.bmp is shown in trial d too");
    mien_free(v.findings);
}

static void too_few_or_too_large_groups_are_found(void **state) {
    (void)state;
    visit v = examine("trial\tgroup\tvalence\na\tg\t2\nb\tg\t6\n", SIDECAR);
    assert_found(&v, MIEN_WARNING, "groups", "", "1 groups in 2 rows");
    assert_found(&v, MIEN_WARNING, "groups", "", "too few for the folds");
    mien_free(v.findings);
}

static void many_findings_are_counted(void **state) {
    (void)state;
    mien_string table;
    mien_string_init(&table);
    mien_string_add(&table, "trial\tvalence\n");
    for (int i = 0; i < 150; i++) {
        mien_string_addf(&table, "t%d\t9\n", i);
    }
    visit v = examine(table.text, SIDECAR);
    const mien_finding *more = find(&v, "range", "and 50 more of this kind");
    assert_non_null(more);
    assert_int_equal(more->severity, MIEN_ERROR);
    assert_int_equal(count_of(&v, MIEN_ERROR), MIEN_FINDINGS_MAX + 1);
    mien_free(v.findings);
    mien_string_clear(&table);
}

static void see(void *context, int64_t done, int64_t total) {
    int64_t *last = context;
    assert_true(done > *last && done <= total && total == 4);
    *last = done;
}

static void progress_counts_each_picture_once(void **state) {
    (void)state;
    int64_t last = 0;
    visit v = {0};
    pictures();
    fixture_text("seen.json", SIDECAR);
    fixture_text("seen.tsv",
        "trial\timage\tvalence\na\tp0.bmp\t1\nb\tp1.bmp\t2\nc\tp2.bmp\t3\n"
        "d\tp3.bmp\t3\ne\tp3.bmp\t3\n");
    assert_good(mien_doctor(
        support_temp_path("seen.tsv"), NULL, see, &last, &v.findings, &v.count));
    assert_int_equal(last, 4);
    mien_free(v.findings);
    mien_interrupt();
    assert_int_equal(mien_doctor(support_temp_path("seen.tsv"), NULL, NULL, NULL,
                         &v.findings, &v.count),
        MIEN_EINTERRUPTED);
    mien_interrupt_clear();
}

static mien_status visit_again(void *context) {
    visit v = {0};
    mien_status status = mien_doctor(
        support_temp_path("again.tsv"), context, NULL, NULL, &v.findings, &v.count);
    mien_free(v.findings);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_doctor_options o = mien_doctor_options_default();
    o.folds = 2;
    make_copies();
    fixture_text("again.json", SIDECAR);
    fixture_text("again.tsv",
        "trial\tstimulus\tgroup\timage\tcategory\tvalence\n"
        "a\ts\tg\tp0.bmp\tx\t2\na\ts\th\tcopy.bmp\tx\t9\nc\tt\tg\tnone.bmp\ty\tz\n");
    support_each_allocation_fails(visit_again, &o, 2000);
}

static void the_real_oasis_is_well(void **state) {
    (void)state;
    const char *directory = support_shared("data/oasis");
    const mien_importer *set = NULL;
    visit v = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path("oasis.tsv"));
    assert_good(mien_importer_find("oasis", &set));
    assert_good(mien_importer_run(set, directory, NULL, path));
    mien_doctor_options o = mien_doctor_options_default();
    o.threads = mien_cpu_count();
    assert_good(mien_doctor(path, &o, NULL, NULL, &v.findings, &v.count));
    for (int64_t i = 0; i < v.count; i++) {
        if (v.findings[i].severity == MIEN_ERROR) {
            fail_msg("%s %s: %s", v.findings[i].check, v.findings[i].trial,
                v.findings[i].text);
        }
    }
    assert_found(&v, MIEN_NOTE, "groups", "", "197 groups in 536 rows");
    mien_free(v.findings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_table_gets_only_notes),
        cmocka_unit_test(what_opening_refuses_is_listed),
        cmocka_unit_test(unknown_labels_empty_classes_and_odd_votes_are_found),
        cmocka_unit_test(a_class_ten_times_another_is_found),
        cmocka_unit_test(ratings_out_of_range_or_one_sided_are_found),
        cmocka_unit_test(uneven_classes_are_found),
        cmocka_unit_test(pictures_that_cannot_be_used_are_found),
        cmocka_unit_test(copies_are_found_by_bytes_pixels_and_looks),
        cmocka_unit_test(copies_on_both_sides_of_a_fold_are_worse),
        cmocka_unit_test(copies_on_both_sides_of_a_prescribed_split_are_told),
        cmocka_unit_test(flat_pictures_are_not_alike),
        cmocka_unit_test(leaks_between_groups_and_splits_are_found),
        cmocka_unit_test(too_few_or_too_large_groups_are_found),
        cmocka_unit_test(many_findings_are_counted),
        cmocka_unit_test(progress_counts_each_picture_once),
        cmocka_unit_test(each_failing_allocation_is_reported),
        cmocka_unit_test(the_real_oasis_is_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
