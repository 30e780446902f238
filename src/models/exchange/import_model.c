/* SPDX-License-Identifier: MIT */
/* A foreign network made a model. In come its file and what that does not say: how
 * pictures are fed, what its outputs are. Out goes a model, whose contract keeps that
 * with the graph and golden vectors (import_restore.c, which also makes models of
 * mien's own exports). Called by `mien models import`. */
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "mien/graphs.h"
#include "io/onnx.h"
#include "models/contract/contract.h"
#include "models/contract/document.h"
#include "models/exchange/export.h"
#include "models/contract/file.h"
#include "models/exchange/import.h"
#include "models/contract/json_fields.h"
#include "models/parts/parts.h"

#define GRAPH "net"
#define INPUT "image"

/* The state of one call. */
typedef struct making {
    const mien_import_contract *c;
    mien_import *import;
    mien_network n;
    mien_value *graphs, *training;
    mien_arena *arena; /* of labels */
    int64_t item[MIEN_RANK_MAX];
    int rank;
    bool grey, last; /* one channel; channels last */
    mien_preprocess preprocess;
} making;

mien_import_contract mien_import_contract_default(void) {
    return (mien_import_contract){.minimum = -1, .maximum = 1};
}

/* ---- the input
 * ------------------------------------------------------------------------- */

static mien_status read_form(making *m) {
    mien_value *document = NULL;
    mien_status status = mien_import_document(m->import, &document);
    if (status != MIEN_OK) {
        return status;
    }
    if (mien_import_inputs(m->import) == 1) {
        m->rank = mien_document_input_shape(document, 0, m->item);
    }
    mien_value_free(&document);
    bool first = m->rank == 3 && (m->item[0] == 1 || m->item[0] == 3);
    m->last = m->rank == 3 && !first && (m->item[2] == 1 || m->item[2] == 3);
    m->grey = m->rank == 3 && m->item[m->last ? 2 : 0] == 1;
    return m->rank == 1 || first || m->last
               ? MIEN_OK
               : mien_fail(MIEN_EUNSUPPORTED,
                     "it has %d inputs; a model reads one: a picture of one or three "
                     "colours, or a row of values",
                     mien_import_inputs(m->import));
}

/* Settings of a row of inputs; those that a text leaves out are the usual ones. */
static mien_status read_settings(
    const char *name, const char *text, mien_options **options) {
    const mien_input_kind *kind = NULL;
    mien_status status = mien_input_kind_find(name, &kind);
    return status == MIEN_OK
               ? mien_settings_read(name, kind->options, text ? text : "", options)
               : status;
}

/* Faces have the colours of `picture` and are cut out as `faces` says. */
static mien_status read_face(const making *m, mien_options **options) {
    static const char *const colours[] = {"order", "mean", "deviation"};
    mien_options *picture = NULL;
    char scale[32];
    mien_status status = read_settings("picture", m->c->picture, &picture);
    if (status == MIEN_OK) {
        status = read_settings("face", m->c->faces, options);
    }
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        if (!mien_options_given(*options, colours[i])) {
            status = mien_options_set(
                *options, "face", colours[i], mien_options_text(picture, colours[i]));
        }
    }
    if (status == MIEN_OK && !mien_options_given(*options, "scale")) {
        status = mien_options_set(*options, "face", "scale",
            mien_format_double(mien_options_number(picture, "scale"), scale));
    }
    mien_options_free(&picture);
    return status;
}

static mien_status add_picture(making *m) {
    const char *kind = m->c->faces ? "face" : "picture";
    mien_options *options = NULL;
    mien_input input;
    char side[32];
    mien_status status = mien_input_init(&input, kind, INPUT);
    if (status == MIEN_OK) {
        status = m->c->faces ? read_face(m, &options)
                             : read_settings(kind, m->c->picture, &options);
    }
    for (int d = 0; status == MIEN_OK && d < 2; d++) {
        snprintf(side, sizeof side, "%lld", (long long)m->item[d + !m->last]);
        status = mien_options_set(options, kind, d ? "width" : "height", side);
    }
    if (status == MIEN_OK) {
        status = mien_input_settings(&input, options);
    }
    if (status == MIEN_OK) {
        status = mien_input_measure(&input, NULL);
    }
    if (status == MIEN_OK) {
        status = mien_input_preprocess(&input, &m->preprocess);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_add(&m->n.architecture, &input);
    }
    mien_options_free(&options);
    return status;
}

static mien_status add_row(making *m) {
    mien_input input;
    const char *name = mien_import_input_name(m->import, 0);
    mien_status status = mien_input_features(name, m->item[0], &input);
    return status == MIEN_OK ? mien_architecture_add(&m->n.architecture, &input)
                             : status;
}

/* ---- the branch
 * ------------------------------------------------------------------------- */

