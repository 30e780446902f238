/* SPDX-License-Identifier: MIT */
/* mien models import and export: other programs' networks as models, and models as
 * files for other programs. */
#include "cli/models_import.h"

#include <string.h>

#include "cli/convert_options.h"
#include "cli/models_against.h"
#include "cli/output.h"
#include "models/contract/file.h"

#define SIDE_MAX 4096

static mien_status list_likes(void) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < mien_import_likes(); i++) {
        const mien_import_like *like = mien_import_like_at(i);
        mien_string_addf(&text, "%-16s %s\n", like->name, like->summary);
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

/* "HEIGHTxWIDTH" or one number for both. */
static bool read_sides(const char *text, int64_t sides[2]) {
    char first[16];
    size_t length = strcspn(text, "x");
    if (length >= sizeof first) {
        return false;
    }
    memcpy(first, text, length);
    first[length] = '\0';
    bool good = mien_parse_int(first, &sides[0]);
    sides[1] = sides[0];
    if (good && text[length]) {
        good = mien_parse_int(text + length + 1, &sides[1]);
    }
    return good && sides[0] > 0 && sides[0] <= SIDE_MAX && sides[1] > 0 &&
           sides[1] <= SIDE_MAX;
}

mien_status cli_models_import(cli *c, const mien_options *o, const char *path) {
    const char *output = mien_options_text(o, "output");
    const char *size_text = mien_options_text(o, "size");
    mien_import_options how = mien_import_options_default();
    mien_import_contract contract = mien_import_contract_default();
    mien_convert_options range;
    mien_import_size size = {.rank = 4};
    if (mien_options_given(o, "like") &&
        strcmp(mien_options_text(o, "like"), "?") == 0) {
        return list_likes();
    }
    if (!path) {
        return cli_usage(c, "import: name the network's file");
    }
    if (!output) {
        return cli_usage(c, "import: name the model to write with -o");
    }
    if (size_text && !read_sides(size_text, size.shape + 2)) {
        return cli_usage(
            c, "--size: \"%s\" is not HEIGHTxWIDTH of 1 to %d", size_text, SIDE_MAX);
    }
    mien_status status = cli_convert_options(c, o, "x.pth", &range);
    status = status ? status : cli_keep_inputs(output, &path, 1);
    status = status ? status
                    : cli_keep_others(o, output,
                          (const char *const[]){"\"" MIEN_CONTRACT_KEY "\":", NULL});
    if (status != MIEN_OK) {
        return status;
    }
    how.sizes = &size;
    how.sizes_count = size_text != NULL;
    contract.like = mien_options_text(o, "like");
    contract.picture = mien_options_text(o, "picture");
    contract.faces = mien_options_text(o, "faces");
    if (contract.faces && strcmp(contract.faces, "like") == 0) {
        if (!contract.like) {
            return cli_usage(c, "--faces like: --like NETWORK is missing");
        }
        contract.faces = "";
    }
    contract.classes = mien_options_text(o, "classes");
    contract.values = mien_options_text(o, "values");
    contract.target = mien_options_text(o, "target");
    contract.output = mien_options_text(o, "net-output");
    contract.licence = mien_options_text(o, "licence");
    contract.minimum = range.minimum;
    contract.maximum = range.maximum;
    const char *against = mien_options_text(o, "against");
    if (against) {
        status = cli_models_against(c, against, path, &how, &contract, output);
    }
    status = status ? status : mien_import_model(path, &how, &contract, output);
    if (status == MIEN_OK) {
        cli_say(c, "%s is written", output);
    }
    return status;
}

mien_status cli_models_export(cli *c, const mien_options *o, const char *name) {
    const char *output = mien_options_text(o, "output");
    mien_model *model = NULL;
    if (!output) {
        return cli_usage(c, "export: name the file to write with -o");
    }
    mien_status status = cli_keep_inputs(output, &name, 1);
    status = status ? status
                    : cli_keep_others(o, output, (const char *const[]){"mien", NULL});
    if (status == MIEN_OK) {
        status = mien_model_open(name, &model);
    }
    if (status == MIEN_OK) {
        status = mien_export_model(model, output);
    }
    if (status == MIEN_OK) {
        cli_say(c, "%s is written", output);
    }
    mien_model_close(&model);
    return status;
}
