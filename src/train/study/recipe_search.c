/* SPDX-License-Identifier: MIT */
/* What a study says of a search: its strategy, and what is searched. */
#include "train/search/strategy.h"
#include "train/study/study.h"

#include <stdio.h>
#include <string.h>

static bool is_given(const mien_study *s) {
    static const char *const keys[] = {"search.name", "search.over", "search.score",
        "search.seed", "search.inner.k", "search.inner.share", "search.inner.seed"};
    bool given = s->over_tree != NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        given = given || mien_study_given(s, keys[i]);
    }
    for (int i = 0; i < s->extras; i++) {
        given = given || mien_recipe_section(s->extra[i].key) == MIEN_RECIPE_SEARCH;
    }
    return given;
}

mien_status mien_recipe_search(mien_study *study) {
    mien_study *s = study;
    char where[MIEN_STUDY_WHERE_MAX];
    const mien_value *over = s->over_tree;
    mien_status status = mien_search_strategy_find(
        mien_options_text(s->options, "search.name"), &s->search_strategy);
    if (status != MIEN_OK) {
        return mien_fail_in(
            MIEN_EFORMAT, "%s: search.name", mien_study_where(s, "search.name", where));
    }
    status = mien_recipe_options(s, MIEN_RECIPE_SEARCH, s->search_strategy->options);
    s->space = status == MIEN_OK ? mien_alloc(1, sizeof *s->space) : NULL;
    if (status == MIEN_OK && !s->space) {
        status = MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(over); i++) {
        const mien_value *said = mien_value_item(over, i);
        snprintf(
            where, sizeof where, "%s:%d: search.over", s->path, mien_value_line(said));
        status = mien_space_add(s->space, mien_value_key(over, i), said, where);
    }
    s->searched = is_given(s);
    return status;
}
