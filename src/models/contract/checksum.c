/* SPDX-License-Identifier: MIT */
/* The seal of a model file: the SHA-256 of all its bytes, kept in the file itself. */
#include "models/contract/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/beside.h"
#include "mien/io.h"

#define DIGITS 64
#define HEADER_MAX (100 << 20) /* as the safetensors reader's */
#define CHUNK 65536

/* A file's header in memory and where in the file the seal's digits stand. */
typedef struct sealed {
    FILE *file;
    char *header; /* the 8 bytes of its length included */
    size_t header_length;
    size_t digits; /* offset of the digits */
} sealed;

static void sealed_close(sealed *s) {
    if (s->file) {
        fclose(s->file);
    }
    mien_free(s->header);
}

/* In the header the contract's own quotes are escaped, so the key stands there once. */
static bool find_digits(sealed *s) {
    static const char key[] = "\"" MIEN_SEAL_KEY "\"";
    const char *at = strstr(s->header + 8, key);
    if (!at) {
        return false;
    }
    at += sizeof key - 1;
    at += strspn(at, " ");
    if (*at != ':') {
        return false;
    }
    at++;
    at += strspn(at, " ");
    if (*at != '"' || strspn(at + 1, "0123456789abcdef") != DIGITS ||
        at[1 + DIGITS] != '"') {
        return false;
    }
    s->digits = (size_t)(at + 1 - s->header);
    return true;
}

/* A link is followed to be read, never to be written. */
static FILE *open_file(const char *path, bool write) {
    int fd = open(path, write ? O_RDWR | O_NOFOLLOW | O_CLOEXEC : O_RDONLY | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, write ? "r+b" : "rb") : NULL;
    if (fd >= 0 && !file) {
        close(fd);
    }
    return file;
}

static mien_status sealed_open(const char *path, bool write, sealed *s) {
    unsigned char prefix[8];
    s->file = open_file(path, write);
    if (!s->file) {
        return mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
    }
    if (fread(prefix, 1, 8, s->file) != 8) {
        return mien_fail(MIEN_EFORMAT, "%s: no safetensors file", path);
    }
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) {
        length = length << 8 | prefix[i];
    }
    if (length > HEADER_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: header of more than 100 MB", path);
    }
    s->header_length = 8 + (size_t)length;
    s->header = mien_alloc(s->header_length + 1, 1);
    if (!s->header) {
        return MIEN_ENOMEM;
    }
    memcpy(s->header, prefix, 8);
    if (fread(s->header + 8, 1, (size_t)length, s->file) != length) {
        return mien_fail(MIEN_EFORMAT, "%s: ends within its header", path);
    }
    if (!find_digits(s)) {
        return mien_fail(MIEN_EVERIFY,
            "%s: has no seal (\"" MIEN_SEAL_KEY "\" in its metadata)", path);
    }
    return MIEN_OK;
}

/* Digest of the file with the seal's digits as zeros; the header in memory keeps them
 * so. */
static mien_status digest_of(const char *path, sealed *s, char hex[65]) {
    mien_sha256 *sha = NULL;
    mien_status status = mien_sha256_new(&sha);
    if (status != MIEN_OK) {
        return status;
    }
    memset(s->header + s->digits, '0', DIGITS);
    mien_sha256_add(sha, s->header, s->header_length);
    char chunk[CHUNK];
    size_t count;
    while ((count = fread(chunk, 1, sizeof chunk, s->file)) > 0) {
        mien_sha256_add(sha, chunk, count);
    }
    mien_sha256_take(&sha, hex);
    if (ferror(s->file)) {
        return mien_fail(MIEN_EIO, "%s: cannot be read to its end", path);
    }
    return MIEN_OK;
}

mien_status mien_checksum_write(const char *path) {
    sealed s = {0};
    char hex[65];
    mien_status status = sealed_open(path, true, &s);
    if (status == MIEN_OK) {
        status = digest_of(path, &s, hex);
    }
    if (status == MIEN_OK &&
        (fseek(s.file, (long)s.digits, SEEK_SET) != 0 ||
            fwrite(hex, 1, DIGITS, s.file) != DIGITS || fflush(s.file) != 0 ||
            (!mien_files_grouped() && fsync(fileno(s.file)) != 0))) {
        status = mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
    }
    sealed_close(&s);
    return status;
}

mien_status mien_checksum_check(const char *path) {
    sealed s = {0};
    char hex[65], kept[65] = "";
    mien_status status = sealed_open(path, false, &s);
    if (status == MIEN_OK) {
        memcpy(kept, s.header + s.digits, DIGITS);
        status = digest_of(path, &s, hex);
    }
    if (status == MIEN_OK && strcmp(hex, kept) != 0) {
        status = mien_fail(MIEN_EVERIFY,
            "%s: was changed after it was made (SHA-256 %.12s…, sealed with %.12s…)",
            path, hex, kept);
    }
    sealed_close(&s);
    return status;
}
