/* SPDX-License-Identifier: MIT */
/* mien augment: copies of a table's pictures made beforehand, with their rows. */
#include "cli/command.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

#include "mien/data.h"

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "DIR",
        .help = "The folder to fill with copies and trials.tsv; new or empty",
        .letter = 'o'},
    {.name = "pass",
        .type = MIEN_OPTION_LIST,
        .metavar = "STEPS",
        .help =
            "Steps of augmentation, as in a study (\"flip; rotate 15\"); each --pass "
            "makes a copy of every picture; plain: as it is"},
    {.name = "size",
        .type = MIEN_OPTION_TEXT,
        .metavar = "HEIGHTxWIDTH",
        .help = "Size of the copies (default: the picture's own)"},
    {.name = "seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294967295,
        .help = "Of everything that is drawn"},
    {0},
};

static void progress(void *c, int64_t done, int64_t total) {
    cli_progress(c, "pictures", done, total);
}

static mien_status read_size(cli *c, const char *text, mien_copies_options *o) {
    char rest;
    if (text &&
        (sscanf(text, "%dx%d%c", &o->height, &o->width, &rest) != 2 || o->height < 1 ||
            o->width < 1 || o->height > 4096 || o->width > 4096)) {
        return cli_usage(
            c, "--size %s: HEIGHTxWIDTH, each 1 to 4096, is needed (256x256)", text);
    }
    return MIEN_OK;
}

/* The passes as the options join them, a line each; lent from text. */
static int cut_passes(char *text, const char **passes) {
    int count = 0;
    for (char *at = text; at && count <= MIEN_COPIES_PASSES_MAX;) {
        char *end = strchr(at, '\n');
        if (end) {
            *end = 0;
        }
        if (count < MIEN_COPIES_PASSES_MAX) {
            passes[count] = at;
        }
        count++;
        at = end ? end + 1 : NULL;
    }
    return count;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *passes[MIEN_COPIES_PASSES_MAX];
    const char *output = mien_options_text(o, "output");
    const char *given = mien_options_text(o, "pass");
    if (count < 1 || !output || !given) {
        return cli_usage(c, "usage: mien augment TRIALS.tsv --pass STEPS -o DIR");
    }
    mien_copies_options copies = {
        .passes = passes, .seed = (uint32_t)mien_options_int(o, "seed")};
    char *text = mien_strdup(given);
    mien_status status = text ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : read_size(c, mien_options_text(o, "size"), &copies);
    if (status == MIEN_OK) {
        copies.passes_count = cut_passes(text, passes);
        status = mien_trials_copies(positional[0], &copies, output, progress, c);
        cli_progress_end(c);
    }
    if (status == MIEN_OK) {
        cli_say(c,
            "%s/trials.tsv is written: folds by group keep copies with their "
            "pictures",
            output);
    }
    mien_free(text);
    return status;
}

const cli_command cli_command_augment = {
    .name = "augment",
    .summary = "Make augmented copies of pictures beforehand, with their rows",
    .synopsis = "TRIALS.tsv --pass STEPS -o DIR",
    .text =
        "Each --pass makes a copy of every picture as a JPEG. DIR/trials.tsv has all "
        "rows as they were and a\nrow for each copy, with the person, stimulus, split, "
        "ratings and group of its original; the columns\ncopy (number of the pass, 0 "
        "for originals) and copy_of tell them apart. Without groups each picture\n"
        "becomes one, so that no copy of a tested picture trains. Training draws anew "
        "in each epoch by the\nkey augment, which needs no copies.",
    .examples =
        "  mien augment trials.tsv --pass 'zoom 0.3' --pass 'shear 45' -o copies/\n"
        "  mien augment trials.tsv --pass flip --size 256x256 -o copies/\n",
    .options = options,
    .positional_max = 1,
    .run = run,
};
