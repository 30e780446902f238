/* SPDX-License-Identifier: MIT */
/* Memory for what is written whole before any of it is read. */
#ifndef MIEN_BASE_UNSET_H
#define MIEN_BASE_UNSET_H

#include "mien/base.h"

/** As mien_alloc(), but the values are whatever lay there: a large block that is filled
 * at once need not be zeroed first. Freed by mien_free(). */
void *mien_alloc_unset(size_t count, size_t size);

#endif
