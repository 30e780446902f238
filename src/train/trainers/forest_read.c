/* SPDX-License-Identifier: MIT */
/* Reads the arrays of trees out of XGBoost's JSON and numbers their nodes anew, so that
 * two children stand side by side behind their parent.
 *
 * A whole document tree of a large forest would take a hundred times its bytes: arrays
 * of numbers are found by their keys instead, which stand once in each tree. */
#include "train/trainers/forest_read.h"

#include <stdio.h>
#include <string.h>

#define NODES_MAX (1 << 24) /* whole numbers that are floats */

/* One tree as it is saved; a node without a left child is a leaf. */
typedef struct saved {
    int64_t nodes;
    double *left, *right, *feature, *condition; /* [nodes] */
} saved;

static void saved_clear(saved *s) {
    mien_free(s->left);
    mien_free(s->right);
    mien_free(s->feature);
    mien_free(s->condition);
    *s = (saved){0};
}

/* Where the array of the next such key begins, behind its bracket; NULL: there is none.
 */
static const char *find_array(const char *at, const char *end, const char *key) {
    size_t length = strlen(key);
    while (at && at < end) {
        at = memchr(at, '"', (size_t)(end - at));
        if (at && (size_t)(end - at) > length + 4 &&
            strncmp(at + 1, key, length) == 0 && at[length + 1] == '"') {
            at += length + 2;
            at += strspn(at, ": \n");
            return *at == '[' ? at + 1 : NULL;
        }
        at = at ? at + 1 : NULL;
    }
    return NULL;
}

/* The numbers of an array up to its closing bracket, into new memory. */
static mien_status read_array(const char *at, double **values, int64_t *count) {
    size_t length = strcspn(at, "]");
    int64_t most = 1, n = 0;
    for (size_t i = 0; i < length; i++) {
        most += at[i] == ',';
    }
    *values = mien_alloc((size_t)most, sizeof **values);
    if (!*values) {
        return MIEN_ENOMEM;
    }
    for (const char *end = at + length; at < end;) {
        char number[48];
        size_t digits = strcspn(at, ",]");
        snprintf(number, sizeof number, "%.*s", (int)digits, at);
        if (digits >= sizeof number || !mien_parse_number(number, &(*values)[n++])) {
            return mien_fail(
                MIEN_EFORMAT, "XGBoost's model: \"%s\" is no number", number);
        }
        at += digits + 1;
    }
    *count = n;
    return MIEN_OK;
}

static mien_status read_key(const char **at, const char *end, const char *key,
    double **values, int64_t *count) {
    const char *array = find_array(*at, end, key);
    if (!array) {
        return mien_fail(MIEN_EFORMAT, "XGBoost's model has no %s", key);
    }
    *at = array;
    return read_array(array, values, count);
}

/* Keys of a tree stand in the order of the alphabet. */
static mien_status read_tree(const char **at, const char *end, saved *s) {
    int64_t counts[4] = {0};
    mien_status status = read_key(at, end, "left_children", &s->left, &counts[0]);
    if (status == MIEN_OK) {
        status = read_key(at, end, "right_children", &s->right, &counts[1]);
    }
    if (status == MIEN_OK) {
        status = read_key(at, end, "split_conditions", &s->condition, &counts[2]);
    }
    if (status == MIEN_OK) {
        status = read_key(at, end, "split_indices", &s->feature, &counts[3]);
    }
    s->nodes = counts[0];
    bool same = counts[1] == s->nodes && counts[2] == s->nodes && counts[3] == s->nodes;
    return status == MIEN_OK && !(same && s->nodes > 0)
               ? mien_fail(MIEN_EFORMAT, "XGBoost's model: arrays of a tree differ in "
                                         "length")
               : status;
}

