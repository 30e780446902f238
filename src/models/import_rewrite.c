/* SPDX-License-Identifier: MIT */
/* Groups of nodes that exporters write for one function, put in one. */
#include "models/import.h"

void mien_import_rewrite(mien_importing *im) {
    (void)im;
}
