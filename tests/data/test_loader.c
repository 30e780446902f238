/* SPDX-License-Identifier: MIT */
/* Batches made ahead: the same bits whatever threads and caches do, bad pictures
 * marked, failures told by the call that waits. */
#include "data/fixtures.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIDE = 16, VALUES = 3 * SIDE * SIDE, PICTURES = 7, ROWS = PICTURES + 2 };

static mien_preprocess small(void) {
    mien_preprocess p = mien_preprocess_imagenet();
    p.size = p.crop_height = p.crop_width = SIDE;
    return p;
}

/* Seven pictures, then one missing and one that is none. */
static mien_trials *open_trials(void) {
    char name[32];
    mien_string table;
    mien_trials *t = NULL;
    mien_string_init(&table);
    mien_string_add(&table, "trial\timage\n");
    for (int i = 0; i < PICTURES; i++) {
        snprintf(name, sizeof name, "picture%d.bmp", i);
        fixture_bmp(name, 30 + i, 40 - i, (uint64_t)i);
        mien_string_addf(&table, "t%d\t%s\n", i, name);
    }
    mien_string_add(&table, "missing\tnone.bmp\ntext\ttext.jpg\n");
    fixture_text("text.jpg", "this is no picture");
    fixture_text("loader.json", "{\"version\":1,\"targets\":{}}");
    fixture_text("loader.tsv", table.text);
    mien_string_clear(&table);
    assert_good(mien_trials_open(support_temp_path("loader.tsv"), &t));
    return t;
}

static void remove_pictures(void) {
    char name[32];
    for (int i = 0; i < PICTURES; i++) {
        snprintf(name, sizeof name, "picture%d.bmp", i);
        assert_int_equal(unlink(support_temp_path(name)), 0);
    }
}

static mien_augment *parsed(const char *text) {
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_parse(a, NULL, text));
    return a;
}

static const mien_augment *augmenting; /* of the loader that is opened next */

static mien_loader_options options_of(int batch, int threads, const mien_augment *a) {
    mien_loader_options o = mien_loader_options_default();
    o.batch = batch;
    o.threads = threads;
    o.seed = 11;
    augmenting = a;
    return o;
}

/* Opens a loader of the column "image"; what it is lent lives as long as the program.
 */
static mien_status open_pictures(const mien_trials *t, const mien_preprocess *p,
    const mien_loader_options *o, mien_loader **loader) {
    static char paths[ROWS][4096];
    static const char *ids[ROWS];
    static mien_place places[ROWS];
    static mien_input input;
    mien_loader_source source = {.rows = ROWS,
        .id = ids,
        .inputs = 1,
        .input = {&input},
        .place = {places},
        .augment = {augmenting}};
    mien_status status = mien_input_picture("image", p, &input);
    for (int i = 0; status == MIEN_OK && i < ROWS; i++) {
        char *path = mien_trials_path(t, i, "image");
        if (!path) {
            return MIEN_ENOMEM;
        }
        snprintf(paths[i], sizeof paths[i], "%s", path);
        mien_free(path);
        ids[i] = mien_trials_id(t, i);
        places[i] = mien_place_of(paths[i]);
    }
    return status == MIEN_OK ? mien_loader_open(&source, o, loader) : status;
}

/* Pictures of rows as prediction sees them. */
static void load_plainly(const mien_trials *t, const int64_t *rows, int64_t count,
    const mien_preprocess *p, float *images) {
    mien_image_options o = mien_image_options_default();
    o.scale_short_min = mien_preprocess_short_side(p);
    for (int64_t i = 0; i < count; i++) {
        mien_tensor *image = NULL;
        char *path = mien_trials_path(t, rows[i], "image");
        assert_good(mien_image_read(path, &o, &image));
        assert_good(mien_preprocess_run(p, image, false, images + i * VALUES));
        mien_tensor_free(&image);
        mien_free(path);
    }
}

