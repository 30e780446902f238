/* SPDX-License-Identifier: MIT */
/* mien study: a commented study for a trial table, which trains as it is written.
 *
 * In comes a trial table; out goes a YAML file. What is learnt from (pictures or
 * features), what kind the targets are and how many groups there are decide method,
 * model and folds; every line says what it is for and what else could stand there. */
#include "cli/command.h"
#include "data/importers/importer.h"
#include "io/text.h"
#include "train/study/study.h"

#include <inttypes.h>
#include <string.h>

enum { FOLDS = 10, FILMS_MAX = 20, BATCH = 32, TARGETS = 16, INPUTS = 16 };

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "STUDY.yaml",
        .help = "The study to write (default: standard output)",
        .letter = 'o'},
    {.name = "keys",
        .type = MIEN_OPTION_FLAG,
        .help = "Only list every key of a study, with its default"},
    {0},
};

/* The facts of a table that a study depends on. */
typedef struct facts {
    const mien_trials *trials;
    int64_t rows, groups, people, pictures;
    int64_t largest; /* rows of the largest group, 1 without groups */
    int64_t rated;   /* rows that have all targets */
    int64_t train;   /* of the prescribed split */
    int numbers, classes, inputs;
    const char *input[INPUTS]; /* NAME of features.NAME */
    bool timed, prescribed;
} facts;

/* How many different names a column has, and how many rows the commonest. */
static mien_status count_different(
    const mien_trials *t, const char *column, int64_t *count, int64_t *largest) {
    int64_t rows = mien_trials_rows(t);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    int64_t *size = mien_alloc((size_t)rows, sizeof *size);
    mien_status status = cells && first && size ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        cells[i] = mien_trials_cell(t, i, column);
    }
    status = status ? status : mien_names_first(rows, cells, first);
    *count = 0;
    *largest = 1;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        *count += cells[i] && first[i] == i;
        size[first[i]]++;
        *largest = size[first[i]] > *largest ? size[first[i]] : *largest;
    }
    mien_free(size);
    mien_free(first);
    mien_free((void *)cells);
    return status;
}

static void find_inputs(facts *f) {
    static const char prefix[] = "features.";
    const mien_table *table = mien_trials_table(f->trials);
    for (int c = 0; c < mien_table_columns(table) && f->inputs < INPUTS; c++) {
        const char *name = mien_table_name(table, c);
        if (strncmp(name, prefix, strlen(prefix)) == 0) {
            f->input[f->inputs++] = name + strlen(prefix);
        }
    }
}

static void find_splits(facts *f) {
    bool train = false, test = false;
    for (int64_t i = 0; i < f->rows; i++) {
        const char *split = mien_trials_cell(f->trials, i, "split");
        train = train || (split && strcmp(split, "train") == 0);
        f->train += split && strcmp(split, "train") == 0;
        test = test || (split && strcmp(split, "train") != 0);
    }
    f->prescribed = train && test;
}

static void count_rated(facts *f) {
    for (int64_t i = 0; i < f->rows; i++) {
        bool all = true;
        for (int t = 0; t < mien_trials_targets(f->trials) && t < TARGETS; t++) {
            all = all && mien_trials_cell(
                             f->trials, i, mien_trials_target_at(f->trials, t)->name);
        }
        f->rated += all;
    }
}

/* Rows of a step: less than any fold trains on, and several steps in an epoch. */
static int batch_of(const facts *f) {
    int64_t held = f->rated / FOLDS + f->largest;
    int64_t rows = f->prescribed && f->train < f->rated ? f->train : f->rated - held;
    int64_t batch = rows / 4;
    return batch < 1 ? 1 : batch > BATCH ? BATCH : (int)batch;
}

static mien_status look_at(const char *path, const mien_trials *trials, facts *f) {
    *f = (facts){.trials = trials, .rows = mien_trials_rows(trials)};
    for (int i = 0; i < mien_trials_targets(trials) && i < TARGETS; i++) {
        bool number = mien_trials_target_at(trials, i)->kind == MIEN_TARGET_NUMBER;
        f->numbers += number;
        f->classes += !number;
    }
    int64_t any = 0;
    mien_status status = count_different(trials, "group", &f->groups, &f->largest);
    status = status ? status : count_different(trials, "person", &f->people, &any);
    status = status ? status : count_different(trials, "image", &f->pictures, &any);
    count_rated(f);
    find_inputs(f);
    find_splits(f);
    f->timed = mien_table_column(mien_trials_table(trials), "start_s") >= 0;
    if (status == MIEN_OK && f->numbers + f->classes == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: its sidecar names no targets: nothing can be learnt", path);
    }
    if (status == MIEN_OK && f->pictures == 0 && f->inputs == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: neither a column image nor one called features.NAME: there is nothing "
            "to "
            "learn from",
            path);
    }
    if (status == MIEN_OK && f->rated < 4) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: %" PRId64 " rows with all targets are too few to learn", path,
            f->rated);
    }
    return status;
}

