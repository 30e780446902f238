/* SPDX-License-Identifier: MIT */
/* mien's operators in those of ONNX 17. A value [N, …] is one of the same shape there;
 * the batch is never a number of the file. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/exchange/export.h"

/* ---- what a node says
 * ------------------------------------------------------------------- */

/* An option's text as it was given; `usual` where it was not. */
const char *mien_export_option(const mien_exporting *e, const char *key,
    const char *usual, char *buffer, size_t size) {
    const char *text = mien_graph_options(e->graph, e->at);
    size_t length = strlen(key);
    while (*text) {
        size_t word = strcspn(text, " ");
        if (word > length && strncmp(text, key, length) == 0 && text[length] == '=') {
            snprintf(buffer, size, "%.*s", (int)(word - length - 1), text + length + 1);
            return buffer;
        }
        text += word;
        text += strspn(text, " ");
    }
    snprintf(buffer, size, "%s", usual);
    return buffer;
}

/* Up to `most` whole numbers; how many. */
static int ints_of(const mien_exporting *e, const char *key, const char *usual,
    int most, int64_t *values) {
    char text[8192];
    const char *at = mien_export_option(e, key, usual, text, sizeof text);
    int count = 0;
    while (*at && count < most) {
        char *end;
        values[count++] = strtoll(at, &end, 10);
        at = *end == ',' ? end + 1 : end;
        if (end == at && *end) {
            break;
        }
    }
    return count;
}

static bool yes(const mien_exporting *e, const char *key, bool usual) {
    char text[16];
    return strcmp(mien_export_option(e, key, usual ? "yes" : "no", text, sizeof text),
               "yes") == 0;
}

static mien_node read_of(const mien_exporting *e, int k) {
    mien_node reads[256];
    int count = mien_graph_reads(e->graph, e->at, reads, 256);
    return k < count ? reads[k] : -1;
}

const char *mien_export_in(const mien_exporting *e, int k) {
    mien_node node = read_of(e, k);
    return node >= 0 ? e->names[node] : "";
}

int mien_export_shape_in(const mien_exporting *e, int k, int64_t *shape) {
    return mien_graph_shape(e->graph, read_of(e, k), shape);
}

/* The name of a parameter, which is the initialiser's. */
const char *mien_export_parameter(mien_exporting *e, const char *suffix) {
    return mien_export_text(
        e, "%s%s.%s", e->weights, mien_graph_name(e->graph, e->at), suffix);
}

const char *mien_export_give(mien_exporting *e, const char *op,
    const char *const *inputs, int count, const char *attributes) {
    const char *name =
        mien_export_text(e, "%s%s", e->prefix, mien_graph_name(e->graph, e->at));
    return e->names[e->at] = mien_export_add(e, op, name, inputs, count, attributes);
}

const char *mien_export_one(
    mien_exporting *e, const char *op, const char *x, const char *attributes) {
    return mien_export_add(e, op, NULL, &x, 1, attributes);
}

const char *mien_export_two(
    mien_exporting *e, const char *op, const char *a, const char *b) {
    return mien_export_add(e, op, NULL, (const char *[]){a, b}, 2, "");
}

static void give_one(mien_exporting *e, const char *op, const char *attributes) {
    const char *x = mien_export_in(e, 0);
    mien_export_give(e, op, &x, 1, attributes);
}

/* "3,3," of a list that may have been given as one number for all of `count`. */
static const char *spread(mien_exporting *e, const char *key, const char *usual,
    int count, char *text, size_t size) {
    int64_t v[8];
    int got = ints_of(e, key, usual, 8, v);
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < count && at < size; i++) {
        at += (size_t)snprintf(text + at, size - at, "%lld,",
            (long long)(got == count       ? v[i]
                        : got * 2 == count ? v[i % got]
                                           : v[0]));
    }
    return text;
}

/* ---- kinds of operators
 * -------------------------------------------------------------------- */

