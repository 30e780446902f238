/* SPDX-License-Identifier: MIT */
/* Runs pickle streams, protocols 0 to 5, without ever doing what they ask: names and
 * calls go to the owner's short list, objects with code of their own are refused. */
#include "io/pickle.h"

#include <stdlib.h>
#include <string.h>

#define SLAB ((size_t)16 << 10)
#define NAME_MAX 512

typedef struct operation {
    const char *name;
    mien_status (*run)(mien_pickle *p, size_t width);
    size_t width; /* bytes of its number or length, items of its tuple, … */
} operation;

mien_status mien_pickle_fail(
    const mien_pickle *p, mien_status status, const char *what) {
    return mien_fail(status, "%s: pickle, byte %zu: %s", p->file, p->next, what);
}

static mien_status bad(const mien_pickle *p, const char *what) {
    return mien_pickle_fail(p, MIEN_EFORMAT, what);
}

/* ---- memory -----------------------------------------------------------------------
 */

mien_status mien_pickle_step(mien_pickle *p, int64_t more) {
    p->steps += more;
    return p->steps <= MIEN_PICKLE_STEPS_MAX
               ? MIEN_OK
               : mien_fail(MIEN_ELIMIT, "%s: pickle: more than %d steps", p->file,
                     MIEN_PICKLE_STEPS_MAX);
}

/* Small pieces: the arena gives no less than a cache line. */
void *mien_pickle_alloc(mien_pickle *p, size_t size) {
    size = (size + 7) & ~(size_t)7;
    if (size > MIEN_PICKLE_MEMORY_MAX - p->memory) {
        mien_fail(MIEN_ELIMIT, "%s: pickle: its values need more than %zu MiB", p->file,
            MIEN_PICKLE_MEMORY_MAX >> 20);
        return NULL;
    }
    p->memory += size;
    if (size > SLAB / 4) {
        return mien_arena_alloc(p->arena, size, 1);
    }
    if (size > p->slab_left) {
        p->slab = mien_arena_alloc(p->arena, SLAB, 1);
        p->slab_left = p->slab ? SLAB : 0;
    }
    if (!p->slab) {
        return NULL;
    }
    p->slab_left -= size;
    return p->slab + p->slab_left;
}

/* Why there was no memory: the limit, or the system's. */
static mien_status no_memory(const mien_pickle *p) {
    return p->memory > MIEN_PICKLE_MEMORY_MAX - SLAB ? MIEN_ELIMIT : MIEN_ENOMEM;
}

mien_pickle_value *mien_pickle_new(mien_pickle *p, mien_pickle_kind kind) {
    mien_pickle_value *value = mien_pickle_alloc(p, sizeof *value);
    if (value) {
        value->kind = kind;
    }
    return value;
}

static mien_status grow(void *list, size_t count, size_t *room, size_t size) {
    if (count < *room) {
        return MIEN_OK;
    }
    size_t larger = *room ? *room * 2 : 64;
    larger = larger > count ? larger : count + 1;
    void **slot = list, *grown = mien_realloc(*slot, *room, larger, size);
    if (!grown) {
        return MIEN_ENOMEM;
    }
    *slot = grown;
    *room = larger;
    return MIEN_OK;
}

/* Memory of a container that grew is only given back with the arena: at most as much
 * again as it holds. */
static mien_status make_room(mien_pickle *p, mien_pickle_value *c, uint32_t larger) {
    mien_pickle_value **items = mien_pickle_alloc(p, larger * sizeof *items);
    if (!items) {
        return MIEN_ENOMEM;
    }
    if (c->count > 0) {
        memcpy(items, c->items, c->count * sizeof *items);
    }
    c->items = items;
    c->room = larger;
    return MIEN_OK;
}

mien_status mien_pickle_append(
    mien_pickle *p, mien_pickle_value *container, mien_pickle_value *item) {
    if (container->count == container->room) {
        mien_status status =
            make_room(p, container, container->room ? container->room * 2 : 4);
        if (status != MIEN_OK) {
            return status;
        }
    }
    container->items[container->count++] = item;
    return MIEN_OK;
}

