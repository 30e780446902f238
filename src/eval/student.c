/* SPDX-License-Identifier: MIT */
/* Student's t by the incomplete beta function. */
#include "eval/student.h"

#include "mien/eval.h"

#include <math.h>

/* The continued fraction of the incomplete beta function, by Lentz' method (DLMF
 * 8.17.22); it converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) > tiny ? d : tiny);
    double h = d;
    for (int m = 1; m < 1000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        for (int k = 0; k < 2; k++) {
            double term = k ? odd : even;
            d = 1 + term * d;
            d = 1 / (fabs(d) > tiny ? d : tiny);
            c = 1 + term / c;
            c = fabs(c) > tiny ? c : tiny;
            h *= d * c;
        }
        if (fabs(d * c - 1) < 1e-15) {
            break;
        }
    }
    return h;
}

/* I_x(a, b) */
static double incomplete_beta(double x, double a, double b) {
    if (x <= 0 || x >= 1) {
        return x > 0;
    }
    double front =
        exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

/* P(|T| > t) = I at ν / (ν + t²) of (ν / 2, 1 / 2) */
double mien_student_tails(double t, double freedom) {
    return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/* By halving: the tails fall all the way. */
double mien_student_two_sided(double tails, double freedom) {
    double low = 0, high = 1;
    while (mien_student_tails(high, freedom) > tails && high < 1e150) {
        high *= 2;
    }
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        double middle = low + (high - low) / 2;
        if (mien_student_tails(middle, freedom) > tails) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + (high - low) / 2;
}