static void conv(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX];
    int dims = mien_export_shape_in(e, 0, shape) - 2;
    char stride[64], padding[96], dilation[64], groups[24], text[384];
    bool bias = yes(e, "bias", true);
    const char *inputs[] = {mien_export_in(e, 0), mien_export_parameter(e, "weight"),
        mien_export_parameter(e, "bias")};
    snprintf(text, sizeof text, "strides=%s pads=%s dilations=%s group=%s",
        spread(e, "stride", "1", dims, stride, sizeof stride),
        spread(e, "padding", "0", 2 * dims, padding, sizeof padding),
        spread(e, "dilation", "1", dims, dilation, sizeof dilation),
        mien_export_option(e, "groups", "1", groups, sizeof groups));
    mien_export_give(e, "Conv", inputs, bias ? 3 : 2, text);
}

/* Any rank: x Wᵀ + b. */
static void linear(mien_exporting *e, bool bias) {
    int64_t shape[MIEN_RANK_MAX];
    const char *inputs[] = {mien_export_in(e, 0), mien_export_parameter(e, "weight"),
        mien_export_parameter(e, "bias")};
    if (mien_export_shape_in(e, 0, shape) == 2) {
        mien_export_give(e, "Gemm", inputs, bias ? 3 : 2, "transB=1");
        return;
    }
    const char *turned = mien_export_one(e, "Transpose", inputs[1], "perm=1,0,");
    if (!bias) {
        mien_export_give(e, "MatMul", (const char *[]){inputs[0], turned}, 2, "");
        return;
    }
    const char *y = mien_export_two(e, "MatMul", inputs[0], turned);
    mien_export_give(e, "Add", (const char *[]){y, inputs[2]}, 2, "");
}

static void batch_norm(mien_exporting *e) {
    char epsilon[32], momentum[32], text[128];
    const char *inputs[] = {mien_export_in(e, 0), mien_export_parameter(e, "weight"),
        mien_export_parameter(e, "bias"), mien_export_parameter(e, "running_mean"),
        mien_export_parameter(e, "running_var")};
    double keep =
        1 - strtod(mien_export_option(e, "momentum", "0.1", momentum, sizeof momentum),
                NULL);
    snprintf(text, sizeof text, "epsilon=%sf momentum=%.9gf",
        mien_export_option(e, "epsilon", "1e-5", epsilon, sizeof epsilon), keep);
    mien_export_give(e, "BatchNormalization", inputs, 5, text);
}

static void pool(mien_exporting *e, bool average) {
    int64_t shape[MIEN_RANK_MAX];
    int dims = mien_export_shape_in(e, 0, shape) - 2;
    char kernel[64], stride[64], padding[96], usual[64], text[384];
    mien_export_option(e, "kernel", "1", usual, sizeof usual);
    snprintf(text, sizeof text, "kernel_shape=%s strides=%s pads=%s ceil_mode=%d%s",
        spread(e, "kernel", "1", dims, kernel, sizeof kernel),
        spread(e, "stride", usual, dims, stride, sizeof stride),
        spread(e, "padding", "0", 2 * dims, padding, sizeof padding),
        (int)yes(e, "ceil", false),
        !average                        ? ""
        : yes(e, "count-padding", true) ? " count_include_pad=1"
                                        : " count_include_pad=0");
    give_one(e, average ? "AveragePool" : "MaxPool", text);
}

/* One dimension in `parts`, each the mean or the largest of [floor, ceil) of its share.
 */
static const char *adapt(mien_exporting *e, const char *x, int64_t axis, int64_t size,
    int64_t parts, bool average, const char *output) {
    const char **list = mien_export_room(e, (size_t)parts, sizeof *list);
    char text[64];
    for (int64_t i = 0; list && i < parts; i++) {
        int64_t first = i * size / parts, end = ((i + 1) * size + parts - 1) / parts;
        const char *of[] = {x, mien_export_ints(e, 1, &first),
            mien_export_ints(e, 1, &end), mien_export_ints(e, 1, &axis)};
        snprintf(text, sizeof text, "axes=%lld, keepdims=1", (long long)axis);
        list[i] = mien_export_one(e, average ? "ReduceMean" : "ReduceMax",
            mien_export_add(e, "Slice", NULL, of, 4, ""), text);
    }
    snprintf(text, sizeof text, "axis=%lld", (long long)axis);
    return list ? mien_export_add(e, "Concat", output, list, (int)parts, text) : "";
}

