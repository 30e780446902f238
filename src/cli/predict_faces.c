/* SPDX-License-Identifier: MIT */
/* mien predict with a model on faces: a table of faces and what tells how it was made.
 * Called by cmd_predict.c when the model's only input is of kind face. */
#include "cli/predict_faces.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/face_report.h"
#include "cli/face_rows.h"
#include "cli/face_timelines.h"
#include "cli/faces_options.h"
#include "cli/output.h"
#include "predict/input_files.h"

typedef struct job {
    cli *c;
    const mien_options *options;
    const mien_model *model;
    cli_face_rows rows;                   /* not open for timelines */
    const mien_timeline_format *timeline; /* NULL for tables */
    cli_face_timelines timelines;
    cli_face_report report;             /* empty unless --report */
    const mien_faces_options *identity; /* what it is told by, if it is asked for */
    bool only;                          /* moments without a face are left out */
    bool reports;
    int64_t done, problems;
    char first[1024]; /* what the first problem said */
} job;

bool cli_reads_faces(const mien_model *model) {
    const mien_architecture *a = &mien_model_network(model)->architecture;
    return a->inputs_count == 1 && strcmp(a->inputs[0].kind, "face") == 0;
}

static mien_status take(void *context, const mien_face_row *row) {
    job *j = context;
    mien_status status = MIEN_OK;
    if (j->rows.writer && (row->number > 0 || !j->only)) {
        status = cli_face_rows_write(&j->rows, row);
    }
    if (status == MIEN_OK && j->timeline) {
        status = cli_face_timelines_add(&j->timelines, row);
    }
    if (status == MIEN_OK && j->reports) {
        status = cli_face_report_add(&j->report, row);
    }
    cli_progress(j->c, "faces", j->done += row->number > 0, 0);
    return status;
}

static void tell(void *context, const char *input, const char *text) {
    job *j = context;
    cli_problem(j->c, input, text);
    if (!j->problems++) {
        snprintf(j->first, sizeof j->first, "%s", text);
    }
}

/* The network that told people apart, by its file. */
static mien_status add_identity(const job *j, mien_string *text) {
    const mien_faces_options *f = j->identity;
    char hash[65] = "";
    mien_status status = mien_sha256_file(f->identity, hash);
    mien_string_addf(text,
        "  \"biometric_identification\": {\"network\": \"%s\", \"sha256\": \"%s\", "
        "\"crop\": \"%s\", \"least_cosine\": %g},\n",
        mien_path_base(f->identity), hash, f->identity_crop, f->identity_least);
    return status;
}

/* Writes the sidecar OUTPUT.json, which tells what made the table. */
static mien_status write_sidecar(const job *j, const char *output) {
    const mien_finder_options f = cli_finder_options(j->c, j->options);
    const mien_input *input = &mien_model_network(j->model)->architecture.inputs[0];
    char hash[65] = "";
    mien_string path, text;
    mien_string_init(&path);
    mien_string_init(&text);
    mien_status status = mien_sha256_file(mien_model_path(j->model), hash);
    mien_string_addf(&path, "%s.json", output);
    mien_string_addf(&text,
        "{\n  \"made_by\": \"mien %s\",\n  \"model\": \"%s\",\n"
        "  \"model_sha256\": \"%s\",\n  \"crop\": \"%s\",\n",
        MIEN_VERSION, mien_path_base(mien_model_path(j->model)), hash, input->settings);
    mien_string_addf(&text,
        "  \"finder\": {\"name\": \"%s\", \"size\": %d, \"score\": %g, \"minimum\": "
        "%g, "
        "\"tiles\": %s},\n",
        f.name, f.size, f.score, f.minimum, f.tiles ? "true" : "false");
    if (status == MIEN_OK && j->identity->identity) {
        status = add_identity(j, &text);
    }
    mien_string_addf(&text,
        "  \"meaning\": \"what a face shows, as raters saw it; not what a person "
        "feels\",\n  \"faces\": \"%s\"\n}\n",
        j->identity->identity
            ? "numbers follow a person through a film, across cuts too: biometric "
              "identification; people of other films have numbers of their own"
            : "numbers follow a face through a film by its box, not across cuts; they "
              "do not identify anybody");
    if (status == MIEN_OK) {
        status = mien_string_status(&text);
    }
    if (status == MIEN_OK) {
        status = mien_string_status(&path);
    }
    if (status == MIEN_OK) {
        status = cli_write(path.text, &text);
    }
    mien_string_clear(&text);
    mien_string_clear(&path);
    return status;
}

static cli_face_schema schema_of(const char *format) {
    return strcmp(format, "fex") == 0        ? CLI_FACES_FEX
           : strcmp(format, "openface") == 0 ? CLI_FACES_OPENFACE
                                             : CLI_FACES_OWN;
}

