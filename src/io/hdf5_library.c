/* SPDX-License-Identifier: MIT */
/* libhdf5, loaded when the first file of it is opened. */
#include "io/hdf5_library.h"

#include <stdio.h>

#include "base/library.h"

#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)
#define CAUSE_MAX 160

static const mien_symbol symbols[] = {
/* two steps: some names are macros for the version of a function */
#define X(kind, name) {TEXT_OF(name), offsetof(mien_hdf5_library, name)},
#include "io/hdf5.def"
#undef X
};

mien_status mien_hdf5_library_load(mien_hdf5_library *library) {
    mien_hdf5_library found;
    mien_status status = mien_library_load(MIEN_HDF5_SONAME, "HDF5 files need libhdf5",
        symbols, sizeof symbols / sizeof symbols[0], &found);
    if (status == MIEN_OK) {
        *library = found;
    }
    return status;
}

void mien_hdf5_turn_take(const mien_hdf5_library *library, mien_hdf5_turn *turn) {
    mien_serial_take();
    turn->library = library;
    library->H5open();
    library->H5Eget_auto2(H5E_DEFAULT, &turn->print, &turn->context);
    library->H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void mien_hdf5_turn_give(mien_hdf5_turn *turn) {
    turn->library->H5Eclear2(H5E_DEFAULT);
    turn->library->H5Eset_auto2(H5E_DEFAULT, turn->print, turn->context);
    mien_serial_give();
}

/* The first entry of a walk from the innermost call: the cause. */
static herr_t take_cause(unsigned n, const H5E_error2_t *error, void *context) {
    if (n == 0 && error->desc) {
        snprintf(context, CAUSE_MAX, "%s", error->desc);
    }
    return 0;
}

mien_status mien_hdf5_library_fail(
    const mien_hdf5_library *library, const char *path, const char *what) {
    char cause[CAUSE_MAX] = "";
    library->H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_cause, cause);
    return mien_fail(
        MIEN_EFORMAT, "%s: %s%s%s", path, what, cause[0] ? ": " : "", cause);
}
