/* SPDX-License-Identifier: MIT */
/* Timeline files, letter by letter. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "predict/timeline.h"

static const mien_target targets[2] = {{.name = "valence", .minimum = 1, .maximum = 7},
    {.name = "arousal", .minimum = 1, .maximum = 7}};

/* Two moments with a gap between them, and one past the hour. */
static const mien_prediction moments[3] = {
    {.start_s = 0.5, .end_s = 1, .targets_count = 2, .value = {4.125, 3}},
    {.start_s = 1.25, .end_s = 2.0005, .targets_count = 2, .value = {1, 6.9994}},
    {.start_s = 3723.0, .end_s = 3724.9996, .targets_count = 2, .value = {2.5, 2.25}}};

static void assert_written(const char *format, const char *film, double duration_s,
    const mien_prediction *list, int64_t count, const char *want) {
    mien_string text;
    mien_string_init(&text);
    const mien_timeline_format *f = mien_timeline_format_find(format);
    assert_non_null(f);
    assert_good(f->write(&text, film, duration_s, list, count, targets));
    assert_string_equal(text.text, want);
    mien_string_clear(&text);
}

/* A class with letters that the formats escape, and a value beside. */
static const char *const feelings[2] = {"calm", "sad & \"low\""};
static const mien_target mixed[2] = {{.name = "emotion",
                                         .link = MIEN_LINK_SOFTMAX,
                                         .classes_count = 2,
                                         .classes = feelings},
    {.name = "valence", .minimum = 1, .maximum = 7}};
static const mien_prediction felt[1] = {
    {.start_s = 0, .end_s = 1, .targets_count = 2, .choice = {1}, .value = {NAN, 4.5}}};

static void assert_says(const char *format, const char *part) {
    mien_string text;
    mien_string_init(&text);
    const mien_timeline_format *f = mien_timeline_format_find(format);
    assert_good(f->write(&text, "f.mp4", 1, felt, 1, mixed));
    if (!strstr(text.text, part)) {
        fail_msg("%s is not in %s", part, text.text);
    }
    assert_null(strstr(text.text, "nan"));
    mien_string_clear(&text);
}

static void classes_are_said_by_their_labels(void **state) {
    (void)state;
    assert_says("srt", "\nemotion sad & \"low\", valence 4.50\n");
    assert_says("vtt", "\nemotion sad & \"low\", valence 4.50\n");
    assert_says("eaf", ">sad &amp; &quot;low&quot;</ANNOTATION_VALUE>");
    assert_says("eaf", ">4.500</ANNOTATION_VALUE>");
    assert_says("textgrid", "text = \"sad & \"\"low\"\"\"\n");
    assert_says("textgrid", "text = \"4.500\"\n");
}

static void subrip_numbers_its_lines_and_uses_commas(void **state) {
    (void)state;
    assert_written("srt", "f.mp4", 4000, moments, 3,
        "1\n00:00:00,500 --> 00:00:01,000\nvalence 4.12, arousal 3.00\n\n"
        "2\n00:00:01,250 --> 00:00:02,001\nvalence 1.00, arousal 7.00\n\n"
        "3\n01:02:03,000 --> 01:02:05,000\nvalence 2.50, arousal 2.25\n\n");
}

