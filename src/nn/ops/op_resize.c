/* SPDX-License-Identifier: MIT */
/* Any dimensions but the batch made longer or shorter, one after the other: nearest
 * values, lines or cubics between them, with ONNX's rules of where a place lies
 * (Resize, opset 19). With antialias the line or cubic of a dimension that shrinks is
 * as much wider as the dimension shrinks, so that each old value has its weight. In
 * comes [N, …], out goes [N, size …]. Caller: ONNX's Resize and Upsample. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/kernel.h"

/* Old values that one new value is made of: of a dimension cut to a 256th by cubics. */
#define TAPS 1028
#define SHRINK_MAX 256
/* Runs of values that share what the taps of a place are. */
#define TOGETHER 16
#define SIDE_MAX (1 << 16)

typedef enum resize_mode { CUBIC, LINEAR, NEAREST } resize_mode;
static const char *const modes[] = {"cubic", "linear", "nearest", NULL};
typedef enum coordinates {
    ALIGN_CORNERS,
    ASYMMETRIC,
    HALF_PIXEL,
    HALF_PIXEL_SYMMETRIC,
    PYTORCH_HALF_PIXEL
} coordinates;
static const char *const places[] = {"align_corners", "asymmetric", "half_pixel",
    "half_pixel_symmetric", "pytorch_half_pixel", NULL};
typedef enum rounding { CEIL, FLOOR, PREFER_CEIL, PREFER_FLOOR } rounding;
static const char *const roundings[] = {
    "ceil", "floor", "round_prefer_ceil", "round_prefer_floor", NULL};

typedef struct resize {
    resize_mode mode;
    coordinates coordinates;
    rounding rounding;
    double cubic;
    bool exclude, antialias;
    int count, size[MIEN_RANK_MAX];
    bool by_scale;
    int scales;
    double scale[MIEN_RANK_MAX];
} resize;

static const mien_option options[] = {
    {.name = "size",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "of each dimension after the first, divided by commas; by-scale: old "
                "size × factor, cut to a whole number"},
    {.name = "scale",
        .type = MIEN_OPTION_TEXT,
        .initial = "by-size",
        .help = "factors by which places are found, divided by commas; by-size: new "
                "over old"},
    {.name = "mode",
        .type = MIEN_OPTION_CHOICE,
        .initial = "nearest",
        .choices = modes,
        .help = "what stands between values"},
    {.name = "coordinates",
        .type = MIEN_OPTION_CHOICE,
        .initial = "half_pixel",
        .choices = places,
        .help = "where a place lies in the old dimension"},
    {.name = "nearest",
        .type = MIEN_OPTION_CHOICE,
        .initial = "round_prefer_floor",
        .choices = roundings,
        .help = "which value is the nearest"},
    {.name = "cubic",
        .type = MIEN_OPTION_NUMBER,
        .initial = "-0.75",
        .minimum = -10,
        .maximum = 10,
        .help = "the cubic's constant"},
    {.name = "exclude-outside",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "what lies outside has no weight (else the edge stands there)"},
    {.name = "antialias",
        .type = MIEN_OPTION_FLAG,
        .initial = "no",
        .help = "lines and cubics widen as a dimension shrinks, by at most 256"},
    {0},
};