static void adaptive(mien_exporting *e, bool average) {
    int64_t shape[MIEN_RANK_MAX], size[2];
    char text[128];
    int got = ints_of(e, "size", "1", 2, size);
    size[1] = got == 2 ? size[1] : size[0];
    mien_export_shape_in(e, 0, shape);
    if (size[0] == 1 && size[1] == 1) {
        give_one(e, average ? "GlobalAveragePool" : "GlobalMaxPool", "");
        return;
    }
    if (shape[2] % size[0] || shape[3] % size[1]) { /* parts overlap */
        const char *name =
            mien_export_text(e, "%s%s", e->prefix, mien_graph_name(e->graph, e->at));
        const char *rows =
            adapt(e, mien_export_in(e, 0), 2, shape[2], size[0], average, NULL);
        e->names[e->at] = adapt(e, rows, 3, shape[3], size[1], average, name);
        return;
    }
    long long h = (long long)(shape[2] / size[0]), w = (long long)(shape[3] / size[1]);
    snprintf(
        text, sizeof text, "kernel_shape=%lld,%lld, strides=%lld,%lld,", h, w, h, w);
    give_one(e, average ? "AveragePool" : "MaxPool", text);
}

/* (x − mean) / (deviation + ε), the deviation of a sample, as the Annotated Transformer
 * has it; over the last dimension. */
static void layer_norm_outside(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX];
    char text[48];
    double n = (double)shape[mien_export_shape_in(e, 0, shape) - 1];
    double epsilon =
        strtod(mien_export_option(e, "epsilon", "1e-5", text, sizeof text), NULL);
    const char *x = mien_export_in(e, 0), *mean_of = "axes=-1, keepdims=1";
    x = mien_export_two(e, "Sub", x, mien_export_one(e, "ReduceMean", x, mean_of));
    const char *square =
        mien_export_one(e, "ReduceMean", mien_export_two(e, "Mul", x, x), mean_of);
    square = mien_export_two(e, "Mul", square, mien_export_number(e, n / (n - 1)));
    const char *length = mien_export_two(e, "Add",
        mien_export_one(e, "Sqrt", square, ""), mien_export_number(e, epsilon));
    x = mien_export_two(e, "Div", x, length);
    x = mien_export_two(e, "Mul", x, mien_export_parameter(e, "a_2"));
    mien_export_give(
        e, "Add", (const char *[]){x, mien_export_parameter(e, "b_2")}, 2, "");
}

static bool layer_norm(mien_exporting *e) {
    char epsilon[32], form[16], text[96];
    int64_t dims[1];
    ints_of(e, "dims", "1", 1, dims);
    if (strcmp(mien_export_option(e, "form", "root", form, sizeof form), "root") != 0) {
        if (dims[0] == 1) {
            layer_norm_outside(e);
        }
        return dims[0] == 1;
    }
    const char *inputs[] = {mien_export_in(e, 0), mien_export_parameter(e, "weight"),
        mien_export_parameter(e, "bias")};
    snprintf(text, sizeof text, "axis=%lld epsilon=%sf", (long long)-dims[0],
        mien_export_option(e, "epsilon", "1e-5", epsilon, sizeof epsilon));
    mien_export_give(e, "LayerNormalization", inputs, 3, text);
    return true;
}

/* x Φ(x) */
static void gelu(mien_exporting *e) {
    const char *x = mien_export_in(e, 0);
    const char *u =
        mien_export_two(e, "Div", x, mien_export_number(e, 1.4142135623730951));
    const char *v = mien_export_two(
        e, "Add", mien_export_one(e, "Erf", u, ""), mien_export_number(e, 1));
    const char *w = mien_export_two(e, "Mul", x, v);
    mien_export_give(e, "Mul", (const char *[]){w, mien_export_number(e, 0.5)}, 2, "");
}