static mien_status push(mien_pickle *p, mien_pickle_value *value) {
    if (!value) {
        return MIEN_ENOMEM;
    }
    mien_status status = grow(&p->stack, p->depth, &p->stack_room, sizeof *p->stack);
    if (status == MIEN_OK) {
        p->stack[p->depth++] = value;
    }
    return status;
}

/* The top n values, above the newest mark; they stay. */
static mien_status peek(const mien_pickle *p, size_t n, mien_pickle_value ***values) {
    size_t floor = p->mark_count > 0 ? p->marks[p->mark_count - 1] : 0;
    if (p->depth - floor < n) {
        return bad(p, "the stack is too short");
    }
    *values = p->stack + (p->depth - n);
    return MIEN_OK;
}

/* Takes the newest mark and says what was above it; the values stay on the stack. */
static mien_status above_mark(mien_pickle *p, mien_pickle_value ***values, size_t *n) {
    if (p->mark_count == 0) {
        return bad(p, "no mark on the stack");
    }
    size_t floor = p->marks[--p->mark_count];
    *values = p->stack ? p->stack + floor : NULL;
    *n = p->depth - floor;
    return MIEN_OK;
}

/* ---- reading the stream ------------------------------------------------------------
 */

static mien_status take(mien_pickle *p, size_t n, const unsigned char **bytes) {
    if (n > p->count - p->next) {
        return bad(p, "the stream ends too early (truncated?)");
    }
    *bytes = p->bytes + p->next;
    p->next += n;
    return MIEN_OK;
}

/* Little-endian, without sign. */
static mien_status take_number(mien_pickle *p, size_t width, uint64_t *number) {
    const unsigned char *b;
    mien_status status = take(p, width, &b);
    *number = 0;
    for (size_t i = width; i > 0 && status == MIEN_OK; i--) {
        *number = *number << 8 | b[i - 1];
    }
    return status;
}

static mien_status take_line(
    mien_pickle *p, const unsigned char **bytes, size_t *length) {
    const unsigned char *first = p->bytes + p->next;
    const unsigned char *end =
        p->next < p->count ? memchr(first, '\n', p->count - p->next) : NULL;
    if (!end) {
        return bad(p, "a line without end (truncated?)");
    }
    *bytes = first;
    *length = (size_t)(end - first);
    p->next += *length + 1;
    return MIEN_OK;
}

/* A short line as a C text. */
static mien_status take_short_line(mien_pickle *p, char text[64]) {
    const unsigned char *line;
    size_t length;
    mien_status status = take_line(p, &line, &length);
    if (status == MIEN_OK && (length >= 64 || memchr(line, 0, length))) {
        status = bad(p, "a number that is none");
    }
    if (status == MIEN_OK) {
        memcpy(text, line, length);
        text[length] = 0;
    }
    return status;
}

/* ---- values ------------------------------------------------------------------------
 */

static mien_status push_int(mien_pickle *p, mien_pickle_kind kind, int64_t i) {
    mien_pickle_value *value = mien_pickle_new(p, kind);
    if (value) {
        value->i = i;
    }
    return push(p, value);
}

static mien_status push_bytes(
    mien_pickle *p, mien_pickle_kind kind, const unsigned char *bytes, size_t length) {
    mien_pickle_value *value = mien_pickle_new(p, kind);
    if (value) {
        value->bytes = bytes;
        value->length = length;
    }
    return push(p, value);
}

static mien_status op_none(mien_pickle *p, size_t width) {
    (void)width;
    return push_int(p, MIEN_PICKLE_NONE, 0);
}

static mien_status op_bool(mien_pickle *p, size_t width) {
    return push_int(p, MIEN_PICKLE_BOOL, (int64_t)width);
}

static mien_status op_int(mien_pickle *p, size_t width) {
    uint64_t number;
    mien_status status = take_number(p, width, &number);
    int64_t i = width == 4 ? (int32_t)(uint32_t)number : (int64_t)number;
    return status == MIEN_OK ? push_int(p, MIEN_PICKLE_INT, i) : status;
}

