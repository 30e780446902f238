/* SPDX-License-Identifier: MIT */
/* How far two tensors are apart, and what is in one, for people. */
#include "tensor/dtype.h"
#include "base/need.h"

#include <inttypes.h>
#include <math.h>

#define CHUNK 512
#define PRINTED 8

static bool same_shape(const mien_tensor *a, const mien_tensor *b) {
    bool same = a->rank == b->rank;
    for (int i = 0; same && i < a->rank; i++) {
        same = a->shape[i] == b->shape[i];
    }
    return same;
}

static double distance(double a, double b) {
    if (isnan(a) || isnan(b)) {
        return isnan(a) && isnan(b) ? 0 : (double)INFINITY;
    }
    return a == b ? 0 : fabs(a - b); /* equal infinities are not apart */
}

mien_status mien_tensor_compare(
    const mien_tensor *a, const mien_tensor *b, mien_tensor_difference *difference) {
    MIEN_NEED(a, b, difference);
    if (!same_shape(a, b)) {
        char one[128], other[128];
        return mien_fail(MIEN_ESHAPE, "shapes %s and %s differ",
            mien_shape_text(a->rank, a->shape, one, sizeof one),
            mien_shape_text(b->rank, b->shape, other, sizeof other));
    }
    if (a->dtype != b->dtype || (a->dtype != MIEN_F32 && a->dtype != MIEN_F64)) {
        return mien_fail(MIEN_ESHAPE, "cannot compare %s with %s: both f32 or both f64",
            mien_dtype_name(a->dtype), mien_dtype_name(b->dtype));
    }
    mien_tensor_difference found = {0};
    double x[CHUNK], y[CHUNK];
    int64_t count = mien_tensor_count(a);
    for (int64_t first = 0; first < count; first += CHUNK) {
        int64_t n = count - first < CHUNK ? count - first : CHUNK;
        mien_dtype_load(a->dtype, a->data, first, n, x);
        mien_dtype_load(b->dtype, b->data, first, n, y);
        for (int64_t i = 0; i < n; i++) {
            double d = distance(x[i], y[i]);
            if (d > found.absolute) {
                found.absolute = d;
                found.index = first + i;
            }
            if (fabs(y[i]) > found.reference) {
                found.reference = fabs(y[i]);
            }
        }
    }
    *difference = found;
    return MIEN_OK;
}

void mien_tensor_print(const mien_tensor *tensor, FILE *file) {
    MIEN_NEED_OR(, tensor, file);
    char shape[256];
    fprintf(file, "%s %s:", mien_dtype_name(tensor->dtype),
        mien_shape_text(tensor->rank, tensor->shape, shape, sizeof shape));
    int64_t count = mien_tensor_count(tensor);
    int64_t shown = count < PRINTED ? count : PRINTED;
    for (int64_t i = 0; i < shown; i++) {
        double value;
        char text[32];
        mien_dtype_load(tensor->dtype, tensor->data, i, 1, &value);
        bool single = tensor->dtype == MIEN_F32;
        fprintf(file, " %s",
            single ? mien_format_float((float)value, text)
                   : mien_format_double(value, text));
    }
    fputs(count > shown ? " …\n" : "\n", file);
}
