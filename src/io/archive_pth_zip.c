/* SPDX-License-Identifier: MIT */
/* torch.save() since PyTorch 1.6: a zip archive with NAME/data.pkl and one uncompressed
 * file NAME/data/KEY for each storage. */
#include "io/torch.h"
#include "io/zip_file.h"

#include <stdio.h>
#include <string.h>

#define PICKLE "/data.pkl"

typedef struct opened {
    mien_zip *zip;
    mien_torch torch;
    char *folder; /* NAME */
    unsigned char *pickle;
} opened;

static bool matches(const unsigned char *bytes, size_t count) {
    return count >= 4 && (!memcmp(bytes, "PK\3\4", 4) || !memcmp(bytes, "PK\5\6", 4));
}

static void close_zip(mien_archive *a) {
    opened *o = a->own;
    if (!o) {
        return;
    }
    mien_torch_clear(&o->torch);
    mien_zip_close(&o->zip);
    mien_free(o->pickle);
    mien_free(o->folder);
    mien_free(o);
    a->own = NULL;
}

/* The one member "NAME/data.pkl" with no further folder in NAME. */
static mien_status find_pickle(
    const mien_archive *a, opened *o, int64_t *index, size_t *size) {
    int64_t found = -1;
    mien_zip_member member;
    for (int64_t i = 0; i < mien_zip_count(o->zip); i++) {
        mien_status status = mien_zip_info(o->zip, i, &member);
        if (status != MIEN_OK) {
            return status;
        }
        const char *slash = strchr(member.name, '/');
        if (!slash || strcmp(slash, PICKLE) != 0) {
            continue;
        }
        if (found >= 0) {
            return mien_fail(MIEN_EFORMAT, "%s: two files data.pkl", a->path);
        }
        found = i;
        *size = (size_t)member.size;
        o->folder = mien_strndup(member.name, (size_t)(slash - member.name));
        if (!o->folder) {
            return MIEN_ENOMEM;
        }
    }
    *index = found;
    return found >= 0 ? MIEN_OK
                      : mien_fail(MIEN_EFORMAT,
                            "%s: a zip archive, but not one of torch.save()", a->path);
}

/* Index of "NAME/rest" in *index, -1 if absent. */
static mien_status find_member(
    const opened *o, const char *rest, size_t length, int64_t *index) {
    mien_string name;
    mien_string_init(&name);
    mien_string_addf(&name, "%s/", o->folder);
    mien_string_add_n(&name, rest, length);
    mien_status status = mien_string_status(&name);
    if (status == MIEN_OK) {
        *index = mien_zip_find(o->zip, name.text);
    }
    mien_string_clear(&name);
    return status;
}

static mien_status check_byte_order(const mien_archive *a, const opened *o) {
    int64_t index;
    mien_zip_member member;
    mien_status status = find_member(o, "byteorder", 9, &index);
    if (status != MIEN_OK || index < 0) {
        return status;
    }
    status = mien_zip_info(o->zip, index, &member);
    char text[16] = {0};
    if (status == MIEN_OK && member.size < 16) {
        status = mien_zip_read(o->zip, index, 0, text, (size_t)member.size);
    }
    if (status == MIEN_OK && strcmp(text, "little") != 0) {
        status = mien_fail(
            MIEN_EUNSUPPORTED, "%s: the values are not little-endian", a->path);
    }
    return status;
}

static mien_status check_script(const mien_archive *a, const opened *o) {
    int64_t index;
    mien_status status = find_member(o, "constants.pkl", 13, &index);
    if (status == MIEN_OK && index >= 0) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "%s: a TorchScript program, which is code; save its state_dict() instead",
            a->path);
    }
    return status;
}

