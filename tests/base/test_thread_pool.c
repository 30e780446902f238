/* SPDX-License-Identifier: MIT */
/* Pools, threads, locks, interrupt; the thread sanitizer runs these too. */
#include "support/support.h"

#include <stdatomic.h>
#include <string.h>

enum { ITEMS = 1000, THREADS = 4 };

typedef struct tally {
    int done[ITEMS];
    int by_worker[THREADS];
    int64_t fails_from, fails_every;
    atomic_int started;
} tally;

static mien_status count_item(void *context, int64_t index, int worker) {
    tally *t = context;
    t->done[index]++; /* each item belongs to one worker: no lock needed */
    t->by_worker[worker]++;
    atomic_fetch_add(&t->started, 1);
    if (t->fails_every && index >= t->fails_from && index % t->fails_every == 0) {
        return mien_fail(MIEN_EFORMAT, "item %d", (int)index);
    }
    return MIEN_OK;
}

static void every_item_is_done_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= THREADS; threads++) {
        mien_thread_pool *pool = NULL;
        assert_good(mien_thread_pool_new(threads, &pool));
        assert_int_equal(mien_thread_pool_threads(pool), threads);
        for (int round = 0; round < 20; round++) {
            static tally t;
            memset(&t, 0, sizeof t);
            int64_t count = round % 2 ? ITEMS : round;
            assert_good(mien_thread_pool_run(pool, count, count_item, &t));
            int sum = 0;
            for (int i = 0; i < ITEMS; i++) {
                assert_int_equal(t.done[i], i < count);
            }
            for (int i = 0; i < threads; i++) {
                sum += t.by_worker[i];
            }
            assert_int_equal(sum, count);
        }
        mien_thread_pool_free(&pool);
        assert_null(pool);
    }
}

static void no_pool_means_the_caller_does_all(void **state) {
    (void)state;
    static tally t;
    assert_int_equal(mien_thread_pool_threads(NULL), 1);
    assert_good(mien_thread_pool_run(NULL, 10, count_item, &t));
    assert_int_equal(t.by_worker[0], 10);
    mien_thread_pool_free(&(mien_thread_pool *){NULL});
}

static void the_lowest_failure_is_returned_with_its_text(void **state) {
    (void)state;
    for (int threads = 1; threads <= THREADS; threads++) {
        mien_thread_pool *pool = NULL;
        assert_good(mien_thread_pool_new(threads, &pool));
        for (int round = 0; round < 50; round++) {
            static tally t;
            memset(&t, 0, sizeof t);
            t.fails_from = 30;
            t.fails_every = 7;
            assert_fails(mien_thread_pool_run(pool, ITEMS, count_item, &t),
                MIEN_EFORMAT, "item 35");
            assert_true(atomic_load(&t.started) < ITEMS);
        }
        static tally good;
        memset(&good, 0, sizeof good);
        assert_good(mien_thread_pool_run(pool, ITEMS, count_item, &good));
        mien_thread_pool_free(&pool);
    }
}

static void a_loop_allocates_nothing(void **state) {
    (void)state;
    static tally t;
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(2, &pool));
    uint64_t before = mien_alloc_count();
    assert_good(mien_thread_pool_run(pool, ITEMS, count_item, &t));
    assert_int_equal(mien_alloc_count(), before);
    mien_thread_pool_free(&pool);
}

static void a_pool_of_no_threads_is_refused(void **state) {
    (void)state;
    mien_thread_pool *pool = NULL;
    assert_fails(mien_thread_pool_new(0, &pool), MIEN_EINVAL, "0 threads");
    assert_fails(mien_thread_pool_new(100000, &pool), MIEN_EINVAL, "1024");
    assert_null(pool);
}

static mien_status make_pool(void *context) {
    mien_thread_pool *pool = NULL;
    mien_status status = mien_thread_pool_new(3, &pool);
    if (status == MIEN_OK) {
        status = mien_thread_pool_run(pool, 10, count_item, context);
    }
    mien_thread_pool_free(&pool);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    static tally t;
    support_each_allocation_fails(make_pool, &t, 10);
}

/* A queue of one value, and what was taken from it. */
typedef struct queue {
    mien_lock *lock;
    int value; /* 0: empty */
    int64_t sum;
} queue;

static mien_status consume(void *context) {
    queue *q = context;
    for (int i = 0; i < 500; i++) {
        mien_lock_take(q->lock);
        while (q->value == 0) {
            mien_lock_wait(q->lock);
        }
        q->sum += q->value;
        q->value = 0;
        mien_lock_wake(q->lock);
        mien_lock_give(q->lock);
    }
    return MIEN_OK;
}

static void a_lock_hands_values_from_thread_to_thread(void **state) {
    (void)state;
    queue q = {0};
    mien_thread *thread = NULL;
    assert_good(mien_lock_new(&q.lock));
    assert_good(mien_thread_new(consume, &q, &thread));
    for (int i = 1; i <= 500; i++) {
        mien_lock_take(q.lock);
        while (q.value != 0) {
            mien_lock_wait(q.lock);
        }
        q.value = i;
        mien_lock_wake(q.lock);
        mien_lock_give(q.lock);
    }
    assert_good(mien_thread_join(&thread));
    assert_null(thread);
    assert_int_equal(q.sum, 500 * 501 / 2);
    mien_lock_free(&q.lock);
    assert_null(q.lock);
}

static mien_status give_up(void *context) {
    return mien_fail(MIEN_EIO, "gave up on %s", (const char *)context);
}

static void join_hands_over_status_and_text(void **state) {
    (void)state;
    mien_thread *thread = NULL;
    assert_good(mien_thread_new(give_up, (void *)"the film", &thread));
    assert_fails(mien_thread_join(&thread), MIEN_EIO, "gave up on the film");
    assert_good(mien_thread_join(&thread));
}

static void an_interrupt_stays_until_cleared(void **state) {
    (void)state;
    assert_false(mien_interrupted());
    mien_interrupt();
    assert_true(mien_interrupted());
    mien_interrupt_clear();
    assert_false(mien_interrupted());
}

static void the_process_knows_its_resources(void **state) {
    (void)state;
    assert_in_range(mien_cpu_count(), 1, 100000);
    double before = mien_clock_s();
    assert_true(mien_clock_s() >= before);
    int64_t peak = mien_peak_memory();
    size_t bytes = 64 << 20;
    char *memory = mien_alloc(bytes, 1);
    assert_non_null(memory);
    assert_true(mien_peak_memory() >= peak);
    memset(memory, 1, bytes);
    assert_true(mien_peak_memory() >= (int64_t)bytes);
    mien_free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(no_pool_means_the_caller_does_all),
        cmocka_unit_test(the_lowest_failure_is_returned_with_its_text),
        cmocka_unit_test(a_loop_allocates_nothing),
        cmocka_unit_test(a_pool_of_no_threads_is_refused),
        cmocka_unit_test(each_failing_allocation_is_reported),
        cmocka_unit_test(a_lock_hands_values_from_thread_to_thread),
        cmocka_unit_test(join_hands_over_status_and_text),
        cmocka_unit_test(an_interrupt_stays_until_cleared),
        cmocka_unit_test(the_process_knows_its_resources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
