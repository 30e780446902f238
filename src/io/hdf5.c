/* SPDX-License-Identifier: MIT */
/* Reads data sets and attributes of HDF5 files through libhdf5, and nothing outside
 * them. */
#include "io/hdf5_file.h"
#include "base/need.h"
#include "io/hdf5_lzf.h"

#include <stdio.h>
#include <string.h>

#define ARENA_BLOCK ((size_t)16 << 10)

/* ---- the file as memory --------------------------------------------------------- */

/* The library asks for copies of the file's bytes; all it gets is the bytes themselves,
 * which it only reads. */
static void *image_alloc(size_t size, H5FD_file_image_op_t op, void *context) {
    const mien_hdf5 *f = context;
    (void)op;
    return size <= f->count ? (void *)(uintptr_t)f->bytes : NULL;
}

static void *image_copy(
    void *to, const void *from, size_t size, H5FD_file_image_op_t op, void *context) {
    (void)size;
    (void)op;
    (void)context;
    return to == from ? to : NULL;
}

static herr_t image_free(void *bytes, H5FD_file_image_op_t op, void *context) {
    (void)bytes;
    (void)op;
    (void)context;
    return 0;
}

static void *context_copy(void *context) {
    return context;
}

static herr_t context_free(void *context) {
    (void)context;
    return 0;
}

static mien_status open_image(mien_hdf5 *f) {
    const mien_hdf5_library *l = &f->library;
    H5FD_file_image_callbacks_t calls = {.image_malloc = image_alloc,
        .image_memcpy = image_copy,
        .image_free = image_free,
        .udata_copy = context_copy,
        .udata_free = context_free,
        .udata = f};
    /* the library takes files of one name for one file, and must not find it on disk */
    char name[64];
    snprintf(name, sizeof name, "/dev/null/mien-%p", (void *)f);
    hid_t access = l->H5Pcreate(*l->H5P_CLS_FILE_ACCESS_ID_g);
    if (access >= 0 && l->H5Pset_fapl_core(access, 1 << 16, 0) >= 0 &&
        l->H5Pset_file_image_callbacks(access, &calls) >= 0 &&
        l->H5Pset_file_image(access, (void *)(uintptr_t)f->bytes, f->count) >= 0) {
        f->id = l->H5Fopen(name, H5F_ACC_RDONLY, access);
    }
    mien_status status = f->id >= 0 ? MIEN_OK
                                    : mien_hdf5_library_fail(l, f->path,
                                          "not a good HDF5 file (truncated?)");
    if (access >= 0) {
        l->H5Pclose(access);
    }
    return status;
}

/* ---- what a data set is ---------------------------------------------------------- */

/* Is an enumeration what h5py makes of NumPy's bool: a byte, FALSE and TRUE? */
static bool is_bool(const mien_hdf5_library *l, hid_t type) {
    static const char *const names[] = {"FALSE", "TRUE"};
    bool same = l->H5Tget_size(type) == 1 && l->H5Tget_nmembers(type) == 2;
    for (unsigned i = 0; i < 2 && same; i++) {
        char *name = l->H5Tget_member_name(type, i);
        same = name && strcmp(name, names[i]) == 0;
        l->H5free_memory(name);
    }
    return same;
}

static const hid_t *integer_type(
    const mien_hdf5_library *l, hid_t type, mien_dtype *dtype) {
    size_t size = l->H5Tget_size(type);
    bool sign = l->H5Tget_sign(type) == H5T_SGN_2;
    if (size == 1) {
        *dtype = sign ? MIEN_I8 : MIEN_U8;
        return sign ? l->H5T_NATIVE_INT8_g : l->H5T_NATIVE_UINT8_g;
    }
    if (size == 2) {
        *dtype = sign ? MIEN_I16 : MIEN_U16;
        return sign ? l->H5T_NATIVE_INT16_g : l->H5T_NATIVE_UINT16_g;
    }
    if (size == 4 && sign) {
        *dtype = MIEN_I32;
        return l->H5T_NATIVE_INT32_g;
    }
    if (size == 4 || size == 8) {
        *dtype = MIEN_I64;
        return l->H5T_NATIVE_INT64_g;
    }
    return NULL;
}

