/* SPDX-License-Identifier: MIT */
/* Operators over [N, C, …]: convolutions, pools, normalisations and resizing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/exchange/import.h"

#define SPACE 3

/* A window as the file describes it: dimensions behind the channels. */
typedef struct window {
    int dims;
    int64_t kernel[SPACE], stride[SPACE], dilation[SPACE];
    int64_t pads[2 * SPACE]; /* all before, then all behind */
    bool same, same_lower;   /* auto_pad */
    bool ceil;
} window;

static void read_list(
    mien_importing *im, const char *name, int count, int64_t usual, int64_t *list) {
    int got = mien_import_ints(im, name, count, list);
    for (int d = 0; got < 0 && d < count; d++) {
        list[d] = usual;
    }
    if (got >= 0 && got != count) {
        mien_import_fail(
            im, MIEN_EFORMAT, "%s has %d numbers where it needs %d", name, got, count);
    }
}

/* Reads strides, pads and the like; kernel from its attribute or from weights. */
static void read_window(mien_importing *im, const mien_import_value *x,
    const mien_import_value *weights, bool transposed, window *w) {
    *w = (window){.dims = x ? x->rank - 2 : 0};
    if (!x || w->dims < 1 || w->dims > SPACE || (weights && weights->rank != x->rank)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED,
            "it works in %d dimensions behind the channels; 1 to 3 are done", w->dims);
        return;
    }
    const char *automatic = mien_import_text(im, "auto_pad", "NOTSET");
    for (int d = 0; weights && d < w->dims; d++) {
        w->kernel[d] = weights->shape[2 + d];
    }
    if (!weights) {
        read_list(im, "kernel_shape", w->dims, -1, w->kernel);
    }
    read_list(im, "strides", w->dims, 1, w->stride);
    read_list(im, "dilations", w->dims, 1, w->dilation);
    read_list(im, "pads", 2 * w->dims, 0, w->pads);
    w->same_lower = strcmp(automatic, "SAME_LOWER") == 0;
    w->same = w->same_lower || strcmp(automatic, "SAME_UPPER") == 0;
    w->ceil = mien_import_int(im, "ceil_mode", 0) != 0;
    for (int d = 0; im->status == MIEN_OK && d < w->dims; d++) {
        int64_t most = 65536;
        if (w->kernel[d] < 1 || w->stride[d] < 1 || w->dilation[d] < 1 ||
            w->kernel[d] > most || w->stride[d] > most || w->dilation[d] > most ||
            w->pads[d] > most || w->pads[d] < -most || w->pads[w->dims + d] > most ||
            w->pads[w->dims + d] < -most) {
            mien_import_fail(im, MIEN_EFORMAT, "its window cannot be");
            return;
        }
        if (strcmp(automatic, "VALID") == 0 || (w->same && !transposed)) {
            w->pads[d] = w->pads[w->dims + d] = 0;
        }
        if (w->same && !transposed) {
            int64_t in = x->shape[2 + d], out = (in + w->stride[d] - 1) / w->stride[d];
            int64_t all =
                (out - 1) * w->stride[d] + (w->kernel[d] - 1) * w->dilation[d] + 1 - in;
            all = all > 0 ? all : 0;
            w->pads[w->same_lower ? w->dims + d : d] = all / 2;
            w->pads[w->same_lower ? d : w->dims + d] = all - all / 2;
        }
    }
}

/* "kernel=3,3 stride=1,1 padding=…" of mien's rows. */
static const char *window_text(const window *w, char *text, size_t size) {
    char kernel[64], stride[64], padding[96];
    snprintf(text, size, "kernel=%s stride=%s padding=%s",
        mien_import_list(w->dims, w->kernel, kernel, sizeof kernel),
        mien_import_list(w->dims, w->stride, stride, sizeof stride),
        mien_import_list(2 * w->dims, w->pads, padding, sizeof padding));
    return text;
}

