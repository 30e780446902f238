/* SPDX-License-Identifier: MIT */
/* A graph written down as data, and built of it again. */
#include "models/contract/document.h"

#include <string.h>

#include "io/index.h"
#include "models/contract/json_fields.h"

#define READS_MAX 256

/* ---- writing -----------------------------------------------------------------------
 */

static mien_value *make_input(const mien_graph *graph, const mien_document_port *port) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(graph, port->node, shape);
    mien_value *sizes = mien_value_new_list();
    for (int d = 1; sizes && d < rank; d++) {
        if (mien_value_add(sizes, mien_value_new_int(shape[d])) != MIEN_OK) {
            mien_value_free(&sizes);
        }
    }
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(port->name));
    mien_maker_set(&m, "shape", sizes);
    return mien_maker_take(&m);
}

static mien_value *make_texts(int count, const char *const *texts) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; list && i < count; i++) {
        if (mien_value_add(list, mien_value_new_text(texts[i])) != MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

/* The name a node is read by: an input's is that of its port. */
static const char *name_of(const mien_graph *graph, const mien_document_port *inputs,
    int inputs_count, mien_node node) {
    for (int i = 0; i < inputs_count; i++) {
        if (inputs[i].node == node) {
            return inputs[i].name;
        }
    }
    return mien_graph_name(graph, node);
}

static mien_value *make_node(const mien_graph *graph, const mien_document_port *inputs,
    int inputs_count, mien_node node) {
    const char *texts[3 + READS_MAX] = {mien_graph_name(graph, node),
        mien_graph_operator(graph, node), mien_graph_options(graph, node)};
    int count = mien_graph_reads(graph, node, NULL, 0);
    mien_node reads[READS_MAX];
    if (count > READS_MAX) {
        mien_fail(MIEN_ELIMIT, "%s reads %d values; at most %d are written down",
            texts[0], count, READS_MAX);
        return NULL;
    }
    mien_graph_reads(graph, node, reads, READS_MAX);
    for (int i = 0; i < count; i++) {
        texts[3 + i] = name_of(graph, inputs, inputs_count, reads[i]);
    }
    return make_texts(3 + count, texts);
}

/* Marks the nodes that the outputs need, from the last node to the first. */
static bool *find_needed(
    const mien_graph *graph, const mien_document_port *outputs, int count) {
    int nodes = mien_graph_nodes(graph);
    bool *needed = mien_alloc((size_t)nodes + 1, sizeof *needed);
    for (int i = 0; needed && i < count; i++) {
        needed[outputs[i].node] = true;
    }
    for (mien_node n = nodes - 1; needed && n >= 0; n--) {
        mien_node reads[READS_MAX];
        int all = needed[n] ? mien_graph_reads(graph, n, reads, READS_MAX) : 0;
        for (int i = 0; i < all && i < READS_MAX; i++) {
            needed[reads[i]] = true;
        }
    }
    return needed;
}

static mien_value *make_nodes(const mien_graph *graph, const mien_document_port *inputs,
    int inputs_count, const bool *needed) {
    mien_value *list = mien_value_new_list();
    for (mien_node n = 0; list && n < mien_graph_nodes(graph); n++) {
        if (needed[n] && strcmp(mien_graph_operator(graph, n), "input") != 0 &&
            mien_value_add(list, make_node(graph, inputs, inputs_count, n)) !=
                MIEN_OK) {
            mien_value_free(&list);
        }
    }
    return list;
}

mien_status mien_document_make(const mien_graph *graph,
    const mien_document_port *inputs, int inputs_count,
    const mien_document_port *outputs, int outputs_count, mien_value **document) {
    bool *needed = find_needed(graph, outputs, outputs_count);
    if (!needed) {
        return MIEN_ENOMEM;
    }
    mien_value *in = mien_value_new_list(), *out = mien_value_new_list();
    for (int i = 0; in && i < inputs_count; i++) {
        if (mien_value_add(in, make_input(graph, &inputs[i])) != MIEN_OK) {
            mien_value_free(&in);
        }
    }
    for (int i = 0; out && i < outputs_count; i++) {
        const char *texts[] = {
            outputs[i].name, name_of(graph, inputs, inputs_count, outputs[i].node)};
        if (mien_value_add(out, make_texts(2, texts)) != MIEN_OK) {
            mien_value_free(&out);
        }
    }
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "inputs", in);
    mien_maker_set(&m, "nodes", make_nodes(graph, inputs, inputs_count, needed));
    mien_maker_set(&m, "outputs", out);
    mien_free(needed);
    *document = mien_maker_take(&m);
    return *document ? MIEN_OK : m.status;
}

/* ---- asking
 * --------------------------------------------------------------------------- */

static const mien_value *list_of(const mien_value *document, const char *key) {
    const mien_value *list = mien_value_get(document, key);
    return list && mien_value_kind_of(list) == MIEN_VALUE_LIST ? list : NULL;
}

int mien_document_inputs(const mien_value *document) {
    int64_t count = mien_value_count(list_of(document, "inputs"));
    return count <= MIEN_DOCUMENT_PORTS_MAX ? (int)count : 0;
}

const char *mien_document_input(const mien_value *document, int index) {
    const mien_value *port = mien_value_at(list_of(document, "inputs"), index);
    const char *name = mien_value_text(mien_value_get(port, "name"));
    return name ? name : "";
}

int mien_document_input_shape(const mien_value *document, int index, int64_t *shape) {
    const mien_value *port = mien_value_at(list_of(document, "inputs"), index);
    const mien_value *sizes = list_of(port, "shape");
    int64_t rank = mien_value_count(sizes);
    for (int d = 0; d < rank && d < MIEN_RANK_MAX - 1; d++) {
        shape[d] = mien_value_int(mien_value_at(sizes, d), 0);
    }
    return rank < MIEN_RANK_MAX ? (int)rank : 0;
}

int mien_document_outputs(const mien_value *document) {
    int64_t count = mien_value_count(list_of(document, "outputs"));
    return count <= MIEN_DOCUMENT_PORTS_MAX ? (int)count : 0;
}

const char *mien_document_output(const mien_value *document, int index) {
    const mien_value *port = mien_value_at(list_of(document, "outputs"), index);
    const char *name = mien_value_kind_of(port) == MIEN_VALUE_LIST
                           ? mien_value_text(mien_value_at(port, 0))
                           : NULL;
    return name ? name : "";
}

/* ---- building
 * ---------------------------------------------------------------------------- */

typedef struct building {
    const mien_value *document;
    mien_graph *graph;
    mien_index index; /* of nodes by name */
} building;

static mien_status fail_document(const char *what) {
    return mien_fail(MIEN_EFORMAT, "graph: %s", what);
}

static mien_status name_node(building *b, const char *name, mien_node node) {
    if (mien_index_find(&b->index, name, strlen(name)) >= 0) {
        return mien_fail(MIEN_EFORMAT, "graph: \"%s\" comes twice", name);
    }
    return mien_index_add(&b->index, name, strlen(name), node);
}

static mien_status find_node(
    const building *b, const mien_value *name, mien_node *node) {
    const char *text = name ? mien_value_text(name) : NULL;
    int64_t at = text ? mien_index_find(&b->index, text, strlen(text)) : -1;
    *node = (mien_node)at;
    return at >= 0 ? MIEN_OK
                   : mien_fail(MIEN_EFORMAT, "graph: \"%s\" is read before it is there",
                         text ? text : "");
}

static mien_status build_node(building *b, const mien_value *entry) {
    const char *texts[3] = {NULL, NULL, NULL};
    mien_node reads[READS_MAX], node = -1;
    int64_t count =
        mien_value_kind_of(entry) == MIEN_VALUE_LIST ? mien_value_count(entry) - 3 : -1;
    for (int i = 0; count >= 0 && i < 3; i++) {
        texts[i] = mien_value_text(mien_value_at(entry, i));
    }
    if (count < 0 || count > READS_MAX || !texts[0] || !texts[1] || !texts[2]) {
        return fail_document("a node is no list of name, operator, options and inputs");
    }
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = find_node(b, mien_value_at(entry, 3 + i), &reads[i]);
    }
    if (status == MIEN_OK) {
        status = mien_graph_add(
            b->graph, texts[1], texts[0], reads, (int)count, texts[2], &node);
    }
    return status == MIEN_OK ? name_node(b, texts[0], node) : status;
}

