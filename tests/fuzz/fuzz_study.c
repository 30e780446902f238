/* SPDX-License-Identifier: MIT */
/* Studies: any bytes are read or refused in words; what is read can be written and read
 * again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mien/train.h"

static char path[] = "/tmp/mien-fuzz-study-XXXXXX";

static void put(const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        abort();
    }
}

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
    if (!started) {
        started = true;
        start();
    }
    mien_study *study = NULL, *again = NULL;
    mien_string text;
    put(data, size);
    if (mien_study_open(path, NULL, 0, &study) != MIEN_OK) {
        if (!mien_error()[0]) {
            abort();
        }
        return 0;
    }
    mien_string_init(&text);
    if (mien_study_write(study, &text) != MIEN_OK) {
        abort();
    }
    put(text.text, text.length);
    if (mien_study_open(path, NULL, 0, &again) != MIEN_OK) {
        abort();
    }
    mien_string second;
    mien_string_init(&second);
    if (mien_study_write(again, &second) != MIEN_OK ||
        strcmp(text.text, second.text) != 0) {
        abort();
    }
    mien_string_clear(&second);
    mien_string_clear(&text);
    mien_study_close(&again);
    mien_study_close(&study);
    return 0;
}