/* An enumeration's values are the integers behind its names. */
static const hid_t *enum_type(
    const mien_hdf5_library *l, hid_t type, mien_dtype *dtype) {
    hid_t super = l->H5Tget_super(type);
    const hid_t *found = super >= 0 ? integer_type(l, super, dtype) : NULL;
    if (found && is_bool(l, type)) {
        *dtype = MIEN_BOOL;
    }
    if (super >= 0) {
        l->H5Tclose(super);
    }
    return found;
}

const hid_t *mien_hdf5_type_of(
    const mien_hdf5_library *l, hid_t type, mien_dtype *dtype, const char **refused) {
    H5T_class_t kind = l->H5Tget_class(type);
    size_t size = l->H5Tget_size(type);
    const hid_t *found = NULL;
    if (kind == H5T_FLOAT && size >= 1 && size <= 8) {
        *dtype = size <= 4 ? MIEN_F32 : MIEN_F64;
        found = size <= 4 ? l->H5T_NATIVE_FLOAT_g : l->H5T_NATIVE_DOUBLE_g;
    } else if (kind == H5T_INTEGER) {
        found = integer_type(l, type, dtype);
    } else if (kind == H5T_ENUM) {
        found = enum_type(l, type, dtype);
    } else if (kind == H5T_BITFIELD && size == 1) { /* a bool of PyTables */
        *dtype = MIEN_U8;
        found = l->H5T_NATIVE_B8_g;
    }
    if (!found) {
        *refused = kind == H5T_STRING ? "it holds texts, not numbers"
                   : kind == H5T_COMPOUND
                       ? "it holds records, not numbers"
                       : "its values are no numbers that are supported";
    }
    return found;
}

const char *mien_hdf5_shape_of(
    const mien_hdf5_library *l, hid_t space, mien_tensor *info) {
    hsize_t sizes[H5S_MAX_RANK];
    int rank = l->H5Sget_simple_extent_ndims(space);
    if (l->H5Sget_simple_extent_type(space) == H5S_NULL || rank < 0) {
        return "it is empty";
    }
    if (rank > MIEN_RANK_MAX) {
        return "it has more than 8 dimensions";
    }
    if (l->H5Sget_simple_extent_dims(space, sizes, NULL) != rank) {
        return "its shape is damaged";
    }
    info->rank = rank;
    uint64_t bytes = mien_dtype_size(info->dtype);
    for (int d = 0; d < rank; d++) {
        bytes *= sizes[d] > 0 && sizes[d] <= MIEN_HDF5_BYTES_MAX ? sizes[d] : 1;
        if (sizes[d] > MIEN_HDF5_BYTES_MAX || bytes > MIEN_HDF5_BYTES_MAX) {
            return "it has more than 16 GiB of values";
        }
        info->shape[d] = (int64_t)sizes[d];
    }
    return NULL;
}

/* Filters of the library's own, and ours: any other would be a plug-in, code from a
 * folder. */
static bool known_filter(H5Z_filter_t filter) {
    return filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
           filter == H5Z_FILTER_FLETCHER32 || filter == H5Z_FILTER_SZIP ||
           filter == H5Z_FILTER_NBIT || filter == H5Z_FILTER_SCALEOFFSET ||
           filter == MIEN_HDF5_FILTER_LZF;
}

/* A few bytes may claim any shape: the most that could be in the file. */
static size_t most_bytes(const mien_hdf5 *f) {
    return mien_unpacked_max(f->count);
}

static const char *check_chunks(const mien_hdf5 *f, hid_t plist, hid_t type) {
    const mien_hdf5_library *l = &f->library;
    hsize_t sizes[H5S_MAX_RANK];
    int rank = l->H5Pget_chunk(plist, H5S_MAX_RANK, sizes);
    uint64_t bytes = l->H5Tget_size(type);
    if (rank < 0) {
        return "its chunks are damaged";
    }
    for (int d = 0; d < rank; d++) {
        if (sizes[d] == 0 || bytes > most_bytes(f) / sizes[d]) {
            return "a chunk of it is too large";
        }
        bytes *= sizes[d];
    }
    int filters = l->H5Pget_nfilters(plist);
    for (int i = 0; i < filters; i++) {
        unsigned flags;
        size_t none = 0;
        H5Z_filter_t filter =
            l->H5Pget_filter2(plist, (unsigned)i, &flags, &none, NULL, 0, NULL, NULL);
        if (!known_filter(filter)) {
            return "it is compressed by a plug-in, which is not loaded";
        }
    }
    return filters < 0 ? "its filters are damaged" : NULL;
}