static void reshaped(mien_exporting *e, int count, const int64_t *shape) {
    const char *inputs[] = {mien_export_in(e, 0), mien_export_ints(e, count, shape)};
    mien_export_give(e, "Reshape", inputs, 2, "");
}

static void steps(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(e->graph, e->at, shape);
    shape[0] = -1;
    reshaped(e, rank, shape);
}

static void reshape(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX] = {0};
    int count = ints_of(e, "shape", "", MIEN_RANK_MAX - 1, shape + 1);
    reshaped(e, count + 1, shape);
}

static void permute(mien_exporting *e) {
    char order[64], text[96];
    snprintf(text, sizeof text, "perm=%s,",
        mien_export_option(e, "order", "0", order, sizeof order));
    give_one(e, "Transpose", text);
}

static void slice(mien_exporting *e) {
    int64_t axis[1], start[1], stop[1], step[1];
    ints_of(e, "axis", "1", 1, axis);
    ints_of(e, "start", "0", 1, start);
    ints_of(e, "stop", "9223372036854775807", 1, stop);
    ints_of(e, "step", "1", 1, step);
    const char *inputs[] = {mien_export_in(e, 0), mien_export_ints(e, 1, start),
        mien_export_ints(e, 1, stop), mien_export_ints(e, 1, axis),
        mien_export_ints(e, 1, step)};
    mien_export_give(e, "Slice", inputs, 5, "");
}

static void gather(mien_exporting *e) {
    int64_t places[1024], axis[1];
    char text[32];
    ints_of(e, "axis", "1", 1, axis);
    int count = ints_of(e, "places", "", 1024, places);
    snprintf(text, sizeof text, "axis=%lld", (long long)axis[0]);
    const char *inputs[] = {mien_export_in(e, 0), mien_export_ints(e, count, places)};
    mien_export_give(e, "Gather", inputs, 2, text);
}

static void concat(mien_exporting *e) {
    const char *inputs[256];
    char axis[24], text[48];
    mien_node reads[256];
    int count = mien_graph_reads(e->graph, e->at, reads, 256);
    for (int k = 0; k < count && k < 256; k++) {
        inputs[k] = e->names[reads[k]];
    }
    snprintf(text, sizeof text, "axis=%s",
        mien_export_option(e, "axis", "1", axis, sizeof axis));
    mien_export_give(e, "Concat", inputs, count, text);
}

static void reduce(mien_exporting *e, const char *op) {
    int64_t dims[MIEN_RANK_MAX];
    char list[64] = "", text[96];
    int count = ints_of(e, "dims", "-1", MIEN_RANK_MAX, dims);
    size_t at = 0;
    if (strcmp(op, "ReduceSum") == 0) { /* its axes are an input since version 13 */
        const char *inputs[] = {mien_export_in(e, 0), mien_export_ints(e, count, dims)};
        mien_export_give(
            e, op, inputs, 2, yes(e, "keep", false) ? "keepdims=1" : "keepdims=0");
        return;
    }
    for (int i = 0; i < count; i++) {
        at +=
            (size_t)snprintf(list + at, sizeof list - at, "%lld,", (long long)dims[i]);
    }
    snprintf(
        text, sizeof text, "axes=%s keepdims=%d", list, (int)yes(e, "keep", false));
    give_one(e, op, text);
}

/* alpha and beta of a function, with what they usually are. */
static double number_of(const mien_exporting *e, const char *key, double usual) {
    char text[48];
    mien_export_option(e, key, "usual", text, sizeof text);
    return strcmp(text, "usual") == 0 ? usual : strtod(text, NULL);
}

