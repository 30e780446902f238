/* SPDX-License-Identifier: MIT */
/* The questions that the rows of operators ask of the node at hand, and the way from
 * values to nodes of the graph. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "models/exchange/import.h"

void mien_import_fail(mien_importing *im, mien_status status, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (im->status == MIEN_OK) {
        im->status = mien_fail(status, "%s", text);
    }
}

/* ---- attributes
 * ------------------------------------------------------------------------ */

const mien_onnx_attribute *mien_import_attribute(
    const mien_importing *im, const char *name) {
    const mien_onnx_node *n = im->at->from;
    for (int i = 0; i < n->attributes_count; i++) {
        if (strcmp(n->attributes[i].name, name) == 0) {
            return &n->attributes[i];
        }
    }
    return NULL;
}

int64_t mien_import_int(const mien_importing *im, const char *name, int64_t usual) {
    const mien_onnx_attribute *a = mien_import_attribute(im, name);
    return a && a->kind == MIEN_ONNX_INT ? a->integer : usual;
}

double mien_import_number(const mien_importing *im, const char *name, double usual) {
    const mien_onnx_attribute *a = mien_import_attribute(im, name);
    return a && a->kind == MIEN_ONNX_FLOAT ? (double)a->number : usual;
}

const char *mien_import_text(
    const mien_importing *im, const char *name, const char *usual) {
    const mien_onnx_attribute *a = mien_import_attribute(im, name);
    return a && a->kind == MIEN_ONNX_TEXT ? a->text : usual;
}

int mien_import_ints(mien_importing *im, const char *name, int most, int64_t *ints) {
    const mien_onnx_attribute *a = mien_import_attribute(im, name);
    if (!a) {
        return -1;
    }
    if (a->kind != MIEN_ONNX_INTS || a->count > most) {
        mien_import_fail(
            im, MIEN_EFORMAT, "%s is no list of at most %d whole numbers", name, most);
        return -1;
    }
    memcpy(ints, a->ints, (size_t)a->count * sizeof *ints);
    return a->count;
}

/* ---- inputs
 * ----------------------------------------------------------------------------- */

int mien_import_count(const mien_importing *im) {
    return im->at->from->inputs_count;
}

mien_import_value *mien_import_in(const mien_importing *im, int k) {
    if (k >= im->at->from->inputs_count || im->at->in[k] < 0) {
        return NULL;
    }
    return &im->values[im->at->in[k]];
}

mien_import_value *mien_import_constant(mien_importing *im, int k, const char *what) {
    mien_import_value *v = mien_import_in(im, k);
    if (im->status == MIEN_OK && (!v || !v->constant)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "%s is %s", what,
            v ? "computed; only constants are taken over" : "missing");
    }
    return im->status == MIEN_OK ? v : NULL;
}

const float *mien_import_floats(const mien_import_value *v) {
    return v->constant->data;
}

const int64_t *mien_import_whole_numbers(const mien_import_value *v) {
    return v->constant->data;
}

int64_t mien_import_values(const mien_import_value *v) {
    return mien_shape_count(v->rank, v->shape);
}

double mien_import_scalar(const mien_import_value *v) {
    return v->type == MIEN_IMPORT_FLOAT ? (double)mien_import_floats(v)[0]
                                        : (double)mien_import_whole_numbers(v)[0];
}

int mien_import_in_ints(mien_importing *im, int k, int most, int64_t *ints) {
    mien_import_value *v = mien_import_in(im, k);
    if (!v || im->status != MIEN_OK) {
        return -1;
    }
    v = mien_import_constant(im, k, "a list that says where or how many");
    if (!v) {
        return -1;
    }
    if (v->type == MIEN_IMPORT_FLOAT || mien_import_values(v) > most) {
        mien_import_fail(im, MIEN_EFORMAT, "%s is no list of at most %d whole numbers",
            v->name, most);
        return -1;
    }
    int count = (int)mien_import_values(v);
    memcpy(ints, mien_import_whole_numbers(v), (size_t)count * sizeof *ints);
    return count;
}

int mien_import_either(
    mien_importing *im, const char *name, int k, int most, int64_t *ints) {
    int count = mien_import_ints(im, name, most, ints);
    return count >= 0 ? count : mien_import_in_ints(im, k, most, ints);
}

bool mien_import_wanted(const mien_importing *im, int k) {
    return k < im->at->from->outputs_count && im->at->out[k] >= 0 &&
           im->values[im->at->out[k]].readers > 0;
}

