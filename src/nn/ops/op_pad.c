/* SPDX-License-Identifier: MIT */
/* More places before and behind along any dimensions but the batch: of one value,
 * mirrored, or as the edge; negative numbers take places away. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"

typedef enum pad_mode { EDGE, CONSTANT, REFLECT, WRAP } pad_mode;
static const char *const modes[] = {"edge", "constant", "reflect", "wrap", NULL};

typedef struct pad {
    pad_mode mode;
    double value;
    int count, before[MIEN_RANK_MAX], behind[MIEN_RANK_MAX];
} pad;

static const mien_option options[] = {
    {.name = "before",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "places before each dimension after the first, divided by commas"},
    {.name = "behind",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "places behind, likewise"},
    {.name = "mode",
        .type = MIEN_OPTION_CHOICE,
        .initial = "constant",
        .choices = modes,
        .help = "what the places hold; reflect: mirrored without the edge itself"},
    {.name = "value",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "of constant places"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    pad *s = settings;
    const char *mode = mien_options_text(given, "mode");
    for (int i = 0; modes[i]; i++) {
        s->mode = strcmp(modes[i], mode) == 0 ? (pad_mode)i : s->mode;
    }
    if (!mien_parse_number(mien_options_text(given, "value"), &s->value)) {
        return mien_fail(MIEN_EINVAL, "value: it is no number");
    }
    s->count =
        mien_op_ints(mien_options_text(given, "before"), MIEN_RANK_MAX - 1, s->before);
    int behind =
        mien_op_ints(mien_options_text(given, "behind"), MIEN_RANK_MAX - 1, s->behind);
    return s->count > 0 && behind == s->count
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "before and behind: as many whole numbers divided by commas as "
                     "there are dimensions after the first");
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const pad *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank < 2 || s->count != x->rank - 1) {
        return mien_fail(MIEN_ESHAPE,
            "before and behind have %d numbers for %d dimensions", s->count,
            x->rank - 1);
    }
    mien_op_same_shape(node, inputs);
    for (int d = 1; d < x->rank; d++) {
        int before = s->before[d - 1], behind = s->behind[d - 1];
        int64_t most = s->mode == CONSTANT || s->mode == EDGE ? INT32_MAX
                       : s->mode == REFLECT                   ? x->shape[d] - 1
                                                              : x->shape[d];
        node->shape[d] += before + behind;
        if (node->shape[d] < 1 || before > most || behind > most) {
            return mien_fail(MIEN_ESHAPE,
                "%d and %d places around %lld are not possible", before, behind,
                (long long)x->shape[d]);
        }
    }
    return MIEN_OK;
}

/* The place of x that place i along a dimension shows; -1: the constant. */
static int64_t place_of(const pad *s, int d, int64_t size, int64_t i) {
    int64_t at = i - s->before[d - 1];
    if (at >= 0 && at < size) {
        return at;
    }
    switch (s->mode) {
    case EDGE:
        return at < 0 ? 0 : size - 1;
    case REFLECT:
        return at < 0 ? -at : 2 * (size - 1) - at;
    case WRAP:
        return at < 0 ? at + size : at - size;
    case CONSTANT:
    default:
        return -1;
    }
}

static void reference(const mien_reference *r) {
    const pad *s = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t at = 0, stride = 1, rest = i;
        for (int d = r->node->rank - 1; d >= 0 && at >= 0; d--) {
            int64_t size = r->x_shape[0][d], place = rest % r->y_shape[d];
            place = d ? place_of(s, d, size, place) : place;
            rest /= r->y_shape[d];
            at = place < 0 ? -1 : at + place * stride;
            stride *= size;
        }
        r->y[i] = at < 0 ? s->value : r->x[0][at];
    }
}

/* Where in x the row of the last dimension lies that row `row` of y shows; -1: the
 * constant. */
static int64_t row_of(const mien_kernel_call *c, int64_t row) {
    const pad *s = c->node->settings;
    int64_t at = 0, stride = c->x_shape[0][c->node->rank - 1];
    for (int d = c->node->rank - 2; d >= 0; d--) {
        int64_t place = row % c->y_shape[d];
        place = d ? place_of(s, d, c->x_shape[0][d], place) : place;
        if (place < 0) {
            return -1;
        }
        row /= c->y_shape[d];
        at += place * stride;
        stride *= c->x_shape[0][d];
    }
    return at;
}

static void forward(const mien_kernel_call *c) {
    const pad *s = c->node->settings;
    int last = c->node->rank - 1;
    int64_t n = c->y_shape[last], size = c->x_shape[0][last];
    float value = (float)s->value;
#pragma omp parallel for num_threads(mien_kernel_threads(c, 2 * c->y_count))
    for (int64_t row = 0; row < c->y_count / n; row++) {
        int64_t from = row_of(c, row);
        float *y = c->y + row * n;
        for (int64_t i = 0; i < n; i++) {
            int64_t place = from < 0 ? -1 : place_of(s, last, size, i);
            y[i] = place < 0 ? value : c->x[0][from + place];
        }
    }
}

/* Items apart: their places never meet. */
static void backward(const mien_kernel_call *c) {
    const pad *s = c->node->settings;
    int last = c->node->rank - 1;
    int64_t n = c->y_shape[last], size = c->x_shape[0][last];
    int64_t items = c->y_shape[0], rows = c->y_count / n / items;
    if (!c->dx[0]) {
        return;
    }
    memset(c->dx[0], 0, (size_t)c->x_count[0] * sizeof *c->dx[0]);
#pragma omp parallel for num_threads(mien_kernel_threads(c, 2 * c->y_count))
    for (int64_t item = 0; item < items; item++) {
        for (int64_t row = item * rows; row < (item + 1) * rows; row++) {
            int64_t from = row_of(c, row);
            for (int64_t i = 0; from >= 0 && i < n; i++) {
                int64_t place = place_of(s, last, size, i);
                if (place >= 0) {
                    c->dx[0][from + place] += c->dy[row * n + i];
                }
            }
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_pad = {
    .name = "pad",
    .summary = "More places around the dimensions",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(pad),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
