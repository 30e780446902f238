/* SPDX-License-Identifier: MIT */
/* Help texts, man pages and shell completion, all from the same tables. */
#include "cli/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 28 };

static const char *const about =
    "Predicts how people feel (valence, arousal) from pictures and films; trains such\n"
    "predictors on rated pictures and judges them honestly.\n";

static const char *const environment[][2] = {
    {"MIEN_CACHE", "Folder for weights and models (default: ~/.cache/mien)"},
    {NULL, NULL},
};

static const char *const exit_status =
    "0 good, 1 data or the run failed (also: some of the inputs), 2 wrong usage,\n"
    "130 interrupted.";

static const char *metavar(const mien_option *option) {
    static const char *const by_type[] = {
        [MIEN_OPTION_FLAG] = "",
        [MIEN_OPTION_INT] = "N",
        [MIEN_OPTION_NUMBER] = "X",
        [MIEN_OPTION_TEXT] = "TEXT",
        [MIEN_OPTION_LIST] = "TEXT",
        [MIEN_OPTION_CHOICE] = "NAME",
        [MIEN_OPTION_SECONDS] = "TIME",
    };
    return option->metavar ? option->metavar : by_type[option->type];
}

/* "one of a, b, c; default x" as far as it applies. */
static void add_facts(mien_string *out, const mien_option *option) {
    mien_string facts;
    mien_string_init(&facts);
    if (option->choices) {
        for (int i = 0; option->choices[i]; i++) {
            mien_string_addf(&facts, "%s%s", i ? ", " : "one of ", option->choices[i]);
        }
    }
    if (option->initial && option->type != MIEN_OPTION_FLAG) {
        mien_string_addf(
            &facts, "%sdefault %s", facts.length ? "; " : "", option->initial);
    }
    if (facts.length) {
        mien_string_addf(out, " (%s)", facts.text);
    }
    mien_string_clear(&facts);
}

static void add_option(mien_string *out, const mien_option *option) {
    char head[128], letter[8] = "    ";
    if (option->letter) {
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    const char *value = metavar(option);
    snprintf(head, sizeof head, "  %s--%s%s%s", letter, option->name, *value ? " " : "",
        value);
    mien_string_addf(
        out, "%-*s%s", HELP_COLUMN, head, strlen(head) >= HELP_COLUMN ? "\n" : "");
    if (strlen(head) >= HELP_COLUMN) {
        mien_string_addf(out, "%*s", HELP_COLUMN, "");
    }
    mien_string_add(out, option->help);
    add_facts(out, option);
    mien_string_add(out, "\n");
}

mien_status cli_help(mien_string *out) {
    mien_string_addf(out, "usage: mien COMMAND …\n\n%s\nCommands:\n", about);
    for (int i = 0; i < cli_command_count(); i++) {
        const cli_command *command = cli_command_at(i);
        if (!command->hidden) {
            mien_string_addf(out, "  %-12s%s\n", command->name, command->summary);
        }
    }
    mien_string_add(out, "\n`mien COMMAND --help` explains a command. First steps:\n\n"
                         "  mien models pull mobilenet_v2\n"
                         "  mien predict image-va picture.jpg film.mp4\n"
                         "  mien predict image-va film.mp4 --report film.html\n");
    return mien_string_status(out);
}

mien_status cli_help_command(mien_string *out, const cli_command *command) {
    mien_string_addf(out, "usage: mien %s %s\n\n%s.\n\n%s\n", command->name,
        command->synopsis, command->summary, command->text);
    if (command->options && command->options[0].name) {
        mien_string_add(out, "\nOptions:\n");
        for (const mien_option *o = command->options; o->name; o++) {
            add_option(out, o);
        }
    }
    mien_string_add(out, "\nCommon options:\n");
    for (const mien_option *o = cli_common; o->name; o++) {
        add_option(out, o);
    }
    if (command->examples) {
        mien_string_addf(out, "\nExamples:\n%s", command->examples);
    }
    return mien_string_status(out);
}

/* Text for roff: backslashes and dashes escaped, a leading dot or quote kept harmless.
 */
static void roff(mien_string *out, const char *text) {
    for (const char *c = text; *c; c++) {
        if ((c == text || c[-1] == '\n') && (*c == '.' || *c == '\'')) {
            mien_string_add(out, "\\&");
        }
        if (*c == '\\') {
            mien_string_add(out, "\\\\");
        } else if (*c == '-') {
            mien_string_add(out, "\\-");
        } else {
            mien_string_add_n(out, c, 1);
        }
    }
}

/* Paragraphs of the help text: blank lines become .PP. */
static void roff_paragraphs(mien_string *out, const char *text) {
    for (bool first = true; *text; first = false) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        char *paragraph = mien_strndup(text, length);
        mien_string_add(out, first ? "" : ".PP\n");
        if (paragraph) {
            roff(out, paragraph);
        } else {
            out->failed = true;
        }
        mien_string_add(out, "\n");
        mien_free(paragraph);
        text += length + (end ? 2 : 0);
    }
}

