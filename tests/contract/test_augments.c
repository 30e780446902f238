/* SPDX-License-Identifier: MIT */
/* Every row of signal/augments.def: it describes itself, does something by default,
 * keeps pictures finite and inside [0, 1], and gives the same bits whatever the
 * threads. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/signal.h"

enum { SIDE = 24, VALUES = 3 * SIDE * SIDE, PICTURES = 24 };

static mien_preprocess plain(void) {
    return (mien_preprocess){.fit = MIEN_FIT_NONE,
        .crop_height = SIDE,
        .crop_width = SIDE,
        .scale = 1.0 / 255.0,
        .deviation = {1, 1, 1}};
}

static mien_augment *alone(const mien_augment_kind *kind) {
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_add(a, NULL, kind->name, 0, NULL, NULL));
    return a;
}

static void every_kind_describes_itself(void **state) {
    (void)state;
    assert_true(mien_augment_kind_count() >= 15);
    for (int i = 0; i < mien_augment_kind_count(); i++) {
        const mien_augment_kind *kind = mien_augment_kind_at(i), *found = NULL;
        bool has_main = kind->main == NULL;
        assert_good(mien_augment_kind_find(kind->name, &found));
        assert_ptr_equal(found, kind);
        assert_true(strlen(kind->summary) > 10);
        for (const mien_option *o = kind->options; o->name; o++) {
            has_main = has_main || strcmp(o->name, kind->main) == 0;
            assert_true(strlen(o->help) > 5);
        }
        assert_true(has_main);
    }
    assert_null(mien_augment_kind_at(-1));
    assert_null(mien_augment_kind_at(mien_augment_kind_count()));
}

typedef struct job {
    mien_augment *augment;
    mien_augmenter *augmenters[8];
    float *in, *out;
} job;

static mien_status work(void *context, int64_t index, int worker) {
    job *j = context;
    mien_augment_draw draw;
    mien_stream stream;
    mien_stream_init(&stream, 3, (uint64_t)index, 1);
    mien_augment_draw_make(j->augment, SIDE, SIDE, &stream, &draw);
    return mien_augmenter_run(
        j->augmenters[worker], &draw, j->in, j->out + index * VALUES);
}

static void augment_all(job *j, int threads) {
    mien_thread_pool *pool = NULL;
    mien_preprocess p = plain();
    for (int t = 0; t < threads; t++) {
        assert_good(mien_augmenter_new(j->augment, &p, &j->augmenters[t]));
    }
    assert_good(mien_thread_pool_new(threads, &pool));
    assert_good(mien_thread_pool_run(pool, PICTURES, work, j));
    mien_thread_pool_free(&pool);
    for (int t = 0; t < threads; t++) {
        mien_augmenter_free(&j->augmenters[t]);
    }
}

static void every_kind_keeps_pictures_valid_whatever_the_threads(void **state) {
    (void)state;
    static float in[VALUES], out[PICTURES * VALUES], again[PICTURES * VALUES];
    for (int i = 0; i < VALUES; i++) {
        in[i] = (float)((i * 7919) % 256) / 255.0f;
    }
    for (int k = 0; k < mien_augment_kind_count(); k++) {
        const mien_augment_kind *kind = mien_augment_kind_at(k);
        job j = {.augment = alone(kind), .in = in, .out = out};
        augment_all(&j, 1);
        j.out = again;
        augment_all(&j, 8);
        assert_memory_equal(out, again, sizeof out);
        bool changed = false;
        for (int i = 0; i < PICTURES * VALUES; i++) {
            assert_true(out[i] >= -1e-6f && out[i] <= 1.0f + 1e-6f);
            changed = changed || out[i] != in[i % VALUES];
        }
        bool quiet = !strcmp(kind->name, "resample") || !strcmp(kind->name, "mixup");
        assert_int_equal(changed, !quiet);
        mien_augment_free(&j.augment);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_describes_itself),
        cmocka_unit_test(every_kind_keeps_pictures_valid_whatever_the_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
