/* SPDX-License-Identifier: MIT */
/* Unpacks LZF, and gives it to libhdf5 as a filter. Format of LZF: a byte below 32 is
 * followed by that many bytes and one, as they are; any other holds in its upper three
 * bits a length and in the lower five the high bits of a distance, then (where the
 * length is 7) a byte more of length, then the low byte of the distance: length + 2
 * bytes are copied from distance + 1 bytes before the end of what is unpacked. */
#include "io/hdf5_lzf.h"

#include <stdint.h>
#include <string.h>

/* One step of a packed stream. */
typedef struct piece {
    size_t length;   /* bytes it becomes */
    size_t distance; /* back from the end; 0: they follow in the stream */
} piece;

/* Takes the head of the next piece; false: the stream ends inside of it. */
static bool take_piece(
    const unsigned char *packed, size_t count, size_t *next, piece *p) {
    unsigned head = packed[(*next)++];
    if (head < 32) {
        *p = (piece){head + 1, 0};
        return p->length <= count - *next;
    }
    p->length = head >> 5;
    if (p->length == 7) {
        if (*next == count) {
            return false;
        }
        p->length += packed[(*next)++];
    }
    if (*next == count) {
        return false;
    }
    p->length += 2;
    p->distance = ((size_t)(head & 31) << 8 | packed[(*next)++]) + 1;
    return true;
}

size_t mien_lzf_length(const unsigned char *packed, size_t count) {
    size_t next = 0, length = 0;
    while (next < count) {
        piece p;
        if (!take_piece(packed, count, &next, &p) || p.distance > length) {
            return SIZE_MAX;
        }
        next += p.distance ? 0 : p.length;
        length += p.length;
    }
    return length;
}

void mien_lzf_unpack(const unsigned char *packed, size_t count, unsigned char *to) {
    size_t next = 0;
    while (next < count) {
        piece p;
        take_piece(packed, count, &next, &p);
        if (p.distance == 0) {
            memcpy(to, packed + next, p.length);
            next += p.length;
            to += p.length;
            continue;
        }
        /* byte by byte: what is copied may reach into what it makes */
        for (const unsigned char *from = to - p.distance; p.length > 0; p.length--) {
            *to++ = *from++;
        }
    }
}

/* Called by libhdf5 for each chunk: replaces *buffer by what it unpacks to; 0: failed.
 * The memory must be the library's, which frees it; its functions are found where the
 * filter was registered. */
static const mien_hdf5_library *memory_of(const mien_hdf5_library *set) {
    static mien_hdf5_library kept; /* set under a turn, the same for all files */
    if (set) {
        kept = *set;
    }
    return &kept;
}

static size_t filter(unsigned flags, size_t values_count, const unsigned values[],
    size_t count, size_t *size, void **buffer) {
    const mien_hdf5_library *l = memory_of(NULL);
    (void)values_count;
    (void)values;
    if (!(flags & H5Z_FLAG_REVERSE)) {
        return 0; /* packing is not done */
    }
    size_t length = mien_lzf_length(*buffer, count);
    void *made =
        length > 0 && length < SIZE_MAX ? l->H5allocate_memory(length, 0) : NULL;
    if (!made) {
        return 0;
    }
    mien_lzf_unpack(*buffer, count, made);
    l->H5free_memory(*buffer);
    *buffer = made;
    *size = length;
    return length;
}

mien_status mien_hdf5_lzf_register(const mien_hdf5_library *library) {
    static const H5Z_class2_t kind = {.version = H5Z_CLASS_T_VERS,
        .id = MIEN_HDF5_FILTER_LZF,
        .encoder_present = 0,
        .decoder_present = 1,
        .name = "lzf",
        .filter = filter};
    unsigned plugins = 0;
    memory_of(library);
    library->H5PLget_loading_state(&plugins);
    library->H5PLset_loading_state(0);
    bool there = library->H5Zfilter_avail(MIEN_HDF5_FILTER_LZF) > 0;
    library->H5PLset_loading_state(plugins);
    if (!there && library->H5Zregister(&kind) < 0) {
        return mien_fail(MIEN_EUNSUPPORTED, "libhdf5 does not take a filter for LZF");
    }
    return MIEN_OK;
}
