/* SPDX-License-Identifier: MIT */
/* Bytes on disk: documents (YAML, JSON), tables (CSV, TSV, JSON Lines), arrays (NPY),
 * weight archives (safetensors, PyTorch), event files, hashes, whole-file writing.
 *
 *     mien_table *table = NULL;
 *     mien_status status = mien_table_read("ratings.csv", NULL, &table);
 *     int column = mien_table_column(table, "valence"); // -1: there is none
 *     double sum = 0, value;
 *     for (int64_t r = 0; status == MIEN_OK && r < mien_table_rows(table); r++) {
 *         status = mien_table_number(table, r, column, &value); // NaN: a missing cell
 *         sum += status == MIEN_OK && value == value ? value : 0;
 *     }
 *     if (status != MIEN_OK) {
 *         fprintf(stderr, "%s\n", mien_error()); // ratings.csv:7: column "valence": …
 *     }
 *     mien_table_free(&table);
 */
#ifndef MIEN_IO_H
#define MIEN_IO_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- documents: one tree for YAML and JSON ------------------------------------ */

typedef enum mien_value_kind {
    MIEN_VALUE_NULL,
    MIEN_VALUE_BOOL,
    MIEN_VALUE_INT,
    MIEN_VALUE_NUMBER,
    MIEN_VALUE_TEXT,
    MIEN_VALUE_LIST,
    MIEN_VALUE_MAP
} mien_value_kind;

/** A value in a document; knows its line. Maps keep the order of their keys. */
typedef struct mien_value mien_value;

/** Reads a YAML 1.2 (libfyaml) or JSON (by the extension .json/.jsonl: jansson) file.
 * Limits: 16 MiB, depth 64, a million values. Duplicate keys, non-UTF-8, several YAML
 * documents: MIEN_EFORMAT with file:line. A .jsonl file gives a list of its lines.
 * Values of JSON do not know their line (0) but those errors do; YAML aliases are
 * copied. The caller frees with mien_value_free(). */
MIEN_API mien_status mien_value_read(const char *path, mien_value **value);
/** Same from memory; `name` stands for the file in messages. */
MIEN_API mien_status mien_value_parse_yaml(
    const char *name, const char *text, size_t length, mien_value **value);
MIEN_API mien_status mien_value_parse_json(
    const char *name, const char *text, size_t length, mien_value **value);
MIEN_API void mien_value_free(mien_value **value);

MIEN_API mien_value_kind mien_value_kind_of(const mien_value *value);
MIEN_API int mien_value_line(const mien_value *value); /**< 1-based; 0 unknown */
/** Name of the file the value was read from; "" if it was made. */
MIEN_API const char *mien_value_file(const mien_value *value);
MIEN_API int64_t mien_value_count(const mien_value *value); /**< list or map; else 0 */
MIEN_API const mien_value *mien_value_at(const mien_value *list, int64_t index);
MIEN_API const char *mien_value_key(const mien_value *map, int64_t index);
MIEN_API const mien_value *mien_value_item(const mien_value *map, int64_t index);
/** NULL if absent (or if map is NULL or not a map). */
MIEN_API const mien_value *mien_value_get(const mien_value *map, const char *key);
MIEN_API bool mien_value_bool(const mien_value *value, bool otherwise);
MIEN_API int64_t mien_value_int(const mien_value *value, int64_t otherwise);
/** INT or NUMBER as double. */
MIEN_API double mien_value_number(const mien_value *value, double otherwise);
/** NULL unless TEXT; lent. */
MIEN_API const char *mien_value_text(const mien_value *value);

/** Makers; on failure NULL with error text. set/add take ownership of item (also when
 * they fail) and accept NULL items as a failure, so that makers nest. */
MIEN_API mien_value *mien_value_new_map(void);
MIEN_API mien_value *mien_value_new_list(void);
MIEN_API mien_value *mien_value_new_null(void);
MIEN_API mien_value *mien_value_new_bool(bool b);
MIEN_API mien_value *mien_value_new_int(int64_t i);
MIEN_API mien_value *mien_value_new_number(double x);
MIEN_API mien_value *mien_value_new_text(const char *text);
MIEN_API mien_status mien_value_set(mien_value *map, const char *key, mien_value *item);
MIEN_API mien_status mien_value_add(mien_value *list, mien_value *item);
MIEN_API mien_status mien_value_copy(const mien_value *value, mien_value **copy);