/* Places of a number around x [N, C, …]. */
static mien_node padded(mien_importing *im, mien_node x, window *w, const char *value) {
    int64_t before[SPACE + 1] = {0}, behind[SPACE + 1] = {0};
    char a[96], b[96];
    bool any = false;
    for (int d = 0; d < w->dims; d++) {
        before[1 + d] = w->pads[d];
        behind[1 + d] = w->pads[w->dims + d];
        any = any || before[1 + d] || behind[1 + d];
        w->pads[d] = w->pads[w->dims + d] = 0;
    }
    return any ? mien_import_one(im, "pad", x,
                     "before=%s behind=%s mode=constant value=%s",
                     mien_import_list(1 + w->dims, before, a, sizeof a),
                     mien_import_list(1 + w->dims, behind, b, sizeof b), value)
               : x;
}

static bool negative(const window *w) {
    for (int d = 0; d < 2 * w->dims; d++) {
        if (w->pads[d] < 0) {
            return true;
        }
    }
    return false;
}

static const char *sized(const char *stem, int dims, char *text, size_t size) {
    snprintf(text, size, "%s%dd", stem, dims);
    return text;
}

static void conv(mien_importing *im) {
    window w;
    char row[32], dilation[64], text[256];
    mien_import_value *x = mien_import_in(im, 0), *bias = mien_import_in(im, 2);
    mien_import_value *weights = mien_import_constant(im, 1, "its kernel");
    if (!weights || (bias && !mien_import_constant(im, 2, "its bias"))) {
        return;
    }
    read_window(im, x, weights, false, &w);
    if (im->status != MIEN_OK) {
        return;
    }
    int64_t groups = mien_import_int(im, "group", 1);
    if (groups < 1 || groups > 1 << 20 || weights->shape[1] * groups != x->shape[1] ||
        weights->type != MIEN_IMPORT_FLOAT ||
        (bias && mien_import_values(bias) != weights->shape[0])) {
        mien_import_fail(im, MIEN_ESHAPE, "its kernel does not fit its input");
        return;
    }
    mien_node in = mien_import_rows(im, x);
    in = negative(&w) ? padded(im, in, &w, "0") : in;
    mien_import_call(im, weights);
    mien_node y = mien_import_one(im, sized("conv", w.dims, row, sizeof row), in,
        "out=%lld %s dilation=%s groups=%lld bias=%s", (long long)weights->shape[0],
        window_text(&w, text, sizeof text),
        mien_import_list(w.dims, w.dilation, dilation, sizeof dilation),
        (long long)groups, bias ? "yes" : "no");
    mien_import_fill_copy(im, y, "weight", weights);
    if (bias) {
        mien_import_fill_copy(im, y, "bias", bias);
    }
    mien_import_give_rows(im, 0, y);
}

static void conv_transpose(mien_importing *im) {
    window w;
    char dilation[64], more[64], text[256];
    int64_t extra[SPACE], sizes[SPACE];
    mien_import_value *x = mien_import_in(im, 0), *bias = mien_import_in(im, 2);
    mien_import_value *weights = mien_import_constant(im, 1, "its kernel");
    if (!weights || (bias && !mien_import_constant(im, 2, "its bias"))) {
        return;
    }
    read_window(im, x, weights, true, &w);
    read_list(im, "output_padding", w.dims, 0, extra);
    int given = mien_import_ints(im, "output_shape", SPACE, sizes);
    if (im->status != MIEN_OK) {
        return;
    }
    for (int d = 0; d < w.dims && (given == w.dims || w.same); d++) {
        int64_t want = given == w.dims ? sizes[d] : x->shape[2 + d] * w.stride[d];
        int64_t all = w.stride[d] * (x->shape[2 + d] - 1) + extra[d] +
                      (w.kernel[d] - 1) * w.dilation[d] + 1 - want;
        if (all < 0) { /* more places are asked for than the kernel reaches */
            extra[d] -= all;
            all = 0;
        }
        bool upper = strcmp(mien_import_text(im, "auto_pad", ""), "SAME_UPPER") == 0;
        w.pads[d] = upper ? all / 2 : all - all / 2;
        w.pads[w.dims + d] = all - w.pads[d];
    }
    int64_t groups = mien_import_int(im, "group", 1);
    if (groups < 1 || groups > 1 << 20 || weights->shape[0] != x->shape[1] ||
        weights->type != MIEN_IMPORT_FLOAT || negative(&w)) {
        mien_import_fail(im, MIEN_ESHAPE, "its kernel or pads do not fit its input");
        return;
    }
    mien_node in = mien_import_rows(im, x);
    mien_import_call(im, weights);
    mien_node y = mien_import_one(im, "conv_transpose", in,
        "out=%lld %s dilation=%s more=%s groups=%lld bias=%s",
        (long long)(weights->shape[1] * groups), window_text(&w, text, sizeof text),
        mien_import_list(w.dims, w.dilation, dilation, sizeof dilation),
        mien_import_list(w.dims, extra, more, sizeof more), (long long)groups,
        bias ? "yes" : "no");
    mien_import_fill_copy(im, y, "weight", weights);
    if (bias) {
        mien_import_fill_copy(im, y, "bias", bias);
    }
    mien_import_give_rows(im, 0, y);
}

