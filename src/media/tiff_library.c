/* SPDX-License-Identifier: MIT */
/* libtiff, loaded when the first TIFF is read. */
#include "media/tiff_library.h"

#include "base/library.h"

static const mien_symbol symbols[] = {
#define X(library, function) {#function, offsetof(mien_tiff_library, function)},
#include "media/tiff.def"
#undef X
};

mien_status mien_tiff_library_load(mien_tiff_library *library) {
    mien_tiff_library found;
    mien_status status = mien_library_load(MIEN_TIFF_SONAME, "TIFF needs libtiff",
        symbols, sizeof symbols / sizeof symbols[0], &found);
    if (status == MIEN_OK) {
        *library = found;
    }
    return status;
}
