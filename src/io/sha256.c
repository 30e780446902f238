/* SPDX-License-Identifier: MIT */
/* SHA-256 of bytes and files, by nettle. */
#include "io/file.h"
#include "base/need.h"

#include <nettle/sha2.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BLOCK (256u << 10)

struct mien_sha256 {
    struct sha256_ctx context;
};

mien_status mien_sha256_new(mien_sha256 **sha) {
    MIEN_NEED(sha);
    mien_sha256 *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    sha256_init(&s->context);
    *sha = s;
    return MIEN_OK;
}

void mien_sha256_add(mien_sha256 *sha, const void *bytes, size_t count) {
    MIEN_NEED_OR(, sha, bytes || count < 1);
    if (count > 0) {
        sha256_update(&sha->context, count, bytes);
    }
}

void mien_sha256_take(mien_sha256 **sha, char hex[65]) {
    MIEN_NEED_OR(, sha, hex);
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&(*sha)->context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[64] = 0;
    mien_free(*sha);
    *sha = NULL;
}

mien_status mien_sha256_bytes(const void *bytes, size_t count, char hex[65]) {
    MIEN_NEED(bytes || count < 1, hex);
    mien_sha256 *sha = NULL;
    mien_status status = mien_sha256_new(&sha);
    if (status == MIEN_OK) {
        mien_sha256_add(sha, bytes, count);
        mien_sha256_take(&sha, hex);
    }
    return status;
}

static mien_status add_file(mien_sha256 *sha, int fd, const char *path, char *block) {
    for (;;) {
        ssize_t got = read(fd, block, BLOCK);
        if (got == 0) {
            return MIEN_OK;
        }
        if (got < 0 && errno != EINTR) {
            return mien_fail(MIEN_EIO, "%s: cannot read: %s", path, strerror(errno));
        }
        if (got > 0) {
            mien_sha256_add(sha, block, (size_t)got);
        }
    }
}

mien_status mien_sha256_file(const char *path, char hex[65]) {
    MIEN_NEED(path);
    MIEN_NEED(hex);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return mien_fail(MIEN_EIO, "%s: cannot open: %s", path, strerror(errno));
    }
    mien_sha256 *sha = NULL;
    char *block = mien_alloc(BLOCK, 1);
    mien_status status = block ? mien_sha256_new(&sha) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = add_file(sha, fd, path, block);
        char digest[65];
        mien_sha256_take(&sha, digest);
        if (status == MIEN_OK) {
            memcpy(hex, digest, sizeof digest);
        }
    }
    mien_free(block);
    close(fd);
    return status;
}
