/* SPDX-License-Identifier: MIT */
/* Files to items, and items through a thread. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "predict/queue.h"
#include "predict/rows.h"

enum { SIDE = 32, VALUES = 3 * SIDE * SIDE, PICTURES = 9 };

static mien_network network;

static mien_preprocess preprocess;
static mien_predict_options options;

/* Pictures of one colour each: item k of the queue shows which one it is. */
static void write_pictures(void) {
    const int64_t shape[3] = {8, 8, 3};
    mien_tensor *image = NULL;
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    for (int i = 0; i < PICTURES; i++) {
        char name[32];
        memset(image->data, 25 * i, 8 * 8 * 3);
        snprintf(name, sizeof name, "set/%d.png", i);
        assert_good(mien_image_write_png(image, support_temp_path(name)));
    }
    mien_tensor_free(&image);
}

static int set_up(void **state) {
    (void)state;
    preprocess = mien_preprocess_imagenet();
    preprocess.fit = MIEN_FIT_SQUASH;
    preprocess.crop_height = preprocess.crop_width = SIDE;
    for (int c = 0; c < 3; c++) {
        preprocess.mean[c] = 0;
        preprocess.deviation[c] = 1;
    }
    mien_input input;
    network.architecture = mien_architecture_default();
    assert_good(mien_input_picture("image", &preprocess, &input));
    assert_good(mien_architecture_add(&network.architecture, &input));
    options = mien_predict_options_default();
    assert_good(mien_directory_make(support_temp_path("set")));
    write_pictures();
    return 0;
}

typedef struct lane {
    mien_rows rows;
    mien_source *source;
    mien_queue *queue;
    mien_item item;
} lane;

static mien_status lane_open(
    lane *l, const char *const *names, int64_t count, int slots) {
    *l = (lane){0};
    mien_status status = mien_rows_init(&l->rows, &network, &options);
    int64_t values = mien_source_values(&network.architecture, NULL);
    if (status == MIEN_OK) {
        status = mien_rows_add_names(&l->rows, names, count);
    }
    if (status == MIEN_OK) {
        status = mien_item_init(&l->item, values);
    }
    if (status == MIEN_OK) {
        status = mien_source_open(&l->rows, &options, NULL, &l->source);
    }
    return status == MIEN_OK && slots
               ? mien_queue_new(l->source, slots, values, &l->queue)
               : status;
}

static mien_status lane_next(lane *l) {
    return l->queue ? mien_queue_next(l->queue, &l->item)
                    : mien_source_next(l->source, &l->item);
}

static void lane_close(lane *l) {
    mien_queue_free(&l->queue);
    mien_source_close(&l->source);
    mien_item_clear(&l->item);
    mien_rows_clear(&l->rows);
}

static void items_come_in_order_whatever_the_room(void **state) {
    (void)state;
    const char *folder = support_temp_path("set");
    for (int slots = 0; slots <= 2 * PICTURES; slots += slots < 4 ? 2 : 5) {
        lane l;
        assert_good(lane_open(&l, &folder, 1, slots));
        for (int i = 0; i < PICTURES; i++) {
            assert_good(lane_next(&l));
            assert_int_equal(l.item.kind, MIEN_ITEM_ROW);
            assert_int_equal(l.item.row, i);
            assert_true(isnan(l.item.start_s));
            for (int k = 0; k < VALUES; k += 97) {
                assert_near((double)l.item.values[k], 25 * i / 255.0, 1e-6);
            }
        }
        assert_int_equal(lane_next(&l), MIEN_END);
        assert_int_equal(lane_next(&l), MIEN_END); /* and again */
        lane_close(&l);
    }
}

static void bad_inputs_are_items_between_good_ones(void **state) {
    (void)state;
    char good[4096], missing[4096], text[4096];
    snprintf(good, sizeof good, "%s", support_temp_path("set/1.png"));
    snprintf(missing, sizeof missing, "%s", support_temp_path("none.png"));
    snprintf(text, sizeof text, "%s", support_write("text.jpg", "hello", 5));
    const char *const names[] = {good, missing, text, "/dev/null/x.txt", good};
    const mien_item_kind want[] = {MIEN_ITEM_ROW, MIEN_ITEM_PROBLEM, MIEN_ITEM_PROBLEM,
        MIEN_ITEM_PROBLEM, MIEN_ITEM_ROW};
    lane l;
    assert_good(lane_open(&l, names, 5, 3));
    for (int i = 0; i < 5; i++) {
        assert_good(lane_next(&l));
        assert_int_equal(l.item.kind, want[i]);
        assert_int_equal(l.item.row, i);
        if (want[i] == MIEN_ITEM_PROBLEM) {
            assert_int_not_equal(l.item.status, MIEN_OK);
            assert_non_null(strstr(l.item.text, names[i])); /* says which file */
        }
    }
    assert_int_equal(lane_next(&l), MIEN_END);
    lane_close(&l);
}

static void a_film_gives_its_moments_and_its_end(void **state) {
    (void)state;
    const char *film = support_source("tests/golden/films/small.mp4");
    lane l;
    options.every_s = 0.5;
    options.thumbnail_height = 10;
    assert_good(lane_open(&l, &film, 1, 4));
    for (int i = 0; i < 4; i++) {
        assert_good(lane_next(&l));
        assert_int_equal(l.item.kind, MIEN_ITEM_MOMENT);
        assert_near(l.item.start_s, 0.5 * i, 1e-9);
        assert_int_equal(l.item.thumbnail->shape[0], 10);
        assert_int_equal(l.item.thumbnail->shape[1], 15); /* 96 : 64 */
    }
    assert_good(lane_next(&l));
    assert_int_equal(l.item.kind, MIEN_ITEM_FILM_END);
    assert_near(l.item.start_s, 2, 0.15);
    assert_int_equal(lane_next(&l), MIEN_END);
    lane_close(&l);
    options = mien_predict_options_default();
}

