/* SPDX-License-Identifier: MIT */
/* The audit: what of a table stands on both sides of a study's folds. */
#ifndef MIEN_DATA_AUDIT_H
#define MIEN_DATA_AUDIT_H

#include "data/doctor/doctor.h"

enum { MIEN_AUDIT_MAX = 10000 };

typedef struct mien_audit_input {
    const char *kind, *column; /* a row of inputs.def */
    /* values of features, which the caller has */
    int64_t width;
    const float *const *at; /* [rows of the table][width]; NULL of a row: it has none */
} mien_audit_input;

typedef struct mien_audit_options {
    mien_sides sides; /* strict */
    const mien_audit_input *inputs;
    int inputs_count;
    const char *const *targets; /* names of what is learnt */
    int targets_count;
    int threads;
} mien_audit_options;

/** Looks for leaks between rows that are learnt from and rows that are tested. Findings
 * of the kinds "target", "person", "stimulus", "picture", "near-picture", "features"
 * and "segment" are errors where they are leaks, and notes where they are the design
 * (people on both sides of a study that leaves stimuli out, stimuli on both sides of
 * one that leaves people out) or say what was sampled. At most MIEN_AUDIT_MAX a kind
 * are listed, and the others counted.
 *
 * @param findings  mien_free()
 * @return MIEN_OK also if there are leaks; MIEN_ENOMEM; MIEN_EINTERRUPTED */
mien_status mien_audit(const mien_trials *trials, const mien_audit_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count);

/** Segments of one film (and person) that overlap in time: an error on two sides, or
 * where few of a film's neighbours do. */
mien_status mien_audit_segments(
    const mien_trials *trials, const mien_sides *sides, mien_findings *findings);

#endif
