/* SPDX-License-Identifier: MIT */
/* Every row of train/optimisers/optims.def: it goes downhill, gives the same bits on
 * any number of threads and after a checkpoint, and describes and checks itself. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "train/optimisers/optim.h"

enum { COUNT = 250021, SPLIT = 200007, SHORT = 101 };

/* Options that give every row all the state it can have. */
static const char *const fullest[][2] = {{"sgd", "momentum"}};

typedef struct run {
    mien_thread_pool *pool;
    float *x, *gradient;
    mien_trainables *trainables;
    mien_optimiser *optimiser;
} run;

static mien_options *full_options(const mien_optim *optim) {
    mien_options *given = NULL;
    assert_good(mien_options_new(optim->options, &given));
    assert_good(mien_options_set(given, NULL, "decay", "0.01"));
    for (size_t i = 0; i < sizeof fullest / sizeof *fullest; i++) {
        if (strcmp(optim->name, fullest[i][0]) == 0) {
            assert_good(mien_options_set(given, NULL, fullest[i][1], "0.9"));
        }
    }
    return given;
}

static void run_init(run *r, const mien_optim *optim, int threads) {
    mien_options *given = full_options(optim);
    mien_stream s;
    *r = (run){0};
    mien_stream_init(&s, 5, 6, 7);
    r->x = mien_alloc(COUNT, sizeof *r->x);
    r->gradient = mien_alloc(COUNT, sizeof *r->gradient);
    for (int i = 0; i < COUNT; i++) {
        r->x[i] = (float)(4 * mien_stream_uniform(&s) - 2);
    }
    const mien_trainable rows[] = {{"a", r->x, r->gradient, SPLIT, 1, 1},
        {"b", r->x + SPLIT, r->gradient + SPLIT, COUNT - SPLIT, 0.5, 0}};
    assert_good(mien_thread_pool_new(threads, &r->pool));
    assert_good(mien_trainables_new(rows, 2, r->pool, &r->trainables));
    assert_good(mien_optimiser_new(optim, given,
        &(mien_optimiser_setup){.clip_value = 1, .clip_norm = 100}, r->trainables,
        &r->optimiser));
    mien_options_free(&given);
}

static void run_clear(run *r) {
    mien_optimiser_free(&r->optimiser);
    mien_trainables_free(&r->trainables);
    mien_thread_pool_free(&r->pool);
    mien_free(r->gradient);
    mien_free(r->x);
}

/* Σ log cosh(x − 1/4), whose gradient is a tanh. */
static double value(const run *r) {
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        sum += log(cosh((double)r->x[i] - 0.25));
    }
    return sum;
}

static void steps(run *r, int from, int to) {
    for (int n = from; n < to; n++) {
        mien_pace pace = {0.05 / (1 + n / 10.0), (double)NAN};
        for (int i = 0; i < COUNT; i++) {
            r->gradient[i] = (float)tanh((double)r->x[i] - 0.25);
        }
        assert_good(mien_optimiser_step(r->optimiser, &pace));
    }
}

static void every_optimiser_goes_downhill_alike_on_any_threads(void **state) {
    (void)state;
    assert_true(mien_optim_count() > 0);
    for (int i = 0; i < mien_optim_count(); i++) {
        run one, three;
        run_init(&one, mien_optim_at(i), 1);
        run_init(&three, mien_optim_at(i), 3);
        double first = value(&one);
        steps(&one, 0, 8);
        steps(&three, 0, 8);
        assert_true(value(&one) < 0.99 * first);
        assert_memory_equal(one.x, three.x, COUNT * sizeof *one.x);
        assert_true(
            mien_optimiser_norm(one.optimiser) == mien_optimiser_norm(three.optimiser));
        run_clear(&three);
        run_clear(&one);
    }
}

