/* SPDX-License-Identifier: MIT */
/* A foreign network taken over: its file is read, its inputs are bound to sizes, what
 * can be computed now is folded, groups of nodes are put in one, and the rest becomes
 * operators of mien's, which are written down, built once more from what was written,
 * and filled. The families of operators are in import_maths.c, import_places.c and so
 * on. */
#include "models/exchange/import.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "models/contract/document.h"
#include "models/contract/file.h"
#include "models/exchange/import_keras.h"

#define OPSET_LEAST 6
#define OPSET_MOST 26
#define NAME_MAX 300 /* bytes of a node's name */

struct mien_import {
    mien_value *document;
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node inputs[MIEN_DOCUMENT_PORTS_MAX], outputs[MIEN_DOCUMENT_PORTS_MAX];
    char source[160];
};

mien_import_options mien_import_options_default(void) {
    return (mien_import_options){0};
}

/* ---- operators
 * --------------------------------------------------------------------------- */

static const mien_import_row *const tables[] = {mien_import_maths, mien_import_places,
    mien_import_windows, mien_import_products, mien_import_reductions,
    mien_import_recurrent, mien_import_shapes, mien_import_parts, mien_import_made};
#define TABLES ((int)(sizeof tables / sizeof tables[0]))

const mien_import_row *mien_import_find(const char *op) {
    for (int t = 0; t < TABLES; t++) {
        for (const mien_import_row *row = tables[t]; row->op; row++) {
            if (strcmp(row->op, op) == 0) {
                return row;
            }
        }
    }
    return NULL;
}

static bool own_domain(const mien_onnx_node *n) {
    return !n->domain[0] || strcmp(n->domain, "ai.onnx") == 0;
}

/* Operators that are lacking, each once with how often it is there. */
static mien_status check_operators(const mien_importing *im) {
    mien_string text;
    int kinds = 0, nodes = 0;
    mien_string_init(&text);
    for (int i = 0; i < im->m->nodes_count; i++) {
        const mien_onnx_node *n = &im->m->nodes[i];
        if (im->nodes[i].row && own_domain(n)) {
            continue;
        }
        int count = 0;
        bool first = true;
        for (int k = 0; k < im->m->nodes_count && kinds < 64; k++) {
            const mien_onnx_node *other = &im->m->nodes[k];
            bool same =
                strcmp(other->op, n->op) == 0 && strcmp(other->domain, n->domain) == 0;
            first = first && !(same && k < i);
            count += same;
        }
        nodes++;
        if (first && kinds++ < 64) {
            mien_string_addf(&text, "%s%s%s%s × %d", kinds > 1 ? ", " : "",
                own_domain(n) ? "" : n->domain, own_domain(n) ? "" : ".", n->op, count);
        }
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && kinds > 0) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "%d of its %d nodes are of operators that mien does not have: %s", nodes,
            im->m->nodes_count, text.text);
    }
    mien_string_clear(&text);
    return status;
}

/* Operators that are today what they were in the first version. */
static bool is_oldest(const mien_onnx *m) {
    static const char *const ops[] = {"GlobalAveragePool", "GlobalMaxPool", "Softplus",
        "Softsign", "Conv", "Transpose", "LRN", "Flatten"};
    bool all = m->opset < OPSET_LEAST;
    for (int i = 0; all && i < m->nodes_count; i++) {
        bool one = false;
        for (int k = 0; k < 8; k++) {
            one = one || strcmp(ops[k], m->nodes[i].op) == 0;
        }
        all = one;
    }
    return all;
}

static mien_status check_model(const mien_onnx *m) {
    if ((m->opset < OPSET_LEAST && !is_oldest(m)) || m->opset > OPSET_MOST) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "it uses version %lld of ONNX's operators; %d to %d are read",
            (long long)m->opset, OPSET_LEAST, OPSET_MOST);
    }
    if (m->functions_count > 0) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "it has %d functions of its own, which are not read", m->functions_count);
    }
    if (m->inputs_count == 0 || m->outputs_count == 0 ||
        m->outputs_count > MIEN_DOCUMENT_PORTS_MAX) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "it has %d inputs and %d outputs; at least "
            "one of each, at most %d outputs",
            m->inputs_count, m->outputs_count, MIEN_DOCUMENT_PORTS_MAX);
    }
    return MIEN_OK;
}

