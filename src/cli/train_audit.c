/* SPDX-License-Identifier: MIT */
/* The audit before training: leaks between what a study learns from and what it tests
 * end the command, unless the study says that they are meant. cmd_train.c calls it. */
#include "cli/train_audit.h"

#include <string.h>

#include "cli/output.h"
#include "train/run/study_audit.h"

enum { TOLD = 10 }; /* of a kind */

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

/* One line of a finding: a leak, one that is allowed, or what is only told. */
static void tell(cli *c, const mien_finding *f, bool allowed) {
    const char *how = f->severity < MIEN_ERROR ? "note: " : allowed ? "allowed: " : "";
    cli_say(c, "audit: %s%s%s%s: %s", how, f->check, f->trial[0] ? ", trial " : "",
        f->trial, f->text);
}

mien_status cli_train_audit(cli *c, mien_study *study) {
    const char *allow = mien_options_text(study->options, "audit.allow");
    const char *audit = mien_options_text(study->options, "audit.leaks");
    mien_finding *findings = NULL;
    int64_t count = 0, found = 0, of_kind = 0;
    if (strcmp(audit, "off") == 0) {
        cli_say(c, "audit: off (audit.leaks): leaks are not looked for");
        return MIEN_OK;
    }
    mien_status status =
        mien_study_audit(study, c->threads, NULL, NULL, &findings, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_finding *f = &findings[i];
        bool leak = f->severity >= MIEN_ERROR;
        bool allowed = leak && lists(allow, f->check);
        bool again = i > 0 && strcmp(findings[i - 1].check, f->check) == 0;
        of_kind = again ? of_kind + 1 : 1;
        found += leak && !allowed;
        if (!leak || of_kind <= TOLD) {
            tell(c, f, allowed);
        } else if (of_kind == TOLD + 1) {
            cli_say(c, "audit: %s: and more", f->check);
        }
    }
    mien_free(findings);
    if (status != MIEN_OK || !found || strcmp(audit, "tell") == 0) {
        return status;
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: the audit found %lld leaks, so that figures would be too good: mend the "
        "table or the folds, or name the kinds that are meant in the study: `audit: "
        "{allow: [KIND]}`",
        study->trials, (long long)found);
}