/* ---- pools
 * ------------------------------------------------------------------------------ */

static bool wide_pads(const window *w) {
    for (int d = 0; d < 2 * w->dims; d++) {
        if (w->pads[d] > w->kernel[d % w->dims] / 2 || w->pads[d] < 0) {
            return true;
        }
    }
    return false;
}

static bool dilated(const window *w) {
    for (int d = 0; d < w->dims; d++) {
        if (w->dilation[d] > 1) {
            return true;
        }
    }
    return false;
}

/* The largest of every dilation-th place: the greatest of shifted slices, one dimension
 * after the other. */
static mien_node dilated_max(mien_importing *im, mien_node x, window *w) {
    int64_t first[MIEN_RANK_MAX];
    mien_graph_shape(im->graph, x, first);
    for (int d = 0; w->ceil && d < w->dims;
         d++) { /* so far that the last window fits */
        int64_t in = first[2 + d], reach = (w->kernel[d] - 1) * w->dilation[d];
        int64_t room = in + w->pads[d] + w->pads[w->dims + d] - reach - 1;
        int64_t out = (room + w->stride[d] - 1) / w->stride[d] + 1;
        out -= (out - 1) * w->stride[d] >= in + w->pads[d];
        int64_t more = (out - 1) * w->stride[d] - room;
        w->pads[w->dims + d] += more > 0 ? more : 0;
    }
    x = padded(im, x, w, "-3.4028234663852886e38");
    for (int d = 0; d < w->dims && im->status == MIEN_OK; d++) {
        int64_t shape[MIEN_RANK_MAX];
        mien_graph_shape(im->graph, x, shape);
        int64_t reach = (w->kernel[d] - 1) * w->dilation[d];
        int64_t out = (shape[2 + d] - reach - 1) / w->stride[d] + 1;
        mien_node largest = -1;
        if (shape[2 + d] <= reach || w->kernel[d] > 64) {
            mien_import_fail(im, MIEN_EUNSUPPORTED, "this dilated pool");
            return -1;
        }
        for (int64_t k = 0; k < w->kernel[d] && im->status == MIEN_OK; k++) {
            int64_t start = k * w->dilation[d];
            mien_node part = mien_import_one(im, "slice", x,
                "axis=%d start=%lld stop=%lld step=%lld", 2 + d, (long long)start,
                (long long)(start + (out - 1) * w->stride[d] + 1),
                (long long)w->stride[d]);
            largest = largest < 0
                          ? part
                          : mien_import_add(im, "binary", (mien_node[]){largest, part},
                                2, "function=max");
        }
        x = largest;
    }
    return x;
}

