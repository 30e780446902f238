/* SPDX-License-Identifier: MIT */
/* The meaning of a network's outputs for one target. */
#include "base/need.h"
#include "mien/models.h"

#include <math.h>

double mien_target_normal(const mien_target *target, double value) {
    MIEN_NEED_OR((double)NAN, target);
    return 2 * (value - target->minimum) / (target->maximum - target->minimum) - 1;
}

double mien_target_own(const mien_target *target, double normal) {
    MIEN_NEED_OR((double)NAN, target);
    return target->minimum + (normal + 1) / 2 * (target->maximum - target->minimum);
}

static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

int64_t mien_target_outputs(const mien_target *target) {
    MIEN_NEED_OR(0, target);
    switch (target->link) {
    case MIEN_LINK_VALUE:
        return 1;
    case MIEN_LINK_SOFTMAX:
        return target->classes_count;
    case MIEN_LINK_CORN:
        return target->classes_count - 1;
    }
    return 0;
}

int64_t mien_target_width(const mien_target *target) {
    MIEN_NEED_OR(0, target);
    return target->link == MIEN_LINK_VALUE ? 1 : target->classes_count;
}

/* The largest logit is taken off first: exp() of large ones would be infinite. */
static void softmax(int classes, const float *z, float *p) {
    double largest = -INFINITY, sum = 0;
    for (int c = 0; c < classes; c++) {
        largest = fmax(largest, (double)z[c]);
    }
    for (int c = 0; c < classes; c++) {
        sum += exp((double)z[c] - largest);
    }
    for (int c = 0; c < classes; c++) {
        p[c] = (float)(exp((double)z[c] - largest) / sum);
    }
}

/* P(class = k) = P(class ≥ k) · (1 − P(class > k | class ≥ k)) */
static void corn(int classes, const float *z, float *p) {
    double reached = 1;
    for (int k = 0; k < classes - 1; k++) {
        p[k] = (float)(reached * sigmoid(-(double)z[k]));
        reached *= sigmoid((double)z[k]);
    }
    p[classes - 1] = (float)reached;
}

void mien_target_read(const mien_target *target, const float *outputs, float *row) {
    MIEN_NEED_OR(, target, outputs, row);
    switch (target->link) {
    case MIEN_LINK_VALUE:
        row[0] = (float)mien_target_own(target, (double)outputs[0]);
        break;
    case MIEN_LINK_SOFTMAX:
        softmax(target->classes_count, outputs, row);
        break;
    case MIEN_LINK_CORN:
        corn(target->classes_count, outputs, row);
        break;
    }
}

int mien_target_choose(const mien_target *target, const double *probability) {
    MIEN_NEED_OR(0, target, probability);
    int chosen = 0;
    if (target->link == MIEN_LINK_CORN) {
        double above = 0;
        for (int c = target->classes_count - 1; c > 0; c--) {
            above += probability[c];
            if (above > 0.5) {
                return c;
            }
        }
        return 0;
    }
    for (int c = 1; c < target->classes_count; c++) {
        chosen = probability[c] > probability[chosen] ? c : chosen;
    }
    return chosen;
}
