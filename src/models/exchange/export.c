/* SPDX-License-Identifier: MIT */
/* A model written as an ONNX file. In comes a model, out goes the file: pixels enter
 * the graph, so that nobody can feed it wrongly (export_ends.c); every target goes out
 * by its name; between them stand mien's operators in ONNX's (export_nodes.c,
 * export_sequence.c), or a frozen backbone with the sums over its features
 * (export_readout.c). The contract stands in the metadata, from which an import makes
 * the very model again (import_restore.c). Called by `mien models export`. */
#include "models/exchange/export.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "models/contract/contract.h"
#include "models/contract/file.h"
#include "models/parameter_node.h"
#include "models/runner.h"

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

void *mien_export_room(mien_exporting *e, size_t count, size_t size) {
    void *memory = mien_arena_alloc(e->m->arena, count + 1, size);
    if (!memory && e->status == MIEN_OK) {
        e->status = MIEN_ENOMEM;
    }
    return memory;
}

void mien_export_initializer(mien_exporting *e, const char *name, mien_tensor *tensor) {
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
    mien_export_initializer(e, name, tensor);
    return name;
}

/* Values that stay where they are until the file is written. */
void mien_export_lend(mien_exporting *e, const char *name, int rank,
    const int64_t *shape, const float *values) {
    mien_tensor *tensor = NULL;
    if (e->status == MIEN_OK) {
        e->status =
            mien_tensor_over(MIEN_F32, rank, shape, (void *)(uintptr_t)values, &tensor);
    }
    if (e->status == MIEN_OK) {
        e->status = mien_onnx_keep(e->m, tensor);
    }
    mien_export_initializer(e, mien_export_text(e, "%s", name), tensor);
}

const char *mien_export_ints(mien_exporting *e, int count, const int64_t *values) {
    int64_t shape = count;
    return add_constant(e, MIEN_I64, 1, &shape, values);
}

const char *mien_export_number(mien_exporting *e, double value) {
    float x = (float)value;
    return add_constant(e, MIEN_F32, 0, NULL, &x);
}

const char *mien_export_double(mien_exporting *e, double value) {
    return add_constant(e, MIEN_F64, 0, NULL, &value);
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
        int64_t *ints = mien_export_room(e, 32, sizeof *ints);
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
    const char **reads = mien_export_room(e, (size_t)count, sizeof *reads);
    const char **gives = mien_export_room(e, 1, sizeof *gives);
    mien_onnx_attribute *list = mien_export_room(e, 12, sizeof *list);
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

/* ---- all
 * --------------------------------------------------------------------------------------------
 */

/* The nodes that the outputs need, themselves among them. */
static const bool *needed_of(mien_exporting *e, const mien_node *outputs, int count) {
    bool *needed =
        mien_export_room(e, (size_t)mien_graph_nodes(e->graph), sizeof *needed);
    mien_node last = -1;
    for (int i = 0; needed && i < count; i++) {
        needed[outputs[i]] = true;
        last = outputs[i] > last ? outputs[i] : last;
    }
    for (mien_node n = last; needed && n >= 0; n--) {
        mien_node reads[256];
        int reading = needed[n] ? mien_graph_reads(e->graph, n, reads, 256) : 0;
        for (int k = 0; k < reading && k < 256; k++) {
            needed[reads[k]] = true;
        }
    }
    return needed;
}

/* Operators without a form, each once. */
typedef struct lacking {
    const char *op[64];
    int count;
} lacking;

static void add_lacking(lacking *l, const char *op) {
    for (int i = 0; i < l->count; i++) {
        if (strcmp(l->op[i], op) == 0) {
            return;
        }
    }
    if (l->count < (int)(sizeof l->op / sizeof *l->op)) {
        l->op[l->count++] = op;
    }
}

static mien_status tell_lacking(const lacking *l) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < l->count; i++) {
        mien_string_addf(&text, "%s%s", i ? ", " : "", l->op[i]);
    }
    mien_status status = mien_string_status(&text);
    status = status ? status
                    : mien_fail(MIEN_EUNSUPPORTED,
                          "operators that have no form in ONNX here: %s", text.text);
    mien_string_clear(&text);
    return status;
}

void mien_export_nodes(mien_exporting *e, const mien_node *outputs, int count) {
    const bool *needed = needed_of(e, outputs, count);
    lacking l = {.count = 0};
    for (mien_node n = 0; n < mien_graph_nodes(e->graph) && e->status == MIEN_OK; n++) {
        const char *op = mien_graph_operator(e->graph, n);
        e->at = n;
        if (!needed[n] || strcmp(op, "input") == 0) {
            continue;
        }
        if (!mien_export_node(e)) {
            add_lacking(&l, op);
            e->names[n] = "";
        }
    }
    if (e->status == MIEN_OK && l.count > 0) {
        e->status = tell_lacking(&l);
    }
}

/* Whether an output needs the node of a parameter; those of none are read. */
static bool is_read(const mien_exporting *e, const bool *needed, const char *name) {
    mien_node at = mien_parameter_node(e->graph, name);
    return at < 0 || needed[at];
}

void mien_export_parameters(mien_exporting *e, const mien_node *outputs, int count) {
    const bool *needed = needed_of(e, outputs, count);
    for (int64_t i = 0;
         e->status == MIEN_OK && i < mien_parameters_count(e->parameters); i++) {
        const char *name = mien_parameters_name(e->parameters, i);
        if (is_read(e, needed, name)) {
            mien_export_initializer(e, mien_export_text(e, "%s%s", e->weights, name),
                mien_parameters_at(e->parameters, i));
        }
    }
}

