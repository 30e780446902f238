/* SPDX-License-Identifier: MIT */
/* A self-contained page: escaped text, tables, figures, one style for screen and paper.
 */
#include "mien/report.h"
#include "base/need.h"
#include "report/script.h"
#include "report/style.h"

#include <stdlib.h>
#include <string.h>

struct mien_page {
    char *title;
    mien_string body;
};

mien_status mien_html_escape(mien_string *out, const char *text) {
    MIEN_NEED(out);
    while (text && *text) {
        size_t plain = strcspn(text, "&<>\"'");
        mien_string_add_n(out, text, plain);
        text += plain;
        switch (*text) {
        case '&':
            mien_string_add(out, "&amp;");
            break;
        case '<':
            mien_string_add(out, "&lt;");
            break;
        case '>':
            mien_string_add(out, "&gt;");
            break;
        case '"':
            mien_string_add(out, "&quot;");
            break;
        case '\'':
            mien_string_add(out, "&#39;");
            break;
        default:
            return mien_string_status(out);
        }
        text++;
    }
    return mien_string_status(out);
}

static void add_base64(mien_string *out, const uint8_t *byte, size_t bytes) {
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char four[4];
    for (size_t i = 0; i < bytes; i += 3) {
        uint32_t v = (uint32_t)byte[i] << 16;
        v |= i + 1 < bytes ? (uint32_t)byte[i + 1] << 8 : 0;
        v |= i + 2 < bytes ? byte[i + 2] : 0;
        for (int k = 0; k < 4; k++) {
            four[k] = digit[v >> (18 - 6 * k) & 63];
        }
        four[3] = i + 2 < bytes ? four[3] : '=';
        four[2] = i + 1 < bytes ? four[2] : '=';
        mien_string_add_n(out, four, 4);
    }
}

mien_status mien_html_jpeg(mien_string *out, const void *jpeg, size_t bytes) {
    MIEN_NEED(out, jpeg || bytes < 1);
    mien_string_add(out, "data:image/jpeg;base64,");
    add_base64(out, jpeg, bytes);
    return mien_string_status(out);
}

static void element(mien_string *out, const char *name, const char *text) {
    mien_string_addf(out, "<%s>", name);
    mien_html_escape(out, text);
    mien_string_addf(out, "</%s>\n", name);
}

mien_status mien_page_new(const char *title, const char *subtitle, mien_page **page) {
    MIEN_NEED(title, page);
    mien_page *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    mien_string_init(&p->body);
    p->title = mien_strdup(title);
    mien_string_add(&p->body, "<header>\n");
    element(&p->body, "h1", title);
    if (subtitle && *subtitle) {
        mien_string_add(&p->body, "<p class=\"subtitle\">");
        mien_html_escape(&p->body, subtitle);
        mien_string_add(&p->body, "</p>\n");
    }
    mien_string_add(&p->body, "</header>\n");
    mien_status status = p->title ? mien_string_status(&p->body) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_page_free(&p);
        return status;
    }
    *page = p;
    return MIEN_OK;
}

void mien_page_free(mien_page **page) {
    MIEN_NEED_OR(, page);
    mien_page *p = *page;
    if (p) {
        mien_string_clear(&p->body);
        mien_free(p->title);
        mien_free(p);
        *page = NULL;
    }
}

mien_status mien_page_heading(mien_page *page, const char *text) {
    MIEN_NEED(page, text);
    element(&page->body, "h2", text);
    return mien_string_status(&page->body);
}

mien_status mien_page_paragraph(mien_page *page, const char *text) {
    MIEN_NEED(page, text);
    element(&page->body, "p", text);
    return mien_string_status(&page->body);
}

mien_status mien_page_html(mien_page *page, const char *html) {
    MIEN_NEED(page, html);
    static const char svg[] = "<svg";
    bool figure = strncmp(html, svg, sizeof svg - 1) == 0;
    mien_string_add(&page->body, figure ? "<figure>\n" : "");
    mien_string_add(&page->body, html);
    mien_string_add(&page->body, figure ? "</figure>\n" : "");
    return mien_string_status(&page->body);
}

/* ---- tables ------------------------------------------------------------------- */

/* Digits, signs and what stands between the numbers of an interval. */
static bool is_number(const char *cell) {
    static const char minus[] = "−";
    const char *c = cell;
    c += strncmp(c, minus, sizeof minus - 1) == 0 ? sizeof minus - 1 : 0;
    c += *c == '-' || *c == '+' ? 1 : 0;
    return (*c >= '0' && *c <= '9') || (*c == '.' && c[1] >= '0' && c[1] <= '9');
}

