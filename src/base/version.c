/* SPDX-License-Identifier: MIT */
/* The version of the library that runs, which need not be that of the headers. */
#include "mien/base.h"

const char *mien_version(void) {
    return MIEN_VERSION;
}