/* A whole pass to images [count, VALUES]; the number of batches. */
static int take(mien_loader *l, const int64_t *rows, int64_t count, uint32_t epoch,
    bool augment, float *images) {
    mien_loader_pass pass = {rows, count, epoch, augment, 0, {NULL}};
    const mien_batch *b = NULL;
    mien_status status;
    int64_t done = 0;
    int batches = 0;
    assert_good(mien_loader_start(l, &pass));
    while ((status = mien_loader_next(l, &b)) == MIEN_OK) {
        assert_int_equal(b->index, batches++);
        assert_memory_equal(b->rows, rows + done, (size_t)b->n * sizeof *rows);
        memcpy(images + done * VALUES, b->values[0],
            (size_t)b->n * VALUES * sizeof(float));
        done += b->n;
    }
    assert_int_equal(status, MIEN_END);
    assert_int_equal(mien_loader_next(l, &b), MIEN_END);
    assert_int_equal(done, count);
    assert_int_equal(batches, mien_loader_batches(l));
    return batches;
}

static void plain_batches_hold_what_prediction_sees(void **state) {
    (void)state;
    static float got[10 * VALUES], want[10 * VALUES];
    const int64_t rows[10] = {3, 0, 6, 1, 3, 2, 5, 4, 0, 6};
    mien_trials *t = open_trials();
    for (int trial = 0; trial < 12; trial++) {
        mien_preprocess p = small();
        mien_loader *l = NULL;
        if (trial % 3 == 1) {
            p.fit = MIEN_FIT_PAD; /* kept as floats */
        } else if (trial % 3 == 2) {
            p.resize = MIEN_RESIZE_BILINEAR_TORCH;
        }
        mien_loader_options o = options_of(trial % 4 + 1, trial % 2 ? 8 : 1, NULL);
        load_plainly(t, rows, 10, &p, want);
        assert_good(open_pictures(t, &p, &o, &l));
        for (uint32_t epoch = 0; epoch < 2; epoch++) {
            memset(got, 0, sizeof got);
            int batches = take(l, rows, 10, epoch, epoch == 1, got);
            assert_int_equal(batches, (10 + o.batch - 1) / o.batch);
            assert_memory_equal(got, want, sizeof got);
        }
        mien_loader_close(&l);
        assert_null(l);
        mien_loader_close(&l);
    }
    mien_trials_close(&t);
}

static void threads_caches_and_batches_change_no_bit(void **state) {
    (void)state;
    static float first[3 * 8 * VALUES], again[3 * 8 * VALUES];
    const int64_t rows[8] = {6, 5, 4, 3, 3, 2, 1, 0};
    mien_trials *t = open_trials();
    mien_augment *a =
        parsed("flip; rotate 20; zoom; brightness; contrast; noise; erase");
    static const int threads[] = {1, 8, 2, 3, 8, 4};
    for (int trial = 0; trial < 6; trial++) {
        float *out = trial == 0 ? first : again;
        mien_preprocess p = small();
        mien_loader *l = NULL;
        mien_loader_options o = options_of(trial % 4 + 1, threads[trial], a);
        o.cache_bytes = trial < 2 ? o.cache_bytes : 2 * VALUES;
        o.cache_directory = trial >= 4 ? support_temp() : NULL;
        assert_good(open_pictures(t, &p, &o, &l));
        for (uint32_t epoch = 0; epoch < 3; epoch++) {
            take(l, rows, 8, epoch, true, out + epoch * 8 * VALUES);
        }
        mien_loader_close(&l);
        if (trial > 0) {
            assert_memory_equal(first, again, sizeof first);
        }
    }
    mien_augment_free(&a);
    mien_trials_close(&t);
}

