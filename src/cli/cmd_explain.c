/* SPDX-License-Identifier: MIT */
/* mien explain: what the inputs of a run contribute. */
#include "cli/command.h"
#include "cli/figures.h"
#include "cli/output.h"
#include "cli/train_axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const hidings[] = {"auto", "mask", "mean", NULL};
static const char *const permutations[] = {"auto", "shift", "rows", NULL};

static const mien_option options[] = {
    {.name = "hide",
        .type = MIEN_OPTION_CHOICE,
        .initial = "auto",
        .choices = hidings,
        .help =
            "How an input is left out: as missing, or by its mean in training (auto: "
            "missing where the network has learnt with inputs missing)"},
    {.name = "permute",
        .type = MIEN_OPTION_CHOICE,
        .initial = "auto",
        .choices = permutations,
        .help =
            "How an input is permuted: turned round in time within each film, or row "
            "by row (auto: in time where rows have an order)"},
    {.name = "repeats",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 1,
        .maximum = 1000,
        .help = "Permutations of each input"},
    {.name = "seed",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of the permutations"},
    {.name = "retrain",
        .type = MIEN_OPTION_FLAG,
        .help =
            "Train without each input too, in RUN/explain; goes on with what is there"},
    {.name = "attention",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.h5",
        .help = "Maps of attention of every row, by its fold's network (of the first "
                "seed)"},
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.json",
        .help =
            "The document; FILE.csv beside it has each row (default: RUN/explain.json)",
        .letter = 'o'},
    {.name = "format",
        .type = MIEN_OPTION_CHOICE,
        .initial = "tsv",
        .choices = (const char *const[]){"csv", "tsv", "jsonl", NULL},
        .help = "How the table on standard output is written",
        .letter = 'f'},
    CLI_FORCE_OPTION,
    {0},
};

/* ---- the table ----------------------------------------------------------------- */

enum { COLUMNS = 10, FIRST_NUMBER = 4 };
static const char *const columns[COLUMNS] = {"target", "input", "how", "metric",
    "value", "low", "high", "loss", "loss_low", "loss_high"};
/* Keys of explain.json. */
static const char *const ways[] = {"left_out", "alone", "permuted", "retrained", NULL};

static void take_interval(const mien_value *map, bool for_people, char text[][32],
    const char **cells, int at) {
    static const char *const keys[] = {"value", "low", "high"};
    for (int k = 0; k < 3; k++) {
        double x = mien_value_number(mien_value_get(map, keys[k]), NAN);
        cells[at + k] = cli_figure_text(x, for_people, text[at + k]);
    }
}

/* A table being written, and for whom. */
typedef struct sheet {
    mien_table_writer *writer;
    bool for_people;
} sheet;

static mien_status write_metrics(const sheet *s, const mien_value *list,
    const char *target, const char *input, const char *how) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(list); i++) {
        const mien_value *map = mien_value_at(list, i);
        const char *cells[COLUMNS] = {
            target, input, how, mien_value_text(mien_value_get(map, "name"))};
        char text[COLUMNS][32];
        take_interval(map, s->for_people, text, cells, FIRST_NUMBER);
        take_interval(
            mien_value_get(map, "loss"), s->for_people, text, cells, FIRST_NUMBER + 3);
        status = mien_table_writer_row(s->writer, cells);
    }
    return status;
}

static mien_status write_target(const sheet *s, const mien_value *target) {
    const char *name = mien_value_text(mien_value_get(target, "name"));
    const mien_value *inputs = mien_value_get(target, "inputs");
    mien_status status =
        write_metrics(s, mien_value_get(target, "metrics"), name, NULL, "whole");
    for (int w = 0; ways[w]; w++) {
        for (int64_t m = 0; status == MIEN_OK && m < mien_value_count(inputs); m++) {
            const mien_value *input = mien_value_at(inputs, m);
            status = write_metrics(s, mien_value_get(input, ways[w]), name,
                mien_value_text(mien_value_get(input, "name")), ways[w]);
        }
    }
    return status;
}

static mien_status write_table(const mien_value *document, const char *format) {
    mien_table_format as;
    sheet s = {.for_people = strcmp(format, "tsv") == 0};
    const mien_value *targets = mien_value_get(document, "targets");
    mien_status status = mien_table_format_parse(format, &as);
    if (status == MIEN_OK) {
        status = mien_table_writer_open(NULL, as, COLUMNS, columns, &s.writer);
    }
    for (int c = FIRST_NUMBER; status == MIEN_OK && c < COLUMNS; c++) {
        mien_table_writer_numeric(s.writer, c);
    }
    for (int64_t t = 0; status == MIEN_OK && t < mien_value_count(targets); t++) {
        status = write_target(&s, mien_value_at(targets, t));
    }
    return cli_close_rows(&s.writer, status);
}

/* ---- the command --------------------------------------------------------------- */

static int choice_of(const mien_options *o, const char *name, const char *const *all) {
    int k = 0;
    while (strcmp(all[k], mien_options_text(o, name)) != 0) {
        k++;
    }
    return k;
}

static mien_status explain(
    cli *c, const mien_options *o, const char *folder, const char *path) {
    mien_explain_options e = mien_explain_options_default();
    e.threads = c->threads;
    e.hiding = (mien_hiding)choice_of(o, "hide", hidings);
    e.permutation = (mien_permutation)choice_of(o, "permute", permutations);
    e.repeats = (int)mien_options_int(o, "repeats");
    e.seed = (uint32_t)mien_options_int(o, "seed");
    e.retrain = mien_options_flag(o, "retrain");
    e.attention = mien_options_text(o, "attention");
    e.progress = cli_progress;
    e.context = c;
    mien_status status = mien_explain(folder, &e, path);
    cli_progress_end(c);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    const char *output = mien_options_text(o, "output");
    char *path =
        output ? mien_strdup(output) : mien_path_join(positional[0], "explain.json");
    mien_value *document = NULL;
    const char *maps = mien_options_text(o, "attention");
    mien_status status = path ? cli_axes_refuse(positional[0]) : MIEN_ENOMEM;
    status = status
                 ? status
                 : cli_keep_others(o, path, (const char *const[]){"\"hiding\"", NULL});
    status = status ? status
                    : cli_keep_others(o, maps, (const char *const[]){"^\x89HDF", NULL});
    status = status ? status : explain(c, o, positional[0], path);
    if (status == MIEN_OK) {
        status = mien_value_read(path, &document);
    }
    if (status == MIEN_OK) {
        status = write_table(document, mien_options_text(o, "format"));
    }
    if (status == MIEN_OK) {
        cli_say(c, "%s is written", path);
    }
    mien_value_free(&document);
    mien_free(path);
    return status;
}

const cli_command cli_command_explain = {
    .name = "explain",
    .summary = "Tell what each input of a run contributes",
    .synopsis = "RUN [-o FILE.json]",
    .text =
        "RUN is the finished run of a network over features. Every row is predicted "
        "again by the\nnetwork of its own fold, which has not seen its film: with each "
        "input left out, with it alone,\nand with it permuted. `loss` is how much "
        "worse "
        "a figure is then than with everything (r, ccc and\nbalanced accuracy lower, "
        "mse and log loss higher), with an interval over films, paired.\n`mien report "
        "RUN` draws explain.json: what drove each moment of each film. The trial "
        "table\n"
        "and its features must be where they were.",
    .examples = "  mien explain runs/cognimuse\n"
                "  mien explain runs/cognimuse --retrain -o what.json\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