static void pool(mien_importing *im) {
    window w;
    char row[32], text[256];
    bool average = strcmp(im->at->row->how, "avg_pool") == 0;
    mien_import_value *x = mien_import_in(im, 0);
    read_window(im, x, NULL, false, &w);
    if (im->status != MIEN_OK) {
        return;
    }
    if (mien_import_wanted(im, 1) || (average && dilated(&w))) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "%s",
            average ? "a dilated average" : "the places of the largest values");
        return;
    }
    bool counts = mien_import_int(im, "count_include_pad", 0) != 0;
    mien_node in = mien_import_rows(im, x);
    if (!average && dilated(&w)) {
        mien_import_give_rows(im, 0, dilated_max(im, in, &w));
        return;
    }
    if (wide_pads(&w) && average && !counts) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "pads of more than half its window");
        return;
    }
    if (wide_pads(&w)) {
        in = padded(im, in, &w, average ? "0" : "-3.4028234663852886e38");
    }
    mien_import_give_rows(im, 0,
        mien_import_one(im, sized(im->at->row->how, w.dims, row, sizeof row), in,
            "%s ceil=%s%s", window_text(&w, text, sizeof text), w.ceil ? "yes" : "no",
            !average ? ""
            : counts ? " count-padding=yes"
                     : " count-padding=no"));
}

static void global_pool(mien_importing *im) {
    bool average = strcmp(im->at->row->how, "mean") == 0;
    mien_import_value *x = mien_import_in(im, 0);
    if (!x || x->rank < 3) {
        mien_import_fail(im, MIEN_ESHAPE, "it reads [N, C, …]");
        return;
    }
    mien_node in = mien_import_rows(im, x);
    if (x->rank == 4) {
        mien_import_give_rows(im, 0,
            mien_import_one(im, average ? "adaptive_avg_pool2d" : "adaptive_max_pool2d",
                in, "size=1,1"));
        return;
    }
    mien_import_give_rows(im, 0,
        mien_import_one(im, im->at->row->how, in, "dims=%s keep=yes",
            x->rank == 3   ? "2"
            : x->rank == 5 ? "2,3,4"
                           : "2,3,4,5"));
}

/* ---- normalisations
 * ----------------------------------------------------------------------- */

static void batch_norm(mien_importing *im) {
    static const char *const suffixes[] = {
        "weight", "bias", "running_mean", "running_var"};
    mien_import_value *x = mien_import_in(im, 0), *v[4];
    char epsilon[32], momentum[32];
    for (int k = 0; k < 4; k++) {
        v[k] = mien_import_constant(im, 1 + k, "its scale, shift, mean or variance");
        if (!v[k] || !x || x->rank < 2 || mien_import_values(v[k]) != x->shape[1] ||
            v[k]->type != MIEN_IMPORT_FLOAT) {
            mien_import_fail(im, MIEN_ESHAPE, "its statistics do not fit its channels");
            return;
        }
    }
    if (mien_import_int(im, "training_mode", 0) || mien_import_wanted(im, 1)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "it is in training mode");
        return;
    }
    if (!mien_import_int(im, "spatial", 1) && x->rank > 2) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "statistics of each place");
        return;
    }
    mien_node in = mien_import_rows(im, x);
    mien_import_call(im, v[0]);
    mien_node y = mien_import_one(im, "batch_norm", in, "epsilon=%s momentum=%s",
        mien_format_float((float)mien_import_number(im, "epsilon", 1e-5), epsilon),
        mien_format_float(
            (float)(1 - mien_import_number(im, "momentum", 0.9)), momentum));
    for (int k = 0; k < 4; k++) {
        mien_import_fill_copy(im, y, suffixes[k], v[k]);
    }
    mien_import_give_rows(im, 0, y);
}

