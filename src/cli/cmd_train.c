/* SPDX-License-Identifier: MIT */
/* mien train: a study file in, a judged model in a run folder out. */
#include "base/ranks.h"
#include "cli/command.h"
#include "cli/set_options.h"
#include "cli/extract_films.h"
#include "cli/train_audit.h"
#include "cli/train_axes.h"
#include "train/study/study.h"

#include <stdio.h>
#include <string.h>

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "RUN",
        .help = "The run folder to make",
        .letter = 'o'},
    {.name = "set",
        .type = MIEN_OPTION_LIST,
        .metavar = "KEY=VALUE",
        .help = "Overrides a key of the study (folds.k=5); may be given several times"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help =
            "The backbone's weights (default: those fetched by mien models pull); of "
            "features of films NAME=FILE[,NAME=FILE…]"},
    {.name = "flow-size",
        .type = MIEN_OPTION_TEXT,
        .initial = "native",
        .metavar = "native|N",
        .help = "Size of the frames that flownet sees, where it is computed of films"},
    {.name = "statistics",
        .type = MIEN_OPTION_CHOICE,
        .initial = "eval",
        .choices = (const char *const[]){"eval", "batch", NULL},
        .help = "Batch-norms of resnet50 and i3d, where they are computed of films, as "
                "of mien extract"},
    CLI_EXACT_OPTION,
    {.name = "check",
        .type = MIEN_OPTION_FLAG,
        .help = "Only check the study and its table, and count what it would learn"},
    {.name = "print",
        .type = MIEN_OPTION_FLAG,
        .help = "Only check the study and print it with every default written out"},
    {0},
};

/* A rank other than 0 of several processes: it trains, and says and writes nothing of
 * its own. */
static bool is_silent(void) {
    return mien_rank(mien_ranks_here()) > 0;
}

