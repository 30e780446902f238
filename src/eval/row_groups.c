/* SPDX-License-Identifier: MIT */
/* Sorts rows by group: by counting where the numbers are small, as those of tables are.
 */
#include "eval/row_groups.h"

#include <stdlib.h>

typedef struct keyed {
    int64_t group, row;
} keyed;

static int by_group_and_row(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

void mien_row_groups_clear(mien_row_groups *groups) {
    mien_free(groups->first);
    mien_free(groups->row);
    *groups = (mien_row_groups){0};
}

static mien_status sort(mien_row_groups *g, const int64_t *group, int64_t n) {
    keyed *order = mien_alloc((size_t)n, sizeof *order);
    if (!order) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        order[i] = (keyed){.group = group[i], .row = i};
    }
    qsort(order, (size_t)n, sizeof *order, by_group_and_row);
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || order[i].group != order[i - 1].group) {
            g->first[g->count++] = i;
        }
        g->row[i] = order[i].row;
    }
    mien_free(order);
    return MIEN_OK;
}

/* Numbers from 0 to most. */
static mien_status count_out(
    mien_row_groups *g, const int64_t *group, int64_t n, int64_t most) {
    int64_t *next = mien_alloc((size_t)most + 2, sizeof *next);
    if (!next) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        next[group[i] + 1]++;
    }
    for (int64_t k = 0; k <= most; k++) {
        if (next[k + 1] > 0) {
            g->first[g->count++] = next[k];
        }
        next[k + 1] += next[k];
    }
    for (int64_t i = 0; i < n; i++) {
        g->row[next[group[i]]++] = i;
    }
    mien_free(next);
    return MIEN_OK;
}

mien_status mien_row_groups_init(
    mien_row_groups *groups, const int64_t *group, int64_t n) {
    mien_row_groups *g = groups;
    int64_t least = 0, most = 0;
    *g = (mien_row_groups){.first = mien_alloc((size_t)n + 1, sizeof *g->first),
        .row = mien_alloc((size_t)n, sizeof *g->row)};
    if (!g->first || !g->row) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t number = group ? group[i] : i;
        least = number < least ? number : least;
        most = number > most ? number : most;
        g->first[i] = g->row[i] = i;
    }
    mien_status status = MIEN_OK;
    g->count = group ? 0 : n;
    if (group) {
        status = least < 0 || most / 4 > n ? sort(g, group, n)
                                           : count_out(g, group, n, most);
    }
    g->first[g->count] = n;
    return status;
}
