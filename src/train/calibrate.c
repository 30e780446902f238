/* SPDX-License-Identifier: MIT */
/* A model at other temperatures: the same file, but for what comes after the network
 * and the golden vectors that follow from it. `mien models calibrate` fits the
 * temperatures; runs with calibration.temperature have them at once
 * (run/study_run_calibrate.c). */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/train.h"
#include "models/network.h"

enum { GOLDEN_MAX = 64 };

/* One vector's output at the temperatures; row [width]. */
static void soften(const mien_network *n, const double *temperature, float *row) {
    for (int t = 0; t < n->targets_count; t++) {
        const mien_target *target = &n->targets[t];
        double p[MIEN_CLASSES_MAX];
        bool ordered = target->link == MIEN_LINK_CORN;
        for (int k = 0; target->classes_count && k < target->classes_count; k++) {
            p[k] = (double)row[k];
        }
        if (target->classes_count && temperature[t] > 0) {
            mien_temperature_apply(temperature[t], target->classes_count, ordered, p);
            for (int k = 0; k < target->classes_count; k++) {
                row[k] = (float)p[k];
            }
        }
        row += mien_target_width(target);
    }
}

static mien_status change(mien_network *n, const double *temperature) {
    bool any = false;
    for (int t = 0; t < n->targets_count; t++) {
        if (!(temperature[t] > 0)) {
            continue;
        }
        if (n->targets[t].link == MIEN_LINK_VALUE) {
            return mien_fail(MIEN_EINVAL, "%s is a number: it has no temperature",
                n->targets[t].name);
        }
        double before = n->after.temperature[t] > 0 ? n->after.temperature[t] : 1;
        n->after.temperature[t] = before * temperature[t];
        any = true;
    }
    return any ? MIEN_OK : mien_fail(MIEN_EINVAL, "there is no temperature to set");
}

mien_status mien_model_calibrate(
    const mien_model *model, const double *temperature, const char *path) {
    MIEN_NEED(model);
    MIEN_NEED(temperature);
    MIEN_NEED(path);
    mien_network n = *mien_model_network(model);
    int64_t count = mien_model_golden_count(model), width = mien_model_width(model);
    mien_golden_input golden[GOLDEN_MAX];
    mien_status status = change(&n, temperature);
    if (status == MIEN_OK && count > GOLDEN_MAX) {
        status = mien_fail(MIEN_ELIMIT, "%s: more than %d golden vectors",
            mien_model_path(model), (int)GOLDEN_MAX);
    }
    float *rows = status == MIEN_OK
                      ? mien_alloc((size_t)(count * width) + 1, sizeof *rows)
                      : NULL;
    status = status == MIEN_OK && !rows ? MIEN_ENOMEM : status;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_model_golden(model, i, &golden[i]);
        if (status == MIEN_OK) {
            float *row = rows + i * width;
            memcpy(row, golden[i].output, (size_t)width * sizeof *row);
            soften(&n, temperature, row);
            golden[i].output = row;
        }
    }
    if (status == MIEN_OK) {
        status = mien_network_save(
            path, &n, mien_model_body(model)->parameters, golden, count);
    }
    mien_free(rows);
    return status;
}