static void roff_option(mien_string *out, const mien_option *option) {
    mien_string help;
    mien_string_init(&help);
    mien_string_add(&help, option->help);
    add_facts(&help, option);
    mien_string_add(out, ".TP\n");
    if (option->letter) {
        mien_string_addf(out, "\\fB\\-%c\\fR, ", option->letter);
    }
    mien_string_add(out, "\\fB\\-\\-");
    roff(out, option->name);
    mien_string_add(out, "\\fR");
    if (*metavar(option)) {
        mien_string_add(out, " \\fI");
        roff(out, metavar(option));
        mien_string_add(out, "\\fR");
    }
    mien_string_add(out, "\n");
    roff(out, help.text);
    mien_string_add(out, ".\n");
    mien_string_clear(&help);
}

static void roff_environment(mien_string *out) {
    mien_string_add(out, ".SH ENVIRONMENT\n");
    for (int i = 0; environment[i][0]; i++) {
        mien_string_addf(out, ".TP\n\\fB%s\\fR\n", environment[i][0]);
        roff(out, environment[i][1]);
        mien_string_add(out, ".\n");
    }
    mien_string_addf(out, ".SH EXIT STATUS\n%s\n", exit_status);
}

static void man_command(mien_string *out, const cli_command *command) {
    mien_string_addf(out, ".SH NAME\nmien\\-%s \\- ", command->name);
    roff(out, command->summary);
    mien_string_addf(out, "\n.SH SYNOPSIS\n.B mien %s\n", command->name);
    roff(out, command->synopsis);
    mien_string_add(out, "\n.SH DESCRIPTION\n");
    roff_paragraphs(out, command->text);
    mien_string_add(out, ".SH OPTIONS\n");
    for (const mien_option *o = command->options; o && o->name; o++) {
        roff_option(out, o);
    }
    for (const mien_option *o = cli_common; o->name; o++) {
        roff_option(out, o);
    }
    if (command->examples) {
        mien_string_add(out, ".SH EXAMPLES\n.nf\n");
        roff(out, command->examples);
        mien_string_add(out, ".fi\n");
    }
}

static void man_main(mien_string *out) {
    mien_string_add(out,
        ".SH NAME\nmien \\- predict how people feel from pictures and films\n"
        ".SH SYNOPSIS\n.B mien\n\\fICOMMAND\\fR …\n.SH DESCRIPTION\n");
    roff(out, about);
    mien_string_add(out, ".SH COMMANDS\n");
    for (int i = 0; i < cli_command_count(); i++) {
        const cli_command *command = cli_command_at(i);
        if (!command->hidden) {
            mien_string_addf(out, ".TP\n\\fB%s\\fR\n", command->name);
            roff(out, command->summary);
            mien_string_addf(out, "; see \\fBmien\\-%s\\fR(1).\n", command->name);
        }
    }
}