/* The node that gives the logits: what a softmax at the end reads. */
static mien_status find_end(const making *m, const char **end, int64_t *width) {
    const mien_graph *graph = mien_import_graph(m->import);
    const char *name = m->c->output;
    int index = name ? mien_import_output_find(m->import, name) : 0;
    int64_t shape[MIEN_RANK_MAX];
    *end = name ? name : "";
    if (index < 0) {
        return mien_fail(MIEN_ENOTFOUND, "it has no output \"%s\"; its first is \"%s\"",
            name, mien_import_output_name(m->import, 0));
    }
    mien_node node = mien_import_output(m->import, index);
    if (m->c->classes && strcmp(mien_graph_operator(graph, node), "softmax") == 0) {
        mien_graph_reads(graph, node, &node, 1);
        *end = mien_graph_name(graph, node);
    }
    int rank = mien_graph_shape(graph, node, shape);
    *width = rank == 4 ? shape[1] : 1;
    for (int d = 1; rank != 4 && d < rank; d++) {
        *width *= shape[d];
    }
    return strpbrk(*end, ";=")
               ? mien_fail(MIEN_EUNSUPPORTED, "an output called \"%s\"", *end)
               : MIEN_OK;
}

static mien_status add_branch(making *m) {
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    const char *end = "";
    mien_status status = find_end(m, &end, &m->n.architecture.outputs);
    if (status == MIEN_OK) {
        status = mien_branch_kind_find("graph", &kind);
    }
    if (status == MIEN_OK) {
        status = mien_options_new(kind->options, &options);
    }
    const char *const pairs[][2] = {{"of", GRAPH}, {"output", end},
        {"colours", m->grey ? "grey" : "rgb"},
        {"layout", m->last ? "channels-last" : "channels-first"}};
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        status = mien_options_set(options, "graph", pairs[i][0], pairs[i][1]);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_stage(&m->n.architecture, 0, "graph", options);
    }
    mien_options_free(&options);
    return status == MIEN_OK ? mien_architecture_head(&m->n.architecture, "none", NULL)
                             : status;
}

static mien_status add_graph(making *m) {
    mien_value *document = NULL;
    mien_status status = mien_import_document(m->import, &document);
    m->graphs = mien_value_new_map();
    if (status == MIEN_OK) {
        status = m->graphs ? mien_value_set(m->graphs, GRAPH, document) : MIEN_ENOMEM;
    }
    m->n.architecture.graphs = m->graphs;
    return status;
}

/* ---- targets
 * ------------------------------------------------------------------------------ */

/* "a,b,c" into names; their number. */
static int split(making *m, const char *text, const char **names, int most) {
    int count = 0;
    while (text && *text) {
        size_t length = strcspn(text, ",");
        char *name = mien_arena_alloc(m->arena, length + 1, 1);
        if (!name || count == most) {
            return -1;
        }
        memcpy(name, text, length);
        names[count++] = name;
        text += length + (text[length] == ',');
    }
    return count;
}

static void fill_target(mien_target *t, const char *name) {
    snprintf(t->name, sizeof t->name, "%s", name);
    strcpy(t->construct, "depicted");
    strcpy(t->perspective, "normative");
}

static mien_status add_targets(making *m) {
    const char **labels = mien_arena_alloc(m->arena, MIEN_CLASSES_MAX, sizeof *labels);
    const char *values[MIEN_TARGETS_MAX];
    int classes = labels ? split(m, m->c->classes, labels, MIEN_CLASSES_MAX) : -1;
    int more = labels ? split(m, m->c->values, values, MIEN_TARGETS_MAX - 1) : -1;
    int64_t outputs = m->n.architecture.outputs;
    char low[32], high[32];
    if (classes < 0 || more < 0) {
        return labels ? mien_fail(MIEN_ELIMIT, "too many classes or values")
                      : MIEN_ENOMEM;
    }
    if (classes + more == 0) {
        return mien_fail(MIEN_EINVAL,
            "what its %lld outputs are is not said: name classes or values, or a "
            "network "
            "that it is like; nothing runs without a contract",
            (long long)outputs);
    }
    if (classes + more != outputs) {
        return mien_fail(MIEN_EINVAL,
            "%d classes and %d values are named; it has %lld outputs", classes, more,
            (long long)outputs);
    }
    if (classes > 0) {
        mien_target *t = &m->n.targets[m->n.targets_count++];
        fill_target(t, m->c->target ? m->c->target : "emotion");
        strcpy(t->unit, "class");
        t->link = MIEN_LINK_SOFTMAX;
        t->classes = labels;
        t->classes_count = classes;
    }
    for (int i = 0; i < more; i++) {
        mien_target *t = &m->n.targets[m->n.targets_count++];
        fill_target(t, values[i]);
        t->minimum = m->c->minimum;
        t->maximum = m->c->maximum;
        snprintf(t->unit, sizeof t->unit, "%s to %s",
            mien_format_double(t->minimum, low), mien_format_double(t->maximum, high));
    }
    return MIEN_OK;
}

