/* SPDX-License-Identifier: MIT */
/* MD5 of files, by nettle: what some publishers tell of theirs. It finds damage;
 * against forgery there is SHA-256. */
#include "io/file.h"
#include "base/need.h"

#include <nettle/md5.h>

#include <stdio.h>

mien_status mien_md5_file(const char *path, char hex[33]) {
    MIEN_NEED(path, hex);
    mien_map map = {0};
    struct md5_ctx context;
    uint8_t digest[MD5_DIGEST_SIZE];
    mien_status status = mien_map_init(&map, path, SIZE_MAX);
    if (status != MIEN_OK) {
        return status;
    }
    md5_init(&context);
    if (map.count > 0) {
        md5_update(&context, map.count, map.bytes);
    }
    md5_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    mien_map_clear(&map);
    return MIEN_OK;
}
