/* SPDX-License-Identifier: MIT */
/* Reads what a search may choose from, and tells a point's values.
 *
 * In comes the map `search.over` of a study, or a text KEY=WHAT of --over; out come
 * axes. A point is an array of numbers, one an axis: the place in a list, or the value
 * of a range. search.c reads the space, strategies (searches.def) draw points in it. */
#include "train/search/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void mien_space_clear(mien_space *space) {
    for (int a = 0; a < space->axes; a++) {
        for (int v = 0; v < space->axis[a].values; v++) {
            mien_free(space->axis[a].value[v]);
        }
    }
    space->axes = 0;
}

/* ---- values ---------------------------------------------------------------------- */

static const char *scalar_text(const mien_value *value, char room[32]) {
    switch (mien_value_kind_of(value)) {
    case MIEN_VALUE_BOOL:
        return mien_value_bool(value, false) ? "true" : "false";
    case MIEN_VALUE_INT:
        snprintf(room, 32, "%lld", (long long)mien_value_int(value, 0));
        return room;
    case MIEN_VALUE_NUMBER:
        return mien_format_double(mien_value_number(value, 0), room);
    default:
        return mien_value_text(value);
    }
}

/* A value as --set takes it: items of a list are separated by ; */
static char *set_text(const mien_value *value) {
    char room[32];
    const char *text = scalar_text(value, room);
    if (text) {
        return mien_strdup(text);
    }
    mien_string joined;
    mien_string_init(&joined);
    bool good = mien_value_kind_of(value) == MIEN_VALUE_LIST;
    for (int64_t i = 0; good && i < mien_value_count(value); i++) {
        text = scalar_text(mien_value_at(value, i), room);
        good = text && mien_string_addf(&joined, "%s%s", i ? ";" : "", text) == MIEN_OK;
    }
    char *copy = good ? mien_strdup(joined.text ? joined.text : "") : NULL;
    mien_string_clear(&joined);
    return copy;
}

static mien_status take_values(
    mien_axis *axis, const mien_value *list, const char *where) {
    int64_t count = mien_value_count(list);
    if (count < 1 || count > MIEN_AXIS_VALUES_MAX) {
        return mien_fail(MIEN_EFORMAT, "%s: %s: a list of 1 to %d values is wanted",
            where, axis->key, (int)MIEN_AXIS_VALUES_MAX);
    }
    for (int64_t i = 0; i < count; i++) {
        char *text = set_text(mien_value_at(list, i));
        if (!text) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: value %lld is neither a single value nor a list of them",
                where, axis->key, (long long)i + 1);
        }
        axis->value[axis->values++] = text;
        for (int k = 0; k + 1 < axis->values; k++) {
            if (strcmp(axis->value[k], text) == 0) {
                return mien_fail(MIEN_EFORMAT,
                    "%s: %s: \"%s\" stands twice in the list", where, axis->key, text);
            }
        }
    }
    return MIEN_OK;
}

/* ---- ranges ---------------------------------------------------------------------- */

static mien_status check_range(const mien_axis *axis, const char *where) {
    if (!isfinite(axis->low) || !isfinite(axis->high) || !(axis->low < axis->high)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: a range goes from a lower to a higher number, as 1e-5..1e-2",
            where, axis->key);
    }
    if (axis->log && !(axis->low > 0)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: a range on a log scale begins above 0 (it begins at %g)", where,
            axis->key, axis->low);
    }
    return MIEN_OK;
}

static bool whole_text(const char *text, size_t length) {
    return strcspn(text, ".eE") >= length;
}

/* "1e-5..1e-2", "5..40", "1..1000 log"; false: it is not of this form. */
static bool take_text(mien_axis *axis, const char *text) {
    const char *dots = strstr(text, "..");
    char low[32], high[64];
    if (!dots || (size_t)(dots - text) >= sizeof low ||
        strlen(dots + 2) >= sizeof high) {
        return false;
    }
    snprintf(low, sizeof low, "%.*s", (int)(dots - text), text);
    snprintf(high, sizeof high, "%s", dots + 2);
    char *space = strchr(high, ' ');
    if (space) {
        axis->log = strcmp(space + 1, "log") == 0;
        *space = 0;
        if (!axis->log && strcmp(space + 1, "linear") != 0) {
            return false;
        }
    }
    axis->whole = whole_text(low, strlen(low)) && whole_text(high, strlen(high));
    return mien_parse_number(low, &axis->low) && mien_parse_number(high, &axis->high);
}