static int index_of(const char *const *names, const char *name) {
    int i = 0;
    while (strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

/* Numbers above 0 divided by commas; -1 if the text is anything else. */
static int numbers_of(const char *text, double *values) {
    for (int count = 0; count < MIEN_RANK_MAX - 1;) {
        char *end;
        values[count] = strtod(text, &end);
        if (end == text || !(values[count] > 0) || values[count] > 1e6) {
            return -1;
        }
        count++;
        if (*end != ',') {
            return *end ? -1 : count;
        }
        text = end + 1;
    }
    return -1;
}

static mien_status parse(const mien_options *given, void *settings) {
    resize *s = settings;
    const char *scale = mien_options_text(given, "scale");
    s->mode = (resize_mode)index_of(modes, mien_options_text(given, "mode"));
    s->coordinates =
        (coordinates)index_of(places, mien_options_text(given, "coordinates"));
    s->rounding = (rounding)index_of(roundings, mien_options_text(given, "nearest"));
    s->cubic = mien_options_number(given, "cubic");
    s->exclude = mien_options_flag(given, "exclude-outside");
    s->antialias = mien_options_flag(given, "antialias") && s->mode != NEAREST;
    const char *size = mien_options_text(given, "size");
    s->scales = strcmp(scale, "by-size") == 0 ? 0 : numbers_of(scale, s->scale);
    s->by_scale = strcmp(size, "by-scale") == 0;
    s->count = s->by_scale ? s->scales : mien_op_ints(size, MIEN_RANK_MAX - 1, s->size);
    for (int i = 0; i < s->count && !s->by_scale; i++) {
        s->count = s->size[i] > 0 ? s->count : -1;
    }
    return s->count > 0 && s->scales >= 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "size and scale: numbers above 0 divided by commas, one for each "
                     "dimension after the first");
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    resize *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank < 2 || s->count != x->rank - 1 ||
        (s->scales && s->scales != s->count)) {
        return mien_fail(MIEN_ESHAPE, "%d sizes and %d scales for %d dimensions",
            s->count, s->scales, x->rank - 1);
    }
    mien_op_same_shape(node, inputs);
    for (int d = 1; d < x->rank; d++) {
        if (s->by_scale) {
            double side = floor((double)x->shape[d] * s->scale[d - 1]);
            s->size[d - 1] = side < SIDE_MAX ? (int)side : SIDE_MAX;
        }
        node->shape[d] = s->size[d - 1];
        if (!s->scales) {
            s->scale[d - 1] = (double)s->size[d - 1] / (double)x->shape[d];
        }
        if (s->antialias && s->scale[d - 1] * SHRINK_MAX < 1) {
            return mien_fail(MIEN_ELIMIT,
                "antialias: a dimension of %lld shrinks by more than %d",
                (long long)x->shape[d], SHRINK_MAX);
        }
    }
    return MIEN_OK;
}

/* ---- where a place lies, and what it is made of ---------------------------------- */

static double coordinate_of(
    const resize *s, double scale, int64_t from, int64_t to, int64_t i) {
    double at = (double)i;
    switch (s->coordinates) {
    case ALIGN_CORNERS:
        return to > 1 ? at * (double)(from - 1) / (double)(to - 1) : 0;
    case ASYMMETRIC:
        return at / scale;
    case PYTORCH_HALF_PIXEL:
        return to > 1 ? (at + 0.5) / scale - 0.5 : 0;
    case HALF_PIXEL_SYMMETRIC: {
        double adjust = (double)to / (scale * (double)from);
        double offset = (double)from / 2 * (1 - adjust);
        return offset + (at + 0.5) / scale - 0.5;
    }
    case HALF_PIXEL:
    default:
        return (at + 0.5) / scale - 0.5;
    }
}

static double nearest_of(const resize *s, double x) {
    switch (s->rounding) {
    case CEIL:
        return ceil(x);
    case FLOOR:
        return floor(x);
    case PREFER_CEIL:
        return floor(x + 0.5);
    case PREFER_FLOOR:
    default:
        return ceil(x - 0.5);
    }
}

static double cubic_of(double a, double t) {
    t = fabs(t);
    return t <= 1  ? ((a + 2) * t - (a + 3)) * t * t + 1
           : t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
                   : 0;
}

typedef struct taps {
    int count;
    int64_t place[TAPS];
    double weight[TAPS];
} taps;

/* Old values from `first` on, `count` of them, reach the new one that lies at x; their
 * distances count `shrink` each. */
static double reach_of(
    const resize *s, double scale, double x, int *count, double *shrink) {
    int half = s->mode == CUBIC ? 2 : 1;
    *shrink = s->antialias && scale < 1 ? scale : 1;
    *count = s->mode == NEAREST ? 1 : 2 * half;
    if (s->mode == NEAREST) {
        return nearest_of(s, x);
    }
    if (*shrink == 1) {
        return floor(x) - half + 1;
    }
    double first = ceil(x - half / scale), last = floor(x + half / scale);
    *count = (int)(last - first) + 1;
    return first;
}