int mien_import_axis(mien_importing *im, int64_t axis, int rank) {
    int64_t at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
        mien_import_fail(
            im, MIEN_EFORMAT, "axis %lld of %d dimensions", (long long)axis, rank);
        return 0;
    }
    return (int)at;
}

const char *mien_import_list(
    int count, const int64_t *values, char *buffer, size_t size) {
    size_t at = 0;
    buffer[0] = '\0';
    for (int i = 0; i < count && at < size; i++) {
        at += (size_t)snprintf(
            buffer + at, size - at, "%s%lld", i ? "," : "", (long long)values[i]);
    }
    return buffer;
}

/* ---- adding operators
 * --------------------------------------------------------------------- */

/* A name that no node has yet. */
static void take_name(mien_importing *im, char *name, size_t size) {
    if (im->named++ == 0 && mien_graph_find(im->graph, im->name) < 0) {
        snprintf(name, size, "%s", im->name);
        return;
    }
    for (int i = 1;; i++) {
        snprintf(name, size, "%s~%d", im->name, i);
        if (mien_graph_find(im->graph, name) < 0) {
            return;
        }
    }
}

static mien_node add_text(mien_importing *im, const char *op, const mien_node *inputs,
    int count, const char *options) {
    mien_node node = -1;
    char name[600];
    for (int i = 0; i < count; i++) {
        if (inputs[i] < 0 && im->status == MIEN_OK) {
            mien_import_fail(im, MIEN_EFORMAT, "an input of it is not there");
        }
    }
    if (im->status != MIEN_OK) {
        return -1;
    }
    take_name(im, name, sizeof name);
    im->status = mien_graph_add(im->graph, op, name, inputs, count, options, &node);
    return im->status == MIEN_OK ? node : -1;
}

static mien_node add(mien_importing *im, const char *op, const mien_node *inputs,
    int count, const char *format, va_list list) {
    char text[512];
    if (vsnprintf(text, sizeof text, format, list) >= (int)sizeof text) {
        mien_import_fail(im, MIEN_ELIMIT, "its settings are too long");
    }
    return add_text(im, op, inputs, count, text);
}

mien_node mien_import_gather(
    mien_importing *im, mien_node x, int axis, const char *places) {
    mien_string text;
    mien_node node = -1;
    mien_string_init(&text);
    mien_string_addf(&text, "axis=%d places=%s", axis, places);
    if (mien_string_status(&text) == MIEN_OK) {
        node = add_text(im, "gather", &x, 1, text.text);
    } else {
        im->status = MIEN_ENOMEM;
    }
    mien_string_clear(&text);
    return node;
}

mien_node mien_import_add(mien_importing *im, const char *op, const mien_node *inputs,
    int count, const char *format, ...) {
    va_list list;
    va_start(list, format);
    mien_node node = add(im, op, inputs, count, format, list);
    va_end(list);
    return node;
}

mien_node mien_import_one(
    mien_importing *im, const char *op, mien_node x, const char *format, ...) {
    va_list list;
    va_start(list, format);
    mien_node node = add(im, op, &x, 1, format, list);
    va_end(list);
    return node;
}

/* One dimension that is too long to be written stands as "the rest". */
#define LONG_SIDE 65536

mien_node mien_import_reshape(
    mien_importing *im, mien_node x, int rank, const int64_t *shape) {
    int64_t dims[MIEN_RANK_MAX] = {1};
    char text[160];
    bool free = false;
    for (int d = 0; d < rank; d++) {
        free = free || shape[d] < 0;
    }
    for (int d = 0; d < rank; d++) {
        dims[d] = shape[d];
        if (dims[d] > LONG_SIDE && !free) {
            dims[d] = -1;
            free = true;
        }
    }
    return mien_import_one(im, "reshape", x, "shape=%s",
        mien_import_list(rank ? rank : 1, dims, text, sizeof text));
}

mien_node mien_import_permute(mien_importing *im, mien_node x, const int *order) {
    int64_t shape[MIEN_RANK_MAX], turned[MIEN_RANK_MAX], places[MIEN_RANK_MAX] = {0};
    int rank = im->status == MIEN_OK ? mien_graph_shape(im->graph, x, shape) : 0;
    bool still = true;
    int last = -1;
    char text[64];
    for (int d = 1; d < rank; d++) {
        int from = order[d - 1] + 1;
        turned[d - 1] = shape[from];
        places[d] = from;
        if (shape[from] != 1) {
            still = still && from > last;
            last = from;
        }
    }
    return still ? mien_import_reshape(im, x, rank - 1, turned)
                 : mien_import_one(im, "permute", x, "order=%s",
                       mien_import_list(rank, places, text, sizeof text));
}

