/* SPDX-License-Identifier: MIT */
/* Lists of augmentations: the registry, steps with their options, reading and writing
 * them.
 */
#include "signal/augment.h"
#include "base/need.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define TEXT_MAX ((size_t)64 << 10)

static const mien_augment_kind *const kinds[] = {
#define X(name) &mien_augment_##name,
#include "signal/augments.def"
#undef X
};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

int mien_augment_kind_count(void) {
    return KINDS;
}

const mien_augment_kind *mien_augment_kind_at(int index) {
    return index >= 0 && index < KINDS ? kinds[index] : NULL;
}

static mien_status fail_unknown(const char *name) {
    const char *nearest = NULL;
    int distance = 2 + (int)strlen(name) / 3;
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "unknown augmentation \"%.100s\"", name);
    for (int i = 0; i < KINDS; i++) {
        int d = mien_edit_distance(name, kinds[i]->name);
        if (d < distance) {
            distance = d;
            nearest = kinds[i]->name;
        }
    }
    if (nearest) {
        mien_string_addf(&text, "; did you mean \"%s\"?", nearest);
    }
    for (int i = 0; !nearest && i < KINDS; i++) {
        mien_string_addf(&text, "%s%s", i ? ", " : "; known: ", kinds[i]->name);
    }
    mien_status status =
        text.failed ? MIEN_ENOMEM : mien_fail(MIEN_EINVAL, "%s", text.text);
    mien_string_clear(&text);
    return status;
}

mien_status mien_augment_kind_find(const char *name, const mien_augment_kind **kind) {
    MIEN_NEED(name, kind);
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(name, kinds[i]->name) == 0) {
            *kind = kinds[i];
            return MIEN_OK;
        }
    }
    return strlen(name) > 100 ? mien_fail(MIEN_EINVAL, "unknown augmentation")
                              : fail_unknown(name);
}

/* ---- for the rows ------------------------------------------------------------- */

/* Numbers with commas, semicolons or spaces between them, in brackets or not; −1 if it
 * is something else or more than `most`. */
static int read_numbers(const char *text, int most, double *number) {
    int count = 0;
    char word[64];
    for (const char *at = text; *(at += strspn(at, " ,;[]"));) {
        size_t length = strcspn(at, " ,;[]");
        if (length >= sizeof word || count == most) {
            return -1;
        }
        memcpy(word, at, length);
        word[length] = '\0';
        if (!mien_parse_number(word, &number[count++]) ||
            !isfinite(number[count - 1])) {
            return -1;
        }
        at += length;
    }
    return count;
}

static const mien_option *option_of(const mien_augment_step *step, const char *name) {
    const mien_option *option = step->kind->options;
    while (option->name && strcmp(option->name, name) != 0) {
        option++;
    }
    assert(option->name && "an option that is not in its table");
    return option;
}

mien_status mien_augment_range(
    const mien_augment_step *step, const char *name, double centre, double *range) {
    const mien_option *option = option_of(step, name);
    const char *text = mien_options_text(step->options, name);
    double number[2];
    int count = text ? read_numbers(text, 2, number) : -1;
    if (count < 1) {
        return mien_fail(MIEN_EINVAL, "%s: \"%.100s\" is not a number or two", name,
            text ? text : "");
    }
    if (count == 1) {
        double reach = fabs(number[0]);
        number[0] = centre - reach > option->minimum ? centre - reach : option->minimum;
        number[1] = centre + reach;
    }
    if (number[0] > number[1]) {
        return mien_fail(
            MIEN_EINVAL, "%s: %g to %g goes down", name, number[0], number[1]);
    }
    if (number[0] < option->minimum || number[1] > option->maximum) {
        return mien_fail(MIEN_EINVAL, "%s: %g to %g is not within %g to %g", name,
            number[0], number[1], option->minimum, option->maximum);
    }
    range[0] = number[0];
    range[1] = number[1];
    return MIEN_OK;
}

