/* SPDX-License-Identifier: MIT */
/* The table of synthetic data sets. */
#include "data/synths/synth.h"
#include "base/need.h"
#include "data/trials.h"

#include <string.h>

static const mien_synth *const synths[] = {
#define X(name) &mien_synth_##name,
#include "data/synths/synths.def"
#undef X
};

mien_synth_options mien_synth_options_default(void) {
    return (mien_synth_options){.r = 0.6,
        .films = 12,
        .segments = 360,
        .seed = 1,
        .reactions = {.persons = 24,
            .stimuli = 60,
            .per_person = 40,
            .alpha = 0.36,
            .beta = 0.16,
            .gamma = 0.48,
            .pupil = 0.5,
            .gsr = 0.4,
            .hr = 0.3,
            .gaze = 0.3,
            .missing = 0.1}};
}

int mien_synth_count(void) {
    return (int)(sizeof synths / sizeof *synths);
}

const mien_synth *mien_synth_at(int index) {
    return index >= 0 && index < mien_synth_count() ? synths[index] : NULL;
}

mien_status mien_synth_find(const char *name, const mien_synth **synth) {
    MIEN_NEED(name, synth);
    mien_string known;
    mien_string_init(&known);
    for (int i = 0; i < mien_synth_count(); i++) {
        if (strcmp(synths[i]->name, name) == 0) {
            *synth = synths[i];
            mien_string_clear(&known);
            return MIEN_OK;
        }
        mien_string_addf(&known, "%s%s", i ? ", " : "", synths[i]->name);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status = mien_fail(MIEN_ENOTFOUND,
            "there is no synthetic data set \"%s\"; known: %s", name, known.text);
    }
    mien_string_clear(&known);
    return status;
}

static mien_status check_options(const mien_synth_options *o) {
    if (!(o->r >= 0 && o->r <= 0.95)) {
        return mien_fail(MIEN_EINVAL, "r is %g; 0 to 0.95 is possible", o->r);
    }
    if (o->films < 1 || o->films > 10000) {
        return mien_fail(MIEN_EINVAL, "%d films; 1 to 10000 are possible", o->films);
    }
    if (o->segments < 20 || o->segments > 10000) {
        return mien_fail(
            MIEN_EINVAL, "%d segments; 20 to 10000 are possible", o->segments);
    }
    return MIEN_OK;
}

static mien_status check_empty(const char *directory) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_make(directory);
    status = status ? status : mien_directory_list(directory, &names, &count);
    if (status == MIEN_OK && count > 0) {
        status = mien_fail(
            MIEN_EINVAL, "%s: the folder is not empty (%s)", directory, names[0]);
    }
    mien_names_free(&names, count);
    return status;
}

mien_status mien_synth_write(const mien_synth *synth, const mien_synth_options *options,
    const char *directory, void (*progress)(void *context, int64_t done, int64_t total),
    void *context) {
    MIEN_NEED(synth, directory);
    mien_synth_options o = options ? *options : mien_synth_options_default();
    mien_options *defaults = NULL;
    mien_status status = check_options(&o);
    if (status == MIEN_OK && synth->options && !o.own) {
        status = mien_options_new(synth->options, &defaults);
        o.own = defaults;
    }
    status = status ? status : check_empty(directory);
    status = status ? status : synth->write(&o, directory, progress, context);
    mien_options_free(&defaults);
    return status;
}

mien_status mien_synth_trials(const char *directory, const mien_importer *set,
    const char *name, const char *note) {
    const char *const words[][2] = {{"name", name},
        {"source", "made by mien synth: random numbers, no person"},
        {"citation", "none"}, {"licence", "CC0-1.0"}};
    char *output = mien_path_join(directory, "trials.tsv");
    mien_options *options = NULL;
    mien_table *table = NULL;
    mien_value *sidecar = NULL;
    mien_status status = output ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && set->options) {
        status = mien_options_new(set->options, &options);
    }
    status =
        status ? status : set->import(directory, output, options, &table, &sidecar);
    for (int k = 0; status == MIEN_OK && k < 4; k++) {
        status = mien_value_set(sidecar, words[k][0], mien_value_new_text(words[k][1]));
    }
    status = status ? status : mien_sidecar_add_note(sidecar, note);
    status = status ? status : mien_trials_write(table, sidecar, output);
    mien_value_free(&sidecar);
    mien_table_free(&table);
    mien_options_free(&options);
    mien_free(output);
    return status;
}

mien_status mien_synth_ideal(
    const char *directory, int count, const mien_synth_figure *figures) {
    static const char *const names[] = {"figure", "value"};
    mien_table *table = NULL;
    char *path = mien_path_join(directory, "ideal.csv");
    mien_status status = path ? mien_table_new(2, names, &table) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        char number[32];
        const char *cells[] = {
            figures[i].what, mien_format_double(figures[i].value, number)};
        status = mien_table_add_row(table, cells);
    }
    status = status ? status : mien_table_write(table, path, MIEN_CSV);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

mien_status mien_synth_tell(
    int count, const mien_synth_figure *figures, int columns, mien_string *text) {
    for (int i = 0; i < count; i++) {
        mien_string_addf(
            text, "%-*s %6.3f\n", columns, figures[i].what, figures[i].value);
    }
    return mien_string_status(text);
}
