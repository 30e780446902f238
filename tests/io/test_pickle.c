/* SPDX-License-Identifier: MIT */
/* The pickle machine: every operation it knows, and everything it must refuse. */
#include "support/support.h"

#include "io/torch.h"

#include <stdlib.h>
#include <string.h>

typedef struct machine {
    mien_archive archive;
    mien_torch torch;
    unsigned char *bytes; /* exactly as long as the stream: the sanitizer sees more */
} machine;

static mien_status start(
    machine *m, const void *bytes, size_t count, const mien_pickle_value **value) {
    *m = (machine){.archive = {.path = (char *)"p"}};
    m->bytes = malloc(count ? count : 1);
    memcpy(m->bytes, bytes, count);
    mien_status status = mien_arena_new(4096, &m->archive.arena);
    mien_torch_init(&m->torch, &m->archive, m->bytes, count);
    return status == MIEN_OK ? mien_pickle_run(&m->torch.pickle, value) : status;
}

static void stop(machine *m) {
    mien_torch_clear(&m->torch);
    mien_index_clear(&m->archive.index);
    mien_free(m->archive.entries);
    mien_arena_free(&m->archive.arena);
    free(m->bytes);
}

/* Adds a value as Python would print it (roughly). */
static void show(mien_string *out, const mien_pickle_value *v) {
    char text[200];
    const char *brackets = v->kind == MIEN_PICKLE_TUPLE  ? "()"
                           : v->kind == MIEN_PICKLE_LIST ? "[]"
                                                         : "{}";
    switch (v->kind) {
    case MIEN_PICKLE_NONE:
        mien_string_add(out, "None");
        return;
    case MIEN_PICKLE_BOOL:
        mien_string_add(out, v->i ? "True" : "False");
        return;
    case MIEN_PICKLE_INT:
        mien_string_addf(out, "%lld", (long long)v->i);
        return;
    case MIEN_PICKLE_FLOAT:
        mien_string_addf(out, "%g", v->x);
        return;
    case MIEN_PICKLE_LONG:
        mien_string_addf(out, "long%zu", v->length);
        return;
    case MIEN_PICKLE_TEXT:
    case MIEN_PICKLE_BYTES:
        mien_string_add(out, v->kind == MIEN_PICKLE_BYTES ? "b" : "");
        mien_string_addf(out, "'%s'", mien_pickle_print(v, text, sizeof text));
        return;
    case MIEN_PICKLE_TUPLE:
    case MIEN_PICKLE_LIST:
    case MIEN_PICKLE_DICT:
        break;
    default:
        mien_string_add(out, "?");
        return;
    }
    mien_string_addf(out, "%c", brackets[0]);
    for (uint32_t i = 0; i < v->count; i++) {
        mien_string_add(out, i ? "," : "");
        show(out, v->items[i]);
    }
    mien_string_addf(out, "%c", brackets[1]);
}

static void assert_value(const char *bytes, size_t count, const char *want) {
    machine m;
    const mien_pickle_value *value = NULL;
    assert_good(start(&m, bytes, count, &value));
    mien_string got;
    mien_string_init(&got);
    show(&got, value);
    assert_string_equal(got.text, want);
    mien_string_clear(&got);
    stop(&m);
}

static void assert_stops(
    const char *bytes, size_t count, mien_status status, const char *part) {
    machine m;
    const mien_pickle_value *value = NULL;
    assert_fails(start(&m, bytes, count, &value), status, part);
    stop(&m);
}

#define VALUE(stream, want) assert_value(stream, sizeof(stream) - 1, want)
#define STOPS(stream, status, part)                                                    \
    assert_stops(stream, sizeof(stream) - 1, status, part)

static void numbers_read_in_every_form(void **state) {
    (void)state;
    VALUE("K\xff.", "255");
    VALUE("M\xff\xff.", "65535");
    VALUE("J\xff\xff\xff\xff.", "-1");
    VALUE("\x8a\0.", "0");
    VALUE("\x8a\1\x80.", "-128");
    VALUE("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", "9223372036854775807");
    VALUE("\x8b\2\0\0\0\0\1.", "256");
    VALUE("\x8a\x09\1\1\1\1\1\1\1\1\1.", "long9");
    VALUE("G\x3f\xf8\0\0\0\0\0\0.", "1.5");
    VALUE("I-12\n.", "-12");
    VALUE("I01\n.", "True");
    VALUE("L12L\n.", "12");
    VALUE("F2.5\n.", "2.5");
    STOPS("Ix\n.", MIEN_EFORMAT, "number");
    STOPS("I12", MIEN_EFORMAT, "truncated");
    STOPS("F\n.", MIEN_EFORMAT, "number");
}