/* Scale and shift a channel, or, before version 21, a group. */
static void group_norm(mien_importing *im) {
    static const char *const suffixes[] = {"weight", "bias"};
    bool instance = strcmp(im->at->row->how, "instance") == 0;
    mien_import_value *x = mien_import_in(im, 0), *v[2];
    int64_t groups = instance ? 0 : mien_import_int(im, "num_groups", 1);
    char epsilon[32];
    if (!instance && groups < 1) {
        mien_import_fail(im, MIEN_EFORMAT, "%lld groups", (long long)groups);
        return;
    }
    for (int k = 0; k < 2; k++) {
        v[k] = mien_import_constant(im, 1 + k, "its scale or shift");
        if (!v[k] || !x || x->rank < 3 || v[k]->type != MIEN_IMPORT_FLOAT ||
            mien_import_values(v[k]) == 0 ||
            x->shape[1] % mien_import_values(v[k]) != 0) {
            mien_import_fail(im, MIEN_ESHAPE, "its scale does not fit its channels");
            return;
        }
    }
    mien_node in = mien_import_rows(im, x);
    mien_import_call(im, v[0]);
    mien_node y = mien_import_one(im, "group_norm", in, "groups=%lld epsilon=%s",
        (long long)groups,
        mien_format_float((float)mien_import_number(im, "epsilon", 1e-5), epsilon));
    for (int k = 0; k < 2; k++) {
        float *to = mien_import_fill_new(im, y, suffixes[k], 1, &x->shape[1]);
        int64_t each = x->shape[1] / mien_import_values(v[k]);
        for (int64_t c = 0; to && c < x->shape[1]; c++) {
            to[c] = mien_import_floats(v[k])[c / each];
        }
    }
    mien_import_give_rows(im, 0, y);
}

/* Mean, and 1 / deviation, of the last dimensions: LayerNormalization's other outputs.
 */
static void give_moments(
    mien_importing *im, mien_node x, int rank, int axis, const char *epsilon) {
    char dims[64] = "";
    int64_t list[MIEN_RANK_MAX];
    for (int d = axis; d < rank; d++) {
        list[d - axis] = d + 1;
    }
    mien_import_list(rank - axis, list, dims, sizeof dims);
    if (!mien_import_wanted(im, 1) && !mien_import_wanted(im, 2)) {
        return;
    }
    mien_node mean = mien_import_one(im, "mean", x, "dims=%s keep=yes", dims);
    mien_import_give_whole(im, 1, mean, rank);
    mien_node away =
        mien_import_add(im, "binary", (mien_node[]){x, mean}, 2, "function=sub");
    mien_node square = mien_import_one(im, "unary", away, "function=square");
    mien_node variance = mien_import_one(im, "mean", square, "dims=%s keep=yes", dims);
    mien_node more = mien_import_one(
        im, "unary", variance, "function=scale alpha=1 beta=%s", epsilon);
    mien_node root = mien_import_one(im, "unary", more, "function=sqrt");
    mien_import_give_whole(
        im, 2, mien_import_one(im, "unary", root, "function=reciprocal"), rank);
}

static void layer_norm(mien_importing *im) {
    static const char *const suffixes[] = {"weight", "bias"};
    mien_import_value *x = mien_import_in(im, 0), *v[2] = {NULL, NULL};
    char epsilon[32];
    v[0] = mien_import_constant(im, 1, "its scale");
    v[1] = mien_import_in(im, 2) ? mien_import_constant(im, 2, "its shift") : NULL;
    if (!x || !v[0] || im->status != MIEN_OK) {
        return;
    }
    int axis = mien_import_axis(im, mien_import_int(im, "axis", -1), x->rank);
    int dims = x->rank - axis;
    int64_t count = mien_shape_count(dims, x->shape + axis);
    for (int k = 0; k < 2; k++) {
        if (v[k] &&
            (mien_import_values(v[k]) != count || v[k]->type != MIEN_IMPORT_FLOAT)) {
            mien_import_fail(im, MIEN_EUNSUPPORTED, "its scale or shift is broadcast");
            return;
        }
    }
    bool rows = x->rows >= 0 && axis > 0 && !mien_import_wanted(im, 1) &&
                !mien_import_wanted(im, 2);
    mien_node in = rows ? x->rows : mien_import_whole(im, x);
    mien_format_float((float)mien_import_number(im, "epsilon", 1e-5), epsilon);
    give_moments(im, in, x->rank, axis, epsilon);
    mien_import_call(im, v[0]);
    im->named = 0;
    mien_node y =
        mien_import_one(im, "layer_norm", in, "epsilon=%s dims=%d", epsilon, dims);
    for (int k = 0; k < 2; k++) {
        if (v[k]) {
            mien_import_fill_copy(im, y, suffixes[k], v[k]);
        } else {
            mien_import_fill_new(im, y, suffixes[k], dims, x->shape + axis);
        }
    }
    mien_import_give(im, 0, y, rows, x->rank);
}

