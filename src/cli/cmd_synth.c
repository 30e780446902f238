/* SPDX-License-Identifier: MIT */
/* mien synth: data with a planted signal, in the form of a published set. */
#include "cli/command.h"
#include "cli/set_options.h"

#include <string.h>

/* The number of segments of a film that is written: two minutes. */
enum { MEDIA_SEGMENTS = 24 };

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "DIR",
        .help = "The folder to fill; new or empty",
        .letter = 'o'},
    {.name = "set",
        .type = MIEN_OPTION_LIST,
        .metavar = "KEY=VALUE",
        .help = "affectnet, bboe, gaped: an option of the set, as `mien synth` lists "
                "them; may be given several times"},
    {.name = "r",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.6",
        .minimum = 0,
        .maximum = 0.95,
        .help = "Correlation that the best linear read-out reaches; 0: no signal"},
    {.name = "films",
        .type = MIEN_OPTION_INT,
        .initial = "12",
        .minimum = 1,
        .maximum = 10000,
        .help = "Films"},
    {.name = "segments",
        .type = MIEN_OPTION_INT,
        .initial = "360",
        .minimum = 20,
        .maximum = 10000,
        .help = "Segments of a film, within a tenth"},
    {.name = "seed",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 4294967295,
        .help = "Of everything that is drawn"},
#define SHARE(option, text, words)                                                     \
    {                                                                                  \
        .name = option, .type = MIEN_OPTION_NUMBER, .initial = text, .minimum = 0,     \
        .maximum = 1, .help = "emoeye: " words                                         \
    }
#define COUNT(option, text, words)                                                     \
    {                                                                                  \
        .name = option, .type = MIEN_OPTION_INT, .initial = text, .minimum = 2,        \
        .maximum = 10000, .help = "emoeye: " words                                     \
    }
    COUNT("persons", "24", "People"),
    COUNT("stimuli", "60", "Pictures"),
    COUNT("per-person", "40", "Pictures each person sees"),
    SHARE("alpha", "0.36", "Share of a rating that the picture explains"),
    SHARE("beta", "0.16", "Share that the person explains"),
    SHARE("gamma", "0.48", "Share of the reaction alone"),
    SHARE("pupil", "0.5", "How well the pupil tells arousal (correlation)"),
    SHARE("gsr", "0.4", "How well the skin tells arousal"),
    SHARE("hr", "0.3", "How well the heart tells valence"),
    SHARE("gaze", "0.3", "How well fixations tell valence"),
    SHARE("missing", "0.1", "Share of persons' sensors that are lost"),
    {.name = "bids",
        .type = MIEN_OPTION_FLAG,
        .help = "emoeye: Write the same as BIDS too, in DIR/bids"},
    {.name = "modalities",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAMES",
        .help = "Which carry the signal, joined by commas (default: all)"},
    {.name = "media",
        .type = MIEN_OPTION_FLAG,
        .help =
            "cognimuse: Write short films as files in place of features (24 segments "
            "each "
            "unless told otherwise); --modalities are then colour, motion and sound, "
            "each with its correlation: colour=0.5,sound=0.3"},
    {0},
};

static void add_options(mien_string *text, const mien_option *table) {
    for (const mien_option *o = table; o && o->name; o++) {
        mien_string_addf(
            text, "           %s: %s (default: %s)\n", o->name, o->help, o->initial);
    }
}

static mien_status list_sets(void) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < mien_synth_count(); i++) {
        const mien_synth *synth = mien_synth_at(i);
        mien_string_addf(&text, "%-10s %s\n", synth->name, synth->summary);
        add_options(&text, synth->options);
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : cli_write(NULL, &text);
    mien_string_clear(&text);
    return status;
}

static void progress(void *c, int64_t done, int64_t total) {
    cli_progress(c, "parts", done, total);
}

/* Reads the set's own options; an option that the set does not have is an error, not
 * passed over. */