static mien_status keep_others(
    const job *j, const char *output, cli_face_schema schema) {
    static const char *const first[][2] = {[CLI_FACES_OWN] = {"input", "start_s"},
        [CLI_FACES_FEX] = {"frame", "FaceRectX"},
        [CLI_FACES_OPENFACE] = {"frame", "face_id"}};
    mien_status status =
        cli_keep_other_pages(j->options, mien_options_text(j->options, "report"));
    if (status != MIEN_OK) {
        return status;
    }
    return j->timeline ? cli_keep_other_timelines(
                             j->options, output, mien_model_targets(j->model))
                       : cli_keep_other_tables(
                             j->options, output, first[schema][0], first[schema][1]);
}

static mien_status open_output(job *j, const char *format) {
    const char *output = mien_options_text(j->options, "output");
    cli_face_schema schema = schema_of(format);
    mien_table_format table = MIEN_CSV;
    j->timeline = mien_timeline_format_find(format);
    mien_status status = keep_others(j, output, schema);
    if (status == MIEN_OK && !j->timeline && schema == CLI_FACES_OWN) {
        status = mien_table_format_parse(format, &table);
    }
    return status == MIEN_OK && !j->timeline
               ? cli_face_rows_open(&j->rows, output, table, schema,
                     mien_model_targets(j->model), mien_model_targets_count(j->model),
                     mien_options_flag(j->options, "faces.points"))
               : status;
}

static mien_status close_output(job *j) {
    const char *output = mien_options_text(j->options, "output");
    const char *report = mien_options_text(j->options, "report");
    mien_status status = cli_face_rows_close(&j->rows, MIEN_OK);
    if (status == MIEN_OK && j->timeline) {
        status = cli_face_timelines_write(&j->timelines, j->timeline, output);
    }
    if (status == MIEN_OK && output && strcmp(output, "-") != 0 && !j->timeline) {
        status = write_sidecar(j, output);
    }
    if (status == MIEN_OK && report) {
        status = cli_face_report_write(&j->report, j->model, report);
        if (status == MIEN_OK) {
            cli_say(j->c, "%s is written", report);
        }
    }
    return status;
}

static mien_status check_options(cli *c, const mien_options *o, int count) {
    if (mien_options_given(o, "features") || mien_options_given(o, "attention")) {
        return cli_usage(c, "--features and --attention are for models over features");
    }
    return count > 0 ? MIEN_OK
                     : cli_usage(c, "what to predict is missing; usage: mien predict "
                                    "MODEL INPUT…");
}

mien_status cli_predict_faces(cli *c, const mien_options *o, const char *format,
    mien_predictor *predictor, int count, const char *const *positional) {
    job j = {.c = c,
        .options = o,
        .model = mien_predictor_model(predictor),
        .only = mien_options_flag(o, "faces.only"),
        .reports = mien_options_text(o, "report") != NULL};
    mien_faces_options f = mien_faces_options_default();
    f.finder = cli_finder_options(c, o);
    f.rule = cli_faces_rule(o);
    f.every = (int)mien_options_int(o, "faces.every");
    f.keep_all = mien_options_flag(o, "faces.keep-all");
    f.identity = mien_options_text(o, "faces.identity");
    f.identity_least = mien_options_number(o, "faces.identity-least");
    if (mien_options_text(o, "faces.identity-crop")) {
        f.identity_crop = mien_options_text(o, "faces.identity-crop");
    }
    j.identity = &f;
    j.report.identified = f.identity != NULL;
    j.timelines.targets = j.report.targets = mien_model_targets(j.model);
    j.timelines.targets_count = j.report.targets_count =
        mien_model_targets_count(j.model);
    j.report.blur = mien_options_text(o, "faces.blur");
    mien_status status = check_options(c, o, count);
    if (status == MIEN_OK) {
        cli_faces_notice(c);
        if (f.identity) {
            cli_say(c, "--faces.identity is biometric identification: special data "
                       "under Article 9 of the GDPR, and ruled by laws of its own "
                       "elsewhere.");
        }
        status = open_output(&j, format);
    }
    if (status == MIEN_OK) {
        status =
            mien_predictor_run_faces(predictor, positional, count, &f, take, tell, &j);
        if (status == MIEN_OK || j.problems > 0) {
            char text[1024];
            strncpy(text, mien_error(), sizeof text - 1);
            text[sizeof text - 1] = 0;
            bool told = j.problems > 0 && strcmp(text, j.first) == 0;
            mien_status closed = close_output(&j);
            status = closed != MIEN_OK            ? closed
                     : status != MIEN_OK && !told ? mien_fail(status, "%s", text)
                                                  : MIEN_OK;
        } else {
            status = cli_face_rows_close(&j.rows, status);
        }
    }
    cli_face_timelines_clear(&j.timelines);
    cli_face_report_clear(&j.report);
    return status;
}
