/* SPDX-License-Identifier: MIT */
/* The audit before training: leaks that the doctor finds in a study's table end the
 * command, unless the study says that they are meant. cmd_train.c calls it. */
#include "cli/train_audit.h"

#include <string.h>

#include "cli/output.h"

enum { TOLD = 10 };

/* Findings by which the same thing, or the answer, stands on both sides. */
static bool is_leak(const mien_finding *f) {
    static const char *const kinds[] = {"leak", "target", "near", "near-fold"};
    bool is = strcmp(f->check, "duplicate") == 0 && f->severity == MIEN_ERROR;
    is = is || (strcmp(f->check, "segment") == 0 && strstr(f->text, "overlap"));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        is = is || strcmp(f->check, kinds[k]) == 0;
    }
    return is && f->severity >= MIEN_WARNING;
}

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

mien_status cli_train_audit(cli *c, const mien_study *study) {
    const char *allow = mien_options_text(study->options, "audit.allow");
    const char *by = mien_options_text(study->options, "folds.by");
    const char *audit = mien_options_text(study->options, "audit.leaks");
    mien_doctor_options o = mien_doctor_options_default();
    mien_finding *findings = NULL;
    int64_t count = 0, found = 0;
    if (!audit || strcmp(audit, "fail") != 0) {
        return MIEN_OK;
    }
    o.threads = c->threads;
    o.group_column = by && strcmp(by, "none") != 0 ? by : "group";
    mien_status status = mien_doctor(study->trials, &o, NULL, NULL, &findings, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_finding *f = &findings[i];
        if (!is_leak(f)) {
            continue;
        }
        bool allowed = lists(allow, f->check);
        found += !allowed;
        if (allowed || found <= TOLD) {
            cli_say(c, "audit: %s%s%s%s: %s", allowed ? "allowed: " : "", f->check,
                f->trial[0] ? ", trial " : "", f->trial, f->text);
        }
    }
    mien_free(findings);
    return status != MIEN_OK || !found ? status
                                       : mien_fail(MIEN_EFORMAT,
                                             "%s: the audit found %lld leaks: mend the "
                                             "table, or name the kinds "
                                             "that are meant in audit.allow",
                                             study->trials, (long long)found);
}
