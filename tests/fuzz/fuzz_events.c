/* SPDX-License-Identifier: MIT */
/* Event files: any bytes are refused in words, or cut to whole records that can be gone
 * on from. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mien/io.h"

static char path[] = "/tmp/mien-fuzz-events-XXXXXX";

static void start(void) {
    int file = mkstemp(path);
    if (file < 0) {
        abort();
    }
    close(file);
    mien_log_set(NULL, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    mien_events *events = NULL;
    if (!started) {
        started = true;
        start();
    }
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        abort();
    }
    if (mien_events_open(path, INT64_MAX, 1.0, &events) != MIEN_OK) {
        if (!mien_error()[0] || mien_file_size(path) != (int64_t)size) {
            abort(); /* what is not ours stays as it was */
        }
        return 0;
    }
    if (mien_events_scalar(events, "loss", 1, 2.0, 3.0) != MIEN_OK) {
        abort();
    }
    int64_t whole = mien_events_size(events);
    if (mien_events_close(&events) != MIEN_OK || mien_file_size(path) != whole ||
        mien_events_open(path, INT64_MAX, 1.0, &events) != MIEN_OK ||
        mien_events_size(events) != whole || mien_events_close(&events) != MIEN_OK) {
        abort();
    }
    return 0;
}
