/* SPDX-License-Identifier: MIT */
/* Where an exported network is entered and left. In come the model's inputs and
 * targets; out go nodes that make of bytes and of rows as they were measured what the
 * network reads, and of its outputs the targets' values by their names. Called by
 * export.c and export_readout.c. */
#include <math.h>
#include <string.h>

#include "models/exchange/export.h"

/* ---- inputs ------------------------------------------------------------------------
 */

static void add_value(mien_onnx_value *list, int *count, const char *name,
    mien_dtype dtype, int rank, const int64_t *shape) {
    mien_onnx_value *v = &list[(*count)++];
    *v = (mien_onnx_value){.name = name, .dtype = dtype, .rank = rank};
    for (int d = 0; d < rank; d++) {
        v->shape[d] = shape[d];
    }
    v->shape[0] = -1;
    v->dimension[0] = "n";
}

static const char *apply(mien_exporting *e, const char *op, const char *x,
    const char *y, const char *output) {
    return mien_export_add(e, op, output, (const char *[]){x, y}, 2, "");
}

/* Three channels of luma in whole numbers, as mien_preprocess has it: every sum is
 * below 2²⁴, so that floats hold it. */
static const char *add_luma(mien_exporting *e, const char *x) {
    const float weights[] = {19595, 38470, 7471};
    int64_t three[] = {3, 1, 1}, axis = 1;
    x = apply(e, "Mul", x, mien_export_numbers(e, 3, three, weights), NULL);
    x = apply(e, "ReduceSum", x, mien_export_ints(e, 1, &axis), NULL);
    x = apply(e, "Add", x, mien_export_number(e, 32768), NULL);
    x = apply(e, "Mul", x, mien_export_number(e, 1.0 / 65536), NULL);
    x = mien_export_add(e, "Floor", NULL, &x, 1, "");
    return mien_export_add(e, "Concat", NULL, (const char *[]){x, x, x}, 3, "axis=1");
}

/* Bytes [n, H, W, 3], red first, to what the network reads [n, 3, H, W]. */
const char *mien_export_pixels(mien_exporting *e, const mien_input *input) {
    mien_preprocess p;
    int64_t three[] = {3, 1, 1}, turned[] = {2, 1, 0};
    float mean[3], deviation[3];
    e->status = mien_input_preprocess(input, &p);
    int64_t shape[] = {-1, p.crop_height, p.crop_width, 3};
    if (e->status == MIEN_OK && (shape[1] < 1 || shape[2] < 1)) {
        e->status = mien_fail(MIEN_EUNSUPPORTED, "its pictures may have any size");
    }
    if (e->status != MIEN_OK) {
        return "";
    }
    for (int c = 0; c < 3; c++) {
        mean[c] = (float)p.mean[c];
        deviation[c] = (float)p.deviation[c];
    }
    const char *name = mien_export_text(e, "%s", input->name);
    add_value(e->m->inputs, &e->m->inputs_count, name, MIEN_U8, 4, shape);
    const char *x = mien_export_add(e, "Cast", NULL, &name, 1, "to=1");
    x = mien_export_add(e, "Transpose", NULL, &x, 1, "perm=0,3,1,2,");
    x = p.grey ? add_luma(e, x) : x;
    if (p.bgr) {
        x = mien_export_add(e, "Gather", NULL,
            (const char *[]){x, mien_export_ints(e, 3, turned)}, 2, "axis=1");
    }
    x = apply(e, "Mul", x, mien_export_number(e, p.scale), NULL);
    x = apply(e, "Sub", x, mien_export_numbers(e, 3, three, mean), NULL);
    return apply(e, "Div", x, mien_export_numbers(e, 3, three, deviation), NULL);
}

/* 1 where the item of input i is there, as conditions [n, T, 1, …] of the input's rank.
 */
static const char *add_seen(
    mien_exporting *e, const char *mask, int64_t steps, int64_t i, int rank) {
    int64_t shape[MIEN_RANK_MAX], end = i + 1, axis = -1;
    for (int d = 0; d < rank; d++) {
        shape[d] = d == 0 ? -1 : d == 1 ? steps : 1;
    }
    const char *parts[] = {mask, mien_export_ints(e, 1, &i),
        mien_export_ints(e, 1, &end), mien_export_ints(e, 1, &axis)};
    const char *own = mien_export_add(e, "Slice", NULL, parts, 4, "");
    own = apply(e, "Reshape", own, mien_export_ints(e, rank, shape), NULL);
    return mien_export_add(e, "Cast", NULL, &own, 1, "to=9");
}

/* Rows as they are measured, standardised where the network wants it. */
static const char *add_row(
    mien_exporting *e, const mien_network *n, int i, mien_node node, const char *mask) {
    const mien_input *input = &n->architecture.inputs[i];
    const mien_standard *s = &n->standard[i];
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(e->graph, node, shape);
    const char *name = mien_export_text(e, "%s", input->name);
    const char *x = name;
    add_value(e->m->inputs, &e->m->inputs_count, name, MIEN_F32, rank, shape);
    if (input->standardise && s->mean) {
        const char *of[3];
        static const char *const parts[] = {"mean", "scale", "fill"};
        for (int k = 0; k < 3; k++) {
            of[k] = mien_export_text(e, MIEN_STANDARD "%s.%s", input->name, parts[k]);
        }
        if (s->fill) {
            const char *gap = mien_export_add(e, "IsNaN", NULL, &x, 1, "");
            x = mien_export_add(
                e, "Where", NULL, (const char *[]){gap, of[2], x}, 3, "");
        }
        x = apply(e, "Mul", apply(e, "Sub", x, of[0], NULL), of[1], NULL);
    }
    if (mask) {
        const char *seen =
            add_seen(e, mask, mien_architecture_steps(&n->architecture), i, rank);
        x = mien_export_add(e, "Where", NULL,
            (const char *[]){seen, x, mien_export_number(e, 0)}, 3, "");
    }
    return x;
}