/* An integer of any length, two's complement; up to 8 bytes it is an INT. */
static mien_status op_long(mien_pickle *p, size_t width) {
    uint64_t length, number = 0;
    const unsigned char *b;
    mien_status status = take_number(p, width, &length);
    if (status == MIEN_OK) {
        status = take(p, (size_t)length, &b);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (length > 8) {
        return push_bytes(p, MIEN_PICKLE_LONG, b, (size_t)length);
    }
    if (length > 0 && b[length - 1] & 0x80) {
        number = UINT64_MAX;
    }
    for (size_t i = (size_t)length; i > 0; i--) {
        number = number << 8 | b[i - 1];
    }
    return push_int(p, MIEN_PICKLE_INT, (int64_t)number);
}

/* INT and LONG of protocol 0, where INT also spells booleans. */
static mien_status op_line_int(mien_pickle *p, size_t width) {
    (void)width;
    char text[64];
    int64_t i;
    mien_status status = take_short_line(p, text);
    if (status != MIEN_OK) {
        return status;
    }
    if (!strcmp(text, "00") || !strcmp(text, "01")) {
        return push_int(p, MIEN_PICKLE_BOOL, text[1] - '0');
    }
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == 'L') {
        text[length - 1] = 0;
    }
    return mien_parse_int(text, &i) ? push_int(p, MIEN_PICKLE_INT, i)
                                    : bad(p, "a number that is none");
}

static mien_status push_float(mien_pickle *p, double x) {
    mien_pickle_value *value = mien_pickle_new(p, MIEN_PICKLE_FLOAT);
    if (value) {
        value->x = x;
    }
    return push(p, value);
}

static mien_status op_line_float(mien_pickle *p, size_t width) {
    (void)width;
    char text[64];
    double x;
    mien_status status = take_short_line(p, text);
    if (status == MIEN_OK) {
        status = mien_parse_number(text, &x) ? push_float(p, x)
                                             : bad(p, "a number that is none");
    }
    return status;
}

static mien_status op_float(mien_pickle *p, size_t width) {
    const unsigned char *b;
    mien_status status = take(p, width, &b);
    if (status != MIEN_OK) {
        return status;
    }
    uint64_t bits = 0; /* big-endian, unlike all else */
    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | b[i];
    }
    double x;
    memcpy(&x, &bits, sizeof x);
    return push_float(p, x);
}

static mien_status push_sized(mien_pickle *p, size_t width, mien_pickle_kind kind) {
    uint64_t length;
    const unsigned char *b;
    mien_status status = take_number(p, width, &length);
    if (status == MIEN_OK) {
        status = take(p, (size_t)length, &b);
    }
    return status == MIEN_OK ? push_bytes(p, kind, b, (size_t)length) : status;
}

static mien_status op_text(mien_pickle *p, size_t width) {
    return push_sized(p, width, MIEN_PICKLE_TEXT);
}

static mien_status op_bytes(mien_pickle *p, size_t width) {
    return push_sized(p, width, MIEN_PICKLE_BYTES);
}

/* ---- containers --------------------------------------------------------------------
 */

static mien_status append_all(
    mien_pickle *p, mien_pickle_value *container, mien_pickle_value **items, size_t n) {
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < n && status == MIEN_OK; i++) {
        status = mien_pickle_append(p, container, items[i]);
    }
    return status;
}

static mien_status op_empty(mien_pickle *p, size_t kind) {
    return push(p, mien_pickle_new(p, (mien_pickle_kind)kind));
}

/* Replaces the top n values by a container of them. */
static mien_status collect(
    mien_pickle *p, mien_pickle_kind kind, mien_pickle_value **items, size_t n) {
    mien_pickle_value *made = mien_pickle_new(p, kind);
    if (!made) {
        return MIEN_ENOMEM;
    }
    if (kind == MIEN_PICKLE_DICT && n % 2 != 0) {
        return bad(p, "a key without a value");
    }
    mien_status status = n > 0 ? make_room(p, made, (uint32_t)n) : MIEN_OK;
    if (status == MIEN_OK) {
        status = append_all(p, made, items, n);
    }
    p->depth -= n;
    return status == MIEN_OK ? push(p, made) : status;
}

static mien_status op_tuple(mien_pickle *p, size_t n) {
    mien_pickle_value **items;
    mien_status status = peek(p, n, &items);
    return status == MIEN_OK ? collect(p, MIEN_PICKLE_TUPLE, items, n) : status;
}