static bool activation(mien_exporting *e) {
    char how[32];
    mien_export_option(e, "function", "silu", how, sizeof how);
    const char *x = mien_export_in(e, 0);
    if (strcmp(how, "silu") == 0) {
        double a = number_of(e, "alpha", 1);
        const char *u =
            a == 1 ? x : mien_export_two(e, "Mul", x, mien_export_number(e, a));
        mien_export_give(
            e, "Mul", (const char *[]){x, mien_export_one(e, "Sigmoid", u, "")}, 2, "");
    } else if (strcmp(how, "clip") == 0) {
        const char *inputs[] = {x, mien_export_number(e, number_of(e, "alpha", 0)),
            mien_export_number(e, number_of(e, "beta", 1))};
        mien_export_give(e, "Clip", inputs, 3, "");
    } else if (strcmp(how, "hardsigmoid") == 0 || strcmp(how, "hardswish") == 0) {
        char text[96];
        snprintf(text, sizeof text, "alpha=%.9gf beta=%.9gf",
            number_of(e, "alpha", 1.0 / 6), number_of(e, "beta", 0.5));
        if (how[4] == 's' && how[5] == 'i') {
            give_one(e, "HardSigmoid", text);
        } else {
            mien_export_give(e, "Mul",
                (const char *[]){x, mien_export_one(e, "HardSigmoid", x, text)}, 2, "");
        }
    } else if (strcmp(how, "softplus") == 0 && number_of(e, "alpha", 1) == 1) {
        give_one(e, "Softplus", "");
    } else {
        return false;
    }
    return true;
}

static bool unary(mien_exporting *e) {
    static const char *const same[][2] = {{"abs", "Abs"}, {"ceil", "Ceil"},
        {"cos", "Cos"}, {"erf", "Erf"}, {"exp", "Exp"}, {"floor", "Floor"},
        {"log", "Log"}, {"neg", "Neg"}, {"reciprocal", "Reciprocal"},
        {"round", "Round"}, {"sign", "Sign"}, {"sin", "Sin"}, {"softsign", "Softsign"},
        {"sqrt", "Sqrt"}};
    char how[32];
    mien_export_option(e, "function", "abs", how, sizeof how);
    const char *x = mien_export_in(e, 0);
    for (int i = 0; i < 14; i++) {
        if (strcmp(how, same[i][0]) == 0) {
            give_one(e, same[i][1], "");
            return true;
        }
    }
    if (strcmp(how, "square") == 0) {
        mien_export_give(e, "Mul", (const char *[]){x, x}, 2, "");
    } else if (strcmp(how, "pow") == 0) {
        mien_export_give(e, "Pow",
            (const char *[]){x, mien_export_number(e, number_of(e, "alpha", 2))}, 2,
            "");
    } else if (strcmp(how, "scale") == 0) {
        double a = number_of(e, "alpha", 1), b = number_of(e, "beta", 0);
        const char *u =
            a == 1 ? x : mien_export_two(e, "Mul", x, mien_export_number(e, a));
        mien_export_give(
            e, "Add", (const char *[]){u, mien_export_number(e, b)}, 2, "");
    } else {
        return false;
    }
    return true;
}

static bool binary(mien_exporting *e) {
    static const char *const same[][2] = {{"add", "Add"}, {"sub", "Sub"},
        {"mul", "Mul"}, {"div", "Div"}, {"pow", "Pow"}, {"max", "Max"}, {"min", "Min"}};
    char how[32];
    mien_export_option(e, "function", "add", how, sizeof how);
    for (int i = 0; i < 7; i++) {
        if (strcmp(how, same[i][0]) == 0) {
            mien_export_give(e, same[i][1],
                (const char *[]){mien_export_in(e, 0), mien_export_in(e, 1)}, 2, "");
            return true;
        }
    }
    return false;
}

static void swap_last(mien_exporting *e, int k, const char **x) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_export_shape_in(e, k, shape);
    char text[64] = "perm=";
    size_t at = strlen(text);
    for (int d = 0; d < rank; d++) {
        at += (size_t)snprintf(
            text + at, sizeof text - at, "%d,", d < rank - 2 ? d : 2 * rank - 3 - d);
    }
    *x = mien_export_one(e, "Transpose", *x, text);
}

