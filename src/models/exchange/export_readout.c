/* SPDX-License-Identifier: MIT */
/* A read-out as nodes of ONNX. In come a read-out's blocks and its frozen backbones
 * with their weights; out go the backbones up to the deepest layer that is read, once
 * for the picture and once for its mirror image where the model looks at both, their
 * pooled layers side by side, and the sums of the kernel over them. The sums are taken
 * in double, as mien takes them: coefficients of both signs nearly cancel. Called by
 * export.c. */
#include <string.h>

#include "models/exchange/export.h"

static const char *apply(
    mien_exporting *e, const char *op, const char *x, const char *y) {
    return mien_export_two(e, op, x, y);
}

/* ---- features -----------------------------------------------------------------------
 */

/* [n, 3, H, W] the other way round. */
static const char *mirrored(mien_exporting *e, const char *x) {
    int64_t start = -1, end = INT64_MIN + 1, axis = 3, step = -1;
    const char *of[] = {x, mien_export_ints(e, 1, &start), mien_export_ints(e, 1, &end),
        mien_export_ints(e, 1, &axis), mien_export_ints(e, 1, &step)};
    return mien_export_add(e, "Slice", NULL, of, 5, "");
}

/* Pictures as one backbone takes them, for another. */
static const char *renormalised(mien_exporting *e, const char *x,
    const mien_backbone *from, const mien_backbone *to) {
    const mien_preprocess p = from->preprocess(), q = to->preprocess();
    int64_t turned[] = {2, 1, 0}, three[] = {3, 1, 1};
    float factor[3], offset[3];
    for (int c = 0; c < 3; c++) {
        int s = p.bgr == q.bgr ? c : 2 - c;
        factor[c] = (float)(p.deviation[s] * q.scale / (p.scale * q.deviation[c]));
        offset[c] =
            (float)((p.mean[s] * q.scale / p.scale - q.mean[c]) / q.deviation[c]);
    }
    if (p.bgr != q.bgr) {
        x = mien_export_add(e, "Gather", NULL,
            (const char *[]){x, mien_export_ints(e, 3, turned)}, 2, "axis=1");
    }
    x = apply(e, "Mul", x, mien_export_numbers(e, 3, three, factor));
    return apply(e, "Add", x, mien_export_numbers(e, 3, three, offset));
}

/* Standard deviation of each channel over its places. */
static const char *deviations(mien_exporting *e, const char *x) {
    int64_t rows[] = {0, 0, -1};
    x = apply(e, "Reshape", x, mien_export_ints(e, 3, rows));
    x = apply(e, "Sub", x, mien_export_one(e, "ReduceMean", x, "axes=-1, keepdims=1"));
    x = apply(e, "Mul", x, x);
    return mien_export_one(
        e, "Sqrt", mien_export_one(e, "ReduceMean", x, "axes=-1, keepdims=0"), "");
}

/* One layer's values [n, values]. */
static const char *take(
    mien_exporting *e, const mien_extractor_part *p, int t, bool mirror) {
    const mien_tap *tap = &p->taps[t];
    const char *x = e->names[p->outputs[tap->output]];
    if (tap->deep) {
        e->status = mien_fail(MIEN_EUNSUPPORTED, "layer %s is of clips", tap->text);
        return "";
    }
    if (tap->pooling == MIEN_POOLING_SD) {
        return deviations(e, x);
    }
    bool map = tap->pooling == MIEN_POOLING_MAP || tap->pooling == MIEN_POOLING_GRID;
    x = map && mirror && tap->width > 1 ? mirrored(e, x) : x;
    return mien_export_one(e, "Flatten", x, "axis=1");
}

/* All layers of one backbone, of the picture x. */
static const char *add_view(mien_exporting *e, const mien_extractor_part *p,
    const char *x, const char *weights, bool mirror) {
    const char *list[256];
    mien_node outputs[256];
    const char *prefix =
        mien_export_text(e, "%s%s", weights, mirror ? "mirrored/" : "");
    if (p->taps_count > 256) {
        e->status = mien_fail(MIEN_ELIMIT, "more than 256 layers");
    }
    if (e->status != MIEN_OK ||
        mien_export_graph(e, p->graph, p->parameters, prefix, weights) != MIEN_OK) {
        return "";
    }
    for (int t = 0; t < p->taps_count; t++) {
        outputs[t] = p->outputs[p->taps[t].output];
    }
    if (!mirror) {
        mien_export_parameters(e, outputs, p->taps_count);
    }
    e->names[p->input] = mirror ? mirrored(e, x) : x;
    mien_export_nodes(e, outputs, p->taps_count);
    for (int t = 0; t < p->taps_count && e->status == MIEN_OK; t++) {
        list[t] = take(e, p, t, mirror);
    }
    return p->taps_count == 1 || e->status != MIEN_OK
               ? list[0]
               : mien_export_add(e, "Concat", NULL, list, p->taps_count, "axis=1");
}