static mien_status grow_array(float **array, int64_t old, int64_t count) {
    float *more = mien_realloc(*array, (size_t)old, (size_t)count, sizeof **array);
    *array = more ? more : *array;
    return more ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status make_room(mien_forest *f, int64_t *room, int64_t nodes) {
    int64_t more = *room;
    while (more < nodes) {
        more = more ? 2 * more : 1024;
    }
    mien_status status = MIEN_OK;
    float **const arrays[] = {&f->feature, &f->threshold, &f->child};
    for (int i = 0; more > *room && status == MIEN_OK && i < 3; i++) {
        status = grow_array(arrays[i], *room, more);
    }
    *room = status == MIEN_OK ? more : *room;
    return status;
}

/* Lays a tree behind those that are there, level by level. order [nodes] lists its
 * saved nodes in the order of the new ones. */
static mien_status lay_tree(mien_forest *f, const saved *s, int64_t *order) {
    int64_t count = 1;
    order[0] = 0;
    for (int64_t k = 0; k < count; k++) {
        int64_t node = order[k], at = f->nodes + k;
        int64_t left = (int64_t)s->left[node], right = (int64_t)s->right[node];
        f->threshold[at] = (float)s->condition[node];
        f->feature[at] = left < 0 ? 0 : (float)s->feature[node];
        f->child[at] = 0;
        if (left >= 0) {
            if (left >= s->nodes || right < 0 || right >= s->nodes ||
                count + 2 > s->nodes) {
                return mien_fail(MIEN_EFORMAT, "XGBoost's model: a tree's node has "
                                               "children that are not there");
            }
            f->child[at] = (float)(f->nodes + count);
            order[count++] = left;
            order[count++] = right;
        }
    }
    f->root[f->trees] = (float)f->nodes;
    f->nodes += count;
    return MIEN_OK;
}

static mien_status add_tree(
    const char **at, const char *end, mien_forest *f, int64_t *room) {
    saved s = {0};
    int64_t *order = NULL;
    mien_status status = read_tree(at, end, &s);
    if (status == MIEN_OK && f->nodes + s.nodes >= NODES_MAX) {
        status = mien_fail(MIEN_ELIMIT,
            "the trees have more than %d nodes: fewer trees, or less depth", NODES_MAX);
    }
    if (status == MIEN_OK) {
        order = mien_alloc((size_t)s.nodes, sizeof *order);
        status = order ? make_room(f, room, f->nodes + s.nodes) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = lay_tree(f, &s, order);
    }
    f->trees += status == MIEN_OK;
    mien_free(order);
    saved_clear(&s);
    return status;
}

/* Reads the output that each tree counts for: the list "tree_info", wherever it
 * stands. */
static mien_status read_outputs(
    const char *at, const char *end, int outputs, mien_forest *f) {
    double *of = NULL;
    int64_t count = 0;
    mien_status status = read_key(&at, end, "tree_info", &of, &count);
    if (status == MIEN_OK && count != f->trees) {
        status = mien_fail(MIEN_EFORMAT,
            "XGBoost's model: %lld trees, and the outputs "
            "of %lld",
            (long long)f->trees, (long long)count);
    }
    for (int64_t t = 0; status == MIEN_OK && t < count; t++) {
        f->output[t] = (float)of[t];
        if (!(of[t] >= 0 && of[t] < outputs)) {
            status = mien_fail(MIEN_EFORMAT,
                "XGBoost's model: a tree of output %g among %d", of[t], outputs);
        }
    }
    mien_free(of);
    return status;
}

static int64_t count_trees(const char *at, const char *end) {
    int64_t count = 0;
    while ((at = find_array(at, end, "left_children"))) {
        count++;
    }
    return count;
}

mien_status mien_forest_read(
    const char *text, size_t length, int outputs, mien_forest *forest) {
    const char *at = text, *end = text + length;
    int64_t count = count_trees(text, end), room = 0;
    *forest = (mien_forest){.root = mien_alloc((size_t)count + 1, sizeof(float)),
        .output = mien_alloc((size_t)count + 1, sizeof(float))};
    mien_status status = forest->root && forest->output ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && count == 0) {
        status = mien_fail(MIEN_EFORMAT, "XGBoost's model has no trees");
    }
    while (status == MIEN_OK && forest->trees < count) {
        status = add_tree(&at, end, forest, &room);
    }
    return status == MIEN_OK ? read_outputs(text, end, outputs, forest) : status;
}
