/* SPDX-License-Identifier: MIT */
/* The tensors of a model file beside its network's parameters: what the head has learnt
 * outside of a graph, how inputs are standardised, golden vectors. The writer and the
 * reader go through the same list, so that what one writes the other finds. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "models/contract/file.h"

/* Rank and sizes of a tensor. */
typedef struct shape {
    int rank;
    int64_t size[MIEN_RANK_MAX];
} shape;

/* The list's next tensor, called by a format; NULL where there is no memory. */
static mien_file_tensor *add(mien_file_list *list, mien_dtype dtype, shape s,
    const char *format, ...) MIEN_PRINTF(4, 5);
static mien_file_tensor *add(
    mien_file_list *list, mien_dtype dtype, shape s, const char *format, ...) {
    if (list->failed || list->count == list->capacity) {
        list->failed = true;
        return &list->nowhere;
    }
    mien_file_tensor *t = &list->items[list->count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(t->name, sizeof t->name, format, arguments);
    va_end(arguments);
    t->dtype = dtype;
    t->rank = s.rank;
    memcpy(t->shape, s.size, sizeof t->shape);
    return t;
}

static void add_readout(mien_file_list *list, const mien_network *n, mien_readout *r) {
    const int64_t targets = n->targets_count;
    add(list, MIEN_F32, (shape){1, {targets}}, "readout.bias")->values = &r->bias;
    for (int i = 0; i < r->blocks_count; i++) {
        mien_readout_block *k = &r->blocks[i];
        const shape row = {1, {k->width}};
        add(list, MIEN_F32, row, "block.%d.mean", i)->values = &k->mean;
        add(list, MIEN_F32, row, "block.%d.scale", i)->values = &k->scale;
        mien_file_tensor *vectors = add(list, MIEN_F32,
            (shape){2, {k->vectors_count, k->width}}, "block.%d.vectors", i);
        vectors->values = &k->vectors;
        vectors->half = k->vectors_count > targets;
        add(list, MIEN_F32, (shape){2, {targets, k->vectors_count}},
            "block.%d.coefficient", i)
            ->values = &k->coefficient;
    }
}

/* Only mien_standard's pointers are not const, as it also measures. */
static void add_standard(
    mien_file_list *list, const mien_input *input, mien_standard *s, bool fills) {
    const shape row = {1, {input->shape.size[input->shape.rank - 1]}};
    s->width = row.size[0];
    add(list, MIEN_F32, row, MIEN_STANDARD "%s.mean", input->name)->values =
        (const float **)&s->mean;
    add(list, MIEN_F32, row, MIEN_STANDARD "%s.scale", input->name)->values =
        (const float **)&s->scale;
    if (fills) {
        mien_file_tensor *fill =
            add(list, MIEN_F32, row, MIEN_STANDARD "%s.fill", input->name);
        fill->values = (const float **)&s->fill;
        fill->optional = true;
    }
}

static void add_picture(
    mien_file_list *list, const char *name, const mien_tensor **image) {
    add(list, MIEN_U8, (shape){3, {-1, -1, 3}}, "%s", name)->tensor = image;
}

static int64_t row_values(const mien_architecture *a) {
    int64_t sum = 0;
    for (int i = 0; i < a->inputs_count; i++) {
        sum += mien_item_values(&a->inputs[i].shape);
    }
    return sum * mien_architecture_steps(a);
}

/* Items as they are in a file: a picture, or [T, item]. */
static void add_items(mien_file_list *list, const mien_architecture *a, int64_t index,
    mien_golden_input *golden) {
    for (int i = 0; i < a->inputs_count; i++) {
        const mien_input *input = &a->inputs[i];
        char name[96];
        snprintf(
            name, sizeof name, "golden.%lld.input.%s", (long long)index, input->name);
        if (mien_input_is_picture(input)) {
            add_picture(list, name, &golden->item[i]);
            continue;
        }
        shape s = {1 + input->shape.rank, {mien_architecture_steps(a)}};
        memcpy(
            s.size + 1, input->shape.size, (size_t)input->shape.rank * sizeof *s.size);
        add(list, MIEN_F32, s, "%s", name)->tensor = &golden->item[i];
    }
}

static void add_golden(mien_file_list *list, const mien_network *n, int version,
    int64_t index, mien_golden_input *golden, const float **packed) {
    const mien_architecture *a = &n->architecture;
    int64_t width = 0;
    char name[96];
    for (int t = 0; t < n->targets_count; t++) {
        width += mien_target_width(&n->targets[t]);
    }
    if (version < 3) {
        snprintf(name, sizeof name, "golden.%lld.image", (long long)index);
        add_picture(list, name, &golden->item[0]);
    } else if (version == 3) {
        add(list, MIEN_F32, (shape){1, {row_values(a)}}, "golden.%lld.features",
            (long long)index)
            ->values = packed;
    } else {
        add_items(list, a, index, golden);
    }
    if (mien_architecture_masked(a)) {
        add(list, MIEN_F32, (shape){2, {mien_architecture_steps(a), a->inputs_count}},
            "golden.%lld.mask", (long long)index)
            ->values = &golden->mask;
    }
    add(list, MIEN_F32, (shape){1, {width}}, "golden.%lld.output", (long long)index)
        ->values = &golden->output;
}

mien_status mien_file_list_make(mien_network *network, int version,
    mien_golden_input *golden, const float **packed, int64_t golden_count,
    mien_file_list *list) {
    const mien_architecture *a = &network->architecture;
    mien_file_list made = {.capacity = 1 + 4 * MIEN_READOUT_BLOCKS_MAX +
                                       3 * MIEN_INPUTS_MAX +
                                       (MIEN_INPUTS_MAX + 2) * golden_count};
    made.items = mien_alloc((size_t)made.capacity, sizeof *made.items);
    made.failed = !made.items;
    if (!made.failed && !mien_network_is_graph(network)) {
        add_readout(&made, network, &network->readout);
    }
    for (int i = 0; !made.failed && i < a->inputs_count; i++) {
        if (a->inputs[i].standardise) {
            add_standard(&made, &a->inputs[i], &network->standard[i], version > 3);
        }
    }
    for (int64_t g = 0; !made.failed && g < golden_count; g++) {
        add_golden(&made, network, version, g, &golden[g], &packed[g]);
    }
    if (made.failed) {
        mien_file_list_clear(&made);
        return MIEN_ENOMEM;
    }
    *list = made;
    return MIEN_OK;
}

void mien_file_list_clear(mien_file_list *list) {
    mien_free(list->items);
    *list = (mien_file_list){0};
}