static void matmul(mien_exporting *e) {
    const char *x[] = {mien_export_in(e, 0), mien_export_in(e, 1)};
    if (yes(e, "transpose-a", false)) {
        swap_last(e, 0, &x[0]);
    }
    if (yes(e, "transpose-b", false)) {
        swap_last(e, 1, &x[1]);
    }
    mien_export_give(e, "MatMul", x, 2, "");
}

static void prelu(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX], slopes[1], dims[MIEN_RANK_MAX];
    int rank = mien_export_shape_in(e, 0, shape);
    ints_of(e, "slopes", "1", 1, slopes);
    for (int d = 0; d < rank - 1; d++) {
        dims[d] = d == 0 ? slopes[0] : 1;
    }
    const char *slope = mien_export_two(e, "Reshape",
        mien_export_parameter(e, "weight"), mien_export_ints(e, rank - 1, dims));
    mien_export_give(e, "PRelu", (const char *[]){mien_export_in(e, 0), slope}, 2, "");
}

static bool upsample(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX];
    char mode[16];
    int rank = mien_graph_shape(e->graph, e->at, shape);
    bool nearest = strcmp(mien_export_option(e, "mode", "nearest", mode, sizeof mode),
                       "nearest") == 0;
    bool aligned = yes(e, "align-corners", false);
    int64_t from[MIEN_RANK_MAX];
    float factors[4] = {1, 1, 0, 0};
    mien_export_shape_in(e, 0, from);
    if (rank != 4) {
        return false;
    }
    for (int d = 2; d < 4; d++) {
        factors[d] = (float)shape[d] / (float)from[d];
    }
    int64_t four = 4;
    const char *scales = mien_export_numbers(e, 1, &four, factors);
    const char *inputs[] = {mien_export_in(e, 0), "", scales};
    mien_export_give(e, "Resize", inputs, 3,
        nearest   ? "mode=nearest coordinate_transformation_mode=asymmetric "
                    "nearest_mode=floor"
        : aligned ? "mode=linear coordinate_transformation_mode=align_corners"
                  : "mode=linear coordinate_transformation_mode=half_pixel");
    return true;
}

static bool pad(mien_exporting *e) {
    int64_t all[2 * MIEN_RANK_MAX] = {0}, shape[MIEN_RANK_MAX];
    char mode[16], text[32];
    int rank = mien_export_shape_in(e, 0, shape);
    int count = ints_of(e, "before", "0", MIEN_RANK_MAX - 1, all + 1);
    int behind = ints_of(e, "behind", "0", MIEN_RANK_MAX - 1, all + rank + 1);
    if (count != rank - 1 || behind != rank - 1) {
        return false;
    }
    snprintf(text, sizeof text, "mode=%s",
        mien_export_option(e, "mode", "constant", mode, sizeof mode));
    const char *inputs[] = {mien_export_in(e, 0), mien_export_ints(e, 2 * rank, all),
        mien_export_number(e, number_of(e, "value", 0))};
    mien_export_give(e, "Pad", inputs, 3, text);
    return true;
}

/* A constant for every item: the batch is asked of the first input. */
static void expand(mien_exporting *e) {
    int64_t shape[MIEN_RANK_MAX], from[MIEN_RANK_MAX], zero = 0, first = 1;
    int rank = mien_graph_shape(e->graph, e->at, shape);
    const char *dims;
    if (mien_export_shape_in(e, 0, from) == rank && from[0] < 0) {
        shape[0] = 1;
        dims = mien_export_ints(e, rank, shape);
    } else {
        const char *all = mien_export_one(e, "Shape", e->m->inputs[0].name, "");
        const char *parts[] = {
            all, mien_export_ints(e, 1, &zero), mien_export_ints(e, 1, &first)};
        const char *batch = mien_export_add(e, "Slice", NULL, parts, 3, "");
        dims = mien_export_add(e, "Concat", NULL,
            (const char *[]){batch, mien_export_ints(e, rank - 1, shape + 1)}, 2,
            "axis=0");
    }
    mien_export_give(e, "Expand", (const char *[]){mien_export_in(e, 0), dims}, 2, "");
}

