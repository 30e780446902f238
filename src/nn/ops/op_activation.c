/* SPDX-License-Identifier: MIT */
/* Activations by name beside those that have a row of their own: when inferring they
 * join the operator before them. */
#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#include "nn/activation.h"
#include "nn/plan/plan.h"

typedef double function(double x, double a, double b);

static double clamp(double x, double least, double most) {
    return x < least ? least : x > most ? most : x;
}

static double clip(double x, double a, double b) {
    return clamp(x, a, b);
}

static double hardsigmoid(double x, double a, double b) {
    return clamp(a * x + b, 0, 1);
}

static double hardswish(double x, double a, double b) {
    return x * clamp(a * x + b, 0, 1);
}

static double softplus(double x, double a, double b) {
    (void)b;
    return (fmax(a * x, 0) + log1p(exp(-fabs(a * x)))) / a;
}

static double mish(double x, double a, double b) {
    return x * tanh(softplus(x, 1, b * a));
}

static double silu(double x, double a, double b) {
    (void)b;
    return x / (1 + exp(-a * x));
}

typedef struct entry {
    const char *name;
    function *value;
    dnnl_alg_kind_t algorithm;
    dnnl_alg_kind_t backward; /* from the result; undef: there is none */
    float a, b;               /* usual values */
} entry;

static const entry table[] = {
    {"clip", clip, dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2_use_dst_for_bwd, 0, 1},
    {"hardsigmoid", hardsigmoid, dnnl_eltwise_hardsigmoid, dnnl_alg_kind_undef,
        1.0F / 6, 0.5F},
    {"hardswish", hardswish, dnnl_eltwise_hardswish, dnnl_alg_kind_undef, 1.0F / 6,
        0.5F},
    {"mish", mish, dnnl_eltwise_mish, dnnl_alg_kind_undef, 0, 0},
    {"silu", silu, dnnl_eltwise_swish, dnnl_alg_kind_undef, 1, 0},
    {"softplus", softplus, dnnl_eltwise_soft_relu, dnnl_alg_kind_undef, 1, 0},
};
#define ENTRIES (sizeof table / sizeof *table)

typedef struct activation {
    const entry *entry;
    float a, b;
} activation;

static const char *const names[] = {
    "clip", "hardsigmoid", "hardswish", "mish", "silu", "softplus", NULL};

static const mien_option options[] = {
    {.name = "function",
        .type = MIEN_OPTION_CHOICE,
        .initial = "silu",
        .choices = names,
        .help = "clip: between alpha and beta; hardsigmoid: alpha x + beta between 0 "
                "and 1; "
                "hardswish: x times that; silu: x σ(alpha x); softplus: log(1 + "
                "exp(alpha x)) / alpha"},
    {.name = "alpha",
        .type = MIEN_OPTION_TEXT,
        .initial = "usual",
        .help = "a number; usual: clip 0, hardsigmoid and hardswish 1/6, else 1"},
    {.name = "beta",
        .type = MIEN_OPTION_TEXT,
        .initial = "usual",
        .help = "a number; usual: clip 1, hardsigmoid and hardswish 0.5"},
    {0},
};

static mien_status number_of(
    const mien_options *given, const char *key, float usual, float *value) {
    const char *text = mien_options_text(given, key);
    double number = (double)usual;
    bool good = strcmp(text, "usual") == 0 || mien_parse_number(text, &number);
    *value = (float)number;
    return good && !isnan(number)
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%s: \"%s\" is no number", key, text);
}

static mien_status parse(const mien_options *given, void *settings) {
    activation *s = settings;
    const char *name = mien_options_text(given, "function");
    for (size_t i = 0; i < ENTRIES; i++) {
        s->entry = strcmp(table[i].name, name) == 0 ? &table[i] : s->entry;
    }
    mien_status status = number_of(given, "alpha", s->entry->a, &s->a);
    if (status == MIEN_OK) {
        status = number_of(given, "beta", s->entry->b, &s->b);
    }
    if (status == MIEN_OK && s->entry->value == clip && s->a > s->b) {
        return mien_fail(MIEN_EINVAL, "clip between %g and %g: nothing lies there",
            (double)s->a, (double)s->b);
    }
    return status == MIEN_OK && s->entry->value == softplus && s->a == 0
               ? mien_fail(MIEN_EINVAL, "softplus with alpha 0")
               : status;
}

static mien_eltwise eltwise(const mien_op_node *node) {
    const activation *s = node->settings;
    return (mien_eltwise){
        (int)s->entry->algorithm, s->a, s->b, (int)s->entry->backward};
}

static void reference(const mien_reference *r) {
    const activation *s = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = s->entry->value(r->x[0][i], (double)s->a, (double)s->b);
    }
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    mien_eltwise e = eltwise(mien_builder_node(b, group->main));
    return mien_eltwise_prepare(b, group, &e);
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    mien_eltwise e = eltwise(mien_builder_node(b, group->main));
    return e.backward ? mien_activation_backward(b, group)
                      : mien_eltwise_backward(b, group, &e);
}

const mien_op mien_op_activation = {
    .name = "activation",
    .summary = "Activations by name",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(activation),
    .parse = parse,
    .shape = mien_op_same_shape,
    .eltwise = eltwise,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};