/** JSON (compact, or indented by 2); numbers read back to the same bits; NaN and
 * infinities become null. */
MIEN_API mien_status mien_value_write_json(
    const mien_value *value, bool indent, mien_string *out);
/** YAML in block style, quoting only what needs it; keys up to 160 bytes (MIEN_ELIMIT).
 */
MIEN_API mien_status mien_value_write_yaml(const mien_value *value, mien_string *out);

/* ---- tables ------------------------------------------------------------------- */

/** A whole table of text cells in memory. */
typedef struct mien_table mien_table;

typedef struct mien_table_options {
    char delimiter;         /**< 0: tab for .tsv/.txt, else found among , ; tab */
    bool blank_header_name; /**< a blank first header gets the name "" (default), not an
                                 error */
    bool headerless; /**< the first line is a row as any other; columns are called "1",
                          "2", … */
    bool numbers; /**< it holds numbers: of a .txt the delimiter is found too, runs of
                       blanks (as numpy.savetxt writes) among them, and lines at the
                       start that begin with # are comments, and decimal commas are
                       found where nothing else can be meant: no number has a point,
                       and cells are separated by semicolons or some comma is not one
                       of thousands ("1,797" alone stays an error) */
    bool decimal_comma; /**< numbers have a decimal comma, not a point: the cell "1,5"
                             becomes "1.5", and a number with a point is MIEN_EFORMAT */
    int64_t rows_max;   /**< MIEN_ELIMIT beyond; default 10 million */
    int64_t bytes_max;  /**< default 1 GiB */
} mien_table_options;
MIEN_API mien_table_options mien_table_options_default(void);

/** UTF-8, RFC 4180 quoting (also for TSV), LF, CRLF or CR line ends, BOM skipped. A
 * row with another number of cells than the header: MIEN_EFORMAT with file:line;
 * trailing blank lines are ignored. Repeated non-blank header names: MIEN_EFORMAT. NULL
 * options: default. */
MIEN_API mien_status mien_table_read(
    const char *path, const mien_table_options *options, mien_table **table);
MIEN_API mien_status mien_table_parse(const char *name, const char *text, size_t length,
    const mien_table_options *options, mien_table **table);
MIEN_API mien_status mien_table_new(
    int columns, const char *const *names, mien_table **table);
MIEN_API void mien_table_free(mien_table **table);
MIEN_API const char *mien_table_file(const mien_table *table);
MIEN_API int64_t mien_table_rows(const mien_table *table);
MIEN_API int mien_table_columns(const mien_table *table);
MIEN_API const char *mien_table_name(const mien_table *table, int column);
/** -1 if absent. */
MIEN_API int mien_table_column(const mien_table *table, const char *name);
/** Cell as text, lent; "" for an empty one. column −1 gives NULL. */
MIEN_API const char *mien_table_cell(const mien_table *table, int64_t row, int column);
/** Line in the file where the row starts, 1-based. */
MIEN_API int64_t mien_table_line(const mien_table *table, int64_t row);
/** Whether a table separated by tabs has quoted cells with a line break or a tab in
 * them, where the first is and how many there are: lone quotes, which join rows, look
 * like that. */
MIEN_API bool mien_table_drawn_in(
    const mien_table *table, int64_t *row, int *column, int64_t *cells);
/** Empty, "n/a", "NA", "NaN" (any case): missing. */
MIEN_API bool mien_cell_missing(const char *cell);
/** NaN if missing; MIEN_EFORMAT with file:line and column if it is not a number. */
MIEN_API mien_status mien_table_number(
    const mien_table *table, int64_t row, int column, double *value);
MIEN_API mien_status mien_table_add_row(mien_table *table, const char *const *cells);
/** Replaces a cell (NULL: missing, as "n/a"); MIEN_EINVAL where there is none. */
MIEN_API mien_status mien_table_set_cell(
    mien_table *table, int64_t row, int column, const char *cell);
