/* SPDX-License-Identifier: MIT */
/* YAML 1.2 to values, from the events of libfyaml; anchors are copied where an alias
 * names them, within the limit on the number of values. */
#include "io/text.h"
#include "base/need.h"
#include "io/value.h"

#include <libfyaml.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAG "tag:yaml.org,2002:"

typedef struct frame {
    mien_value *container;
    char *key; /* read, its item not yet; NULL: a key comes next (in a map) */
    int key_line;
    char *anchor; /* of the container */
} frame;

typedef struct reading {
    const char *name;
    struct fy_parser *parser;
    struct fy_diag *diag;
    mien_value *root;
    frame stack[MIEN_VALUE_DEPTH_MAX];
    int depth;
    int64_t count;       /* values made */
    mien_value *anchors; /* a map from anchor to a copy; NULL until one is met */
    int documents;
    int line; /* of the newest event that had one */
} reading;

/* ---- what a plain scalar means --------------------------------------------------- */

static bool is_any(const char *text, const char *const *words) {
    for (; *words; words++) {
        if (!strcmp(text, *words)) {
            return true;
        }
    }
    return false;
}

/* 0x and 0o integers of the core schema; *fits false where they exceed 63 bits. */
static bool parse_prefixed(const char *text, int64_t *value, bool *fits) {
    if (text[0] != '0' || (text[1] != 'x' && text[1] != 'o') || !text[2]) {
        return false;
    }
    int base = text[1] == 'x' ? 16 : 8;
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "01234567";
    if (strspn(text + 2, digits) != strlen(text + 2)) {
        return false;
    }
    const char *first = text + 2 + strspn(text + 2, "0");
    *fits = strlen(first) <= (base == 16 ? 15 : 20);
    *value = (int64_t)strtoll(text + 2, NULL, base);
    return true;
}

static bool parse_special(const char *text, double *x) {
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infs[] = {".inf", ".Inf", ".INF", NULL};
    double sign = *text == '-' ? -1 : 1;
    if (is_any(text, nans)) {
        *x = (double)NAN;
        return true;
    }
    text += *text == '-' || *text == '+';
    if (is_any(text, infs)) {
        *x = sign * (double)INFINITY;
        return true;
    }
    return false;
}

static bool only_digits(const char *text) {
    text += *text == '-' || *text == '+';
    return *text && text[strspn(text, "0123456789")] == 0;
}

static mien_status resolve_number(const char *text, mien_value **value, bool *number) {
    int64_t i;
    double x;
    bool fits = true;
    *number = true;
    if (only_digits(text)) {
        fits = mien_parse_int(text, &i);
        *value = fits ? mien_value_new_int(i) : NULL;
    } else if (parse_prefixed(text, &i, &fits)) {
        *value = fits ? mien_value_new_int(i) : NULL;
    } else if (parse_special(text, &x)) {
        *value = mien_value_new_number(x);
    } else if (strpbrk(text, "0123456789") && mien_parse_number(text, &x)) {
        *value = mien_value_new_number(x);
    } else {
        *number = false;
        return MIEN_OK;
    }
    return fits ? (*value ? MIEN_OK : MIEN_ENOMEM)
                : mien_fail(MIEN_ELIMIT, "%s is too large for an integer", text);
}

mien_status mien_yaml_resolve(const char *text, mien_value **value) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    if (is_any(text, nulls)) {
        *value = mien_value_new_null();
    } else if (is_any(text, trues) || is_any(text, falses)) {
        *value = mien_value_new_bool(is_any(text, trues));
    } else {
        bool number;
        mien_status status = resolve_number(text, value, &number);
        if (status != MIEN_OK || number) {
            return status;
        }
        *value = mien_value_new_text(text);
    }
    return *value ? MIEN_OK : MIEN_ENOMEM;
}

/* ---- events ---------------------------------------------------------------------- */

/* The line of an event; an event without a token ("key:" with nothing after it) is
 * on the line of the event before. */
static int line_of(reading *r, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    r->line = mark ? mark->line + 1 : r->line;
    return r->line;
}

static mien_status fail_at(
    const reading *r, mien_status status, int line, const char *what) {
    return mien_fail(status, "%s:%d: %s", r->name, line, what);
}