static void texts_and_containers_read(void **state) {
    (void)state;
    VALUE("\x80\2}q\0(X\1\0\0\0aK\1U\1bK\2u.", "{'a',1,'b',2}");
    VALUE("\x80\4\x95\2\0\0\0\0\0\0\0].", "[]");
    VALUE("](K\1K\2e.", "[1,2]");
    VALUE("]K\1a.", "[1]");
    VALUE("}K\1K\2s.", "{1,2}");
    VALUE("(K\1K\2t.", "(1,2)");
    VALUE("(K\1K\2l.", "[1,2]");
    VALUE("(K\1K\2d.", "{1,2}");
    VALUE("(t.", "()");
    VALUE("K\1K\2K\3\x87.", "(1,2,3)");
    VALUE("K\1K\2\x86\x85.", "((1,2))");
    VALUE("N\x88\x89\x87.", "(None,True,False)");
    VALUE("C\2xyB\1\0\0\0z\x86.", "(b'xy',b'z')");
    VALUE("\x8c\1a\x8d\1\0\0\0\0\0\0\0bT\1\0\0\0c\x87.", "('a','b','c')");
    VALUE("K\1K\2(K\3K\4"
          "10\x85.",
        "(1)");
    VALUE("K\1"
          "2\x86.",
        "(1,1)");
}

static void the_memo_gives_back_what_was_put(void **state) {
    (void)state;
    VALUE("K\5q\0K\6q\1h\0h\1\x86\x86\x86.", "(5,(6,(5,6)))");
    VALUE("K\5\x94K\6\x94h\1\x86\x86.", "(5,(6,6))");
    VALUE("K\5p0\ng0\n\x86.", "(5,5)");
    VALUE("K\5r\0\0\0\0j\0\0\0\0\x86.", "(5,5)");
    STOPS("h\0.", MIEN_EFORMAT, "never set");
    STOPS("K\1r\xff\xff\xff\xff.", MIEN_EFORMAT, "far beyond");
    STOPS("K\1p99999999999\n.", MIEN_EFORMAT, "far beyond");
    STOPS("K\1p-1\n.", MIEN_EFORMAT, "none");
    STOPS("q\0.", MIEN_EFORMAT, "too short");
}

static void a_broken_stack_is_refused(void **state) {
    (void)state;
    STOPS(".", MIEN_EFORMAT, "one value");
    STOPS("K\1K\2.", MIEN_EFORMAT, "one value");
    STOPS("K\1(.", MIEN_EFORMAT, "one value");
    STOPS("0.", MIEN_EFORMAT, "too short");
    STOPS("t.", MIEN_EFORMAT, "no mark");
    STOPS("K\1(0.", MIEN_EFORMAT, "too short");
    STOPS("K\1(\x85.", MIEN_EFORMAT, "too short");
    STOPS("](K\1s.", MIEN_EFORMAT, "too short");
    STOPS("K\1(K\1e.", MIEN_EFORMAT, "no list");
    STOPS("](K\1K\2u.", MIEN_EFORMAT, "no dictionary");
    STOPS("}(K\1u.", MIEN_EFORMAT, "no dictionary");
    STOPS("(K\1d.", MIEN_EFORMAT, "without a value");
    STOPS("X\xff\xff\xff\x7f"
          "ab",
        MIEN_EFORMAT, "truncated");
    STOPS("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
          "ab",
        MIEN_EFORMAT, "truncated");
    STOPS("\x95\xff\xff\xff\xff\xff\xff\xff\xff", MIEN_EFORMAT, "truncated");
    STOPS("\x80\6.", MIEN_EUNSUPPORTED, "protocol");
    STOPS("\x01", MIEN_EFORMAT, "0x01 is no operation");
}