MIEN_API mien_status mien_table_add_column(
    mien_table *table, const char *name, const char *const *cells);

typedef enum mien_table_format { MIEN_CSV, MIEN_TSV, MIEN_JSONL } mien_table_format;
/** By name ("csv", "tsv", "jsonl"); MIEN_EINVAL otherwise. */
MIEN_API mien_status mien_table_format_parse(
    const char *name, mien_table_format *format);
/** Writes a table row by row; every row reaches the file whole or not at all. */
typedef struct mien_table_writer mien_table_writer;
/** path "-" or NULL: stdout. Otherwise the rows go, as they come, to a new file beside
 * the named one (PATH.RANDOM.part), which it replaces when the writer is closed; until
 * then, and where the writer is abandoned, an earlier file stays as it is. Something
 * that is no regular file (a pipe, a device) is written straight. Header is written at
 * once (not for JSONL, where names become keys). */
MIEN_API mien_status mien_table_writer_open(const char *path, mien_table_format format,
    int columns, const char *const *names, mien_table_writer **writer);
/** NULL cells are missing: "n/a" in CSV and TSV, null in JSONL. In JSONL a cell that
 * reads as a finite number is written as one if numeric[column] was set by
 * mien_table_writer_numeric(). */
MIEN_API mien_status mien_table_writer_row(
    mien_table_writer *writer, const char *const *cells);
MIEN_API void mien_table_writer_numeric(mien_table_writer *writer, int column);
MIEN_API mien_status mien_table_writer_flush(mien_table_writer *writer);
/** Puts the file in its place; what could not be written (full disk) is an error, as
 * mien_table_writer_keep() gives it. Frees the writer in any case; NULL is fine. */
MIEN_API mien_status mien_table_writer_close(mien_table_writer **writer);
/** Ends a table that is not complete because of status, whose text mien_error() is: its
 * rows so far stay whole in a file, the named one where there was none or an empty one,
 * else one beside it, which the text then names. Frees the writer; gives status. */
MIEN_API mien_status mien_table_writer_keep(
    mien_table_writer **writer, mien_status status);
/** Throws the rows away (those of a regular file); NULL is fine. */
MIEN_API void mien_table_writer_abandon(mien_table_writer **writer);
/** The whole table at once; replaces the file only when complete. */
MIEN_API mien_status mien_table_write(
    const mien_table *table, const char *path, mien_table_format format);

/* ---- arrays ------------------------------------------------------------------- */

/** NumPy .npy, versions 1–3 (and headers of Python 2): f2 f4 f8 i1 i2 i4 i8 u1 u2 b1 as
 * they are, u4 u8 as i64 (MIEN_ELIMIT from 2^63 on), of either byte order, in C or
 * Fortran order; the tensor is in C order. Objects, texts, records, complex numbers:
 * MIEN_EUNSUPPORTED naming it. */
MIEN_API mien_status mien_npy_read(const char *path, mien_tensor **tensor);
MIEN_API mien_status mien_npy_write(const char *path, const mien_tensor *tensor);

/** A file of numbers, its first dimension rows, read as f32 (floats side by side stay
 * in their file, which must not change meanwhile; all else is in memory): .npy;
 * .npz[#NAME]; .h5/.hdf5[#NAME]; .csv/.tsv/.txt. Without NAME it is the array "default"
 * or "data", or the only one. A table's first line is its header if none of its cells
 * is a number (a blank or a name may stand before), or if they count 0, 1, 2, … (as
 * pandas writes them); a column with a blank header (an index) is left out; missing
 * cells are NaN. A first line with numbers and other words is an error. Row and line in
 * messages are counted from 0 and 1. */
typedef struct mien_array mien_array;
/** MIEN_EUNSUPPORTED for another extension, MIEN_ESHAPE for a single value, else as the
 * readers of these formats. Limits: theirs; a table 1 GiB; a packed array of a .npz
 * whose values take more than 1 MiB + 1100 times the file, or than 64 MiB + 32 times,
 * is refused. */