/* ---- values
 * ------------------------------------------------------------------------------- */

static mien_status add_value(mien_importing *im, const char *name, int *number) {
    int64_t at = mien_index_find(&im->index, name, strlen(name));
    if (at < 0) {
        at = im->values_count++;
        im->values[at] =
            (mien_import_value){.name = name, .whole = -1, .rows = -1, .maker = -1};
        mien_status status = mien_index_add(&im->index, name, strlen(name), at);
        if (status != MIEN_OK) {
            return status;
        }
    }
    *number = (int)at;
    return MIEN_OK;
}

static mien_status add_names(
    mien_importing *im, int count, const char *const *names, int **numbers) {
    *numbers = mien_arena_alloc(im->m->arena, (size_t)count + 1, sizeof **numbers);
    mien_status status = *numbers ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        (*numbers)[i] = -1;
        if (names[i][0]) {
            status = add_value(im, names[i], &(*numbers)[i]);
        }
    }
    return status;
}

static mien_status add_node(mien_importing *im, int i) {
    mien_import_node *node = &im->nodes[i];
    node->from = &im->m->nodes[i];
    node->row = mien_import_find(node->from->op);
    mien_status status =
        add_names(im, node->from->inputs_count, node->from->inputs, &node->in);
    if (status == MIEN_OK) {
        status =
            add_names(im, node->from->outputs_count, node->from->outputs, &node->out);
    }
    for (int k = 0; status == MIEN_OK && k < node->from->inputs_count; k++) {
        if (node->in[k] >= 0) {
            im->values[node->in[k]].readers++;
        }
    }
    for (int k = 0; status == MIEN_OK && k < node->from->outputs_count; k++) {
        mien_import_value *v = node->out[k] >= 0 ? &im->values[node->out[k]] : NULL;
        if (v && v->maker >= 0) {
            return mien_fail(MIEN_EFORMAT, "\"%s\" is given by two nodes", v->name);
        }
        if (v) {
            v->maker = i;
        }
    }
    return status;
}

static mien_status add_nodes(mien_importing *im) {
    size_t most = 0;
    for (int i = 0; i < im->m->nodes_count; i++) {
        most += (size_t)im->m->nodes[i].inputs_count +
                (size_t)im->m->nodes[i].outputs_count;
    }
    most += (size_t)im->m->initializers_count + (size_t)im->m->inputs_count +
            (size_t)im->m->outputs_count;
    im->values = mien_alloc(most + 1, sizeof *im->values);
    im->nodes = mien_alloc((size_t)im->m->nodes_count + 1, sizeof *im->nodes);
    mien_status status = im->values && im->nodes ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < im->m->nodes_count; i++) {
        status = add_node(im, i);
    }
    return status;
}

/* Floats of any width as f32, whole numbers and truths as i64. */
mien_status mien_import_set(
    mien_importing *im, mien_import_value *v, const mien_tensor *tensor) {
    bool real = tensor->dtype == MIEN_F32 || tensor->dtype == MIEN_F64 ||
                tensor->dtype == MIEN_F16 || tensor->dtype == MIEN_BF16;
    mien_dtype want = real ? MIEN_F32 : MIEN_I64;
    mien_tensor *made = (mien_tensor *)tensor;
    mien_status status = MIEN_OK;
    if (tensor->dtype != want || !tensor->data) {
        status = mien_tensor_convert(tensor, want, &made);
        status = status == MIEN_OK ? mien_onnx_keep(im->m, made) : status;
    }
    if (status != MIEN_OK) {
        return status;
    }
    v->known = v->stored = true;
    v->constant = made;
    v->type = real                         ? MIEN_IMPORT_FLOAT
              : tensor->dtype == MIEN_BOOL ? MIEN_IMPORT_BOOL
                                           : MIEN_IMPORT_INT;
    v->rank = tensor->rank;
    memcpy(v->shape, tensor->shape, sizeof v->shape);
    return MIEN_OK;
}

