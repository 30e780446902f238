/* SPDX-License-Identifier: MIT */
/* Lists named memory for a checkpoint and fills it again. */
#include "train/run/checkpoint_state.h"

#include <stdio.h>
#include <string.h>

static mien_status grow(mien_checkpoint_state *state) {
    size_t old = (size_t)state->capacity, wider = old ? 2 * old : 16;
    if (state->count < state->capacity) {
        return MIEN_OK;
    }
    char **names = mien_realloc(state->names, old, wider, sizeof *names);
    if (!names) {
        return MIEN_ENOMEM;
    }
    state->names = names;
    mien_tensor **tensors = mien_realloc(state->tensors, old, wider, sizeof *tensors);
    if (!tensors) {
        return MIEN_ENOMEM;
    }
    state->tensors = tensors;
    state->capacity = (int64_t)wider;
    return MIEN_OK;
}

mien_status mien_checkpoint_state_add(mien_checkpoint_state *state, mien_dtype dtype,
    int64_t count, void *data, const char *format, ...) {
    char name[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof name) {
        return mien_fail(MIEN_ELIMIT, "the name %s… is too long", name);
    }
    mien_status status = grow(state);
    if (status != MIEN_OK) {
        return status;
    }
    char *taken = mien_strdup(name);
    if (!taken) {
        return MIEN_ENOMEM;
    }
    status = mien_tensor_over(dtype, 1, &count, data, &state->tensors[state->count]);
    if (status != MIEN_OK) {
        mien_free(taken);
        return status;
    }
    state->names[state->count++] = taken;
    return MIEN_OK;
}

void mien_checkpoint_state_clear(mien_checkpoint_state *state) {
    for (int64_t i = 0; i < state->count; i++) {
        mien_free(state->names[i]);
        mien_tensor_free(&state->tensors[i]);
    }
    mien_free(state->names);
    mien_free(state->tensors);
    *state = (mien_checkpoint_state){0};
}

static mien_status check(
    const mien_checkpoint_state *state, mien_archive *archive, int64_t i) {
    const mien_tensor *want = state->tensors[i];
    int64_t at = mien_archive_find(archive, state->names[i]);
    if (at < 0) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s is not in the checkpoint", state->names[i]);
    }
    const mien_tensor *got = mien_archive_info(archive, at);
    if (got->dtype != want->dtype || got->rank != 1 ||
        got->shape[0] != want->shape[0]) {
        char shape[96];
        return mien_fail(MIEN_ESHAPE,
            "%s is %s %s in the checkpoint, and %s [%lld] here", state->names[i],
            mien_dtype_name(got->dtype),
            mien_shape_text(got->rank, got->shape, shape, sizeof shape),
            mien_dtype_name(want->dtype), (long long)want->shape[0]);
    }
    return MIEN_OK;
}

mien_status mien_checkpoint_state_load(
    const mien_checkpoint_state *state, mien_archive *archive) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < state->count; i++) {
        status = check(state, archive, i);
    }
    for (int64_t i = 0; status == MIEN_OK && i < state->count; i++) {
        mien_tensor *read = NULL;
        status = mien_archive_load(
            archive, mien_archive_find(archive, state->names[i]), &read);
        if (status == MIEN_OK) {
            memcpy(state->tensors[i]->data, read->data, mien_tensor_bytes(read));
            mien_tensor_free(&read);
        }
    }
    return status;
}
