/* SPDX-License-Identifier: MIT */
/* The journal of an extraction: a head, then records with a checksum, in this machine's
 * own order of bytes. It is read again by the same program alone, and is removed in the
 * end. */
#include "cli/extract_journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/crc32c.h"

#define MARK "mien extraction 2\n"
/* A record that says it is larger is damage. */
#define RECORD_MAX ((uint32_t)256 << 20)
#define BYTES_MAX ((size_t)16 << 30)

struct cli_journal {
    char *path;
    FILE *file;
    int64_t width;
    cli_journal_row *rows;
    int64_t count, room;
};

/* The fixed beginning of a record in the file, before its values or text. */
typedef struct fixed {
    int32_t input, row;
    double start_s, end_s, sound_s;
    int32_t frames;
    uint32_t mask, text;
    uint32_t none; /* no byte of it is left to chance */
} fixed;

static mien_status keep(cli_journal *j, const cli_journal_row *row) {
    if (j->count == j->room) {
        int64_t room = j->room ? 2 * j->room : 64;
        cli_journal_row *rows =
            mien_realloc(j->rows, (size_t)j->room, (size_t)room, sizeof *rows);
        if (!rows) {
            return MIEN_ENOMEM;
        }
        j->rows = rows;
        j->room = room;
    }
    cli_journal_row *to = &j->rows[j->count];
    *to = *row;
    to->values = NULL;
    to->about = NULL;
    if (row->row == CLI_ROW_DONE) {
        to->about = mien_strdup(row->about);
    } else {
        to->values = mien_alloc((size_t)j->width, sizeof *to->values);
        if (to->values) {
            memcpy(to->values, row->values, (size_t)j->width * sizeof *to->values);
        }
    }
    if (!to->about && !to->values) {
        return MIEN_ENOMEM;
    }
    j->count++;
    return MIEN_OK;
}

/* The record at `at`, if it is whole; its end, else 0. */
static size_t read_record(
    cli_journal *j, char *bytes, size_t count, size_t at, mien_status *status) {
    uint32_t head[2];
    fixed f;
    if (count - at < sizeof head) {
        return 0;
    }
    memcpy(head, bytes + at, sizeof head);
    at += sizeof head;
    if (head[0] < sizeof f || head[0] > RECORD_MAX || head[0] > count - at ||
        mien_crc32c(bytes + at, head[0]) != head[1]) {
        return 0;
    }
    memcpy(&f, bytes + at, sizeof f);
    const size_t rest = head[0] - sizeof f;
    char *after = bytes + at + sizeof f;
    const bool done = f.row == CLI_ROW_DONE;
    if (done ? rest != f.text || rest == 0 || after[rest - 1] != 0
             : rest != (size_t)j->width * sizeof(float)) {
        return 0;
    }
    cli_journal_row row = {.input = f.input,
        .row = f.row,
        .start_s = f.start_s,
        .end_s = f.end_s,
        .sound_s = f.sound_s,
        .frames = f.frames,
        .mask = f.mask};
    float *values = NULL;
    if (done) {
        row.about = after;
    } else { /* copied: it need not lie where floats may */
        values = mien_alloc((size_t)j->width, sizeof *values);
        if (!values) {
            *status = MIEN_ENOMEM;
            return 0;
        }
        memcpy(values, after, rest);
        row.values = values;
    }
    *status = keep(j, &row);
    mien_free(values);
    return at + head[0];
}

/* Takes over what an earlier run left; `good` is where its last whole record ends. */
static mien_status read_old(cli_journal *j, const char *head, size_t *good) {
    char *bytes = NULL;
    size_t count = 0;
    const size_t length = strlen(head) + 1, mark = strlen(MARK);
    *good = 0;
    if (mien_file_size(j->path) <= 0) {
        return MIEN_OK;
    }
    mien_status status = mien_file_read(j->path, BYTES_MAX, &bytes, &count);
    if (status == MIEN_OK && count >= mark + length && memcmp(bytes, MARK, mark) == 0 &&
        memcmp(bytes + mark, head, length) == 0) {
        *good = mark + length;
        for (size_t end; status == MIEN_OK &&
                         (end = read_record(j, bytes, count, *good, &status)) > 0;) {
            *good = end;
        }
    }
    mien_free(bytes);
    return status;
}

