/* SPDX-License-Identifier: MIT */
/* Groups of nodes that exporters write for one function, put in one: x σ(x), hard
 * swish, Mish, GELU and a product with its bias. Nothing changes but the speed, and
 * that Mish is as exact as one step is: what is not recognised is taken over node by
 * node. */
#include <math.h>
#include <string.h>

#include "models/exchange/import.h"

/* ---- looking around
 * ------------------------------------------------------------------- */

/* The node that gives input k of a node, if it is of this operator and nobody else
 * reads what it gives; NULL else. */
static mien_import_node *giver(
    const mien_importing *im, const mien_import_node *n, int k, const char *op) {
    const mien_import_value *v =
        k < n->from->inputs_count && n->in[k] >= 0 ? &im->values[n->in[k]] : NULL;
    mien_import_node *g = v && v->maker >= 0 ? &im->nodes[v->maker] : NULL;
    bool good = g && !g->gone && v->readers == 1 && strcmp(g->from->op, op) == 0 &&
                g->from->outputs_count == 1;
    return good ? g : NULL;
}

/* One number that stands in the file. */
static bool is_number(
    const mien_importing *im, const mien_import_node *n, int k, double want) {
    const mien_import_value *v =
        k < n->from->inputs_count && n->in[k] >= 0 ? &im->values[n->in[k]] : NULL;
    const mien_tensor *t = v ? v->constant : NULL;
    if (v && !t && v->maker >= 0) {
        const mien_onnx_node *from = im->nodes[v->maker].from;
        bool constant =
            strcmp(from->op, "Constant") == 0 && from->attributes_count == 1;
        t = constant ? from->attributes[0].tensor : NULL;
    }
    return t && t->dtype == MIEN_F32 && mien_tensor_count(t) == 1 &&
           fabs((double)((const float *)t->data)[0] - want) <= 2e-6 * fabs(want);
}

static bool same_input(
    const mien_import_node *a, int i, const mien_import_node *b, int k) {
    return i < a->from->inputs_count && k < b->from->inputs_count && a->in[i] >= 0 &&
           a->in[i] == b->in[k];
}

static void leave_out(mien_import_node *n) {
    n->gone = true;
}

/* Puts another operator over these values in the node's place. */
static void replace(mien_importing *im, mien_import_node *n, const char *op,
    const int *values, int count) {
    mien_onnx_node *own = mien_arena_alloc(im->m->arena, 1, sizeof *own);
    int *in = mien_arena_alloc(im->m->arena, (size_t)count, sizeof *in);
    const char **names = mien_arena_alloc(im->m->arena, (size_t)count, sizeof *names);
    if (!own || !in || !names) {
        im->status = MIEN_ENOMEM;
        return;
    }
    *own = *n->from;
    own->op = op;
    own->attributes_count = 0;
    own->inputs_count = count;
    own->inputs = names;
    for (int i = 0; i < count; i++) {
        in[i] = values[i];
        names[i] = im->values[values[i]].name;
    }
    n->from = own;
    n->in = in;
    n->row = mien_import_find(op);
}

/* ---- x times a gate of x
 * -------------------------------------------------------------------- */

static bool is_sixth(const mien_import_node *gate) {
    double alpha = 0.2, beta = 0.5;
    for (int i = 0; i < gate->from->attributes_count; i++) {
        const mien_onnx_attribute *a = &gate->from->attributes[i];
        alpha = strcmp(a->name, "alpha") == 0 ? (double)a->number : alpha;
        beta = strcmp(a->name, "beta") == 0 ? (double)a->number : beta;
    }
    return fabs(alpha - 1.0 / 6) < 1e-6 && beta == 0.5;
}

static bool gated(mien_importing *im, mien_import_node *n) {
    for (int k = 0; k < 2; k++) {
        mien_import_node *soft = giver(im, n, k, "Sigmoid");
        mien_import_node *hard = giver(im, n, k, "HardSigmoid");
        mien_import_node *gate = soft ? soft : hard;
        if (gate && same_input(gate, 0, n, 1 - k) && (soft || is_sixth(hard))) {
            int x = n->in[1 - k];
            leave_out(gate);
            replace(im, n, soft ? "mien.silu" : "HardSwish", &x, 1);
            return true;
        }
        mien_import_node *tanh = giver(im, n, k, "Tanh");
        mien_import_node *plus = tanh ? giver(im, tanh, 0, "Softplus") : NULL;
        if (plus && same_input(plus, 0, n, 1 - k)) {
            int x = n->in[1 - k];
            leave_out(tanh);
            leave_out(plus);
            replace(im, n, "Mish", &x, 1);
            return true;
        }
    }
    return false;
}

