/* SPDX-License-Identifier: MIT */
/* Parts of paths, and comparing of names. */
#include "base/need.h"
#include "mien/base.h"

#include <string.h>

#define NAME_MAX_COMPARED 255

char *mien_path_join(const char *directory, const char *name) {
    MIEN_NEED_OR(NULL, name);
    if (!directory || !directory[0] || name[0] == '/') {
        return mien_strdup(name);
    }
    size_t d = strlen(directory), n = strlen(name);
    bool slash = directory[d - 1] != '/';
    char *path = mien_alloc(d + n + 2, 1);
    if (!path) {
        return NULL;
    }
    memcpy(path, directory, d);
    if (slash) {
        path[d++] = '/';
    }
    memcpy(path + d, name, n);
    return path;
}

char *mien_path_directory(const char *path) {
    MIEN_NEED_OR(NULL, path);
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return mien_strdup(".");
    }
    while (slash > path && slash[-1] == '/') {
        slash--;
    }
    return mien_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *mien_path_base(const char *path) {
    MIEN_NEED_OR(NULL, path);
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *mien_path_extension(const char *path) {
    MIEN_NEED_OR(NULL, path);
    const char *base = mien_path_base(path);
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? dot + 1 : path + strlen(path);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int lower(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* Compares two runs of digits as numbers of any length and moves past both. */
static int compare_digits(const char **a, const char **b) {
    while (**a == '0') {
        ++*a;
    }
    while (**b == '0') {
        ++*b;
    }
    size_t n = 0, m = 0;
    while (is_digit((*a)[n])) {
        n++;
    }
    while (is_digit((*b)[m])) {
        m++;
    }
    int order = n != m ? (n < m ? -1 : 1) : strncmp(*a, *b, n);
    *a += n;
    *b += m;
    return order;
}

int mien_natural_compare(const char *a, const char *b) {
    MIEN_NEED_OR(0, a, b);
    const char *x = a, *y = b;
    while (*x && *y) {
        if (is_digit(*x) && is_digit(*y)) {
            int order = compare_digits(&x, &y);
            if (order != 0) {
                return order;
            }
        } else if (lower(*x) != lower(*y)) {
            return lower(*x) - lower(*y);
        } else {
            x++;
            y++;
        }
    }
    if (*x || *y) {
        return *x ? 1 : -1;
    }
    /* "A" and "a", "01" and "1" are not the same name */
    return strcmp(a, b);
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Optimal string alignment over three rows of the table; names longer than 255 bytes
 * are compared by their first 255, every further byte counting one. */
int mien_edit_distance(const char *a, const char *b) {
    MIEN_NEED_OR(0, a, b);
    int rows[3][NAME_MAX_COMPARED + 1];
    size_t whole_a = strlen(a), whole_b = strlen(b);
    int n = (int)(whole_a < NAME_MAX_COMPARED ? whole_a : NAME_MAX_COMPARED);
    int m = (int)(whole_b < NAME_MAX_COMPARED ? whole_b : NAME_MAX_COMPARED);
    size_t rest_a = whole_a - (size_t)n, rest_b = whole_b - (size_t)m;
    for (int j = 0; j <= m; j++) {
        rows[0][j] = j;
    }
    for (int i = 1; i <= n; i++) {
        int *row = rows[i % 3], *one = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int replace = one[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(replace, least(one[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], two[j - 2] + 1);
            }
        }
    }
    return rows[n % 3][m] + (int)(rest_a > rest_b ? rest_a : rest_b);
}