static void names_outside_the_list_are_never_called(void **state) {
    (void)state;
    STOPS("cos\nsystem\n(X\4\0\0\0truetR.", MIEN_EUNSUPPORTED, "os.system");
    STOPS("cposix\nsystem\n)R.", MIEN_EUNSUPPORTED, "posix.system");
    STOPS("\x8c\x08"
          "builtins\x8c\4eval\x93)R.",
        MIEN_EUNSUPPORTED, "builtins.eval");
    STOPS("c__builtin__\nexec\n)R.", MIEN_EUNSUPPORTED, "__builtin__.exec");
    STOPS("ctorch._utils\n_rebuild_tensor_v2.__globals__\n)R.", MIEN_EUNSUPPORTED,
        "__globals__");
    STOPS("ctorch\nload\n)R.", MIEN_EUNSUPPORTED, "torch.load");
    STOPS("ctorch\x1b[2J\nx\n)R.", MIEN_EUNSUPPORTED, "torch?[2J.x");
    STOPS("csubprocess\nPopen\n(X\4\0\0\0truet\x81.", MIEN_EUNSUPPORTED,
        "subprocess.Popen");
    STOPS("K\1K\2\x93.", MIEN_EFORMAT, "no text");
    STOPS("cos\nsystem", MIEN_EFORMAT, "truncated");
    VALUE("cos\nsystem\n.", "?"); /* a name alone does nothing */
}

static void a_name_has_a_limit(void **state) {
    (void)state;
    char stream[1100] = "c";
    memset(stream + 1, 'x', 600);
    strcpy(stream + 601, "\nX\n.");
    assert_stops(stream, strlen(stream), MIEN_ELIMIT, "512 bytes");
}

static void instances_keep_their_state_and_nothing_else(void **state) {
    (void)state;
    VALUE("cnn\nNet\n)\x81}X\1\0\0\0aK\1sb.", "?");
    STOPS("cnn\nNet\n)\x81}b}b.", MIEN_EUNSUPPORTED, "set twice");
    STOPS("cnn\nNet\n)\x81]b.", MIEN_EUNSUPPORTED, "no dictionary");
    STOPS("cnn\nNet\n]\x81.", MIEN_EFORMAT, "what is no class");
    STOPS("ccollections\nOrderedDict\n)\x81.", MIEN_EFORMAT, "what is no class");
    STOPS("K\1)\x81.", MIEN_EFORMAT, "what is no class");
}

static void operations_that_make_objects_are_refused(void **state) {
    (void)state;
    STOPS("(ios\nsystem\n.", MIEN_EUNSUPPORTED, "INST");
    STOPS("(o.", MIEN_EUNSUPPORTED, "OBJ");
    STOPS("\x82\1.", MIEN_EUNSUPPORTED, "EXT1");
    STOPS("P0\n.", MIEN_EUNSUPPORTED, "PERSID");
    STOPS("]}b.", MIEN_EUNSUPPORTED, "BUILD");
    STOPS("K\1)R.", MIEN_EFORMAT, "cannot be called");
    STOPS("ccollections\nOrderedDict\nK\1R.", MIEN_EFORMAT, "cannot be called");
    STOPS("ctorch\nFloatStorage\n)R.", MIEN_EFORMAT, "bad call of torch.FloatStorage");
}

static void dictionaries_of_collections_are_made(void **state) {
    (void)state;
    VALUE("ccollections\nOrderedDict\n)R}X\1\0\0\0xK\1sb.", "{}");
    VALUE("ccollections\nOrderedDict\n]K\1K\2\x86"
          "a\x85R.",
        "{1,2}");
    STOPS("ccollections\nOrderedDict\nK\1\x85R.", MIEN_EFORMAT, "bad OrderedDict");
    STOPS("ccollections\nOrderedDict\n]K\1a\x85R.", MIEN_EFORMAT, "bad OrderedDict");
}

/* ('storage', FloatStorage, 'k', 'cpu', count) as a stored object */
#define STORAGE(count)                                                                 \
    "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpu" count "tQ"
#define TENSOR(count, offset, size, stride)                                            \
    "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE(count) offset size stride           \
        "\x89"                                                                         \
        "ccollections\nOrderedDict\n)RtR."