/* A mask is an input of its own. */
static const char *add_mask(mien_exporting *e, mien_node node) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(e->graph, node, shape);
    const char *name = mien_export_text(e, "%s", mien_graph_name(e->graph, node));
    add_value(e->m->inputs, &e->m->inputs_count, name, MIEN_F32, rank, shape);
    return e->names[node] = name;
}

void mien_export_inputs(
    mien_exporting *e, const mien_network *n, const mien_network_nodes *nodes) {
    const mien_architecture *a = &n->architecture;
    const char *mask = nodes->mask >= 0 ? mien_graph_name(e->graph, nodes->mask) : NULL;
    for (int i = 0; i < a->inputs_count && e->status == MIEN_OK; i++) {
        mien_node node = nodes->inputs[i];
        int64_t shape[MIEN_RANK_MAX];
        bool picture = mien_input_is_picture(&a->inputs[i]);
        if (picture && (mien_graph_shape(e->graph, node, shape) != 4 || mask)) {
            e->status = mien_fail(MIEN_EUNSUPPORTED,
                "pictures that may be missing, or several of a row: input %s",
                a->inputs[i].name);
            return;
        }
        e->names[node] = picture ? mien_export_pixels(e, &a->inputs[i])
                                 : add_row(e, n, i, node, mask);
    }
    if (mask) {
        add_mask(e, nodes->mask);
    }
    for (int i = 0; i < a->inputs_count; i++) {
        if (nodes->seen[i] >= 0) {
            add_mask(e, nodes->seen[i]);
        }
    }
}

/* ---- outputs -----------------------------------------------------------------------
 */

void mien_export_output(mien_exporting *e, const char *name, int64_t width) {
    int64_t shape[] = {-1, width};
    add_value(e->m->outputs, &e->m->outputs_count, name, MIEN_F32, 2, shape);
}

/* Columns [first, first + count). */
static const char *columns(mien_exporting *e, const char *x, int64_t first,
    int64_t count, const char *output) {
    int64_t end = first + count, axis = 1;
    const char *parts[] = {x, mien_export_ints(e, 1, &first),
        mien_export_ints(e, 1, &end), mien_export_ints(e, 1, &axis)};
    return mien_export_add(e, "Slice", output, parts, 4, "");
}

/* K ordered classes of K - 1 logits: P(class > k) is the product of sigmoids up to k.
 */
static void add_ordered(mien_exporting *e, const mien_target *t, const char *all,
    int64_t first, double temperature) {
    const char *name = mien_export_text(e, "%s", t->name);
    const char *list[MIEN_CLASSES_MAX], *above = mien_export_number(e, 1);
    const char *z = columns(e, all, first, t->classes_count - 1, NULL);
    if (temperature > 0) {
        z = apply(e, "Mul", z, mien_export_number(e, 1 / temperature), NULL);
    }
    const char *s = mien_export_add(e, "Sigmoid", NULL, &z, 1, "");
    for (int k = 0; k + 1 < t->classes_count; k++) {
        const char *more = columns(e, s, k, 1, NULL);
        more = k ? apply(e, "Mul", above, more, NULL) : more;
        list[k] = apply(e, "Sub", above, more, NULL);
        above = more;
    }
    list[t->classes_count - 1] = above;
    mien_export_add(e, "Concat", name, list, t->classes_count, "axis=1");
    mien_export_output(e, name, t->classes_count);
}

static void add_target(mien_exporting *e, const mien_target *t, const char *all,
    int64_t first, double temperature) {
    int64_t count = mien_target_outputs(t);
    const char *name = mien_export_text(e, "%s", t->name);
    if (t->link == MIEN_LINK_CORN) {
        add_ordered(e, t, all, first, temperature);
        return;
    }
    if (t->link == MIEN_LINK_SOFTMAX) {
        const char *logits = mien_export_text(e, "%s_logits", t->name);
        if (temperature > 0) {
            apply(e, "Mul", columns(e, all, first, count, NULL),
                mien_export_number(e, 1 / temperature), logits);
        } else {
            columns(e, all, first, count, logits);
        }
        mien_export_add(e, "Softmax", name, &logits, 1, "axis=-1");
        mien_export_output(e, name, count);
        mien_export_output(e, logits, count);
        return;
    }
    const char *value = columns(e, all, first, 1, NULL);
    double half = (t->maximum - t->minimum) / 2;
    value = apply(e, "Mul", value, mien_export_number(e, half), NULL);
    apply(e, "Add", value, mien_export_number(e, t->minimum + half), name);
    mien_export_output(e, name, 1);
}

void mien_export_targets(mien_exporting *e, const mien_network *n, const char *all) {
    int64_t first = 0;
    for (int t = 0; t < n->targets_count && e->status == MIEN_OK; t++) {
        add_target(e, &n->targets[t], all, first, n->after.temperature[t]);
        first += mien_target_outputs(&n->targets[t]);
    }
}
