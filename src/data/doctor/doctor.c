/* SPDX-License-Identifier: MIT */
/* Looks a trial table over before anything is trained on it. */
#include "data/doctor/doctor.h"
#include "base/need.h"

#include <stdio.h>
#include <string.h>

mien_doctor_options mien_doctor_options_default(void) {
    return (mien_doctor_options){
        .threads = 1, .folds = 10, .near_bits = 6, .group_column = "group"};
}

/* ---- findings ----------------------------------------------------------------- */

static int find_check(mien_findings *f, const char *check, mien_severity severity) {
    int i = 0;
    while (i < f->checks_count && strcmp(f->checks[i].check, check) != 0) {
        i++;
    }
    if (i == f->checks_count) {
        if (i == MIEN_CHECKS_MAX) {
            return i - 1; /* shared by what comes too late */
        }
        snprintf(f->checks[i].check, sizeof f->checks[i].check, "%s", check);
        f->checks[i].severity = severity;
        f->checks_count++;
    }
    if (severity > f->checks[i].severity) {
        f->checks[i].severity = severity;
    }
    return i;
}

static mien_finding *new_finding(mien_findings *f) {
    if (f->count == f->room) {
        int64_t room = f->room ? f->room * 2 : 32;
        mien_finding *items =
            mien_realloc(f->items, (size_t)f->count, (size_t)room, sizeof *items);
        if (!items) {
            return NULL;
        }
        f->items = items;
        f->room = room;
    }
    mien_finding *made = &f->items[f->count++];
    *made = (mien_finding){0};
    return made;
}

static int64_t most_of(const mien_findings *f) {
    return f->most ? f->most : MIEN_FINDINGS_MAX;
}

mien_status mien_findings_add(mien_findings *findings, mien_severity severity,
    const char *check, const char *trial, const char *format, ...) {
    int number = find_check(findings, check, severity);
    if (findings->checks[number].count++ >= most_of(findings)) {
        return MIEN_OK;
    }
    mien_finding *made = new_finding(findings);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->severity = severity;
    snprintf(made->check, sizeof made->check, "%s", check);
    snprintf(made->trial, sizeof made->trial, "%s", trial ? trial : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made->text, sizeof made->text, format, arguments);
    va_end(arguments);
    return MIEN_OK;
}

mien_status mien_findings_end(mien_findings *findings) {
    for (int i = 0; i < findings->checks_count; i++) {
        int64_t more = findings->checks[i].count - most_of(findings);
        if (more <= 0) {
            continue;
        }
        mien_finding *made = new_finding(findings);
        if (!made) {
            return MIEN_ENOMEM;
        }
        made->severity = findings->checks[i].severity;
        memcpy(made->check, findings->checks[i].check, sizeof made->check);
        snprintf(made->text, sizeof made->text, "and %lld more of this kind",
            (long long)more);
    }
    return MIEN_OK;
}

/* ---- reading ------------------------------------------------------------------ */

/* Mistakes that mien_trials_open() would stop at become findings. */
static mien_status hear(
    void *context, const char *check, int64_t row, mien_status status) {
    (void)row; /* the text has the line; the id itself may be what is wrong */
    (void)status;
    return mien_findings_add(context, MIEN_ERROR, check, NULL, "%s", mien_error());
}

static mien_status look_over(const mien_trials *trials,
    const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_findings *findings) {
    int64_t rows = mien_trials_rows(trials);
    bool folded = false;
    if (rows == 0) {
        return mien_findings_add(
            findings, MIEN_ERROR, "rows", NULL, "the table has no rows");
    }
    int *fold = mien_alloc((size_t)rows, sizeof *fold);
    mien_status status = fold ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_doctor_ratings(trials, findings);
    status =
        status ? status : mien_doctor_groups(trials, options, fold, &folded, findings);
    status = status ? status : mien_doctor_names(trials, options, findings);
    status = status ? status : mien_doctor_features(trials, findings);
    const mien_sides sides = {
        .trials = trials, .fold = folded ? fold : NULL, .split = true};
    status = status ? status
                    : mien_doctor_pictures(
                          &sides, "image", options, progress, context, findings);
    mien_free(fold);
    return status;
}

mien_status mien_doctor(const char *path, const mien_doctor_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count) {
    MIEN_NEED(path, findings, count);
    mien_doctor_options o = options ? *options : mien_doctor_options_default();
    o.group_column = o.group_column ? o.group_column : "group";
    mien_findings found = {0};
    mien_complaints complaints = {hear, &found};
    mien_trials *trials = NULL;
    mien_status status = mien_trials_read(path, &complaints, &trials);
    status = status ? status : look_over(trials, &o, progress, context, &found);
    status = status ? status : mien_findings_end(&found);
    mien_trials_close(&trials);
    if (status != MIEN_OK) {
        mien_free(found.items);
        return status;
    }
    *findings = found.items;
    *count = found.count;
    return MIEN_OK;
}
