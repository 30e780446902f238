/* SPDX-License-Identifier: MIT */
/* Loads a weight file into a network's parameters, and says all that does not fit. */
#include "models/weights/weights.h"
#include "base/need.h"

#include <stdio.h>
#include <string.h>

#include "io/archive_view.h"
#include "nn/parameters.h"
#include "tensor/finite.h"

/* An error text holds 4095 bytes: each of the four lists gets this much of it. */
#define LIST_BYTES 800
#define SHAPE_BYTES 96

typedef enum trouble { MISSING, EXTRA, MISSHAPEN, NOT_FINITE, TROUBLES } trouble;

/* Everything found wrong, one list of names for each kind. */
typedef struct findings {
    mien_string list[TROUBLES];
    int64_t count[TROUBLES];
} findings;

static void findings_init(findings *f) {
    for (int t = 0; t < TROUBLES; t++) {
        mien_string_init(&f->list[t]);
        f->count[t] = 0;
    }
}

static void findings_clear(findings *f) {
    for (int t = 0; t < TROUBLES; t++) {
        mien_string_clear(&f->list[t]);
    }
}

static void found(findings *f, trouble kind, const char *name, const char *detail) {
    mien_string *list = &f->list[kind];
    mien_string_addf(list, "%s%s%s", f->count[kind] ? ", " : "", name, detail);
    f->count[kind]++;
}

/* MIEN_OK if nothing was found. */
static mien_status findings_report(const findings *f) {
    static const char *const words[TROUBLES] = {
        "missing", "not of this network", "of another shape or type", "not finite"};
    mien_string text;
    mien_string_init(&text);
    int64_t total = 0;
    bool failed = false;
    for (int t = 0; t < TROUBLES; t++) {
        const mien_string *list = &f->list[t];
        failed = failed || list->failed;
        if (f->count[t] == 0) {
            continue;
        }
        mien_string_addf(
            &text, "%s%lld %s (", total ? "; " : "", (long long)f->count[t], words[t]);
        total += f->count[t];
        if (list->length <= LIST_BYTES) {
            mien_string_add(&text, list->text);
        } else {
            mien_string_add_n(&text, list->text, LIST_BYTES);
            mien_string_add(&text, "…");
            mien_log(MIEN_LOG_WARN, "models", "tensors %s: %s", words[t], list->text);
        }
        mien_string_add(&text, ")");
    }
    mien_status status = MIEN_OK;
    if (failed || text.failed) {
        status = mien_fail(MIEN_ENOMEM, "out of memory");
    } else if (total > 0) {
        status = mien_fail(
            MIEN_EFORMAT, "the weights do not fit the network: tensors %s", text.text);
    }
    mien_string_clear(&text);
    return status;
}

/* The archive's name without the prefix; NULL if it does not begin with it. */
static const char *without(const char *name, const char *prefix) {
    size_t length = prefix ? strlen(prefix) : 0;
    return strncmp(name, prefix ? prefix : "", length) == 0 ? name + length : NULL;
}

/* Does the name begin with one of the prefixes, which spaces divide? */
static bool is_beside(const char *name, const char *prefixes) {
    for (const char *p = prefixes; p && *p;) {
        size_t length = strcspn(p, " ");
        if (length > 0 && strncmp(name, p, length) == 0) {
            return true;
        }
        p += length + (p[length] == ' ');
    }
    return false;
}

/* PyTorch's count of batches seen plays no part in a network's output. */
static bool ignored(const char *name) {
    static const char suffix[] = "num_batches_tracked";
    size_t length = strlen(name), end = sizeof suffix - 1;
    return length >= end && strcmp(name + length - end, suffix) == 0;
}

static bool same_shape(const mien_tensor *a, const mien_tensor *b) {
    if (a->rank != b->rank) {
        return false;
    }
    for (int d = 0; d < a->rank; d++) {
        if (a->shape[d] != b->shape[d]) {
            return false;
        }
    }
    return true;
}