/* The way it is stored: only within this file. To be asked before its shape, for which
 * the library would open the files of a virtual one. */
static const char *storage_of(const mien_hdf5 *f, hid_t plist, hid_t type) {
    const mien_hdf5_library *l = &f->library;
    H5D_layout_t layout = l->H5Pget_layout(plist);
    if (layout == H5D_VIRTUAL) {
        return "it is virtual: its values are in other files, which are not opened";
    }
    if (layout != H5D_CHUNKED && layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) {
        return "its layout is not supported";
    }
    if (layout == H5D_CONTIGUOUS && l->H5Pget_external_count(plist) != 0) {
        return "its values are in another file, which is not opened";
    }
    return layout == H5D_CHUNKED ? check_chunks(f, plist, type) : NULL;
}

static const char *describe(const mien_hdf5 *f, hid_t id, mien_tensor *info) {
    const mien_hdf5_library *l = &f->library;
    const char *refused = NULL;
    hid_t type = l->H5Dget_type(id), plist = l->H5Dget_create_plist(id), space = -1;
    if (type < 0 || plist < 0) {
        refused = "its header is damaged";
    } else if (mien_hdf5_type_of(l, type, &info->dtype, &refused)) {
        refused = storage_of(f, plist, type);
    }
    if (!refused) {
        space = l->H5Dget_space(id);
        refused =
            space < 0 ? "its shape is damaged" : mien_hdf5_shape_of(l, space, info);
    }
    if (space >= 0) {
        l->H5Sclose(space);
    }
    if (plist >= 0) {
        l->H5Pclose(plist);
    }
    if (type >= 0) {
        l->H5Tclose(type);
    }
    return refused;
}

/* Where the values of a data set lie in the file just as they would in memory: floats,
 * side by side. They need no library then, which a damaged file could break. */
static int64_t place_of(const mien_hdf5 *f, hid_t id, const mien_tensor *info) {
    const mien_hdf5_library *l = &f->library;
    int64_t place = -1;
    hid_t type = l->H5Dget_type(id), plist = l->H5Dget_create_plist(id);
    if (type >= 0 && plist >= 0 && info->dtype == MIEN_F32 &&
        l->H5Pget_layout(plist) == H5D_CONTIGUOUS && l->H5Pget_nfilters(plist) == 0 &&
        l->H5Tequal(type, *l->H5T_NATIVE_FLOAT_g) > 0) {
        haddr_t offset = l->H5Dget_offset(id);
        int64_t count = mien_shape_count(info->rank, info->shape);
        size_t bytes = count > 0 ? (size_t)count * sizeof(float) : 0;
        bool inside = bytes > 0 && offset != HADDR_UNDEF && offset <= f->count &&
                      bytes <= f->count - offset && l->H5Dget_storage_size(id) == bytes;
        place = inside ? (int64_t)offset : -1;
    }
    if (plist >= 0) {
        l->H5Pclose(plist);
    }
    if (type >= 0) {
        l->H5Tclose(type);
    }
    return place;
}

/* ---- the tree -------------------------------------------------------------------- */

static mien_status add_object(
    mien_hdf5 *f, const char *name, mien_hdf5_object **added) {
    if (f->object_count == MIEN_HDF5_OBJECTS_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %d groups and data sets", f->path,
            MIEN_HDF5_OBJECTS_MAX);
    }
    if (f->object_count == f->object_room) {
        int64_t larger = f->object_room ? 2 * f->object_room : 64;
        mien_hdf5_object *objects = mien_realloc(
            f->objects, (size_t)f->object_room, (size_t)larger, sizeof *objects);
        if (!objects) {
            return MIEN_ENOMEM;
        }
        f->objects = objects;
        f->object_room = larger;
    }
    mien_hdf5_object *o = &f->objects[f->object_count];
    *o = (mien_hdf5_object){.name = mien_arena_strdup(f->arena, name), .place = -1};
    if (!o->name) {
        return MIEN_ENOMEM;
    }
    if (mien_index_find(&f->index, name, strlen(name)) >= 0) {
        return mien_fail(MIEN_EFORMAT, "%s: \"%s\" appears twice", f->path, name);
    }
    *added = o;
    return mien_index_add(&f->index, o->name, strlen(o->name), f->object_count++);
}