static mien_status add_initializers(mien_importing *im) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < im->m->initializers_count; i++) {
        const mien_onnx_tensor *t = &im->m->initializers[i];
        int number = -1;
        status = add_value(im, t->name, &number);
        if (status == MIEN_OK &&
            (im->values[number].known || im->values[number].maker >= 0)) {
            status = mien_fail(MIEN_EFORMAT, "\"%s\" is given twice", t->name);
        }
        if (status == MIEN_OK) {
            status = mien_import_set(im, &im->values[number], t->tensor);
        }
    }
    return status;
}

/* ---- inputs
 * --------------------------------------------------------------------------------- */

static const mien_tensor *bound(const mien_importing *im, const char *name) {
    for (int i = 0; i < im->options->bound_count; i++) {
        if (strcmp(im->options->bound[i].input, name) == 0) {
            return im->options->bound[i].tensor;
        }
    }
    return NULL;
}

static const mien_import_size *size_of(const mien_importing *im, const char *name) {
    for (int i = 0; i < im->options->sizes_count; i++) {
        const char *input = im->options->sizes[i].input;
        if (!input || strcmp(input, name) == 0) {
            return &im->options->sizes[i];
        }
    }
    return NULL;
}

/* The shape of one item: as the file says, but for what the caller says. */
static mien_status shape_of(
    const mien_importing *im, const mien_onnx_value *input, mien_import_value *v) {
    const mien_import_size *size = size_of(im, input->name);
    int rank = size && size->rank ? size->rank : input->rank;
    if (rank < 0 || (input->rank >= 0 && rank != input->rank)) {
        return mien_fail(MIEN_ESHAPE,
            "input %s: %d dimensions are asked for, the file has %d", input->name, rank,
            input->rank);
    }
    v->rank = rank;
    for (int d = 0; d < rank; d++) {
        int64_t asked = size && size->rank ? size->shape[d] : 0;
        v->shape[d] = asked > 0 ? asked : input->rank > d ? input->shape[d] : -1;
        if (d == 0 && !im->options->whole) {
            v->shape[d] = 1;
        }
        if (v->shape[d] < 1) {
            return mien_fail(MIEN_ESHAPE,
                "input %s: dimension %d%s%s is left open; say its size", input->name, d,
                input->dimension[d] ? ", " : "",
                input->dimension[d] ? input->dimension[d] : "");
        }
    }
    return MIEN_OK;
}

static mien_status add_input(mien_importing *im, const mien_onnx_value *input) {
    int number = -1;
    mien_status status = add_value(im, input->name, &number);
    mien_import_value *v = &im->values[number];
    if (status != MIEN_OK || v->known) {
        return status; /* old files list initialisers among the inputs */
    }
    if (bound(im, input->name)) {
        return mien_import_set(im, v, bound(im, input->name));
    }
    if (v->maker >= 0 || input->dtype == MIEN_DTYPES) {
        return mien_fail(
            MIEN_EFORMAT, "input %s is given by a node, or has no type", input->name);
    }
    if (input->dtype != MIEN_F32 && input->dtype != MIEN_F16 &&
        input->dtype != MIEN_F64 && input->dtype != MIEN_BF16 &&
        input->dtype != MIEN_U8) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "input %s is of type %s; only real numbers and bytes enter a network",
            input->name, mien_dtype_name(input->dtype));
    }
    status = shape_of(im, input, v);
    if (status != MIEN_OK) {
        return status;
    }
    if (v->rank > MIEN_RANK_MAX - 1) {
        return mien_fail(
            MIEN_ELIMIT, "input %s has %d dimensions", input->name, v->rank);
    }
    bool rows = v->rank >= 2 && v->shape[0] == 1;
    int64_t shape[MIEN_RANK_MAX] = {MIEN_BATCH, 1};
    int rank = rows ? v->rank : 1 + (v->rank ? v->rank : 1);
    for (int d = 0; d < v->rank - rows; d++) {
        shape[1 + d] = v->shape[d + rows];
    }
    status = mien_graph_input(
        im->graph, input->name, rank, shape, rows ? &v->rows : &v->whole);
    v->known = true;
    return status;
}