static void a_part_of_a_film_ends_where_it_was_asked_to(void **state) {
    (void)state;
    const char *film = support_source("tests/golden/films/small.mp4");
    lane l;
    options.start_s = 0.5;
    options.end_s = 1;
    assert_good(lane_open(&l, &film, 1, 0));
    int moments = 0;
    while (lane_next(&l) == MIEN_OK && l.item.kind == MIEN_ITEM_MOMENT) {
        assert_true(l.item.start_s >= 0.5 && l.item.start_s < 1);
        moments++;
    }
    assert_int_equal(moments, 3); /* 0.5, 0.7, 0.9 */
    assert_int_equal(l.item.kind, MIEN_ITEM_FILM_END);
    assert_near(l.item.start_s, 1, 1e-9);
    lane_close(&l);
    options.start_s = 50;
    options.end_s = 60;
    assert_good(lane_open(&l, &film, 1, 0));
    assert_good(lane_next(&l));
    assert_int_equal(l.item.kind, MIEN_ITEM_PROBLEM);
    assert_non_null(strstr(l.item.text, "no picture between 50 s and 60 s"));
    lane_close(&l);
    options = mien_predict_options_default();
}

static void a_table_may_ask_for_parts_of_films(void **state) {
    (void)state;
    const char *film = support_source("tests/golden/films/small.mp4");
    char text[8192];
    snprintf(text, sizeof text,
        "trial\tfilm\tstart_s\tend_s\n1\t%s\t0.5\t1\n2\t%s\t1\tn/a\n"
        "3\t%s\t0\t0.4\n",
        film, film, film);
    const char *table = support_write("parts.tsv", text, strlen(text));
    lane l;
    options.end_s = 1.5;
    options.start_s = 0.7;
    assert_good(lane_open(&l, &table, 1, 0));
    static const double from[] = {0.7, 1}, to[] = {1, 1.5};
    for (int k = 0; k < 2; k++) {
        double last = -1;
        while (lane_next(&l) == MIEN_OK && l.item.kind == MIEN_ITEM_MOMENT) {
            assert_true(l.item.start_s >= from[k] - 1e-9 && l.item.start_s < to[k]);
            assert_true(l.item.start_s > last);
            last = l.item.start_s;
        }
        assert_int_equal(l.item.kind, MIEN_ITEM_FILM_END);
        assert_near(l.item.start_s, to[k], 1e-9);
    }
    assert_good(lane_next(&l));
    assert_int_equal(l.item.kind, MIEN_ITEM_PROBLEM);
    assert_non_null(strstr(l.item.text, "from 0 s to 0.4 s lies outside"));
    lane_close(&l);
    options = mien_predict_options_default();
}

static void a_film_without_pictures_is_a_problem(void **state) {
    (void)state;
    const char *const names[] = {
        support_source("tests/golden/films/sound.mp4"), support_temp_path("set/3.png")};
    lane l;
    assert_good(lane_open(&l, names, 2, 2));
    assert_good(lane_next(&l));
    assert_int_equal(l.item.kind, MIEN_ITEM_PROBLEM);
    assert_non_null(strstr(l.item.text, "sound.mp4"));
    assert_good(lane_next(&l));
    assert_int_equal(l.item.kind, MIEN_ITEM_ROW);
    lane_close(&l);
}

static void a_queue_can_be_left_at_any_point(void **state) {
    (void)state;
    const char *folder = support_temp_path("set");
    for (int taken = 0; taken <= PICTURES; taken++) {
        lane l;
        assert_good(lane_open(&l, &folder, 1, 2));
        for (int i = 0; i < taken; i++) {
            assert_good(lane_next(&l));
        }
        lane_close(&l); /* does not hang, leaks nothing */
    }
}

/* The source's own failure (memory) comes out of the queue with its status and text. */
static mien_status run_through(void *context) {
    lane l;
    mien_status status = lane_open(&l, context, 1, 3);
    int64_t items = 0;
    while (status == MIEN_OK) {
        status = lane_next(&l);
        items += status == MIEN_OK;
    }
    lane_close(&l);
    if (status == MIEN_END) {
        assert_int_equal(items, PICTURES);
        return MIEN_OK;
    }
    assert_true(mien_error()[0] != 0);
    return status;
}

static void running_out_of_memory_in_the_thread_is_handed_over(void **state) {
    (void)state;
    const char *folder = support_temp_path("set");
    support_each_allocation_fails(run_through, &folder, 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_in_order_whatever_the_room),
        cmocka_unit_test(bad_inputs_are_items_between_good_ones),
        cmocka_unit_test(a_film_gives_its_moments_and_its_end),
        cmocka_unit_test(a_part_of_a_film_ends_where_it_was_asked_to),
        cmocka_unit_test(a_table_may_ask_for_parts_of_films),
        cmocka_unit_test(a_film_without_pictures_is_a_problem),
        cmocka_unit_test(a_queue_can_be_left_at_any_point),
        cmocka_unit_test(running_out_of_memory_in_the_thread_is_handed_over),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
