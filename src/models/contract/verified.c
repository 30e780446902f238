/* SPDX-License-Identifier: MIT */
/* Remembers the SHA-256 of a cached file by its size, times and inode, so that every
 * user of published weights checks all their bytes and only the first one pays for it.
 */
#include "models/contract/verified.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NOTE_MAX 512
#define STATE_MAX 160

/* "" where there is no such file. */
static void state_of(const char *path, char state[STATE_MAX]) {
    struct stat info;
    state[0] = 0;
    if (stat(path, &info) == 0) {
        snprintf(state, STATE_MAX,
            "%" PRId64 " bytes, inode %" PRIu64 ", written %" PRId64 ".%09ld, changed "
            "%" PRId64 ".%09ld",
            (int64_t)info.st_size, (uint64_t)info.st_ino, (int64_t)info.st_mtim.tv_sec,
            info.st_mtim.tv_nsec, (int64_t)info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    }
}

static char *note_of(const char *path) {
    mien_string name;
    mien_string_init(&name);
    mien_string_addf(&name, "%s.checked", path);
    char *note = mien_string_take(&name);
    mien_string_clear(&name);
    return note;
}

/* A note is "SHA-256, blank, state, line break". */
mien_status mien_verified_recall(const char *path, char hex[65], bool *same) {
    char state[STATE_MAX], *text = NULL, *note = note_of(path);
    size_t count = 0;
    hex[0] = 0;
    *same = false;
    if (!note) {
        return MIEN_ENOMEM;
    }
    mien_status status = mien_file_exists(note)
                             ? mien_file_read(note, NOTE_MAX, &text, &count)
                             : MIEN_OK;
    if (status == MIEN_OK && text && strspn(text, "0123456789abcdef") == 64 &&
        text[64] == ' ' && text[count - 1] == '\n') {
        memcpy(hex, text, 64);
        hex[64] = 0;
        text[count - 1] = 0;
        state_of(path, state);
        *same = state[0] && strcmp(text + 65, state) == 0;
    }
    mien_free(text);
    mien_free(note);
    return status == MIEN_ENOMEM ? status : MIEN_OK; /* unreadable: as none */
}

void mien_verified_note(const char *path, const char hex[65]) {
    char state[STATE_MAX], text[NOTE_MAX], *note = note_of(path);
    state_of(path, state);
    int length = snprintf(text, sizeof text, "%s %s\n", hex, state);
    if (note && mien_file_write(note, text, (size_t)length) != MIEN_OK) {
        mien_log(MIEN_LOG_INFO, "models", "%s; it is checked again the next time",
            mien_error());
    }
    mien_free(note);
}

mien_status mien_verified_sha256(const char *path, char hex[65]) {
    bool same;
    mien_status status = mien_verified_recall(path, hex, &same);
    return status != MIEN_OK || same ? status : mien_sha256_file(path, hex);
}