static void what_a_trial_gets_hangs_on_trial_epoch_and_seed_alone(void **state) {
    (void)state;
    static float a[4 * VALUES], b[4 * VALUES];
    const size_t bytes = VALUES * sizeof(float);
    const int64_t rows[4] = {0, 1, 2, 2}, others[4] = {2, 5, 0, 2};
    mien_trials *t = open_trials();
    mien_augment *augment = parsed("rotate 180");
    mien_preprocess p = small();
    mien_loader *l = NULL;
    mien_loader_options o = options_of(3, 1, augment);
    assert_good(open_pictures(t, &p, &o, &l));
    take(l, rows, 4, 5, true, a);
    take(l, others, 4, 5, true, b);
    assert_memory_equal(a, b + 2 * VALUES, bytes);              /* 0 */
    assert_memory_equal(a + 2 * VALUES, b, bytes);              /* 2, the first time */
    assert_memory_equal(a + 3 * VALUES, b + 3 * VALUES, bytes); /* and the second */
    assert_memory_not_equal(b, b + 3 * VALUES, bytes);
    take(l, rows, 4, 6, true, b);
    assert_memory_not_equal(a, b, bytes);
    mien_loader_close(&l);
    o.seed++;
    assert_good(open_pictures(t, &p, &o, &l));
    take(l, rows, 4, 5, true, b);
    assert_memory_not_equal(a, b, bytes);
    mien_loader_close(&l);
    mien_augment_free(&augment);
    mien_trials_close(&t);
}

static void a_batch_may_share_one_draw(void **state) {
    (void)state;
    const int64_t rows[6] = {0, 1, 2, 3, 4, 5};
    mien_loader_pass pass = {rows, 6, 0, true, 0, {NULL}};
    mien_trials *t = open_trials();
    mien_augment *a = parsed("rotate 180");
    mien_preprocess p = small();
    const mien_batch *b = NULL;
    for (int shared = 0; shared < 2; shared++) {
        mien_loader *l = NULL;
        double angle[2];
        mien_loader_options o = options_of(3, 2, a);
        o.augment_by_batch = shared;
        assert_good(open_pictures(t, &p, &o, &l));
        assert_good(mien_loader_start(l, &pass));
        for (int k = 0; k < 2; k++) {
            assert_good(mien_loader_next(l, &b));
            angle[k] = b->draws[0].value[0][0];
            assert_int_equal(b->draws[1].value[0][0] == angle[k], shared);
            assert_int_equal(b->draws[2].value[0][0] == angle[k], shared);
        }
        assert_true(angle[0] != angle[1]);
        mien_loader_close(&l);
    }
    mien_augment_free(&a);
    mien_trials_close(&t);
}

static void mixed_batches_are_weighted_sums_of_plain_ones(void **state) {
    (void)state;
    static float plain[PICTURES * VALUES];
    const int64_t rows[8] = {0, 1, 2, 7, 3, 4, 5, 6}; /* 7 is missing */
    mien_loader_pass pass = {rows, 4, 0, true, 0, {NULL}};
    mien_trials *t = open_trials();
    mien_augment *a = parsed("mixup 1 per=picture");
    mien_preprocess p = small();
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    mien_loader_options o = options_of(4, 2, a);
    mien_log_set(NULL, NULL);
    assert_good(open_pictures(t, &p, &o, &l));
    take(l, rows, 4, 0, false, plain);
    bool mixed = false;
    for (pass.epoch = 0; pass.epoch < 5; pass.epoch++) {
        assert_good(mien_loader_start(l, &pass));
        assert_good(mien_loader_next(l, &b));
        mixed = mixed || b->mixed;
        assert_true(b->failed[3] && b->partner[3] == 3 && b->weight[3] == 1.0);
        for (int i = 0; i < 4 * VALUES; i++) {
            int picture = i / VALUES, v = i % VALUES;
            double w = b->weight[picture];
            const float *other = plain + b->partner[picture] * VALUES;
            assert_near((double)b->values[0][i],
                w * (double)plain[i] + (1 - w) * (double)other[v], 2e-6);
        }
    }
    assert_true(mixed);
    mien_loader_close(&l);
    mien_augment_free(&a);
    mien_trials_close(&t);
}

static void count_warning(
    void *context, mien_log_level level, const char *room, const char *text) {
    (void)room;
    (void)text;
    *(int *)context += level == MIEN_LOG_WARN;
}

