/* SPDX-License-Identifier: MIT */
/* Temperature scaling: one number by which all logits of a classifier are divided, so
 * that its probabilities are as sure as it is right. Training fits it on rows that the
 * network did not learn from (train room), `mien models calibrate` on predictions of
 * any table.
 *
 * In come probabilities and true classes; logits are read off the probabilities,
 * because that is what tables hold: ln p of a softmax (up to a constant that cancels),
 * ln(P(> k) / P(= k)) of ordered classes between neighbours. */
#include "base/need.h"
#include "mien/eval.h"

#include <math.h>

/* ln of the smallest float above 0: what a table writes as 0 is no surer than that. */
#define SMALLEST (-103.0)
#define INVERSE_MIN (1 / MIEN_TEMPERATURE_MAX)
#define INVERSE_MAX (1 / MIEN_TEMPERATURE_MIN)

static double limited_log(double p) {
    return p > 0 ? fmax(log(p), SMALLEST) : SMALLEST;
}

/* [classes − 1]: z of P(class > k | class ≥ k) = 1 / (1 + exp(−z)). */
static void read_thresholds(int classes, const double *p, double *z) {
    double above = p[classes - 1];
    for (int k = classes - 2; k >= 0; k--) {
        z[k] = limited_log(above) - limited_log(p[k]);
        above += p[k];
    }
}

static void soften(int classes, double inverse, double *p) {
    double largest = -INFINITY, sum = 0;
    for (int k = 0; k < classes; k++) {
        p[k] = inverse * limited_log(p[k]);
        largest = fmax(largest, p[k]);
    }
    for (int k = 0; k < classes; k++) {
        p[k] = exp(p[k] - largest);
        sum += p[k];
    }
    for (int k = 0; k < classes; k++) {
        p[k] /= sum;
    }
}

static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static void soften_ordered(int classes, double inverse, double *p) {
    double z[MIEN_CLASSES_MAX], reached = 1;
    read_thresholds(classes, p, z);
    for (int k = 0; k < classes - 1; k++) {
        p[k] = reached * sigmoid(-inverse * z[k]);
        reached *= sigmoid(inverse * z[k]);
    }
    p[classes - 1] = reached;
}

void mien_temperature_apply(
    double temperature, int classes, bool ordered, double *probability) {
    if (temperature == 1 || !(temperature > 0)) {
        return;
    }
    if (ordered) {
        soften_ordered(classes, 1 / temperature, probability);
    } else {
        soften(classes, 1 / temperature, probability);
    }
}

/* First and second derivative by 1/T of −ln p(truth). */
typedef struct slopes {
    double first, second;
} slopes;

static void add_softmax(
    slopes *s, int classes, double inverse, const double *z, int y) {
    double largest = -INFINITY, sum = 0, mean = 0, square = 0;
    for (int k = 0; k < classes; k++) {
        largest = fmax(largest, z[k]);
    }
    for (int k = 0; k < classes; k++) {
        double e = exp(inverse * (z[k] - largest));
        sum += e;
        mean += e * (z[k] - largest);
        square += e * (z[k] - largest) * (z[k] - largest);
    }
    mean /= sum;
    s->first += mean - (z[y] - largest);
    s->second += square / sum - mean * mean;
}

static void add_ordered(
    slopes *s, int classes, double inverse, const double *z, int y) {
    for (int k = 0; k <= y && k < classes - 1; k++) {
        double sign = k < y ? 1 : -1, p = sigmoid(inverse * z[k]);
        s->first -= sign * z[k] * sigmoid(-sign * inverse * z[k]);
        s->second += z[k] * z[k] * p * (1 - p);
    }
}

static slopes slopes_at(
    const mien_class_answers *a, const double *z, bool ordered, double inverse) {
    slopes s = {0, 0};
    for (int64_t i = 0; i < a->n; i++) {
        (ordered ? add_ordered : add_softmax)(
            &s, a->classes, inverse, z + i * a->classes, a->truth[i]);
    }
    s.first /= (double)a->n;
    s.second /= (double)a->n;
    return s;
}

/* The loss is convex in 1/T, so Newton's steps within a bracket find its only minimum.
 */
static double find_inverse(const mien_class_answers *a, const double *z, bool ordered) {
    enum { STEPS_MAX = 200 };
    double low = INVERSE_MIN, high = INVERSE_MAX, at = 1;
    if (slopes_at(a, z, ordered, low).first >= 0) {
        return slopes_at(a, z, ordered, high).first > 0 ? low
                                                        : 1; /* flat: nothing to tell */
    }
    if (slopes_at(a, z, ordered, high).first <= 0) {
        return high;
    }
    for (int step = 0; step < STEPS_MAX; step++) {
        slopes s = slopes_at(a, z, ordered, at);
        if (s.first > 0) {
            high = at;
        } else {
            low = at;
        }
        double next = s.second > 0 ? at - s.first / s.second : low;
        next = next > low && next < high ? next : sqrt(low * high);
        if (fabs(next - at) <= 1e-13 * at || !(low < high)) {
            return next;
        }
        at = next;
    }
    return at;
}

mien_status mien_temperature_fit(
    const mien_class_answers *answers, bool ordered, double *temperature) {
    MIEN_NEED(answers, temperature);
    const mien_class_answers *a = answers;
    mien_status status = mien_class_answers_check(a);
    if (status == MIEN_OK && (a->n < 1 || !a->probability || a->classes < 2)) {
        status = mien_fail(MIEN_EINVAL,
            "a temperature is fitted on rows with probabilities of 2 classes or more");
    }
    double *z = status == MIEN_OK
                    ? mien_alloc((size_t)a->n * (size_t)a->classes, sizeof *z)
                    : NULL;
    if (status == MIEN_OK && !z) {
        status = MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        return status;
    }
    for (int64_t i = 0; i < a->n; i++) {
        const double *p = a->probability + i * a->classes;
        double *to = z + i * a->classes;
        for (int k = 0; k < a->classes; k++) {
            to[k] = limited_log(p[k]);
        }
        if (ordered) {
            read_thresholds(a->classes, p, to);
        }
    }
    *temperature = 1 / find_inverse(a, z, ordered);
    mien_free(z);
    return MIEN_OK;
}
