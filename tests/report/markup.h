/* SPDX-License-Identifier: MIT */
/* A small checker of markup: tags balance, attributes are quoted, & starts an entity.
 */
#ifndef MIEN_TESTS_REPORT_MARKUP_H
#define MIEN_TESTS_REPORT_MARKUP_H

#include "support/support.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MARKUP_DEPTH 64

typedef struct markup {
    const char *at;
    char open[MARKUP_DEPTH][32];
    int depth;
} markup;

static inline void markup_bad(const markup *m, const char *what) {
    fail_msg("markup: %s at: %.80s", what, m->at);
}

static inline void markup_entity(markup *m) {
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strncmp(m->at, known[i], strlen(known[i])) == 0) {
            m->at += strlen(known[i]);
            return;
        }
    }
    markup_bad(m, "& that starts no known entity");
}

static inline bool markup_is_void(const char *name) {
    static const char *const names[] = {"meta", "img", "br", "hr", "link"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Attributes up to > or />; returns whether the element closed itself. */
static inline bool markup_attributes(markup *m) {
    for (;;) {
        m->at += strspn(m->at, " \n");
        if (*m->at == '>') {
            m->at++;
            return false;
        }
        if (strncmp(m->at, "/>", 2) == 0) {
            m->at += 2;
            return true;
        }
        size_t name = strspn(
            m->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:");
        if (name == 0) {
            markup_bad(m, "no attribute name");
        }
        m->at += name;
        if (*m->at != '=') {
            continue;
        }
        if (m->at[1] != '"') {
            markup_bad(m, "attribute without quotes");
        }
        for (m->at += 2; *m->at != '"';) {
            if (*m->at == 0 || *m->at == '<') {
                markup_bad(m, "attribute that does not end");
            } else if (*m->at == '&') {
                markup_entity(m);
            } else {
                m->at++;
            }
        }
        m->at++;
    }
}

static inline void markup_tag(markup *m) {
    bool closing = m->at[1] == '/';
    char name[32];
    m->at += closing ? 2 : 1;
    size_t n = strspn(m->at, "abcdefghijklmnopqrstuvwxyz0123456789");
    if (n == 0 || n >= sizeof name) {
        markup_bad(m, "no tag name");
    }
    memcpy(name, m->at, n);
    name[n] = 0;
    m->at += n;
    bool alone = markup_attributes(m);
    if (closing) {
        if (m->depth == 0 || strcmp(m->open[m->depth - 1], name) != 0) {
            markup_bad(m, "closes what is not open");
        }
        m->depth--;
    } else if (!alone && !markup_is_void(name)) {
        assert_true(m->depth < MARKUP_DEPTH);
        strcpy(m->open[m->depth++], name);
    }
}

/** Fails the test unless text is well-formed. */
static inline void assert_markup(const char *text) {
    markup m = {.at = text};
    if (strncmp(text, "<!doctype html>", 15) == 0) {
        m.at += 15;
    }
    while (*m.at) {
        if (*m.at == '<') {
            markup_tag(&m);
        } else if (*m.at == '&') {
            markup_entity(&m);
        } else {
            m.at++;
        }
    }
    if (m.depth != 0) {
        fail_msg("markup: <%s> is never closed", m.open[m.depth - 1]);
    }
}

static inline int count_of(const char *text, const char *part) {
    int n = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) {
        n++;
    }
    return n;
}

#endif
