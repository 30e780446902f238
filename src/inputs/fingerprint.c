/* SPDX-License-Identifier: MIT */
/* Tells rows that have the same inputs by what their files hold, whatever they are
 * called and wherever they lie.
 *
 * In: the places of a row's inputs. Out: 48 bits of a SHA-256: of inputs that fit into
 * memory over their values as they are read, of all others over the bytes of the file
 * and the part, region and points that are taken of it. Training writes those of its
 * rows into the model (train/trained_on.c), prediction asks for those of the rows at
 * hand (predict/known.c), so that nobody takes figures on them for held-out ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "inputs/fingerprint.h"
#include "io/index.h"
#include "mien/inputs.h"

enum { DIGITS = 12, HASH = 65 };

/* One input: what is small is read by its reader. */
typedef struct one {
    unsigned traits;
    bool picture;
    mien_reader *reader; /* NULL: its file's bytes are taken */
    void *kept;
} one;

struct mien_fingerprints {
    one input[MIEN_INPUTS_MAX];
    int count;
    mien_arena *arena;  /* of the names of files */
    mien_index index;   /* of each file whose hash is known, its number */
    char (*hash)[HASH]; /* [room] */
    int64_t known, room;
};

static mien_status open_one(one *o, const mien_input *input) {
    const mien_input_kind *kind = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status != MIEN_OK) {
        return status;
    }
    o->traits = kind->traits;
    o->picture = kind->load_image != NULL;
    if (o->traits & MIEN_INPUT_SMALL) {
        status = mien_reader_open(input, NULL, &o->reader);
        if (status == MIEN_OK) {
            o->kept = mien_alloc(mien_reader_bytes(o->reader), 1);
            status = o->kept ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    return status;
}

mien_status mien_fingerprints_new(
    const mien_input *inputs, int count, mien_fingerprints **fingerprints) {
    MIEN_NEED(inputs);
    MIEN_NEED(fingerprints);
    if (count < 1 || count > MIEN_INPUTS_MAX) {
        return mien_fail(
            MIEN_EINVAL, "%d inputs; 1 to %d are allowed", count, MIEN_INPUTS_MAX);
    }
    mien_fingerprints *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    mien_status status = mien_arena_new(4096, &f->arena);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        f->count = i + 1;
        status = open_one(&f->input[i], &inputs[i]);
    }
    if (status != MIEN_OK) {
        mien_fingerprints_free(&f);
        return status;
    }
    *fingerprints = f;
    return MIEN_OK;
}

void mien_fingerprints_free(mien_fingerprints **fingerprints) {
    mien_fingerprints *f = fingerprints ? *fingerprints : NULL;
    if (!f) {
        return;
    }
    for (int i = 0; i < f->count; i++) {
        mien_reader_close(&f->input[i].reader);
        mien_free(f->input[i].kept);
    }
    mien_index_clear(&f->index);
    mien_arena_free(&f->arena);
    mien_free(f->hash);
    mien_free(f);
    *fingerprints = NULL;
}

/* A file that is not known yet; bytes NULL: it is read. */
static mien_status add_hash(
    mien_fingerprints *f, const char *path, const void *bytes, size_t count) {
    if (f->known == f->room) {
        int64_t larger = f->room ? 2 * f->room : 64;
        char(*hashes)[HASH] =
            mien_realloc(f->hash, (size_t)f->room, (size_t)larger, sizeof *hashes);
        if (!hashes) {
            return MIEN_ENOMEM;
        }
        f->hash = hashes;
        f->room = larger;
    }
    const char *name = mien_arena_strdup(f->arena, path);
    mien_status status = !name   ? MIEN_ENOMEM
                         : bytes ? mien_sha256_bytes(bytes, count, f->hash[f->known])
                                 : mien_sha256_file(path, f->hash[f->known]);
    if (status == MIEN_OK) {
        status = mien_index_add(&f->index, name, strlen(name), f->known);
    }
    f->known += status == MIEN_OK;
    return status;
}

