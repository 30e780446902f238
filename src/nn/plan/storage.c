/* SPDX-License-Identifier: MIT */
/* Lays values out in one buffer by their lifetimes. */
#include <stdlib.h>

#include "nn/plan/plan.h"

#define ALIGNMENT 4096

static int by_size(const void *a, const void *b) {
    const mien_storage *x = *(mien_storage *const *)a, *y = *(mien_storage *const *)b;
    if (x->bytes != y->bytes) {
        return x->bytes < y->bytes ? 1 : -1;
    }
    return (x > y) - (x < y);
}

static bool meet(const mien_storage *a, const mien_storage *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* Lowest offset where s overlaps none of the placed ones that live when it does. */
static size_t lowest(mien_storage *const *placed, int count, const mien_storage *s) {
    size_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < count; i++) {
            const mien_storage *p = placed[i];
            if (meet(p, s) && offset < p->offset + p->bytes &&
                p->offset < offset + s->bytes) {
                offset = p->offset + p->bytes;
                moved = true;
            }
        }
    }
    return offset;
}

/* Largest first, each at the lowest place that is free during its life: within a few
 * percent of the least possible on networks that are mostly chains. */
mien_status mien_storage_layout(mien_storage *storages, int count, size_t *bytes) {
    mien_storage **order = mien_alloc((size_t)count, sizeof *order);
    if (!order) {
        return MIEN_ENOMEM;
    }
    int placed = 0;
    for (int i = 0; i < count; i++) {
        if (storages[i].place == MIEN_PLACE_BUFFER) {
            storages[i].bytes =
                (storages[i].bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            order[placed++] = &storages[i];
        }
    }
    qsort(order, (size_t)placed, sizeof *order, by_size);
    *bytes = 0;
    for (int i = 0; i < placed; i++) {
        order[i]->offset = lowest(order, i, order[i]);
        size_t end = order[i]->offset + order[i]->bytes;
        *bytes = end > *bytes ? end : *bytes;
    }
    mien_free(order);
    return MIEN_OK;
}
