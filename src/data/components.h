/* SPDX-License-Identifier: MIT */
/* Connected components: groups of clips that share anything. */
#ifndef MIEN_DATA_COMPONENTS_H
#define MIEN_DATA_COMPONENTS_H

#include <stdint.h>

/** parent[count]: each thing is alone. */
void mien_components_init(int64_t *parent, int64_t count);
void mien_components_join(int64_t *parent, int64_t one, int64_t two);
/** The lowest number among those it hangs together with. */
int64_t mien_components_find(int64_t *parent, int64_t one);

#endif