static void bad_pictures_are_marked_each_time_and_told_once(void **state) {
    (void)state;
    const int64_t rows[5] = {7, 0, 8, 7, 1};
    int warnings = 0;
    mien_trials *t = open_trials();
    mien_augment *a = parsed("flip; brightness");
    mien_preprocess p = small();
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    mien_loader_options o = options_of(5, 4, a);
    mien_log_set(count_warning, &warnings);
    assert_good(open_pictures(t, &p, &o, &l));
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
        mien_loader_pass pass = {rows, 5, epoch, true, 0, {NULL}};
        assert_good(mien_loader_start(l, &pass));
        assert_good(mien_loader_next(l, &b));
        for (int i = 0; i < 5; i++) {
            bool bad = rows[i] >= PICTURES;
            assert_int_equal(b->failed[i], bad);
            for (int v = 0; bad && v < VALUES; v++) {
                assert_true(b->values[0][i * VALUES + v] == 0.0f);
            }
        }
        assert_int_equal(mien_loader_stats_of(l).failed, 3);
    }
    mien_log_set(NULL, NULL);
    assert_int_equal(warnings, 2);
    mien_loader_close(&l);
    mien_augment_free(&a);
    mien_trials_close(&t);
}

static void a_second_pass_decodes_nothing(void **state) {
    (void)state;
    static float first[PICTURES * VALUES], second[PICTURES * VALUES];
    const int64_t rows[PICTURES] = {0, 1, 2, 3, 4, 5, 6};
    for (int floats = 0; floats < 2; floats++) {
        mien_trials *t = open_trials();
        mien_preprocess p = small();
        mien_loader *l = NULL;
        mien_loader_options o = options_of(2, 2, NULL);
        p.fit = floats ? MIEN_FIT_PAD : MIEN_FIT_SHORT;
        o.cache_bytes = 3 * VALUES * (floats ? (int64_t)sizeof(float) : 1);
        o.cache_directory = support_temp_path("kept/pictures");
        assert_good(open_pictures(t, &p, &o, &l));
        take(l, rows, PICTURES, 0, false, first);
        mien_loader_stats s = mien_loader_stats_of(l);
        assert_true(s.decoded == PICTURES && s.from_memory == 0 && s.from_file == 0);
        remove_pictures();
        uint64_t before = mien_alloc_count();
        take(l, rows, PICTURES, 1, false, second);
        assert_true(mien_alloc_count() - before <= 2); /* a thread, counts of rows */
        assert_memory_equal(first, second, sizeof first);
        s = mien_loader_stats_of(l);
        assert_true(s.decoded == 0 && s.from_memory == 3 && s.from_file == 4);
        assert_true(s.wait_s >= 0.0 && s.wait_s <= s.elapsed_s);
        char **names = NULL;
        int64_t count = -1;
        assert_good(mien_directory_list(o.cache_directory, &names, &count));
        assert_int_equal(count, 0); /* the file has no name */
        mien_names_free(&names, count);
        mien_loader_close(&l);
        mien_trials_close(&t);
    }
}

static void a_full_or_forbidden_cache_is_told_once_and_done_without(void **state) {
    (void)state;
    static float first[PICTURES * VALUES], second[PICTURES * VALUES];
    const int64_t rows[PICTURES] = {0, 1, 2, 3, 4, 5, 6};
    for (int limited = 0; limited < 2; limited++) {
        mien_trials *t = open_trials();
        mien_preprocess p = small();
        mien_loader *l = NULL;
        int warnings = 0;
        mien_loader_options o = options_of(3, 2, NULL);
        fixture_text("file", "a file is no folder");
        o.cache_bytes = VALUES;
        o.cache_directory = support_temp_path(limited ? "few" : "file/inside");
        o.cache_file_bytes = 2 * VALUES + 5;
        mien_log_set(count_warning, &warnings);
        assert_good(open_pictures(t, &p, &o, &l));
        take(l, rows, PICTURES, 0, false, first);
        take(l, rows, PICTURES, 1, false, second);
        mien_log_set(NULL, NULL);
        mien_loader_stats s = mien_loader_stats_of(l);
        assert_int_equal(s.from_memory, 1);
        assert_int_equal(s.from_file, limited ? 2 : 0);
        assert_int_equal(s.decoded, limited ? 4 : 6);
        assert_int_equal(warnings, limited ? 0 : 1);
        assert_memory_equal(first, second, sizeof first);
        mien_loader_close(&l);
        mien_trials_close(&t);
    }
}

