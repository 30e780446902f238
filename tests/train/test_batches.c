/* SPDX-License-Identifier: MIT */
/* Batches of a feed: the rows that were asked for, in their order. */
#include "train/pictures.h"

#include <unistd.h>

#include "train/dataset/batches.h"
#include "train/heads.h"

static void rows_come_in_their_order(void **state) {
    (void)state;
    heads h;
    mien_fit_batch b;
    const int64_t rows[] = {7, 0, 3, 3, 11, 5};
    const mien_batches_pass pass = {.rows = rows, .count = 6, .augment = true};
    assert_good(heads_open(&h, support_temp(), NULL, 0));
    assert_good(mien_batches_start(h.feed, &pass));
    for (int first = 0; first < 6; first += HEADS_BATCH) {
        assert_good(mien_batches_next(h.feed, &b));
        assert_int_equal(b.n, first ? 2 : HEADS_BATCH);
        assert_false(b.mixed);
        assert_null(b.values[0]); /* it has a table */
        for (int64_t i = 0; i < b.n; i++) {
            assert_int_equal(b.rows[i], rows[first + i]);
        }
    }
    assert_int_equal(mien_batches_next(h.feed, &b), MIEN_END);
    assert_near(mien_batches_idle(h.feed), 0, 0);
    heads_clear(&h);
}

static void a_pass_may_begin_with_a_later_batch(void **state) {
    (void)state;
    heads h;
    mien_fit_batch b;
    const int64_t rows[] = {0, 1, 2, 3, 4, 5};
    mien_batches_pass pass = {.rows = rows, .count = 6, .first = 1};
    assert_good(heads_open(&h, support_temp(), NULL, 0));
    assert_good(mien_batches_start(h.feed, &pass));
    assert_good(mien_batches_next(h.feed, &b));
    assert_int_equal(b.n, 2);
    assert_int_equal(b.rows[0], 4);
    assert_int_equal(mien_batches_next(h.feed, &b), MIEN_END);
    pass.first = 2;
    assert_good(mien_batches_start(h.feed, &pass));
    assert_int_equal(mien_batches_next(h.feed, &b), MIEN_END);
    heads_clear(&h);
}

/* The caller's rows may change once the pass has begun. */
static void rows_are_copied(void **state) {
    (void)state;
    heads h;
    mien_fit_batch b;
    int64_t rows[] = {2, 4};
    const mien_batches_pass pass = {.rows = rows, .count = 2};
    assert_good(heads_open(&h, support_temp(), NULL, 0));
    assert_good(mien_batches_start(h.feed, &pass));
    rows[0] = rows[1] = -1;
    assert_good(mien_batches_next(h.feed, &b));
    assert_int_equal(b.rows[0], 2);
    assert_int_equal(b.rows[1], 4);
    heads_clear(&h);
}

/* ---- pictures ------------------------------------------------------------------ */

typedef struct fed {
    mien_study *study;
    mien_dataset dataset;
    mien_batches *feed;
} fed;

static void open_pictures(fed *f, const char *const *set, int count) {
    *f = (fed){0};
    pictures_make();
    assert_good(pictures_study(set, count, &f->study));
    assert_good(mien_dataset_open(&f->dataset, f->study));
    mien_item_table tables[MIEN_INPUTS_MAX];
    mien_item_tables(&f->dataset, NULL, tables);
    assert_good(mien_batches_open(&f->dataset, f->study, tables, 2, &f->feed));
}

static void close_pictures(fed *f) {
    mien_batches_close(&f->feed);
    mien_dataset_clear(&f->dataset);
    mien_study_close(&f->study);
}

static void preprocess_row(const fed *f, int64_t row, float *image) {
    char path[64];
    mien_tensor *picture = NULL;
    snprintf(path, sizeof path, "pictures/%d.png", (int)(row == 23 ? 0 : row));
    assert_good(mien_image_read(support_temp_path(path), NULL, &picture));
    assert_good(mien_preprocess_run(&f->study->preprocess, picture, false, image));
    mien_tensor_free(&picture);
}