static void tensors_stay_inside_their_storage(void **state) {
    (void)state;
    VALUE(TENSOR("K\6", "K\0", "K\2K\3\x86", "K\3K\1\x86"), "?");
    VALUE(TENSOR("K\6", "K\5", ")", ")"), "?");
    VALUE(TENSOR("K\0", "K\0", "K\0\x85", "K\1\x85"), "?");
    STOPS(TENSOR("K\5", "K\0", "K\2K\3\x86", "K\3K\1\x86"), MIEN_EFORMAT, "beyond");
    STOPS(TENSOR("K\6", "K\1", "K\2K\3\x86", "K\3K\1\x86"), MIEN_EFORMAT, "beyond");
    STOPS(TENSOR("K\6", "K\6", ")", ")"), MIEN_EFORMAT, "beyond");
    STOPS(TENSOR("K\6", "J\xff\xff\xff\xff", ")", ")"), MIEN_EFORMAT, "beyond");
    STOPS(TENSOR("K\6", "J\xff\xff\xff\xff", "K\0\x85", "K\1\x85"), MIEN_EFORMAT,
        "beyond");
    STOPS(TENSOR("K\6", "K\5", "K\2\x85", "J\xff\xff\xff\xff\x85"), MIEN_EFORMAT,
        "negative");
    STOPS(TENSOR("K\6", "K\0", "J\xff\xff\xff\xff\x85", "K\1\x85"), MIEN_EFORMAT,
        "negative");
    STOPS(TENSOR("J\xff\xff\xff\xff", "K\0", ")", ")"), MIEN_EFORMAT, "bad storage");
    STOPS(TENSOR("K\6", "K\0", "K\2K\3\x86", "K\3\x85"), MIEN_EFORMAT, "bad tensor");
    STOPS(TENSOR("K\6", "K\0", "]", "]"), MIEN_EFORMAT, "bad tensor");
    STOPS(TENSOR("K\6", "K\0", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t",
              "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t"),
        MIEN_EUNSUPPORTED, "8 dimensions");
#define HUGE "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
    STOPS(TENSOR("K\6", "K\1", HUGE "\x85", "K\1\x85"), MIEN_EFORMAT, "beyond");
    STOPS(TENSOR("K\6", "K\1", "K\3\x85", HUGE "\x85"), MIEN_EFORMAT, "beyond");
    STOPS(TENSOR("K\6", "K\0", HUGE "\x85", "K\0\x85"), MIEN_ELIMIT, "repeated values");
    STOPS(TENSOR("K\6", "K\0", "J\0\0\0\1\x85", "K\0\x85"), MIEN_ELIMIT,
        "repeated values");
    STOPS("K\1Q.", MIEN_EUNSUPPORTED, "no storage");
    STOPS("(X\6\0\0\0modulectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\1tQ.",
        MIEN_EUNSUPPORTED, "no storage");
    STOPS("(X\7\0\0\0storageccollections\nOrderedDict\nX\1\0\0\0kX\3\0\0\0cpuK\1tQ.",
        MIEN_EFORMAT, "bad storage");
    STOPS(STORAGE("K\6") STORAGE("K\7") "\x86.", MIEN_EFORMAT, "two types or sizes");
}

static void views_of_legacy_storages_stay_inside_them(void **state) {
    (void)state;
    VALUE("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\6"
          "X\1\0\0\0vK\2K\4\x87tQ.",
        "?");
    STOPS("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\6"
          "X\1\0\0\0vK\3K\4\x87tQ.",
        MIEN_EFORMAT, "view beyond");
    STOPS("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\6"
          "K\1tQ.",
        MIEN_EFORMAT, "bad view");
}

static mien_status list_stream(const void *bytes, size_t count) {
    machine m;
    const mien_pickle_value *value;
    mien_status status = start(&m, bytes, count, &value);
    if (status == MIEN_OK) {
        status = mien_torch_list(&m.torch, &m.archive, value);
    }
    stop(&m);
    return status;
}

static void deep_and_cyclic_values_end(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    char *stream = malloc(3 * DEPTH + 1);
    memset(stream, ']', DEPTH);
    memset(stream + DEPTH, 'a', DEPTH - 1);
    stream[2 * DEPTH - 1] = '.';
    assert_fails(list_stream(stream, 2 * DEPTH), MIEN_ELIMIT, "deeper than 32");
    free(stream);
    static const char cycle[] = "]q\0h\0a.";
    assert_fails(list_stream(cycle, sizeof cycle - 1), MIEN_EFORMAT, "contains itself");
#define EMPTY_MODULE                                                                   \
    "cnn\nNet\n)\x81q\0}X\x0b\0\0\0_parameters}sX\x08\0\0\0_buffers}sX\x08\0\0\0_"     \
    "modules"
    static const char own[] = EMPTY_MODULE "}X\1\0\0\0ah\0ssb.";
    assert_fails(list_stream(own, sizeof own - 1), MIEN_EFORMAT, "contains itself");
    static const char odd[] = EMPTY_MODULE "}X\1\0\0\0aK\1ssb.";
    assert_fails(list_stream(odd, sizeof odd - 1), MIEN_EFORMAT, "no module");
    static const char empty[] = EMPTY_MODULE "}sb.";
    assert_fails(list_stream(empty, sizeof empty - 1), MIEN_EFORMAT, "no tensors");
    static const char nothing[] = "}X\1\0\0\0aK\1s.";
    assert_fails(list_stream(nothing, sizeof nothing - 1), MIEN_EFORMAT, "no tensors");
}