static mien_status build(building *b, const mien_node *inputs, mien_node *outputs) {
    const mien_value *nodes = list_of(b->document, "nodes");
    const mien_value *out = list_of(b->document, "outputs");
    mien_status status = MIEN_OK;
    if (!nodes || mien_document_inputs(b->document) == 0 ||
        mien_document_outputs(b->document) == 0) {
        return fail_document("inputs, nodes and outputs are not all there");
    }
    for (int i = 0; status == MIEN_OK && i < mien_document_inputs(b->document); i++) {
        status = name_node(b, mien_document_input(b->document, i), inputs[i]);
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(nodes); i++) {
        status = build_node(b, mien_value_at(nodes, i));
    }
    for (int i = 0; status == MIEN_OK && i < mien_document_outputs(b->document); i++) {
        const mien_value *port = mien_value_at(out, i);
        bool good = mien_value_kind_of(port) == MIEN_VALUE_LIST;
        status = find_node(b, good ? mien_value_at(port, 1) : NULL, &outputs[i]);
    }
    return status;
}

mien_status mien_document_build(const mien_value *document, mien_graph *graph,
    const mien_node *inputs, mien_node *outputs) {
    building b = {.document = document, .graph = graph};
    mien_status status = build(&b, inputs, outputs);
    mien_index_clear(&b.index);
    return status;
}
