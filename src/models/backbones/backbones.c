/* SPDX-License-Identifier: MIT */
/* The table of backbones, found by name. */
#include "models/backbones/backbone.h"
#include "models/backbones/backbone_file.h"
#include "models/registry.h"

#define X(name) extern const mien_backbone mien_model_##name;
#include "models/backbones/models.def"
#undef X

static const mien_backbone *const rows[] = {
#define X(name) &mien_model_##name,
#include "models/backbones/models.def"
#undef X
};

int mien_backbone_row_count(void);
const mien_backbone *mien_backbone_row_at(int index);
mien_status mien_backbone_row_find(const char *name, const mien_backbone **row);
MIEN_REGISTRY(mien_backbone, mien_backbone_row, rows, "backbone")

int mien_backbone_count(void) {
    return mien_backbone_row_count();
}

const mien_backbone *mien_backbone_at(int index) {
    return mien_backbone_row_at(index);
}

mien_status mien_backbone_find(const char *name, const mien_backbone **row) {
    MIEN_NEED(name);
    MIEN_NEED(row);
    return mien_backbone_is_file(name) ? mien_backbone_file_open(name, row)
                                       : mien_backbone_row_find(name, row);
}

mien_status mien_backbone_find_pictures(
    const char *name, const mien_backbone **backbone) {
    MIEN_NEED(backbone);
    const mien_backbone *found = NULL;
    mien_status status = mien_backbone_find(name, &found);
    if (status == MIEN_OK && !found->preprocess) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "%s reads no pictures: its features of films are taken by mien extract "
            "--features",
            name);
    }
    if (status == MIEN_OK) {
        *backbone = found;
    }
    return status;
}

int mien_backbone_shape(const mien_backbone *backbone, int64_t height, int64_t width,
    const int64_t *item, int64_t shape[MIEN_RANK_MAX]) {
    const int64_t picture[3] = {3, height, width};
    const bool pictures = backbone->item_rank == 0;
    const int rank = pictures ? 3 : backbone->item_rank;
    const int64_t *from = pictures            ? picture
                          : item && *item > 0 ? item
                                              : backbone->item;
    shape[0] = MIEN_BATCH;
    for (int d = 0; d < rank; d++) {
        shape[1 + d] = from[d];
    }
    return 1 + rank;
}

mien_status mien_backbone_build_smallest(const mien_backbone *backbone,
    mien_graph *graph, mien_node *input, mien_node *last) {
    int64_t shape[MIEN_RANK_MAX];
    const int rank = mien_backbone_shape(
        backbone, backbone->minimum_size, backbone->minimum_size, NULL, shape);
    mien_status status = mien_graph_input(graph, "input", rank, shape, input);
    return status == MIEN_OK ? backbone->build(graph, *input, last) : status;
}