static mien_status walk(mien_hdf5 *f, hid_t group, char *name, int depth);

/* name: the link's whole path; opened is the object it leads to */
static mien_status add_opened(mien_hdf5 *f, hid_t opened, char *name, int depth) {
    const mien_hdf5_library *l = &f->library;
    H5I_type_t kind = l->H5Iget_type(opened);
    mien_hdf5_object *o = NULL;
    if (kind != H5I_GROUP && kind != H5I_DATASET) {
        return MIEN_OK; /* a named type */
    }
    mien_status status = add_object(f, name, &o);
    if (status != MIEN_OK) {
        return status;
    }
    o->group = kind == H5I_GROUP;
    if (o->group) {
        return walk(f, opened, name, depth + 1);
    }
    o->info.borrowed = true;
    o->refused = describe(f, opened, &o->info);
    o->place = o->refused ? -1 : place_of(f, opened, &o->info);
    f->set_count++;
    return MIEN_OK;
}

static mien_status add_link(mien_hdf5 *f, hid_t group, char *name, int depth) {
    const mien_hdf5_library *l = &f->library;
    const char *slash = strrchr(name, '/');
    const char *last = slash ? slash + 1 : name;
    H5L_info_t info;
    mien_hdf5_object *o = NULL;
    if (l->H5Lget_info(group, last, &info, H5P_DEFAULT) < 0) {
        return mien_hdf5_library_fail(l, f->path, "a link is damaged");
    }
    if (info.type != H5L_TYPE_HARD) {
        mien_status status = add_object(f, name, &o);
        if (status == MIEN_OK) {
            o->refused = info.type == H5L_TYPE_EXTERNAL
                             ? "it is a link to another file, which is not opened"
                             : "it is a symbolic link, which is not followed";
            f->set_count++;
        }
        return status;
    }
    hid_t opened = l->H5Oopen(group, last, H5P_DEFAULT);
    if (opened < 0) {
        return mien_hdf5_library_fail(l, f->path, "an object is damaged");
    }
    mien_status status = add_opened(f, opened, name, depth);
    l->H5Oclose(opened);
    return status;
}

/* Everything below a group; name holds its path and room for more. */
static mien_status walk(mien_hdf5 *f, hid_t group, char *name, int depth) {
    const mien_hdf5_library *l = &f->library;
    H5G_info_t info;
    if (depth > MIEN_HDF5_DEPTH_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: groups deeper than %d levels", f->path,
            MIEN_HDF5_DEPTH_MAX);
    }
    if (l->H5Gget_info(group, &info) < 0) {
        return mien_hdf5_library_fail(l, f->path, "a group is damaged");
    }
    size_t used = strlen(name);
    mien_status status = MIEN_OK;
    for (hsize_t i = 0; status == MIEN_OK && i < info.nlinks; i++) {
        char *end = name + used;
        if (used > 0) {
            *end++ = '/';
        }
        size_t room = MIEN_HDF5_NAME_MAX - (size_t)(end - name);
        ssize_t length = l->H5Lget_name_by_idx(
            group, ".", H5_INDEX_NAME, H5_ITER_INC, i, end, room, H5P_DEFAULT);
        if (length < 0) {
            status = mien_hdf5_library_fail(l, f->path, "a group is damaged");
        } else if ((size_t)length + 2 > room) {
            status = mien_fail(MIEN_ELIMIT, "%s: a path of more than %d bytes", f->path,
                MIEN_HDF5_NAME_MAX);
        } else if (length == 0 || strchr(end, '/')) {
            status = mien_fail(MIEN_EFORMAT, "%s: a bad name in a group", f->path);
        } else {
            status = add_link(f, group, name, depth);
        }
        name[used] = 0;
    }
    return status;
}

