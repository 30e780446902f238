/* SPDX-License-Identifier: MIT */
/* One table of keys for parsing, checking and explaining options. */
#include "base/need.h"
#include "mien/base.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct entry {
    char *text; /* as given, or the default; NULL: absent */
    bool given;
    bool flag;
    int64_t integer;
    double number;
} entry;

struct mien_options {
    const mien_option *table;
    int count;
    entry *entries;
};

/* How a message names a key: "--every" on the command line, "file:3: every" in a file.
 */
typedef struct place {
    const char *where, *separator, *dashes;
} place;

static place place_of(const char *where) {
    return where ? (place){where, ": ", ""} : (place){"", "", "--"};
}

static int find(const mien_options *options, const char *name, size_t length) {
    for (int i = 0; i < options->count; i++) {
        const char *key = options->table[i].name;
        if (strlen(key) == length && memcmp(key, name, length) == 0) {
            return i;
        }
    }
    return -1;
}

static const entry *entry_of(const mien_options *options, const char *name) {
    static const entry absent;
    MIEN_NEED_OR(&absent, options, name);
    int i = find(options, name, strlen(name));
    assert(i >= 0 && "an option that is not in its table");
    return &options->entries[i];
}

/* Nearest of a list of names, NULL where none is near. */
static void keep_nearer(
    const char *name, const char *candidate, int *distance, const char **nearest) {
    int d = mien_edit_distance(name, candidate);
    if (d < *distance) {
        *distance = d;
        *nearest = candidate;
    }
}

static int near_enough(const char *name) {
    return 2 + (int)strlen(name) / 3;
}

/* The most names that an error lists: of a longer table it tells the nearest few. */
enum { KNOWN_MOST = 24, NEAREST = 3 };

/* How far a name is from a key, or from the key's last part: "layer" is near to
 * "readout.layers", "learning-rate" to "optimiser.rate". */
static int distance_to(const char *name, const char *key) {
    const char *own = strrchr(name, '.'), *part = strrchr(key, '.');
    own = own ? own + 1 : name;
    int whole = mien_edit_distance(name, key);
    int last = part ? mien_edit_distance(own, part + 1) + 1 : whole;
    int inside = part && (strstr(own, part + 1) || strstr(part + 1, own)) ? 1 : last;
    last = inside < last ? inside : last;
    return last < whole ? last : whole;
}

static void add_nearest(
    mien_string *text, const mien_options *options, const char *name) {
    int taken[NEAREST];
    for (int n = 0; n < NEAREST; n++) {
        int best = -1, least = 0;
        for (int i = 0; i < options->count; i++) {
            int d = distance_to(name, options->table[i].name);
            bool new = true;
            for (int k = 0; k < n; k++) {
                new = new &&taken[k] != i;
            }
            if (new && (best < 0 || d < least)) {
                best = i;
                least = d;
            }
        }
        taken[n] = best;
        mien_string_addf(text, "%s\"%s\"", n == 0 ? "; the nearest are " : ", ",
            options->table[best].name);
    }
    mien_string_addf(text, " (of %d)", options->count);
}

static mien_status fail_unknown(
    const mien_options *options, const char *where, const char *name) {
    place at = place_of(where);
    const char *nearest = NULL;
    int distance = near_enough(name);
    for (int i = 0; i < options->count; i++) {
        keep_nearer(name, options->table[i].name, &distance, &nearest);
    }
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s%sunknown %s \"%s%s\"", at.where, at.separator,
        where ? "key" : "option", at.dashes, name);
    if (nearest) {
        mien_string_addf(&text, "; did you mean \"%s%s\"?", at.dashes, nearest);
    } else if (options->count > KNOWN_MOST && where) {
        add_nearest(&text, options, name);
    } else {
        for (int i = 0; i < options->count; i++) {
            mien_string_addf(&text, "%s%s%s", i == 0 ? "; known: " : ", ", at.dashes,
                options->table[i].name);
        }
    }
    mien_status status =
        text.failed ? MIEN_ENOMEM : mien_fail(MIEN_EINVAL, "%s", text.text);
    mien_string_clear(&text);
    return status;
}