static void lrn(mien_importing *im) {
    char a[32], b[32], c[32];
    mien_import_value *x = mien_import_in(im, 0);
    if (x) {
        mien_import_give_rows(im, 0,
            mien_import_one(im, "lrn", mien_import_rows(im, x),
                "size=%lld alpha=%s beta=%s bias=%s",
                (long long)mien_import_int(im, "size", 5),
                mien_format_float((float)mien_import_number(im, "alpha", 1e-4), a),
                mien_format_float((float)mien_import_number(im, "beta", 0.75), b),
                mien_format_float((float)mien_import_number(im, "bias", 1), c)));
    }
}

/* Over all places of each channel: (x − mean) / deviation. */
static void mean_variance(mien_importing *im) {
    mien_import_value *x = mien_import_in(im, 0);
    int64_t axes[MIEN_RANK_MAX] = {0, 2, 3}, list[MIEN_RANK_MAX];
    char dims[64];
    int count = mien_import_ints(im, "axes", MIEN_RANK_MAX, axes);
    count = count < 0 ? 3 : count;
    if (!x) {
        return;
    }
    for (int i = 0; i < count; i++) {
        list[i] = 1 + mien_import_axis(im, axes[i], x->rank);
    }
    mien_import_list(count, list, dims, sizeof dims);
    mien_node in = mien_import_whole(im, x);
    mien_node mean = mien_import_one(im, "mean", in, "dims=%s keep=yes", dims);
    mien_node away =
        mien_import_add(im, "binary", (mien_node[]){in, mean}, 2, "function=sub");
    mien_node square = mien_import_one(im, "unary", away, "function=square");
    mien_node variance = mien_import_one(im, "mean", square, "dims=%s keep=yes", dims);
    mien_node more =
        mien_import_one(im, "unary", variance, "function=scale alpha=1 beta=1e-9");
    mien_node root = mien_import_one(im, "unary", more, "function=sqrt");
    mien_import_give_whole(im, 0,
        mien_import_add(im, "binary", (mien_node[]){away, root}, 2, "function=div"),
        x->rank);
}

/* x / (Σ |x|^p)^(1/p) along an axis. */
static void lp_norm(mien_importing *im) {
    mien_import_value *x = mien_import_in(im, 0);
    int64_t p = mien_import_int(im, "p", 2);
    if (!x) {
        return;
    }
    int axis = mien_import_axis(im, mien_import_int(im, "axis", -1), x->rank);
    mien_node in = mien_import_whole(im, x);
    mien_node each =
        mien_import_one(im, "unary", in, "function=%s", p == 1 ? "abs" : "square");
    mien_node sum = mien_import_one(im, "sum", each, "dims=%d keep=yes", axis + 1);
    mien_node root = p == 1 ? sum : mien_import_one(im, "unary", sum, "function=sqrt");
    /* all zeros stay zeros: they are divided by 1 */
    mien_node zero = mien_import_one(im, "unary", root, "function=not");
    root = mien_import_add(im, "binary", (mien_node[]){root, zero}, 2, "function=add");
    mien_import_give_whole(im, 0,
        mien_import_add(im, "binary", (mien_node[]){in, root}, 2, "function=div"),
        x->rank);
}

/* ---- resizing
 * -------------------------------------------------------------------------------- */

