/* SPDX-License-Identifier: MIT */
/* Any bytes behind the head of an extraction's journal: as they are, and as records
 * whose checksums are right. What is taken over must be whole rows, and rows that are
 * added go on behind them. */
#define _GNU_SOURCE /* memfd_create */
#include "cli/extract_journal.h"
#include "io/crc32c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WIDTH = 3 };
static const char head[] = "mien extraction 2\n{\"task\":1}";

static void put(int file, const void *bytes, size_t count) {
    if (write(file, bytes, count) != (ssize_t)count) {
        abort();
    }
}

/* Each record of the data is a byte of length and as many bytes. */
static void put_records(int file, const uint8_t *data, size_t size) {
    for (size_t at = 0; at < size;) {
        const size_t left = size - at - 1, want = data[at++];
        const uint32_t length = (uint32_t)(want < left ? want : left);
        const uint32_t start[2] = {length, mien_crc32c(data + at, length)};
        put(file, start, sizeof start);
        put(file, data + at, length);
        at += length;
    }
}

/* Values of a row that was taken over can be read; one that is added is found again. */
static void check(const char *path) {
    cli_journal *j = NULL;
    float values[WIDTH] = {1, 2, 3};
    volatile float sum = 0;
    const cli_journal_row row = {.input = 7, .row = 5, .values = values};
    if (cli_journal_open(path, "{\"task\":1}", WIDTH, &j) != MIEN_OK) {
        return;
    }
    const int64_t count = cli_journal_count(j);
    for (int64_t i = 0; i < count; i++) {
        const cli_journal_row *r = cli_journal_at(j, i);
        if ((r->row == CLI_ROW_DONE) != (r->about != NULL) ||
            (r->values == NULL) != (r->about != NULL)) {
            abort();
        }
        sum += r->values ? r->values[WIDTH - 1] : (float)strlen(r->about);
    }
    if (cli_journal_add(j, &row) != MIEN_OK) {
        abort();
    }
    cli_journal_close(&j, false);
    if (cli_journal_open(path, "{\"task\":1}", WIDTH, &j) != MIEN_OK ||
        cli_journal_count(j) != count + 1 || cli_journal_at(j, count)->input != 7) {
        abort(); /* what was cut off came back, or the new row is lost */
    }
    cli_journal_close(&j, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int sound = 0; sound < 2; sound++) {
        char path[64];
        int file = memfd_create("journal", 0);
        if (file < 0) {
            return -1;
        }
        put(file, head, sizeof head);
        if (sound) {
            put_records(file, data, size);
        } else {
            put(file, data, size);
        }
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        check(path);
        close(file);
    }
    return 0;
}
