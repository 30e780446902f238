/* SPDX-License-Identifier: MIT */
/* Reads ONNX files: protobuf-c takes the bytes apart, and what mien needs of them is
 * copied into plain lists whose sizes are checked first. */
#include <string.h>

#include "io/file.h"
#include "io/onnx_tensor.h"

#define FILE_MAX (((size_t)1 << 31) - 1)
#define ATTRIBUTES_MAX 256

/* The state of one call. */
typedef struct reading {
    const char *folder;
    mien_onnx *m;
    int64_t held; /* bytes of tensors so far */
    mien_status status;
} reading;

static const char *copy(reading *r, const char *text) {
    char *own = text && *text ? mien_arena_strdup(r->m->arena, text) : NULL;
    if (text && *text && !own) {
        r->status = MIEN_ENOMEM;
    }
    return own ? own : "";
}

static const char *copy_bytes(reading *r, ProtobufCBinaryData bytes) {
    char *own = mien_arena_alloc(r->m->arena, bytes.len + 1, 1);
    if (!own) {
        r->status = MIEN_ENOMEM;
        return "";
    }
    if (bytes.len > 0) {
        memcpy(own, bytes.data, bytes.len);
    }
    return own;
}

static void *room(reading *r, size_t count, size_t size) {
    void *memory = mien_arena_alloc(r->m->arena, count + 1, size);
    if (!memory) {
        r->status = MIEN_ENOMEM;
    }
    return memory;
}

static mien_tensor *copy_tensor(reading *r, const MienWire__Tensor *from) {
    mien_tensor *tensor = NULL;
    r->status = mien_onnx_tensor_make(from, r->folder, &r->held, &tensor);
    if (r->status == MIEN_OK) {
        r->status = mien_onnx_keep(r->m, tensor);
    }
    return r->status == MIEN_OK ? tensor : NULL;
}

/* ---- nodes --------------------------------------------------------------------------
 */

static const char **copy_names(reading *r, size_t count, char **names) {
    const char **own = room(r, count, sizeof *own);
    for (size_t i = 0; own && i < count; i++) {
        own[i] = copy(r, names[i]);
    }
    return own;
}

/* Files before IR 4 may leave the kind out: what is there tells it. */
static mien_onnx_kind kind_of(const MienWire__Attribute *a) {
    return a->has_type && a->type ? (mien_onnx_kind)a->type
           : a->has_f             ? MIEN_ONNX_FLOAT
           : a->has_i             ? MIEN_ONNX_INT
           : a->has_s             ? MIEN_ONNX_TEXT
           : a->t                 ? MIEN_ONNX_TENSOR
           : a->n_floats          ? MIEN_ONNX_FLOATS
           : a->n_strings         ? MIEN_ONNX_TEXTS
                                  : MIEN_ONNX_INTS;
}

static void copy_lists(
    reading *r, const MienWire__Attribute *a, mien_onnx_attribute *to) {
    size_t count = to->kind == MIEN_ONNX_FLOATS ? a->n_floats
                   : to->kind == MIEN_ONNX_INTS ? a->n_ints
                                                : a->n_strings;
    float *floats = NULL;
    int64_t *ints = NULL;
    const char **texts = NULL;
    to->count = (int)count;
    if (to->kind == MIEN_ONNX_FLOATS && (floats = room(r, count, sizeof *floats))) {
        memcpy(floats, count ? a->floats : floats, count * sizeof *floats);
    } else if (to->kind == MIEN_ONNX_INTS && (ints = room(r, count, sizeof *ints))) {
        memcpy(ints, count ? a->ints : ints, count * sizeof *ints);
    } else if (to->kind == MIEN_ONNX_TEXTS && (texts = room(r, count, sizeof *texts))) {
        for (size_t i = 0; i < count; i++) {
            texts[i] = copy_bytes(r, a->strings[i]);
        }
    }
    to->floats = floats;
    to->ints = ints;
    to->texts = texts;
}

static void copy_attribute(
    reading *r, const MienWire__Attribute *a, mien_onnx_attribute *to) {
    to->name = copy(r, a->name);
    to->kind = kind_of(a);
    to->number = a->f;
    to->integer = a->i;
    to->text = a->has_s ? copy_bytes(r, a->s) : "";
    if (to->kind == MIEN_ONNX_TENSOR && a->t && r->status == MIEN_OK) {
        to->tensor = copy_tensor(r, a->t);
    }
    copy_lists(r, a, to);
}

