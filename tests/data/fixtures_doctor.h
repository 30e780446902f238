/* SPDX-License-Identifier: MIT */
/* A table to be examined, and what the doctor says of it. */
#ifndef MIEN_TESTS_FIXTURES_DOCTOR_H
#define MIEN_TESTS_FIXTURES_DOCTOR_H

#include "data/fixtures.h"

#include "data/doctor/doctor.h"

#define TARGET "\"construct\":\"evoked\",\"perspective\":\"normative\""
#define SIDECAR "{\"version\":1,\"targets\":{\"valence\":{\"range\":[1,7]," TARGET "}}}"

typedef struct visit {
    mien_finding *findings;
    int64_t count;
} visit;

/* Examines a table of these rows, with two folds. */
static inline visit examine(const char *table, const char *sidecar) {
    visit v = {0};
    mien_doctor_options o = mien_doctor_options_default();
    o.folds = 2;
    o.threads = 2;
    fixture_text("sick.tsv", table);
    fixture_text("sick.json", sidecar);
    assert_good(mien_doctor(
        support_temp_path("sick.tsv"), &o, NULL, NULL, &v.findings, &v.count));
    return v;
}

static inline const mien_finding *find(
    const visit *v, const char *check, const char *part) {
    for (int64_t i = 0; i < v->count; i++) {
        if (strcmp(v->findings[i].check, check) == 0 &&
            strstr(v->findings[i].text, part)) {
            return &v->findings[i];
        }
    }
    return NULL;
}

static inline void assert_found(const visit *v, mien_severity severity,
    const char *check, const char *trial, const char *part) {
    const mien_finding *f = find(v, check, part);
    if (!f) {
        for (int64_t i = 0; i < v->count; i++) {
            print_error("%d %s %s: %s\n", (int)v->findings[i].severity,
                v->findings[i].check, v->findings[i].trial, v->findings[i].text);
        }
        fail_msg("no finding %s: %s", check, part);
    }
    assert_int_equal(f->severity, severity);
    assert_string_equal(f->trial, trial);
}

static inline int64_t count_of(const visit *v, mien_severity severity) {
    int64_t n = 0;
    for (int64_t i = 0; i < v->count; i++) {
        n += v->findings[i].severity == severity;
    }
    return n;
}

#endif
