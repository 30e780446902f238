/* SPDX-License-Identifier: MIT */
/* Union-find: trees of parents, halved on the way up. */
#include "data/components.h"

void mien_components_init(int64_t *parent, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        parent[i] = i;
    }
}

int64_t mien_components_find(int64_t *parent, int64_t one) {
    while (parent[one] != one) {
        parent[one] = parent[parent[one]];
        one = parent[one];
    }
    return one;
}

void mien_components_join(int64_t *parent, int64_t one, int64_t two) {
    one = mien_components_find(parent, one);
    two = mien_components_find(parent, two);
    if (one < two) {
        parent[two] = one;
    } else {
        parent[one] = two;
    }
}