static mien_status read_own(
    cli *c, const mien_synth *synth, const mien_options *o, mien_options **own) {
    static const char *const shared[] = {"output", "set", "seed", NULL};
    for (const mien_option *k = options; synth->options && k->name; k++) {
        int i = 0;
        while (shared[i] && strcmp(shared[i], k->name) != 0) {
            i++;
        }
        if (!shared[i] && mien_options_given(o, k->name)) {
            return cli_usage(c, "--%s: %s has no such option; --set has its own",
                k->name, synth->name);
        }
    }
    return cli_set_options(
        c, synth->name, synth->options, mien_options_text(o, "set"), own);
}

static mien_status tell(const mien_synth *synth, const mien_synth_options *s) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = synth->tell(s, &text);
    status = status ? status : cli_write(NULL, &text);
    mien_string_clear(&text);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const mien_synth *synth = NULL;
    const char *output = mien_options_text(o, "output");
    if (count == 0) {
        return list_sets();
    }
    mien_status status = mien_synth_find(positional[0], &synth);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    if (!output) {
        return cli_usage(c, "usage: mien synth %s -o DIR", synth->name);
    }
    mien_synth_options s = {.r = mien_options_number(o, "r"),
        .films = (int)mien_options_int(o, "films"),
        .segments = (int)mien_options_int(o, "segments"),
        .seed = (uint32_t)mien_options_int(o, "seed"),
        .modalities = mien_options_text(o, "modalities"),
        .media = mien_options_flag(o, "media"),
        .reactions = {.persons = (int)mien_options_int(o, "persons"),
            .stimuli = (int)mien_options_int(o, "stimuli"),
            .per_person = (int)mien_options_int(o, "per-person"),
            .alpha = mien_options_number(o, "alpha"),
            .beta = mien_options_number(o, "beta"),
            .gamma = mien_options_number(o, "gamma"),
            .pupil = mien_options_number(o, "pupil"),
            .gsr = mien_options_number(o, "gsr"),
            .hr = mien_options_number(o, "hr"),
            .gaze = mien_options_number(o, "gaze"),
            .missing = mien_options_number(o, "missing"),
            .bids = mien_options_flag(o, "bids")}};
    mien_options *own = NULL;
    status = read_own(c, synth, o, &own);
    s.own = own;
    if (s.media && !mien_options_given(o, "segments")) {
        s.segments = MEDIA_SEGMENTS;
    }
    status = status ? status : mien_synth_write(synth, &s, output, progress, c);
    cli_progress_end(c);
    if (status == MIEN_OK && synth->tell) {
        status = tell(synth, &s);
    }
    if (status == MIEN_OK) {
        cli_say(c, "%s/trials.tsv is written; %s/ideal.csv has what can be reached",
            output, output);
    }
    mien_options_free(&own);
    return status;
}

const cli_command cli_command_synth = {
    .name = "synth",
    .summary = "Make data with a planted signal, to try a study on",
    .synopsis = "SET -o DIR",
    .text = "SET is one of the names that `mien synth` lists when it is given nothing. "
            "DIR gets "
            "features, a trial\ntable, and ideal.csv: the values of the best linear "
            "read-out of "
            "all features. In each film they\ncorrelate with the ratings by --r; what "
            "a model "
            "reaches can be held against that. The same options\ngive the same bytes.\n"
            "affectnet, bboe and gaped are folders in the published layout, with "
            "options of their own (--set);\nwhat can be reached is printed.",
    .examples =
        "  mien synth cognimuse -o films/\n  mien synth cognimuse --r 0 -o chance/\n"
        "  mien synth cognimuse --modalities vggish,emobase2010 -o sound/\n"
        "  mien synth cognimuse --media --modalities colour=0.3,sound=0.5 -o media/\n"
        "  mien synth emoeye --persons 60 --stimuli 120 --per-person 120 -o people/\n"
        "  mien synth bboe --set persons=8 --set own=0 -o bboe/\n"
        "  mien synth affectnet --set layout=csv -o faces/\n",
    .options = options,
    .positional_max = 1,
    .run = run,
};