static void copy_node(reading *r, const MienWire__Node *n, mien_onnx_node *to) {
    if (n->n_attribute > ATTRIBUTES_MAX || n->n_input > MIEN_ONNX_NODES_MAX ||
        n->n_output > MIEN_ONNX_NODES_MAX) {
        r->status = mien_fail(MIEN_ELIMIT,
            "a node has %zu attributes, %zu inputs, %zu "
            "outputs",
            n->n_attribute, n->n_input, n->n_output);
        return;
    }
    to->name = copy(r, n->name);
    to->op = copy(r, n->op_type);
    to->domain = copy(r, n->domain);
    to->inputs_count = (int)n->n_input;
    to->inputs = copy_names(r, n->n_input, n->input);
    to->outputs_count = (int)n->n_output;
    to->outputs = copy_names(r, n->n_output, n->output);
    to->attributes = room(r, n->n_attribute, sizeof *to->attributes);
    for (size_t i = 0; r->status == MIEN_OK && i < n->n_attribute; i++) {
        copy_attribute(r, n->attribute[i], &to->attributes[i]);
        to->attributes_count++;
    }
    if (r->status != MIEN_OK && r->status != MIEN_ENOMEM) {
        mien_fail_in(r->status, "node %s (%s)", to->name, to->op);
    }
}

/* ---- graph
 * --------------------------------------------------------------------------- */

static void copy_value(reading *r, const MienWire__ValueInfo *v, mien_onnx_value *to) {
    const MienWire__TensorType *type = v->type ? v->type->tensor_type : NULL;
    const MienWire__Shape *shape = type ? type->shape : NULL;
    to->name = copy(r, v->name);
    to->dtype = type ? mien_onnx_dtype(type->elem_type) : MIEN_DTYPES;
    to->rank = -1;
    if (shape && shape->n_dim > MIEN_RANK_MAX) {
        r->status = mien_fail(MIEN_ELIMIT, "%s: %zu dimensions, at most %d", to->name,
            shape->n_dim, MIEN_RANK_MAX);
    } else if (shape) {
        to->rank = (int)shape->n_dim;
    }
    for (int d = 0; d < to->rank; d++) {
        const MienWire__Dimension *dim = shape->dim[d];
        to->shape[d] = dim->has_dim_value && dim->dim_value > 0 ? dim->dim_value : -1;
        to->dimension[d] = dim->dim_param ? copy(r, dim->dim_param) : NULL;
    }
}

static void copy_graph(reading *r, const MienWire__Graph *g) {
    mien_onnx *m = r->m;
    m->name = copy(r, g->name);
    m->text = copy(r, g->doc_string);
    m->nodes = room(r, g->n_node, sizeof *m->nodes);
    m->initializers = room(r, g->n_initializer, sizeof *m->initializers);
    m->inputs = room(r, g->n_input, sizeof *m->inputs);
    m->outputs = room(r, g->n_output, sizeof *m->outputs);
    for (size_t i = 0; r->status == MIEN_OK && i < g->n_node; i++) {
        copy_node(r, g->node[i], &m->nodes[m->nodes_count++]);
    }
    for (size_t i = 0; r->status == MIEN_OK && i < g->n_initializer; i++) {
        mien_onnx_tensor *t = &m->initializers[m->initializers_count++];
        t->name = copy(r, g->initializer[i]->name);
        t->tensor = copy_tensor(r, g->initializer[i]);
    }
    for (size_t i = 0; r->status == MIEN_OK && i < g->n_input; i++) {
        copy_value(r, g->input[i], &m->inputs[m->inputs_count++]);
    }
    for (size_t i = 0; r->status == MIEN_OK && i < g->n_output; i++) {
        copy_value(r, g->output[i], &m->outputs[m->outputs_count++]);
    }
}

static void copy_opset(reading *r, const MienWire__Model *w) {
    r->m->opset = 0;
    for (size_t i = 0; i < w->n_opset_import; i++) {
        const char *domain = w->opset_import[i]->domain;
        if (!domain || !*domain || strcmp(domain, "ai.onnx") == 0) {
            r->m->opset = w->opset_import[i]->version;
        }
    }
    if (r->m->opset < 1) {
        r->status = mien_fail(MIEN_EFORMAT,
            "the file does not say which version of the operators it uses");
    }
}

