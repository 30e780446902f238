/* SPDX-License-Identifier: MIT */
/* Correlation and accuracy of a normal latent variable that is cut into levels. */
#include "data/synths/planted_levels.h"

#include <math.h>

#define PI 3.14159265358979323846

double mien_normal_share(double x) {
    return 0.5 * erfc(-x / sqrt(2));
}

double mien_normal_quantile(double p) {
    double low = -10, high = 10;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (mien_normal_share(middle) < p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

int mien_level_of(int cuts, const double *cut, double t) {
    int level = 0;
    for (int k = 0; k < cuts; k++) {
        level += t > cut[k];
    }
    return level;
}

/* The correlation of t with Q = Σ [t > c]: cov(t, Q) = Σ φ(c), var(Q) = Σ Σ P(t >
 * both) − P P. */
double mien_levels_r(int cuts, const double *cut) {
    double covariance = 0, variance = 0;
    for (int j = 0; j < cuts; j++) {
        double below = mien_normal_share(cut[j]);
        covariance += exp(-0.5 * cut[j] * cut[j]) / sqrt(2 * PI);
        for (int k = 0; k < cuts; k++) {
            double other = mien_normal_share(cut[k]);
            variance += 1 - fmax(below, other) - (1 - below) * (1 - other);
        }
    }
    return covariance / sqrt(variance);
}

double mien_levels_accuracy(int cuts, const double *cut, double r2) {
    enum { STEPS = 4000 };
    double sum = 0, known = sqrt(r2), rest = sqrt(fmax(1 - r2, 1e-12));
    for (int i = 0; i < STEPS; i++) { /* middle of strips from -8 to 8 */
        double k = -8 + 16 * (i + 0.5) / STEPS, best = 0, before = 0;
        for (int j = 0; j <= cuts; j++) {
            double upto = j < cuts ? mien_normal_share((cut[j] - known * k) / rest) : 1;
            best = fmax(best, upto - before);
            before = upto;
        }
        sum += best * exp(-0.5 * k * k) / sqrt(2 * PI) * 16 / STEPS;
    }
    return sum;
}
