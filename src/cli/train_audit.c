/* SPDX-License-Identifier: MIT */
/* The audit before training: leaks between what a study learns from and what it tests
 * end the command, unless the study says that they are meant. cmd_train.c calls it. */
#include "cli/train_audit.h"

#include <string.h>

#include "cli/output.h"
#include "train/run/study_audit.h"

enum { TOLD = 3, KINDS_MAX = 32 }; /* told: of a kind */

/* Whether a newline-joined list has the name. */
static bool lists(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at && *at;) {
        size_t item = strcspn(at, "\n");
        if (item == length && strncmp(at, name, length) == 0) {
            return true;
        }
        at += item + (at[item] == '\n');
    }
    return false;
}

/* Findings with what the study allows of them. */
typedef struct audited {
    mien_finding *findings;
    int64_t count, leaks;
    const char *allow;
} audited;

static bool is_allowed(const audited *a, const mien_finding *f) {
    return f->severity >= MIEN_ERROR && lists(a->allow, f->check);
}

/* One line of a finding: a leak, one that is allowed, or what is only told. */
static const char *how_of(const audited *a, const mien_finding *f) {
    return f->severity < MIEN_ERROR ? "note: " : is_allowed(a, f) ? "allowed: " : "";
}

/* Every finding, a row each. */
static mien_status write_all(const audited *a, const char *path) {
    static const char *const names[] = {"severity", "check", "trial", "finding"};
    mien_table_writer *writer = NULL;
    mien_status status = mien_table_writer_open(path, MIEN_TSV, 4, names, &writer);
    for (int64_t i = 0; status == MIEN_OK && i < a->count; i++) {
        const mien_finding *f = &a->findings[i];
        const char *cells[] = {f->severity < MIEN_ERROR ? "note"
                               : is_allowed(a, f)       ? "allowed"
                                                        : "error",
            f->check, f->trial[0] ? f->trial : NULL, f->text};
        status = mien_table_writer_row(writer, cells);
    }
    return cli_close_rows(&writer, status);
}

/* How many lines of a kind and severity there are. */
typedef struct kind {
    const char *check, *how;
    int64_t lines;
} kind;

/* Tells the first lines of each kind; whether there are more. */
static bool tell(cli *c, audited *a, kind *kinds, int *count) {
    bool more = false;
    for (int64_t i = 0; i < a->count; i++) {
        const mien_finding *f = &a->findings[i];
        const char *how = how_of(a, f);
        int k = 0;
        while (k < *count && (strcmp(kinds[k].check, f->check) != 0 ||
                                 strcmp(kinds[k].how, how) != 0)) {
            k++;
        }
        if (k == *count && k < KINDS_MAX) {
            kinds[(*count)++] = (kind){f->check, how, 0};
        }
        a->leaks += !*how;
        if (k < KINDS_MAX && kinds[k].lines++ < TOLD) {
            cli_say(c, "audit: %s%s%s%s: %s", how, f->check,
                f->trial[0] ? ", trial " : "", f->trial, f->text);
        } else {
            more = true;
        }
    }
    return more;
}

static mien_status tell_all(cli *c, audited *a, const char *run) {
    kind kinds[KINDS_MAX];
    int count = 0;
    mien_string path;
    mien_string_init(&path);
    bool more = tell(c, a, kinds, &count);
    mien_status status = MIEN_OK;
    if (more && run) {
        size_t length = strlen(run);
        while (length > 1 && run[length - 1] == '/') {
            length--;
        }
        status = mien_string_addf(&path, "%.*s.audit.tsv", (int)length, run);
        status = status ? status : write_all(a, path.text);
    }
    for (int k = 0; status == MIEN_OK && k < count; k++) {
        if (kinds[k].lines > TOLD) {
            cli_say(c, "audit: %s%s: and %lld more%s%s", kinds[k].how, kinds[k].check,
                (long long)(kinds[k].lines - TOLD), run ? ", all in " : "",
                run ? path.text : " (with -o RUN all are written to RUN.audit.tsv)");
        }
    }
    mien_string_clear(&path);
    return status;
}

static void progress(void *context, int64_t done, int64_t total) {
    cli_progress(context, "audit", done, total);
}

mien_status cli_train_audit(cli *c, mien_study *study, const char *run) {
    const char *audit = mien_options_text(study->options, "audit.leaks");
    audited a = {.allow = mien_options_text(study->options, "audit.allow")};
    if (strcmp(audit, "off") == 0) {
        cli_say(c, "audit: off (audit.leaks): leaks are not looked for");
        return MIEN_OK;
    }
    mien_status status =
        mien_study_audit(study, c->threads, progress, c, &a.findings, &a.count);
    cli_progress_end(c);
    status = status ? status : tell_all(c, &a, run);
    mien_free(a.findings);
    if (status != MIEN_OK || !a.leaks || strcmp(audit, "tell") == 0) {
        return status;
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: the audit found %lld leaks, so that figures would be too good: mend the "
        "table or the folds, or name the kinds that are meant in the study: `audit: "
        "{allow: [KIND]}`",
        study->trials, (long long)a.leaks);
}