/* ---- GELU
 * ---------------------------------------------------------------------------------------
 */

/* 1 + erf(x / √2) as input k of a node: its parts, and x. */
typedef struct bell {
    mien_import_node *sum, *erf, *scaled;
} bell;

static bool find_bell(
    const mien_importing *im, const mien_import_node *n, int k, bell *b) {
    b->sum = giver(im, n, k, "Add");
    for (int i = 0; b->sum && i < 2; i++) {
        b->erf = giver(im, b->sum, i, "Erf");
        if (!b->erf || !is_number(im, b->sum, 1 - i, 1)) {
            continue;
        }
        b->scaled = giver(im, b->erf, 0, "Div");
        if (b->scaled && is_number(im, b->scaled, 1, sqrt(2))) {
            return true;
        }
        b->scaled = giver(im, b->erf, 0, "Mul");
        return b->scaled && is_number(im, b->scaled, 1, sqrt(0.5));
    }
    return false;
}

static void put_gelu(
    mien_importing *im, mien_import_node *n, const bell *b, mien_import_node *other) {
    int x = b->scaled->in[0];
    leave_out(b->sum);
    leave_out(b->erf);
    leave_out(b->scaled);
    leave_out(other);
    replace(im, n, "mien.gelu", &x, 1);
}

static bool gelu(mien_importing *im, mien_import_node *n) {
    bell b;
    for (int k = 0; k < 2; k++) {
        mien_import_node *inner = giver(im, n, k, "Mul");
        for (int i = 0; inner && i < 2; i++) {
            /* (x · bell) · ½ */
            if (is_number(im, n, 1 - k, 0.5) && find_bell(im, inner, i, &b) &&
                same_input(inner, 1 - i, b.scaled, 0)) {
                put_gelu(im, n, &b, inner);
                return true;
            }
            /* (x · ½) · bell */
            if (is_number(im, inner, i, 0.5) && find_bell(im, n, 1 - k, &b) &&
                same_input(inner, 1 - i, b.scaled, 0)) {
                put_gelu(im, n, &b, inner);
                return true;
            }
        }
    }
    return false;
}

/* ---- a product with its bias
 * ------------------------------------------------------------------------ */

/* The value that a chain of Identity begins with: exporters write one number of equal
 * constants, and the others as copies of it. */
static int origin_of(const mien_importing *im, int value) {
    const mien_import_value *v = value < 0 ? NULL : &im->values[value];
    while (v && !v->constant && v->maker >= 0 &&
           strcmp(im->nodes[v->maker].from->op, "Identity") == 0 &&
           im->nodes[v->maker].in[0] >= 0) {
        value = im->nodes[v->maker].in[0];
        v = &im->values[value];
    }
    return value;
}

static bool biased(mien_importing *im, mien_import_node *n) {
    for (int k = 0; k < 2; k++) {
        mien_import_node *product = giver(im, n, k, "MatMul");
        int bias = n->from->inputs_count == 2 ? origin_of(im, n->in[1 - k]) : -1;
        if (!product || bias < 0 || product->from->inputs_count != 2 ||
            product->in[0] < 0 || product->in[1] < 0) {
            continue;
        }
        int weight = origin_of(im, product->in[1]);
        const mien_import_value *x = &im->values[product->in[0]];
        const mien_import_value *w = &im->values[weight], *b = &im->values[bias];
        if (!x->constant && w->constant && b->constant && w->rank == 2 &&
            b->rank == 1 && w->type == MIEN_IMPORT_FLOAT &&
            b->type == MIEN_IMPORT_FLOAT && b->shape[0] == w->shape[1]) {
            leave_out(product);
            replace(im, n, "MatMul", (const int[]){product->in[0], weight, bias}, 3);
            return true;
        }
    }
    return false;
}

void mien_import_rewrite(mien_importing *im) {
    for (int i = 0; im->status == MIEN_OK && i < im->m->nodes_count; i++) {
        mien_import_node *n = &im->nodes[i];
        if (n->gone || n->from->outputs_count != 1) {
            continue;
        }
        if (strcmp(n->from->op, "Mul") == 0 && n->from->inputs_count == 2 &&
            !gelu(im, n)) {
            gated(im, n);
        } else if (strcmp(n->from->op, "Add") == 0) {
            biased(im, n);
        }
    }
}
