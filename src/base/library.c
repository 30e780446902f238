/* SPDX-License-Identifier: MIT */
/* Loads shared libraries by their sonames, the only place that does. */
#define _GNU_SOURCE /* dladdr */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

mien_status mien_library_load(const char *soname, const char *needed_for,
    const mien_symbol *symbols, size_t count, void *table) {
    void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: %s", needed_for, dlerror());
    }
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < count && status == MIEN_OK; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address) {
            status =
                mien_fail(MIEN_EUNSUPPORTED, "%s has no %s", soname, symbols[i].name);
        }
        /* no cast from an object's pointer to a function's is needed this way */
        memcpy((char *)table + symbols[i].offset, &address, sizeof address);
    }
    dlclose(handle); /* it stays: RTLD_NODELETE */
    return status;
}

const char *mien_library_file(void) {
    Dl_info info;
    bool found = dladdr((void *)(uintptr_t)mien_library_file, &info) && info.dli_fname;
    return found ? info.dli_fname : "";
}
