/* SPDX-License-Identifier: MIT */
/* The command mien: finds the command, parses, runs, turns failures into exit codes. */
#include "base/ranks.h"
#include "cli/command.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    EXIT_GOOD = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_INTERRUPTED = 130,
    EXIT_READER_LEFT = 141 /* as of a death by SIGPIPE */
};
enum { GRACE_US = 700000 };

/* The last words where nothing of the command needs to be kept at an interrupt;
 * NULL: something has to be kept. */
static const char *volatile last_words;

/* A rank other than 0: rank 0 says what there is to say. */
static bool is_silent;

static void on_interrupt(int number) {
    static volatile sig_atomic_t count;
    if (count++) {
        _exit(128 + number); /* asked twice: stop at once */
    }
    mien_interrupt();
    if (last_words) { /* whoever looks at mien_interrupted() has this long to end */
        const struct itimerval soon = {.it_value = {.tv_usec = GRACE_US}};
        setitimer(ITIMER_REAL, &soon, NULL);
    }
}

/* A command that computes from files which stay as they are has nothing to lose. */
static void on_alarm(int number) {
    (void)number;
    const char *words = last_words ? last_words : "";
    ssize_t written = write(STDERR_FILENO, words, strlen(words));
    (void)written;
    _exit(EXIT_INTERRUPTED);
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_interrupt},
                     alarm = {.sa_handler = on_alarm};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGALRM, &alarm, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error like any other, */
    signal(SIGXFSZ, SIG_IGN); /* and so is a limit on the size of files */
}

static void log_line(
    void *context, mien_log_level level, const char *room, const char *text) {
    cli *c = context;
    if (is_silent || level > MIEN_LOG_WARN || (c->quiet && level > MIEN_LOG_ERROR)) {
        return;
    }
    const char *kind = level == MIEN_LOG_WARN ? "warning" : "error";
    cli_progress_end(c);
    if (c->json) {
        cli_json_line(kind, text, "room", room);
    } else {
        char line[8192];
        snprintf(line, sizeof line, "%s: %s: %s", kind, room, text);
        cli_line(line);
    }
}

static void tell(cli *c, mien_status status) {
    const char *text = *mien_error() ? mien_error() : mien_status_name(status);
    cli_progress_end(c);
    if (c->json) {
        cli_json_line("error", text, "status", mien_status_name(status));
    } else {
        cli_line(text);
    }
}

/* Whoever read standard output has seen enough (`| head`): nothing is wrong. */
static bool reader_has_left(void) {
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) &&
           strstr(mien_error(), "standard output: ");
}

static int finish(cli *c, mien_status status, const cli_command *command) {
    if (is_silent) { /* Rank 0 tells, and mpirun would end it for another's failure. */
        return EXIT_GOOD;
    }
    cli_progress_end(c);
    if (status == MIEN_OK) {
        return c->problems ? EXIT_FAILED : EXIT_GOOD;
    }
    if (status == MIEN_EIO && reader_has_left()) {
        return EXIT_READER_LEFT;
    }
    if (!c->told) {
        tell(c, status);
        if (c->usage && !c->json) {
            fprintf(stderr, "See: mien %s%s--help\n", command ? command->name : "",
                command ? " " : "");
        }
    }
    return c->usage                      ? EXIT_USAGE
           : status == MIEN_EINTERRUPTED ? EXIT_INTERRUPTED
                                         : EXIT_FAILED;
}

static mien_status check_count(cli *c, const cli_command *command, int count) {
    if (count < command->positional_min) {
        return cli_usage(c, "usage: mien %s %s", command->name, command->synopsis);
    }
    if (command->positional_max >= 0 && count > command->positional_max) {
        return cli_usage(c, "mien %s takes at most %d argument%s, got %d",
            command->name, command->positional_max,
            command->positional_max == 1 ? "" : "s", count);
    }
    return MIEN_OK;
}