static void copy_model(reading *r, const MienWire__Model *w) {
    mien_onnx *m = r->m;
    const MienWire__Graph *g = w->graph;
    if (!g || !w->has_ir_version) {
        r->status = mien_fail(MIEN_EFORMAT, "is no ONNX model: %s is missing",
            g ? "its version" : "the graph");
        return;
    }
    if (g->n_node > MIEN_ONNX_NODES_MAX || g->n_initializer > MIEN_ONNX_NODES_MAX ||
        g->n_input > MIEN_ONNX_NODES_MAX || g->n_output > MIEN_ONNX_NODES_MAX) {
        r->status = mien_fail(
            MIEN_ELIMIT, "more than %d nodes, tensors or values", MIEN_ONNX_NODES_MAX);
        return;
    }
    m->ir = w->ir_version;
    m->producer = copy(r, w->producer_name);
    m->producer_version = copy(r, w->producer_version);
    m->functions_count = (int)w->n_functions;
    m->metadata = room(r, 2 * w->n_metadata_props, sizeof *m->metadata);
    for (size_t i = 0; r->status == MIEN_OK && i < w->n_metadata_props; i++) {
        m->metadata[2 * i] = copy(r, w->metadata_props[i]->key);
        m->metadata[2 * i + 1] = copy(r, w->metadata_props[i]->value);
        m->metadata_count++;
    }
    if (r->status == MIEN_OK) {
        copy_opset(r, w);
    }
    if (r->status == MIEN_OK) {
        copy_graph(r, g);
    }
}

mien_status mien_onnx_parse(const char *name, const void *bytes, size_t count,
    const char *folder, mien_onnx **model) {
    mien_onnx_room memory;
    reading r = {.folder = folder};
    mien_onnx_room_init(&memory, count);
    r.status = mien_onnx_new(&r.m);
    if (r.status != MIEN_OK) {
        return r.status;
    }
    MienWire__Model *wire = mien_wire__model__unpack(&memory.allocator, count, bytes);
    if (wire) {
        copy_model(&r, wire);
    } else if (memory.none) {
        r.status = MIEN_ENOMEM;
    } else if (memory.full) {
        r.status = mien_fail(MIEN_ELIMIT, "its lists ask for too much memory");
    } else {
        r.status = mien_fail(MIEN_EFORMAT,
            "is no ONNX file, or is cut short: its bytes cannot be taken apart");
    }
    mien_wire__model__free_unpacked(wire, &memory.allocator);
    if (r.status != MIEN_OK) {
        mien_onnx_free(&r.m);
        return r.status == MIEN_ENOMEM ? r.status : mien_fail_in(r.status, "%s", name);
    }
    *model = r.m;
    return MIEN_OK;
}

mien_status mien_onnx_read(const char *path, mien_onnx **model) {
    mien_map map = {0};
    mien_status status = mien_map_init(&map, path, FILE_MAX);
    if (status != MIEN_OK) {
        return status;
    }
    char *folder = mien_path_directory(path);
    status = folder ? mien_onnx_parse(path, map.bytes, map.count, folder, model)
                    : MIEN_ENOMEM;
    mien_free(folder);
    mien_map_clear(&map);
    return status;
}

mien_status mien_onnx_read_tensor(const char *path, mien_tensor **tensor) {
    mien_map map = {0};
    mien_onnx_room memory;
    int64_t held = 0;
    mien_status status = mien_map_init(&map, path, FILE_MAX);
    if (status != MIEN_OK) {
        return status;
    }
    mien_onnx_room_init(&memory, map.count);
    MienWire__Tensor *wire =
        mien_wire__tensor__unpack(&memory.allocator, map.count, map.bytes);
    status = wire          ? mien_onnx_tensor_make(wire, NULL, &held, tensor)
             : memory.none ? MIEN_ENOMEM
                           : mien_fail(MIEN_EFORMAT, "is no tensor");
    mien_wire__tensor__free_unpacked(wire, &memory.allocator);
    mien_map_clear(&map);
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", path);
}