static void taps_of(
    const resize *s, double scale, int64_t from, int64_t to, int64_t i, taps *t) {
    double x = coordinate_of(s, scale, from, to, i), sum = 0, shrink;
    double first = reach_of(s, scale, x, &t->count, &shrink);
    for (int k = 0; k < t->count; k++) {
        double place = first + k, away = (x - place) * shrink;
        t->weight[k] = s->mode == NEAREST  ? 1
                       : s->mode == LINEAR ? fmax(1 - fabs(away), 0)
                                           : cubic_of(s->cubic, away);
        bool outside = place < 0 || place > (double)(from - 1);
        bool left_out = outside && s->exclude && (s->mode == CUBIC || shrink < 1);
        t->weight[k] = left_out ? 0 : t->weight[k];
        t->place[k] = place < 0                    ? 0
                      : place > (double)(from - 1) ? from - 1
                                                   : (int64_t)place;
        sum += t->weight[k];
    }
    t->weight[0] = sum == 0 ? 1 : t->weight[0]; /* all lie outside: the edge */
    sum = sum == 0 ? 1 : sum;
    for (int k = 0; k < t->count; k++) {
        t->weight[k] /= sum;
    }
}

/* Whether a dimension stays as it is. */
static bool stays(const resize *s, const int64_t *x, int d) {
    return d == 0 || (x[d] == s->size[d - 1] && s->scale[d - 1] == 1);
}

static void reference(const mien_reference *r) {
    const resize *s = r->node->settings;
    int rank = r->node->rank;
    for (int64_t i = 0; i < r->y_count; i++) {
        taps t[MIEN_RANK_MAX];
        int64_t combinations = 1, rest = i;
        for (int d = rank - 1; d >= 0; d--) {
            int64_t place = rest % r->y_shape[d];
            rest /= r->y_shape[d];
            if (stays(s, r->x_shape[0], d)) {
                t[d].count = 1;
                t[d].place[0] = place;
                t[d].weight[0] = 1;
            } else {
                taps_of(
                    s, s->scale[d - 1], r->x_shape[0][d], r->y_shape[d], place, &t[d]);
            }
            combinations *= t[d].count;
        }
        r->y[i] = 0;
        for (int64_t k = 0; k < combinations; k++) {
            int64_t at = 0, choice = k;
            double weight = 1;
            for (int d = 0; d < rank; d++) {
                int which = (int)(choice % t[d].count);
                choice /= t[d].count;
                at = at * r->x_shape[0][d] + t[d].place[which];
                weight *= t[d].weight[which];
            }
            r->y[i] += weight * r->x[0][at];
        }
    }
}

/* ---- one dimension after the other ------------------------------------------------
 */

/* Along one dimension: `from` places become `to`, `outer` times, of `inner` values
 * each. */
typedef struct pass {
    int64_t outer, from, to, inner;
    double scale;
} pass;

/* The passes and the values that lie between the first and the last of them. */
static int passes_of(const mien_kernel_call *c, pass *list, int64_t *between) {
    const resize *s = c->node->settings;
    int64_t now[MIEN_RANK_MAX];
    int count = 0;
    memcpy(now, c->x_shape[0], sizeof now);
    *between = 0;
    for (int d = c->node->rank - 1; d > 0; d--) {
        if (stays(s, c->x_shape[0], d)) {
            continue;
        }
        pass *p = &list[count++];
        *p = (pass){1, now[d], c->y_shape[d], 1, s->scale[d - 1]};
        for (int i = 0; i < c->node->rank; i++) {
            p->outer *= i < d ? now[i] : 1;
            p->inner *= i > d ? now[i] : 1;
        }
        now[d] = c->y_shape[d];
        int64_t values = p->outer * p->to * p->inner;
        *between = values > *between ? values : *between;
    }
    return count;
}