typedef struct resizing {
    int rank;
    bool by_scale;
    double scale[MIEN_RANK_MAX];
    int64_t size[MIEN_RANK_MAX];
} resizing;

static const float *read_scales(mien_importing *im, int k, int64_t *count) {
    const mien_onnx_attribute *a = mien_import_attribute(im, "scales");
    mien_import_value *v = mien_import_in(im, k);
    if (a && a->kind == MIEN_ONNX_FLOATS) {
        *count = a->count;
        return a->floats;
    }
    *count = 0;
    if (v && (v = mien_import_constant(im, k, "its list of scales")) &&
        v->type == MIEN_IMPORT_FLOAT) {
        *count = mien_import_values(v);
        return *count ? mien_import_floats(v) : NULL;
    }
    return NULL;
}

static void read_resizing(
    mien_importing *im, const mien_import_value *x, bool old, resizing *r) {
    int64_t axes[MIEN_RANK_MAX], sizes[MIEN_RANK_MAX], count;
    int named = mien_import_ints(im, "axes", MIEN_RANK_MAX, axes);
    const float *scales = read_scales(im, old ? 1 : 2, &count);
    int sized = old ? -1 : mien_import_in_ints(im, 3, MIEN_RANK_MAX, sizes);
    *r = (resizing){.rank = x->rank, .by_scale = scales != NULL};
    int wanted = named >= 0 ? named : x->rank;
    if (im->status != MIEN_OK || (scales ? count != wanted : sized != wanted)) {
        mien_import_fail(im, MIEN_EFORMAT, "scales or sizes are not one a dimension");
        return;
    }
    for (int d = 0; d < x->rank; d++) {
        r->scale[d] = 1;
        r->size[d] = x->shape[d];
    }
    for (int i = 0; i < wanted; i++) {
        int d = mien_import_axis(im, named >= 0 ? axes[i] : i, x->rank);
        if (scales) {
            r->scale[d] = (double)scales[i];
            if (!(r->scale[d] > 0 && r->scale[d] < 65536)) {
                mien_import_fail(im, MIEN_ESHAPE, "a factor of %g", r->scale[d]);
                return;
            }
            r->size[d] = (int64_t)floor((double)x->shape[d] * r->scale[d]);
        } else {
            r->size[d] = sizes[i];
            r->scale[d] = (double)sizes[i] / (double)x->shape[d];
        }
        if (!(r->scale[d] > 0) || r->size[d] < 1 || r->size[d] > 65536) {
            mien_import_fail(
                im, MIEN_ESHAPE, "dimension %d becomes %lld", d, (long long)r->size[d]);
            return;
        }
    }
    const char *keep = mien_import_text(im, "keep_aspect_ratio_policy", "stretch");
    if (!scales && strcmp(keep, "stretch")) {
        double best = 0;
        for (int i = 0; i < wanted; i++) {
            int d = named >= 0 ? mien_import_axis(im, axes[i], x->rank) : i;
            bool less =
                i == 0 || (strcmp(keep, "not_larger") == 0 ? r->scale[d] < best
                                                           : r->scale[d] > best);
            best = less ? r->scale[d] : best;
        }
        for (int i = 0; i < wanted; i++) {
            int d = named >= 0 ? mien_import_axis(im, axes[i], x->rank) : i;
            r->scale[d] = best;
            r->size[d] = (int64_t)floor(best * (double)x->shape[d] + 0.5);
        }
    }
}

/* The whole factor by which the last two dimensions of [N, C, H, W] grow alike; 0:
 * none. */
static int64_t whole_factor(const resizing *r) {
    double f = r->rank == 4 && r->by_scale ? r->scale[3] : 0;
    return f == floor(f) && f >= 2 && f <= 64 && r->scale[2] == f && r->scale[1] == 1 &&
                   r->scale[0] == 1
               ? (int64_t)f
               : 0;
}

