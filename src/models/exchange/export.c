/* SPDX-License-Identifier: MIT */
/* A model written as an ONNX file: pixels come in, so that nobody can feed it wrongly;
 * every target goes out by its name; the contract stands in the metadata, from which an
 * import makes the very model again. */
#include "models/exchange/export.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "models/contract/contract.h"
#include "models/contract/file.h"

#define NODES_MORE 4096

/* ---- adding
 * -------------------------------------------------------------------------------- */

const char *mien_export_text(mien_exporting *e, const char *format, ...) {
    char text[700];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    char *own = mien_arena_strdup(e->m->arena, text);
    if (!own && e->status == MIEN_OK) {
        e->status = MIEN_ENOMEM;
    }
    return own ? own : "";
}

static void *room(mien_exporting *e, size_t count, size_t size) {
    void *memory = mien_arena_alloc(e->m->arena, count + 1, size);
    if (!memory && e->status == MIEN_OK) {
        e->status = MIEN_ENOMEM;
    }
    return memory;
}

static void add_initializer(mien_exporting *e, const char *name, mien_tensor *tensor) {
    if (e->status == MIEN_OK && e->m->initializers_count == e->initializers_room) {
        e->status = mien_fail(MIEN_ELIMIT, "too many tensors");
    }
    if (e->status == MIEN_OK) {
        e->m->initializers[e->m->initializers_count++] =
            (mien_onnx_tensor){name, tensor};
    }
}

static const char *add_constant(mien_exporting *e, mien_dtype dtype, int rank,
    const int64_t *shape, const void *values) {
    mien_tensor *tensor = NULL;
    const char *name = mien_export_text(e, "mien:%d", e->made++);
    if (e->status == MIEN_OK) {
        e->status = mien_tensor_new(dtype, rank, shape, &tensor);
    }
    if (e->status == MIEN_OK) {
        memcpy(tensor->data, values, mien_tensor_bytes(tensor));
        e->status = mien_onnx_keep(e->m, tensor);
    }
    add_initializer(e, name, tensor);
    return name;
}

const char *mien_export_ints(mien_exporting *e, int count, const int64_t *values) {
    int64_t shape = count;
    return add_constant(e, MIEN_I64, 1, &shape, values);
}

const char *mien_export_number(mien_exporting *e, double value) {
    float x = (float)value;
    return add_constant(e, MIEN_F32, 0, NULL, &x);
}

const char *mien_export_numbers(
    mien_exporting *e, int rank, const int64_t *shape, const float *values) {
    return add_constant(e, MIEN_F32, rank, shape, values);
}

/* One "key=value" of a node. */
static void add_attribute(
    mien_exporting *e, mien_onnx_node *n, const char *text, int length) {
    const char *sign = memchr(text, '=', (size_t)length);
    int key = sign ? (int)(sign - text) : 0;
    const char *value = sign ? sign + 1 : "";
    int rest = length - key - 1;
    mien_onnx_attribute *a = &n->attributes[n->attributes_count++];
    a->name = mien_export_text(e, "%.*s", key, text);
    a->text = mien_export_text(e, "%.*s", rest, value);
    bool number = *a->text == '-' || (*a->text >= '0' && *a->text <= '9');
    if (number && strchr(a->text, ',')) {
        int64_t *ints = room(e, 32, sizeof *ints);
        a->kind = MIEN_ONNX_INTS;
        for (const char *at = a->text; ints && *at && a->count < 32;) {
            char *end;
            ints[a->count++] = strtoll(at, &end, 10);
            at = *end == ',' ? end + 1 : end + strlen(end);
        }
        a->ints = ints;
    } else if (number && a->text[strlen(a->text) - 1] == 'f') {
        a->kind = MIEN_ONNX_FLOAT;
        a->number = strtof(a->text, NULL);
    } else if (number) {
        a->kind = MIEN_ONNX_INT;
        a->integer = strtoll(a->text, NULL, 10);
    } else {
        a->kind = MIEN_ONNX_TEXT;
    }
}

const char *mien_export_add(mien_exporting *e, const char *op, const char *output,
    const char *const *inputs, int count, const char *attributes) {
    const char *name = output ? mien_export_text(e, "%s", output)
                              : mien_export_text(e, "mien:%d", e->made++);
    const char **reads = room(e, (size_t)count, sizeof *reads);
    const char **gives = room(e, 1, sizeof *gives);
    mien_onnx_attribute *list = room(e, 12, sizeof *list);
    if (e->status == MIEN_OK && e->m->nodes_count == e->nodes_room) {
        e->status = mien_fail(MIEN_ELIMIT, "too many nodes");
    }
    if (e->status != MIEN_OK) {
        return "";
    }
    mien_onnx_node *n = &e->m->nodes[e->m->nodes_count++];
    memcpy(reads, inputs, (size_t)count * sizeof *reads);
    gives[0] = name;
    *n = (mien_onnx_node){.name = name,
        .op = op,
        .domain = "",
        .inputs = reads,
        .inputs_count = count,
        .outputs = gives,
        .outputs_count = 1,
        .attributes = list};
    while (*attributes) {
        int length = (int)strcspn(attributes, " ");
        add_attribute(e, n, attributes, length);
        attributes += length;
        attributes += strspn(attributes, " ");
    }
    return name;
}