/* ---- the table
 * --------------------------------------------------------------------------------- */

static void passed(mien_exporting *e) {
    e->names[e->at] = mien_export_in(e, 0);
}

static bool element_wise(mien_exporting *e, const char *op) {
    static const char *const same[][3] = {{"relu", "Relu", ""},
        {"sigmoid", "Sigmoid", ""}, {"tanh", "Tanh", ""},
        {"softmax", "Softmax", "axis=-1"}, {"flatten", "Flatten", "axis=1"}};
    char alpha[32], text[64];
    for (int i = 0; i < 5; i++) {
        if (strcmp(op, same[i][0]) == 0) {
            give_one(e, same[i][1], same[i][2]);
            return true;
        }
    }
    if (strcmp(op, "leaky_relu") == 0 || strcmp(op, "elu") == 0) {
        bool leaky = op[0] == 'l';
        snprintf(text, sizeof text, "alpha=%sf",
            mien_export_option(e, "alpha", leaky ? "0.01" : "1", alpha, sizeof alpha));
        give_one(e, leaky ? "LeakyRelu" : "Elu", text);
    } else if (strcmp(op, "relu6") == 0) {
        const char *inputs[] = {
            mien_export_in(e, 0), mien_export_number(e, 0), mien_export_number(e, 6)};
        mien_export_give(e, "Clip", inputs, 3, "");
    } else if (strcmp(op, "add") == 0 || strcmp(op, "multiply") == 0) {
        mien_export_give(e, op[0] == 'a' ? "Add" : "Mul",
            (const char *[]){mien_export_in(e, 0), mien_export_in(e, 1)}, 2, "");
    } else {
        return false;
    }
    return true;
}

bool mien_export_node(mien_exporting *e) {
    static const struct {
        const char *op;
        void (*write)(mien_exporting *e);
    } rows[] = {{"conv1d", conv}, {"conv2d", conv}, {"conv3d", conv},
        {"batch_norm", batch_norm}, {"masked_batch_norm", batch_norm}, {"gelu", gelu},
        {"merge_steps", steps}, {"split_steps", steps}, {"reshape", reshape},
        {"permute", permute}, {"slice", slice}, {"gather", gather}, {"concat", concat},
        {"matmul", matmul}, {"prelu", prelu}, {"expand", expand}, {"dropout", passed}};
    static const struct {
        const char *op;
        bool (*write)(mien_exporting *e);
    } some[] = {{"activation", activation}, {"unary", unary}, {"binary", binary},
        {"upsample2d", upsample}, {"pad", pad}, {"layer_norm", layer_norm}};
    const char *op = mien_graph_operator(e->graph, e->at);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].op, op) == 0) {
            rows[i].write(e);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        if (strcmp(some[i].op, op) == 0) {
            return some[i].write(e);
        }
    }
    if (strcmp(op, "linear") == 0 || strcmp(op, "project") == 0) {
        linear(e, op[0] == 'p' || yes(e, "bias", true));
    } else if (strncmp(op, "max_pool", 8) == 0 || strncmp(op, "avg_pool", 8) == 0) {
        pool(e, op[0] == 'a');
    } else if (strncmp(op, "adaptive_", 9) == 0) {
        adaptive(e, op[9] == 'a');
    } else if (strcmp(op, "sum") == 0 || strcmp(op, "mean") == 0 ||
               strcmp(op, "max") == 0) {
        reduce(e, op[0] == 's'   ? "ReduceSum"
                  : op[1] == 'e' ? "ReduceMean"
                                 : "ReduceMax");
    } else if (strcmp(op, "constant") == 0) {
        e->names[e->at] = mien_export_parameter(e, "value");
    } else {
        return element_wise(e, op) || mien_export_sequence(e);
    }
    return true;
}