static void an_interrupt_comes_out_of_next(void **state) {
    (void)state;
    static float images[2 * VALUES];
    const int64_t rows[PICTURES] = {0, 1, 2, 3, 4, 5, 6};
    mien_loader_pass pass = {rows, PICTURES, 0, false, 0, {NULL}};
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    mien_loader_options o = options_of(1, 1, NULL);
    assert_good(open_pictures(t, &p, &o, &l));
    assert_good(mien_loader_start(l, &pass));
    assert_good(mien_loader_next(l, &b));
    mien_interrupt();
    assert_fails(mien_loader_next(l, &b), MIEN_EINTERRUPTED, "interrupted");
    mien_interrupt_clear();
    take(l, rows, 2, 0, false, images); /* and it can go on */
    mien_loader_close(&l);
    mien_trials_close(&t);
}

static void a_pass_may_be_left_at_any_moment(void **state) {
    (void)state;
    static float images[PICTURES * VALUES], want[PICTURES * VALUES];
    const int64_t rows[PICTURES] = {6, 5, 4, 3, 2, 1, 0};
    mien_loader_pass pass = {rows, PICTURES, 0, false, 0, {NULL}};
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    const mien_batch *b = NULL;
    load_plainly(t, rows, PICTURES, &p, want);
    for (int taken = 0; taken < 4; taken++) {
        mien_loader *l = NULL;
        mien_loader_options o = options_of(2, 3, NULL);
        o.ahead = 1;
        assert_good(open_pictures(t, &p, &o, &l));
        for (int again = 0; again < 3; again++) {
            assert_good(mien_loader_start(l, &pass));
            for (int i = 0; i < taken; i++) {
                assert_good(mien_loader_next(l, &b));
            }
        }
        take(l, rows, PICTURES, 0, false, images);
        assert_memory_equal(images, want, sizeof images);
        assert_good(mien_loader_start(l, &pass));
        mien_loader_close(&l); /* in the middle */
    }
    mien_trials_close(&t);
}

/* With repeats, whose draws count how often a row came before. */
static void a_pass_may_begin_with_a_later_batch(void **state) {
    (void)state;
    const int64_t rows[] = {3, 1, 3, 0, 1, 3, 2};
    mien_trials *t = open_trials();
    mien_augment *a = parsed("rotate 30; mixup");
    mien_preprocess p = small();
    mien_loader_options o = options_of(2, 2, a);
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    float whole[7 * VALUES];
    assert_good(open_pictures(t, &p, &o, &l));
    assert_int_equal(take(l, rows, 7, 4, true, whole), 4);
    mien_loader_pass pass = {rows, 7, 4, true, 2, {NULL}};
    assert_good(mien_loader_start(l, &pass));
    for (int64_t at = 4; at < 7; at += b->n) {
        assert_good(mien_loader_next(l, &b));
        assert_int_equal(b->index, at / 2);
        assert_memory_equal(
            b->values[0], whole + at * VALUES, (size_t)b->n * VALUES * sizeof(float));
    }
    assert_int_equal(mien_loader_next(l, &b), MIEN_END);
    pass.first = 4;
    assert_fails(mien_loader_start(l, &pass), MIEN_EINVAL, "no batch 4");
    mien_loader_close(&l);
    mien_augment_free(&a);
    mien_trials_close(&t);
}

static void rows_left_over_may_be_dropped(void **state) {
    (void)state;
    static float images[6 * VALUES];
    const int64_t rows[PICTURES] = {0, 1, 2, 3, 4, 5, 6};
    mien_loader_pass pass = {rows, PICTURES, 0, false, 0, {NULL}};
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    mien_loader_options o = options_of(3, 1, NULL);
    o.drop_last = true;
    assert_good(open_pictures(t, &p, &o, &l));
    assert_int_equal(take(l, rows, 6, 0, false, images), 2);
    assert_good(mien_loader_start(l, &pass));
    for (int i = 0; i < 2; i++) {
        assert_good(mien_loader_next(l, &b));
        assert_int_equal(b->n, 3);
    }
    assert_int_equal(mien_loader_next(l, &b), MIEN_END);
    pass.count = 2;
    assert_fails(mien_loader_start(l, &pass), MIEN_EINVAL, "2 rows are less");
    mien_loader_close(&l);
    mien_trials_close(&t);
}