mien_status mien_augment_colour(
    const mien_augment_step *step, const char *name, double *number) {
    const char *text = mien_options_text(step->options, name);
    if (text && strcmp(text, "mean") == 0) {
        number[0] = number[1] = number[2] = (double)NAN;
        return MIEN_OK;
    }
    double read[3];
    int count = text ? read_numbers(text, 3, read) : -1;
    bool fits = count == 1 || count == 3;
    for (int c = 0; fits && c < count; c++) {
        fits = read[c] >= 0.0 && read[c] <= 1.0;
    }
    if (!fits) {
        return mien_fail(MIEN_EINVAL,
            "%s: \"%.100s\" is not mean, a grey or red, green, blue from 0 to 1", name,
            text ? text : "");
    }
    for (int c = 0; c < 3; c++) {
        number[c] = read[count == 1 ? 0 : c];
    }
    return MIEN_OK;
}

mien_colour mien_augment_colour_of(const double *number) {
    return (mien_colour){isnan(number[0]), {number[0], number[1], number[2]}};
}

double mien_augment_uniform(mien_stream *stream, const double *range) {
    return range[0] + (range[1] - range[0]) * mien_stream_uniform(stream);
}

bool mien_augment_draw_factor(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value) {
    (void)frame;
    value[0] = mien_augment_uniform(stream, step->number);
    return value[0] != 1.0;
}

bool mien_augment_draw_amount(const mien_augment_step *step, const mien_frame *frame,
    mien_stream *stream, double *value) {
    (void)frame;
    value[0] = mien_augment_uniform(stream, step->number);
    return value[0] != 0.0;
}

/* ---- steps -------------------------------------------------------------------- */

mien_status mien_augment_new(mien_augment **augment) {
    MIEN_NEED(augment);
    mien_augment *a = mien_alloc(1, sizeof *a);
    if (!a) {
        return MIEN_ENOMEM;
    }
    a->resampling.colour.mean = true;
    *augment = a;
    return MIEN_OK;
}

void mien_augment_cut(mien_augment *augment, int count) {
    MIEN_NEED_OR(, augment);
    while (augment->count > count) {
        mien_options_free(&augment->steps[--augment->count].options);
    }
    augment->resampling = (mien_resampling){.colour.mean = true};
    for (int i = 0; i < count; i++) {
        const mien_augment_step *step = &augment->steps[i];
        if (step->kind->work->set) {
            step->kind->work->set(step, &augment->resampling);
        }
    }
}

void mien_augment_free(mien_augment **augment) {
    if (augment && *augment) {
        mien_augment_cut(*augment, 0);
        mien_free(*augment);
        *augment = NULL;
    }
}

static bool has_option(const mien_augment_kind *kind, const char *name) {
    const mien_option *option = kind->options;
    while (option->name && strcmp(option->name, name) != 0) {
        option++;
    }
    return option->name != NULL;
}

static mien_status fill_step(mien_augment_step *step, int count,
    const char *const *keys, const char *const *values) {
    const mien_augment_kind *kind = step->kind;
    mien_status status = mien_options_new(kind->options, &step->options);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        const char *key = keys[i] ? keys[i] : kind->main;
        status = key ? mien_options_set(step->options, kind->name, key, values[i])
                     : mien_fail(MIEN_EINVAL, "%s: \"%.100s\" needs its option's name",
                           kind->name, values[i]);
    }
    if (status != MIEN_OK) {
        return status;
    }
    step->p = has_option(kind, "p") ? mien_options_number(step->options, "p") : 1.0;
    status = kind->work->prepare ? kind->work->prepare(step) : MIEN_OK;
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", kind->name);
}

static mien_status add_step(mien_augment *augment, const char *name, int count,
    const char *const *keys, const char *const *values) {
    mien_augment_step step = {0};
    mien_status status = mien_augment_kind_find(name, &step.kind);
    if (status == MIEN_OK && augment->count == MIEN_AUGMENT_STEPS_MAX) {
        status = mien_fail(
            MIEN_ELIMIT, "more than %d augmentations", MIEN_AUGMENT_STEPS_MAX);
    }
    if (status == MIEN_OK) {
        status = fill_step(&step, count, keys, values);
    }
    if (status != MIEN_OK) {
        mien_options_free(&step.options);
        return status;
    }
    augment->steps[augment->count++] = step;
    if (step.kind->work->set) {
        step.kind->work->set(&step, &augment->resampling);
    }
    return MIEN_OK;
}

