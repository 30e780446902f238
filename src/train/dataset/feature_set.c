/* SPDX-License-Identifier: MIT */
/* From the rows of a study to the arrays that kernels and ridge regression work on. */
#include "train/dataset/feature_set.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "models/contract/members.h"
#include "models/layer_list.h"

enum { LAYER_MAX = 64 };

void mien_feature_set_clear(mien_feature_set *m) {
    mien_free(m->rated);
    mien_free(m->candidates);
    mien_free(m->candidate_name);
    for (int b = 0; b < m->blocks.count; b++) {
        mien_free((void *)m->blocks.values[b]);
        mien_free((void *)m->blocks.name[b]);
    }
    *m = (mien_feature_set){0};
}

static mien_status copy_ratings(mien_feature_set *m, const mien_dataset *dataset) {
    m->rated = mien_alloc((size_t)(m->rows * m->targets), sizeof *m->rated);
    for (int t = 0; m->rated && t < m->targets; t++) {
        memcpy(m->rated + t * m->rows, dataset->target[t].value,
            (size_t)m->rows * sizeof *m->rated);
    }
    return m->rated ? MIEN_OK : MIEN_ENOMEM;
}

/* Number of the layer in feature_set->blocks, added if it is new. */
static mien_status block_of(mien_feature_set *m, const char *layer, int *block) {
    for (int b = 0; b < m->blocks.count; b++) {
        if (strcmp(m->blocks.name[b], layer) == 0) {
            *block = b;
            return MIEN_OK;
        }
    }
    size_t used = strlen(m->layers);
    if (m->blocks.count == MIEN_BLOCKS_MAX ||
        used + strlen(layer) + 2 > sizeof m->layers) {
        return mien_fail(MIEN_ELIMIT, "readout.layers: more than %d different layers",
            (int)MIEN_BLOCKS_MAX);
    }
    char *name = mien_strdup(layer);
    if (!name) {
        return MIEN_ENOMEM;
    }
    *block = m->blocks.count;
    m->blocks.name[m->blocks.count++] = name;
    snprintf(m->layers + used, sizeof m->layers - used, "%s%s", used ? "," : "", layer);
    return MIEN_OK;
}

/* Cuts "pool, classifier.1" and notes its blocks. */
static mien_status parse_layers(
    mien_feature_set *m, const char *text, mien_candidate *c) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *text) {
        size_t length = strcspn(text, ",");
        const char *next = text[length] ? text + length + 1 : text + length;
        while (length && isspace((unsigned char)*text)) {
            text++;
            length--;
        }
        while (length && isspace((unsigned char)text[length - 1])) {
            length--;
        }
        char layer[LAYER_MAX];
        if (length == 0 || length >= sizeof layer || c->count == MIEN_BLOCKS_MAX) {
            return mien_fail(MIEN_EFORMAT, "readout.layers: a layer with no name, too "
                                           "long a name, or too many layers");
        }
        snprintf(layer, sizeof layer, "%.*s", (int)length, text);
        status = block_of(m, layer, &c->blocks[c->count++]);
        text = next;
    }
    return status;
}

static mien_status make_candidates(mien_feature_set *m, const mien_study *study) {
    int most = study->layers_count * study->gammas_count;
    m->candidates = mien_alloc((size_t)most, sizeof *m->candidates);
    m->candidate_name = mien_alloc((size_t)most, sizeof *m->candidate_name);
    if (!m->candidates || !m->candidate_name) {
        return MIEN_ENOMEM;
    }
    for (int l = 0; l < study->layers_count; l++) {
        for (int g = 0; g < study->gammas_count; g++) {
            mien_candidate *c = &m->candidates[m->candidates_count];
            c->gamma = study->gammas[g];
            mien_status status = parse_layers(m, study->layers[l], c);
            if (status != MIEN_OK) {
                return mien_fail_in(status, "%s", study->path);
            }
            snprintf(m->candidate_name[m->candidates_count],
                sizeof m->candidate_name[0], "%s; gamma %g", study->layers[l],
                study->gammas[g]);
            m->candidates_count++;
        }
    }
    return MIEN_OK;
}

mien_status mien_feature_set_open(mien_feature_set *feature_set,
    const mien_dataset *dataset, const mien_study *study) {
    *feature_set = (mien_feature_set){.rows = dataset->rows,
        .targets = dataset->targets,
        .group = dataset->group,
        .groups = dataset->groups};
    mien_status status = copy_ratings(feature_set, dataset);
    return status == MIEN_OK ? make_candidates(feature_set, study) : status;
}

/* Builds a backbone and finds the layers in it; no weights are read. */
static mien_status find_layers(const mien_study *study, const mien_backbone *backbone,
    const char *layers, mien_tally_part *part) {
    const int64_t shape[] = {
        MIEN_BATCH, 3, study->preprocess.crop_height, study->preprocess.crop_width};
    mien_graph *graph = NULL;
    mien_arena *arena = NULL;
    mien_tap *taps = NULL;
    mien_node input, logits;
    int count = 0;
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_arena_new(4096, &arena);
    }
    if (status == MIEN_OK) {
        status = mien_graph_input(graph, "input", 4, shape, &input);
    }
    if (status == MIEN_OK) {
        status = backbone->build(graph, input, &logits);
    }
    if (status == MIEN_OK) {
        status = mien_layer_list_parse(arena, graph, backbone, layers, &taps, &count);
    }
    if (status == MIEN_OK) {
        *part = (mien_tally_part){.frozen = mien_graph_weights(graph)};
        snprintf(part->name, sizeof part->name, "image (%s)", backbone->name);
    }
    mien_arena_free(&arena);
    mien_graph_free(&graph);
    return status;
}

mien_status mien_feature_set_check(
    const mien_study *study, mien_tally_part *backbones, int *backbones_count) {
    char where[MIEN_STUDY_WHERE_MAX];
    mien_feature_set m = {0};
    mien_member *members = mien_alloc(MIEN_MEMBERS_MAX, sizeof *members);
    int count = 0;
    mien_status status = members ? make_candidates(&m, study) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_members_of(study->backbone, m.layers, members, &count);
        for (int i = 0; status == MIEN_OK && i < count; i++) {
            status = find_layers(
                study, members[i].backbone, members[i].layers, &backbones[i]);
        }
        *backbones_count = count;
        status = status == MIEN_OK
                     ? status
                     : mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EFORMAT,
                           "%s: readout.layers",
                           mien_study_where(study, "readout.layers", where));
    }
    mien_free(members);
    mien_feature_set_clear(&m);
    return status;
}