static void webvtt_has_its_head_and_uses_points(void **state) {
    (void)state;
    assert_written("vtt", "f.mp4", 4000, moments, 1,
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.000\nvalence 4.12, arousal 3.00\n\n");
}

static void elan_has_a_tier_for_each_target(void **state) {
    (void)state;
    assert_written("eaf", "a & \"b\" <c>.mp4", 4000, moments, 2,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ANNOTATION_DOCUMENT AUTHOR=\"mien " MIEN_VERSION
        "\" DATE=\"1970-01-01T00:00:00+00:00\" FORMAT=\"3.0\" VERSION=\"3.0\">\n"
        "  <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n"
        "    <MEDIA_DESCRIPTOR MEDIA_URL=\"a &amp; &quot;b&quot; &lt;c&gt;.mp4\" "
        "MIME_TYPE=\"video/*\"/>\n"
        "  </HEADER>\n"
        "  <TIME_ORDER>\n"
        "    <TIME_SLOT TIME_SLOT_ID=\"ts1\" TIME_VALUE=\"500\"/>\n"
        "    <TIME_SLOT TIME_SLOT_ID=\"ts2\" TIME_VALUE=\"1000\"/>\n"
        "    <TIME_SLOT TIME_SLOT_ID=\"ts3\" TIME_VALUE=\"1250\"/>\n"
        "    <TIME_SLOT TIME_SLOT_ID=\"ts4\" TIME_VALUE=\"2001\"/>\n"
        "  </TIME_ORDER>\n"
        "  <TIER LINGUISTIC_TYPE_REF=\"prediction\" TIER_ID=\"valence\">\n"
        "    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a1\" "
        "TIME_SLOT_REF1=\"ts1\" TIME_SLOT_REF2=\"ts2\"><ANNOTATION_VALUE>4.125"
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        "    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a2\" "
        "TIME_SLOT_REF1=\"ts3\" TIME_SLOT_REF2=\"ts4\"><ANNOTATION_VALUE>1.000"
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        "  </TIER>\n"
        "  <TIER LINGUISTIC_TYPE_REF=\"prediction\" TIER_ID=\"arousal\">\n"
        "    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a3\" "
        "TIME_SLOT_REF1=\"ts1\" TIME_SLOT_REF2=\"ts2\"><ANNOTATION_VALUE>3.000"
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        "    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a4\" "
        "TIME_SLOT_REF1=\"ts3\" TIME_SLOT_REF2=\"ts4\"><ANNOTATION_VALUE>6.999"
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        "  </TIER>\n"
        "  <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" "
        "LINGUISTIC_TYPE_ID=\"prediction\" TIME_ALIGNABLE=\"true\"/>\n"
        "</ANNOTATION_DOCUMENT>\n");
}

static void praat_gets_intervals_without_a_gap(void **state) {
    (void)state;
    assert_written("textgrid", "f.mp4", 3, moments, 2,
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n"
        "xmin = 0\nxmax = 3.000000\ntiers? <exists>\nsize = 2\nitem []:\n"
#define TIER(number, name, first, second)                                              \
    "    item [" number "]:\n        class = \"IntervalTier\"\n        name = \"" name \
    "\"\n        xmin = 0\n        xmax = 3.000000\n        intervals: size = 5\n"     \
    "        intervals [1]:\n            xmin = 0.000000\n            xmax = "         \
    "0.500000\n"                                                                       \
    "            text = \"\"\n"                                                        \
    "        intervals [2]:\n            xmin = 0.500000\n            xmax = "         \
    "1.000000\n"                                                                       \
    "            text = \"" first "\"\n"                                               \
    "        intervals [3]:\n            xmin = 1.000000\n            xmax = "         \
    "1.250000\n"                                                                       \
    "            text = \"\"\n"                                                        \
    "        intervals [4]:\n            xmin = 1.250000\n            xmax = "         \
    "2.000500\n"                                                                       \
    "            text = \"" second "\"\n"                                              \
    "        intervals [5]:\n            xmin = 2.000500\n            xmax = "         \
    "3.000000\n"                                                                       \
    "            text = \"\"\n"
        TIER("1", "valence", "4.125", "1.000") TIER("2", "arousal", "3.000", "6.999"));
#undef TIER
}

static void moments_that_overlap_or_last_nothing_leave_no_gap_either(void **state) {
    (void)state;
    const mien_prediction odd[3] = {
        {.start_s = 0, .end_s = 1, .targets_count = 1, .value = {1}},
        {.start_s = 0.5, .end_s = 2, .targets_count = 1, .value = {2}},
        {.start_s = 2, .end_s = 2, .targets_count = 1, .value = {3}}};
    assert_written("textgrid", "f.mp4", 0, odd, 3,
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n"
        "xmin = 0\nxmax = 2.000000\ntiers? <exists>\nsize = 1\nitem []:\n"
        "    item [1]:\n        class = \"IntervalTier\"\n        name = \"valence\"\n"
        "        xmin = 0\n        xmax = 2.000000\n        intervals: size = 2\n"
        "        intervals [1]:\n            xmin = 0.000000\n"
        "            xmax = 1.000000\n            text = \"1.000\"\n"
        "        intervals [2]:\n            xmin = 1.000000\n"
        "            xmax = 2.000000\n            text = \"2.000\"\n");
}

static void names_that_xml_does_not_take_are_replaced(void **state) {
    (void)state;
    const struct {
        const char *raw, *want;
    } cases[] = {
        {"plain é 日 😀", "plain é 日 😀"},
        {"a\x01"
         "b",
            "a\xEF\xBF\xBD"
            "b"},
        {"\xFF.mp4", "\xEF\xBF\xBD.mp4"},
        {"cut \xE6\x97", "cut \xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* a surrogate */
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"}, /* longer than it needs */
        {"\xEF\xBF\xBF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* U+FFFF */
        {"\t&<>\"'", "\t&amp;&lt;&gt;&quot;'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_string text;
        mien_string_init(&text);
        assert_good(mien_timeline_xml(&text, cases[i].raw));
        assert_string_equal(text.text, cases[i].want);
        mien_string_clear(&text);
    }
}

static void quotes_in_names_are_doubled_for_praat(void **state) {
    (void)state;
    const mien_target odd = {.name = "a \"b\"", .minimum = 0, .maximum = 1};
    const mien_prediction one = {
        .start_s = 0, .end_s = 1, .targets_count = 1, .value = {1}};
    mien_string text;
    mien_string_init(&text);
    assert_good(
        mien_timeline_format_find("textgrid")->write(&text, "f", 1, &one, 1, &odd));
    assert_non_null(strstr(text.text, "name = \"a \"\"b\"\"\"\n"));
    mien_string_clear(&text);
}

static void a_time_before_zero_is_zero(void **state) {
    (void)state;
    mien_string text;
    mien_string_init(&text);
    assert_good(mien_timeline_clock(&text, -0.25, ','));
    assert_good(mien_timeline_clock(&text, 360000.0004, '.'));
    assert_string_equal(text.text, "00:00:00,000100:00:00.000");
    mien_string_clear(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_said_by_their_labels),
        cmocka_unit_test(subrip_numbers_its_lines_and_uses_commas),
        cmocka_unit_test(webvtt_has_its_head_and_uses_points),
        cmocka_unit_test(elan_has_a_tier_for_each_target),
        cmocka_unit_test(praat_gets_intervals_without_a_gap),
        cmocka_unit_test(moments_that_overlap_or_last_nothing_leave_no_gap_either),
        cmocka_unit_test(names_that_xml_does_not_take_are_replaced),
        cmocka_unit_test(quotes_in_names_are_doubled_for_praat),
        cmocka_unit_test(a_time_before_zero_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
