/* SPDX-License-Identifier: MIT */
/* A line of JSON for each step and epoch, written whole. */
#include "train/run/training_log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct mien_training_log {
    char *path;
    FILE *file;
    mien_ranks *ranks; /* where lines go that are not written here */
    mien_string far;   /* lines that wait to be sent */
    mien_lock *lock;
    double start_s, flushed_s;
};

#define FLUSH_S 0.05

static mien_status fail_file(const mien_training_log *j) {
    return mien_fail(MIEN_EIO, "%s: %s", j->path, strerror(errno));
}

/* Where the last whole line ends. */
static mien_status whole_end(const mien_training_log *j, long *end) {
    if (fseek(j->file, 0, SEEK_END) != 0 || (*end = ftell(j->file)) < 0) {
        return fail_file(j);
    }
    while (*end > 0) {
        if (fseek(j->file, *end - 1, SEEK_SET) != 0) {
            return fail_file(j);
        }
        if (fgetc(j->file) == '\n') {
            break;
        }
        --*end;
    }
    return MIEN_OK;
}

static mien_status open_file(mien_training_log *j) {
    long end = 0;
    j->file = fopen(j->path, "a+b");
    if (!j->file) {
        return fail_file(j);
    }
    mien_status status = whole_end(j, &end);
    if (status == MIEN_OK && ftruncate(fileno(j->file), end) != 0) {
        status = fail_file(j);
    }
    return status;
}

mien_status mien_training_log_open(
    const char *path, mien_training_log **log_of_training) {
    mien_training_log *j = mien_alloc(1, sizeof *j);
    if (!j) {
        return MIEN_ENOMEM;
    }
    j->start_s = mien_clock_s();
    j->path = mien_strdup(path);
    mien_status status = j->path ? mien_lock_new(&j->lock) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = open_file(j);
    }
    if (status != MIEN_OK) {
        mien_training_log_close(&j);
        return status;
    }
    *log_of_training = j;
    return MIEN_OK;
}

mien_status mien_training_log_close(mien_training_log **log_of_training) {
    if (!log_of_training || !*log_of_training) {
        return MIEN_OK;
    }
    mien_training_log *j = *log_of_training;
    mien_status status = MIEN_OK;
    if (j->file && fclose(j->file) != 0) {
        status = fail_file(j);
    }
    if (j->ranks) {
        mien_string_clear(&j->far);
    }
    mien_lock_free(&j->lock);
    mien_free(j->path);
    mien_free(j);
    *log_of_training = NULL;
    return status;
}

mien_status mien_training_log_open_far(
    mien_ranks *ranks, mien_training_log **log_of_training) {
    mien_training_log *j = mien_alloc(1, sizeof *j);
    mien_status status = j ? mien_lock_new(&j->lock) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_free(j);
        return status;
    }
    j->start_s = mien_clock_s();
    j->ranks = ranks;
    mien_string_init(&j->far);
    *log_of_training = j;
    return MIEN_OK;
}

/* The lock is taken. */
static mien_status send_far(mien_training_log *j) {
    mien_status status = mien_string_status(&j->far);
    if (status == MIEN_OK && j->far.length) {
        status = mien_ranks_tell(j->ranks, j->far.text, j->far.length);
    }
    mien_string_empty(&j->far);
    return status;
}

mien_status mien_training_log_flush(mien_training_log *log_of_training) {
    mien_training_log *j = log_of_training;
    if (!j->ranks) {
        return MIEN_OK;
    }
    mien_lock_take(j->lock);
    mien_status status = send_far(j);
    mien_lock_give(j->lock);
    return status;
}

mien_status mien_training_log_lines(
    mien_training_log *log_of_training, const char *lines, size_t count) {
    mien_training_log *j = log_of_training;
    mien_lock_take(j->lock);
    mien_status status =
        fwrite(lines, 1, count, j->file) == count ? MIEN_OK : fail_file(j);
    mien_lock_give(j->lock);
    return status;
}

/* Lines are written as whole as a kill lets them be, and a few times a second: steps of
 * small networks take less than a write. */
static mien_status put_line(mien_training_log *j, const char *line) {
    mien_lock_take(j->lock);
    double now = mien_clock_s();
    bool due = now - j->flushed_s >= FLUSH_S;
    mien_status status = MIEN_OK;
    if (j->ranks) {
        mien_string_add(&j->far, line);
        status = due ? send_far(j) : MIEN_OK;
    } else if (fputs(line, j->file) < 0 || (due && fflush(j->file) != 0)) {
        status = fail_file(j);
    }
    j->flushed_s = due ? now : j->flushed_s;
    mien_lock_give(j->lock);
    return status;
}

/* "null" where it is no number. */
static const char *number(double x, char buffer[32]) {
    return isfinite(x) ? mien_format_double(x, buffer) : "null";
}

mien_status mien_training_log_note(
    mien_training_log *log_of_training, const char *what) {
    char line[128];
    snprintf(line, sizeof line, "{\"what\": \"%s\", \"time\": %lld}\n", what,
        (long long)time(NULL));
    return put_line(log_of_training, line);
}

mien_status mien_training_log_step(
    mien_training_log *log_of_training, const mien_network_fit_moment *moment) {
    const mien_network_fit_moment *m = moment;
    char line[512], a[32], b[32], c[32], d[32];
    snprintf(line, sizeof line,
        "{\"fold\": %d, \"seed\": %lld, \"epoch\": %lld, \"step\": %lld, \"loss\": %s, "
        "\"rate\": %s, "
        "\"norm\": %s, \"idle\": %s}\n",
        m->fold, (long long)m->seed, (long long)m->epoch, (long long)m->step,
        number(m->loss, a), number(m->rate, b), number(m->norm, c), number(m->idle, d));
    return put_line(log_of_training, line);
}

static mien_status add_events(const mien_network_fit_moment *m, mien_events *events) {
    const struct {
        const char *tag;
        double value;
    } scalars[] = {{"loss/train", m->result->loss_train},
        {"loss/validation", m->result->loss_validation},
        {"metric/validation", m->result->metric}, {"rate", m->result->rate},
        {"gradient_norm", m->result->norm}, {"idle", m->idle}};
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof scalars / sizeof *scalars; i++) {
        if (isfinite(scalars[i].value)) {
            status = mien_events_scalar(
                events, scalars[i].tag, m->epoch, (double)time(NULL), scalars[i].value);
        }
    }
    return status == MIEN_OK ? mien_events_flush(events) : status;
}

mien_status mien_training_log_epoch(mien_training_log *log_of_training,
    const mien_network_fit_moment *moment, mien_events *events) {
    const mien_network_fit_moment *m = moment;
    const mien_network_fit_epoch *e = m->result;
    char line[768], a[32], b[32], c[32], d[32], f[32], g[32], h[32];
    snprintf(line, sizeof line,
        "{\"fold\": %d, \"seed\": %lld, \"epoch\": %lld, \"loss_train\": %s, "
        "\"loss_validation\": %s, "
        "\"metric\": %s, \"rate\": %s, \"norm\": %s, \"idle\": %s, \"best\": %s, "
        "\"elapsed_s\": %s}\n",
        m->fold, (long long)m->seed, (long long)m->epoch, number(e->loss_train, a),
        number(e->loss_validation, b), number(e->metric, c), number(e->rate, d),
        number(e->norm, f), number(m->idle, g), m->best ? "true" : "false",
        number(mien_clock_s() - log_of_training->start_s, h));
    mien_status status = put_line(log_of_training, line);
    return status == MIEN_OK && events ? add_events(m, events) : status;
}