static mien_status check_asked(const mien_importing *im) {
    for (int i = 0; i < im->options->sizes_count + im->options->bound_count; i++) {
        int k = i - im->options->sizes_count;
        const char *name =
            k < 0 ? im->options->sizes[i].input : im->options->bound[k].input;
        bool found = !name;
        for (int n = 0; n < im->m->inputs_count && !found; n++) {
            found = strcmp(im->m->inputs[n].name, name) == 0;
        }
        if (!found) {
            return mien_fail(MIEN_EINVAL, "it has no input \"%s\"; its first is \"%s\"",
                name, im->m->inputs[0].name);
        }
    }
    return MIEN_OK;
}

/* ---- nodes
 * ------------------------------------------------------------------------------------
 */

static bool all_constant(const mien_importing *im) {
    bool constant = true;
    for (int k = 0; constant && k < mien_import_count(im); k++) {
        const mien_import_value *v = mien_import_in(im, k);
        constant = !v || v->constant;
    }
    return constant;
}

static void take_over(mien_importing *im, int i) {
    im->at = &im->nodes[i];
    const mien_onnx_node *n = im->at->from;
    snprintf(im->name, sizeof im->name, "%.*s", NAME_MAX,
        n->outputs_count && n->outputs[0][0] ? n->outputs[0] : n->op);
    im->named = 0;
    for (int k = 0; k < n->inputs_count && im->status == MIEN_OK; k++) {
        if (im->at->in[k] >= 0 && !im->values[im->at->in[k]].known) {
            mien_import_fail(im, MIEN_EFORMAT,
                "it reads \"%s\", which no node before it gives", n->inputs[k]);
        }
    }
    for (int a = 0; a < n->attributes_count && im->status == MIEN_OK; a++) {
        if (n->attributes[a].kind == MIEN_ONNX_GRAPH ||
            (int)n->attributes[a].kind > 8) {
            mien_import_fail(im, MIEN_EUNSUPPORTED,
                "it has a graph inside (%s), which is not read", n->attributes[a].name);
        }
    }
    if (n->outputs_count < 1) {
        mien_import_fail(im, MIEN_EFORMAT, "it gives nothing");
    }
    if (im->status == MIEN_OK) {
        bool folds = im->at->row->fold && all_constant(im);
        if (folds) {
            im->at->row->fold(im);
        } else if (im->at->row->map) {
            im->at->row->map(im);
        } else {
            mien_import_fail(im, MIEN_EUNSUPPORTED,
                "it works on computed values; mien only does it on constants");
        }
    }
    if (im->status != MIEN_OK && im->status != MIEN_ENOMEM) {
        mien_fail_in(
            im->status, "node %s (%s)", n->name[0] ? n->name : im->name, n->op);
    }
}

static mien_status take_all(mien_importing *im) {
    for (int i = 0; im->status == MIEN_OK && i < im->m->outputs_count; i++) {
        const char *name = im->m->outputs[i].name;
        int64_t at = mien_index_find(&im->index, name, strlen(name));
        if (at < 0) {
            return mien_fail(MIEN_EFORMAT, "no node gives its output \"%s\"", name);
        }
        im->values[at].readers++;
    }
    mien_import_rewrite(im);
    for (int i = 0; im->status == MIEN_OK && i < im->m->nodes_count; i++) {
        if (!im->nodes[i].gone) {
            take_over(im, i);
        }
    }
    return im->status;
}

/* ---- the result
 * --------------------------------------------------------------------------------- */

static mien_status find_output(mien_importing *im, int i, mien_document_port *port) {
    const char *name = im->m->outputs[i].name;
    mien_import_value *v = &im->values[mien_index_find(&im->index, name, strlen(name))];
    if (!v->known) {
        return mien_fail(MIEN_EFORMAT, "no node gives its output \"%s\"", name);
    }
    port->name = name;
    snprintf(im->name, sizeof im->name, "%.*s", NAME_MAX, name);
    im->named = 0;
    bool item = !im->options->whole && v->rank >= 2 && v->shape[0] == 1;
    port->node = item ? mien_import_rows(im, v) : mien_import_whole(im, v);
    return im->status;
}