static bool is_blank(const char *cell) {
    return !cell || !*cell || strcmp(cell, "n/a") == 0 || strcmp(cell, "–") == 0;
}

static bool is_numeric(
    const char *const *cells, int64_t rows, int columns, int column) {
    bool any = false;
    for (int64_t r = 0; r < rows; r++) {
        const char *cell = cells[r * columns + column];
        if (!is_blank(cell)) {
            any = true;
            if (!is_number(cell)) {
                return false;
            }
        }
    }
    return any;
}

static void row_of(mien_string *out, const char *tag, const char *const *cells,
    const bool *numeric, int columns) {
    mien_string_add(out, "<tr>");
    for (int c = 0; c < columns; c++) {
        bool head = strcmp(tag, "th") == 0;
        mien_string_addf(out, "<%s%s%s>", tag, head ? " scope=\"col\"" : "",
            numeric[c] ? " class=\"n\"" : "");
        mien_html_escape(out, cells[c] ? cells[c] : "");
        mien_string_addf(out, "</%s>", tag);
    }
    mien_string_add(out, "</tr>\n");
}

mien_status mien_page_table(mien_page *page, const char *caption, int columns,
    const char *const *header, int64_t rows, const char *const *cells) {
    MIEN_NEED(page, header || rows < 1, cells || rows < 1);
    mien_string *out = &page->body;
    bool *numeric = mien_alloc((size_t)columns, sizeof *numeric);
    if (!numeric) {
        return MIEN_ENOMEM;
    }
    for (int c = 0; c < columns; c++) {
        numeric[c] = is_numeric(cells, rows, columns, c);
    }
    mien_string_add(out, "<div class=\"table\"><table>\n");
    if (caption && *caption) {
        element(out, "caption", caption);
    }
    mien_string_add(out, "<thead>");
    row_of(out, "th", header, numeric, columns);
    mien_string_add(out, "</thead>\n<tbody>\n");
    for (int64_t r = 0; r < rows; r++) {
        row_of(out, "td", cells + r * columns, numeric, columns);
    }
    mien_string_add(out, "</tbody></table></div>\n");
    mien_free(numeric);
    return mien_string_status(out);
}

/* ---- the file ----------------------------------------------------------------- */

/* Only what the page holds: its style, its one script by its hash, and pictures that
 * are written into it. */
static mien_status add_policy(mien_string *out) {
    char hex[65], two[3] = {0};
    uint8_t hash[32];
    mien_status status = mien_sha256_bytes(mien_script, strlen(mien_script), hex);
    for (int i = 0; status == MIEN_OK && i < 32; i++) {
        memcpy(two, hex + 2 * i, 2);
        hash[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    if (status == MIEN_OK) {
        mien_string_add(out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
            "'none'; "
            "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
            "'none'; script-src 'sha256-");
        add_base64(out, hash, sizeof hash);
        mien_string_add(out, "'\">\n");
    }
    return status;
}

mien_status mien_page_write(const mien_page *page, const char *path) {
    MIEN_NEED(page, path);
    mien_string out;
    mien_string_init(&out);
    mien_string_add(&out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    mien_status status = add_policy(&out);
    mien_string_add(&out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"generator\" content=\"mien " MIEN_VERSION "\">\n");
    element(&out, "title", page->title);
    mien_string_add(&out, "<style>\n");
    for (size_t i = 0; mien_style[i]; i++) {
        mien_string_add(&out, mien_style[i]);
    }
    mien_string_add(&out, "</style>\n</head>\n<body>\n<main>\n");
    mien_string_add(&out, page->body.text);
    mien_string_add(&out, "<footer>Made by mien " MIEN_VERSION
                          ". This page stands alone: it loads nothing.</footer>\n"
                          "</main>\n<script>");
    mien_string_add(&out, mien_script);
    mien_string_add(&out, "</script>\n</body>\n</html>\n");
    status = status == MIEN_OK ? mien_string_status(&page->body) : status;
    status = status == MIEN_OK ? mien_string_status(&out) : status;
    if (status == MIEN_OK) {
        status = mien_file_write(path, out.text, out.length);
    }
    mien_string_clear(&out);
    return status;
}
