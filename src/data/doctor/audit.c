/* SPDX-License-Identifier: MIT */
/* The audit before training: things that stand where a fit learns and where it is
 * tested.
 *
 * In come an opened table, the sides on which a study's folds put its rows, and what
 * the study learns from (train/run/study_audit.c); out go findings. Pictures and
 * features are looked at by the doctor's parts (doctor_pictures.c, doctor_inputs.c),
 * for what stands on two sides alone. */
#include "data/doctor/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where a fifth of the things stands on both sides, it is meant to be so. */
enum { DESIGN = 5 };

typedef struct audit {
    const mien_trials *trials;
    const mien_audit_options *options;
    mien_findings found;
} audit;

/* ---- people and stimuli ---------------------------------------------------------- */

/* How the different values of a column stand on the sides. */
typedef struct sharing {
    const char *column;                 /* NULL: there is none */
    int64_t different, several, shared; /* values; of several rows; on both sides */
    int64_t *first; /* [rows] the first used row of the same value; -1: none */
    int64_t *other; /* [rows] of a first row: one on its other side; -1: none */
} sharing;

static void sharing_clear(sharing *s) {
    mien_free(s->first);
    mien_free(s->other);
}

/* Values of a column by row; where each of some has a model, another for each. */
static mien_status name_rows(
    const audit *a, const char *column, const char **names, mien_string *room) {
    const mien_sides *s = &a->options->sides;
    int64_t rows = mien_trials_rows(a->trials), at = 0;
    for (int64_t i = 0; i < rows; i++) {
        bool used = s->fold[i] != MIEN_FOLD_NONE;
        names[i] = used ? mien_trials_cell(a->trials, i, column) : NULL;
        if (names[i] && s->each) {
            mien_string_addf(room, "%" PRId64 " %s\n", s->each[i], names[i]);
        }
    }
    mien_status status = mien_string_status(room);
    for (int64_t i = 0; status == MIEN_OK && s->each && i < rows; i++) {
        if (names[i]) {
            names[i] = room->text + at;
            at += (int64_t)strcspn(room->text + at, "\n");
            room->text[at++] = '\0';
        }
    }
    return status;
}

static mien_status share_of(const audit *a, const char *column, sharing *s) {
    int64_t rows = mien_trials_rows(a->trials);
    *s = (sharing){0};
    if (mien_table_column(a->trials->table, column) < 0) {
        return MIEN_OK;
    }
    const char **names = mien_alloc((size_t)rows, sizeof *names);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    int64_t *other = mien_alloc((size_t)rows, sizeof *other);
    bool *more = mien_alloc((size_t)rows, sizeof *more);
    mien_string room;
    mien_string_init(&room);
    mien_status status = names && first && other && more ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : name_rows(a, column, names, &room);
    status = status ? status : mien_names_first(rows, names, first);
    *s = (sharing){.column = column, .first = first, .other = other};
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        other[i] = -1;
        first[i] = names[i] ? first[i] : -1;
        int64_t f = first[i];
        s->different += f == i;
        if (f < 0 || f == i) {
            continue;
        }
        s->several += !more[f];
        more[f] = true;
        if (other[f] < 0 && mien_sides_part(&a->options->sides, f, i)) {
            other[f] = i;
            s->shared++;
        }
    }
    mien_string_clear(&room);
    mien_free(more);
    mien_free((void *)names);
    return status;
}

/* Whether the rows of one model are those of one value, and of no other model. */
static bool is_owner(const audit *a, const sharing *s) {
    const int64_t *each = a->options->sides.each;
    int64_t models = 0, rows = each ? mien_trials_rows(a->trials) : 0;
    for (int64_t i = 0; i < rows; i++) {
        models = each[i] >= models ? each[i] + 1 : models;
    }
    return models > 0 && models == s->different;
}

static bool held_out(const sharing *s) {
    return s->several > 0 && s->shared * DESIGN < s->different;
}

/* Each thing on both sides, or one line that says it is the design. */
static mien_status report(audit *a, const sharing *s, const char *kind, bool design) {
    mien_status status = MIEN_OK;
    bool people = strcmp(kind, "person") == 0;
    if (s->shared == 0) {
        return MIEN_OK;
    }
    if (design) {
        return mien_findings_add(&a->found, MIEN_NOTE, kind, NULL,
            "%" PRId64 " of %" PRId64
            " values of %s are both learnt from and tested, while %s are left out: "
            "figures hold for %s",
            s->shared, s->different, s->column, people ? "stimuli" : "people",
            people ? "people who were learnt from, in front of new stimuli"
                   : "new people, in front of stimuli that were learnt from");
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_trials_rows(a->trials); i++) {
        if (s->first[i] == i && s->other[i] >= 0) {
            status = mien_findings_add(&a->found, MIEN_ERROR, kind,
                mien_trials_id(a->trials, i),
                "%s %s is here and in trial %s, and one is tested by a model that "
                "learns from the other",
                s->column, mien_trials_cell(a->trials, i, s->column),
                mien_trials_id(a->trials, s->other[i]));
        }
    }
    return status;
}