static mien_status op_collect(mien_pickle *p, size_t kind) {
    mien_pickle_value **items;
    size_t n;
    mien_status status = above_mark(p, &items, &n);
    return status == MIEN_OK ? collect(p, (mien_pickle_kind)kind, items, n) : status;
}

/* Moves the top n values into the container of this kind below them. */
static mien_status move_into(mien_pickle *p, mien_pickle_kind kind, size_t n) {
    mien_pickle_value **values;
    mien_status status = peek(p, n + 1, &values);
    if (status != MIEN_OK) {
        return status;
    }
    if (values[0]->kind != kind || (kind == MIEN_PICKLE_DICT && n % 2 != 0)) {
        return bad(p, kind == MIEN_PICKLE_DICT ? "items for what is no dictionary"
                                               : "items for what is no list");
    }
    status = append_all(p, values[0], values + 1, n);
    p->depth -= n;
    return status;
}

static mien_status op_add(mien_pickle *p, size_t kind) {
    return move_into(
        p, (mien_pickle_kind)kind, (mien_pickle_kind)kind == MIEN_PICKLE_DICT ? 2 : 1);
}

static mien_status op_add_many(mien_pickle *p, size_t kind) {
    mien_pickle_value **items;
    size_t n;
    mien_status status = above_mark(p, &items, &n);
    return status == MIEN_OK ? move_into(p, (mien_pickle_kind)kind, n) : status;
}

/* ---- stack and memo -----------------------------------------------------------------
 */

static mien_status op_mark(mien_pickle *p, size_t width) {
    (void)width;
    mien_status status =
        grow(&p->marks, p->mark_count, &p->mark_room, sizeof *p->marks);
    if (status == MIEN_OK) {
        p->marks[p->mark_count++] = p->depth;
    }
    return status;
}

static mien_status op_pop(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **top;
    mien_status status = peek(p, 1, &top);
    p->depth -= status == MIEN_OK;
    return status;
}

static mien_status op_pop_mark(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **items;
    size_t n;
    mien_status status = above_mark(p, &items, &n);
    if (status == MIEN_OK) {
        p->depth -= n;
    }
    return status;
}

static mien_status op_dup(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **top;
    mien_status status = peek(p, 1, &top);
    return status == MIEN_OK ? push(p, top[0]) : status;
}

/* Python numbers the memo from 0 on: a larger number is no memo but an attack on
 * memory. */
static mien_status put(mien_pickle *p, uint64_t at) {
    mien_pickle_value **top;
    mien_status status = peek(p, 1, &top);
    if (status == MIEN_OK && at > (uint64_t)p->steps) {
        status = bad(p, "a memo number far beyond the others");
    }
    if (status == MIEN_OK) {
        status = grow(&p->memo, (size_t)at, &p->memo_room, sizeof *p->memo);
    }
    if (status == MIEN_OK) {
        p->memo_count += !p->memo[at];
        p->memo[at] = top[0];
    }
    return status;
}

static mien_status get(mien_pickle *p, uint64_t at) {
    if (at >= p->memo_room || !p->memo[at]) {
        return bad(p, "a memo number that was never set");
    }
    return push(p, p->memo[at]);
}

static mien_status op_put(mien_pickle *p, size_t width) {
    uint64_t at;
    mien_status status = take_number(p, width, &at);
    return status == MIEN_OK ? put(p, at) : status;
}

static mien_status op_get(mien_pickle *p, size_t width) {
    uint64_t at;
    mien_status status = take_number(p, width, &at);
    return status == MIEN_OK ? get(p, at) : status;
}

static mien_status op_line_memo(mien_pickle *p, size_t is_put) {
    char text[64];
    int64_t at;
    mien_status status = take_short_line(p, text);
    if (status != MIEN_OK) {
        return status;
    }
    if (!mien_parse_int(text, &at) || at < 0) {
        return bad(p, "a memo number that is none");
    }
    return is_put ? put(p, (uint64_t)at) : get(p, (uint64_t)at);
}

static mien_status op_memoize(mien_pickle *p, size_t width) {
    (void)width;
    return put(p, p->memo_count);
}

/* ---- names, calls, stored objects
 * ---------------------------------------------------- */

