/* SPDX-License-Identifier: MIT */
/* Cuts lists of layers by the backbones they are of. */
#include "models/contract/members.h"

#include "models/backbones/backbone_file.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The backbone that a layer names, and what is left of its text. */
static mien_status owner_of(const mien_backbone *first, const char **layer,
    size_t *length, const mien_backbone **owner) {
    const char *slash = memchr(*layer, '/', *length);
    char name[64];
    *owner = first;
    if (!slash || mien_backbone_file_of(first)) { /* layers of files have slashes */
        return MIEN_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)(slash - *layer), *layer);
    *length -= (size_t)(slash + 1 - *layer);
    *layer = slash + 1;
    return mien_backbone_find(name, owner);
}

static mien_status new_member(
    mien_member *members, int *count, const mien_backbone *owner) {
    for (int m = 0; m < *count; m++) {
        if (members[m].backbone == owner) {
            return mien_fail(MIEN_EINVAL,
                "layers of %s do not stand together: one backbone after the other",
                owner->name);
        }
    }
    if (*count == MIEN_MEMBERS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "layers of more than %d backbones", (int)MIEN_MEMBERS_MAX);
    }
    if (*count && !owner->weights_sha256) {
        return mien_fail(MIEN_EINVAL,
            "%s: the SHA-256 of its weights is not known: it can only be the first of "
            "several backbones",
            owner->name);
    }
    members[(*count)++] = (mien_member){.backbone = owner};
    return MIEN_OK;
}

static mien_status add_layer(mien_member *m, const char *layer, size_t length) {
    size_t used = strlen(m->layers);
    if (used + length + 2 > sizeof m->layers) {
        return mien_fail(MIEN_ELIMIT, "layers of %s: more than %zu bytes",
            m->backbone->name, sizeof m->layers - 1);
    }
    snprintf(m->layers + used, sizeof m->layers - used, "%s%.*s", used ? "," : "",
        (int)length, layer);
    return MIEN_OK;
}

mien_status mien_members_of(const mien_backbone *first, const char *layers,
    mien_member members[MIEN_MEMBERS_MAX], int *count) {
    mien_status status = MIEN_OK;
    *count = 0;
    for (const char *at = layers; status == MIEN_OK && at;) {
        size_t length = strcspn(at, ",");
        const char *next = at[length] ? at + length + 1 : NULL;
        const mien_backbone *owner = NULL;
        while (length && isspace((unsigned char)*at)) {
            at++;
            length--;
        }
        status = owner_of(first, &at, &length, &owner);
        if (status == MIEN_OK &&
            (*count == 0 || members[*count - 1].backbone != owner)) {
            status = new_member(members, count, owner);
        }
        if (status == MIEN_OK) {
            status = add_layer(&members[*count - 1], at, length);
        }
        at = next;
    }
    if (status == MIEN_OK && members[0].backbone != first) {
        status = mien_fail(MIEN_EINVAL, "the first layer is of %s, not of %s",
            members[0].backbone->name, first->name);
    }
    return status;
}

mien_status mien_members_weights(const mien_member *members, int count) {
    mien_string lacking, names;
    int lacks = 0;
    mien_status status = MIEN_OK;
    mien_string_init(&lacking);
    mien_string_init(&names);
    for (int m = 0; m < count && (status == MIEN_OK || status == MIEN_ENOTFOUND); m++) {
        char *path = NULL;
        mien_status found = mien_backbone_weights(members[m].backbone, &path);
        mien_free(path);
        status = found == MIEN_OK ? status : found;
        if (found == MIEN_ENOTFOUND) {
            mien_string_addf(
                &lacking, "%s%s", lacks ? ", " : "", members[m].backbone->name);
            mien_string_addf(&names, " %s", members[m].backbone->name);
            lacks++;
        }
    }
    if (status == MIEN_ENOTFOUND && lacks > 1) { /* of one its own message says it */
        char *cache = NULL;
        status = mien_cache_directory(&cache);
        status = status ? status : mien_string_status(&lacking);
        status = status ? status : mien_string_status(&names);
        status = status ? status
                        : mien_fail(MIEN_ENOTFOUND,
                              "the weights of %s are not in %s/weights; fetch them "
                              "with: mien models pull%s",
                              lacking.text, cache, names.text);
        mien_free(cache);
    }
    mien_string_clear(&lacking);
    mien_string_clear(&names);
    return status;
}