mien_status mien_export_graph(mien_exporting *e, const mien_graph *graph,
    mien_parameters *parameters, const char *prefix, const char *weights) {
    e->graph = graph;
    e->parameters = parameters;
    e->prefix = prefix;
    e->weights = weights;
    e->names = mien_export_room(e, (size_t)mien_graph_nodes(graph), sizeof *e->names);
    return e->status;
}

/* What stands in a model file beside the parameters: a read-out, means and deviations
 * of inputs. */
static void add_values(mien_exporting *e, mien_network *n) {
    mien_file_list list = {0};
    if (e->status == MIEN_OK) {
        e->status = mien_file_list_make(n, MIEN_CONTRACT_VERSION, NULL, NULL, 0, &list);
    }
    for (int64_t i = 0; e->status == MIEN_OK && i < list.count; i++) {
        const mien_file_tensor *t = &list.items[i];
        if (*t->values) {
            mien_export_lend(e, t->name, t->rank, t->shape, *t->values);
        }
    }
    mien_file_list_clear(&list);
}

static void add_metadata(mien_exporting *e, const mien_network *n) {
    mien_value *contract = NULL;
    mien_string text;
    mien_string_init(&text);
    const char **list = mien_export_room(e, 8, sizeof *list);
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

/* Room for so many nodes of mien's, each some of ONNX's. */
static mien_status begin(mien_exporting *e, int64_t nodes, int64_t parameters) {
    e->nodes_room = (int)(12 * nodes) + NODES_MORE;
    e->initializers_room = (int)(parameters + 12 * nodes) + NODES_MORE;
    e->m->nodes = mien_export_room(e, (size_t)e->nodes_room, sizeof *e->m->nodes);
    e->m->initializers =
        mien_export_room(e, (size_t)e->initializers_room, sizeof *e->m->initializers);
    e->m->inputs = mien_export_room(e, 2 * MIEN_INPUTS_MAX + 1, sizeof *e->m->inputs);
    e->m->outputs = mien_export_room(e, 2 * MIEN_TARGETS_MAX, sizeof *e->m->outputs);
    e->m->producer = "mien";
    e->m->producer_version = MIEN_VERSION;
    e->m->name = "mien";
    return e->status;
}

/* A network that is one graph. */
static void write_network(
    mien_exporting *e, const mien_network *n, const mien_network_body *body) {
    const mien_node output = body->nodes.output;
    const int64_t parameters = mien_parameters_count(body->parameters);
    if (begin(e, mien_graph_nodes(body->graph), parameters) == MIEN_OK &&
        mien_export_graph(e, body->graph, body->parameters, "", "") == MIEN_OK) {
        for (int64_t i = 0; i < parameters; i++) {
            mien_export_initializer(e, mien_parameters_name(body->parameters, i),
                mien_parameters_at(body->parameters, i));
        }
    }
    mien_network whole = *n;
    add_values(e, &whole);
    if (e->status == MIEN_OK) {
        mien_export_inputs(e, n, &body->nodes);
    }
    if (e->status == MIEN_OK) {
        mien_export_nodes(e, &output, 1);
    }
    if (e->status == MIEN_OK) {
        mien_export_targets(e, n, e->names[output]);
    }
}

/* A frozen backbone, whose weights are its own file's, and sums over its features. */
static void write_readout(mien_exporting *e, const mien_model *model) {
    mien_runner_options o = mien_runner_options_default();
    mien_extractor *extractor = NULL;
    mien_extractor_part part;
    int64_t nodes = 0, parameters = 0;
    mien_network n = *mien_model_network(model);
    e->status = mien_model_extractor(model, &o, true, &extractor);
    for (int i = 0; e->status == MIEN_OK && mien_extractor_part_at(extractor, i, &part);
         i++) {
        nodes += 2 * (int64_t)mien_graph_nodes(part.graph);
        parameters += mien_parameters_count(part.parameters);
    }
    if (e->status == MIEN_OK && begin(e, nodes, parameters) == MIEN_OK) {
        add_values(e, &n);
        mien_export_readout(e, &n, extractor);
    }
    if (e->status == MIEN_OK) {
        add_metadata(e, &n);
    }
    e->status = e->status ? e->status : mien_onnx_write(e->output, e->m);
    mien_extractor_close(&extractor); /* its weights are lent */
}

mien_status mien_export_model(const mien_model *model, const char *output) {
    MIEN_NEED(model);
    MIEN_NEED(output);
    const mien_network *n = mien_model_network(model);
    mien_exporting e = {.output = output, .prefix = "", .weights = ""};
    e.status = mien_onnx_new(&e.m);
    if (e.status == MIEN_OK && !mien_network_is_graph(n)) {
        write_readout(&e, model);
    } else if (e.status == MIEN_OK) {
        write_network(&e, n, mien_model_body(model));
        if (e.status == MIEN_OK) {
            add_metadata(&e, n);
        }
        e.status = e.status ? e.status : mien_onnx_write(output, e.m);
    }
    mien_onnx_free(&e.m);
    return e.status == MIEN_OK || e.status == MIEN_ENOMEM
               ? e.status
               : mien_fail_in(e.status, "%s", mien_model_path(model));
}