static mien_status read_tree(mien_hdf5 *f) {
    const mien_hdf5_library *l = &f->library;
    char name[MIEN_HDF5_NAME_MAX] = "";
    mien_hdf5_object *o = NULL;
    hid_t root = l->H5Oopen(f->id, "/", H5P_DEFAULT);
    if (root < 0) {
        return mien_hdf5_library_fail(l, f->path, "the root group is damaged");
    }
    mien_status status = add_object(f, "", &o);
    if (status == MIEN_OK) {
        o->group = true;
        status = walk(f, root, name, 0);
    }
    l->H5Oclose(root);
    if (status != MIEN_OK) {
        return status;
    }
    f->sets = mien_arena_alloc(f->arena, (size_t)f->set_count, sizeof *f->sets);
    if (!f->sets) {
        return MIEN_ENOMEM;
    }
    int64_t n = 0;
    for (int64_t i = 0; i < f->object_count; i++) {
        if (!f->objects[i].group) {
            f->sets[n++] = i;
        }
    }
    return MIEN_OK;
}

/* ---- opening and closing ----------------------------------------------------------
 */

mien_status mien_hdf5_read_tree(mien_hdf5 *f) {
    mien_status status = open_image(f);
    return status == MIEN_OK ? read_tree(f) : status;
}

static mien_status open_bytes(mien_hdf5 *f) {
    mien_hdf5_turn turn;
    mien_status status = mien_hdf5_library_load(&f->library);
    if (status == MIEN_OK) {
        status = mien_arena_new(ARENA_BLOCK, &f->arena);
    }
    if (status != MIEN_OK) {
        return status;
    }
    mien_hdf5_turn_take(&f->library, &turn);
    status = mien_hdf5_lzf_register(&f->library);
    status = status ? status : mien_hdf5_probe(f, &turn);
    if (status == MIEN_OK) {
        status = mien_hdf5_read_tree(f);
    }
    mien_hdf5_turn_give(&turn);
    return status;
}

static mien_status hdf5_alloc(const char *path, mien_hdf5 **file) {
    mien_hdf5 *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    f->id = -1;
    f->path = mien_strdup(path);
    if (!f->path) {
        mien_free(f);
        return MIEN_ENOMEM;
    }
    *file = f;
    return MIEN_OK;
}

void mien_hdf5_close(mien_hdf5 **file) {
    mien_hdf5 *f = file ? *file : NULL;
    if (!f) {
        return;
    }
    if (f->id >= 0) {
        mien_hdf5_turn turn;
        mien_hdf5_turn_take(&f->library, &turn);
        f->library.H5Fclose(f->id);
        mien_hdf5_turn_give(&turn);
    }
    mien_index_clear(&f->index);
    mien_free(f->objects);
    mien_arena_free(&f->arena);
    mien_map_clear(&f->map);
    mien_free(f->path);
    mien_free(f);
    *file = NULL;
}

static mien_status open_with_stamp(const char *name, const void *bytes, size_t count,
    const mien_file_stamp *stamp, mien_hdf5 **file) {
    mien_hdf5 *f = NULL;
    mien_status status = hdf5_alloc(name, &f);
    if (status == MIEN_OK) {
        f->bytes = bytes;
        f->count = count;
        f->stamp = *stamp;
        status = count > 0 ? open_bytes(f)
                           : mien_fail(MIEN_EFORMAT, "%s: the file is empty", name);
    }
    if (status != MIEN_OK) {
        mien_hdf5_close(&f);
        return status;
    }
    *file = f;
    return MIEN_OK;
}

mien_status mien_hdf5_open_memory(
    const char *name, const void *bytes, size_t count, mien_hdf5 **file) {
    return open_with_stamp(name, bytes, count, &(mien_file_stamp){0}, file);
}

mien_status mien_hdf5_open(const char *path, mien_hdf5 **file) {
    MIEN_NEED(path);
    MIEN_NEED(file);
    mien_map map = {0};
    mien_hdf5 *f = NULL;
    mien_status status = mien_map_init(&map, path, MIEN_HDF5_BYTES_MAX);
    if (status == MIEN_OK) {
        status = open_with_stamp(path, map.bytes, map.count, &map.stamp, &f);
    }
    if (status != MIEN_OK) {
        mien_map_clear(&map);
        return status;
    }
    f->map = map;
    *file = f;
    return MIEN_OK;
}