/* ---- writing ------------------------------------------------------------------ */

static void add_targets(const facts *f, mien_string *text) {
    mien_string_add(text, "\n# What is learnt; delete those that are not wanted.\n");
    for (int i = 0; i < mien_trials_targets(f->trials) && i < TARGETS; i++) {
        const mien_trials_target *t = mien_trials_target_at(f->trials, i);
        if (t->kind == MIEN_TARGET_NUMBER) {
            mien_string_addf(text, "# %s: a number from %g to %g\n", t->name,
                t->minimum, t->maximum);
        } else {
            mien_string_addf(text, "# %s: one of %d classes\n", t->name, t->classes);
        }
    }
    mien_string_add(text, "targets: [");
    for (int i = 0; i < mien_trials_targets(f->trials) && i < TARGETS; i++) {
        mien_string_add(text, i ? ", " : "");
        mien_json_add_text(text, mien_trials_target_at(f->trials, i)->name);
    }
    mien_string_add(text, "]\n");
}

static void add_readout(mien_string *text) {
    mien_string_add(text,
        "\n# A regression on what a network that knows ordinary pictures sees in "
        "these: fast, "
        "and\n# hard to beat with fewer than some thousands. (`mien models pull "
        "mobilenet_v2` "
        "once.)\n"
        "method: readout\n"
        "backbone: {name: mobilenet_v2} # others: mien help train, docs/study.md\n"
        "picture: {fit: squash, height: 224, width: 224} # the whole picture, nothing "
        "cut "
        "off\n"
        "readout:\n"
        "  layers: [pool, features.17.conv.1] # candidates; the best is found inside "
        "the "
        "folds\n"
        "  gamma: [0, 2] # 0: linear; above: a kernel\n");
}

static void add_network(const facts *f, mien_string *text) {
    mien_string_add(text, "\n# A head is trained on a network that knows ordinary "
                          "pictures. (`mien models pull\n"
                          "# mobilenet_v2` once.)\n"
                          "method: network\n"
                          "backbone: {name: mobilenet_v2}\n"
                          "picture: {fit: squash, height: 224, width: 224} # the whole "
                          "picture, nothing cut "
                          "off\n"
                          "train: {what: head, initials: [\"head.* = zero\"]} # what: "
                          "last-block or all learns "
                          "more, and longer\n"
                          "head: {dropout: 0.5}\n");
    if (f->classes > 0) {
        mien_string_add(text, "class-weights: {rule: balanced} # rare classes count as "
                              "much as common ones\n");
    }
    mien_string_addf(text,
        "optimiser: {name: adamw, rate: 0.001, decay: 0.01}\n"
        "schedule: {name: cosine}\nepochs: 12\nbatch: %d\n",
        batch_of(f));
}

static void add_features(const facts *f, mien_string *text) {
    mien_string_add(
        text, "\n# Columns features.NAME of the table, by NAME.\ninputs: [");
    for (int i = 0; i < f->inputs; i++) {
        mien_string_add(text, i ? ", " : "");
        mien_json_add_text(text, f->input[i]);
    }
    mien_string_add(text,
        "]\n\n# The simplest model, which others have to beat: mlp, aan (attention "
        "over "
        "inputs).\n"
        "method: network\nmodel: {name: linear}\n"
        "standardise: true # by the mean and SD of each fold's training rows\n");
    if (f->inputs > 1) {
        mien_string_add(text, "modality-dropout: 0.1 # inputs left out at random: none "
                              "is relied on alone\n");
    }
    if (f->classes > 0) {
        mien_string_add(text, "class-weights: {rule: balanced} # rare classes count as "
                              "much as common ones\n");
    }
    mien_string_addf(text,
        "optimiser: {name: adamw, rate: 0.001, decay: 0.01}\n"
        "schedule: {name: cosine}\nepochs: 30\nbatch: %d\n",
        batch_of(f));
}

static void add_folds(const facts *f, bool readout, mien_string *text) {
    int64_t k = f->groups > 1 ? f->groups : f->rated;
    k = k > FOLDS ? FOLDS : k;
    mien_string_add(text, "\n# Every row is predicted by a model that has not seen it. "
                          "What belongs together "
                          "(the same\n# picture, theme, film or person) is kept in one "
                          "fold by the column that "
                          "`by` names.\n");
    if (f->people > 1) {
        mien_string_addf(text,
            "# %" PRId64
            " people rated: by: person says how well new people are predicted.\n",
            f->people);
    }
    if (!readout && f->prescribed) {
        mien_string_add(text,
            "folds: {rule: prescribed} # the column split; or {k: 10, by: "
            "group}\n");
    } else if (f->groups < 2) {
        mien_string_addf(text,
            "# The table has no groups: rows are assigned singly, which flatters where "
            "some "
            "belong together.\nfolds: {k: %" PRId64 ", by: none%s, seed: 0}\n",
            k, readout ? "" : ", rule: rows");
    } else if (!readout && f->timed && f->groups <= FILMS_MAX) {
        mien_string_add(text,
            "folds: {rule: leave-one-group-out, by: group} # every film "
            "left out once\n");
    } else {
        mien_string_addf(text, "folds: {k: %" PRId64 ", by: group, seed: 0}\n", k);
    }
}