/* "module.name" of a class that the owner does not know. */
static mien_status push_class(
    mien_pickle *p, const mien_pickle_value *module, const mien_pickle_value *name) {
    size_t length = module->length + 1 + name->length;
    if (length > NAME_MAX) {
        return mien_pickle_fail(p, MIEN_ELIMIT, "a name of more than 512 bytes");
    }
    char *text = mien_pickle_alloc(p, length);
    mien_pickle_value *value = mien_pickle_new(p, MIEN_PICKLE_CLASS);
    if (!text || !value) {
        return MIEN_ENOMEM;
    }
    if (module->length > 0) {
        memcpy(text, module->bytes, module->length);
    }
    text[module->length] = '.';
    if (name->length > 0) {
        memcpy(text + module->length + 1, name->bytes, name->length);
    }
    value->bytes = (const unsigned char *)text;
    value->length = length;
    return push(p, value);
}

static mien_status push_name(
    mien_pickle *p, const mien_pickle_value *module, const mien_pickle_value *name) {
    int64_t number = p->rules->name(module, name);
    return number >= 0 ? push_int(p, MIEN_PICKLE_NAME, number)
                       : push_class(p, module, name);
}

static mien_status op_global(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value module = {.kind = MIEN_PICKLE_TEXT}, name = module;
    mien_status status = take_line(p, &module.bytes, &module.length);
    if (status == MIEN_OK) {
        status = take_line(p, &name.bytes, &name.length);
    }
    return status == MIEN_OK ? push_name(p, &module, &name) : status;
}

static mien_status op_stack_global(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **names;
    mien_status status = peek(p, 2, &names);
    if (status != MIEN_OK) {
        return status;
    }
    if (names[0]->kind != MIEN_PICKLE_TEXT || names[1]->kind != MIEN_PICKLE_TEXT) {
        return bad(p, "a name that is no text");
    }
    p->depth -= 2;
    return push_name(p, names[0], names[1]);
}

static mien_status fail_call(const mien_pickle *p, const mien_pickle_value *of) {
    char text[192];
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: the file asks to call %s, which is not done (nothing was executed): only "
        "tensors, plain values and whole modules are read. The weights alone can be "
        "saved by torch.save(model.state_dict())",
        p->file, mien_pickle_print(of, text, sizeof text));
}

static mien_status op_reduce(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **values, *result = NULL;
    mien_status status = peek(p, 2, &values);
    if (status != MIEN_OK) {
        return status;
    }
    if (values[0]->kind == MIEN_PICKLE_CLASS) {
        return fail_call(p, values[0]);
    }
    if (values[0]->kind != MIEN_PICKLE_NAME || values[1]->kind != MIEN_PICKLE_TUPLE) {
        return bad(p, "a call of what cannot be called");
    }
    status = p->rules->call(p, values[0]->i, values[1], &result);
    p->depth -= 2;
    return status == MIEN_OK ? push(p, result) : status;
}

/* An instance as Python's copyreg.__newobj__ makes it: without arguments, so that only
 * what is set afterwards counts. */
static mien_status op_newobj(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **values;
    mien_status status = peek(p, 2, &values);
    if (status != MIEN_OK) {
        return status;
    }
    if (values[0]->kind != MIEN_PICKLE_CLASS || values[1]->kind != MIEN_PICKLE_TUPLE) {
        return bad(p, "an instance of what is no class");
    }
    if (values[1]->count > 0) {
        return fail_call(p, values[0]);
    }
    mien_pickle_instance *made = mien_pickle_alloc(p, sizeof *made);
    mien_pickle_value *value = mien_pickle_new(p, MIEN_PICKLE_INSTANCE);
    if (!made || !value) {
        return MIEN_ENOMEM;
    }
    made->of = values[0];
    value->object = made;
    p->depth -= 2;
    return push(p, value);
}

/* Keeps the state that an instance is set to, once. The state of an OrderedDict
 * (torch keeps versions of its modules there) says nothing about the values. */
