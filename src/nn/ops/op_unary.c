/* SPDX-License-Identifier: MIT */
/* One function of each value, by name: the maths of imported graphs. What nets use as
 * an activation has rows of its own, which join the operator before them. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"

/* f(x), and its slope at x where f(x) is y; a and b are the options alpha and beta. */
typedef double function(double x, double a, double b);
typedef double slope_function(double x, double y, double a, double b);

#define FUNCTION(name, value, slope)                                                   \
    static double f_##name(double x, double a, double b) {                             \
        (void)a;                                                                       \
        (void)b;                                                                       \
        return value;                                                                  \
    }                                                                                  \
    static double d_##name(double x, double y, double a, double b) {                   \
        (void)x;                                                                       \
        (void)y;                                                                       \
        (void)a;                                                                       \
        (void)b;                                                                       \
        return slope;                                                                  \
    }
FUNCTION(abs, fabs(x), (x > 0) - (x < 0))
FUNCTION(acos, acos(x), -1 / sqrt(1 - x * x))
FUNCTION(asin, asin(x), 1 / sqrt(1 - x * x))
FUNCTION(asinh, asinh(x), 1 / sqrt(1 + x * x))
FUNCTION(acosh, acosh(x), 1 / sqrt(x * x - 1))
FUNCTION(atan, atan(x), 1 / (1 + x * x))
FUNCTION(atanh, atanh(x), 1 / (1 - x * x))
FUNCTION(ceil, ceil(x), 0)
FUNCTION(celu, x > 0 ? x : a * expm1(x / a), x > 0 ? 1 : exp(x / a))
FUNCTION(cos, cos(x), -sin(x))
FUNCTION(cosh, cosh(x), sinh(x))
FUNCTION(erf, erf(x), 1.12837916709551257390 * exp(-x * x))
FUNCTION(exp, exp(x), y)
FUNCTION(floor, floor(x), 0)
FUNCTION(log, log(x), 1 / x)
FUNCTION(neg, -x, -1)
FUNCTION(not, x == 0, 0)
FUNCTION(pow, pow(x, a), a == 0 ? 0 : a * pow(x, a - 1))
FUNCTION(reciprocal, 1 / x, -y *y)
FUNCTION(round, rint(x), 0)
FUNCTION(scale, a *x + b, a)
FUNCTION(selu, x > 0 ? b * x : b * a * expm1(x), x > 0 ? b : b * a * exp(x))
FUNCTION(sign, (x > 0) - (x < 0), 0)
FUNCTION(sin, sin(x), cos(x))
FUNCTION(sinh, sinh(x), cosh(x))
FUNCTION(softsign, x / (1 + fabs(x)), 1 / ((1 + fabs(x)) * (1 + fabs(x))))
FUNCTION(sqrt, sqrt(x), 0.5 / y)
FUNCTION(square, x *x, 2 * x)
FUNCTION(tan, tan(x), 1 + y * y)
FUNCTION(threshold, x > a ? x : b, x > a)

typedef struct entry {
    const char *name;
    function *value;
    slope_function *slope;
    double a, b; /* usual values */
} entry;

#define ROW(name, a, b)                                                                \
    { #name, f_##name, d_##name, a, b }
static const entry table[] = {ROW(abs, 0, 0), ROW(acos, 0, 0), ROW(acosh, 0, 0),
    ROW(asin, 0, 0), ROW(asinh, 0, 0), ROW(atan, 0, 0), ROW(atanh, 0, 0),
    ROW(ceil, 0, 0), ROW(celu, 1, 0), ROW(cos, 0, 0), ROW(cosh, 0, 0), ROW(erf, 0, 0),
    ROW(exp, 0, 0), ROW(floor, 0, 0), ROW(log, 0, 0), ROW(neg, 0, 0), ROW(not, 0, 0),
    ROW(pow, 2, 0), ROW(reciprocal, 0, 0), ROW(round, 0, 0), ROW(scale, 1, 0),
    ROW(selu, 1.67326319217681884765625, 1.05070102214813232421875), ROW(sign, 0, 0),
    ROW(sin, 0, 0), ROW(sinh, 0, 0), ROW(softsign, 0, 0), ROW(sqrt, 0, 0),
    ROW(square, 0, 0), ROW(tan, 0, 0), ROW(threshold, 1, 0)};
#define ENTRIES (sizeof table / sizeof *table)

typedef struct unary {
    const entry *entry;
    double a, b;
} unary;

static const char *const names[] = {"abs", "acos", "acosh", "asin", "asinh", "atan",
    "atanh", "ceil", "celu", "cos", "cosh", "erf", "exp", "floor", "log", "neg", "not",
    "pow", "reciprocal", "round", "scale", "selu", "sign", "sin", "sinh", "softsign",
    "sqrt", "square", "tan", "threshold", NULL};

static const mien_option options[] = {
    {.name = "function",
        .type = MIEN_OPTION_CHOICE,
        .initial = "abs",
        .choices = names,
        .help =
            "pow: x^alpha; scale: alpha x + beta; threshold: x above alpha, else beta; "
            "celu: alpha; selu: beta x, or beta alpha (exp x - 1) below 0"},
    {.name = "alpha",
        .type = MIEN_OPTION_TEXT,
        .initial = "usual",
        .help = "a number; usual: pow 2, celu, scale and threshold 1"},
    {.name = "beta", .type = MIEN_OPTION_TEXT, .initial = "usual", .help = "a number"},
    {0},
};

static mien_status number_of(
    const mien_options *given, const char *key, double usual, double *value) {
    const char *text = mien_options_text(given, key);
    *value = usual;
    return strcmp(text, "usual") == 0 || mien_parse_number(text, value)
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%s: \"%s\" is no number", key, text);
}

static mien_status parse(const mien_options *given, void *settings) {
    unary *s = settings;
    const char *name = mien_options_text(given, "function");
    for (size_t i = 0; i < ENTRIES; i++) {
        s->entry = strcmp(table[i].name, name) == 0 ? &table[i] : s->entry;
    }
    mien_status status = number_of(given, "alpha", s->entry->a, &s->a);
    return status == MIEN_OK ? number_of(given, "beta", s->entry->b, &s->b) : status;
}

static void reference(const mien_reference *r) {
    const unary *s = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = s->entry->value(r->x[0][i], s->a, s->b);
    }
}

/* alpha x + beta, without a call for each value. */
static void scale_all(const float *restrict x, double alpha, double beta,
    float *restrict y, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        y[i] = (float)(alpha * (double)x[i] + beta);
    }
}

static void forward(const mien_kernel_call *c) {
    const unary *s = c->node->settings;
    if (s->entry->value == f_scale) {
        scale_all(c->x[0], s->a, s->b, c->y, c->y_count);
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, 20 * c->y_count))
    for (int64_t i = 0; i < c->y_count; i++) {
        c->y[i] = (float)s->entry->value((double)c->x[0][i], s->a, s->b);
    }
}

static void backward(const mien_kernel_call *c) {
    const unary *s = c->node->settings;
    if (!c->dx[0]) {
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, 20 * c->y_count))
    for (int64_t i = 0; i < c->y_count; i++) {
        double slope = s->entry->slope((double)c->x[0][i], (double)c->y[i], s->a, s->b);
        c->dx[0][i] = (float)((double)c->dy[i] * slope);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_unary = {
    .name = "unary",
    .summary = "One function of each value",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X | MIEN_PART_NEEDS_Y,
    .settings_size = sizeof(unary),
    .parse = parse,
    .shape = mien_op_same_shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