static mien_status no_axis(const mien_axis *axis, const char *where) {
    return mien_fail(MIEN_EFORMAT,
        "%s: %s: a range as 1e-5..1e-2 log, a list of values, or a map of low, high, "
        "scale (linear, log), whole, values, when is wanted",
        where, axis->key);
}

static mien_status take_scale(
    mien_axis *axis, const mien_value *value, const char *where) {
    const char *text = mien_value_text(value);
    if (!text || (strcmp(text, "log") != 0 && strcmp(text, "linear") != 0)) {
        return mien_fail(
            MIEN_EFORMAT, "%s: %s: scale is linear or log", where, axis->key);
    }
    axis->log = strcmp(text, "log") == 0;
    return MIEN_OK;
}

/* ---- conditions ------------------------------------------------------------------ */

static mien_status add_condition(
    const mien_space *space, mien_axis *axis, const char *text, const char *where) {
    const mien_axis *other = &space->axis[axis->when];
    for (int v = 0; v < other->values; v++) {
        if (strcmp(other->value[v], text) == 0) {
            axis->among |= UINT64_C(1) << v;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT, "%s: %s: when: \"%s\" is no value of %s", where,
        axis->key, text, other->key);
}

/* The axis it hangs on stands before it and is a list. */
static mien_status take_when(const mien_space *space, mien_axis *axis,
    const mien_value *map, const char *where) {
    const char *key = mien_value_count(map) == 1 ? mien_value_key(map, 0) : NULL;
    mien_status status = MIEN_OK;
    for (int a = 0; key && a < space->axes; a++) {
        if (strcmp(space->axis[a].key, key) == 0 && space->axis[a].values) {
            axis->when = a;
        }
    }
    if (axis->when < 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s: when: names one key with a list of values that stands before it, "
            "and those of its values with which this one counts",
            where, axis->key);
    }
    const mien_value *said = mien_value_item(map, 0);
    bool list = mien_value_kind_of(said) == MIEN_VALUE_LIST;
    for (int64_t i = 0; status == MIEN_OK && i < (list ? mien_value_count(said) : 1);
         i++) {
        char *text = set_text(list ? mien_value_at(said, i) : said);
        status = text ? add_condition(space, axis, text, where) : no_axis(axis, where);
        mien_free(text);
    }
    return status;
}

static mien_status take_map(const mien_space *space, mien_axis *axis,
    const mien_value *map, const char *where) {
    const mien_value *low = mien_value_get(map, "low"),
                     *high = mien_value_get(map, "high"),
                     *values = mien_value_get(map, "values"),
                     *scale = mien_value_get(map, "scale"),
                     *whole = mien_value_get(map, "whole"),
                     *when = mien_value_get(map, "when");
    int64_t known = !!low + !!high + !!values + !!scale + !!whole + !!when;
    mien_status status = MIEN_OK;
    if (known != mien_value_count(map) || !!values == (low && high) ||
        (values && (low || high || scale || whole))) {
        return no_axis(axis, where);
    }
    if (values) {
        status = mien_value_kind_of(values) == MIEN_VALUE_LIST
                     ? take_values(axis, values, where)
                     : no_axis(axis, where);
    } else {
        axis->low = mien_value_number(low, (double)NAN);
        axis->high = mien_value_number(high, (double)NAN);
        bool both = mien_value_kind_of(low) == MIEN_VALUE_INT &&
                    mien_value_kind_of(high) == MIEN_VALUE_INT;
        axis->whole = mien_value_bool(whole, both);
        status = scale ? take_scale(axis, scale, where) : MIEN_OK;
        status = status ? status : check_range(axis, where);
    }
    return status == MIEN_OK && when ? take_when(space, axis, when, where) : status;
}

/* ---- reading --------------------------------------------------------------------- */

/* The axis of the same key is taken out; conditions count places of axes. */
static mien_status take_place(mien_space *space, const char *key, const char *where) {
    for (int a = 0; a < space->axes; a++) {
        if (strcmp(space->axis[a].key, key) != 0) {
            continue;
        }
        for (int b = 0; b < space->axes; b++) {
            if (space->axis[b].when == a) {
                return mien_fail(MIEN_EFORMAT,
                    "%s: %s: cannot be replaced: %s hangs on it", where, key,
                    space->axis[b].key);
            }
            space->axis[b].when -= space->axis[b].when > a;
        }
        for (int v = 0; v < space->axis[a].values; v++) {
            mien_free(space->axis[a].value[v]);
        }
        space->axes--;
        memmove(&space->axis[a], &space->axis[a + 1],
            (size_t)(space->axes - a) * sizeof space->axis[0]);
        return MIEN_OK;
    }
    return MIEN_OK;
}

