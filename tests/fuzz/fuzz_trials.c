/* SPDX-License-Identifier: MIT */
/* Any bytes as a trial table with its sidecar (a 0 byte between them), read strictly
 * and leniently, and as a table of GAPED. */
#include "data/importers/gaped.h"
#include "data/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static mien_status hear(
    void *context, const char *check, int64_t row, mien_status status) {
    (void)context;
    (void)row;
    if (!check || status == MIEN_OK || !*mien_error()) {
        abort();
    }
    return MIEN_OK;
}

static void use_classes(const mien_trials *trials, const mien_trials_target *target) {
    int64_t rows = mien_trials_rows(trials);
    int *label = mien_alloc((size_t)rows, sizeof *label);
    double *shares = mien_alloc((size_t)(rows * target->classes), sizeof *shares);
    if (label && shares) {
        if (mien_trials_classes(trials, target->name, label) != MIEN_OK) {
            abort();
        }
        for (int64_t i = 0; i < rows; i++) {
            bool has = mien_trials_cell(trials, i, target->name) != NULL;
            if (label[i] >= target->classes || has != (label[i] >= 0)) {
                abort();
            }
        }
        if (mien_trials_shares(trials, target->name, shares) == MIEN_OK) {
            for (int64_t i = 0; i < rows * target->classes; i++) {
                if (shares[i] < 0 || shares[i] > 1) {
                    abort();
                }
            }
        }
    }
    mien_free(shares);
    mien_free(label);
}

static void use_numbers(const mien_trials *trials, const mien_trials_target *target) {
    int64_t rows = mien_trials_rows(trials);
    double *values = mien_alloc((size_t)rows, sizeof *values);
    if (values && (mien_trials_numbers(trials, target->name, values) != MIEN_OK ||
                      !(target->minimum < target->maximum))) {
        abort();
    }
    for (int64_t i = 0; values && i < rows; i++) {
        if (isinf(values[i])) {
            abort();
        }
    }
    mien_free(values);
}

/* What opened strictly keeps its promises. */
static void use(const mien_trials *trials) {
    int64_t rows = mien_trials_rows(trials);
    for (int64_t i = 0; i < rows; i++) {
        char *path = mien_trials_path(trials, i, "image");
        if (!*mien_trials_id(trials, i) || (path && !*path)) {
            abort();
        }
        mien_free(path);
    }
    for (int t = 0; t < mien_trials_targets(trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(trials, t);
        if (target->kind == MIEN_TARGET_CLASS) {
            use_classes(trials, target);
        } else {
            use_numbers(trials, target);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *cut = size ? memchr(text, 0, size) : NULL;
    size_t length = cut ? (size_t)(cut - text) : size;
    const char *sidecar = cut ? cut + 1 : NULL;
    size_t rest = cut ? size - length - 1 : 0;
    mien_complaints complaints = {hear, NULL};
    mien_trials *strict = NULL, *lenient = NULL;
    mien_status status =
        mien_trials_parse("fuzz.tsv", text, length, sidecar, rest, NULL, &strict);
    if (status == MIEN_OK) {
        use(strict);
    }
    if (mien_trials_parse("fuzz.tsv", text, length, sidecar, rest, &complaints,
            &lenient) != MIEN_OK &&
        status == MIEN_OK) {
        abort();
    }
    mien_trials_close(&lenient);
    mien_trials_close(&strict);
    mien_table *table = NULL;
    if (mien_gaped_parse("fuzz.txt", text, size, &table) == MIEN_OK &&
        strcmp(mien_table_name(table, 0), "file") != 0) {
        abort();
    }
    mien_table_free(&table);
    return 0;
}
