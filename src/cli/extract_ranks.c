/* SPDX-License-Identifier: MIT */
/* Films of an extraction dealt over the processes of mpirun (base/ranks.h).
 *
 * In: a job whose inputs are hashed; out: on rank 0 the journal with every row. A film
 * is a job. Another rank tells each row as soon as it has it, so that those of a rank
 * that is killed are kept; rank 0 alone has the journal, and passes over rows that are
 * there already. extract_films.c calls this. */
#include "cli/extract_ranks.h"

#include <stdio.h>
#include <string.h>

#include "base/ranks.h"

typedef struct cli_extract_ranks {
    mien_lock *lock; /* of the journal: rank 0 hears others while it works */
} cli_extract_ranks;

static mien_ranks *ranks_of(const cli_film_job *j) {
    return j->ranks ? mien_ranks_here() : NULL;
}

static bool is_root(const cli_film_job *j) {
    return mien_rank(ranks_of(j)) == 0;
}

/* ---- what is told ---------------------------------------------------------------- */

enum { ROW = 1, PROBLEM };

/* A row, whose values or words follow, or the problem of an input: its words. */
typedef struct told {
    int32_t kind, input, row, frames;
    double start_s, end_s, sound_s;
    uint32_t mask, none;
    int64_t bytes;
} told;

static mien_status send(
    cli_film_job *j, const told *head, const void *bytes, size_t count) {
    mien_string message;
    mien_string_init(&message);
    mien_string_add_n(&message, (const char *)head, sizeof *head);
    mien_string_add_n(&message, bytes, count);
    mien_status status = mien_string_status(&message);
    status =
        status ? status : mien_ranks_tell(ranks_of(j), message.text, message.length);
    mien_string_clear(&message);
    return status;
}

/* On rank 0. Rows of an input come in order, those of a rank that was given up once
 * more. */
static mien_status keep(cli_film_job *j, const cli_journal_row *row) {
    int32_t *known = &j->known[row->input];
    const bool done = row->row == CLI_ROW_DONE;
    if (done ? *known == CLI_ALL_ROWS : row->row < *known) {
        return MIEN_OK;
    }
    *known = done ? CLI_ALL_ROWS : row->row + 1;
    return cli_journal_add(j->journal, row);
}

mien_status cli_extract_put(cli_film_job *job, const cli_journal_row *row) {
    cli_film_job *j = job;
    const bool done = row->row == CLI_ROW_DONE;
    if (!j->ranks) {
        return keep(j, row);
    }
    if (is_root(j)) {
        mien_lock_take(j->ranks->lock);
        mien_status status = keep(j, row);
        mien_lock_give(j->ranks->lock);
        return status;
    }
    const void *bytes = done ? (const void *)row->about : row->values;
    size_t count = done ? strlen(row->about) : (size_t)j->width * sizeof *row->values;
    const told head = {.kind = ROW,
        .input = row->input,
        .row = row->row,
        .frames = row->frames,
        .start_s = row->start_s,
        .end_s = row->end_s,
        .sound_s = row->sound_s,
        .mask = row->mask,
        .bytes = (int64_t)count};
    return send(j, &head, bytes, count);
}

bool cli_extract_tell(cli_film_job *job, int64_t input, const char *text) {
    cli_film_job *j = job;
    if (is_root(j)) {
        return false;
    }
    const told head = {
        .kind = PROBLEM, .input = (int32_t)input, .bytes = (int64_t)strlen(text)};
    if (send(j, &head, text, strlen(text)) != MIEN_OK) {
        mien_log(MIEN_LOG_WARN, "cli", "%s: %s", j->inputs.items[input].path, text);
    }
    return true;
}

static mien_status hear_row(cli_film_job *j, const told *t, const char *bytes) {
    const size_t count = (size_t)t->bytes;
    const bool done = t->row == CLI_ROW_DONE;
    if (!done && count != (size_t)j->width * sizeof(float)) {
        return mien_fail(MIEN_EVERIFY, "a row of %lld bytes was told by another rank",
            (long long)t->bytes);
    }
    void *copy = mien_alloc(count + 1, 1);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    memcpy(copy, bytes, count);
    const cli_journal_row row = {.input = t->input,
        .row = t->row,
        .start_s = t->start_s,
        .end_s = t->end_s,
        .sound_s = t->sound_s,
        .frames = t->frames,
        .mask = t->mask,
        .values = done ? NULL : copy,
        .about = done ? copy : NULL};
    mien_status status = cli_extract_put(j, &row);
    mien_free(copy);
    return status;
}

static mien_status heard(void *context, const char *bytes, size_t count) {
    cli_film_job *j = context;
    told t;
    if (count < sizeof t) {
        return mien_fail(MIEN_EVERIFY, "another rank told %zu bytes", count);
    }
    memcpy(&t, bytes, sizeof t);
    if (t.input < 0 || t.input >= j->inputs.count || t.bytes < 0 ||
        (size_t)t.bytes != count - sizeof t) {
        return mien_fail(MIEN_EVERIFY, "another rank told what no rank tells");
    }
    if (t.kind == ROW) {
        return hear_row(j, &t, bytes + sizeof t);
    }
    char text[1024];
    snprintf(text, sizeof text, "%.*s", (int)(count - sizeof t), bytes + sizeof t);
    mien_lock_take(j->ranks->lock);
    cli_extract_problem(j, j->inputs.items[t.input].path, text);
    mien_lock_give(j->ranks->lock);
    return MIEN_OK;
}

/* ---- dealing --------------------------------------------------------------------- */

static mien_status work(void *context, int64_t input, int worker) {
    (void)worker;
    return cli_extract_input(context, input);
}

/* All that was to be told has been. */
static mien_status take(void *context, int64_t input, const char *bytes, size_t count) {
    (void)context;
    (void)input;
    (void)bytes;
    (void)count;
    return MIEN_OK;
}

static const char *name_of(void *context, int64_t input) {
    return ((const cli_film_job *)context)->inputs.items[input].path;
}

/* What must be the same on all ranks, and rank 0's threads. */
static mien_status meet(cli_film_job *j, const char *head) {
    struct {
        char sha[65];
        int threads;
    } root = {.threads = j->settings.threads};
    char own[65];
    mien_status status = mien_sha256_bytes(head, strlen(head), own);
    memcpy(root.sha, own, sizeof own);
    status = status ? status : mien_ranks_share(ranks_of(j), &root, sizeof root);
    if (status == MIEN_OK && strcmp(root.sha, own) != 0) {
        status = mien_fail(
            MIEN_EVERIFY, "films, settings or weights here are not those of rank 0");
    }
    return status;
}

mien_status cli_extract_deal(cli_film_job *job, const char *head) {
    cli_film_job *j = job;
    cli_extract_ranks ranks = {0};
    const mien_ranks_work jobs = {.count = j->inputs.count,
        .work = work,
        .take = take,
        .heard = heard,
        .name = name_of,
        .context = j};
    mien_status status = mien_lock_new(&ranks.lock);
    j->ranks = &ranks;
    status = status ? status : meet(j, head);
    status = status ? status
                    : mien_ranks_share(ranks_of(j), j->known,
                          (size_t)j->inputs.count * sizeof *j->known);
    status = status ? status : mien_ranks_run(ranks_of(j), &jobs);
    j->ranks = NULL;
    mien_lock_free(&ranks.lock);
    return status;
}