static mien_status write_study(const facts *f, const char *trials, mien_string *text) {
    bool readout = f->inputs == 0 && f->classes == 0;
    mien_string_addf(text, "# A study to begin with: %" PRId64 " rows", f->rows);
    if (f->groups > 0) {
        mien_string_addf(text, " in %" PRId64 " groups", f->groups);
    }
    mien_string_add(text,
        ". Before: mien doctor TABLE. Then:\n"
        "#   mien train THIS.yaml --check     is it right?\n"
        "#   mien train THIS.yaml --print     every key with its default\n"
        "#   mien train THIS.yaml -o RUN      train, judge, draw\n"
        "trials: ");
    mien_json_add_text(text, trials);
    mien_string_add(text, " # relative to this file\n");
    add_targets(f, text);
    if (f->inputs > 0) {
        add_features(f, text);
    } else if (readout) {
        add_readout(text);
    } else {
        add_network(f, text);
    }
    add_folds(f, readout, text);
    mien_string_add(
        text, "\n# Intervals are drawn by whole groups.\nbootstrap: {repeats: 2000}\n");
    if (f->inputs == 0) {
        mien_string_add(text,
            "\n# For the model's file: under which licence, and what to cite.\n"
            "# model: {licence: CC-BY-4.0, citation: \"…\"}\n");
    }
    return mien_string_status(text);
}

/* The table as seen from the study. */
static mien_status relative_path(const char *table, const char *output, char **path) {
    char *folder = mien_path_directory(table), *prefix = NULL;
    mien_status status = folder ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_relative_directory(output, folder, &prefix);
    if (status == MIEN_OK) {
        *path = *prefix ? mien_path_join(prefix, mien_path_base(table))
                        : mien_strdup(mien_path_base(table));
        status = *path ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_free(prefix);
    mien_free(folder);
    return status;
}

static mien_status write(
    cli *c, const char *table, const facts *f, const char *output) {
    mien_string text;
    char *path = NULL;
    mien_string_init(&text);
    mien_status status = relative_path(table, output ? output : "study.yaml", &path);
    status = status ? status : write_study(f, path, &text);
    if (status == MIEN_OK && output) {
        status = mien_file_write(output, text.text, text.length);
    } else if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    if (status == MIEN_OK && output) {
        cli_say(c,
            "%s is written; `mien train %s --check`, then `mien train %s -o RUN`",
            output, output, output);
    }
    mien_string_clear(&text);
    mien_free(path);
    return status;
}

/* "readout.gamma  Kernels' width …  (default 2)", every key. */
static mien_status list_keys(void) {
    mien_string text;
    mien_string_init(&text);
    for (const mien_option *key = mien_study_keys; key->name; key++) {
        mien_string_addf(&text, "%-24s %s", key->name, key->help ? key->help : "");
        for (int k = 0; key->choices && key->choices[k]; k++) {
            mien_string_addf(&text, "%s%s", k ? "|" : " [", key->choices[k]);
        }
        mien_string_add(&text, key->choices ? "]" : "");
        if (key->initial && *key->initial) {
            mien_string_addf(&text, " (default %s)", key->initial);
        }
        mien_string_add(&text, "\n");
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : cli_write(NULL, &text);
    mien_string_clear(&text);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *output = mien_options_text(o, "output");
    mien_trials *trials = NULL;
    facts f;
    if (mien_options_flag(o, "keys")) {
        return list_keys();
    }
    if (count < 1) {
        return cli_usage(c, "TRIALS.tsv is missing: the table to study");
    }
    if (output && mien_file_exists(output)) {
        return mien_fail(MIEN_EINVAL,
            "%s: is there already; a study that was edited is not written over",
            output);
    }
    mien_status status = mien_trials_open(positional[0], &trials);
    status = status ? status : look_at(positional[0], trials, &f);
    status = status ? status : write(c, positional[0], &f, output);
    mien_trials_close(&trials);
    return status;
}

const cli_command cli_command_study = {
    .name = "study",
    .summary = "Write a commented study to begin with for a trial table",
    .synopsis = "TRIALS.tsv -o STUDY.yaml | --keys",
    .text =
        "The study trains as it is written: a read-out for pictures with numbers, a "
        "network's head for\npictures with classes, a linear model for features; folds "
        "by group where there are groups, as\nprescribed where the table has a split. "
        "Every line says what it is for. A file that is there is\nnot written over.",
    .examples =
        "  mien study trials.tsv -o study.yaml\n  mien train study.yaml --check\n"
        "  mien study --keys\n",
    .options = options,
    .positional_max = 1,
    .run = run,
};