static mien_status op_build(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **values;
    mien_status status = peek(p, 2, &values);
    if (status != MIEN_OK) {
        return status;
    }
    if (values[0]->kind == MIEN_PICKLE_INSTANCE) {
        mien_pickle_instance *of = values[0]->object;
        if (of->state || values[1]->kind != MIEN_PICKLE_DICT) {
            return mien_pickle_fail(p, MIEN_EUNSUPPORTED,
                "the state of an instance is no dictionary, or is set twice");
        }
        of->state = values[1];
    } else if (values[0]->kind != MIEN_PICKLE_DICT &&
               values[0]->kind != MIEN_PICKLE_OPAQUE) {
        return mien_pickle_fail(
            p, MIEN_EUNSUPPORTED, "BUILD sets the state of what is no dictionary");
    }
    p->depth--;
    return MIEN_OK;
}

static mien_status op_stored(mien_pickle *p, size_t width) {
    (void)width;
    mien_pickle_value **id, *result = NULL;
    mien_status status = peek(p, 1, &id);
    if (status == MIEN_OK) {
        status = p->rules->stored(p, id[0], &result);
        p->depth--;
    }
    return status == MIEN_OK ? push(p, result) : status;
}

static mien_status op_protocol(mien_pickle *p, size_t width) {
    uint64_t version;
    mien_status status = take_number(p, width, &version);
    if (status == MIEN_OK && version > 5) {
        status = mien_pickle_fail(p, MIEN_EUNSUPPORTED, "a protocol later than 5");
    }
    return status;
}

static mien_status op_frame(mien_pickle *p, size_t width) {
    uint64_t length;
    mien_status status = take_number(p, width, &length);
    if (status == MIEN_OK && length > p->count - p->next) {
        status = bad(p, "the stream ends too early (truncated?)");
    }
    return status;
}

/* ---- the table
 * ------------------------------------------------------------------------ */

static const operation operations[256] = {
    [0x80] = {"PROTO", op_protocol, 1},
    [0x95] = {"FRAME", op_frame, 8},
    ['N'] = {"NONE", op_none, 0},
    [0x88] = {"NEWTRUE", op_bool, 1},
    [0x89] = {"NEWFALSE", op_bool, 0},
    ['K'] = {"BININT1", op_int, 1},
    ['M'] = {"BININT2", op_int, 2},
    ['J'] = {"BININT", op_int, 4},
    [0x8a] = {"LONG1", op_long, 1},
    [0x8b] = {"LONG4", op_long, 4},
    ['I'] = {"INT", op_line_int, 0},
    ['L'] = {"LONG", op_line_int, 0},
    ['F'] = {"FLOAT", op_line_float, 0},
    ['G'] = {"BINFLOAT", op_float, 8},
    [0x8c] = {"SHORT_BINUNICODE", op_text, 1},
    ['X'] = {"BINUNICODE", op_text, 4},
    [0x8d] = {"BINUNICODE8", op_text, 8},
    ['U'] = {"SHORT_BINSTRING", op_text, 1},
    ['T'] = {"BINSTRING", op_text, 4},
    ['C'] = {"SHORT_BINBYTES", op_bytes, 1},
    ['B'] = {"BINBYTES", op_bytes, 4},
    [0x8e] = {"BINBYTES8", op_bytes, 8},
    [')'] = {"EMPTY_TUPLE", op_empty, MIEN_PICKLE_TUPLE},
    [']'] = {"EMPTY_LIST", op_empty, MIEN_PICKLE_LIST},
    ['}'] = {"EMPTY_DICT", op_empty, MIEN_PICKLE_DICT},
    [0x85] = {"TUPLE1", op_tuple, 1},
    [0x86] = {"TUPLE2", op_tuple, 2},
    [0x87] = {"TUPLE3", op_tuple, 3},
    ['t'] = {"TUPLE", op_collect, MIEN_PICKLE_TUPLE},
    ['l'] = {"LIST", op_collect, MIEN_PICKLE_LIST},
    ['d'] = {"DICT", op_collect, MIEN_PICKLE_DICT},
    ['a'] = {"APPEND", op_add, MIEN_PICKLE_LIST},
    ['e'] = {"APPENDS", op_add_many, MIEN_PICKLE_LIST},
    ['s'] = {"SETITEM", op_add, MIEN_PICKLE_DICT},
    ['u'] = {"SETITEMS", op_add_many, MIEN_PICKLE_DICT},
    ['('] = {"MARK", op_mark, 0},
    ['0'] = {"POP", op_pop, 0},
    ['1'] = {"POP_MARK", op_pop_mark, 0},
    ['2'] = {"DUP", op_dup, 0},
    ['q'] = {"BINPUT", op_put, 1},
    ['r'] = {"LONG_BINPUT", op_put, 4},
    ['h'] = {"BINGET", op_get, 1},
    ['j'] = {"LONG_BINGET", op_get, 4},
    ['p'] = {"PUT", op_line_memo, 1},
    ['g'] = {"GET", op_line_memo, 0},
    [0x94] = {"MEMOIZE", op_memoize, 0},
    ['c'] = {"GLOBAL", op_global, 0},
    [0x93] = {"STACK_GLOBAL", op_stack_global, 0},
    ['R'] = {"REDUCE", op_reduce, 0},
    ['b'] = {"BUILD", op_build, 0},
    ['Q'] = {"BINPERSID", op_stored, 0},
    [0x81] = {"NEWOBJ", op_newobj, 0},
    /* sets are lists: nothing asks whether one repeats a value */
    [0x8f] = {"EMPTY_SET", op_empty, MIEN_PICKLE_LIST},
    [0x90] = {"ADDITEMS", op_add_many, MIEN_PICKLE_LIST},
    [0x91] = {"FROZENSET", op_collect, MIEN_PICKLE_LIST},
    [0x96] = {"BYTEARRAY8", op_bytes, 8},
    /* known and refused */
    ['P'] = {"PERSID", NULL, 0},
    ['i'] = {"INST", NULL, 0},
    ['o'] = {"OBJ", NULL, 0},
    [0x92] = {"NEWOBJ_EX", NULL, 0},
    [0x82] = {"EXT1", NULL, 0},
    [0x83] = {"EXT2", NULL, 0},
    [0x84] = {"EXT4", NULL, 0},
    [0x97] = {"NEXT_BUFFER", NULL, 0},
    [0x98] = {"READONLY_BUFFER", NULL, 0},
    ['S'] = {"STRING", NULL, 0},
    ['V'] = {"UNICODE", NULL, 0},
};