static void every_optimiser_goes_on_from_a_checkpoint(void **state) {
    (void)state;
    for (int i = 0; i < mien_optim_count(); i++) {
        run whole, again;
        mien_checkpoint_state kept = {0}, loaded = {0};
        mien_archive *archive = NULL;
        const char *path = support_temp_path("optimiser.safetensors");
        run_init(&whole, mien_optim_at(i), 2);
        run_init(&again, mien_optim_at(i), 1);
        steps(&whole, 0, 4);
        assert_good(mien_optimiser_state(whole.optimiser, "optimiser", &kept));
        assert_string_equal(kept.names[0], "optimiser.counters");
        assert_true(kept.count > 2); /* the rows were given all they can remember */
        assert_good(
            mien_safetensors_write(path, kept.count, (const char *const *)kept.names,
                (const mien_tensor *const *)kept.tensors, (const char *const[]){NULL}));
        memcpy(again.x, whole.x, COUNT * sizeof *again.x);
        assert_good(mien_optimiser_state(again.optimiser, "optimiser", &loaded));
        assert_good(mien_archive_open(path, &archive));
        assert_good(mien_checkpoint_state_load(&loaded, archive));
        mien_archive_close(&archive);
        assert_int_equal(mien_optimiser_steps(again.optimiser), 4);
        steps(&whole, 4, 8);
        steps(&again, 4, 8);
        assert_memory_equal(again.x, whole.x, COUNT * sizeof *again.x);
        mien_checkpoint_state_clear(&loaded);
        mien_checkpoint_state_clear(&kept);
        run_clear(&again);
        run_clear(&whole);
    }
}

/* Three steps on the same values, as one array or each by itself. */
static void short_run(const mien_optim *optim, bool apart, float x[SHORT]) {
    float gradient[SHORT];
    mien_trainable rows[SHORT];
    mien_trainables *l = NULL;
    mien_optimiser *o = NULL;
    mien_options *given = full_options(optim);
    for (int k = 0; k < SHORT; k++) {
        x[k] = (float)sin(k);
        rows[k] = (mien_trainable){"x", x + k, gradient + k, 1, 1, 1};
    }
    rows[0].count = apart ? 1 : SHORT;
    assert_good(mien_trainables_new(rows, apart ? SHORT : 1, NULL, &l));
    assert_good(mien_optimiser_new(optim, given, NULL, l, &o));
    for (int n = 0; n < 3; n++) {
        for (int k = 0; k < SHORT; k++) {
            gradient[k] = (float)cos(k * (n + 1.5));
        }
        assert_good(mien_optimiser_step(o, &(mien_pace){0.03, (double)NAN}));
    }
    mien_optimiser_free(&o);
    mien_trainables_free(&l);
    mien_options_free(&given);
}

/* Vectors against single values: a fused multiply-add in one of them would show. */
static void every_optimiser_gives_each_value_the_same_bits(void **state) {
    (void)state;
    for (int i = 0; i < mien_optim_count(); i++) {
        float together[SHORT], apart[SHORT];
        short_run(mien_optim_at(i), false, together);
        short_run(mien_optim_at(i), true, apart);
        assert_memory_equal(together, apart, sizeof apart);
    }
}

static void every_optimiser_takes_a_moving_momentum(void **state) {
    (void)state;
    for (int i = 0; i < mien_optim_count(); i++) {
        run still, moved;
        run_init(&still, mien_optim_at(i), 1);
        run_init(&moved, mien_optim_at(i), 1);
        steps(&still, 0, 2);
        steps(&moved, 0, 2);
        mien_pace own = {0.05, 0.9}, other = {0.05, 0.5};
        assert_good(mien_optimiser_step(still.optimiser, &own));
        assert_good(mien_optimiser_step(moved.optimiser, &other));
        assert_memory_not_equal(still.x, moved.x, COUNT * sizeof *still.x);
        run_clear(&moved);
        run_clear(&still);
    }
}

static void every_optimiser_describes_and_checks_itself(void **state) {
    (void)state;
    for (int i = 0; i < mien_optim_count(); i++) {
        const mien_optim *optim = mien_optim_at(i);
        int names = 0;
        assert_ptr_equal(mien_optim_find(optim->name), optim);
        assert_true(strlen(optim->summary) > 10 && optim->rate > 0);
        assert_true(optim->settings_size >= sizeof(mien_optim_common));
        while (optim->state_names[names]) {
            names++;
        }
        assert_true(names <= MIEN_OPTIM_STATES_MAX);
        for (const mien_option *o = optim->options; o->name; o++) {
            mien_options *given = NULL;
            assert_true(o->initial && strlen(o->help) > 10);
            assert_good(mien_options_new(optim->options, &given));
            assert_fails(
                mien_options_set(given, NULL, o->name, "-1"), MIEN_EINVAL, o->name);
            mien_options_free(&given);
        }
    }
    assert_null(mien_optim_at(-1));
    assert_null(mien_optim_at(mien_optim_count()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_optimiser_goes_downhill_alike_on_any_threads),
        cmocka_unit_test(every_optimiser_goes_on_from_a_checkpoint),
        cmocka_unit_test(every_optimiser_gives_each_value_the_same_bits),
        cmocka_unit_test(every_optimiser_takes_a_moving_momentum),
        cmocka_unit_test(every_optimiser_describes_and_checks_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