static mien_status write_down(mien_importing *im, mien_value **document) {
    mien_document_port in[MIEN_DOCUMENT_PORTS_MAX], out[MIEN_DOCUMENT_PORTS_MAX];
    int inputs = 0;
    mien_status status = MIEN_OK;
    for (int i = 0; i < im->m->inputs_count; i++) {
        const char *name = im->m->inputs[i].name;
        mien_node node = mien_graph_find(im->graph, name);
        if (node < 0 || strcmp(mien_graph_operator(im->graph, node), "input") != 0) {
            continue;
        }
        if (inputs == MIEN_DOCUMENT_PORTS_MAX) {
            return mien_fail(
                MIEN_ELIMIT, "more than %d inputs", MIEN_DOCUMENT_PORTS_MAX);
        }
        in[inputs++] = (mien_document_port){name, node};
    }
    if (inputs == 0) {
        return mien_fail(MIEN_EUNSUPPORTED, "nothing enters it: all is constant");
    }
    for (int i = 0; status == MIEN_OK && i < im->m->outputs_count; i++) {
        status = find_output(im, i, &out[i]);
    }
    return status == MIEN_OK ? mien_document_make(im->graph, in, inputs, out,
                                   im->m->outputs_count, document)
                             : status;
}

/* Builds what was written down: the graph of a contract and that of the file are one.
 */
static mien_status build(mien_import *import) {
    const mien_value *d = import->document;
    mien_status status = mien_graph_new(&import->graph);
    for (int i = 0; status == MIEN_OK && i < mien_document_inputs(d); i++) {
        int64_t shape[MIEN_RANK_MAX] = {MIEN_BATCH};
        int rank = mien_document_input_shape(d, i, shape + 1);
        status = mien_graph_input(import->graph, mien_document_input(d, i), 1 + rank,
            shape, &import->inputs[i]);
    }
    if (status == MIEN_OK) {
        status = mien_document_build(d, import->graph, import->inputs, import->outputs);
    }
    return status == MIEN_OK ? mien_parameters_new(import->graph, &import->parameters)
                             : status;
}

static mien_status fill_one(
    const mien_importing *im, const mien_import_fill *f, mien_parameters *parameters) {
    char name[700];
    snprintf(
        name, sizeof name, "%s.%s", mien_graph_name(im->graph, f->node), f->suffix);
    int64_t at = mien_parameters_find(parameters, name);
    if (at < 0) {
        return MIEN_OK; /* nothing that is asked for needs it */
    }
    mien_tensor *to = mien_parameters_at(parameters, at);
    if (mien_tensor_count(to) != mien_tensor_count(f->tensor)) {
        return mien_fail(MIEN_EFORMAT, "%s: %lld values where it has %lld", name,
            (long long)mien_tensor_count(f->tensor), (long long)mien_tensor_count(to));
    }
    memcpy(to->data, f->tensor->data, mien_tensor_bytes(to));
    mien_status status =
        mien_values_check(name, to->data, mien_tensor_count(to)) == MIEN_OK
            ? MIEN_OK
            : mien_fail_in(MIEN_EFORMAT, "weights");
    return status;
}

static mien_status finish(mien_importing *im, mien_import *import) {
    mien_status status = write_down(im, &import->document);
    if (status == MIEN_OK) {
        status = build(import);
    }
    for (int i = 0; status == MIEN_OK && i < im->fills_count; i++) {
        status = fill_one(im, &im->fills[i], import->parameters);
    }
    return status;
}

static mien_status run(mien_importing *im, mien_import *import) {
    mien_status status = check_model(im->m);
    if (status == MIEN_OK) {
        status = mien_graph_new(&im->graph);
    }
    if (status == MIEN_OK) {
        status = add_nodes(im);
    }
    if (status == MIEN_OK) {
        status = check_operators(im);
    }
    if (status == MIEN_OK) {
        status = add_initializers(im);
    }
    if (status == MIEN_OK) {
        status = check_asked(im);
    }
    for (int i = 0; status == MIEN_OK && i < im->m->inputs_count; i++) {
        status = add_input(im, &im->m->inputs[i]);
    }
    if (status == MIEN_OK) {
        status = take_all(im);
    }
    return status == MIEN_OK ? finish(im, import) : status;
}

/* ---- public
 * -------------------------------------------------------------------------------------
 */