static mien_status find_storage(
    const mien_archive *a, const opened *o, mien_torch_storage *storage) {
    char key[72] = "data/", shown[64];
    size_t size = mien_dtype_size(storage->dtype);
    mien_pickle_value text = {.kind = MIEN_PICKLE_TEXT};
    text.bytes = storage->key;
    text.length = storage->key_length;
    mien_pickle_print(&text, shown, sizeof shown);
    if (storage->key_length >= sizeof shown ||
        (storage->key_length && memchr(storage->key, 0, storage->key_length))) {
        return mien_fail(MIEN_EFORMAT, "%s: a bad name of a storage", a->path);
    }
    if (storage->key_length > 0) {
        memcpy(key + 5, storage->key, storage->key_length);
    }
    mien_status status = find_member(o, key, 5 + storage->key_length, &storage->member);
    mien_zip_member member;
    if (status == MIEN_OK && storage->member < 0) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: storage data/%s is missing", a->path, shown);
    }
    if (status == MIEN_OK) {
        status = mien_zip_info(o->zip, storage->member, &member);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (!member.stored) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: data/%s is compressed, which torch.save() never does", a->path, shown);
    }
    if ((uint64_t)member.size > a->count || member.size % (int64_t)size != 0 ||
        member.size / (int64_t)size != storage->count) {
        return mien_fail(MIEN_EFORMAT, "%s: data/%s has %lld bytes, not %lld %s",
            a->path, shown, (long long)member.size, (long long)storage->count,
            mien_dtype_name(storage->dtype));
    }
    return MIEN_OK;
}

static mien_status read_pickle(mien_archive *a, opened *o, int64_t index, size_t size) {
    if (size > MIEN_PICKLE_BYTES_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: data.pkl has more than %zu bytes", a->path,
            MIEN_PICKLE_BYTES_MAX);
    }
    o->pickle = mien_alloc(size, 1);
    mien_status status =
        o->pickle ? mien_zip_read(o->zip, index, 0, o->pickle, size) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        return status;
    }
    const mien_pickle_value *root;
    mien_torch_init(&o->torch, a, o->pickle, size);
    status = mien_pickle_run(&o->torch.pickle, &root);
    if (status == MIEN_OK && o->torch.pickle.next != size) {
        status = mien_fail(MIEN_EFORMAT, "%s: bytes after the pickle", a->path);
    }
    for (int64_t i = 0; i < o->torch.storage_count && status == MIEN_OK; i++) {
        status = find_storage(a, o, &o->torch.storages[i]);
    }
    return status == MIEN_OK ? mien_torch_list(&o->torch, a, root) : status;
}

static mien_status open_zip(mien_archive *a) {
    opened *o = mien_alloc(1, sizeof *o);
    int64_t index;
    size_t size = 0;
    if (!o) {
        return MIEN_ENOMEM;
    }
    a->own = o;
    mien_status status = mien_zip_open(a->path, a->bytes, a->count, &o->zip);
    status = status == MIEN_OK ? find_pickle(a, o, &index, &size) : status;
    status = status == MIEN_OK ? check_script(a, o) : status;
    status = status == MIEN_OK ? check_byte_order(a, o) : status;
    return status == MIEN_OK ? read_pickle(a, o, index, size) : status;
}

static mien_status load_zip(
    mien_archive *a, const mien_archive_entry *entry, mien_tensor **tensor) {
    const opened *o = a->own;
    const mien_torch_storage *storage = &o->torch.storages[entry->storage];
    size_t size = mien_dtype_size(storage->dtype);
    size_t bytes = (size_t)mien_archive_extent(entry) * size;
    mien_status made =
        mien_tensor_new(entry->info.dtype, entry->info.rank, entry->info.shape, tensor);
    if (made != MIEN_OK || bytes == 0) {
        return made;
    }
    bool plain = mien_archive_contiguous(entry);
    void *values = plain ? (*tensor)->data : mien_alloc(bytes, 1);
    mien_status status = values ? mien_zip_read(o->zip, storage->member,
                                      (size_t)entry->offset * size, values, bytes)
                                : MIEN_ENOMEM;
    if (status == MIEN_OK && !plain) {
        mien_archive_gather(entry, values, *tensor);
    }
    if (!plain) {
        mien_free(values);
    }
    return status;
}

const mien_archive_kind mien_archive_pth_zip = {
    .name = "pth_zip",
    .summary = "a zip archive of torch.save()",
    .matches = matches,
    .open = open_zip,
    .load = load_zip,
    .close = close_zip,
};