static void note_row(void *context, int64_t row, mien_augment_draw *draw) {
    (void)draw;
    ((int *)context)[row]++;
}

static void what_goes_with_a_picture_sees_its_draw(void **state) {
    (void)state;
    static float images[4 * VALUES];
    int seen[ROWS] = {0};
    const int64_t rows[4] = {0, 2, 2, 7};
    mien_trials *t = open_trials();
    mien_augment *a = parsed("flip");
    mien_preprocess p = small();
    mien_loader *l = NULL;
    mien_loader_options o = options_of(2, 1, a);
    o.adjust = note_row;
    o.adjust_context = seen;
    mien_log_set(NULL, NULL);
    assert_good(open_pictures(t, &p, &o, &l));
    take(l, rows, 4, 0, true, images);
    assert_true(seen[0] == 1 && seen[1] == 0 && seen[2] == 2 && seen[7] == 1);
    mien_loader_close(&l);
    mien_augment_free(&a);
    mien_trials_close(&t);
}

/* ---- gaze that goes with its picture ------------------------------------------------
 */

/* An epoch that rests at one point; the other sensors are lost. */
static const char *write_gaze(const char *name, double x, double y) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text,
        ",TIME(2023/01/31 12:00:00.000),FPOGX,FPOGY,FPOGID,FPOGV,LPMM,"
        "LPMMV,RPMM,RPMMV,GSR,GSRV,HR,HRV\n");
    for (int i = 0; i < MIEN_EPOCH_ROWS; i++) {
        mien_string_addf(
            &text, "%d,%.5f,%.5f,%.5f,1,1,3,0,3,0,9,0,70,0\n", i, i / 61.2, x, y);
    }
    fixture_text(name, text.text);
    mien_string_clear(&text);
    return support_temp_path(name);
}

/* Gaze in the middle is turned with its picture; in a corner it would leave: flips
 * stay. */
static void gaze_moves_with_its_picture_and_not_out_of_it(void **state) {
    (void)state;
    enum { T = MIEN_EPOCH_ROWS };
    static const char *const ids[] = {"middle", "corner"};
    static const double points[][2] = {{0.5, 0.6}, {0.98, 0.03}};
    mien_augment *a = parsed("rotate 90,90 p=1; zoom 1.5,1.5; flip p=1");
    mien_preprocess p = small();
    mien_loader_options o = options_of(2, 2, a);
    mien_input picture, series;
    mien_place places[2][2];
    char paths[3][4096];
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    const int64_t rows[] = {0, 1};
    fixture_bmp("scene.bmp", 40, 40, 5);
    snprintf(paths[2], sizeof paths[2], "%s", support_temp_path("scene.bmp"));
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof paths[i], "%s",
            write_gaze(i ? "corner.csv" : "middle.csv", points[i][0], points[i][1]));
        places[0][i] = mien_place_of(paths[2]);
        places[1][i] = mien_place_of(paths[i]);
    }
    assert_good(mien_input_picture("scene", &p, &picture));
    assert_good(mien_input_init(&series, "series", "gaze"));
    assert_good(mien_input_measure(&series, NULL));
    snprintf(series.follows, sizeof series.follows, "scene");
    const mien_loader_source source = {.rows = 2,
        .id = ids,
        .inputs = 2,
        .input = {&picture, &series},
        .place = {places[0], places[1]},
        .augment = {a, a}};
    const mien_loader_pass pass = {.rows = rows, .count = 2, .augment = true};
    assert_good(mien_loader_open(&source, &o, &l));
    assert_good(mien_loader_start(l, &pass));
    assert_good(mien_loader_next(l, &b));
    for (int i = 0; i < 2; i++) {
        double moved[2];
        const mien_augment_draw *draw = &b->draws[2 * i];
        const float *gaze = b->values[1] + i * 5 * T;
        mien_augment_draw_points(draw, 1, points[i], moved);
        assert_near(gaze[0] * 0.5 + 0.5, moved[0], 1e-5);
        assert_near(gaze[T + 100] * 0.5 + 0.5, moved[1], 1e-5);
        assert_near(gaze[4 * T], 0, 0); /* the heart is lost */
        assert_true(draw->moves);
        /* the whole map swaps the axes, a flip alone does not */
        assert_int_equal(fabs(draw->map.xy) > 0.5, i == 0);
    }
    assert_near(b->values[1][5 * T] * 0.5 + 0.5, 0.02, 1e-5);
    mien_loader_close(&l);
    mien_augment_free(&a);
}