MIEN_API mien_status mien_array_open(const char *path, mien_array **array);
MIEN_API void mien_array_close(mien_array **array);
MIEN_API int mien_array_rank(const mien_array *array); /**< 1 and more */
MIEN_API const int64_t *mien_array_shape(
    const mien_array *array); /**< shape[0] is rows; lent */
/** Values of a row: the product of the other dimensions, 1 without any. */
MIEN_API int64_t mien_array_width(const mien_array *array);
/** Copies rows [first, first + count) to values [count, width]. MIEN_ENOTFOUND if the
 * file does not have them. Several threads may read. */
MIEN_API mien_status mien_array_read(
    const mien_array *array, int64_t first, int64_t count, float *values);

/* ---- HDF5 --------------------------------------------------------------------- */

/** An opened HDF5 file: its tree of groups and data sets, as far as links within the
 * file reach. Links to other files, symbolic links, external and virtual storage and
 * filters that need a plug-in (all but libhdf5's own and h5py's LZF) are never followed
 * or loaded. Several threads may use files of their own; in the library they take
 * turns. A child process (fork()) reads all of a file before this one does: a damaged
 * file that breaks libhdf5 is an error, not our end. */
typedef struct mien_hdf5 mien_hdf5;
/** Limits: 16 GiB, 100,000 objects, 32 levels, 8 dimensions, texts of an attribute 16
 * MiB; a data set whose values take more than 1 MiB + 1100 times the file, or than 64
 * MiB + 32 times the file, or that has none, is refused when it is loaded. The file is
 * mapped: it must not be cut while it is open. */
MIEN_API mien_status mien_hdf5_open(const char *path, mien_hdf5 **file);
MIEN_API void mien_hdf5_close(mien_hdf5 **file);
/** Data sets, in the order of names, a group's before those of the next. */
MIEN_API int64_t mien_hdf5_count(const mien_hdf5 *file);
/** Path without a slash at its start: "layers/conv/kernel". */
MIEN_API const char *mien_hdf5_name(const mien_hdf5 *file, int64_t index);
/** Shape and type without data, as mien_hdf5_load() will give it; NULL for one that is
 * not supported (texts, records, links out of the file). */
MIEN_API const mien_tensor *mien_hdf5_info(const mien_hdf5 *file, int64_t index);
/** A data set by its path, with or without the first slash. NULL: "default" or "data"
 * at the root, else the only one. MIEN_ENOTFOUND names what there is. */
MIEN_API mien_status mien_hdf5_find(
    const mien_hdf5 *file, const char *name, int64_t *index);
/** Floats of up to 4 bytes as f32, of 8 as f64; integers as i8 u8 i16 u16 i32 i64,
 * unsigned of 4 and 8 bytes as i64 (MIEN_ELIMIT above its range), enumerations as the
 * integers behind their names, h5py's bool (FALSE, TRUE) as bool. MIEN_EUNSUPPORTED
 * names what it is otherwise; MIEN_EFORMAT for damage. */
MIEN_API mien_status mien_hdf5_load(
    mien_hdf5 *file, int64_t index, mien_tensor **tensor);
/** Opens, finds, loads and closes. */
MIEN_API mien_status mien_hdf5_read(
    const char *path, const char *name, mien_tensor **tensor);
/** Is there a group of this path ("" is the root)? */
MIEN_API bool mien_hdf5_has_group(const mien_hdf5 *file, const char *group);
/** Names of the attributes of a group ("" is the root) or data set; mien_names_free().
 */
MIEN_API mien_status mien_hdf5_attributes(
    mien_hdf5 *file, const char *object, char ***names, int64_t *count);
/** An attribute's texts, one or a list; mien_names_free(). MIEN_ENOTFOUND if it is
 * absent, MIEN_EUNSUPPORTED if it holds no texts. */
MIEN_API mien_status mien_hdf5_texts(mien_hdf5 *file, const char *object,
    const char *attribute, char ***texts, int64_t *count);
/** An attribute's numbers, types as for mien_hdf5_load(). */
MIEN_API mien_status mien_hdf5_numbers(
    mien_hdf5 *file, const char *object, const char *attribute, mien_tensor **tensor);

