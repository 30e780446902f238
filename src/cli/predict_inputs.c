/* SPDX-License-Identifier: MIT */
/* Turns what the user of mien predict gave into rows to predict. */
#include "cli/predict_inputs.h"

#include <string.h>
#include <strings.h>

#include "cli/output.h"
#include "models/weights/search.h"

enum { FILES_MAX = 64 };

/* ---- lists of NAME=… ------------------------------------------------------------ */

/* Calls take() for each line of an option that is a list, or of nothing. */
typedef mien_status take_item(void *context, const char *text, size_t length);

static mien_status each_item(const char *list, take_item *take, void *context) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && list) {
        const char *end = strchr(list, '\n');
        status = take(context, list, end ? (size_t)(end - list) : strlen(list));
        list = end ? end + 1 : NULL;
    }
    return status;
}

typedef struct columns {
    mien_arena *arena;
    const char **items;
    int count;
} columns;

static mien_status add_column(void *context, const char *text, size_t length) {
    columns *c = context;
    if (c->count == MIEN_INPUTS_MAX) {
        return mien_fail(
            MIEN_EINVAL, "--input: more than %d inputs", (int)MIEN_INPUTS_MAX);
    }
    char *copy = mien_arena_alloc(c->arena, length + 1, 1);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    memcpy(copy, text, length);
    c->items[c->count++] = copy;
    return MIEN_OK;
}

mien_status cli_predict_columns(const mien_options *o, mien_arena *arena,
    const char *const **columns_out, int *count) {
    columns c = {.arena = arena,
        .items = mien_arena_alloc(arena, MIEN_INPUTS_MAX, sizeof *c.items)};
    mien_status status = c.items
                             ? each_item(mien_options_text(o, "input"), add_column, &c)
                             : MIEN_ENOMEM;
    *columns_out = c.items;
    *count = c.count;
    return status;
}

typedef struct pairs {
    cli *c;
    mien_arena *arena;
    mien_feature_file files[FILES_MAX];
    int count;
} pairs;

static mien_status add_pair(void *context, const char *text, size_t length) {
    pairs *p = context;
    const char *equals = memchr(text, '=', length);
    if (!equals || equals == text) {
        return cli_usage(p->c,
            "\"%.*s\" is not NAME=FILE, as a model over features takes its inputs",
            (int)length, text);
    }
    if (p->count == FILES_MAX) {
        return cli_usage(p->c, "more than %d files of features", (int)FILES_MAX);
    }
    char *copy = mien_arena_alloc(p->arena, length + 1, 1);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    memcpy(copy, text, length);
    copy[equals - text] = '\0';
    p->files[p->count++] =
        (mien_feature_file){.name = copy, .path = copy + (equals - text) + 1};
    return MIEN_OK;
}

/* ---- what kind of thing was given ------------------------------------------------ */

static bool is_pair(const char *text) {
    const char *equals = strchr(text, '=');
    return equals && equals != text && !mien_file_exists(text);
}

/* Whether the model has an input that files of rows can give. */
static bool takes_rows(const mien_architecture *a) {
    bool takes = false;
    for (int i = 0; i < a->inputs_count; i++) {
        const mien_input_kind *kind = NULL;
        takes = takes || (mien_input_kind_find(a->inputs[i].kind, &kind) == MIEN_OK &&
                             kind->traits & MIEN_INPUT_ROWS);
    }
    return takes;
}

/* "resnet50=FILE flownet=FILE": what a model would take. */
static mien_status say_inputs(cli *c, const mien_model *model) {
    const mien_architecture *a = &mien_model_network(model)->architecture;
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < a->inputs_count; i++) {
        mien_string_addf(&text, " %s=FILE", a->inputs[i].name);
    }
    mien_status status =
        cli_usage(c, "%s reads features: give --features%s, or a trial table (.tsv)",
            mien_model_path(model), text.failed ? "" : text.text);
    mien_string_clear(&text);
    return status;
}

