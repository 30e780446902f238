/* SPDX-License-Identifier: MIT */
/* LSTM and GRU: one layer in one or both directions, from first states that are zero,
 * constants or computed. */
#include <string.h>

#include "models/exchange/import.h"

typedef struct recurrent {
    int gates;        /* 4 or 3 */
    const int *order; /* gate of the file for each of PyTorch's */
    int64_t directions, hidden, features, steps, items;
    const char *way;
} recurrent;

/* Activations, peepholes, lengths: only what everybody writes. */
static bool is_usual(mien_importing *im, const recurrent *r) {
    static const char *const lstm[] = {"Sigmoid", "Tanh", "Tanh"};
    static const char *const gru[] = {"Sigmoid", "Tanh"};
    const mien_onnx_attribute *a = mien_import_attribute(im, "activations");
    int each = r->gates == 4 ? 3 : 2;
    bool good = !a || (a->kind == MIEN_ONNX_TEXTS && a->count == each * r->directions);
    for (int i = 0; good && a && i < a->count; i++) {
        good = strcmp(a->texts[i], (r->gates == 4 ? lstm : gru)[i % each]) == 0;
    }
    return good && !mien_import_attribute(im, "clip") &&
           !mien_import_int(im, "input_forget", 0) && !mien_import_in(im, 7);
}

static bool is_zero(const mien_import_value *v) {
    bool zero = !v || v->constant;
    for (int64_t i = 0; zero && v && i < mien_import_values(v); i++) {
        zero = v->type == MIEN_IMPORT_FLOAT ? mien_import_floats(v)[i] == 0
                                            : mien_import_whole_numbers(v)[i] == 0;
    }
    return zero;
}

/* Every item has all steps. */
static bool is_full(const mien_import_value *v, int64_t steps) {
    bool full = !v || (v->constant && v->type != MIEN_IMPORT_FLOAT);
    for (int64_t i = 0; v && full && i < mien_import_values(v); i++) {
        full = mien_import_whole_numbers(v)[i] == steps;
    }
    return full;
}

/* Rows of a gate's block moved to PyTorch's order. */
static void fill_gates(mien_importing *im, mien_node y, const recurrent *r,
    const char *suffix, const float *from, int64_t width, bool matrix) {
    int64_t shape[2] = {r->gates * r->hidden, width};
    float *to = mien_import_fill_new(im, y, suffix, matrix ? 2 : 1, shape);
    int64_t block = r->hidden * width;
    for (int g = 0; to && g < r->gates; g++) {
        memcpy(to + g * block, from ? from + r->order[g] * block : to + g * block,
            (size_t)block * sizeof *to);
    }
}