/* Features [n, F] of all backbones. */
static const char *add_features(
    mien_exporting *e, const mien_extractor *extractor, const char *picture) {
    const mien_backbone *first = NULL;
    const char *list[8], *all = "";
    mien_extractor_part p;
    int count = 0;
    for (; e->status == MIEN_OK && mien_extractor_part_at(extractor, count, &p);
         count++) {
        first = first ? first : p.backbone;
        const char *x = count ? renormalised(e, picture, first, p.backbone) : picture;
        const char *weights = count ? mien_export_text(e, "%s/", p.backbone->name) : "";
        list[count] = add_view(e, &p, x, weights, false);
        if (p.mirror) {
            const char *back = add_view(e, &p, x, weights, true);
            list[count] = apply(e, "Mul", apply(e, "Add", list[count], back),
                mien_export_number(e, 0.5));
        }
    }
    if (e->status == MIEN_OK) {
        all = count == 1 ? list[0]
                         : mien_export_add(e, "Concat", NULL, list, count, "axis=1");
    }
    return all;
}

/* ---- sums ---------------------------------------------------------------------------
 */

/* A block's tensor in double, turned for a product if `turned`. */
static const char *values(mien_exporting *e, int block, const char *what, bool turned) {
    const char *x = mien_export_text(e, "block.%d.%s", block, what);
    x = turned ? mien_export_one(e, "Transpose", x, "perm=1,0,") : x;
    return mien_export_one(e, "Cast", x, "to=11");
}

/* What one block adds to every target [n, T], in double. */
static const char *add_block(
    mien_exporting *e, const mien_readout *r, int index, const char *features) {
    const mien_readout_block *b = &r->blocks[index];
    int64_t first = b->first, end = b->first + b->width, axis = 1;
    const char *of[] = {features, mien_export_ints(e, 1, &first),
        mien_export_ints(e, 1, &end), mien_export_ints(e, 1, &axis)};
    const char *u = mien_export_add(e, "Slice", NULL, of, 4, "");
    u = apply(e, "Sub", u, mien_export_text(e, "block.%d.mean", index));
    u = apply(e, "Mul", u, mien_export_text(e, "block.%d.scale", index));
    u = mien_export_one(e, "Cast", u, "to=11");
    if (b->unit) { /* a row that is shorter points nowhere */
        const char *length = mien_export_one(e, "ReduceL2", u, "axes=1, keepdims=1");
        u = apply(e, "Div", u, apply(e, "Max", length, mien_export_double(e, 1e-12)));
    }
    const char *z = apply(e, "MatMul", u, values(e, index, "vectors", true));
    if (b->gamma > 0) {
        z = apply(e, "Mul", z, mien_export_double(e, b->gamma));
        z = mien_export_one(e, "Exp", z, "");
    }
    return apply(e, "MatMul", z, values(e, index, "coefficient", true));
}

void mien_export_readout(
    mien_exporting *e, const mien_network *n, const mien_extractor *extractor) {
    const char *picture = mien_export_pixels(e, &n->architecture.inputs[0]);
    const char *features =
        e->status == MIEN_OK ? add_features(e, extractor, picture) : "";
    const char *sum = mien_export_one(e, "Cast", "readout.bias", "to=11");
    for (int b = 0; b < n->readout.blocks_count && e->status == MIEN_OK; b++) {
        sum = apply(e, "Add", add_block(e, &n->readout, b, features), sum);
    }
    sum = mien_export_one(e, "Cast", sum, "to=1");
    for (int64_t t = 0; t < n->targets_count && e->status == MIEN_OK; t++) {
        int64_t end = t + 1, axis = 1;
        const char *name = mien_export_text(e, "%s", n->targets[t].name);
        const char *of[] = {sum, mien_export_ints(e, 1, &t),
            mien_export_ints(e, 1, &end), mien_export_ints(e, 1, &axis)};
        mien_export_add(e, "Slice", name, of, 4, "");
        mien_export_output(e, name, 1);
    }
}