static mien_status run_one(mien_pickle *p, unsigned char code) {
    const operation *found = &operations[code];
    if (!found->name) {
        return mien_fail(MIEN_EFORMAT, "%s: pickle, byte %zu: 0x%02x is no operation",
            p->file, p->next - 1, code);
    }
    if (!found->run) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: pickle, byte %zu: operation %s is not allowed", p->file, p->next - 1,
            found->name);
    }
    mien_status status = mien_pickle_step(p, 1);
    return status == MIEN_OK ? found->run(p, found->width) : status;
}

mien_status mien_pickle_run(mien_pickle *p, const mien_pickle_value **value) {
    p->depth = 0;
    p->mark_count = 0;
    p->memo_count = 0;
    if (p->memo_room > 0) {
        memset(p->memo, 0, p->memo_room * sizeof *p->memo);
    }
    for (;;) {
        const unsigned char *code;
        mien_status status = take(p, 1, &code);
        if (status == MIEN_OK && *code == '.') {
            break;
        }
        if (status == MIEN_OK) {
            status = run_one(p, *code);
        }
        if (status != MIEN_OK) {
            return status == MIEN_ENOMEM ? no_memory(p) : status;
        }
    }
    if (p->depth != 1 || p->mark_count != 0) {
        return bad(p, "the stream does not end with one value");
    }
    *value = p->stack[0];
    return MIEN_OK;
}

void mien_pickle_clear(mien_pickle *p) {
    mien_free(p->stack);
    mien_free(p->marks);
    mien_free(p->memo);
    p->stack = p->memo = NULL;
    p->marks = NULL;
    p->stack_room = p->mark_room = p->memo_room = 0;
}

bool mien_pickle_is(const mien_pickle_value *value, const char *text) {
    size_t length = strlen(text);
    return value->kind == MIEN_PICKLE_TEXT && value->length == length &&
           !memcmp(value->bytes, text, length);
}

const char *mien_pickle_print(
    const mien_pickle_value *value, char *buffer, size_t size) {
    size_t n = value->length < size - 1 ? value->length : size - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = value->bytes[i];
        buffer[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    buffer[n] = 0;
    return buffer;
}
