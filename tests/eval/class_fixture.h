/* SPDX-License-Identifier: MIT */
/* The answers of python/golden/class_metrics.py: 60 rows of 4 classes, the last never
 * the most probable. */
#ifndef MIEN_TESTS_EVAL_CLASS_FIXTURE_H
#define MIEN_TESTS_EVAL_CLASS_FIXTURE_H

#include "mien/eval.h"

enum { CLASS_ROWS = 60, CLASS_COUNT = 4 };

typedef struct class_fixture {
    int truth[CLASS_ROWS];
    double probability[CLASS_ROWS][CLASS_COUNT];
} class_fixture;

static inline mien_class_answers class_fixture_make(class_fixture *f) {
    for (int i = 0; i < CLASS_ROWS; i++) {
        double sum = 0, *p = f->probability[i];
        f->truth[i] = (i * i % 13 + i / 9) % 4;
        for (int c = 0; c < CLASS_COUNT; c++) {
            bool leans = f->truth[i] == c && i % 3 > 0;
            p[c] = 1 + (i * 7 + 3 * c) % 5 + 3 * leans + c / 64.0;
            p[c] = c == 3 ? p[c] / 8 : p[c];
            sum += p[c];
        }
        for (int c = 0; c < CLASS_COUNT; c++) {
            p[c] /= sum;
        }
    }
    return (mien_class_answers){.n = CLASS_ROWS,
        .classes = CLASS_COUNT,
        .truth = f->truth,
        .probability = f->probability[0]};
}

#endif