static mien_status add_words(making *m, const char *path) {
    char digest[65];
    mien_status status = mien_sha256_file(path, digest);
    mien_maker t = mien_maker_new();
    mien_maker_set(&t, "imported_from", mien_value_new_text(mien_path_base(path)));
    mien_maker_set(&t, "format", mien_value_new_text(mien_import_source(m->import)));
    mien_maker_set(&t, "sha256", mien_value_new_text(status == MIEN_OK ? digest : ""));
    if (m->c->like) {
        mien_maker_set(&t, "like", mien_value_new_text(m->c->like));
    }
    m->training = mien_maker_take(&t);
    m->n.training = m->training;
    snprintf(m->n.licence, sizeof m->n.licence, "%s",
        m->c->licence ? m->c->licence : "unknown");
    snprintf(m->n.citation, sizeof m->n.citation, "%s",
        m->c->citation ? m->c->citation : "");
    return status != MIEN_OK ? status : m->training ? MIEN_OK : t.status;
}

/* ---- weights
 * -------------------------------------------------------------------------------- */

/* Moves the import's parameters under the branch's names. */
static mien_status fill_body(const making *m, mien_network_body *body) {
    mien_parameters *from = mien_import_parameters(m->import);
    const char *prefix = m->n.architecture.branches[0].prefix;
    mien_status status = mien_network_build(&m->n, body);
    if (status == MIEN_OK) {
        status = mien_parameters_new(body->graph, &body->parameters);
    }
    for (int64_t i = 0;
         status == MIEN_OK && i < mien_parameters_count(body->parameters); i++) {
        const char *name = mien_parameters_name(body->parameters, i);
        int64_t at = mien_parameters_find(from, name + strlen(prefix) + 2); /* "0." */
        mien_tensor *to = mien_parameters_at(body->parameters, i);
        if (at < 0) {
            return mien_fail(MIEN_EFORMAT, "there are no weights %s", name);
        }
        memcpy(to->data, mien_parameters_at(from, at)->data, mien_tensor_bytes(to));
    }
    return status;
}

/* ---- all
 * ------------------------------------------------------------------------------------------
 */

static mien_status make(making *m, const char *path, const char *output) {
    mien_network_body body = {0};
    mien_model *model = NULL;
    mien_status status = mien_arena_new(4096, &m->arena);
    if (status == MIEN_OK) {
        status = read_form(m);
    }
    if (status == MIEN_OK) {
        status = m->rank == 1 ? add_row(m) : add_picture(m);
    }
    if (status == MIEN_OK) {
        status = add_branch(m);
    }
    if (status == MIEN_OK) {
        status = add_graph(m);
    }
    if (status == MIEN_OK) {
        status = add_targets(m);
    }
    if (status == MIEN_OK) {
        status = add_words(m, path);
    }
    if (status == MIEN_OK) {
        status = mien_network_check(&m->n);
    }
    if (status == MIEN_OK) {
        status = fill_body(m, &body);
    }
    if (status == MIEN_OK) {
        status = mien_model_adopt(path, &m->n, &body, &model);
    }
    if (status == MIEN_OK) {
        status = mien_import_save(model, output);
    }
    mien_model_close(&model);
    mien_network_clear(&body);
    return status;
}

mien_status mien_import_model(const char *path, const mien_import_options *options,
    const mien_import_contract *contract, const char *output) {
    MIEN_NEED(path, output);
    mien_import_contract c = contract ? *contract : mien_import_contract_default();
    const mien_import_like *like = NULL;
    mien_status status = c.like ? mien_import_like_find(c.like, &like) : MIEN_OK;
    making *m = status == MIEN_OK ? mien_alloc(1, sizeof *m) : NULL;
    if (!m) {
        return status == MIEN_OK ? MIEN_ENOMEM : status;
    }
    if (like) {
        c.picture = c.picture ? c.picture : like->picture;
        c.classes = c.classes ? c.classes : like->classes;
        c.values = c.values ? c.values : like->values;
        c.licence = c.licence ? c.licence : like->licence;
        c.faces = c.faces && !*c.faces ? like->faces : c.faces;
    }
    m->c = &c;
    m->n.architecture = mien_architecture_default();
    bool done = false;
    status = mien_import_restore(path, output, &done);
    if (status == MIEN_OK && !done) {
        status = mien_import_open(path, options, &m->import);
    }
    if (status == MIEN_OK && !done) {
        status = mien_import_check_items(path, options, m->import);
    }
    if (status == MIEN_OK && !done) {
        status = make(m, path, output);
        if (status != MIEN_OK && status != MIEN_ENOMEM) {
            mien_fail_in(status, "%s", path);
        }
    }
    mien_import_close(&m->import);
    mien_value_free(&m->graphs);
    mien_value_free(&m->training);
    mien_arena_free(&m->arena);
    mien_free(m);
    return status;
}