/* ---- values to nodes
 * ------------------------------------------------------------------------ */

mien_node mien_import_constant_node(mien_importing *im, const mien_import_value *v,
    int rank, const int64_t *shape, bool learns) {
    char text[160];
    int64_t one = 1;
    if (im->status != MIEN_OK) {
        return -1;
    }
    int64_t count = mien_import_values(v);
    mien_import_call(im, v);
    mien_node node = mien_import_add(im, "constant", NULL, 0, "shape=%s learns=%s",
        mien_import_list(rank ? rank : 1, rank ? shape : &one, text, sizeof text),
        learns && v->type == MIEN_IMPORT_FLOAT && count > 1 ? "yes" : "no");
    float *values =
        mien_import_fill_new(im, node, "value", rank ? rank : 1, rank ? shape : &one);
    for (int64_t i = 0; values && i < count; i++) {
        values[i] = v->type == MIEN_IMPORT_FLOAT
                        ? mien_import_floats(v)[i]
                        : (float)mien_import_whole_numbers(v)[i];
    }
    return node;
}

/* A constant that stands where a computed value is wanted: the same for every item. */
static mien_node spread(mien_importing *im, const mien_import_value *v) {
    char text[160];
    int64_t one = 1;
    int rank = v->rank ? v->rank : 1;
    const int64_t *shape = v->rank ? v->shape : &one;
    mien_node node = mien_import_constant_node(im, v, rank, shape, true);
    return mien_import_one(im, "expand", node, "shape=%s",
        mien_import_list(rank, shape, text, sizeof text));
}

static bool given(mien_importing *im, const mien_import_value *v) {
    if (im->status == MIEN_OK && (!v || !v->known)) {
        mien_import_fail(im, MIEN_EFORMAT, "an input of it is not there");
    }
    return im->status == MIEN_OK;
}

mien_node mien_import_whole(mien_importing *im, mien_import_value *v) {
    if (!given(im, v)) {
        return -1;
    }
    if (v->whole < 0 && v->constant) {
        v->whole = spread(im, v);
    } else if (v->whole < 0 && v->shape[0] == 1) {
        v->whole = mien_import_reshape(im, v->rows, v->rank, v->shape);
    } else if (v->whole < 0) {
        v->whole = mien_import_one(
            im, "split_steps", v->rows, "steps=%lld", (long long)v->shape[0]);
    }
    return v->whole;
}

mien_node mien_import_rows(mien_importing *im, mien_import_value *v) {
    if (!given(im, v)) {
        return -1;
    }
    if (v->rows < 0 && v->rank < 2) {
        mien_import_fail(im, MIEN_ESHAPE, "%s has %d dimensions", v->name, v->rank);
        return -1;
    }
    if (v->rows < 0) {
        mien_node whole = mien_import_whole(im, v);
        v->rows = v->shape[0] == 1
                      ? mien_import_reshape(im, whole, v->rank - 1, v->shape + 1)
                      : mien_import_one(im, "merge_steps", whole, "%s", "");
    }
    return v->rows;
}

mien_node mien_import_any(mien_importing *im, mien_import_value *v, bool *rows) {
    *rows = v && v->rows >= 0;
    return *rows ? v->rows : mien_import_whole(im, v);
}

/* ---- results
 * -----------------------------------------------------------------------------------
 */

static mien_import_value *result(mien_importing *im, int k) {
    if (im->status != MIEN_OK || k >= im->at->from->outputs_count ||
        im->at->out[k] < 0) {
        return NULL;
    }
    mien_import_value *v = &im->values[im->at->out[k]];
    v->known = true;
    return v;
}

void mien_import_give(mien_importing *im, int k, mien_node node, bool rows, int rank) {
    mien_import_value *v = result(im, k);
    if (!v) {
        return;
    }
    int64_t shape[MIEN_RANK_MAX];
    int own = mien_graph_shape(im->graph, node, shape);
    v->rank = rows ? own : rank;
    if (rows) {
        memcpy(v->shape, shape, (size_t)own * sizeof *shape);
        v->shape[0] = -shape[0];
        v->rows = node;
    } else {
        memcpy(v->shape, shape + 1, (size_t)(own - 1) * sizeof *shape);
        v->whole = node;
    }
}

