/* SPDX-License-Identifier: MIT */
/* Guards what is there from what a command writes. In: the path of an output, the
 * inputs, what files of the output's kind begin with. Out: a failure before any work is
 * done. Every command with an option that names a file to write asks here. */
#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { HEAD_MAX = 64 << 10 };

/* Is it a file that can be replaced and lost? */
static bool is_file(const char *path, struct stat *info) {
    return path && strcmp(path, "-") != 0 && stat(path, info) == 0 &&
           S_ISREG(info->st_mode);
}

static mien_status is_input(const char *output, const char *input) {
    bool other = strcmp(output, input) != 0;
    return mien_fail(MIEN_EINVAL,
        "%s: is %s%s, which would be written over: name another output", output,
        other ? "the same file as the input " : "an input", other ? input : "");
}

/* Input may be FILE#NAME. */
static bool stat_input(const char *input, struct stat *info) {
    if (stat(input, info) == 0) {
        return true;
    }
    const char *mark = strrchr(input, '#');
    char *file = mark ? mien_strdup(input) : NULL;
    bool there = false;
    if (file) {
        file[mark - input] = 0;
        there = stat(file, info) == 0;
    }
    mien_free(file);
    return there;
}

static bool is_same(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

mien_status cli_keep_inputs(
    const char *output, const char *const *inputs, int64_t count) {
    struct stat out, in;
    if (!is_file(output, &out)) {
        return MIEN_OK;
    }
    for (int64_t i = 0; i < count; i++) {
        if (inputs[i] && stat_input(inputs[i], &in) && is_same(&out, &in)) {
            return is_input(output, inputs[i]);
        }
    }
    return MIEN_OK;
}

/* ---- what mien did not make --------------------------------------------------------
 */

static mien_status refuse(const char *output, const char *why) {
    return mien_fail(MIEN_EINVAL,
        "%s: is there already, and %s: name another output, or replace it with --force",
        output, why);
}

/* The beginning of a file; "" where it cannot be read. Zero bytes become blanks. */
static void read_head(const char *path, char head[HEAD_MAX]) {
    FILE *file = fopen(path, "rb");
    size_t count = file ? fread(head, 1, HEAD_MAX - 1, file) : 0;
    for (size_t i = 0; i < count; i++) {
        head[i] = (char)(head[i] ? head[i] : ' ');
    }
    head[count] = 0;
    if (file) {
        fclose(file);
    }
}

static bool has_mark(const char *head, const char *mark) {
    return *mark == '^' ? strncmp(head, mark + 1, strlen(mark + 1)) == 0
                        : strstr(head, mark) != NULL;
}

mien_status cli_keep_others(
    const mien_options *o, const char *output, const char *const *marks) {
    struct stat info;
    if (!is_file(output, &info) || info.st_size == 0 || mien_options_flag(o, "force")) {
        return MIEN_OK;
    }
    char *head = mien_alloc(HEAD_MAX, 1);
    if (!head) {
        return MIEN_ENOMEM;
    }
    read_head(output, head);
    bool made = false;
    for (int i = 0; marks[i]; i++) {
        made = made || has_mark(head, marks[i]);
    }
    mien_free(head);
    return made ? MIEN_OK
                : refuse(output, "is not what this command of mien makes there");
}

mien_status cli_keep_other_tables(
    const mien_options *o, const char *output, const char *first, const char *second) {
    char csv[128], tsv[128], json[128];
    const char *const marks[] = {csv, tsv, json, NULL};
    snprintf(csv, sizeof csv, "^%s,%s,", first, second);
    snprintf(tsv, sizeof tsv, "^%s\t%s\t", first, second);
    snprintf(json, sizeof json, "^{\"%s\": ", first);
    return cli_keep_others(o, output, marks);
}

mien_status cli_keep_other_predictions(const mien_options *o, const char *output) {
    static const char *const marks[] = {"^input,start_s,", "^trial,start_s,",
        "^trial,input,start_s,", "^row,start_s,", "^input\tstart_s\t",
        "^trial\tstart_s\t", "^trial\tinput\tstart_s\t", "^row\tstart_s\t",
        "^{\"input\": ", "^{\"trial\": ", "^{\"row\": ", NULL};
    return cli_keep_others(o, output, marks);
}

mien_status cli_keep_other_timelines(
    const mien_options *o, const char *output, const mien_target *targets) {
    char cue[256], tier[256];
    const char *const marks[] = {cue, tier, "AUTHOR=\"mien ", NULL};
    snprintf(cue, sizeof cue, "\n%.200s ", targets[0].name); /* SubRip, WebVTT */
    snprintf(tier, sizeof tier, "name = \"%.200s\"", targets[0].name); /* Praat */
    return cli_keep_others(o, output, marks);
}

mien_status cli_keep_other_pages(const mien_options *o, const char *output) {
    return cli_keep_others(o, output,
        (const char *const[]){"<meta name=\"generator\" content=\"mien ", NULL});
}

/* Its sidecar says who made the table and what it was then. */
static bool is_imported(const char *output, const char *sidecar) {
    mien_value *document = NULL;
    char hex[65] = "";
    bool same = false;
    if (mien_file_exists(sidecar) && mien_value_read(sidecar, &document) == MIEN_OK) {
        const char *by = mien_value_text(mien_value_get(document, "created_by"));
        const char *sum = mien_value_text(mien_value_get(document, "table_sha256"));
        same = by && strncmp(by, "mien ", 5) == 0 && sum &&
               mien_sha256_file(output, hex) == MIEN_OK && strcmp(sum, hex) == 0;
    }
    mien_value_free(&document);
    return same;
}

mien_status cli_keep_other_trials(const mien_options *o, const char *output) {
    struct stat info;
    mien_string sidecar;
    mien_string_init(&sidecar);
    const char *dot = strrchr(output, '.');
    mien_string_add_n(&sidecar, output, dot ? (size_t)(dot - output) : strlen(output));
    mien_string_add(&sidecar, ".json");
    mien_status status = mien_string_status(&sidecar);
    if (status == MIEN_OK && !mien_options_flag(o, "force")) {
        if (is_file(output, &info)) {
            status = is_imported(output, sidecar.text)
                         ? MIEN_OK
                         : refuse(output,
                               "was not imported, or was changed since (its sidecar "
                               "does not know it)");
        } else if (is_file(sidecar.text, &info)) {
            status = refuse(sidecar.text, "would become the table's sidecar");
        }
    }
    mien_string_clear(&sidecar);
    return status;
}