static bool is_float(mien_dtype dtype) {
    return dtype == MIEN_F32 || dtype == MIEN_F64 || dtype == MIEN_F16 ||
           dtype == MIEN_BF16;
}

static void misshapen(
    findings *f, const char *name, const mien_tensor *got, const mien_tensor *want) {
    char a[SHAPE_BYTES], b[SHAPE_BYTES];
    mien_string detail;
    mien_string_init(&detail);
    mien_string_addf(&detail, " is %s %s, not %s %s", mien_dtype_name(got->dtype),
        mien_shape_text(got->rank, got->shape, a, sizeof a),
        mien_dtype_name(want->dtype),
        mien_shape_text(want->rank, want->shape, b, sizeof b));
    found(f, MISSHAPEN, name, detail.failed ? "" : detail.text);
    mien_string_clear(&detail);
}

static bool all_finite(const mien_tensor *tensor) {
    return mien_not_finite(tensor->data, mien_tensor_count(tensor)) < 0;
}

/* [kernel …, in, out] as [out, in, kernel …]. */
static void turn_shape(const mien_tensor *from, int64_t *shape) {
    const int kernel = from->rank - 2;
    shape[0] = from->shape[from->rank - 1];
    shape[1] = from->shape[from->rank - 2];
    for (int d = 0; d < kernel; d++) {
        shape[2 + d] = from->shape[d];
    }
}

static void copy_turned(const mien_tensor *from, float *to) {
    const int64_t out = from->shape[from->rank - 1], in = from->shape[from->rank - 2];
    const int64_t points = mien_tensor_count(from) / (out * in);
    const float *values = from->data;
    for (int64_t p = 0; p < points; p++) {
        for (int64_t i = 0; i < in; i++) {
            for (int64_t o = 0; o < out; o++) {
                to[(o * in + i) * points + p] = values[(p * in + i) * out + o];
            }
        }
    }
}

/* What lies in the file as it is wanted is read there. */
static mien_status lend_values(mien_archive *archive, int64_t index,
    mien_parameters *parameters, int64_t at, bool *lent) {
    const float *values = mien_archive_info(archive, index)->dtype == MIEN_F32
                              ? mien_archive_view(archive, index)
                              : NULL;
    *lent = values;
    return values ? mien_parameters_lend(parameters, at, values) : MIEN_OK;
}

static mien_status copy_values(mien_archive *archive, int64_t index, bool turned,
    mien_tensor *parameter, bool *finite) {
    mien_tensor *loaded = NULL, *converted = NULL;
    mien_status status = mien_archive_load(archive, index, &loaded);
    if (status == MIEN_OK && loaded->dtype != MIEN_F32) {
        status = mien_tensor_convert(loaded, MIEN_F32, &converted);
    }
    if (status == MIEN_OK) {
        const mien_tensor *values = converted ? converted : loaded;
        if (turned) {
            copy_turned(values, parameter->data);
        } else {
            memcpy(parameter->data, values->data, mien_tensor_bytes(parameter));
        }
        *finite = all_finite(parameter);
    }
    mien_tensor_free(&converted);
    mien_tensor_free(&loaded);
    return status;
}

