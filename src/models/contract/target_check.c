/* SPDX-License-Identifier: MIT */
/* Checks of a model's targets. */
#include <math.h>
#include <string.h>

#include "models/contract/contract.h"

#define LABEL_MAX 63

static const char *const constructs[] = {"evoked", "depicted", NULL};
static const char *const perspectives[] = {"normative", "subjective", NULL};

static bool is_one_of(const char *word, const char *const *words) {
    for (; *words; words++) {
        if (strcmp(word, *words) == 0) {
            return true;
        }
    }
    return false;
}

static mien_status check_scale(const mien_target *target) {
    const char *name = target->name;
    if (!isfinite(target->minimum) || !isfinite(target->maximum) ||
        target->maximum <= target->minimum) {
        return mien_fail(MIEN_EINVAL, "target %s: %g to %g is no range", name,
            target->minimum, target->maximum);
    }
    if (!isfinite(target->interval_low) || !isfinite(target->interval_high) ||
        target->interval_low > target->interval_high) {
        return mien_fail(MIEN_EINVAL, "target %s: %g to %g is no interval", name,
            target->interval_low, target->interval_high);
    }
    return MIEN_OK;
}

static mien_status check_classes(const mien_target *target) {
    const char *name = target->name;
    int count = target->classes_count;
    if (target->link != MIEN_LINK_SOFTMAX && target->link != MIEN_LINK_CORN) {
        return mien_fail(
            MIEN_EINVAL, "target %s: there is no link %d", name, (int)target->link);
    }
    if (count < 2 || count > MIEN_CLASSES_MAX || !target->classes) {
        return mien_fail(MIEN_EINVAL, "target %s: %d classes; 2 to %d are allowed",
            name, target->classes ? count : 0, MIEN_CLASSES_MAX);
    }
    for (int c = 0; c < count; c++) {
        const char *label = target->classes[c];
        if (!label || !label[0] || strlen(label) > LABEL_MAX) {
            return mien_fail(MIEN_EINVAL,
                "target %s: the label of class %d does not have 1 to %d bytes", name, c,
                LABEL_MAX);
        }
        for (const char *byte = label; *byte; byte++) {
            if ((unsigned char)*byte < ' ') {
                return mien_fail(MIEN_EINVAL,
                    "target %s: the label of class %d has a control character", name,
                    c);
            }
        }
        for (int d = 0; d < c; d++) {
            if (strcmp(label, target->classes[d]) == 0) {
                return mien_fail(
                    MIEN_EINVAL, "target %s: two classes are called %s", name, label);
            }
        }
    }
    return MIEN_OK;
}

static mien_status check_target(const mien_target *target) {
    const char *name = target->name;
    if (name[0] == 0) {
        return mien_fail(MIEN_EINVAL, "a target has no name");
    }
    mien_status status =
        target->link == MIEN_LINK_VALUE ? check_scale(target) : check_classes(target);
    if (status != MIEN_OK) {
        return status;
    }
    if (!is_one_of(target->construct, constructs)) {
        return mien_fail(MIEN_EINVAL,
            "target %s: construct \"%s\" is neither evoked nor depicted", name,
            target->construct);
    }
    if (!is_one_of(target->perspective, perspectives)) {
        return mien_fail(MIEN_EINVAL,
            "target %s: perspective \"%s\" is neither normative nor subjective", name,
            target->perspective);
    }
    return MIEN_OK;
}

mien_status mien_targets_check(const mien_target *targets, int count) {
    if (count < 1 || count > MIEN_TARGETS_MAX) {
        return mien_fail(
            MIEN_EINVAL, "%d targets; 1 to %d are allowed", count, MIEN_TARGETS_MAX);
    }
    for (int t = 0; t < count; t++) {
        mien_status status = check_target(&targets[t]);
        for (int u = 0; status == MIEN_OK && u < t; u++) {
            if (strcmp(targets[t].name, targets[u].name) == 0) {
                status = mien_fail(
                    MIEN_EINVAL, "two targets are called %s", targets[t].name);
            }
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}