static mien_status fail_choice(
    const mien_option *option, const char *where, const char *value) {
    place at = place_of(where);
    const char *nearest = NULL;
    int distance = near_enough(value);
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s%s%s%s: \"%s\" is none of ", at.where, at.separator,
        at.dashes, option->name, value);
    for (int i = 0; option->choices[i]; i++) {
        mien_string_addf(&text, "%s%s", i ? ", " : "", option->choices[i]);
        keep_nearer(value, option->choices[i], &distance, &nearest);
    }
    if (nearest) {
        mien_string_addf(&text, "; did you mean \"%s\"?", nearest);
    }
    mien_status status =
        text.failed ? MIEN_ENOMEM : mien_fail(MIEN_EINVAL, "%s", text.text);
    mien_string_clear(&text);
    return status;
}

static mien_status fail_value(
    const mien_option *option, const char *where, const char *value, const char *what) {
    place at = place_of(where);
    return mien_fail(MIEN_EINVAL, "%s%s%s%s: \"%s\" is not %s", at.where, at.separator,
        at.dashes, option->name, value, what);
}

static mien_status check_bounds(
    const mien_option *option, const char *where, const char *value, double number) {
    if ((option->minimum == 0 && option->maximum == 0) ||
        (number >= option->minimum && number <= option->maximum)) {
        return MIEN_OK;
    }
    char low[32], high[32], what[96];
    mien_format_double(option->minimum, low);
    mien_format_double(option->maximum, high);
    if (isinf(option->maximum)) {
        snprintf(what, sizeof what, "in range (%s or more)", low);
    } else {
        snprintf(what, sizeof what, "in range (%s to %s)", low, high);
    }
    return fail_value(option, where, value, what);
}

static bool parse_flag(const char *text, bool *flag) {
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
            *flag = strcasecmp(text, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

static bool parse_seconds(const char *text, double *seconds) {
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"ms", 1e-3}, {"min", 60}, {"s", 1}, {"h", 3600}, {"", 1}};
    size_t length = strlen(text);
    char number[64];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i].unit);
        if (n > length || strcmp(text + length - n, units[i].unit) != 0) {
            continue;
        }
        size_t digits = length - n;
        while (digits > 0 && text[digits - 1] == ' ') {
            digits--; /* "200 ms" */
        }
        if (digits >= sizeof number) {
            return false;
        }
        memcpy(number, text, digits);
        number[digits] = '\0';
        double parsed;
        if (!mien_parse_number(number, &parsed) || isnan(parsed)) {
            return false;
        }
        *seconds = parsed * units[i].factor;
        return true;
    }
    return false;
}

static mien_status parse_value(
    const mien_option *option, const char *where, const char *value, entry *out) {
    switch (option->type) {
    case MIEN_OPTION_FLAG:
        if (!parse_flag(value, &out->flag)) {
            return fail_value(option, where, value, "true or false");
        }
        return MIEN_OK;
    case MIEN_OPTION_INT:
        if (!mien_parse_int(value, &out->integer)) {
            return fail_value(option, where, value, "a whole number");
        }
        out->number = (double)out->integer;
        return check_bounds(option, where, value, out->number);
    case MIEN_OPTION_NUMBER:
        if (!mien_parse_number(value, &out->number) || isnan(out->number)) {
            return fail_value(option, where, value, "a number");
        }
        return check_bounds(option, where, value, out->number);
    case MIEN_OPTION_SECONDS:
        if (!parse_seconds(value, &out->number)) {
            return fail_value(
                option, where, value, "a time (such as 1.5, 0.2s, 200ms or 2min)");
        }
        return check_bounds(option, where, value, out->number);
    case MIEN_OPTION_CHOICE:
        for (int i = 0; option->choices[i]; i++) {
            if (strcmp(option->choices[i], value) == 0) {
                return MIEN_OK;
            }
        }
        return fail_choice(option, where, value);
    case MIEN_OPTION_TEXT:
    case MIEN_OPTION_LIST:
        return MIEN_OK;
    }
    return MIEN_OK;
}