static void fill(mien_importing *im, mien_node y, const recurrent *r) {
    static const char *const names[2][4] = {
        {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"},
        {"weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse",
            "bias_hh_l0_reverse"}};
    mien_import_value *w = mien_import_in(im, 1), *h = mien_import_in(im, 2),
                      *b = mien_import_in(im, 3);
    int64_t rows = r->gates * r->hidden;
    for (int d = 0; d < r->directions && im->status == MIEN_OK; d++) {
        fill_gates(im, y, r, names[d][0],
            mien_import_floats(w) + d * rows * r->features, r->features, true);
        fill_gates(im, y, r, names[d][1], mien_import_floats(h) + d * rows * r->hidden,
            r->hidden, true);
        for (int k = 0; k < 2; k++) {
            fill_gates(im, y, r, names[d][2 + k],
                b ? mien_import_floats(b) + (2 * d + k) * rows : NULL, 1, false);
        }
    }
}

/* Of parts [N, B, T, D, H] the last step of each direction, as output k [D, B, H]. */
static void give_last(
    mien_importing *im, int k, mien_node parts, const recurrent *r, bool batch_first) {
    int64_t t = r->steps, d = r->directions, b = r->items, h = r->hidden;
    mien_node last[2];
    for (int i = 0; i < d; i++) {
        bool back = i == 1 || strcmp(r->way, "reverse") == 0;
        int64_t at = back ? 0 : t - 1;
        mien_node one = d == 1 ? parts
                               : mien_import_one(im, "slice", parts,
                                     "axis=3 start=%d stop=%d", i, i + 1);
        one = t == 1 ? one
                     : mien_import_one(im, "slice", one, "axis=2 start=%lld stop=%lld",
                           (long long)at, (long long)at + 1);
        last[i] = mien_import_reshape(
            im, one, 3, batch_first ? (int64_t[]){b, 1, h} : (int64_t[]){1, b, h});
    }
    mien_node states =
        d == 1 ? last[0]
               : mien_import_add(im, "concat", last, 2, "axis=%d", batch_first ? 2 : 1);
    mien_import_give_whole(im, k, states, 3);
}

/* [N B, T, D H], or with the cells behind it [N B, T, 2 D H], to Y [T, D, B, H] (time
 * first), the last states and the last cells [D, B, H]. */
static void give(
    mien_importing *im, mien_node y, const recurrent *r, bool batch_first) {
    int64_t t = r->steps, d = r->directions, b = r->items, h = r->hidden;
    mien_node whole = mien_import_one(im, "split_steps", y, "steps=%lld", (long long)b);
    bool cells = mien_import_wanted(im, 2);
    for (int k = 0; k < (cells ? 2 : 1); k++) {
        mien_node own =
            cells ? mien_import_one(im, "slice", whole, "axis=3 start=%lld stop=%lld",
                        (long long)(k * d * h), (long long)((k + 1) * d * h))
                  : whole;
        mien_node parts = mien_import_reshape(im, own, 4, (int64_t[]){b, t, d, h});
        if (k == 0 && mien_import_wanted(im, 0)) {
            mien_import_give_whole(im, 0,
                mien_import_permute(
                    im, parts, batch_first ? (int[]){0, 1, 2, 3} : (int[]){1, 2, 0, 3}),
                4);
        }
        if (mien_import_wanted(im, 1 + k)) {
            give_last(im, 1 + k, parts, r, batch_first);
        }
    }
}

/* A first state [D, B, H] (batch_first: [B, D, H]) as [N B, D, H]; one that is left out
 * is zeros beside the other. */
static mien_node state_of(
    mien_importing *im, const recurrent *r, int k, bool batch_first) {
    mien_import_value *v = mien_import_in(im, k);
    int64_t b = r->items, d = r->directions;
    int64_t shape[3] = {b, d, r->hidden};
    mien_node state = -1;
    if (v && (v->rank != 3 || v->shape[0] != (batch_first ? b : d) ||
                 v->shape[1] != (batch_first ? d : b) || v->shape[2] != r->hidden)) {
        mien_import_fail(
            im, MIEN_ESHAPE, "its first states do not fit its input and weights");
    } else if (v) {
        state = mien_import_whole(im, v);
        state = batch_first ? state : mien_import_permute(im, state, (int[]){1, 0, 2});
    } else if (im->status == MIEN_OK) {
        char text[160];
        mien_node zeros = mien_import_add(im, "constant", NULL, 0, "shape=%s learns=no",
            mien_import_list(3, shape, text, sizeof text));
        mien_import_fill_new(im, zeros, "value", 3, shape);
        state = mien_import_one(im, "expand", zeros, "shape=%s", text);
    }
    return mien_import_one(im, "merge_steps", state, "%s", "");
}

/* What the layer reads: its input, and first states where one is not zero. */
static int read_inputs(mien_importing *im, const recurrent *r, mien_import_value *x,
    bool batch_first, mien_node *inputs) {
    int states = is_zero(mien_import_in(im, 5)) && is_zero(mien_import_in(im, 6)) ? 0
                 : r->gates == 4                                                  ? 2
                                                                                  : 1;
    char name[sizeof im->name];
    memcpy(name, im->name, sizeof name);
    for (int k = 0; k < states; k++) {
        inputs[1 + k] = state_of(im, r, 5 + k, batch_first);
    }
    memcpy(im->name, name, sizeof name); /* the states' constants have their own */
    im->named = 0;
    mien_node in = mien_import_whole(im, x);
    in = batch_first ? in : mien_import_permute(im, in, (int[]){1, 0, 2});
    inputs[0] = mien_import_one(im, "merge_steps", in, "%s", "");
    return 1 + states;
}

static void recurrent_row(mien_importing *im) {
    static const int lstm_order[] = {0, 2, 3, 1}; /* of i o f c: i f g o */
    static const int gru_order[] = {1, 0, 2};     /* of z r h: r z n */
    bool lstm = strcmp(im->at->row->how, "lstm") == 0;
    bool batch_first = mien_import_int(im, "layout", 0) != 0;
    mien_import_value *x = mien_import_in(im, 0), *b = mien_import_in(im, 3);
    mien_import_value *w = mien_import_constant(im, 1, "its weights");
    mien_import_value *h = mien_import_constant(im, 2, "its weights of the state");
    const char *direction = mien_import_text(im, "direction", "forward");
    if (!w || !h || !x || x->rank != 3 || w->rank != 3 || h->rank != 3 ||
        (b && !mien_import_constant(im, 3, "its bias"))) {
        mien_import_fail(im, MIEN_ESHAPE, "its input and weights have no 3 dimensions");
        return;
    }
    recurrent r = {.gates = lstm ? 4 : 3,
        .order = lstm ? lstm_order : gru_order,
        .directions = w->shape[0],
        .hidden = h->shape[2],
        .features = w->shape[2],
        .steps = x->shape[batch_first],
        .items = x->shape[!batch_first],
        .way = strcmp(direction, "bidirectional") == 0 ? "both" : direction};
    bool fits = (r.directions == 2) == (strcmp(r.way, "both") == 0) &&
                r.directions <= 2 && r.features == x->shape[2] &&
                w->shape[1] == r.gates * r.hidden && h->shape[1] == w->shape[1] &&
                h->shape[0] == r.directions &&
                (!b || mien_import_values(b) == 2 * r.directions * w->shape[1]);
    if (!fits) {
        mien_import_fail(im, MIEN_ESHAPE, "its weights do not fit its input");
        return;
    }
    if (!is_usual(im, &r) || !is_full(mien_import_in(im, 4), r.steps)) {
        mien_import_fail(
            im, MIEN_EUNSUPPORTED, "lengths, peepholes or other activations");
        return;
    }
    mien_node inputs[3];
    int count = read_inputs(im, &r, x, batch_first, inputs);
    mien_import_call(im, w);
    const char *reset = lstm ? ""
                        : mien_import_int(im, "linear_before_reset", 0)
                            ? " reset=after"
                            : " reset=before";
    mien_node y = mien_import_add(im, im->at->row->how, inputs, count,
        "hidden=%lld direction=%s%s%s", (long long)r.hidden, r.way, reset,
        mien_import_wanted(im, 2) ? " cells=yes" : "");
    fill(im, y, &r);
    give(im, y, &r, batch_first);
}

const mien_import_row mien_import_recurrent[] = {
    {"LSTM", NULL, recurrent_row, "lstm"},
    {"GRU", NULL, recurrent_row, "gru"},
    {0},
};
