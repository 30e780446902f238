/* SPDX-License-Identifier: MIT */
/* Tells which rows a model was trained on, by the fingerprints that it keeps. */
#include "predict/known.h"

#include "inputs/fingerprint.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = 12 };

struct mien_known {
    mien_fingerprints *prints;
    uint64_t *sorted; /* [count] */
    int64_t count;
};

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static mien_status read_prints(
    mien_known *k, const mien_model *model, const char *text) {
    size_t length = strlen(text);
    if (length % DIGITS || strspn(text, "0123456789abcdef") != length) {
        return mien_fail(MIEN_EVERIFY,
            "%s: training.trained_on: its fingerprints are no %d hex digits each",
            mien_model_path(model), DIGITS);
    }
    k->count = (int64_t)(length / DIGITS);
    k->sorted = mien_alloc((size_t)k->count + 1, sizeof *k->sorted);
    for (int64_t i = 0; k->sorted && i < k->count; i++) {
        char digits[DIGITS + 1] = {0};
        memcpy(digits, text + i * DIGITS, DIGITS);
        k->sorted[i] = strtoull(digits, NULL, 16);
    }
    if (k->sorted) {
        qsort(k->sorted, (size_t)k->count, sizeof *k->sorted, ascending);
    }
    return k->sorted ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_known_open(const mien_model *model, mien_known **known) {
    const mien_architecture *a = &mien_model_network(model)->architecture;
    const mien_value *training = mien_value_get(mien_model_contract(model), "training");
    const char *text = mien_value_text(
        mien_value_get(mien_value_get(training, "trained_on"), "fingerprints"));
    *known = NULL;
    if (!text) {
        return MIEN_OK;
    }
    mien_known *k = mien_alloc(1, sizeof *k);
    mien_status status = k ? read_prints(k, model, text) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_fingerprints_new(a->inputs, a->inputs_count, &k->prints);
    }
    if (status != MIEN_OK) {
        mien_known_close(&k);
        return status;
    }
    *known = k;
    return MIEN_OK;
}

void mien_known_close(mien_known **known) {
    if (known && *known) {
        mien_fingerprints_free(&(*known)->prints);
        mien_free((*known)->sorted);
        mien_free(*known);
        *known = NULL;
    }
}

mien_status mien_known_tell(
    mien_known *known, const char *path, const void *bytes, size_t count) {
    return known ? mien_fingerprints_tell(known->prints, path, bytes, count) : MIEN_OK;
}

int mien_known_ask(mien_known *known, const mien_place *places) {
    uint64_t print = 0;
    if (!known || mien_fingerprints_take(known->prints, places, &print) != MIEN_OK ||
        print == 0) {
        return 0;
    }
    return bsearch(&print, known->sorted, (size_t)known->count, sizeof print, ascending)
               ? 1
               : -1;
}