mien_status mien_augment_add(mien_augment *augment, const char *where, const char *name,
    int count, const char *const *keys, const char *const *values) {
    MIEN_NEED(augment, name, keys || count < 1, values || count < 1);
    mien_status status = add_step(augment, name, count, keys, values);
    return status == MIEN_OK || status == MIEN_ENOMEM || !where
               ? status
               : mien_fail_in(status, "%s", where);
}

int mien_augment_count(const mien_augment *augment) {
    return augment ? augment->count : 0;
}

const mien_augment_kind *mien_augment_step_kind(const mien_augment *augment, int step) {
    MIEN_NEED_OR(NULL, augment);
    return step >= 0 && step < augment->count ? augment->steps[step].kind : NULL;
}

const mien_options *mien_augment_step_options(const mien_augment *augment, int step) {
    MIEN_NEED_OR(NULL, augment);
    return step >= 0 && step < augment->count ? augment->steps[step].options : NULL;
}

bool mien_augment_mixes(const mien_augment *augment) {
    for (int i = 0; i < mien_augment_count(augment); i++) {
        if (augment->steps[i].kind->work->phase == MIEN_AUGMENT_MIXES) {
            return true;
        }
    }
    return false;
}

/* ---- as text ------------------------------------------------------------------ */

#define WORDS_MAX 16

/* One step, its text cut into words in place: NAME [VALUE] [KEY=VALUE …]. */
static mien_status parse_step(mien_augment *augment, char *text) {
    const char *name = NULL, *keys[WORDS_MAX], *values[WORDS_MAX];
    int count = 0;
    for (char *at = text; *(at += strspn(at, " \t\r"));) {
        char *word = at;
        at += strcspn(at, " \t\r");
        if (*at) {
            *at++ = '\0';
        }
        if (!name) {
            name = word;
            continue;
        }
        if (count == WORDS_MAX) {
            return mien_fail(MIEN_EINVAL, "%.100s: more than %d options", name, count);
        }
        char *equals = strchr(word, '=');
        keys[count] = equals ? word : NULL;
        values[count++] = equals ? equals + 1 : word;
        if (equals) {
            *equals = '\0';
        }
    }
    return name ? add_step(augment, name, count, keys, values) : MIEN_OK;
}

mien_status mien_augment_parse(
    mien_augment *augment, const char *where, const char *text) {
    MIEN_NEED(augment, text);
    const int before = augment->count;
    if (strlen(text) > TEXT_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s%saugmentations of more than %zu bytes",
            where ? where : "", where ? ": " : "", TEXT_MAX);
    }
    char *copy = mien_strdup(text);
    mien_status status = copy ? MIEN_OK : MIEN_ENOMEM;
    for (char *at = copy; status == MIEN_OK && at;) {
        char *end = strpbrk(at, ";\n");
        if (end) {
            *end++ = '\0';
        }
        status = parse_step(augment, at);
        at = end;
    }
    mien_free(copy);
    if (status != MIEN_OK) {
        mien_augment_cut(augment, before);
        return status == MIEN_ENOMEM || !where ? status
                                               : mien_fail_in(status, "%s", where);
    }
    return MIEN_OK;
}

/* A value without the blanks and brackets that would end the word. */
static void write_value(const char *value, mien_string *text) {
    bool first = true;
    for (const char *at = value; *(at += strspn(at, " ,;[]"));) {
        size_t length = strcspn(at, " ,;[]");
        if (!first) {
            mien_string_add(text, ",");
        }
        mien_string_add_n(text, at, length);
        first = false;
        at += length;
    }
}

mien_status mien_augment_write(const mien_augment *augment, mien_string *text) {
    MIEN_NEED(augment, text);
    for (int i = 0; i < augment->count; i++) {
        const mien_augment_step *step = &augment->steps[i];
        mien_string_addf(text, "%s%s", i ? "; " : "", step->kind->name);
        for (const mien_option *o = step->kind->options; o->name; o++) {
            const char *value = mien_options_text(step->options, o->name);
            if (value) {
                mien_string_addf(text, " %s=", o->name);
                write_value(value, text);
            }
        }
    }
    return mien_string_status(text);
}