mien_status mien_space_add(
    mien_space *space, const char *key, const mien_value *said, const char *where) {
    mien_status status = take_place(space, key, where);
    if (status == MIEN_OK && space->axes == MIEN_AXES_MAX) {
        status = mien_fail(MIEN_ELIMIT, "%s: more than %d keys are searched", where,
            (int)MIEN_AXES_MAX);
    }
    if (status != MIEN_OK) {
        return status;
    }
    mien_axis *axis = &space->axis[space->axes];
    *axis = (mien_axis){.when = -1, .line = mien_value_line(said)};
    if (snprintf(axis->key, sizeof axis->key, "%s", key) >= (int)sizeof axis->key) {
        return mien_fail(MIEN_ELIMIT, "%s: %s: so long a key is none", where, key);
    }
    const char *text = mien_value_text(said);
    switch (mien_value_kind_of(said)) {
    case MIEN_VALUE_LIST:
        status = take_values(axis, said, where);
        break;
    case MIEN_VALUE_MAP:
        status = take_map(space, axis, said, where);
        break;
    default:
        status = text && take_text(axis, text) ? check_range(axis, where)
                                               : no_axis(axis, where);
    }
    if (status != MIEN_OK) {
        for (int v = 0; v < axis->values; v++) {
            mien_free(axis->value[v]);
        }
        return status;
    }
    space->axes++;
    return MIEN_OK;
}

mien_status mien_space_add_text(mien_space *space, const char *text) {
    const char *equals = strchr(text, '=');
    char key[MIEN_AXIS_KEY_MAX];
    mien_value *said = NULL;
    if (!equals || equals - text >= MIEN_AXIS_KEY_MAX) {
        return mien_fail(MIEN_EINVAL,
            "--over %s: not of the form KEY=WHAT, as optimiser.rate='1e-5..1e-2 log'",
            text);
    }
    snprintf(key, sizeof key, "%.*s", (int)(equals - text), text);
    mien_status status =
        mien_value_parse_yaml("--over", equals + 1, strlen(equals + 1), &said);
    if (status == MIEN_OK) {
        status = mien_space_add(space, key, said, "--over");
    }
    mien_value_free(&said);
    return status == MIEN_EFORMAT ? MIEN_EINVAL : status;
}

/* ---- points ---------------------------------------------------------------------- */

bool mien_space_active(const mien_space *space, int axis, const double *at) {
    const mien_axis *a = &space->axis[axis];
    if (a->when < 0) {
        return true;
    }
    double value = at[a->when];
    return isfinite(value) && (a->among >> (int)value & 1);
}

double mien_axis_value(const mien_axis *axis, double place) {
    double low = axis->log ? log(axis->low) : axis->low;
    double high = axis->log ? log(axis->high) : axis->high;
    double x = low + fmin(fmax(place, 0), 1) * (high - low);
    x = axis->log ? exp(x) : x;
    x = fmin(fmax(x, axis->low), axis->high);
    if (axis->whole) {
        return fmin(fmax(round(x), ceil(axis->low)), floor(axis->high));
    }
    /* seven digits say enough, and are what is written */
    char text[32];
    snprintf(text, sizeof text, "%.7g", x);
    mien_parse_number(text, &x);
    return x;
}

double mien_axis_place(const mien_axis *axis, double value) {
    double low = axis->log ? log(axis->low) : axis->low;
    double high = axis->log ? log(axis->high) : axis->high;
    double x = axis->log ? log(value) : value;
    return fmin(fmax((x - low) / (high - low), 0), 1);
}

const char *mien_space_text(
    const mien_space *space, int axis, const double *at, char room[32]) {
    const mien_axis *a = &space->axis[axis];
    if (!isfinite(at[axis])) {
        return NULL;
    }
    if (a->values) {
        return a->value[(int)at[axis]];
    }
    if (a->whole) {
        snprintf(room, 32, "%.0f", at[axis]);
        return room;
    }
    return mien_format_double(at[axis], room);
}