/* ---- inputs
 * ------------------------------------------------------------------------------------
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

/* Bytes [n, H, W, 3], red first, to what the network reads [n, 3, H, W]. */
static const char *add_pixels(mien_exporting *e, const mien_input *input) {
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
    if (p.bgr) {
        x = mien_export_add(e, "Gather", NULL,
            (const char *[]){x, mien_export_ints(e, 3, turned)}, 2, "axis=1");
    }
    x = apply(e, "Mul", x, mien_export_number(e, p.scale), NULL);
    x = apply(e, "Sub", x, mien_export_numbers(e, 3, three, mean), NULL);
    return apply(e, "Div", x, mien_export_numbers(e, 3, three, deviation), NULL);
}

static const char *add_row(mien_exporting *e, const mien_network *n, int i) {
    const mien_input *input = &n->architecture.inputs[i];
    const mien_standard *s = &n->standard[i];
    int64_t shape[MIEN_RANK_MAX] = {-1};
    int rank = input->shape.rank;
    memcpy(shape + 1, input->shape.size, (size_t)rank * sizeof *shape);
    const char *name = mien_export_text(e, "%s", input->name);
    add_value(e->m->inputs, &e->m->inputs_count, name, MIEN_F32, 1 + rank, shape);
    if (!input->standardise || !s->mean) {
        return name;
    }
    const int64_t *width = &input->shape.size[rank - 1];
    const char *x =
        apply(e, "Sub", name, mien_export_numbers(e, 1, width, s->mean), NULL);
    return apply(e, "Mul", x, mien_export_numbers(e, 1, width, s->scale), NULL);
}

static mien_status check(const mien_network *n) {
    if (!mien_network_is_graph(n)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "its head %s is no graph; only whole networks are written as ONNX",
            n->architecture.head.kind);
    }
    if (mien_architecture_masked(&n->architecture)) {
        return mien_fail(MIEN_EUNSUPPORTED, "it has optional inputs or context, whose "
                                            "masks ONNX files would leave to the "
                                            "caller");
    }
    return MIEN_OK;
}

/* ---- outputs
 * -------------------------------------------------------------------------------------
 */

static void add_output(mien_exporting *e, const char *name, int64_t width) {
    int64_t shape[] = {-1, width};
    add_value(e->m->outputs, &e->m->outputs_count, name, MIEN_F32, 2, shape);
}

static void add_target(mien_exporting *e, const mien_target *t, const char *all,
    int64_t first, double temperature) {
    int64_t count = mien_target_outputs(t), end = first + count, axis = 1;
    const char *name = mien_export_text(e, "%s", t->name);
    const char *parts[] = {all, mien_export_ints(e, 1, &first),
        mien_export_ints(e, 1, &end), mien_export_ints(e, 1, &axis)};
    if (t->link == MIEN_LINK_CORN) {
        e->status =
            mien_fail(MIEN_EUNSUPPORTED, "target %s has ordered classes", t->name);
        return;
    }
    if (t->link == MIEN_LINK_SOFTMAX) {
        const char *logits = mien_export_text(e, "%s_logits", t->name);
        if (temperature > 0) {
            const char *hot = mien_export_add(e, "Slice", NULL, parts, 4, "");
            apply(e, "Mul", hot, mien_export_number(e, 1 / temperature), logits);
        } else {
            mien_export_add(e, "Slice", logits, parts, 4, "");
        }
        mien_export_add(e, "Softmax", name, &logits, 1, "axis=-1");
        add_output(e, name, count);
        add_output(e, logits, count);
        return;
    }
    const char *value = mien_export_add(e, "Slice", NULL, parts, 4, "");
    double half = (t->maximum - t->minimum) / 2;
    value = apply(e, "Mul", value, mien_export_number(e, half), NULL);
    apply(e, "Add", value, mien_export_number(e, t->minimum + half), name);
    add_output(e, name, 1);
}

static void add_targets(mien_exporting *e, const mien_network *n, const char *all) {
    int64_t first = 0;
    for (int t = 0; t < n->targets_count && e->status == MIEN_OK; t++) {
        add_target(e, &n->targets[t], all, first, n->after.temperature[t]);
        first += mien_target_outputs(&n->targets[t]);
    }
}

/* ---- all
 * --------------------------------------------------------------------------------------------
 */

