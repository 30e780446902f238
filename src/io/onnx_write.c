/* SPDX-License-Identifier: MIT */
/* Writes ONNX files: the plain lists as protobuf-c's structs, which lend their values,
 * then as bytes. */
#include <string.h>

#include "io/onnx.h"
#include "onnx.pb-c.h"

#define FILE_MAX (((size_t)1 << 31) - 1)

/* The state of one call; memory is the arena's. */
typedef struct writing {
    mien_arena *arena;
    bool failed;
} writing;

static void *room(writing *w, size_t count, size_t size) {
    void *memory = mien_arena_alloc(w->arena, count + 1, size);
    w->failed = w->failed || !memory;
    return memory;
}

static char *text_of(const char *text) {
    return text && *text ? (char *)text : NULL; /* lent: packing only reads */
}

static MienWire__Tensor *make_tensor(
    writing *w, const char *name, const mien_tensor *tensor) {
    MienWire__Tensor *t = room(w, 1, sizeof *t);
    int64_t *dims = room(w, (size_t)tensor->rank, sizeof *dims);
    if (!t || !dims) {
        return NULL;
    }
    mien_wire__tensor__init(t);
    memcpy(dims, tensor->shape, (size_t)tensor->rank * sizeof *dims);
    t->name = text_of(name);
    t->n_dims = (size_t)tensor->rank;
    t->dims = dims;
    t->has_data_type = 1;
    t->data_type = mien_onnx_type(tensor->dtype);
    t->has_raw_data = 1;
    t->raw_data.len = mien_tensor_bytes(tensor);
    t->raw_data.data = tensor->data;
    return t;
}

static MienWire__Attribute *make_attribute(
    writing *w, const mien_onnx_attribute *from) {
    MienWire__Attribute *a = room(w, 1, sizeof *a);
    if (!a) {
        return NULL;
    }
    mien_wire__attribute__init(a);
    a->name = text_of(from->name);
    a->has_type = 1;
    a->type = (int)from->kind;
    a->has_f = from->kind == MIEN_ONNX_FLOAT;
    a->f = from->number;
    a->has_i = from->kind == MIEN_ONNX_INT;
    a->i = from->integer;
    if (from->kind == MIEN_ONNX_TEXT) {
        a->has_s = 1;
        a->s.data = (uint8_t *)from->text;
        a->s.len = strlen(from->text);
    }
    if (from->kind == MIEN_ONNX_TENSOR) {
        a->t = make_tensor(w, "", from->tensor);
    }
    if (from->kind == MIEN_ONNX_INTS) {
        a->n_ints = (size_t)from->count;
        a->ints = (int64_t *)from->ints;
    }
    if (from->kind == MIEN_ONNX_FLOATS) {
        a->n_floats = (size_t)from->count;
        a->floats = (float *)from->floats;
    }
    return a;
}

static MienWire__Node *make_node(writing *w, const mien_onnx_node *from) {
    MienWire__Node *n = room(w, 1, sizeof *n);
    MienWire__Attribute **attributes =
        room(w, (size_t)from->attributes_count, sizeof *attributes);
    if (!n || !attributes) {
        return NULL;
    }
    mien_wire__node__init(n);
    n->name = text_of(from->name);
    n->op_type = text_of(from->op);
    n->n_input = (size_t)from->inputs_count;
    n->input = (char **)from->inputs;
    n->n_output = (size_t)from->outputs_count;
    n->output = (char **)from->outputs;
    n->n_attribute = (size_t)from->attributes_count;
    n->attribute = attributes;
    for (int i = 0; i < from->attributes_count; i++) {
        attributes[i] = make_attribute(w, &from->attributes[i]);
    }
    return n;
}

static MienWire__ValueInfo *make_value(writing *w, const mien_onnx_value *from) {
    MienWire__ValueInfo *v = room(w, 1, sizeof *v);
    MienWire__Type *type = room(w, 1, sizeof *type);
    MienWire__TensorType *tensor = room(w, 1, sizeof *tensor);
    MienWire__Shape *shape = room(w, 1, sizeof *shape);
    int rank = from->rank > 0 ? from->rank : 0;
    MienWire__Dimension **dims = room(w, (size_t)rank, sizeof *dims);
    if (w->failed) {
        return NULL;
    }
    mien_wire__value_info__init(v);
    mien_wire__type__init(type);
    mien_wire__tensor_type__init(tensor);
    mien_wire__shape__init(shape);
    v->name = text_of(from->name);
    v->type = type;
    type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = mien_onnx_type(from->dtype);
    tensor->shape = shape;
    shape->n_dim = (size_t)rank;
    shape->dim = dims;
    for (int d = 0; d < rank && (dims[d] = room(w, 1, sizeof **dims)); d++) {
        mien_wire__dimension__init(dims[d]);
        dims[d]->has_dim_value = from->shape[d] > 0;
        dims[d]->dim_value = from->shape[d];
        dims[d]->dim_param = from->shape[d] > 0 ? NULL : text_of(from->dimension[d]);
    }
    return v;
}