static mien_status read_file(
    const char *path, mien_onnx **m, char *source, size_t size) {
    const char *extension = mien_path_extension(path);
    bool keras = strcmp(extension, "h5") == 0 || strcmp(extension, "hdf5") == 0;
    mien_status status = keras ? mien_keras_read(path, m) : mien_onnx_read(path, m);
    if (status == MIEN_OK) {
        char version[32] = "Keras model";
        if (!keras) {
            snprintf(version, sizeof version, "ONNX %lld", (long long)(*m)->opset);
        }
        snprintf(source, size, "%s%s%s%s%s", version, (*m)->producer[0] ? " by " : "",
            (*m)->producer, (*m)->producer_version[0] ? " " : "",
            (*m)->producer_version);
    }
    return status;
}

mien_status mien_import_take(
    mien_onnx *m, const mien_import_options *options, mien_import **import) {
    const mien_import_options usual = mien_import_options_default();
    mien_importing im = {.m = m, .options = options ? options : &usual};
    mien_import *made = mien_alloc(1, sizeof *made);
    mien_status status = made ? run(&im, made) : MIEN_ENOMEM;
    mien_graph_free(&im.graph);
    mien_index_clear(&im.index);
    mien_free(im.values);
    mien_free(im.nodes);
    mien_free(im.fills);
    if (status != MIEN_OK) {
        mien_import_close(&made);
        return status;
    }
    *import = made;
    return MIEN_OK;
}

mien_status mien_import_open(
    const char *path, const mien_import_options *options, mien_import **import) {
    MIEN_NEED(path, import);
    mien_onnx *m = NULL;
    char source[160];
    mien_status status = read_file(path, &m, source, sizeof source);
    if (status == MIEN_OK) {
        status = mien_import_take(m, options, import);
        if (status == MIEN_OK) {
            snprintf((*import)->source, sizeof(*import)->source, "%s", source);
        } else if (status != MIEN_ENOMEM) {
            mien_fail_in(status, "%s", path);
        }
    }
    mien_onnx_free(&m);
    return status;
}

void mien_import_close(mien_import **import) {
    if (import && *import) {
        mien_parameters_free(&(*import)->parameters);
        mien_graph_free(&(*import)->graph);
        mien_value_free(&(*import)->document);
        mien_free(*import);
        *import = NULL;
    }
}

const mien_graph *mien_import_graph(const mien_import *import) {
    MIEN_NEED_OR(NULL, import);
    return import->graph;
}

mien_parameters *mien_import_parameters(const mien_import *import) {
    MIEN_NEED_OR(NULL, import);
    return import->parameters;
}

int mien_import_inputs(const mien_import *import) {
    MIEN_NEED_OR(0, import);
    return mien_document_inputs(import->document);
}

mien_node mien_import_input(const mien_import *import, int index) {
    MIEN_NEED_OR(-1, import);
    return index >= 0 && index < mien_import_inputs(import) ? import->inputs[index]
                                                            : -1;
}

const char *mien_import_input_name(const mien_import *import, int index) {
    MIEN_NEED_OR(NULL, import);
    return mien_document_input(import->document, index);
}

int mien_import_outputs(const mien_import *import) {
    MIEN_NEED_OR(0, import);
    return mien_document_outputs(import->document);
}

mien_node mien_import_output(const mien_import *import, int index) {
    MIEN_NEED_OR(-1, import);
    return index >= 0 && index < mien_import_outputs(import) ? import->outputs[index]
                                                             : -1;
}

const char *mien_import_output_name(const mien_import *import, int index) {
    MIEN_NEED_OR(NULL, import);
    return mien_document_output(import->document, index);
}

int mien_import_output_find(const mien_import *import, const char *name) {
    MIEN_NEED_OR(-1, import, name);
    for (int i = 0; i < mien_import_outputs(import); i++) {
        if (strcmp(mien_import_output_name(import, i), name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *mien_import_source(const mien_import *import) {
    MIEN_NEED_OR(NULL, import);
    return import->source;
}

mien_status mien_import_document(const mien_import *import, mien_value **document) {
    MIEN_NEED(import, document);
    return mien_value_copy(import->document, document);
}