/* What the importer put into one group, where rows are assigned singly. */
static mien_status tell_groups(audit *a) {
    sharing s;
    mien_status status = share_of(a, "group", &s);
    if (status == MIEN_OK && s.shared > 0) {
        status = mien_findings_add(&a->found, MIEN_NOTE, "group", NULL,
            "%" PRId64 " of %" PRId64
            " groups of the table are both learnt from and tested: figures hold for "
            "groups that were seen (folds.by: group leaves them out)",
            s.shared, s.different);
    }
    sharing_clear(&s);
    return status;
}

/* *seen: stimuli are meant to be on both sides, so that their pictures are. */
static mien_status check_people(audit *a, bool *seen) {
    static const char *const columns[] = {"stimulus", "image", "film"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    sharing people = {0}, stimuli[COLUMNS] = {{0}};
    bool stimuli_out = false, kept = true;
    mien_status status = share_of(a, "person", &people);
    for (int i = 0; status == MIEN_OK && i < COLUMNS; i++) {
        status = share_of(a, columns[i], &stimuli[i]);
        stimuli_out = stimuli_out || held_out(&stimuli[i]);
        kept = kept && stimuli[i].shared == 0;
    }
    if (status == MIEN_OK && is_owner(a, &people)) {
        people.shared = 0; /* each person has a model of their own */
    }
    bool people_out = held_out(&people);
    bool many = people.shared * DESIGN >= people.different;
    status = status ? status : report(a, &people, "person", many && stimuli_out);
    *seen = false;
    for (int i = 0; status == MIEN_OK && i < COLUMNS; i++) {
        many = stimuli[i].shared * DESIGN >= stimuli[i].different;
        status = report(a, &stimuli[i], "stimulus", many && people_out);
        *seen = *seen || (people_out && many && stimuli[i].shared > 0);
    }
    for (int i = 0; i < COLUMNS; i++) {
        sharing_clear(&stimuli[i]);
    }
    sharing_clear(&people);
    return status || !kept ? status : tell_groups(a);
}

/* ---- what is learnt from --------------------------------------------------------- */

typedef struct renamed {
    const char *from, *to;
} renamed;

/* Takes a part's findings over, by the audit's names of kinds. */
static mien_status take(audit *a, mien_findings *part, mien_status status) {
    static const renamed names[] = {{"duplicate", "picture"},
        {"near-fold", "near-picture"}, {"near", "features"}, {"target", "target"}};
    status = status ? status : mien_findings_end(part);
    for (int64_t i = 0; status == MIEN_OK && i < part->count; i++) {
        const mien_finding *f = &part->items[i];
        const char *name = NULL;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            name = strcmp(f->check, names[k].from) == 0 ? names[k].to : name;
        }
        bool note = f->severity == MIEN_NOTE;
        status = mien_findings_add(&a->found, note || !name ? MIEN_NOTE : MIEN_ERROR,
            name ? name : f->check, f->trial, "%s", f->text);
    }
    mien_free(part->items);
    return status;
}

static mien_status check_input(audit *a, const mien_audit_input *in, bool pictures,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    const mien_audit_options *o = a->options;
    bool picture = strcmp(in->kind, "picture") == 0 || strcmp(in->kind, "face") == 0;
    mien_findings part = {.most = MIEN_AUDIT_MAX};
    mien_status status = MIEN_OK;
    if (picture && pictures) {
        mien_doctor_options d = mien_doctor_options_default();
        d.threads = o->threads;
        status =
            mien_doctor_pictures(&o->sides, in->column, &d, progress, context, &part);
    } else if (strcmp(in->kind, "features") == 0 && in->at) {
        status = mien_doctor_values(a->trials, in->column, in->width, in->at, &o->sides,
            o->targets, o->targets_count, &part);
    } else if (strcmp(in->kind, "number") == 0) {
        status = mien_doctor_number(
            a->trials, in->column, o->targets, o->targets_count, &part);
    }
    return take(a, &part, status);
}

mien_status mien_audit(const mien_trials *trials, const mien_audit_options *options,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count) {
    audit a = {.trials = trials, .options = options, .found = {.most = MIEN_AUDIT_MAX}};
    bool seen = false;
    mien_status status = check_people(&a, &seen);
    status = status ? status : mien_audit_segments(trials, &options->sides, &a.found);
    for (int i = 0; status == MIEN_OK && i < options->inputs_count; i++) {
        status = check_input(&a, &options->inputs[i], !seen, progress, context);
    }
    status = status ? status : mien_findings_end(&a.found);
    if (status != MIEN_OK) {
        mien_free(a.found.items);
        return status;
    }
    *findings = a.found.items;
    *count = a.found.count;
    return MIEN_OK;
}