mien_status cli_man(mien_string *out, const cli_command *command) {
    char title[64];
    snprintf(title, sizeof title, "MIEN%s%s", command ? "-" : "",
        command ? command->name : "");
    for (char *c = title; *c; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    mien_string_addf(
        out, ".TH %s 1 \"\" \"mien %s\" \"User Commands\"\n", title, MIEN_VERSION);
    if (command) {
        man_command(out, command);
    } else {
        man_main(out);
    }
    roff_environment(out);
    return mien_string_status(out);
}

static void markdown_option(mien_string *out, const mien_option *option) {
    mien_string_add(out, "- `");
    if (option->letter) {
        mien_string_addf(out, "-%c`, `", option->letter);
    }
    mien_string_addf(out, "--%s%s%s`: %s", option->name, *metavar(option) ? " " : "",
        metavar(option), option->help);
    add_facts(out, option);
    mien_string_add(out, "\n");
}

static void markdown_command(mien_string *out, const cli_command *command) {
    mien_string_addf(out, "\n## mien %s\n\n%s.\n\n    mien %s %s\n\n%s\n",
        command->name, command->summary, command->name, command->synopsis,
        command->text);
    if (command->options && command->options[0].name) {
        mien_string_add(out, "\n");
    }
    for (const mien_option *o = command->options; o && o->name; o++) {
        markdown_option(out, o);
    }
    if (command->examples) {
        mien_string_addf(out, "\n```sh\n%s```\n", command->examples);
    }
}

mien_status cli_markdown(mien_string *out) {
    mien_string_addf(out,
        "# Commands\n\n%s\nThis page is made by `mien help --markdown`; the same texts "
        "are behind\n`mien COMMAND --help` and the man pages. Options that every "
        "command "
        "takes:\n\n",
        about);
    for (const mien_option *o = cli_common; o->name; o++) {
        markdown_option(out, o);
    }
    mien_string_add(out, "\nEnvironment:\n\n");
    for (int i = 0; environment[i][0]; i++) {
        mien_string_addf(out, "- `%s`: %s\n", environment[i][0], environment[i][1]);
    }
    mien_string_addf(out, "\nExit status: %s\n", exit_status);
    for (int i = 0; i < cli_command_count(); i++) {
        if (!cli_command_at(i)->hidden) {
            markdown_command(out, cli_command_at(i));
        }
    }
    return mien_string_status(out);
}

static void completion_command(mien_string *out, const cli_command *command) {
    mien_string_addf(out, "        %s) words=\"", command->name);
    for (const mien_option *o = command->options; o && o->name; o++) {
        mien_string_addf(out, "--%s ", o->name);
    }
    for (const mien_option *o = cli_common; o->name; o++) {
        mien_string_addf(out, "--%s%s", o->name, o[1].name ? " " : "");
    }
    mien_string_add(out, "\" ;;\n");
}

static void completion_choices(mien_string *out, const cli_command *command) {
    for (const mien_option *o = command->options; o && o->name; o++) {
        if (!o->choices) {
            continue;
        }
        mien_string_addf(
            out, "        %s:--%s) COMPREPLY=($(compgen -W \"", command->name, o->name);
        for (int i = 0; o->choices[i]; i++) {
            mien_string_addf(out, "%s%s", i ? " " : "", o->choices[i]);
        }
        mien_string_add(out, "\" -- \"$cur\")); return ;;\n");
    }
}

mien_status cli_completion(mien_string *out) {
    mien_string_add(out,
        "# bash completion for mien\n_mien() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local cmd=${COMP_WORDS[1]} words=\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < cli_command_count(); i++) {
        if (!cli_command_at(i)->hidden) {
            mien_string_addf(out, "%s ", cli_command_at(i)->name);
        }
    }
    mien_string_add(out, "--help --version\" -- \"$cur\"))\n        return\n    fi\n"
                         "    case \"$cmd:$prev\" in\n");
    for (int i = 0; i < cli_command_count(); i++) {
        completion_choices(out, cli_command_at(i));
    }
    mien_string_add(out, "    esac\n    case \"$cmd\" in\n");
    for (int i = 0; i < cli_command_count(); i++) {
        completion_command(out, cli_command_at(i));
    }
    mien_string_add(out,
        "    esac\n    case \"$cur\" in\n"
        "        -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
        "        *) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
        "    esac\n}\ncomplete -o filenames -F _mien mien\n");
    return mien_string_status(out);
}