static void resize(mien_importing *im) {
    bool old = im->m->opset < 11 || strcmp(im->at->row->op, "Upsample") == 0;
    mien_import_value *x = mien_import_in(im, 0);
    resizing r;
    char sizes[160], scales[320] = "", cubic[32];
    const char *mode = mien_import_text(im, "mode", "nearest");
    const char *place = mien_import_text(
        im, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    const char *near =
        mien_import_text(im, "nearest_mode", old ? "floor" : "round_prefer_floor");
    if (!x) {
        return;
    }
    read_resizing(im, x, old, &r);
    if (strcmp(place, "tf_crop_and_resize") == 0 ||
        strcmp(place, "tf_half_pixel_for_nn") == 0) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "%s", place);
    }
    if (im->status != MIEN_OK) {
        return;
    }
    for (int d = 0; r.by_scale && strcmp(place, "align_corners") == 0 && d < r.rank;
         d++) {
        if (r.scale[d] * (double)x->shape[d] != (double)r.size[d]) {
            mien_import_fail(im, MIEN_EUNSUPPORTED,
                "align_corners by a factor that gives no whole size: runtimes "
                "disagree");
            return;
        }
    }
    bool asymmetric = strcmp(place, "asymmetric") == 0;
    bool rows = x->rows >= 0 && r.scale[0] == 1;
    if (rows && whole_factor(&r) && strcmp(mode, "nearest") == 0 &&
        ((asymmetric && strcmp(near, "floor") == 0) ||
            (strncmp(place, "half_pixel", 10) == 0 &&
                strncmp(near, "round", 5) == 0))) {
        mien_import_give_rows(im, 0,
            mien_import_one(
                im, "upsample2d", x->rows, "scale=%lld", (long long)whole_factor(&r)));
        return;
    }
    mien_node in = rows ? x->rows : mien_import_whole(im, x);
    size_t at = 0;
    for (int d = rows; d < r.rank; d++) {
        char one[32];
        at += (size_t)snprintf(scales + at, sizeof scales - at, "%s%s",
            d > (int)rows ? "," : "", mien_format_double(r.scale[d], one));
    }
    bool exact = !r.by_scale &&
                 strcmp(mien_import_text(im, "keep_aspect_ratio_policy", "stretch"),
                     "stretch") == 0;
    mien_node y = mien_import_one(im, "resize", in,
        "size=%s scale=%s mode=%s coordinates=%s nearest=%s cubic=%s "
        "exclude-outside=%s antialias=%s",
        r.by_scale
            ? "by-scale"
            : mien_import_list(r.rank - rows, r.size + rows, sizes, sizeof sizes),
        exact ? "by-size" : scales,
        strcmp(mode, "linear") == 0 || strcmp(mode, "bilinear") == 0 ? "linear" : mode,
        place, near,
        mien_format_float((float)mien_import_number(im, "cubic_coeff_a", -0.75), cubic),
        mien_import_int(im, "exclude_outside", 0) ? "yes" : "no",
        mien_import_int(im, "antialias", 0) ? "yes" : "no");
    mien_import_give(im, 0, y, rows, x->rank);
}

const mien_import_row mien_import_windows[] = {
    {"Conv", NULL, conv, NULL},
    {"ConvTranspose", NULL, conv_transpose, NULL},
    {"MaxPool", NULL, pool, "max_pool"},
    {"AveragePool", NULL, pool, "avg_pool"},
    {"GlobalAveragePool", NULL, global_pool, "mean"},
    {"GlobalMaxPool", NULL, global_pool, "max"},
    {"BatchNormalization", NULL, batch_norm, NULL},
    {"InstanceNormalization", NULL, group_norm, "instance"},
    {"GroupNormalization", NULL, group_norm, "group"},
    {"LayerNormalization", NULL, layer_norm, NULL},
    {"LRN", NULL, lrn, NULL},
    {"MeanVarianceNormalization", NULL, mean_variance, NULL},
    {"LpNormalization", NULL, lp_norm, NULL},
    {"Resize", NULL, resize, NULL},
    {"Upsample", NULL, resize, NULL},
    {0},
};