static mien_status print_study(const mien_study *study) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_study_write(study, &text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

mien_status cli_report_run(cli *c, const char *run) {
    char *page = mien_path_join(run, "report.html");
    mien_report_options o = mien_report_options_default();
    o.picture = cli_report_picture;
    mien_status status = page ? mien_report_runs_with(&run, 1, &o, page) : MIEN_ENOMEM;
    mien_free(page);
    if (status == MIEN_OK) {
        cli_say(c,
            "%s is done; `mien evaluate %s` prints its figures, %s/report.html draws "
            "them",
            run, run, run);
        status = cli_main_figures(c, run);
    }
    return status;
}

/* NAME=FILE are those of features that are computed of films. */
static const char *weights_of_backbone(const mien_options *o) {
    const char *weights = mien_options_text(o, "weights");
    return weights && strchr(weights, '=') ? NULL : weights;
}

/* "10,248", or what stands for a number that the data decide. */
static void add_count(mien_string *text, int64_t count) {
    char digits[24];
    if (count < 0) {
        mien_string_add(text, "as many as trees take");
        return;
    }
    int length = snprintf(digits, sizeof digits, "%lld", (long long)count);
    for (int i = 0; i < length; i++) {
        const char digit[] = {digits[i], 0};
        mien_string_add(text, i > 0 && (length - i) % 3 == 0 ? "," : "");
        mien_string_add(text, digit);
    }
}

/* Prints how many values of each part would be learnt, and how many are frozen. */
static mien_status say_fine(cli *c, const char *study, const mien_tally *tally) {
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s is fine", study);
    for (int i = 0; i < tally->parts; i++) {
        const mien_tally_part *part = &tally->part[i];
        mien_string_addf(&text, "\n  %s: values learnt %s", part->name,
            part->most ? "at most " : "");
        add_count(&text, part->learnt);
        mien_string_add(&text, ", frozen ");
        add_count(&text, part->frozen);
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        cli_say(c, "%s", text.text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status train(cli *c, const mien_options *o, mien_study *study) {
    const char *run_folder = mien_options_text(o, "output");
    if (!run_folder) {
        return cli_usage(c, "-o RUN is missing: the folder the run is written to");
    }
    mien_train_options t = mien_train_options_default();
    t.threads = c->threads;
    t.weights = weights_of_backbone(o);
    t.exact = mien_options_flag(o, "exact");
    t.progress = is_silent() ? NULL : cli_progress;
    t.context = c;
    if (is_silent()) {
        /* What is not judged by folds is done by rank 0 alone. */
        return mien_study_reported(study) ? mien_train(study, run_folder, &t) : MIEN_OK;
    }
    mien_status status = cli_train_audit(c, study, run_folder);
    status = status == MIEN_OK ? mien_train(study, run_folder, &t) : status;
    if (status == MIEN_OK && !mien_study_reported(study)) {
        cli_say(c, "%s is done; %s/curve.csv has every point", run_folder, run_folder);
        return cli_main_figures(c, run_folder);
    }
    return status == MIEN_OK ? cli_report_run(c, run_folder) : status;
}

/* The families of films among the study's inputs that its table has no columns of. */
static mien_status films_wanted(const mien_study *study, mien_string *names) {
    const mien_architecture *a = &study->recipe.architecture;
    static const char prefix[] = "features.";
    mien_trials *trials = NULL;
    mien_status status = mien_trials_open(study->trials, &trials);
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        const char *column = a->inputs[i].column, *name = column + sizeof prefix - 1;
        const cli_family *family = NULL;
        const mien_table *table = mien_trials_table(trials);
        if (strncmp(column, prefix, sizeof prefix - 1) == 0 &&
            mien_table_column(table, column) < 0 &&
            mien_table_column(table, "film") >= 0 &&
            cli_family_find(name, &family) == MIEN_OK) {
            mien_string_addf(names, "%s%s", names->length ? "," : "", name);
        }
    }
    mien_trials_close(&trials);
    return status ? status : mien_string_status(names);
}

/* A study whose inputs are computed of films is opened again, over a copy of its table
 * with those inputs. */
static mien_status take_films(cli *c, const mien_options *o, const char *path,
    const char **sets, int sets_count, mien_string *set, mien_study **study) {
    cli_film_settings settings = cli_film_settings_default();
    mien_string names;
    char *table = NULL;
    mien_string_init(&names);
    mien_status status = films_wanted(*study, &names);
    if (status == MIEN_OK && names.length > 0) {
        const char *weights = mien_options_text(o, "weights");
        settings.weights = weights && strchr(weights, '=') ? weights : NULL;
        settings.exact = mien_options_flag(o, "exact");
        settings.batch_statistics =
            strcmp(mien_options_text(o, "statistics"), "batch") == 0;
        status =
            cli_flow_size(c, mien_options_text(o, "flow-size"), &settings.flow_size);
        status = status ? status
                        : cli_film_trials(c, (*study)->trials, names.text, NULL, false,
                              &settings, &table);
    }
    if (status == MIEN_OK && table) {
        mien_string_addf(set, "trials=%s", table);
        status = mien_string_status(set);
        sets[sets_count] = set->text;
        mien_study_close(study);
        status = status ? status : mien_study_open(path, sets, sets_count + 1, study);
    }
    mien_free(table);
    mien_string_clear(&names);
    return status;
}

static mien_status open_whole(cli *c, const mien_options *o, const char *path,
    const char **sets, int count, mien_string *set, mien_study **study) {
    mien_status status = mien_study_open(path, sets, count, study);
    c->usage = status == MIEN_EINVAL; /* a bad --set */
    return status ? status : take_films(c, o, path, sets, count, set, study);
}

/* Of a study with lists of values a run for each. had: it was one. */
static mien_status try_axes(cli *c, const mien_options *o, const char *path,
    const char *const *sets, int count, bool *had) {
    mien_study_axes axes;
    mien_status status = mien_study_axes_read(&axes, path, sets, count);
    c->usage = status == MIEN_EINVAL;
    *had = axes.axes > 0;
    if (status == MIEN_OK && *had) {
        status = cli_train_axes(c, o, path, &axes, open_whole);
    }
    mien_study_axes_clear(&axes);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    bool axes = false;
    const char *sets[CLI_TEXTS_MAX + 1];
    const char *given = mien_options_text(o, "set");
    char *text = given ? mien_strdup(given) : NULL;
    mien_study *study = NULL;
    mien_string set; /* lives as long as the study */
    mien_string_init(&set);
    int sets_count = cli_texts_split(text, sets);
    mien_status status = MIEN_OK;
    if (given && !text) {
        status = MIEN_ENOMEM;
    } else if (sets_count < 0) {
        status = cli_usage(c, "--set: given more than %d times", (int)CLI_TEXTS_MAX);
    } else if (cli_is_table(positional[0])) {
        status = cli_usage(c,
            "%s: is a table; train takes a study: a .yaml with the line \"trials: %s\" "
            "(docs/study.md tells the other keys)",
            positional[0], mien_path_base(positional[0]));
    } else {
        status = try_axes(c, o, positional[0], sets, sets_count, &axes);
    }
    if (axes || status != MIEN_OK) {
        goto done;
    }
    status = mien_study_open(positional[0], sets, sets_count, &study);
    c->usage = status == MIEN_EINVAL; /* a bad --set */
    if (status == MIEN_OK &&
        is_silent()) { /* What rank 0 has computed is there then. */
        status = mien_ranks_share(mien_ranks_here(), NULL, 0);
    }
    if (status == MIEN_OK && !mien_options_flag(o, "print")) {
        status = take_films(c, o, positional[0], sets, sets_count, &set, &study);
    }
    if (status == MIEN_OK && !is_silent()) {
        status = mien_ranks_share(mien_ranks_here(), NULL, 0);
    }
    if (status == MIEN_OK && is_silent() &&
        (mien_options_flag(o, "print") || mien_options_flag(o, "check"))) {
        goto done;
    }
    if (status == MIEN_OK && mien_options_flag(o, "print")) {
        status = print_study(study);
    } else if (status == MIEN_OK && mien_options_flag(o, "check")) {
        mien_train_options t = mien_train_options_default();
        t.weights = weights_of_backbone(o);
        mien_tally tally;
        status = mien_train_tally(study, &t, &tally);
        status = status == MIEN_OK
                     ? cli_train_audit(c, study, mien_options_text(o, "output"))
                     : status;
        if (status == MIEN_OK) {
            status = say_fine(c, positional[0], &tally);
        }
    } else if (status == MIEN_OK) {
        status = train(c, o, study);
    }
done:
    mien_study_close(&study);
    mien_string_clear(&set);
    mien_free(text);
    return status;
}

const cli_command cli_command_train = {
    .name = "train",
    .summary = "Train a model on a trial table and judge it by folds",
    .synopsis = "STUDY.yaml -o RUN [--set KEY=VALUE]…",
    .text =
        "A read-out (method: readout) computes the features of every picture once and "
        "fits a regression\non them; a network (method: network) is trained by steps, "
        "in "
        "part or whole. Out-of-fold\npredictions are judged with intervals, and the "
        "run "
        "folder holds the resolved study, the\npredictions, the results and the model "
        "that "
        "was trained on all rows in the end. A network's run\nthat was interrupted or "
        "killed goes on with `mien resume`.\n\n"
        "Where a key of one value has a list (backbone: [a, b], --set "
        "'backbone.name=[a, b]'), RUN holds a\nrun for each, axes.csv with their "
        "figures and paired differences, and one report.\n\n"
        "Inputs that the table has no columns of, but a film, start_s and end_s, are "
        "computed first: those\nthat `mien extract --features` names (docs/films.md).",
    .examples = "  mien train studies/oasis.yaml -o runs/oasis\n"
                "  mien train study.yaml --print\n"
                "  mien train study.yaml -o runs/five --set folds.k=5\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
