/* SPDX-License-Identifier: MIT */
/* Writes and reads checkpoints with the digest of all they hold. */
#include "train/run/checkpoint.h"

#include <stdio.h>
#include <string.h>

#define KEY_RUN "mien_run"
#define KEY_EVENTS "mien_events"
#define KEY_DIGEST "mien_digest"

static void add_text(mien_sha256 *sha, const char *text) {
    mien_sha256_add(sha, text, strlen(text) + 1);
}

static void add_tensor(mien_sha256 *sha, const char *name, const mien_tensor *tensor) {
    add_text(sha, name);
    add_text(sha, mien_dtype_name(tensor->dtype));
    mien_sha256_add(sha, tensor->data, mien_tensor_bytes(tensor));
}

mien_status mien_checkpoint_write(
    const char *path, mien_training *training, const char *run, int64_t events) {
    mien_checkpoint_state state = {0};
    mien_sha256 *sha = NULL;
    char bytes[32], digest[65];
    snprintf(bytes, sizeof bytes, "%lld", (long long)events);
    mien_status status = mien_training_state(training, &state);
    if (status == MIEN_OK) {
        status = mien_sha256_new(&sha);
    }
    if (status == MIEN_OK) {
        add_text(sha, run);
        add_text(sha, bytes);
        for (int64_t i = 0; i < state.count; i++) {
            add_tensor(sha, state.names[i], state.tensors[i]);
        }
        mien_sha256_take(&sha, digest);
        const char *const metadata[] = {
            KEY_RUN, run, KEY_EVENTS, bytes, KEY_DIGEST, digest, NULL};
        status =
            mien_safetensors_write(path, state.count, (const char *const *)state.names,
                (const mien_tensor *const *)state.tensors, metadata);
    }
    mien_checkpoint_state_clear(&state);
    return status;
}

static mien_status digest_of(
    mien_archive *archive, const char *run, const char *events, char digest[65]) {
    mien_sha256 *sha = NULL;
    mien_status status = mien_sha256_new(&sha);
    if (status != MIEN_OK) {
        return status;
    }
    add_text(sha, run);
    add_text(sha, events);
    for (int64_t i = 0; status == MIEN_OK && i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        status = mien_archive_load(archive, i, &tensor);
        if (status == MIEN_OK) {
            add_tensor(sha, mien_archive_name(archive, i), tensor);
        }
        mien_tensor_free(&tensor);
    }
    mien_sha256_take(&sha, digest);
    return status;
}

static mien_status check(mien_archive *archive, const char *run, int64_t *events) {
    const char *of = mien_archive_metadata(archive, KEY_RUN);
    const char *bytes = mien_archive_metadata(archive, KEY_EVENTS);
    const char *written = mien_archive_metadata(archive, KEY_DIGEST);
    char digest[65];
    if (!of || !bytes || !written || !mien_parse_int(bytes, events) || *events < 0) {
        return mien_fail(MIEN_EFORMAT, "it is no checkpoint of a training");
    }
    if (strcmp(of, run) != 0) {
        return mien_fail(MIEN_EVERIFY,
            "it is of another run: its study, data, weights or fold are not these");
    }
    mien_status status = digest_of(archive, of, bytes, digest);
    if (status == MIEN_OK && strcmp(digest, written) != 0) {
        status = mien_fail(MIEN_EVERIFY,
            "its bytes are not those that were written: remove it, and its fold is "
            "trained from the beginning");
    }
    return status;
}

mien_status mien_checkpoint_read(
    const char *path, mien_training *training, const char *run, int64_t *events) {
    mien_archive *archive = NULL;
    mien_status status = mien_archive_open(path, &archive);
    if (status != MIEN_OK) {
        return status;
    }
    status = check(archive, run, events);
    if (status == MIEN_OK) {
        status = mien_training_load(training, archive);
    }
    mien_archive_close(&archive);
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", path);
}

bool mien_checkpoint_is_lost(const char *path) {
    static const char zeros[8];
    char head[sizeof zeros] = {0};
    FILE *file = fopen(path, "rb");
    size_t count = file ? fread(head, 1, sizeof head, file) : sizeof head;
    bool lost = file && !ferror(file) &&
                (count < sizeof head || memcmp(head, zeros, sizeof head) == 0);
    if (file) {
        fclose(file);
    }
    return lost;
}
