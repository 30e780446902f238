/* SPDX-License-Identifier: MIT */
/* Features of a film that are computed once: kept by the hashes of all they are made
 * of. */
#include "cli/extract_films.h"

#include <stdio.h>
#include <string.h>

#include "models/contract/verified.h"

/* The SHA-256 of each family's weights, one a line. */
static mien_status add_weights(const cli_film_request *r, mien_string *text) {
    const char *names = r->names;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *names) {
        char name[64], hex[65], *path = NULL;
        const cli_family *family = NULL;
        const size_t length = strcspn(names, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, names);
        names += length + (names[length] == ',');
        status = cli_family_find(name, &family);
        if (status == MIEN_OK && family->backbone) {
            status = cli_family_weights(&r->settings, family->backbone, &path);
            status = status ? status : mien_verified_sha256(path, hex);
            mien_string_addf(text, "%s %s\n", family->backbone, status ? "" : hex);
        }
        mien_free(path);
    }
    return status;
}

/* All that the values depend on, and the hash of it. */
static mien_status key_of(const cli_film_request *r, const char *film, char hex[65]) {
    const cli_film_settings *s = &r->settings;
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_sha256_file(film, hex);
    mien_string_addf(&text, "%s\n%s\n%s\n%d %.17g %.17g %lld %.17g %d %d %d %d %d\n",
        MIEN_VERSION, hex, r->names, s->rate_hz, s->segment_s, r->hop_s,
        (long long)s->frames, s->frame_rate_hz, s->flow_size, s->embedding_linear,
        s->batch_statistics, s->exact, r->tracks);
    for (int64_t i = 0; i < r->span_count; i++) {
        mien_string_addf(
            &text, "%.17g %.17g\n", r->spans[i].start_s, r->spans[i].end_s);
    }
    if (status == MIEN_OK && s->pca) {
        status = mien_sha256_file(s->pca, hex);
        mien_string_addf(&text, "%s\n", hex);
    }
    status = status ? status : add_weights(r, &text);
    status = status ? status : mien_string_status(&text);
    status = status ? status : mien_sha256_bytes(text.text, text.length, hex);
    mien_string_clear(&text);
    return status;
}

mien_status cli_films_cached(
    cli *c, const cli_film_request *r, const char *film, char **path) {
    char hex[65], name[80], *cache = NULL, *folder = NULL, *file = NULL;
    cli_film_request request = *r;
    mien_status status = key_of(r, film, hex);
    status = status ? status : mien_cache_directory(&cache);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "%s.h5", hex);
        folder = mien_path_join(cache, "features");
        file = folder ? mien_path_join(folder, name) : NULL;
        status = file ? mien_directory_make(folder) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && !mien_file_exists(file)) {
        request.output = file;
        status = cli_films_run(c, &request, 1, &film);
    }
    if (status == MIEN_OK) {
        *path = file;
        file = NULL;
    }
    mien_free(file);
    mien_free(folder);
    mien_free(cache);
    return status;
}
