/* SPDX-License-Identifier: MIT */
/* Names of tensors in published files that are spelt otherwise than here. */
#ifndef MIEN_MODELS_SPELLING_H
#define MIEN_MODELS_SPELLING_H

#include "mien/models.h"

/** One stretch of a name and what stands for it here. */
typedef struct mien_respelling {
    const char *theirs, *here;
} mien_respelling;

/** The name with its first `theirs` replaced, in place; false where it has none or
 * there is no room. */
bool mien_respell(char *name, size_t size, const mien_respelling *respelling);

/** Copies a name without what wrappers put before it ("module.", "model."); false where
 * it is too long. */
bool mien_respell_begin(const char *stored, char *name, size_t size);

#endif