static void misuse_is_told(void **state) {
    (void)state;
    const int64_t rows[2] = {0, ROWS};
    mien_loader_pass pass = {rows, 2, 0, false, 0, {NULL}};
    mien_trials *t = open_trials();
    mien_preprocess p = small();
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    mien_loader_options o = options_of(0, 1, NULL);
    assert_fails(open_pictures(t, &p, &o, &l), MIEN_EINVAL, "0 rows");
    o = options_of(1, 0, NULL);
    assert_fails(open_pictures(t, &p, &o, &l), MIEN_EINVAL, "0 threads");
    o = options_of(1, 1, NULL);
    o.ahead = 0;
    assert_fails(open_pictures(t, &p, &o, &l), MIEN_EINVAL, "0 batches ahead");
    p.fit = MIEN_FIT_NONE;
    p.crop_height = p.crop_width = 0;
    assert_fails(open_pictures(t, &p, NULL, &l), MIEN_EINVAL, "one size");
    p = small();
    assert_good(open_pictures(t, &p, NULL, &l));
    assert_fails(mien_loader_next(l, &b), MIEN_EINVAL, "no pass");
    assert_fails(mien_loader_start(l, &pass), MIEN_EINVAL, "row 9 is not in the table");
    pass.count = 0;
    assert_fails(mien_loader_start(l, &pass), MIEN_EINVAL, "no rows");
    mien_loader_close(&l);
    mien_trials_close(&t);
}

typedef struct whole {
    mien_trials *trials;
    mien_augment *augment;
} whole;

static mien_status load_all(void *context) {
    const whole *w = context;
    const int64_t rows[4] = {0, 1, 2, 3};
    mien_loader_pass pass = {rows, 4, 0, true, 0, {NULL}};
    mien_preprocess p = small();
    mien_loader *l = NULL;
    const mien_batch *b = NULL;
    mien_loader_options o = options_of(2, 1, w->augment);
    o.cache_bytes = VALUES;
    o.cache_directory = support_temp();
    mien_status status = open_pictures(w->trials, &p, &o, &l);
    status = status ? status : mien_loader_start(l, &pass);
    while (status == MIEN_OK) {
        status = mien_loader_next(l, &b);
    }
    mien_loader_close(&l);
    return status == MIEN_END ? MIEN_OK : status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    whole w = {open_trials(), parsed("flip; mixup")};
    support_each_allocation_fails(load_all, &w, 400);
    mien_augment_free(&w.augment);
    mien_trials_close(&w.trials);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_batches_hold_what_prediction_sees),
        cmocka_unit_test(threads_caches_and_batches_change_no_bit),
        cmocka_unit_test(what_a_trial_gets_hangs_on_trial_epoch_and_seed_alone),
        cmocka_unit_test(a_batch_may_share_one_draw),
        cmocka_unit_test(mixed_batches_are_weighted_sums_of_plain_ones),
        cmocka_unit_test(bad_pictures_are_marked_each_time_and_told_once),
        cmocka_unit_test(a_second_pass_decodes_nothing),
        cmocka_unit_test(a_full_or_forbidden_cache_is_told_once_and_done_without),
        cmocka_unit_test(an_interrupt_comes_out_of_next),
        cmocka_unit_test(a_pass_may_be_left_at_any_moment),
        cmocka_unit_test(a_pass_may_begin_with_a_later_batch),
        cmocka_unit_test(rows_left_over_may_be_dropped),
        cmocka_unit_test(what_goes_with_a_picture_sees_its_draw),
        cmocka_unit_test(gaze_moves_with_its_picture_and_not_out_of_it),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