/** Writes named data sets (complete or not at all), groups for the parts of names
 * between slashes, types as they are (not f16, bf16, bool: MIEN_EUNSUPPORTED),
 * contiguous, without times: the same tensors give the same bytes. MIEN_EINVAL for a
 * name that is empty, comes twice or is also a group. The file stands in memory until
 * it is complete. */
MIEN_API mien_status mien_hdf5_write(const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors);
/** A note on a data set, a group or the file. */
typedef struct mien_hdf5_attribute {
    const char *object; /**< name of a data set or group; "" the file */
    const char *name;
    const char *const *texts; /**< [count] UTF-8, at most 4000; NULL: the number */
    int64_t count;
    bool list; /**< texts are a list; false: one text */
    double number;
} mien_hdf5_attribute;
/** The same with attributes. MIEN_ENOTFOUND for one of something that is not there,
 * MIEN_EINVAL for one without a name or of no text and no list, MIEN_ELIMIT beyond 4000
 * texts. */
MIEN_API mien_status mien_hdf5_write_with(const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors,
    int64_t attribute_count, const mien_hdf5_attribute *attributes);

/* ---- weights: named tensors in a file ----------------------------------------- */

/** An opened archive of named tensors: safetensors; HDF5, with weights of Keras under
 * PyTorch's names and in its order of dimensions (kernels [H, W, I, O] become [O, I, H,
 * W], depthwise ones [C M, 1, H, W], dense ones [O, I]; gamma, beta, moving_mean and
 * moving_variance become weight, bias, running_mean and running_var; layers, called as
 * their group, are counted from 0 where Keras counted) and any other data sets by their
 * path with dots; or PyTorch's zip and legacy stream formats read by a restricted
 * unpickler that builds only dictionaries, tuples, lists, numbers, strings, tensors and
 * whole modules (their classes are names, their tensors those of state_dict()), passes
 * plain values of NumPy and the like over; else an error; nothing is run. In PyTorch
 * files the keys of nested dictionaries and lists are joined by '.'; a dictionary
 * without tensors of its own but with exactly one of state_dict, model_state_dict,
 * model (a checkpoint) stands for that one. */
typedef struct mien_archive mien_archive;

/** The format is found from the bytes. Limits: 16 GiB, 100,000 tensors, header or
 * pickle 100 MiB, pickle 8 million steps, 64 MiB of values, 32 levels and 1024 bytes of
 * names, 8 dimensions. The file is mapped: it must not be cut while it is open. */
MIEN_API mien_status mien_archive_open(const char *path, mien_archive **archive);
MIEN_API void mien_archive_close(mien_archive **archive);
MIEN_API const char *mien_archive_format(const mien_archive *archive);
MIEN_API int64_t mien_archive_count(const mien_archive *archive);
/** In file order. The tensor is lent and has no data until mien_archive_load(). */
MIEN_API const char *mien_archive_name(const mien_archive *archive, int64_t index);
MIEN_API const mien_tensor *mien_archive_info(
    const mien_archive *archive, int64_t index);
/** -1 if absent. */
MIEN_API int64_t mien_archive_find(const mien_archive *archive, const char *name);
/** The structure of a file that holds a whole pickled PyTorch module: a map of class
 * ("package.Name"), attributes (plain ones: numbers, texts; tensors as "f32 [8,
 * 8]"), tensors (name: "f32 [8, 8]") and modules (name: such a map). Nothing of the
 * classes is loaded. The caller frees. MIEN_ENOTFOUND for a file of tensors alone;
 * MIEN_ELIMIT beyond 100,000 parts. */
MIEN_API mien_status mien_archive_module(mien_archive *archive, mien_value **tree);
/** A copy of the tensor (strided PyTorch tensors made contiguous), freed by the caller.
 */
MIEN_API mien_status mien_archive_load(
    mien_archive *archive, int64_t index, mien_tensor **tensor);
/** safetensors metadata text by key; NULL if none. Lent. */
MIEN_API const char *mien_archive_metadata(
    const mien_archive *archive, const char *key);