static void pictures_come_as_prediction_sees_them(void **state) {
    (void)state;
    enum { VALUES = 3 * 32 * 32 };
    fed f;
    mien_fit_batch b;
    static float image[VALUES];
    const int64_t rows[] = {23, 4, 1, 9, 2, 17, 0};
    const mien_batches_pass pass = {.rows = rows, .count = 7};
    open_pictures(&f, NULL, 0);
    assert_good(mien_batches_start(f.feed, &pass));
    for (int first = 0; first < 7; first += 5) {
        assert_good(mien_batches_next(f.feed, &b));
        assert_int_equal(b.n, first ? 2 : 5);
        for (int64_t i = 0; i < b.n; i++) {
            assert_int_equal(b.rows[i], rows[first + i]);
            preprocess_row(&f, rows[first + i], image);
            assert_close(b.values[0] + i * VALUES, image, VALUES, 0, 0);
        }
    }
    assert_int_equal(mien_batches_next(f.feed, &b), MIEN_END);
    double idle = mien_batches_idle(f.feed);
    assert_true(idle >= 0 && idle <= 1);
    close_pictures(&f);
}

static void augmentation_is_of_seed_and_epoch_and_only_where_asked(void **state) {
    (void)state;
    enum { VALUES = 3 * 32 * 32 };
    static float first[VALUES], image[VALUES];
    const int64_t rows[] = {1};
    fed f;
    mien_fit_batch b;
    open_pictures(&f, PICTURES_SET("augment=rotate 20", "seed=4"));
    mien_batches_pass pass = {.rows = rows, .count = 1, .epoch = 3, .augment = true};
    assert_good(mien_batches_start(f.feed, &pass));
    assert_good(mien_batches_next(f.feed, &b));
    memcpy(first, b.values[0], sizeof first);
    assert_good(mien_batches_start(f.feed, &pass));
    assert_good(mien_batches_next(f.feed, &b));
    assert_memory_equal(b.values[0], first, sizeof first);
    pass.epoch = 4;
    assert_good(mien_batches_start(f.feed, &pass));
    assert_good(mien_batches_next(f.feed, &b));
    assert_true(memcmp(b.values[0], first, sizeof first) != 0);
    pass.augment = false;
    assert_good(mien_batches_start(f.feed, &pass));
    assert_good(mien_batches_next(f.feed, &b));
    preprocess_row(&f, 1, image);
    assert_close(b.values[0], image, VALUES, 0, 0);
    close_pictures(&f);
}

static void faces_are_augmented_as_pictures_are(void **state) {
    (void)state;
    const mien_input picture = {.kind = "picture"}, face = {.kind = "face"};
    const mien_input features = {.kind = "features"}, alone = {.kind = "scanpath"};
    fed f;
    open_pictures(&f, PICTURES_SET("augment=rotate 20"));
    assert_non_null(mien_batches_augment(f.study, &picture));
    assert_ptr_equal(
        mien_batches_augment(f.study, &face), mien_batches_augment(f.study, &picture));
    assert_null(mien_batches_augment(f.study, &features));
    assert_null(mien_batches_augment(f.study, &alone));
    close_pictures(&f);
}

static void a_picture_that_cannot_be_read_names_its_trial(void **state) {
    (void)state;
    const int64_t rows[] = {2, 6};
    const mien_batches_pass pass = {.rows = rows, .count = 2};
    fed f;
    mien_fit_batch b;
    open_pictures(&f, NULL, 0);
    assert_int_equal(unlink(support_temp_path("pictures/6.png")), 0);
    assert_good(mien_batches_start(f.feed, &pass));
    assert_fails(mien_batches_next(f.feed, &b), MIEN_EFORMAT, "trial t06");
    assert_non_null(strstr(mien_error(), "6.png"));
    close_pictures(&f);
    assert_non_null(strstr(mien_error(), "trial t06")); /* closing leaves the text */
}

static mien_status feed_once(void *context) {
    heads *h = context;
    mien_batches *feed = NULL;
    mien_fit_batch b;
    const int64_t rows[] = {1, 2};
    const mien_batches_pass pass = {.rows = rows, .count = 2};
    mien_status status =
        mien_batches_open(&h->dataset, h->study, h->features.table, 1, &feed);
    if (status == MIEN_OK) {
        status = mien_batches_start(feed, &pass);
    }
    if (status == MIEN_OK) {
        status = mien_batches_next(feed, &b);
    }
    mien_batches_close(&feed);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    heads h;
    assert_good(heads_open(&h, support_temp(), NULL, 0));
    support_each_allocation_fails(feed_once, &h, 100);
    heads_clear(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_their_order),
        cmocka_unit_test(a_pass_may_begin_with_a_later_batch),
        cmocka_unit_test(rows_are_copied),
        cmocka_unit_test(pictures_come_as_prediction_sees_them),
        cmocka_unit_test(augmentation_is_of_seed_and_epoch_and_only_where_asked),
        cmocka_unit_test(faces_are_augmented_as_pictures_are),
        cmocka_unit_test(a_picture_that_cannot_be_read_names_its_trial),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