/* ---- asking -----------------------------------------------------------------------
 */

static const mien_hdf5_object *set_at(const mien_hdf5 *file, int64_t index) {
    return index >= 0 && index < file->set_count ? &file->objects[file->sets[index]]
                                                 : NULL;
}

int64_t mien_hdf5_count(const mien_hdf5 *file) {
    MIEN_NEED_OR(0, file);
    return file->set_count;
}

const char *mien_hdf5_name(const mien_hdf5 *file, int64_t index) {
    MIEN_NEED_OR(NULL, file);
    const mien_hdf5_object *o = set_at(file, index);
    return o ? o->name : NULL;
}

const mien_tensor *mien_hdf5_info(const mien_hdf5 *file, int64_t index) {
    MIEN_NEED_OR(NULL, file);
    const mien_hdf5_object *o = set_at(file, index);
    return o && !o->refused ? &o->info : NULL;
}

bool mien_hdf5_has_group(const mien_hdf5 *file, const char *group) {
    MIEN_NEED_OR(false, file, group);
    int64_t at = mien_index_find(&file->index, group, strlen(group));
    return at >= 0 && file->objects[at].group;
}

/* −1 if no data set has this path */
static int64_t find_set(const mien_hdf5 *f, const char *name) {
    name += *name == '/';
    int64_t at = mien_index_find(&f->index, name, strlen(name)), low = 0;
    int64_t high = f->set_count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (f->sets[middle] < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return at >= 0 && low < f->set_count && f->sets[low] == at ? low : -1;
}

static mien_status not_found(const mien_hdf5 *f, const char *name) {
    enum { SHOWN = 8 };
    mien_string text;
    mien_string_init(&text);
    for (int64_t i = 0; i < f->set_count && i < SHOWN; i++) {
        mien_string_addf(&text, "%s%s", i ? ", " : "", mien_hdf5_name(f, i));
    }
    if (f->set_count > SHOWN) {
        mien_string_add(&text, ", …");
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && f->set_count == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no data sets in it", f->path);
    } else if (status == MIEN_OK && name) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no data set \"%s\"; there are: %s",
            f->path, name, text.text);
    } else if (status == MIEN_OK) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of the data sets is called default or data: name one of %s",
            f->path, text.text);
    }
    mien_string_clear(&text);
    return status;
}

mien_status mien_hdf5_find(const mien_hdf5 *file, const char *name, int64_t *index) {
    MIEN_NEED(file, index);
    int64_t at = find_set(file, name ? name : "default");
    if (at < 0 && !name) {
        at = find_set(file, "data");
    }
    if (at < 0 && !name && file->set_count == 1) {
        at = 0;
    }
    if (at < 0) {
        return not_found(file, name);
    }
    *index = at;
    return MIEN_OK;
}

/* ---- values ------------------------------------------------------------------------
 */

static mien_status check_size(const mien_hdf5 *f, const mien_hdf5_object *o, hid_t id) {
    size_t bytes = (size_t)mien_shape_count(o->info.rank, o->info.shape) *
                   mien_dtype_size(o->info.dtype);
    if (bytes > most_bytes(f)) {
        return mien_fail(MIEN_ELIMIT,
            "%s: data set \"%s\" claims %zu bytes in a file of %zu", f->path, o->name,
            bytes, f->count);
    }
    if (bytes > 0 && f->library.H5Dget_storage_size(id) == 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: data set \"%s\" has a shape but no values: it was never written",
            f->path, o->name);
    }
    return MIEN_OK;
}

/* Unsigned values beyond i64 were cut to its largest by the library; a bool is one
 * byte, which may be any. */