/* One tensor of the archive: where it belongs, or what is wrong with it. */
static mien_status place(mien_parameters *parameters, mien_archive *archive,
    int64_t index, const mien_weights_options *options, bool lend, bool *filled,
    findings *f) {
    const char *stored = mien_archive_name(archive, index);
    if (is_beside(stored, options->beside)) {
        return MIEN_OK;
    }
    char scoped[MIEN_SCOPE_MAX + 256], respelled[256];
    const char *name = without(stored, options->prefix);
    mien_spelled spelled = name && options->spelled
                               ? options->spelled(name, respelled, sizeof respelled)
                               : MIEN_SPELLED_UNKNOWN;
    name = spelled == MIEN_SPELLED_UNKNOWN ? name : respelled;
    if (name && options->scope) {
        snprintf(scoped, sizeof scoped, "%s%s", options->scope, name);
        name = scoped;
    }
    int64_t at = name ? mien_parameters_find(parameters, name) : -1;
    if (at < 0) {
        if (!options->partial && !ignored(stored)) {
            found(f, EXTRA, stored, "");
        }
        return MIEN_OK;
    }
    filled[at] = true;
    mien_tensor *parameter = mien_parameters_at(parameters, at);
    const mien_tensor *info = mien_archive_info(archive, index);
    const bool turned = spelled == MIEN_SPELLED_TURNED && info->rank >= 2;
    mien_tensor as_here = *info;
    if (turned) {
        turn_shape(info, as_here.shape);
    }
    if (!same_shape(&as_here, parameter) || !is_float(info->dtype)) {
        misshapen(f, name, info, parameter);
        return MIEN_OK;
    }
    if (options->wanted && !options->wanted(options->context, name)) {
        return MIEN_OK;
    }
    bool finite = true, lent = false;
    mien_status status = MIEN_OK;
    if (lend && !turned) {
        status = lend_values(archive, index, parameters, at, &lent);
    }
    if (status == MIEN_OK && lent) {
        finite = all_finite(mien_parameters_at(parameters, at));
    } else if (status == MIEN_OK) {
        status = copy_values(archive, index, turned, parameter, &finite);
    }
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", name);
    }
    if (!finite) {
        found(f, NOT_FINITE, name, "");
    }
    return MIEN_OK;
}

mien_weights_options mien_weights_options_of(const mien_backbone *backbone) {
    mien_weights_options options = {0};
    if (backbone) {
        options.beside = backbone->beside;
        options.spelled = backbone->spelled;
    }
    return options;
}

static mien_status load(mien_parameters *parameters, mien_archive *archive,
    const mien_weights_options *options, bool lend) {
    static const mien_weights_options strict = {0};
    options = options ? options : &strict;
    int64_t count = mien_parameters_count(parameters);
    findings f;
    findings_init(&f);
    bool *filled = mien_alloc((size_t)count, sizeof *filled);
    mien_status status = filled ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < mien_archive_count(archive); i++) {
        status = place(parameters, archive, i, options, lend, filled, &f);
    }
    for (int64_t i = 0; status == MIEN_OK && !options->partial && i < count; i++) {
        if (!filled[i]) {
            found(&f, MISSING, mien_parameters_name(parameters, i), "");
        }
    }
    if (status == MIEN_OK) {
        status = findings_report(&f);
    }
    mien_free(filled);
    findings_clear(&f);
    return status;
}

mien_status mien_weights_load(mien_parameters *parameters, mien_archive *archive,
    const mien_weights_options *options) {
    MIEN_NEED(parameters, archive);
    return load(parameters, archive, options, false);
}

mien_status mien_weights_lend(mien_parameters *parameters, mien_archive *archive,
    const mien_weights_options *options) {
    return load(parameters, archive, options, true);
}

mien_status mien_weights_compare(mien_parameters *wanted, mien_parameters *given) {
    findings f;
    findings_init(&f);
    for (int64_t i = 0; i < mien_parameters_count(given); i++) {
        const char *name = mien_parameters_name(given, i);
        const mien_tensor *values = mien_parameters_at(given, i);
        int64_t at = mien_parameters_find(wanted, name);
        if (at < 0) {
            found(&f, EXTRA, name, "");
        } else if (!same_shape(values, mien_parameters_at(wanted, at))) {
            misshapen(&f, name, values, mien_parameters_at(wanted, at));
        } else if (!all_finite(values)) {
            found(&f, NOT_FINITE, name, "");
        }
    }
    for (int64_t i = 0; i < mien_parameters_count(wanted); i++) {
        const char *name = mien_parameters_name(wanted, i);
        if (mien_parameters_find(given, name) < 0) {
            found(&f, MISSING, name, "");
        }
    }
    mien_status status = findings_report(&f);
    findings_clear(&f);
    return status == MIEN_EFORMAT ? mien_fail_in(MIEN_EINVAL, "parameters") : status;
}