mien_status mien_fingerprints_tell(mien_fingerprints *fingerprints, const char *path,
    const void *bytes, size_t count) {
    return mien_index_find(&fingerprints->index, path, strlen(path)) >= 0
               ? MIEN_OK
               : add_hash(fingerprints, path, bytes, count);
}

/* Files are hashed once: many rows may be parts of one recording. */
static mien_status hash_of(mien_fingerprints *f, const char *path, const char **hash) {
    int64_t at = mien_index_find(&f->index, path, strlen(path));
    mien_status status = MIEN_OK;
    if (at < 0) {
        status = add_hash(f, path, NULL, 0);
        at = f->known - 1;
    }
    if (status == MIEN_OK) {
        *hash = f->hash[at];
    }
    return status;
}

static void add_numbers(mien_sha256 *sha, const double *value, int count) {
    for (int i = 0; i < count; i++) {
        double plain = isnan(value[i]) ? -1e300 : value[i]; /* one form of NaN */
        mien_sha256_add(sha, &plain, sizeof plain);
    }
}

/* *told false: the input is a film, whose moments are no rows of training. */
static mien_status add_file(mien_fingerprints *f, const one *o, const mien_place *place,
    mien_sha256 *sha, bool *told) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    const char *hash = NULL;
    mien_status status = o->picture ? mien_media_kind_of(place->file, &kind) : MIEN_OK;
    if (status == MIEN_OK && kind == MIEN_MEDIA_FILM) {
        *told = false;
        return MIEN_OK;
    }
    if (status == MIEN_OK) {
        status = hash_of(f, place->file, &hash);
    }
    if (status != MIEN_OK) {
        return status;
    }
    mien_sha256_add(sha, hash, HASH - 1);
    if (o->traits & MIEN_INPUT_TIMED) {
        add_numbers(sha, &place->start_s, 1);
        add_numbers(sha, &place->end_s, 1);
    }
    if (o->traits & MIEN_INPUT_REGIONS) {
        add_numbers(sha, place->region, 4);
        add_numbers(sha, place->points, 10);
    }
    return MIEN_OK;
}

/* *there stays as it is where the input is missing. */
static mien_status add_input(mien_fingerprints *f, const one *o,
    const mien_place *place, const float *values, mien_sha256 *sha, bool *there,
    bool *told) {
    const void *kept = values ? (const void *)values : o->kept;
    mien_status status = place->file ? MIEN_OK : MIEN_END;
    if (status == MIEN_OK && o->reader && !values) {
        status = mien_reader_load(o->reader, place, o->kept);
    }
    mien_sha256_add(sha, status == MIEN_END ? "-" : "+", 1);
    if (status == MIEN_END) {
        return MIEN_OK;
    }
    *there = true;
    if (status == MIEN_OK && o->reader) {
        mien_sha256_add(sha, kept, mien_reader_bytes(o->reader));
    } else if (status == MIEN_OK) {
        status = add_file(f, o, place, sha, told);
    }
    return status;
}

mien_status mien_fingerprints_take(
    mien_fingerprints *fingerprints, const mien_place *places, uint64_t *fingerprint) {
    MIEN_NEED(fingerprints);
    MIEN_NEED(places);
    MIEN_NEED(fingerprint);
    const float *read[MIEN_INPUTS_MAX] = {NULL};
    return mien_fingerprints_take_values(fingerprints, places, read, fingerprint);
}

mien_status mien_fingerprints_take_values(mien_fingerprints *fingerprints,
    const mien_place *places, const float *const *values, uint64_t *fingerprint) {
    mien_fingerprints *f = fingerprints;
    mien_sha256 *sha = NULL;
    char hex[HASH];
    bool there = false, told = true;
    mien_status status = mien_sha256_new(&sha);
    if (status != MIEN_OK) {
        return status;
    }
    for (int i = 0; status == MIEN_OK && i < f->count; i++) {
        status = add_input(f, &f->input[i], &places[i], values[i], sha, &there, &told);
    }
    mien_sha256_take(&sha, hex);
    if (status == MIEN_OK) {
        hex[DIGITS] = 0;
        *fingerprint = there && told ? strtoull(hex, NULL, 16) : 0;
    }
    return status;
}