void mien_import_give_whole(mien_importing *im, int k, mien_node node, int rank) {
    mien_import_give(im, k, node, false, rank);
}

void mien_import_give_rows(mien_importing *im, int k, mien_node node) {
    mien_import_give(im, k, node, true, 0);
}

void mien_import_give_constant(
    mien_importing *im, int k, mien_tensor *tensor, mien_import_type type) {
    mien_import_value *v = result(im, k);
    if (v && tensor) {
        v->constant = tensor;
        v->type = type;
        v->rank = tensor->rank;
        memcpy(v->shape, tensor->shape, sizeof v->shape);
    }
}

void mien_import_give_same(mien_importing *im, int k, const mien_import_value *v) {
    mien_import_value *own = result(im, k);
    if (own && given(im, v)) {
        mien_import_value keep = *own;
        *own = *v;
        own->name = keep.name;
        own->readers = keep.readers;
        own->maker = keep.maker;
    }
}

/* ---- parameters
 * -----------------------------------------------------------------------------------
 */

static bool ends(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

void mien_import_call(mien_importing *im, const mien_import_value *weights) {
    static const char *const endings[] = {".weight", ".kernel", "/kernel:0"};
    if (!weights->stored || !weights->name[0]) {
        return;
    }
    size_t length = strlen(weights->name);
    for (int i = 0; i < 3; i++) {
        if (ends(weights->name, endings[i])) {
            length -= strlen(endings[i]);
            break;
        }
    }
    if (length < sizeof im->name) {
        memcpy(im->name, weights->name, length);
        im->name[length] = '\0';
        im->named = 0;
    }
}

void mien_import_fill_with(
    mien_importing *im, mien_node node, const char *suffix, mien_tensor *tensor) {
    if (im->status == MIEN_OK && im->fills_count == im->fills_capacity) {
        int more = im->fills_capacity ? 2 * im->fills_capacity : 256;
        mien_import_fill *grown = mien_realloc(
            im->fills, (size_t)im->fills_count, (size_t)more, sizeof *im->fills);
        if (grown) {
            im->fills = grown;
            im->fills_capacity = more;
        } else {
            im->status = MIEN_ENOMEM;
        }
    }
    if (im->status == MIEN_OK) {
        im->fills[im->fills_count++] = (mien_import_fill){node, suffix, tensor};
    }
}

float *mien_import_fill_new(mien_importing *im, mien_node node, const char *suffix,
    int rank, const int64_t *shape) {
    mien_tensor *tensor = NULL;
    if (im->status == MIEN_OK) {
        im->status = mien_tensor_new(MIEN_F32, rank, shape, &tensor);
    }
    if (im->status == MIEN_OK) {
        im->status = mien_onnx_keep(im->m, tensor);
    }
    if (im->status == MIEN_OK) {
        mien_import_fill_with(im, node, suffix, tensor);
    }
    return im->status == MIEN_OK ? tensor->data : NULL;
}

void mien_import_fill_copy(mien_importing *im, mien_node node, const char *suffix,
    const mien_import_value *v) {
    if (im->status == MIEN_OK) {
        mien_import_fill_with(im, node, suffix, v->constant);
    }
}

mien_tensor *mien_import_tensor(
    mien_importing *im, mien_dtype dtype, int rank, const int64_t *shape) {
    mien_tensor *tensor = NULL;
    int64_t count = im->status == MIEN_OK ? mien_shape_count(rank, shape) : -1;
    if (im->status == MIEN_OK &&
        (count < 0 || count > (MIEN_IMPORT_FOLDED_MAX - im->folded) / 8)) {
        mien_import_fail(im, MIEN_ELIMIT, "what it folds to takes more than %lld MiB",
            (long long)(MIEN_IMPORT_FOLDED_MAX >> 20));
    }
    if (im->status == MIEN_OK) {
        im->folded += 8 * count;
        im->status = mien_tensor_new(dtype, rank, shape, &tensor);
    }
    if (im->status == MIEN_OK) {
        im->status = mien_onnx_keep(im->m, tensor);
    }
    return im->status == MIEN_OK ? tensor : NULL;
}
