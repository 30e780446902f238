/* SPDX-License-Identifier: MIT */
/* Turned weights give the gates that weights as PyTorch has them give. */
#include "nn/kernels/lstm_turned.h"

#include "nn/nets.h"

static void turned_weights_give_the_same_gates(void **state) {
    (void)state;
    enum { HIDDEN = 3, IN = 5, ROWS = 7, GATES = 4 * HIDDEN };
    float w[GATES * IN], u[GATES * HIDDEN], b[2][GATES], x[ROWS * IN],
        got[ROWS * GATES];
    float room[GATES * (IN + HIDDEN + 1)];
    const float *p[4] = {w, u, b[0], b[1]};
    nets_fill(w, GATES * IN, 1);
    nets_fill(u, GATES * HIDDEN, 2);
    nets_fill(b[0], 2 * GATES, 3);
    nets_fill(x, ROWS * IN, 4);
    assert_int_equal(mien_lstm_turned_count(HIDDEN, IN), sizeof room / sizeof *room);
    for (int biases = 0; biases < 2; biases++) {
        mien_lstm_turned t = mien_lstm_turn(HIDDEN, IN, p, biases, room);
        mien_lstm_turned_input(&t, HIDDEN, IN, x, ROWS, got);
        for (int i = 0; i < ROWS * GATES; i++) {
            int o = i % GATES;
            double want = biases ? (double)b[0][o] + (double)b[1][o] : 0;
            for (int l = 0; l < IN; l++) {
                want += (double)w[o * IN + l] * (double)x[i / GATES * IN + l];
            }
            assert_near((double)got[i], want, 1e-4);
        }
        for (int i = 0; i < GATES * HIDDEN; i++) {
            assert_true(t.recurrent[i % HIDDEN * GATES + i / HIDDEN] == u[i]);
        }
    }
}

static void weights_that_fit_no_near_cache_are_left_alone(void **state) {
    (void)state;
    assert_int_equal(mien_lstm_turned_count(128, 64), 4 * 128 * (64 + 128 + 1));
    assert_int_equal(mien_lstm_turned_count(129, 64), 0);
    assert_int_equal(mien_lstm_turned_count(64, 300), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_weights_give_the_same_gates),
        cmocka_unit_test(weights_that_fit_no_near_cache_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