/* The value that is kept of an option: a list goes on after what was given before. */
static char *kept_text(
    const mien_option *option, const entry *before, const char *value) {
    if (option->type != MIEN_OPTION_LIST || !before->given) {
        return mien_strdup(value);
    }
    mien_string joined;
    mien_string_init(&joined);
    mien_string_addf(&joined, "%s\n%s", before->text, value);
    return mien_string_take(&joined);
}

static mien_status set_entry(mien_options *options, int index, const char *where,
    const char *value, bool given) {
    entry parsed = {.given = given, .number = (double)NAN};
    mien_status status = parse_value(&options->table[index], where, value, &parsed);
    if (status != MIEN_OK) {
        return status;
    }
    parsed.text = kept_text(&options->table[index], &options->entries[index], value);
    if (!parsed.text) {
        return MIEN_ENOMEM;
    }
    mien_free(options->entries[index].text);
    options->entries[index] = parsed;
    return MIEN_OK;
}

mien_status mien_options_new(const mien_option *table, mien_options **options) {
    MIEN_NEED(table, options);
    mien_options *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->table = table;
    while (table[made->count].name) {
        made->count++;
    }
    mien_status status = MIEN_OK;
    made->entries = mien_alloc((size_t)made->count, sizeof *made->entries);
    if (!made->entries) {
        made->count = 0;
        status = MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < made->count; i++) {
        made->entries[i].number = (double)NAN;
        if (table[i].initial) {
            status = set_entry(made, i, NULL, table[i].initial, false);
            assert(status != MIEN_EINVAL && "a default that its own table forbids");
        }
    }
    if (status != MIEN_OK) {
        mien_options_free(&made);
        return status;
    }
    *options = made;
    return MIEN_OK;
}

mien_status mien_options_copy(const mien_options *from, mien_options **options) {
    MIEN_NEED(from, options);
    mien_options *made = mien_alloc(1, sizeof *made);
    if (!made) {
        return MIEN_ENOMEM;
    }
    made->table = from->table;
    made->entries = mien_alloc((size_t)from->count, sizeof *made->entries);
    mien_status status = made->entries ? MIEN_OK : MIEN_ENOMEM;
    for (; status == MIEN_OK && made->count < from->count; made->count++) {
        entry *to = &made->entries[made->count];
        const char *text = from->entries[made->count].text;
        *to = from->entries[made->count];
        to->text = text ? mien_strdup(text) : NULL;
        status = text && !to->text ? MIEN_ENOMEM : MIEN_OK;
    }
    if (status != MIEN_OK) {
        mien_options_free(&made);
        return status;
    }
    *options = made;
    return MIEN_OK;
}

void mien_options_free(mien_options **options) {
    if (!options || !*options) {
        return;
    }
    for (int i = 0; i < (*options)->count; i++) {
        mien_free((*options)->entries[i].text);
    }
    mien_free((*options)->entries);
    mien_free(*options);
    *options = NULL;
}

mien_status mien_options_set(
    mien_options *options, const char *where, const char *name, const char *value) {
    MIEN_NEED(options, name, value);
    int index = find(options, name, strlen(name));
    return index < 0 ? fail_unknown(options, where, name)
                     : set_entry(options, index, where, value, true);
}

mien_status mien_options_clear(mien_options *options, const char *name) {
    MIEN_NEED(options, name);
    int index = find(options, name, strlen(name));
    if (index < 0) {
        return fail_unknown(options, NULL, name);
    }
    const mien_option *option = &options->table[index];
    if (option->initial && option->type != MIEN_OPTION_LIST) {
        return set_entry(options, index, NULL, option->initial, false);
    }
    mien_free(options->entries[index].text);
    options->entries[index] = (entry){.number = (double)NAN};
    return MIEN_OK;
}