static char *token_text(struct fy_token *token) {
    size_t length = 0;
    const char *text = token ? fy_token_get_text(token, &length) : NULL;
    return mien_strndup(text ? text : "", text ? length : 0);
}

static int64_t tree_size(const mien_value *value) {
    int64_t size = 1;
    for (int64_t i = 0; i < mien_value_count(value); i++) {
        size += tree_size(value->items[i]);
    }
    return size;
}

static mien_status count_values(reading *r, int64_t more, int line) {
    r->count += more;
    return r->count <= MIEN_VALUE_COUNT_MAX
               ? MIEN_OK
               : fail_at(r, MIEN_ELIMIT, line, "more than 1000000 values");
}

/* Keeps a copy of an anchored value; it counts, or nested anchors would multiply. */
static mien_status keep_anchor(
    reading *r, const char *anchor, const mien_value *value) {
    mien_status status = count_values(r, tree_size(value), value->line);
    if (status != MIEN_OK) {
        return status;
    }
    if (!r->anchors && !(r->anchors = mien_value_new_map())) {
        return MIEN_ENOMEM;
    }
    mien_value *copy = NULL;
    status = mien_value_copy(value, &copy);
    return status == MIEN_OK ? mien_value_set(r->anchors, anchor, copy) : status;
}

static int tree_depth(const mien_value *value) {
    int deepest = 0;
    for (int64_t i = 0; i < mien_value_count(value); i++) {
        int depth = tree_depth(value->items[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* Puts a finished value (taken in any case) where it belongs. */
static mien_status place(reading *r, mien_value *value, int line) {
    if (r->depth == 0) {
        r->root = value;
        return MIEN_OK;
    }
    frame *top = &r->stack[r->depth - 1];
    if (top->container->kind == MIEN_VALUE_LIST) {
        return mien_value_add(top->container, value);
    }
    if (!top->key) {
        mien_value_free(&value);
        return fail_at(r, MIEN_EUNSUPPORTED, line, "a key that is no plain text");
    }
    mien_status status = mien_value_set(top->container, top->key, value);
    mien_free(top->key);
    top->key = NULL;
    return status;
}

static bool key_comes(const reading *r) {
    const frame *top = r->depth > 0 ? &r->stack[r->depth - 1] : NULL;
    return top && top->container->kind == MIEN_VALUE_MAP && !top->key;
}

static mien_status take_key(reading *r, struct fy_event *event, int line) {
    frame *top = &r->stack[r->depth - 1];
    char *key = token_text(event->scalar.value);
    if (!key) {
        return MIEN_ENOMEM;
    }
    /* libfyaml up to 0.7 gives no token here, from 0.8 on an empty one */
    bool absent =
        !event->scalar.value ||
        (!*key && fy_scalar_token_get_style(event->scalar.value) == FYSS_PLAIN);
    mien_status status = MIEN_OK;
    if (absent) {
        status = fail_at(r, MIEN_EUNSUPPORTED, line, "a value without a key");
    } else if (event->scalar.anchor) {
        status = fail_at(r, MIEN_EUNSUPPORTED, line, "an anchor on a key");
    } else if (mien_value_get(top->container, key)) {
        status = mien_fail(
            MIEN_EFORMAT, "%s:%d: key \"%s\" appears twice", r->name, line, key);
    }
    if (status != MIEN_OK) {
        mien_free(key);
        return status;
    }
    top->key = key;
    top->key_line = line;
    return MIEN_OK;
}

/* A tag may only say what the value is anyway, or that it is text. */
static mien_status check_tag(const reading *r, struct fy_token *token,
    const char *allowed, int line, bool *text) {
    if (!token) {
        return MIEN_OK;
    }
    size_t length = 0;
    const char *tag = fy_token_get_text(token, &length);
    size_t prefix = strlen(TAG);
    bool known = tag && length > prefix && !memcmp(tag, TAG, prefix);
    size_t rest = known ? length - prefix : 0;
    if (known && text && rest == 3 && !memcmp(tag + prefix, "str", 3)) {
        *text = true;
        return MIEN_OK;
    }
    if (known && rest == strlen(allowed) && !memcmp(tag + prefix, allowed, rest)) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EUNSUPPORTED, "%s:%d: tag %.*s is not supported", r->name,
        line, (int)(length < 200 ? length : 200), tag ? tag : "");
}

static mien_status make_scalar(
    const reading *r, struct fy_event *event, int line, mien_value **value) {
    bool text = event->scalar.value &&
                fy_scalar_token_get_style(event->scalar.value) != FYSS_PLAIN;
    mien_status status = check_tag(r, event->scalar.tag, "str", line, &text);
    if (status != MIEN_OK) {
        return status;
    }
    char *characters = token_text(event->scalar.value);
    if (!characters) {
        return MIEN_ENOMEM;
    }
    if (text) {
        *value = mien_value_new_text(characters);
        status = *value ? MIEN_OK : MIEN_ENOMEM;
    } else {
        status = mien_yaml_resolve(characters, value);
        if (status == MIEN_ELIMIT) {
            mien_fail_in(status, "%s:%d", r->name, line);
        }
    }
    mien_free(characters);
    return status;
}

/* Lends the name to the value; a root gets a copy of its own. */
static mien_status mark_value(reading *r, mien_value *value, int line) {
    value->line = line;
    if (r->depth == 0) {
        return mien_value_name_file(value, r->name);
    }
    value->file = r->stack[0].container->file;
    return MIEN_OK;
}

static mien_status on_scalar(reading *r, struct fy_event *event) {
    int line = line_of(r, event);
    if (key_comes(r)) {
        return take_key(r, event, line);
    }
    mien_value *value = NULL;
    mien_status status = count_values(r, 1, line);
    if (status == MIEN_OK) {
        status = make_scalar(r, event, line, &value);
    }
    if (status == MIEN_OK) {
        status = mark_value(r, value, line);
    }
    if (status == MIEN_OK && event->scalar.anchor) {
        char *anchor = token_text(event->scalar.anchor);
        status = anchor ? keep_anchor(r, anchor, value) : MIEN_ENOMEM;
        mien_free(anchor);
    }
    if (status != MIEN_OK) {
        mien_value_free(&value);
        return status;
    }
    return place(r, value, line);
}

static mien_status on_start(reading *r, struct fy_event *event, bool map) {
    int line = line_of(r, event);
    struct fy_token *anchor =
        map ? event->mapping_start.anchor : event->sequence_start.anchor;
    struct fy_token *tag = map ? event->mapping_start.tag : event->sequence_start.tag;
    if (key_comes(r)) {
        return fail_at(r, MIEN_EUNSUPPORTED, line, "a key that is no plain text");
    }
    if (r->depth >= MIEN_VALUE_DEPTH_MAX) {
        return fail_at(r, MIEN_ELIMIT, line, "nested deeper than 64 levels");
    }
    mien_status status = count_values(r, 1, line);
    if (status == MIEN_OK) {
        status = check_tag(r, tag, map ? "map" : "seq", line, NULL);
    }
    if (status != MIEN_OK) {
        return status;
    }
    frame made = {.container = map ? mien_value_new_map() : mien_value_new_list()};
    status = made.container ? mark_value(r, made.container, line) : MIEN_ENOMEM;
    if (status == MIEN_OK && anchor) {
        made.anchor = token_text(anchor);
        status = made.anchor ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_value_free(&made.container);
        return status;
    }
    r->stack[r->depth++] = made;
    return MIEN_OK;
}

static mien_status on_end(reading *r, struct fy_event *event) {
    if (r->depth == 0) {
        return fail_at(r, MIEN_EFORMAT, line_of(r, event), "an end without a start");
    }
    frame top = r->stack[--r->depth];
    mien_status status =
        top.anchor ? keep_anchor(r, top.anchor, top.container) : MIEN_OK;
    mien_free(top.anchor);
    mien_free(top.key);
    if (status != MIEN_OK) {
        mien_value_free(&top.container);
        return status;
    }
    return place(r, top.container, top.container->line);
}

static mien_status on_alias(reading *r, struct fy_event *event) {
    int line = line_of(r, event);
    char *anchor = token_text(event->alias.anchor);
    if (!anchor) {
        return MIEN_ENOMEM;
    }
    const mien_value *source = mien_value_get(r->anchors, anchor);
    mien_value *copy = NULL;
    mien_status status = MIEN_OK;
    if (!source) {
        status = mien_fail(MIEN_EFORMAT, "%s:%d: nothing before here is called &%s",
            r->name, line, anchor);
    } else if (r->depth + tree_depth(source) > MIEN_VALUE_DEPTH_MAX) {
        status = fail_at(r, MIEN_ELIMIT, line, "nested deeper than 64 levels");
    } else {
        status = count_values(r, tree_size(source), line);
    }
    mien_free(anchor);
    if (status == MIEN_OK) {
        status = mien_value_copy(source, &copy);
    }
    return status == MIEN_OK ? place(r, copy, line) : status;
}

static mien_status on_document(reading *r, struct fy_event *event) {
    return ++r->documents == 1 ? MIEN_OK
                               : fail_at(r, MIEN_EFORMAT, line_of(r, event),
                                     "a second document in the file");
}

static mien_status on_event(reading *r, struct fy_event *event) {
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return on_document(r, event);
    case FYET_SCALAR:
        return on_scalar(r, event);
    case FYET_MAPPING_START:
        return on_start(r, event, true);
    case FYET_SEQUENCE_START:
        return on_start(r, event, false);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return on_end(r, event);
    case FYET_ALIAS:
        return on_alias(r, event);
    default:
        return MIEN_OK;
    }
}

/* ---- parsing --------------------------------------------------------------------- */

static mien_status parser_error(const reading *r) {
    void *previous = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(r->diag, &previous);
    if (!error) {
        return mien_fail(MIEN_EFORMAT, "%s: not well-formed YAML", r->name);
    }
    return mien_fail(MIEN_EFORMAT, "%s:%d: %s", r->name,
        error->line > 0 ? error->line : 1, error->msg);
}

/* An output of its own, or libfyaml would print. */
static void drop_output(
    struct fy_diag *diag, void *user, const char *text, size_t length) {
    (void)diag;
    (void)user;
    (void)text;
    (void)length;
}

static mien_status make_parser(reading *r, const char *text, size_t length) {
    struct fy_diag_cfg diag;
    fy_diag_cfg_default(&diag);
    diag.fp = NULL;
    diag.output_fn = drop_output;
    diag.colorize = false;
    r->diag = fy_diag_create(&diag);
    if (!r->diag) {
        return mien_fail(MIEN_ENOMEM, "%s: cannot make a YAML parser", r->name);
    }
    fy_diag_set_collect_errors(r->diag, true);
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
        .diag = r->diag};
    r->parser = fy_parser_create(&cfg);
    if (!r->parser || fy_parser_set_string(r->parser, text, length) != 0) {
        return mien_fail(MIEN_ENOMEM, "%s: cannot make a YAML parser", r->name);
    }
    return MIEN_OK;
}

static mien_status run(reading *r) {
    for (;;) {
        struct fy_event *event = fy_parser_parse(r->parser);
        if (!event) {
            return parser_error(r);
        }
        bool last = event->type == FYET_STREAM_END;
        mien_status status = on_event(r, event);
        fy_parser_event_free(r->parser, event);
        if (status != MIEN_OK || last) {
            return status;
        }
    }
}

static void reading_clear(reading *r) {
    while (r->depth > 0) {
        frame *top = &r->stack[--r->depth];
        mien_value_free(&top->container);
        mien_free(top->key);
        mien_free(top->anchor);
    }
    mien_value_free(&r->root);
    mien_value_free(&r->anchors);
    if (r->parser) {
        fy_parser_destroy(r->parser);
    }
    if (r->diag) {
        fy_diag_destroy(r->diag);
    }
    mien_free(r);
}

mien_status mien_value_parse_yaml(
    const char *name, const char *text, size_t length, mien_value **value) {
    MIEN_NEED(name, text, value);
    if (length > MIEN_VALUE_BYTES_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: larger than %zu bytes", name, MIEN_VALUE_BYTES_MAX);
    }
    mien_status status = mien_text_check(name, text, length);
    if (status != MIEN_OK) {
        return status;
    }
    reading *r = mien_alloc(1, sizeof *r);
    if (!r) {
        return MIEN_ENOMEM;
    }
    size_t bom = mien_bom_length(text, length);
    r->name = name;
    status = make_parser(r, text + bom, length - bom);
    if (status == MIEN_OK) {
        status = run(r);
    }
    if (status == MIEN_OK && !r->root) {
        status = mien_fail(MIEN_EFORMAT, "%s: the document is empty", name);
    }
    if (status == MIEN_OK) {
        *value = r->root;
        r->root = NULL;
    }
    reading_clear(r);
    return status;
}
