/* SPDX-License-Identifier: MIT */
/* The named weights and running statistics of a graph. */
#include "nn/parameters.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "nn/graph.h"

typedef struct entry {
    const char *name;
    const mien_op_parameter *kind;
    mien_tensor *tensor;
    bool frozen;
} entry;

struct mien_parameters {
    mien_arena *arena;
    entry *entries;
    int64_t count;
};

static mien_status fill(mien_parameters *p, const mien_op_node *node, int index) {
    const mien_op_parameter *kind = &node->parameters[index];
    entry *e = &p->entries[p->count];
    size_t size = strlen(node->name) + strlen(kind->suffix) + 2;
    char *name = mien_arena_alloc(p->arena, size, 1);
    if (!name) {
        return MIEN_ENOMEM;
    }
    snprintf(name, size, "%s.%s", node->name, kind->suffix);
    e->name = name;
    e->kind = kind;
    mien_status status = mien_tensor_new(MIEN_F32, kind->rank, kind->shape, &e->tensor);
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", name);
    }
    p->count++;
    float *data = e->tensor->data;
    int64_t count =
        kind->initial == MIEN_INITIAL_ONE ? mien_tensor_count(e->tensor) : 0;
    for (int64_t i = 0; i < count; i++) {
        data[i] = 1;
    }
    return MIEN_OK;
}

mien_status mien_parameters_new(const mien_graph *graph, mien_parameters **parameters) {
    MIEN_NEED(graph, parameters);
    mien_parameters *p = mien_alloc(1, sizeof *p);
    mien_status status = MIEN_ENOMEM;
    if (!p) {
        return status;
    }
    status = mien_arena_new(16384, &p->arena);
    if (status == MIEN_OK) {
        p->entries = mien_alloc((size_t)graph->parameters_count, sizeof *p->entries);
        status = p->entries ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < graph->count; i++) {
        for (int k = 0; status == MIEN_OK && k < graph->nodes[i]->parameters_count;
             k++) {
            status = fill(p, graph->nodes[i], k);
        }
    }
    if (status != MIEN_OK) {
        mien_parameters_free(&p);
        return status;
    }
    *parameters = p;
    return MIEN_OK;
}

void mien_parameters_free(mien_parameters **parameters) {
    if (!parameters || !*parameters) {
        return;
    }
    mien_parameters *p = *parameters;
    for (int64_t i = 0; i < p->count; i++) {
        mien_tensor_free(&p->entries[i].tensor);
    }
    mien_free(p->entries);
    mien_arena_free(&p->arena);
    mien_free(p);
    *parameters = NULL;
}

int64_t mien_parameters_count(const mien_parameters *parameters) {
    MIEN_NEED_OR(0, parameters);
    return parameters->count;
}

const char *mien_parameters_name(const mien_parameters *parameters, int64_t index) {
    MIEN_NEED_OR(NULL, parameters);
    return parameters->entries[index].name;
}

int64_t mien_parameters_find(const mien_parameters *parameters, const char *name) {
    MIEN_NEED_OR(-1, parameters, name);
    for (int64_t i = 0; i < parameters->count; i++) {
        if (!strcmp(parameters->entries[i].name, name)) {
            return i;
        }
    }
    return -1;
}

mien_tensor *mien_parameters_at(mien_parameters *parameters, int64_t index) {
    MIEN_NEED_OR(NULL, parameters);
    return parameters->entries[index].tensor;
}

mien_status mien_parameters_lend(
    mien_parameters *parameters, int64_t index, const float *values) {
    entry *e = &parameters->entries[index];
    mien_tensor *lent = NULL;
    mien_status status = mien_tensor_over(
        MIEN_F32, e->tensor->rank, e->tensor->shape, (void *)(uintptr_t)values, &lent);
    if (status == MIEN_OK) {
        mien_tensor_free(&e->tensor);
        e->tensor = lent;
    }
    return status;
}

bool mien_parameters_trainable(const mien_parameters *parameters, int64_t index) {
    MIEN_NEED_OR(false, parameters);
    return parameters->entries[index].kind->trainable;
}

bool mien_parameters_trained(const mien_parameters *parameters, int64_t index) {
    MIEN_NEED_OR(false, parameters);
    const entry *e = &parameters->entries[index];
    return e->kind->trainable && !e->frozen;
}

int64_t mien_parameters_freeze(
    mien_parameters *parameters, const char *pattern, bool frozen) {
    MIEN_NEED_OR(0, parameters, pattern);
    int64_t count = 0;
    for (int64_t i = 0; i < parameters->count; i++) {
        if (fnmatch(pattern, parameters->entries[i].name, 0) == 0) {
            parameters->entries[i].frozen = frozen;
            count++;
        }
    }
    return count;
}

const float *mien_parameters_of(
    const mien_parameters *parameters, const mien_op_node *node, const char *suffix) {
    for (int i = 0; i < node->parameters_count; i++) {
        if (!strcmp(node->parameters[i].suffix, suffix)) {
            return parameters->entries[node->parameters_first + i].tensor->data;
        }
    }
    return NULL;
}

/* FNV-1a, so that a parameter's draws depend on its name and not on its place. */
uint64_t mien_parameter_hash(const char *text) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    }
    return hash;
}

static void draw(const entry *e, uint64_t seed) {
    float *data = e->tensor->data;
    int64_t count = mien_tensor_count(e->tensor);
    double bound = e->kind->fan_in > 0 ? 1 / sqrt((double)e->kind->fan_in) : 0;
    double one = e->kind->initial == MIEN_INITIAL_ONE;
    mien_stream stream;
    mien_stream_init(&stream, seed, mien_parameter_hash(e->name), 0);
    for (int64_t k = 0; k < count; k++) {
        data[k] = bound > 0 ? (float)((2 * mien_stream_uniform(&stream) - 1) * bound)
                            : (float)one;
    }
}

void mien_parameters_randomize_some(mien_parameters *parameters, uint64_t seed,
    bool (*wanted)(void *context, const char *name), void *context) {
    MIEN_NEED_OR(, parameters);
    for (int64_t i = 0; i < parameters->count; i++) {
        const entry *e = &parameters->entries[i];
        if (!wanted || wanted(context, e->name)) {
            draw(e, seed);
        }
    }
}

void mien_parameters_randomize(mien_parameters *parameters, uint64_t seed) {
    MIEN_NEED_OR(, parameters);
    mien_parameters_randomize_some(parameters, seed, NULL, NULL);
}
