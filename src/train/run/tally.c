/* SPDX-License-Identifier: MIT */
/* How many values of a model are learnt, and how many stay as they were: told by
 * `mien train --check` before, and in results.json and the report after a training. */
#include "train/run/tally.h"

#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/trainers/trainer.h"

/* ---- networks -------------------------------------------------------------------- */

static bool begins(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The parts of a network: a branch an input, then the fusion, then the head. */
static int part_of(const mien_architecture *a, const char *name) {
    int fusion = a->inputs_count, head = fusion + 1, branch = -1;
    size_t longest = 0;
    if (a->head_prefix[0] && begins(name, a->head_prefix)) {
        return head;
    }
    for (int m = 0; m < a->inputs_count; m++) {
        const char *prefix = a->branches[m].prefix;
        bool own = *prefix ? begins(name, prefix)
                           : mien_net_backbone_name(a, name, NULL) != NULL;
        if (own && (branch < 0 || strlen(prefix) > longest)) {
            branch = m;
            longest = strlen(prefix);
        }
    }
    return branch >= 0 ? branch : fusion;
}

static void name_parts(const mien_architecture *a, mien_tally *tally) {
    *tally = (mien_tally){.parts = a->inputs_count + 2};
    for (int m = 0; m < a->inputs_count; m++) {
        const mien_backbone *backbone = mien_net_backbone(a, m);
        snprintf(tally->part[m].name, sizeof tally->part[m].name, "%s%s%s%s",
            a->inputs[m].name, backbone ? " (" : "", backbone ? backbone->name : "",
            backbone ? ")" : "");
    }
    snprintf(tally->part[a->inputs_count].name, sizeof tally->part[0].name, "fusion");
    snprintf(tally->part[a->inputs_count + 1].name, sizeof tally->part[0].name, "head");
}

/* Parts without any value are left out, but for inputs. */
static void drop_empty(mien_tally *tally, int inputs) {
    int kept = 0;
    for (int i = 0; i < tally->parts; i++) {
        const mien_tally_part *part = &tally->part[i];
        if (i < inputs || part->learnt != 0 || part->frozen != 0) {
            tally->part[kept++] = *part;
        }
    }
    tally->parts = kept;
}

void mien_tally_network(
    const mien_net *net, const mien_study *study, int64_t trained, mien_tally *tally) {
    const mien_architecture *a = &net->architecture;
    name_parts(a, tally);
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        mien_tally_part *part = &tally->part[part_of(a, name)];
        double rate, decay;
        mien_net_factors(study, name, &rate, &decay);
        bool learns = mien_parameters_trained(net->parameters, i) && rate > 0;
        int64_t count = mien_tensor_count(mien_parameters_at(net->parameters, i));
        part->learnt += learns ? count : 0;
        part->frozen += learns ? 0 : count;
    }
    if (study->trainer->learner) {
        mien_tally_part *head = &tally->part[a->inputs_count + 1];
        bool trees = strcmp(study->trainer->method, "trees") == 0;
        head->learnt = trained >= 0 ? trained : trees ? -1 : head->learnt;
        head->frozen = 0; /* whatever it holds is put there by the fit */
    }
    drop_empty(tally, a->inputs_count);
}

/* ---- read-outs ------------------------------------------------------------------- */

/* Counts the values of a read-out: for every layer (or group of layers) and width of
 * kernel that is offered, and every target, a coefficient a row and a weight; a mean
 * of each target. */
void mien_tally_readout(const mien_study *study, const mien_dataset *dataset,
    const mien_tally_part *backbones, int count, mien_tally *tally) {
    int64_t offered = (int64_t)study->layers_count * study->gammas_count;
    *tally = (mien_tally){.parts = count + 1};
    memcpy(tally->part, backbones, (size_t)count * sizeof *backbones);
    mien_tally_part *part = &tally->part[count];
    *part = (mien_tally_part){.name = "read-out",
        .learnt = dataset->targets * (offered * (dataset->rows + 1) + 1),
        .most = true};
}

/* ---- telling --------------------------------------------------------------------- */

mien_value *mien_tally_value(const mien_tally *tally, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; i < tally->parts; i++) {
        const mien_tally_part *part = &tally->part[i];
        mien_value *map = mien_value_new_map();
        mien_document_text(map, "part", part->name, status);
        mien_document_int(map, "learnt", part->learnt, status);
        mien_document_int(map, "frozen", part->frozen, status);
        mien_document_put(map, "most", mien_value_new_bool(part->most), status);
        mien_document_add(list, map, status);
    }
    return list;
}
