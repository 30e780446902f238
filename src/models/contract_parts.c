/* SPDX-License-Identifier: MIT */
/* What contracts of all kinds of models share: version, preprocessing, targets. */
#include "models/contract_parts.h"

#include <math.h>
#include <string.h>

static const char *const fits[] = {
    [MIEN_FIT_NONE] = "none",
    [MIEN_FIT_SHORT] = "short",
    [MIEN_FIT_SQUASH] = "squash",
    [MIEN_FIT_PAD] = "pad",
};
#define FITS ((int)(sizeof fits / sizeof fits[0]))

mien_value *mien_contract_make_preprocess(const mien_preprocess *p) {
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "fit", mien_value_new_text(fits[p->fit]));
    mien_maker_set(&m, "size", mien_value_new_int(p->size));
    mien_maker_set(&m, "crop_height", mien_value_new_int(p->crop_height));
    mien_maker_set(&m, "crop_width", mien_value_new_int(p->crop_width));
    mien_maker_set(&m, "resize", mien_value_new_text(mien_resize_name(p->resize)));
    mien_maker_set(&m, "order", mien_value_new_text(p->bgr ? "bgr" : "rgb"));
    mien_maker_set(&m, "scale", mien_value_new_number(p->scale));
    mien_maker_set(&m, "mean", mien_maker_numbers(p->mean, 3));
    mien_maker_set(&m, "deviation", mien_maker_numbers(p->deviation, 3));
    return mien_maker_take(&m);
}

mien_value *mien_contract_make_target(const mien_target *t) {
    const double range[] = {t->minimum, t->maximum};
    const double interval[] = {t->interval_low, t->interval_high};
    mien_maker m = mien_maker_new();
    mien_maker_set(&m, "name", mien_value_new_text(t->name));
    mien_maker_set(&m, "unit", mien_value_new_text(t->unit));
    mien_maker_set(&m, "range", mien_maker_numbers(range, 2));
    mien_maker_set(&m, "construct", mien_value_new_text(t->construct));
    mien_maker_set(&m, "perspective", mien_value_new_text(t->perspective));
    mien_maker_set(&m, "interval", mien_maker_numbers(interval, 2));
    return mien_maker_take(&m);
}

mien_value *mien_contract_make_training(const mien_value *training) {
    mien_value *copy = NULL;
    if (!training) {
        return mien_value_new_map();
    }
    return mien_value_copy(training, &copy) == MIEN_OK ? copy : NULL;
}

static mien_fit read_fit(mien_keys *r, const mien_value *map) {
    const char *text = mien_value_text(mien_value_get(map, "fit"));
    for (int f = 0; text && f < FITS; f++) {
        if (strcmp(text, fits[f]) == 0) {
            return (mien_fit)f;
        }
    }
    mien_keys_bad(r, "fit", "none, short, squash or pad");
    return MIEN_FIT_NONE;
}

void mien_contract_read_preprocess(
    mien_keys *r, const mien_value *map, mien_preprocess *p) {
    static const int side_max = 1 << 16;
    char order[8] = "";
    p->fit = read_fit(r, map);
    p->size = (int)mien_keys_int(r, map, "size", 0, side_max);
    p->crop_height = (int)mien_keys_int(r, map, "crop_height", 0, side_max);
    p->crop_width = (int)mien_keys_int(r, map, "crop_width", 0, side_max);
    const char *resize = mien_value_text(mien_value_get(map, "resize"));
    if (!resize || mien_resize_parse(resize, &p->resize) != MIEN_OK) {
        mien_keys_bad(r, "resize", "a known kernel");
    }
    mien_keys_text(r, map, "order", order, sizeof order);
    p->bgr = strcmp(order, "bgr") == 0;
    if (!p->bgr && strcmp(order, "rgb") != 0) {
        mien_keys_bad(r, "order", "rgb or bgr");
    }
    p->scale = mien_value_number(mien_value_get(map, "scale"), NAN);
    if (!isfinite(p->scale)) {
        mien_keys_bad(r, "scale", "a number");
    }
    mien_keys_numbers(r, map, "mean", p->mean, 3);
    mien_keys_numbers(r, map, "deviation", p->deviation, 3);
}

void mien_contract_read_target(mien_keys *r, const mien_value *map, mien_target *t) {
    double range[2] = {0}, interval[2] = {0};
    mien_keys_text(r, map, "name", t->name, sizeof t->name);
    mien_keys_text(r, map, "unit", t->unit, sizeof t->unit);
    mien_keys_text(r, map, "construct", t->construct, sizeof t->construct);
    mien_keys_text(r, map, "perspective", t->perspective, sizeof t->perspective);
    mien_keys_numbers(r, map, "range", range, 2);
    mien_keys_numbers(r, map, "interval", interval, 2);
    t->minimum = range[0];
    t->maximum = range[1];
    t->interval_low = interval[0];
    t->interval_high = interval[1];
}

mien_status mien_contract_check_kind(const mien_value *contract) {
    const mien_value *version = mien_value_get(contract, "version");
    int64_t number = mien_value_int(version, 0);
    if (number < 1) {
        return mien_fail(
            MIEN_EFORMAT, "contract: \"version\" is missing or not a number");
    }
    if (number > MIEN_CONTRACT_VERSION) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "contract version %lld is newer than this program's %d: a newer mien can "
            "open it",
            (long long)number, MIEN_CONTRACT_VERSION);
    }
    const char *architecture =
        mien_value_text(mien_value_get(contract, "architecture"));
    if (!architecture || (strcmp(architecture, MIEN_ARCHITECTURE_READOUT) != 0 &&
                             strcmp(architecture, MIEN_ARCHITECTURE_NETWORK) != 0)) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "contract: architecture \"%s\" is not known; this program "
            "knows " MIEN_ARCHITECTURE_READOUT " and " MIEN_ARCHITECTURE_NETWORK,
            architecture ? architecture : "");
    }
    return MIEN_OK;
}
