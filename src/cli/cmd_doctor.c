/* SPDX-License-Identifier: MIT */
/* mien doctor: what is wrong with a trial table, films or a recording, before anything
 * is trained on it. */
#include "cli/doctor_films.h"
#include "cli/doctor_recording.h"
#include "cli/doctor_report.h"
#include "cli/output.h"

#include <string.h>

static const mien_option options[] = {
    {.name = "folds",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 2,
        .maximum = 1000,
        .help = "Folds in which near-duplicates are looked for"},
    {.name = "near",
        .type = MIEN_OPTION_INT,
        .initial = "6",
        .minimum = 0,
        .maximum = 32,
        .metavar = "BITS",
        .help = "Pictures whose 64-bit perceptual hashes differ by less are "
                "near-duplicates"},
    CLI_RECORDING_OPTIONS,
    {.name = "format",
        .type = MIEN_OPTION_CHOICE,
        .initial = "tsv",
        .choices = (const char *const[]){"csv", "tsv", "jsonl", NULL},
        .help = "How findings are written",
        .letter = 'f'},
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "Write here instead of standard output",
        .letter = 'o'},
    {.name = "report",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.html",
        .help = "Also a page of a trial table: counts, histograms by category, ratings "
                "against each other, findings"},
    CLI_FORCE_OPTION,
    {0},
};

static mien_status write_findings(
    const mien_options *o, const mien_finding *findings, int64_t count) {
    static const char *const names[] = {"severity", "check", "trial", "finding"};
    mien_table_format format;
    mien_table_writer *writer = NULL;
    mien_status status =
        mien_table_format_parse(mien_options_text(o, "format"), &format);
    if (status == MIEN_OK) {
        status = mien_table_writer_open(
            mien_options_text(o, "output"), format, 4, names, &writer);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_finding *f = &findings[i];
        const char *cells[] = {cli_severity_name(f->severity), f->check,
            f->trial[0] ? f->trial : NULL, f->text};
        status = mien_table_writer_row(writer, cells);
    }
    return cli_close_rows(&writer, status);
}

static void progress(void *c, int64_t done, int64_t total) {
    cli_progress(c, "pictures", done, total);
}

/* Films, or a folder of them that is no data set of recordings. */
static bool is_films(const mien_options *o, const char *path) {
    char *about = mien_path_join(path, "dataset_description.json");
    const bool recordings =
        (about && mien_file_exists(about)) || mien_options_text(o, "reader") ||
        mien_options_text(o, "preset") || mien_options_text(o, "columns");
    mien_free(about);
    return !recordings && strcmp(mien_path_extension(path), "tsv") != 0 &&
           cli_has_films(path);
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    mien_doctor_options d = mien_doctor_options_default();
    d.threads = c->threads;
    d.folds = (int)mien_options_int(o, "folds");
    d.near_bits = (int)mien_options_int(o, "near");
    mien_finding *findings = NULL;
    int64_t found = 0, errors = 0, warnings = 0;
    const char *output = mien_options_text(o, "output");
    mien_status status = cli_keep_inputs(output, positional, 1);
    status = status ? status : cli_keep_other_tables(o, output, "severity", "check");
    const char *page = mien_options_text(o, "report");
    status = status ? status : cli_keep_inputs(page, positional, 1);
    status = status ? status : cli_keep_other_pages(o, page);
    if (status != MIEN_OK) {
        return status;
    }
    status = is_films(o, positional[0])
                 ? cli_doctor_films(positional[0], &findings, &found)
             : cli_is_recording(o, positional[0])
                 ? cli_doctor_recording(o, positional[0], &findings, &found)
                 : mien_doctor(positional[0], &d, progress, c, &findings, &found);
    cli_progress_end(c);
    if (status == MIEN_OK) {
        status = write_findings(o, findings, found);
    }
    for (int64_t i = 0; i < found; i++) {
        errors += findings[i].severity == MIEN_ERROR;
        warnings += findings[i].severity == MIEN_WARNING;
    }
    if (status == MIEN_OK && page) {
        status =
            cli_is_recording(o, positional[0])
                ? cli_usage(c, "--report draws trial tables, and %s is a recording",
                      positional[0])
                : cli_doctor_report(positional[0], findings, found, page);
    }
    mien_free(findings);
    if (status == MIEN_OK) {
        cli_say(c, "%lld errors, %lld warnings, %lld notes", (long long)errors,
            (long long)warnings, (long long)(found - errors - warnings));
        c->problems += errors;
    }
    return status;
}

const cli_command cli_command_doctor = {
    .name = "doctor",
    .summary = "Look a trial table, films or a recording over before they are used",
    .synopsis = "TRIALS.tsv | FILMS | RECORDING",
    .text =
        "Opens every picture and every file of features once and reports unreadable, "
        "missing and repeated\nones, near-duplicates (also mirrored, cropped, framed "
        "or "
        "turned; also across folds), features that\ndo not fit, never change, are no "
        "numbers or hold the target, segments of films that overlap or are\nmissing, "
        "repeated ids, names that differ only by blanks, case or leading zeros, people "
        "and stimuli\non both sides, ratings that are missing or out of range, and how "
        "they are spread. Exit status 1 if\nthere is any error.\n\n"
        "Of films (a file, or a folder): streams, lengths, missing sound, variable "
        "frame "
        "rates, offsets,\ndamage, and what `mien extract --features` will do with "
        "them.\n\n"
        "Of recordings of gaze and body (files and folders as `mien extract --signals` "
        "takes them): the share\nof valid samples of each channel, drift and jitter of "
        "the "
        "clock, gaps, flat lines, saturation,\nevents after the end.",
    .examples = "  mien doctor oasis.tsv\n  mien doctor oasis.tsv --format jsonl -o "
                "findings.jsonl\n  mien doctor oasis.tsv --report oasis.html\n  mien "
                "doctor films/\n  mien doctor bids/\n",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