/** Writes a .safetensors file (complete or not at all). Names, tensors in the order
 * given, the values starting at a multiple of 64 bytes and, as the format demands,
 * without gaps; metadata as key, value, key, value, …, NULL. */
MIEN_API mien_status mien_safetensors_write(const char *path, int64_t count,
    const char *const *names, const mien_tensor *const *tensors,
    const char *const *metadata);

/* ---- events: scalars for TensorBoard -----------------------------------------------
 */

/** An event file being appended to. TensorBoard reads files whose name contains
 * "tfevents". */
typedef struct mien_events mien_events;

/** Opens for appending, making the file (with its version record, which bears wall_s)
 * if it is not there. Records are checked; what follows the last whole one, or ends
 * beyond size_max bytes, is cut off: a run that goes on from a checkpoint passes the
 * size it had then, others INT64_MAX. MIEN_EFORMAT if the file is no event file,
 * MIEN_ELIMIT beyond 4 GiB, MIEN_EIO. */
MIEN_API mien_status mien_events_open(
    const char *path, int64_t size_max, double wall_s, mien_events **events);
/** A value at a step; wall_s is seconds since 1970. Kept until mien_events_flush(), or
 * until 64 KiB have gathered. tag: UTF-8, 1 to 1024 bytes ("loss/train"). */
MIEN_API mien_status mien_events_scalar(
    mien_events *events, const char *tag, int64_t step, double wall_s, double value);
/** Hands whole records to the file, so that a reader, or a kill at any moment, finds no
 * more than one torn record, at the end; a write that fails is taken back. */
MIEN_API mien_status mien_events_flush(mien_events *events);
/** Size of the file with all records so far, bytes: for the checkpoint. */
MIEN_API int64_t mien_events_size(const mien_events *events);
/** Flushes and frees, in any case. */
MIEN_API mien_status mien_events_close(mien_events **events);

/* ---- files -------------------------------------------------------------------- */

/** SHA-256 as 64 lower-case hex digits. */
typedef struct mien_sha256 mien_sha256;
MIEN_API mien_status mien_sha256_new(mien_sha256 **sha);
MIEN_API void mien_sha256_add(mien_sha256 *sha, const void *bytes, size_t count);
/** Writes the digest and frees. */
MIEN_API void mien_sha256_take(mien_sha256 **sha, char hex[65]);
MIEN_API mien_status mien_sha256_file(const char *path, char hex[65]);
MIEN_API mien_status mien_sha256_bytes(const void *bytes, size_t count, char hex[65]);

/** MD5 as 32 lower-case hex digits, to compare with what a publisher tells. */
MIEN_API mien_status mien_md5_file(const char *path, char hex[33]);

/** Whole file in memory, a 0 after it. MIEN_ELIMIT over limit bytes. */
MIEN_API mien_status mien_file_read(
    const char *path, size_t limit, char **bytes, size_t *count);
/** Writes beside the target and renames: the old file stays whole on any failure. For
 * things that are no regular file (/dev/stdout, pipes) writes straight. */
MIEN_API mien_status mien_file_write(const char *path, const void *bytes, size_t count);
MIEN_API bool mien_file_exists(const char *path);
MIEN_API bool mien_file_is_directory(const char *path);
MIEN_API int64_t mien_file_size(const char *path); /**< -1 if none */
/** Makes the directory and its parents; good if it is there. */
MIEN_API mien_status mien_directory_make(const char *path);
/** Names in a directory without . and .., in natural order; free each and the list, or
 * mien_names_free(). */
MIEN_API mien_status mien_directory_list(
    const char *path, char ***names, int64_t *count);
MIEN_API void mien_names_free(char ***names, int64_t count);
/** MIEN_CACHE, else XDG_CACHE_HOME/mien, else ~/.cache/mien. New string; not created.
 */
MIEN_API mien_status mien_cache_directory(char **path);

/** One member of a zip archive in memory (wheels); MIEN_ENOTFOUND names it. */
MIEN_API mien_status mien_zip_read_member(
    const char *path, const char *member, size_t limit, char **bytes, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
