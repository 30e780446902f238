/* SPDX-License-Identifier: MIT */
/* Arenas whose blocks are maps, for what is written once and then read now and then: it
 * can wait in a file. */
#ifndef MIEN_BASE_ASIDE_H
#define MIEN_BASE_ASIDE_H

#include "mien/base.h"

mien_status mien_arena_new_maps(size_t block_size, mien_arena **arena);
/**
 * Writes what an arena of maps holds into a file without a name in `folder` and maps
 * that in its place, at the same addresses, to be read alone.
 *
 * @return MIEN_EIO where there is no room: the arena stays as it was
 */
mien_status mien_arena_seal(mien_arena *arena, const char *folder);
bool mien_arena_sealed(const mien_arena *arena);
/** Gives the memory of a sealed arena back until it is read again. */
void mien_arena_rest(mien_arena *arena);

#endif