static MienWire__Graph *make_graph(writing *w, const mien_onnx *m) {
    MienWire__Graph *g = room(w, 1, sizeof *g);
    MienWire__Node **nodes = room(w, (size_t)m->nodes_count, sizeof *nodes);
    MienWire__Tensor **tensors =
        room(w, (size_t)m->initializers_count, sizeof *tensors);
    MienWire__ValueInfo **in = room(w, (size_t)m->inputs_count, sizeof *in);
    MienWire__ValueInfo **out = room(w, (size_t)m->outputs_count, sizeof *out);
    if (w->failed) {
        return NULL;
    }
    mien_wire__graph__init(g);
    g->name = text_of(m->name);
    g->doc_string = text_of(m->text);
    g->n_node = (size_t)m->nodes_count;
    g->node = nodes;
    g->n_initializer = (size_t)m->initializers_count;
    g->initializer = tensors;
    g->n_input = (size_t)m->inputs_count;
    g->input = in;
    g->n_output = (size_t)m->outputs_count;
    g->output = out;
    for (int i = 0; i < m->nodes_count; i++) {
        nodes[i] = make_node(w, &m->nodes[i]);
    }
    for (int i = 0; i < m->initializers_count; i++) {
        tensors[i] = make_tensor(w, m->initializers[i].name, m->initializers[i].tensor);
    }
    for (int i = 0; i < m->inputs_count; i++) {
        in[i] = make_value(w, &m->inputs[i]);
    }
    for (int i = 0; i < m->outputs_count; i++) {
        out[i] = make_value(w, &m->outputs[i]);
    }
    return g;
}

static MienWire__Model *make_model(writing *w, const mien_onnx *m) {
    MienWire__Model *model = room(w, 1, sizeof *model);
    MienWire__OperatorSet *set = room(w, 1, sizeof *set);
    MienWire__OperatorSet **sets = room(w, 1, sizeof *sets);
    MienWire__StringPair **pairs = room(w, (size_t)m->metadata_count, sizeof *pairs);
    if (w->failed) {
        return NULL;
    }
    mien_wire__model__init(model);
    mien_wire__operator_set__init(set);
    set->domain = (char *)"";
    set->has_version = 1;
    set->version = m->opset;
    sets[0] = set;
    model->has_ir_version = 1;
    model->ir_version = m->ir;
    model->producer_name = text_of(m->producer);
    model->producer_version = text_of(m->producer_version);
    model->n_opset_import = 1;
    model->opset_import = sets;
    model->n_metadata_props = (size_t)m->metadata_count;
    model->metadata_props = pairs;
    for (int i = 0; i < m->metadata_count && (pairs[i] = room(w, 1, sizeof **pairs));
         i++) {
        mien_wire__string_pair__init(pairs[i]);
        pairs[i]->key = (char *)m->metadata[2 * i];
        pairs[i]->value = (char *)m->metadata[2 * i + 1];
    }
    model->graph = make_graph(w, m);
    return model;
}

mien_status mien_onnx_write(const char *path, const mien_onnx *model) {
    writing w = {0};
    uint8_t *bytes = NULL;
    mien_status status = mien_arena_new(1 << 16, &w.arena);
    MienWire__Model *wire = status == MIEN_OK ? make_model(&w, model) : NULL;
    if (status == MIEN_OK && w.failed) {
        status = MIEN_ENOMEM;
    }
    size_t count = status == MIEN_OK ? mien_wire__model__get_packed_size(wire) : 0;
    if (count > FILE_MAX) {
        status = mien_fail(MIEN_ELIMIT, "%s: it would have more than 2 GiB", path);
    }
    if (status == MIEN_OK) {
        bytes = mien_alloc(count, 1);
        status = bytes ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_wire__model__pack(wire, bytes);
        status = mien_file_write(path, bytes, count);
    }
    mien_free(bytes);
    mien_arena_free(&w.arena);
    return status;
}