/* How many blocks of runs that share their taps there are. */
static int64_t blocks_of(const pass *p) {
    return (p->outer + TOGETHER - 1) / TOGETHER;
}

static int64_t block_end(const pass *p, int64_t block) {
    int64_t end = (block + 1) * TOGETHER;
    return end < p->outer ? end : p->outer;
}

static void go(const mien_kernel_call *c, const pass *p, const float *x, float *y) {
    const resize *s = c->node->settings;
#pragma omp parallel for num_threads(mien_kernel_threads(c, 4 * c->y_count))
    for (int64_t b = 0; b < blocks_of(p); b++) {
        taps t;
        for (int64_t i = 0; i < p->to; i++) {
            taps_of(s, p->scale, p->from, p->to, i, &t);
            for (int64_t o = b * TOGETHER; o < block_end(p, b); o++) {
                float *to = y + (o * p->to + i) * p->inner;
                for (int k = 0; k < t.count; k++) {
                    const float *from = x + (o * p->from + t.place[k]) * p->inner;
                    float weight = (float)t.weight[k];
                    for (int64_t j = 0; j < p->inner; j++) {
                        to[j] = k ? to[j] + weight * from[j] : weight * from[j];
                    }
                }
            }
        }
    }
}

static void go_back(
    const mien_kernel_call *c, const pass *p, const float *dy, float *dx) {
    const resize *s = c->node->settings;
#pragma omp parallel for num_threads(mien_kernel_threads(c, 4 * c->y_count))
    for (int64_t b = 0; b < blocks_of(p); b++) {
        taps t;
        int64_t first = b * TOGETHER, row = p->from * p->inner;
        memset(dx + first * row, 0,
            (size_t)((block_end(p, b) - first) * row) * sizeof *dx);
        for (int64_t i = 0; i < p->to; i++) {
            taps_of(s, p->scale, p->from, p->to, i, &t);
            for (int64_t o = first; o < block_end(p, b); o++) {
                const float *from = dy + (o * p->to + i) * p->inner;
                for (int k = 0; k < t.count; k++) {
                    float *to = dx + (o * p->from + t.place[k]) * p->inner;
                    float weight = (float)t.weight[k];
                    for (int64_t j = 0; j < p->inner; j++) {
                        to[j] += weight * from[j];
                    }
                }
            }
        }
    }
}

/* Two rooms that passes write to in turn. */
static int64_t scratch(const mien_kernel_call *c, bool back, bool trains) {
    pass list[MIEN_RANK_MAX];
    int64_t between;
    (void)back;
    (void)trains;
    return passes_of(c, list, &between) > 1 ? 2 * between : 0;
}

static void forward(const mien_kernel_call *c) {
    pass list[MIEN_RANK_MAX];
    int64_t between;
    int count = passes_of(c, list, &between);
    const float *from = c->x[0];
    if (count == 0) {
        memcpy(c->y, from, (size_t)c->y_count * sizeof *from);
    }
    for (int i = 0; i < count; i++) {
        float *to = i == count - 1 ? c->y : c->scratch + i % 2 * between;
        go(c, &list[i], from, to);
        from = to;
    }
}

static void backward(const mien_kernel_call *c) {
    pass list[MIEN_RANK_MAX];
    int64_t between;
    int count = passes_of(c, list, &between);
    const float *from = c->dy;
    if (!c->dx[0]) {
        return;
    }
    if (count == 0) {
        memcpy(c->dx[0], from, (size_t)c->y_count * sizeof *from);
    }
    for (int i = count - 1; i >= 0; i--) {
        float *to = i == 0 ? c->dx[0] : c->scratch + i % 2 * between;
        go_back(c, &list[i], from, to);
        from = to;
    }
}

static const mien_kernel kernel = {
    .forward = forward, .backward = backward, .scratch = scratch};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_resize = {
    .name = "resize",
    .summary = "Dimensions made longer or shorter",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(resize),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