/* Options that would say nothing. */
static mien_status check_options(
    cli *c, const mien_options *o, const mien_model *model) {
    static const char *const of_films[] = {"every", "sampling", NULL};
    const mien_architecture *a = &mien_model_network(model)->architecture;
    for (int i = 0; !mien_model_preprocess(model) && of_films[i]; i++) {
        if (mien_options_given(o, of_films[i])) {
            return cli_usage(
                c, "--%s has no meaning for a model over features", of_films[i]);
        }
    }
    return mien_options_given(o, "features") && !takes_rows(a)
               ? cli_usage(c, "--features is for models over features")
               : MIEN_OK;
}

mien_status cli_predict_nothing(cli *c) {
    return cli_usage(c,
        "what to predict is missing; usage: mien predict MODEL INPUT… | "
        "MODEL --features NAME=FILE…");
}

/* ---- reading -------------------------------------------------------------------- */

static mien_status add_pairs(cli *c, const mien_options *o, int count,
    const char *const *positional, mien_rows *rows) {
    pairs p = {.c = c, .arena = rows->arena};
    mien_status status = each_item(mien_options_text(o, "features"), add_pair, &p);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = add_pair(&p, positional[i], strlen(positional[i]));
    }
    return status == MIEN_OK ? mien_rows_add_files(rows, p.files, p.count) : status;
}

mien_status cli_predict_inputs_open(cli *c, const mien_options *o,
    const mien_model *model, const mien_predict_options *options, int count,
    const char *const *positional, cli_predict_inputs *inputs) {
    const mien_network *network = mien_model_network(model);
    bool pictures = mien_model_preprocess(model) != NULL, tables = count > 0;
    *inputs = (cli_predict_inputs){.paired = mien_options_given(o, "features")};
    for (int i = 0; i < count; i++) {
        bool pair = takes_rows(&network->architecture) && is_pair(positional[i]);
        inputs->paired = inputs->paired || pair;
        tables = tables && cli_is_table(positional[i]);
    }
    mien_status status = check_options(c, o, model);
    if (status == MIEN_OK && !inputs->paired && !tables && !pictures) {
        return say_inputs(c, model);
    }
    if (status == MIEN_OK && !inputs->paired && count == 0) {
        return cli_predict_nothing(c);
    }
    if (status == MIEN_OK) {
        status = mien_rows_init(&inputs->rows, network, options);
    }
    if (status != MIEN_OK) {
        return status;
    }
    return inputs->paired ? add_pairs(c, o, count, positional, &inputs->rows)
                          : mien_rows_add_names(&inputs->rows, positional, count);
}

void cli_predict_inputs_clear(cli_predict_inputs *inputs) {
    mien_rows_clear(&inputs->rows);
}

/* ---- outputs that are inputs ----------------------------------------------------- */

mien_status cli_predict_keep_inputs(const cli_predict_inputs *inputs,
    const mien_options *o, int count, const char *const *positional,
    const char *output) {
    const mien_rows *rows = &inputs->rows;
    const char *weights = mien_options_text(o, "weights");
    char *model = NULL;
    if (!output || !mien_file_exists(output)) {
        return MIEN_OK; /* nothing can be lost */
    }
    mien_status status = cli_keep_inputs(output, positional, count);
    if (status == MIEN_OK && mien_model_locate(positional[0], &model) == MIEN_OK) {
        status = cli_keep_inputs(output, (const char *const *)&model, 1);
    }
    status = status ? status : cli_keep_inputs(output, &weights, 1);
    const char *last[MIEN_INPUTS_MAX] = {NULL};
    for (int64_t r = 0; status == MIEN_OK && r < rows->count; r++) {
        for (int i = 0; i < rows->network->architecture.inputs_count; i++) {
            const char *file = rows->items[r].place[i].file;
            if (status == MIEN_OK && file && file != last[i]) {
                status = cli_keep_inputs(output, &file, 1);
                last[i] = file;
            }
        }
    }
    mien_free(model);
    return status;
}
