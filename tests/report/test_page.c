/* SPDX-License-Identifier: MIT */
/* Pages: escaped, well-formed, self-contained. */
#include "report/markup.h"

#include "mien/report.h"

#include <math.h>
#include <stdlib.h>

/* text is static, as gcc 12 takes a place in the file for one in the pointer to it. */
static char *written(const mien_page *page) {
    static char *text;
    size_t count = 0;
    text = NULL;
    const char *path = support_temp_path("page.html");
    assert_good(mien_page_write(page, path));
    assert_good(mien_file_read(path, 1 << 24, &text, &count));
    return text;
}

static void text_is_escaped(void **state) {
    (void)state;
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_html_escape(&out, "a<b>&\"c\"'d'"));
    assert_string_equal(out.text, "a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;");
    mien_string_empty(&out);
    assert_good(mien_html_escape(&out, ""));
    assert_good(mien_html_escape(&out, NULL));
    assert_string_equal(out.text, "");
    mien_string_clear(&out);
}

static void a_page_is_well_formed_and_loads_nothing(void **state) {
    (void)state;
    const char *header[] = {"Name", "Value", "Note"};
    const char *cells[] = {"<a>", "0.5", "x", "b", "−1.25", "", "c", "n/a", "3 apples"};
    mien_page *page = NULL;
    assert_good(mien_page_new("T & <t>", "sub \"title\"", &page));
    assert_good(mien_page_heading(page, "H<1>"));
    assert_good(mien_page_paragraph(page, "P & p"));
    assert_good(mien_page_html(page, "<svg class=\"x\"></svg>"));
    assert_good(mien_page_table(page, "Cap & tion", 3, header, 3, cells));
    char *text = written(page);
    assert_markup(text);
    assert_non_null(strstr(text, "<html lang=\"en\">"));
    assert_non_null(strstr(text, "<title>T &amp; &lt;t&gt;</title>"));
    assert_non_null(strstr(text, "<h2>H&lt;1&gt;</h2>"));
    assert_non_null(strstr(text, "<caption>Cap &amp; tion</caption>"));
    assert_non_null(strstr(text, "<figure>\n<svg"));
    assert_non_null(strstr(text, "prefers-color-scheme:dark"));
    assert_non_null(strstr(text, "@media print"));
    assert_null(strstr(text, "http://"));
    assert_null(strstr(text, "https://"));
    /* the only script is the page's own, by its hash */
    int scripts = 0;
    for (const char *at = strstr(text, "<script"); at; at = strstr(at + 1, "<script")) {
        scripts++;
    }
    assert_int_equal(scripts, 1);
    assert_non_null(strstr(text, "script-src 'sha256-"));
    /* before anything it rules over */
    assert_non_null(strstr(text, "http-equiv=\"Content-Security-Policy\""));
    assert_non_null(strstr(text, "default-src 'none'"));
    assert_true(strstr(text, "default-src 'none'") < strstr(text, "<style>"));
    mien_free(text);
    mien_page_free(&page);
    assert_null(page);
    mien_page_free(&page);
}

static void columns_of_numbers_align_right(void **state) {
    (void)state;
    const char *header[] = {"Name", "Value", "Mixed", "None"};
    const char *cells[] = {"1a", "0.5", "1", "", "b", "−1.25", "two", "n/a"};
    mien_page *page = NULL;
    assert_good(mien_page_new("t", NULL, &page));
    assert_good(mien_page_table(page, "", 4, header, 2, cells));
    char *text = written(page);
    assert_non_null(strstr(text, "<th scope=\"col\" class=\"n\">Value</th>"));
    assert_non_null(strstr(text, "<td class=\"n\">−1.25</td>"));
    assert_non_null(strstr(text, "<th scope=\"col\">Mixed</th>"));
    assert_non_null(strstr(text, "<th scope=\"col\">None</th>"));
    assert_non_null(strstr(text, "<th scope=\"col\">Name</th>"));
    assert_null(strstr(text, "<caption>"));
    mien_free(text);
    mien_page_free(&page);
}

static void a_table_without_rows_is_still_a_table(void **state) {
    (void)state;
    const char *header[] = {"Name"};
    mien_page *page = NULL;
    assert_good(mien_page_new("t", "", &page));
    assert_good(mien_page_table(page, "empty", 1, header, 0, NULL));
    char *text = written(page);
    assert_markup(text);
    mien_free(text);
    mien_page_free(&page);
}

static void a_page_that_cannot_be_written_says_so(void **state) {
    (void)state;
    mien_page *page = NULL;
    assert_good(mien_page_new("t", "", &page));
    assert_fails(mien_page_write(page, support_temp_path("no/such/folder.html")),
        MIEN_EIO, "no/such");
    assert_fails(mien_page_write(page, "/dev/full"), MIEN_EIO, "/dev/full");
    mien_page_free(&page);
}

/* the pairs of RFC 4648, section 10 */
static void the_bytes_of_a_picture_are_base64(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xd8\xff", "/9j/"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        mien_string out;
        mien_string_init(&out);
        assert_good(mien_html_jpeg(&out, pairs[i][0], strlen(pairs[i][0])));
        assert_memory_equal(out.text, "data:image/jpeg;base64,", 23);
        assert_string_equal(out.text + 23, pairs[i][1]);
        mien_string_clear(&out);
    }
}

static mien_status make_page(void *context) {
    (void)context;
    const char *header[] = {"a", "b"}, *cells[] = {"1", "x"};
    mien_page *page = NULL;
    mien_status status = mien_page_new("title", "subtitle", &page);
    if (status == MIEN_OK) {
        status = mien_page_heading(page, "heading");
    }
    for (int i = 0; status == MIEN_OK && i < 50; i++) {
        status = mien_page_paragraph(page, "a paragraph that makes the page grow");
    }
    if (status == MIEN_OK) {
        status = mien_page_table(page, "caption", 2, header, 1, cells);
    }
    if (status == MIEN_OK) {
        status = mien_page_write(page, support_temp_path("each.html"));
    }
    mien_page_free(&page);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    support_each_allocation_fails(make_page, NULL, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(the_bytes_of_a_picture_are_base64),
        cmocka_unit_test(a_page_is_well_formed_and_loads_nothing),
        cmocka_unit_test(columns_of_numbers_align_right),
        cmocka_unit_test(a_table_without_rows_is_still_a_table),
        cmocka_unit_test(a_page_that_cannot_be_written_says_so),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("report/page", tests, NULL, NULL);
}