/* Each list holds the one before it ten times: 10^30 items, were all visited. */
static void lists_that_multiply_end(void **state) {
    (void)state;
    mien_string s;
    mien_string_init(&s);
    mien_string_add_n(&s, "]q\0", 3);
    for (int level = 1; level <= 30; level++) {
        char put[] = {'q', (char)level}, get[] = {'h', (char)(level - 1)};
        mien_string_add(&s, "](");
        for (int i = 0; i < 10; i++) {
            mien_string_add_n(&s, get, 2);
        }
        mien_string_add_n(&s, "e", 1);
        mien_string_add_n(&s, put, 2);
    }
    for (int i = 0; i < 30; i++) {
        mien_string_add(&s, "\x86");
    }
    mien_string_add(&s, ".");
    assert_fails(list_stream(s.text, s.length), MIEN_ELIMIT, "steps");
    mien_string_clear(&s);
}

/* head, then what is repeated until there are count bytes. */
static void assert_repeated_stops(const char *head, size_t head_length,
    const char *again, size_t count, const char *part) {
    size_t each = strlen(again);
    char *stream = malloc(count + each);
    memcpy(stream, head, head_length);
    for (size_t i = head_length; i < count; i += each) {
        memcpy(stream + i, again, each);
    }
    assert_stops(stream, count, MIEN_ELIMIT, part);
    free(stream);
}

static void too_many_steps_end(void **state) {
    (void)state;
    assert_repeated_stops(
        "Np1\n", 4, "g1\n0", 2 * (MIEN_PICKLE_STEPS_MAX + 10), "steps");
}

static void too_many_values_end(void **state) {
    (void)state;
    assert_repeated_stops("", 0, "N0", 8 << 20, "64 MiB");
    assert_repeated_stops(")", 1, "\x85", 4 << 20, "64 MiB");
}

static void a_stream_cut_anywhere_is_refused(void **state) {
    (void)state;
    static const char stream[] = TENSOR("K\6", "K\0", "K\2K\3\x86", "K\3K\1\x86");
    for (size_t n = 0; n < sizeof stream - 1; n++) {
        assert_stops(stream, n, MIEN_EFORMAT, "p: pickle");
    }
}

static void names_are_joined_or_refused(void **state) {
    (void)state;
    static const char plain[] = "}X\1\0\0\0a](K\1es.";
    assert_fails(list_stream(plain, sizeof plain - 1), MIEN_EFORMAT, "no tensors");
    static const char key[] = "}N]s.";
    assert_fails(list_stream(key, sizeof key - 1), MIEN_EUNSUPPORTED, "neither");
}

static mien_status run_all(void *context) {
    static const char stream[] =
        "}X\1\0\0\0a" TENSOR("K\6", "K\0", "K\2K\3\x86", "K\3K\1\x86");
    char dictionary[sizeof stream + 1];
    (void)context;
    memcpy(dictionary, stream, sizeof stream);
    memcpy(dictionary + sizeof stream - 2, "s.", 2); /* the tensor's own end goes */
    return list_stream(dictionary, sizeof stream);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(run_all, NULL, 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_in_every_form),
        cmocka_unit_test(texts_and_containers_read),
        cmocka_unit_test(the_memo_gives_back_what_was_put),
        cmocka_unit_test(a_broken_stack_is_refused),
        cmocka_unit_test(names_outside_the_list_are_never_called),
        cmocka_unit_test(a_name_has_a_limit),
        cmocka_unit_test(instances_keep_their_state_and_nothing_else),
        cmocka_unit_test(operations_that_make_objects_are_refused),
        cmocka_unit_test(dictionaries_of_collections_are_made),
        cmocka_unit_test(tensors_stay_inside_their_storage),
        cmocka_unit_test(views_of_legacy_storages_stay_inside_them),
        cmocka_unit_test(deep_and_cyclic_values_end),
        cmocka_unit_test(lists_that_multiply_end),
        cmocka_unit_test(too_many_steps_end),
        cmocka_unit_test(too_many_values_end),
        cmocka_unit_test(a_stream_cut_anywhere_is_refused),
        cmocka_unit_test(names_are_joined_or_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