static mien_status check_range(const mien_hdf5 *f, const mien_hdf5_object *o,
    hid_t type, const mien_tensor *tensor) {
    const mien_hdf5_library *l = &f->library;
    int64_t count = mien_tensor_count(tensor);
    const unsigned char *bools = tensor->data;
    for (int64_t i = 0; tensor->dtype == MIEN_BOOL && i < count; i++) {
        if (bools[i] > 1) {
            return mien_fail(MIEN_EFORMAT, "%s: \"%s\" holds a bool with value %d",
                f->path, o->name, bools[i]);
        }
    }
    if (tensor->dtype != MIEN_I64 || l->H5Tget_sign(type) == H5T_SGN_2) {
        return MIEN_OK;
    }
    const int64_t *values = tensor->data;
    for (int64_t i = 0; i < count; i++) {
        if (values[i] == INT64_MAX) {
            return mien_fail(MIEN_ELIMIT, "%s: \"%s\" holds integers of 2^63 and more",
                f->path, o->name);
        }
    }
    return MIEN_OK;
}

static mien_status load_opened(
    const mien_hdf5 *f, const mien_hdf5_object *o, hid_t id, mien_tensor **tensor) {
    const mien_hdf5_library *l = &f->library;
    mien_tensor *made = NULL;
    const char *refused = NULL;
    mien_dtype dtype;
    hid_t type = l->H5Dget_type(id);
    const hid_t *memory =
        type < 0 ? NULL : mien_hdf5_type_of(l, type, &dtype, &refused);
    mien_status status = memory
                             ? check_size(f, o, id)
                             : mien_hdf5_library_fail(l, f->path, "a type is damaged");
    if (status == MIEN_OK) {
        status = mien_tensor_new(dtype, o->info.rank, o->info.shape, &made);
    }
    if (status == MIEN_OK && mien_tensor_count(made) > 0 &&
        l->H5Dread(id, *memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, made->data) < 0) {
        char what[MIEN_HDF5_NAME_MAX + 64];
        snprintf(what, sizeof what, "data set \"%s\" cannot be read", o->name);
        status = mien_hdf5_library_fail(l, f->path, what);
    }
    if (status == MIEN_OK) {
        status = check_range(f, o, type, made);
    }
    if (type >= 0) {
        l->H5Tclose(type);
    }
    if (status != MIEN_OK) {
        mien_tensor_free(&made);
        return status;
    }
    *tensor = made;
    return MIEN_OK;
}

static mien_status load_placed(
    const mien_hdf5 *f, const mien_hdf5_object *o, mien_tensor **tensor) {
    mien_tensor *made = NULL;
    mien_status status = mien_tensor_new(MIEN_F32, o->info.rank, o->info.shape, &made);
    if (status == MIEN_OK) {
        memcpy(made->data, (const char *)f->bytes + o->place, mien_tensor_bytes(made));
        *tensor = made;
    }
    return status;
}

int64_t mien_hdf5_place(const mien_hdf5 *file, int64_t index) {
    const mien_hdf5_object *o = set_at(file, index);
    return o ? o->place : -1;
}

mien_status mien_hdf5_load(mien_hdf5 *file, int64_t index, mien_tensor **tensor) {
    MIEN_NEED(file, tensor);
    const mien_hdf5_object *o = set_at(file, index);
    if (!o) {
        return mien_fail(
            MIEN_EINVAL, "%s: no data set number %lld", file->path, (long long)index);
    }
    if (o->refused) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: data set \"%s\": %s", file->path,
            o->name, o->refused);
    }
    if (o->place >= 0) {
        return load_placed(file, o, tensor);
    }
    const mien_hdf5_library *l = &file->library;
    mien_hdf5_turn turn;
    mien_hdf5_turn_take(l, &turn);
    hid_t id = l->H5Oopen(file->id, o->name, H5P_DEFAULT);
    mien_status status =
        id < 0 ? mien_hdf5_library_fail(l, file->path, "an object is damaged")
               : load_opened(file, o, id, tensor);
    if (id >= 0) {
        l->H5Oclose(id);
    }
    mien_hdf5_turn_give(&turn);
    return status;
}

mien_status mien_hdf5_read(const char *path, const char *name, mien_tensor **tensor) {
    MIEN_NEED(path, tensor);
    mien_hdf5 *file = NULL;
    int64_t index = 0;
    mien_status status = mien_hdf5_open(path, &file);
    if (status == MIEN_OK) {
        status = mien_hdf5_find(file, name, &index);
    }
    if (status == MIEN_OK) {
        status = mien_hdf5_load(file, index, tensor);
    }
    mien_hdf5_close(&file);
    return status;
}
