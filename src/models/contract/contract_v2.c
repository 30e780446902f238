/* SPDX-License-Identifier: MIT */
/* Version 2 of the contract: a backbone on pictures and a head, all of it in the file.
 */
#include <stdio.h>
#include <string.h>

#include "models/contract/contract.h"
#include "models/parts/hidden.h"

/* Hidden layers that it can say. */
#define HIDDEN_MAX 8
/* Its readers have room for so many. */
#define NAME_BYTES 64

/* The stage and head that a contract of version 2 describes. */
typedef struct said {
    mien_options *stage, *head;
    mien_hidden hidden;
} said;

static void said_clear(said *s) {
    mien_options_free(&s->stage);
    mien_options_free(&s->head);
}

static mien_status said_read(const mien_architecture *a, said *s) {
    const mien_branch_kind *stage = NULL;
    const mien_head_kind *head = NULL;
    *s = (said){0};
    mien_status status = mien_branch_kind_find("backbone", &stage);
    if (status == MIEN_OK) {
        status = mien_part_read(&a->branches[0].stage[0], stage->options, &s->stage);
    }
    if (status == MIEN_OK) {
        status = mien_head_kind_find("linear", &head);
    }
    if (status == MIEN_OK) {
        status = mien_part_read(&a->head, head->options, &s->head);
    }
    if (status == MIEN_OK) {
        status = mien_hidden_read(s->head, &s->hidden);
    }
    if (status != MIEN_OK) {
        said_clear(s);
    }
    return status;
}

static mien_status says_parts(const mien_architecture *a, bool *can) {
    said s;
    mien_status status = said_read(a, &s);
    if (status != MIEN_OK) {
        return status;
    }
    *can = strlen(mien_options_text(s.stage, "name")) < NAME_BYTES &&
           strlen(mien_options_text(s.stage, "layer")) < NAME_BYTES &&
           !mien_options_text(s.stage, "layers")[0] &&
           !mien_options_flag(s.stage, "mirror") && s.hidden.count <= HIDDEN_MAX &&
           strcmp(mien_options_text(s.head, "read-activation"), "none") == 0;
    for (int i = 0; i < s.hidden.count; i++) {
        *can = *can && !s.hidden.norm[i];
    }
    said_clear(&s);
    return MIEN_OK;
}

static mien_status says(const mien_network *n, bool *can) {
    const mien_architecture *a = &n->architecture;
    const mien_input *input = &a->inputs[0];
    const mien_branch *b = &a->branches[0];
    *can = a->inputs_count == 1 && strcmp(input->kind, "picture") == 0 &&
           strcmp(input->name, "image") == 0 && strcmp(input->column, "image") == 0 &&
           !input->optional && !input->standardise && b->stages == 1 &&
           b->entered == 0 && !b->prefix[0] && !b->weights_sha256[0] &&
           strcmp(b->stage[0].kind, "backbone") == 0 &&
           strcmp(a->fusion.kind, "single") == 0 &&
           strcmp(a->head.kind, "linear") == 0 &&
           strcmp(a->head_prefix, "head.") == 0 && mien_architecture_steps(a) == 1 &&
           n->segment_s == 0 && mien_contract_plain(n);
    return *can ? says_parts(a, can) : MIEN_OK;
}

/* ---- struct to document ---- */

static mien_value *make_hidden(const mien_hidden *h, int i) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "width", mien_value_new_int(h->width[i]));
    mien_maker_set(&m, "activation", mien_value_new_text(h->activation[i]));
    mien_maker_set(&m, "dropout", mien_value_new_number(h->dropout[i]));
    return mien_maker_take(&m);
}

static mien_value *make_design(const mien_network *n, const said *s) {
    const mien_architecture *a = &n->architecture;
    mien_maker m = mien_maker_new();
    mien_value *hidden = mien_value_new_list();
    for (int i = 0; hidden && i < s->hidden.count; i++) {
        if (mien_value_add(hidden, make_hidden(&s->hidden, i)) != MIEN_OK) {
            mien_value_free(&hidden);
        }
    }
    mien_maker_set(
        &m, "backbone", mien_value_new_text(mien_options_text(s->stage, "name")));
    mien_maker_set(
        &m, "layer", mien_value_new_text(mien_options_text(s->stage, "layer")));
    mien_maker_set(&m, "grid", mien_value_new_int(mien_options_int(s->stage, "grid")));
    mien_maker_set(&m, "height", mien_value_new_int(a->inputs[0].shape.size[1]));
    mien_maker_set(&m, "width", mien_value_new_int(a->inputs[0].shape.size[2]));
    mien_maker_set(&m, "dropout",
        mien_value_new_number(mien_options_number(s->head, "read-dropout")));
    mien_maker_set(&m, "hidden", hidden);
    mien_maker_set(&m, "outputs", mien_value_new_int(a->outputs));
    return mien_maker_take(&m);
}

static void make(const mien_network *n, int64_t golden_count, mien_maker *m) {
    mien_preprocess p;
    said s;
    mien_status status = said_read(&n->architecture, &s);
    if (status == MIEN_OK) {
        status = mien_input_preprocess(&n->architecture.inputs[0], &p);
    }
    if (status == MIEN_OK) {
        mien_maker_set(m, "design", make_design(n, &s));
        mien_maker_set(m, "preprocess", mien_contract_make_preprocess(&p));
        mien_contract_make_rest(n, golden_count, m);
    } else if (m->status == MIEN_OK) {
        m->status = status;
    }
    said_clear(&s);
}