static mien_status write_all(cli_journal *j, const void *bytes, size_t count) {
    return fwrite(bytes, 1, count, j->file) == count
               ? MIEN_OK
               : mien_fail(MIEN_EIO, "%s: %s", j->path, strerror(errno));
}

static mien_status flush(cli_journal *j) {
    return fflush(j->file) == 0
               ? MIEN_OK
               : mien_fail(MIEN_EIO, "%s: %s", j->path, strerror(errno));
}

static mien_status begin_file(cli_journal *j, const char *head, size_t good) {
    if (good > 0 && truncate(j->path, (off_t)good) != 0) {
        return mien_fail(MIEN_EIO, "%s: %s", j->path, strerror(errno));
    }
    j->file = fopen(j->path, good > 0 ? "ab" : "wb");
    if (!j->file) {
        return mien_fail(MIEN_EIO, "%s: %s", j->path, strerror(errno));
    }
    if (good > 0) {
        return MIEN_OK;
    }
    mien_status status = write_all(j, MARK, strlen(MARK));
    status = status ? status : write_all(j, head, strlen(head) + 1);
    return status ? status : flush(j);
}

mien_status cli_journal_open(
    const char *path, const char *head, int64_t width, cli_journal **journal) {
    cli_journal *j = mien_alloc(1, sizeof *j);
    size_t good = 0;
    if (!j) {
        return MIEN_ENOMEM;
    }
    j->width = width;
    j->path = mien_strdup(path);
    mien_status status = j->path ? read_old(j, head, &good) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = begin_file(j, head, good);
    }
    if (status != MIEN_OK) {
        cli_journal_close(&j, false);
        return status;
    }
    *journal = j;
    return MIEN_OK;
}

int64_t cli_journal_count(const cli_journal *journal) {
    return journal->count;
}

const cli_journal_row *cli_journal_at(const cli_journal *journal, int64_t index) {
    return &journal->rows[index];
}

mien_status cli_journal_add(cli_journal *j, const cli_journal_row *row) {
    const bool done = row->row == CLI_ROW_DONE;
    const void *rest = done ? (const void *)row->about : (const void *)row->values;
    const size_t size =
        done ? strlen(row->about) + 1 : (size_t)j->width * sizeof(float);
    const fixed f = {row->input, row->row, row->start_s, row->end_s, row->sound_s,
        row->frames, row->mask, done ? (uint32_t)size : 0, 0};
    char *bytes = mien_alloc(1, sizeof f + size);
    if (!bytes) {
        return MIEN_ENOMEM;
    }
    memcpy(bytes, &f, sizeof f);
    memcpy(bytes + sizeof f, rest, size);
    const uint32_t head[2] = {
        (uint32_t)(sizeof f + size), mien_crc32c(bytes, sizeof f + size)};
    mien_status status = write_all(j, head, sizeof head);
    status = status ? status : write_all(j, bytes, sizeof f + size);
    status = status ? status : flush(j);
    mien_free(bytes);
    return status ? status : keep(j, row);
}

void cli_journal_close(cli_journal **journal, bool done) {
    cli_journal *j = *journal;
    if (!j) {
        return;
    }
    if (j->file) {
        fclose(j->file);
    }
    if (done) {
        unlink(j->path);
    }
    for (int64_t i = 0; i < j->count; i++) {
        mien_free(j->rows[i].values);
        mien_free(j->rows[i].about);
    }
    mien_free(j->rows);
    mien_free(j->path);
    mien_free(j);
    *journal = NULL;
}
