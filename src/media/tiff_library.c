/* SPDX-License-Identifier: MIT */
/* libtiff, loaded when the first TIFF is read. */
#include "media/tiff_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct entry {
    const char *name;
    size_t offset;
} entries[] = {
#define X(library, function) {#function, offsetof(mien_tiff_library, function)},
#include "media/tiff.def"
#undef X
};

mien_status mien_tiff_library_load(mien_tiff_library *library) {
    void *handle = dlopen(MIEN_TIFF_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        return mien_fail(MIEN_EUNSUPPORTED, "TIFF needs libtiff: %s", dlerror());
    }
    mien_tiff_library found;
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof entries / sizeof entries[0] && status == MIEN_OK;
         i++) {
        void *function = dlsym(handle, entries[i].name);
        if (!function) {
            status = mien_fail(
                MIEN_EUNSUPPORTED, "%s has no %s", MIEN_TIFF_SONAME, entries[i].name);
        }
        memcpy((char *)&found + entries[i].offset, &function, sizeof function);
    }
    dlclose(handle);
    if (status == MIEN_OK) {
        *library = found;
    }
    return status;
}
