/* SPDX-License-Identifier: MIT */
/* The registry of commands and what they share. */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const cli_command *const commands[] = {
#define X(name) &cli_command_##name,
#include "cli/commands.def"
#undef X
};

const mien_option cli_common[] = {
    {.name = "threads",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 256,
        .metavar = "N",
        .help = "Threads to use (default: all processors)"},
    {.name = "quiet",
        .type = MIEN_OPTION_FLAG,
        .help = "No progress, no remarks",
        .letter = 'q'},
    {.name = "json",
        .type = MIEN_OPTION_FLAG,
        .help = "Errors as JSON lines on stderr"},
    {.name = "help", .type = MIEN_OPTION_FLAG, .help = "Show this help", .letter = 'h'},
    {0},
};

int cli_command_count(void) {
    return (int)(sizeof commands / sizeof commands[0]);
}

const cli_command *cli_command_at(int index) {
    return commands[index];
}

const cli_command *cli_command_find(const char *name) {
    for (int i = 0; i < cli_command_count(); i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static size_t table_length(const mien_option *table) {
    size_t length = 0;
    while (table && table[length].name) {
        length++;
    }
    return length;
}

mien_option *cli_all_options(const cli_command *command) {
    size_t own = table_length(command->options), common = table_length(cli_common);
    mien_option *all = mien_alloc(own + common + 1, sizeof *all);
    if (all) {
        if (own) {
            memcpy(all, command->options, own * sizeof *all);
        }
        memcpy(all + own, cli_common, common * sizeof *all);
    }
    return all;
}

mien_status cli_usage(cli *c, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->usage = true;
    return mien_fail(MIEN_EINVAL, "%s", text);
}

void cli_json_line(
    const char *kind, const char *text, const char *key, const char *value) {
    mien_value *map = mien_value_new_map();
    mien_string line;
    mien_string_init(&line);
    mien_value_set(map, kind, mien_value_new_text(text));
    mien_value_set(map, key, mien_value_new_text(value));
    if (map && mien_value_write_json(map, false, &line) == MIEN_OK) {
        fprintf(stderr, "%s\n", line.text);
    }
    mien_string_clear(&line);
    mien_value_free(&map);
}

/* Names of files come from anybody: what a terminal would act on is shown instead. */
static void print_shown(const char *before, const char *text) {
    mien_string shown;
    mien_string_init(&shown);
    if (mien_string_add_shown(&shown, text) == MIEN_OK) {
        fprintf(stderr, "%s%s\n", before, shown.text);
    }
    mien_string_clear(&shown);
}

void cli_line(const char *text) {
    print_shown("mien: ", text);
}

bool cli_is_table(const char *path) {
    const char *extension = mien_path_extension(path);
    return strcasecmp(extension, "tsv") == 0 || strcasecmp(extension, "csv") == 0;
}

void cli_problem(cli *c, const char *input, const char *text) {
    c->problems++;
    cli_progress_end(c);
    if (c->json) {
        cli_json_line("error", text, "input", input);
    } else {
        cli_line(text);
    }
}

void cli_say(cli *c, const char *format, ...) {
    if (c->quiet || c->json) {
        return; /* who reads stderr as JSON lines wants nothing else there */
    }
    cli_progress_end(c);
    char text[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_shown("", text);
}

mien_status cli_close_rows(mien_table_writer **writer, mien_status status) {
    if (!*writer) {
        return status;
    }
    return status == MIEN_OK ? mien_table_writer_close(writer)
                             : mien_table_writer_keep(writer, status);
}

mien_status cli_write(const char *path, const mien_string *text) {
    if (path && strcmp(path, "-") != 0) {
        return mien_file_write(path, text->text, text->length);
    }
    mien_string shown;
    mien_string_init(&shown);
    const mien_string *out = text;
    mien_status status = MIEN_OK;
    if (isatty(STDOUT_FILENO) == 1) {
        status = mien_string_add_shown(&shown, text->text);
        out = &shown;
    }
    if (status == MIEN_OK &&
        (fwrite(out->text, 1, out->length, stdout) != out->length ||
            fflush(stdout) != 0)) {
        status = mien_fail(MIEN_EIO, "standard output: cannot write");
    }
    mien_string_clear(&shown);
    return status;
}