/* ---- document to struct ---- */

/* The document's hidden layers as the head's lists. */
typedef struct lists {
    char widths[128], activations[256], dropouts[512];
    size_t w, a, d;
} lists;

static void read_hidden(mien_json_fields *r, const mien_value *design, lists *out) {
    const mien_value *list = mien_value_get(design, "hidden");
    int64_t count = mien_value_count(list);
    if (!list || mien_value_kind_of(list) != MIEN_VALUE_LIST || count > HIDDEN_MAX) {
        mien_json_field_bad(r, "hidden", "a list of at most 8 layers");
        return;
    }
    for (int i = 0; i < (int)count && r->status == MIEN_OK; i++) {
        const mien_value *map = mien_value_at(list, i);
        char activation[16] = "", number[32];
        const char *between = i ? " " : "";
        int64_t width = mien_json_field_int(r, map, "width", 1, INT32_MAX);
        mien_json_field_text(r, map, "activation", activation, sizeof activation);
        double rate = mien_json_field_number(r, map, "dropout");
        out->w += (size_t)snprintf(out->widths + out->w, sizeof out->widths - out->w,
            "%s%lld", between, (long long)width);
        out->a += (size_t)snprintf(out->activations + out->a,
            sizeof out->activations - out->a, "%s%s", between,
            activation[0] ? activation : "none");
        out->d +=
            (size_t)snprintf(out->dropouts + out->d, sizeof out->dropouts - out->d,
                "%s%s", between, mien_format_double(rate, number));
    }
}

static mien_status set_stage(
    mien_architecture *a, const char *backbone, const char *layer, int64_t grid) {
    const mien_branch_kind *kind = NULL;
    char number[32];
    const char *const pairs[][2] = {
        {"name", backbone}, {"layer", layer}, {"grid", number}};
    snprintf(number, sizeof number, "%lld", (long long)grid);
    mien_status status = mien_branch_kind_find("backbone", &kind);
    a->branches[0].prefix[0] = 0;
    a->branches[0].stages = 1;
    return status == MIEN_OK ? mien_part_from(&a->branches[0].stage[0], kind->name,
                                   kind->options, NULL, &(mien_option){0}, pairs, 3)
                             : status;
}

static mien_status set_head(mien_architecture *a, const lists *l, double dropout) {
    const mien_head_kind *kind = NULL;
    char number[32];
    const char *const pairs[][2] = {{"read-dropout", number}, {"layers", l->widths},
        {"activation", l->w ? l->activations : "relu"},
        {"dropout", l->w ? l->dropouts : "0"}};
    mien_format_double(dropout, number);
    mien_status status = mien_head_kind_find("linear", &kind);
    return status == MIEN_OK ? mien_part_from(&a->head, kind->name, kind->options, NULL,
                                   &(mien_option){0}, pairs, 4)
                             : status;
}

static void read(mien_contract_reader *r) {
    mien_json_fields *k = &r->keys;
    mien_architecture *a = &r->network->architecture;
    const mien_value *design = mien_value_get(r->contract, "design");
    char backbone[NAME_BYTES] = "", layer[NAME_BYTES] = "";
    mien_preprocess p = mien_preprocess_imagenet();
    mien_input input;
    lists l = {0};
    mien_json_field_text(k, design, "backbone", backbone, sizeof backbone);
    mien_json_field_text(k, design, "layer", layer, sizeof layer);
    int64_t grid = mien_json_field_int(k, design, "grid", 0, INT16_MAX);
    int64_t height = mien_json_field_int(k, design, "height", 1, INT16_MAX);
    int64_t width = mien_json_field_int(k, design, "width", 1, INT16_MAX);
    double dropout = mien_json_field_number(k, design, "dropout");
    read_hidden(k, design, &l);
    a->outputs = mien_json_field_int(k, design, "outputs", 1, INT32_MAX);
    mien_contract_read_preprocess(k, mien_value_get(r->contract, "preprocess"), &p);
    mien_contract_read_targets(r, mien_contract_read_target);
    if (k->status != MIEN_OK) {
        return;
    }
    mien_status status = mien_input_picture("image", &p, &input);
    if (status == MIEN_OK && (p.crop_height != height || p.crop_width != width)) {
        status = mien_fail(MIEN_EINVAL,
            "pictures are prepared as %d × %d, but the network takes %lld × %lld",
            p.crop_width, p.crop_height, (long long)width, (long long)height);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_add(a, &input);
    }
    if (status == MIEN_OK) {
        status = set_stage(a, backbone, layer, grid);
    }
    if (status == MIEN_OK) {
        status = set_head(a, &l, dropout);
    }
    if (status != MIEN_OK) {
        k->status = status == MIEN_ENOMEM
                        ? status
                        : mien_fail_in(MIEN_EFORMAT, "contract: design");
    }
}

const mien_contract_version mien_contract_v2 = {
    .number = 2,
    .architecture = "network",
    .says = says,
    .make = make,
    .read = read,
};
