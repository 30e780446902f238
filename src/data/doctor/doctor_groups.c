/* SPDX-License-Identifier: MIT */
/* The doctor on groups: how many there are, and what stands on both sides of folds or
 * of a prescribed split.
 *
 * In comes an opened table (doctor.c); out go findings "groups" and "leak", and the
 * fold of each row for doctor_pictures.c. */
#include "data/doctor/doctor.h"

#include <inttypes.h>
#include <string.h>

/* Values of column by row; NULL where missing. */
static const char **cells_of(const mien_trials *t, const char *column) {
    int64_t rows = mien_trials_rows(t);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    for (int64_t i = 0; cells && i < rows; i++) {
        cells[i] = mien_trials_cell(t, i, column);
    }
    return cells;
}

/* Things that must not stand on both sides: rows that share one (a stimulus, a picture,
 * a group) but differ in what divides them (group, split). Rows without a group are
 * groups of their own; rows without a split are on no side. */
static mien_status report_leak(const mien_trials *t, int64_t row, int64_t earlier,
    const char *shared, const char *divider, mien_findings *findings) {
    const char *here = mien_trials_cell(t, row, divider);
    const char *there = mien_trials_cell(t, earlier, divider);
    bool split = strcmp(divider, "split") == 0;
    if (here && there && strcmp(here, there) != 0) {
        return mien_findings_add(findings, MIEN_ERROR, "leak", mien_trials_id(t, row),
            "%s %s is in %s %s and, with trial %s, in %s %s", shared,
            mien_trials_cell(t, row, shared), divider, here, mien_trials_id(t, earlier),
            divider, there);
    }
    if (split || (here && there)) {
        return MIEN_OK;
    }
    return mien_findings_add(findings, MIEN_WARNING, "leak", mien_trials_id(t, row),
        "%s %s is shown in trial %s too, and no %s keeps them in one fold", shared,
        mien_trials_cell(t, row, shared), mien_trials_id(t, earlier), divider);
}

/* Tells of things that are meant to stand on both sides once: how many of them do. */
static mien_status report_design(const mien_trials *t, const int64_t *first,
    const char *const *things, const char *shared, const char *divider,
    mien_findings *findings) {
    int64_t rows = mien_trials_rows(t), different = 0, apart = 0;
    bool *several = mien_alloc((size_t)rows, sizeof *several);
    if (!several) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        const char *here = mien_trials_cell(t, i, divider);
        const char *there = mien_trials_cell(t, first[i], divider);
        different += things[i] && first[i] == i;
        if (things[i] && here && there && strcmp(here, there) != 0) {
            apart += !several[first[i]];
            several[first[i]] = true;
        }
    }
    mien_free(several);
    if (apart == 0) {
        return MIEN_OK;
    }
    bool people = strcmp(shared, "person") == 0;
    return mien_findings_add(findings, people ? MIEN_WARNING : MIEN_NOTE, "leak", NULL,
        "%" PRId64 " of %" PRId64
        " different values of %s stand in several values of %s: "
        "figures hold for %s that were trained on, not for new ones",
        apart, different, shared, divider, people ? "people" : "stimuli");
}

/* `design`: it is meant to be so, and told in one line. */
static mien_status check_leak(const mien_trials *t, const char *shared,
    const char *divider, bool design, mien_findings *findings) {
    int64_t rows = mien_trials_rows(t);
    const char **things = cells_of(t, shared);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    mien_status status = things && first ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_names_first(rows, things, first);
    if (status == MIEN_OK && design) {
        status = report_design(t, first, things, shared, divider, findings);
        rows = 0;
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (things[i] && first[i] != i) {
            status = report_leak(t, i, first[i], shared, divider, findings);
        }
    }
    mien_free(first);
    mien_free(things);
    return status;
}

static mien_status report_groups(const mien_trials *t, const mien_doctor_options *o,
    const char *const *names, int64_t *first, int64_t *sizes, int *fold, bool *folded,
    mien_findings *findings) {
    int64_t rows = mien_trials_rows(t), groups = 0, largest = 0;
    mien_status status = mien_names_first(rows, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        groups += first[i] == i;
        sizes[first[i]]++;
        largest = sizes[first[i]] > sizes[largest] ? first[i] : largest;
    }
    if (status != MIEN_OK) {
        return status;
    }
    *folded = groups >= o->folds;
    bool huge = *folded && sizes[largest] * o->folds > 2 * rows;
    status = mien_findings_add(findings, *folded && !huge ? MIEN_NOTE : MIEN_WARNING,
        "groups", NULL,
        "%" PRId64 " groups in %" PRId64 " rows, the largest (%s) has %" PRId64 "%s%s",
        groups, rows, names[largest] ? names[largest] : "n/a", sizes[largest],
        *folded ? "" : "; too few for the folds asked for",
        huge ? "; over twice what a fold should hold" : "");
    if (status == MIEN_OK && *folded) {
        status = mien_folds_make(rows, names, o->folds, 0, fold);
    }
    return status;
}

/* Are groups people, each one's rows a group? Then all of them may see all stimuli. */
static mien_status find_people(const mien_trials *t, const char *by, bool *people) {
    int64_t rows = mien_trials_rows(t);
    const char **groups = cells_of(t, by);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    mien_status status = groups && first ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_names_first(rows, groups, first);
    *people = strcmp(by, "person") == 0 || mien_table_column(t->table, "person") >= 0;
    for (int64_t i = 0; status == MIEN_OK && *people && i < rows; i++) {
        const char *here = mien_trials_cell(t, i, "person");
        const char *there = mien_trials_cell(t, first[i], "person");
        *people = groups[i] && here && there && strcmp(here, there) == 0;
    }
    mien_free(first);
    mien_free(groups);
    return status;
}

mien_status mien_doctor_groups(const mien_trials *trials,
    const mien_doctor_options *options, int *fold, bool *folded,
    mien_findings *findings) {
    static const char *const shared[] = {"stimulus", "image", "film"};
    const char *by = options->group_column;
    int64_t rows = mien_trials_rows(trials);
    const char **names = cells_of(trials, by);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    int64_t *sizes = mien_alloc((size_t)rows, sizeof *sizes);
    mien_status status = names && first && sizes ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status
                    : report_groups(
                          trials, options, names, first, sizes, fold, folded, findings);
    bool people = false;
    status = status ? status : find_people(trials, by, &people);
    for (size_t i = 0; i < sizeof shared / sizeof *shared && status == MIEN_OK; i++) {
        status = check_leak(trials, shared[i], by, people, findings);
        status =
            status ? status : check_leak(trials, shared[i], "split", false, findings);
    }
    if (status == MIEN_OK && mien_table_column(trials->table, "person") >= 0) {
        status = check_leak(trials, "person", by, true, findings);
        status =
            status ? status : check_leak(trials, "person", "split", true, findings);
    }
    status = status ? status : check_leak(trials, by, "split", false, findings);
    mien_free(sizes);
    mien_free(first);
    mien_free(names);
    return status;
}