static mien_status print_help(const cli_command *command) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = command ? cli_help_command(&text, command) : cli_help(&text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

/* Commands whose jobs are distributed over the processes that mpirun started. */
static bool is_distributed(const cli_command *command) {
    static const char *const names[] = {"train", "resume", "search", "extract"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(command->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Seconds after which a rank from which nothing is heard is given up. */
static double patience_s(void) {
    const char *text = getenv("MIEN_RANKS_PATIENCE");
    double given;
    return text && mien_parse_number(text, &given) && given > 0 ? given : 60;
}

/* With the other processes that mpirun started: rank 0 alone talks. */
static mien_status run_distributed(cli *c, const cli_command *command,
    const mien_options *options, int count, const char *const *positional) {
    mien_ranks *ranks = NULL;
    mien_status status = mien_ranks_open(patience_s(), &ranks);
    is_silent = mien_rank(ranks) > 0;
    c->quiet = c->quiet || is_silent;
    if (status == MIEN_OK) {
        status = command->run(c, options, count, positional);
    }
    mien_ranks_close(&ranks, status);
    return status;
}

static mien_status run_command(
    cli *c, const cli_command *command, int argc, char *const *argv) {
    mien_options *options = NULL;
    mien_option *table = cli_all_options(command);
    const char **positional = mien_alloc((size_t)argc + 1, sizeof *positional);
    int count = 0;
    mien_status status =
        table && positional ? mien_options_new(table, &options) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    status = mien_options_parse(options, argc, argv, positional, &count);
    c->json = status == MIEN_OK ? mien_options_flag(options, "json") : c->json;
    if (status != MIEN_OK) {
        c->usage = true;
        goto done;
    }
    if (mien_options_flag(options, "help")) {
        status = print_help(command);
        goto done;
    }
    c->quiet = mien_options_flag(options, "quiet");
    c->threads = mien_options_given(options, "threads")
                     ? (int)mien_options_int(options, "threads")
                     : mien_cpu_count();
    status = check_count(c, command, count);
    if (status == MIEN_OK) {
        last_words = command->keeps ? NULL
                     : c->json      ? "{\"error\": \"interrupted\", \"status\": "
                                      "\"interrupted\"}\n"
                                    : "mien: interrupted\n";
        status = is_distributed(command)
                     ? run_distributed(c, command, options, count, positional)
                     : command->run(c, options, count, positional);
        last_words = NULL;
    }
done:
    mien_free(positional);
    mien_options_free(&options);
    mien_free(table);
    return status;
}

/* The nearest command within two slips, or NULL. */
static const cli_command *nearest(const char *name) {
    const cli_command *best = NULL;
    int distance = 3;
    for (int i = 0; i < cli_command_count(); i++) {
        int d = mien_edit_distance(name, cli_command_at(i)->name);
        if (d < distance) {
            distance = d;
            best = cli_command_at(i);
        }
    }
    return best;
}

/* Found before anything is parsed, so that wrong usage is told as JSON too. */
static bool asks_for_json(int argc, char *const *argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            return true;
        }
    }
    return false;
}

static mien_status run_main(
    cli *c, int argc, char *const *argv, const cli_command **command) {
    if (argc < 2) {
        c->usage = true;
        c->told = true;
        mien_status status = print_help(NULL);
        return status == MIEN_OK ? MIEN_EINVAL : status;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return print_help(NULL);
    }
    if (strcmp(argv[1], "--version") == 0) {
        *command = cli_command_find("version");
        return (*command)->run(c, NULL, 0, NULL);
    }
    *command = cli_command_find(argv[1]);
    if (!*command) {
        const cli_command *near = nearest(argv[1]);
        return cli_usage(c, "there is no command \"%s\"%s%s%s", argv[1],
            near ? "; did you mean \"" : "", near ? near->name : "", near ? "\"?" : "");
    }
    return run_command(c, *command, argc - 2, argv + 2);
}

/* Ends the process. What others would free at exit (a hundred maps of generated code)
 * goes with it; only tools that look at a process's end get to see it. */
static _Noreturn void leave(int code) {
    fflush(NULL);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) &&                         \
    !defined(__SANITIZE_THREAD__)
    _exit(code);
#else
    exit(code);
#endif
}

int main(int argc, char **argv) {
    cli c = {.threads = 1,
        .terminal = isatty(STDERR_FILENO) == 1,
        .json = asks_for_json(argc, argv)};
    const cli_command *command = NULL;
    mien_log_set(log_line, &c);
    catch_signals();
    mien_status status = run_main(&c, argc, argv, &command);
    leave(finish(&c, status, command));
}
