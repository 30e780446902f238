/* SPDX-License-Identifier: MIT */
/* Medians by partition, quantiles of what is sorted. */
#include "signal/order.h"

#include <math.h>

int mien_by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Puts the k-th smallest where it belongs, smaller ones before it (Hoare's quickselect
 * with the median of three). */
static void select_kth(double *x, int64_t n, int64_t k) {
    int64_t low = 0, high = n - 1;
    while (low < high) {
        double a = x[low], b = x[low + (high - low) / 2], c = x[high];
        double pivot = a < b ? (b < c      ? b
                                   : a < c ? c
                                           : a)
                             : (a < c      ? a
                                   : b < c ? c
                                           : b);
        int64_t i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot) {
                i++;
            }
            while (x[j] > pivot) {
                j--;
            }
            if (i <= j) {
                double t = x[i];
                x[i++] = x[j];
                x[j--] = t;
            }
        }
        if (k <= j) {
            high = j;
        } else if (k >= i) {
            low = i;
        } else {
            return;
        }
    }
}

double mien_median(double *x, int64_t n) {
    if (n < 1) {
        return NAN;
    }
    select_kth(x, n, n / 2);
    double upper = x[n / 2];
    if (n % 2) {
        return upper;
    }
    double lower = x[0];
    for (int64_t i = 1; i < n / 2; i++) {
        lower = x[i] > lower ? x[i] : lower;
    }
    return 0.5 * (lower + upper);
}

double mien_quantile_sorted(const double *sorted, int64_t n, double q) {
    double at = q * (double)(n - 1);
    int64_t below = (int64_t)at;
    double next = sorted[below + 1 < n ? below + 1 : below];
    return sorted[below] + (next - sorted[below]) * (at - (double)below);
}