/* The rest of argv while it is parsed. */
typedef struct arguments {
    int argc;
    char *const *argv;
    int at;
} arguments;

static mien_status take_value(const mien_option *option, const char *attached,
    arguments *args, const char **value) {
    if (attached) {
        *value = attached;
    } else if (args->at + 1 < args->argc) {
        *value = args->argv[++args->at];
    } else {
        return mien_fail(MIEN_EINVAL, "--%s: its value is missing", option->name);
    }
    return MIEN_OK;
}

static mien_status parse_long(mien_options *options, arguments *args) {
    const char *name = args->argv[args->at] + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const char *value = equals ? equals + 1 : NULL;
    int index = find(options, name, length);
    if (index < 0 && !value && strncmp(name, "no-", 3) == 0) {
        index = find(options, name + 3, length - 3);
        if (index >= 0 && options->table[index].type == MIEN_OPTION_FLAG) {
            return set_entry(options, index, NULL, "false", true);
        }
        index = -1;
    }
    if (index < 0) {
        char *key = mien_strndup(name, length);
        mien_status status = key ? fail_unknown(options, NULL, key) : MIEN_ENOMEM;
        mien_free(key);
        return status;
    }
    if (options->table[index].type == MIEN_OPTION_FLAG) {
        return set_entry(options, index, NULL, value ? value : "true", true);
    }
    mien_status status = take_value(&options->table[index], value, args, &value);
    return status == MIEN_OK ? set_entry(options, index, NULL, value, true) : status;
}

/* "-q", "-qv" (flags together), "-o FILE", "-oFILE" */
static mien_status parse_short(mien_options *options, arguments *args) {
    for (const char *letter = args->argv[args->at] + 1; *letter; letter++) {
        int index = 0;
        while (index < options->count && options->table[index].letter != *letter) {
            index++;
        }
        if (index == options->count) {
            return mien_fail(MIEN_EINVAL, "unknown option \"-%c\"%s%s", *letter,
                letter[1] ? " in " : "", letter[1] ? args->argv[args->at] : "");
        }
        if (options->table[index].type != MIEN_OPTION_FLAG) {
            const char *value = letter[1] ? letter + 1 : NULL;
            mien_status status =
                take_value(&options->table[index], value, args, &value);
            return status == MIEN_OK ? set_entry(options, index, NULL, value, true)
                                     : status;
        }
        mien_status status = set_entry(options, index, NULL, "true", true);
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

mien_status mien_options_parse(mien_options *options, int argc, char *const *argv,
    const char **positional, int *positional_count) {
    MIEN_NEED(options, argv, positional, positional_count);
    arguments args = {argc, argv, 0};
    int count = 0;
    bool ended = false;
    for (; args.at < argc; args.at++) {
        const char *argument = argv[args.at];
        mien_status status = MIEN_OK;
        if (ended || argument[0] != '-' || !argument[1]) {
            positional[count++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            ended = true;
        } else if (argument[1] == '-') {
            status = parse_long(options, &args);
        } else {
            status = parse_short(options, &args);
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    *positional_count = count;
    return MIEN_OK;
}

bool mien_options_given(const mien_options *options, const char *name) {
    return entry_of(options, name)->given;
}

bool mien_options_flag(const mien_options *options, const char *name) {
    return entry_of(options, name)->flag;
}

int64_t mien_options_int(const mien_options *options, const char *name) {
    return entry_of(options, name)->integer;
}

double mien_options_number(const mien_options *options, const char *name) {
    return entry_of(options, name)->number;
}

const char *mien_options_text(const mien_options *options, const char *name) {
    return entry_of(options, name)->text;
}