/* Every node that the output needs; lacking operators with their counts. */
static void add_nodes(mien_exporting *e, mien_node output) {
    mien_string lacking;
    int kinds = 0;
    bool *needed = mien_alloc((size_t)mien_graph_nodes(e->graph), sizeof *needed);
    mien_string_init(&lacking);
    if (!needed) {
        e->status = MIEN_ENOMEM;
        return;
    }
    needed[output] = true;
    for (mien_node n = output; n >= 0; n--) {
        mien_node reads[256];
        int count = needed[n] ? mien_graph_reads(e->graph, n, reads, 256) : 0;
        for (int k = 0; k < count && k < 256; k++) {
            needed[reads[k]] = true;
        }
    }
    for (mien_node n = 0; n <= output && e->status == MIEN_OK; n++) {
        const char *op = mien_graph_operator(e->graph, n);
        e->at = n;
        if (!needed[n] || strcmp(op, "input") == 0) {
            continue;
        }
        if (!mien_export_node(e)) {
            if (!lacking.text || !strstr(lacking.text, op)) {
                mien_string_addf(&lacking, "%s%s", kinds++ ? ", " : "", op);
            }
            e->names[n] = "";
        }
    }
    if (e->status == MIEN_OK && kinds > 0) {
        e->status = mien_fail(MIEN_EUNSUPPORTED,
            "operators that have no form in ONNX here: %s", lacking.text);
    }
    mien_string_clear(&lacking);
    mien_free(needed);
}

static void add_parameters(mien_exporting *e) {
    for (int64_t i = 0; i < mien_parameters_count(e->parameters); i++) {
        add_initializer(e, mien_parameters_name(e->parameters, i),
            mien_parameters_at(e->parameters, i));
    }
}

static void add_metadata(mien_exporting *e, const mien_network *n) {
    mien_value *contract = NULL;
    mien_string text;
    mien_string_init(&text);
    const char **list = room(e, 8, sizeof *list);
    if (e->status == MIEN_OK) {
        e->status = mien_contract_make(n, 0, &contract);
    }
    if (e->status == MIEN_OK) {
        e->status = mien_value_write_json(contract, false, &text);
    }
    char *own = e->status == MIEN_OK ? mien_arena_strdup(e->m->arena, text.text) : NULL;
    if (own) {
        const char *const pairs[] = {
            MIEN_EXPORT_KEY, own, "licence", n->licence, "citation", n->citation};
        memcpy(list, pairs, sizeof pairs);
        e->m->metadata = list;
        e->m->metadata_count = 3;
    } else if (e->status == MIEN_OK) {
        e->status = MIEN_ENOMEM;
    }
    mien_value_free(&contract);
    mien_string_clear(&text);
}

static mien_status write_all(
    mien_exporting *e, const mien_network *n, const mien_network_body *body) {
    e->graph = body->graph;
    e->parameters = body->parameters;
    int nodes = mien_graph_nodes(e->graph);
    e->nodes_room = 12 * nodes + NODES_MORE;
    e->initializers_room =
        (int)mien_parameters_count(e->parameters) + 12 * nodes + NODES_MORE;
    e->m->nodes = room(e, (size_t)e->nodes_room, sizeof *e->m->nodes);
    e->m->initializers =
        room(e, (size_t)e->initializers_room, sizeof *e->m->initializers);
    e->m->inputs = room(e, MIEN_INPUTS_MAX, sizeof *e->m->inputs);
    e->m->outputs = room(e, 2 * MIEN_TARGETS_MAX, sizeof *e->m->outputs);
    e->names = room(e, (size_t)nodes, sizeof *e->names);
    e->m->producer = "mien";
    e->m->producer_version = MIEN_VERSION;
    e->m->name = "mien";
    if (e->status == MIEN_OK) {
        add_parameters(e);
    }
    for (int i = 0; i < n->architecture.inputs_count && e->status == MIEN_OK; i++) {
        bool picture = mien_input_is_picture(&n->architecture.inputs[i]);
        e->names[body->nodes.inputs[i]] =
            picture ? add_pixels(e, &n->architecture.inputs[i]) : add_row(e, n, i);
    }
    if (e->status == MIEN_OK) {
        add_nodes(e, body->nodes.output);
    }
    if (e->status == MIEN_OK) {
        add_targets(e, n, e->names[body->nodes.output]);
    }
    if (e->status == MIEN_OK) {
        add_metadata(e, n);
    }
    return e->status;
}

mien_status mien_export_model(const mien_model *model, const char *output) {
    MIEN_NEED(model);
    MIEN_NEED(output);
    const mien_network *n = mien_model_network(model);
    mien_exporting e = {0};
    mien_status status = check(n);
    if (status == MIEN_OK) {
        status = mien_onnx_new(&e.m);
    }
    if (status == MIEN_OK) {
        status = write_all(&e, n, mien_model_body(model));
    }
    if (status == MIEN_OK) {
        status = mien_onnx_write(output, e.m);
    }
    mien_onnx_free(&e.m);
    return status == MIEN_OK || status == MIEN_ENOMEM
               ? status
               : mien_fail_in(status, "%s", mien_model_path(model));
}
