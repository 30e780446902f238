/* SPDX-License-Identifier: MIT */
/* A recursive filter over a long series, four stretches of it side by side: each value
 * of a stretch waits for the one before, so that one stretch alone leaves the processor
 * idle. In: sections with their states, a series; out: the series filtered in place and
 * the states behind it. Called by filter_butterworth.c.
 *
 * All but the first stretch begin earlier than they must, from the state in which the
 * first value of theirs had always come in. What that is wrong by fades with the
 * slowest pole, and has gone below a double's last digit when their own part begins. */
#include "signal/filter_lanes.h"

#include <complex.h>
#include <math.h>

enum { LANES = 4, SECTIONS_MAX = 4, SHORTEST = 4096 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* Sections of all stretches at work. */
typedef struct running {
    lanes b0, b1, b2, a1, a2, x1, x2, y1, y2;
} running;

/* How many values it takes until a state has faded to 2^-60. */
static double fading(const mien_section *s, int count) {
    double largest = 0;
    for (int k = 0; k < count; k++) {
        double complex root = csqrt(s[k].a1 * s[k].a1 / 4 - s[k].a2);
        largest = fmax(largest, cabs(-s[k].a1 / 2 + root));
        largest = fmax(largest, cabs(-s[k].a1 / 2 - root));
    }
    return largest > 0 && largest < 1 ? 60 * log(2) / -log(largest) : INFINITY;
}

static inline __attribute__((always_inline)) void steps(running *all, const int count,
    double *at, const int64_t *begin, int64_t n, int64_t step, bool keep) {
    const int64_t b = begin[1], c = begin[2], d = begin[3];
    running r[SECTIONS_MAX];
    at += begin[0];
    for (int k = 0; k < count; k++) {
        r[k] = all[k];
    }
    for (int64_t i = 0; i < n; i++, at += step) {
        lanes x = {at[0], at[b], at[c], at[d]};
        for (int k = 0; k < count; k++) {
            lanes in = r[k].b0 * x + (r[k].b1 * r[k].x1 + r[k].b2 * r[k].x2);
            lanes y = (in - r[k].a2 * r[k].y2) - r[k].a1 * r[k].y1;
            r[k].x2 = r[k].x1;
            r[k].x1 = x;
            r[k].y2 = r[k].y1;
            r[k].y1 = y;
            x = y;
        }
        if (keep) {
            at[0] = x[0];
            at[b] = x[1];
            at[c] = x[2];
            at[d] = x[3];
        }
    }
    for (int k = 0; k < count; k++) {
        all[k] = r[k];
    }
}

/* The number of sections is known when this is compiled, so that states stay in
 * registers. */
#define STEPS(name, attribute)                                                         \
    attribute static void name(running *r, int count, double *at,                      \
        const int64_t *begin, int64_t n, int64_t step, bool keep) {                    \
        switch (count) {                                                               \
        case 1:                                                                        \
            steps(r, 1, at, begin, n, step, keep);                                     \
            break;                                                                     \
        case 2:                                                                        \
            steps(r, 2, at, begin, n, step, keep);                                     \
            break;                                                                     \
        case 3:                                                                        \
            steps(r, 3, at, begin, n, step, keep);                                     \
            break;                                                                     \
        default:                                                                       \
            steps(r, 4, at, begin, n, step, keep);                                     \
            break;                                                                     \
        }                                                                              \
    }
STEPS(steps_plain, )
#if defined(__x86_64__)
/* The same arithmetic, so the same bits. */
STEPS(steps_avx2, __attribute__((target("avx2"))))
#endif

static void run(running *r, int count, double *at, const int64_t *begin, int64_t n,
    int64_t step, bool keep) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        steps_avx2(r, count, at, begin, n, step, keep);
        return;
    }
#endif
    steps_plain(r, count, at, begin, n, step, keep);
}

#define ALL(x) ((lanes){(x), (x), (x), (x)})

/* States in which the value at the beginning of each stretch has always come in. */
static void settle(
    running *r, const mien_section *s, int count, const double first[LANES]) {
    lanes level = {first[0], first[1], first[2], first[3]};
    for (int k = 0; k < count; k++) {
        double gain = (s[k].b0 + s[k].b1 + s[k].b2) / (1 + s[k].a1 + s[k].a2);
        lanes out = level * ALL(gain);
        r[k] = (running){ALL(s[k].b0), ALL(s[k].b1), ALL(s[k].b2), ALL(s[k].a1),
            ALL(s[k].a2), level, level, out, out};
        level = out;
    }
}

/* Where stretches are read, as distances from the first's. */
static void begin_at(int64_t *begin, int64_t first, int64_t second, int64_t apart) {
    begin[0] = first;
    for (int k = 1; k < LANES; k++) {
        begin[k] = second + (k - 1) * apart - first;
    }
}

int64_t mien_filter_lanes(
    mien_section *s, int count, double *at, int64_t n, int64_t step) {
    double fades = count <= SECTIONS_MAX ? fading(s, count) : INFINITY;
    if (n < SHORTEST || !(fades < (double)n / 6)) {
        return 0;
    }
    int64_t apart = n / LANES, before = (int64_t)ceil(fades), begin[LANES];
    running r[SECTIONS_MAX];
    /* The first has nothing before it: it goes along with the second, then takes its
     * own state. */
    int64_t early = (apart - before) * step;
    begin_at(begin, early, early, apart * step);
    const double first[LANES] = {
        at[early], at[early], at[early + apart * step], at[early + 2 * apart * step]};
    settle(r, s, count, first);
    run(r, count, at, begin, before, step, false);
    for (int k = 0; k < count; k++) {
        r[k].x1[0] = s[k].x1;
        r[k].x2[0] = s[k].x2;
        r[k].y1[0] = s[k].y1;
        r[k].y2[0] = s[k].y2;
    }
    begin_at(begin, 0, apart * step, apart * step);
    run(r, count, at, begin, apart, step, true);
    for (int k = 0; k < count; k++) {
        s[k].x1 = r[k].x1[LANES - 1];
        s[k].x2 = r[k].x2[LANES - 1];
        s[k].y1 = r[k].y1[LANES - 1];
        s[k].y2 = r[k].y2[LANES - 1];
    }
    return apart * LANES;
}
