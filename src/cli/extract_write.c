/* SPDX-License-Identifier: MIT */
/* The HDF5 file of an extraction: one group an input (a single one stands at the root)
 * with a data set a family, times and masks; settings, names and hashes are attributes.
 */
#include "cli/extract_films.h"

#include <stdio.h>
#include <string.h>

/* The contents of the output file, until they are written. */
typedef struct book {
    const cli_film_job *job;
    mien_arena *arena;
    const char **names;
    mien_tensor **tensors;
    int64_t count, room;
    mien_hdf5_attribute *attributes;
    int64_t attribute_count, attribute_room;
    const char *
        *columns[CLI_FAMILIES_MAX]; /* names of values, the same for all inputs */
} book;

static mien_status add_set(book *b, const char *name, mien_tensor *tensor) {
    if (b->count == b->room) {
        mien_tensor_free(&tensor);
        return mien_fail(MIEN_EINTERNAL, "more data sets than expected");
    }
    b->names[b->count] = mien_arena_strdup(b->arena, name);
    b->tensors[b->count++] = tensor;
    return b->names[b->count - 1] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status add_attribute(book *b, const mien_hdf5_attribute *a) {
    if (b->attribute_count == b->attribute_room) {
        return mien_fail(MIEN_EINTERNAL, "more attributes than expected");
    }
    mien_hdf5_attribute *to = &b->attributes[b->attribute_count++];
    *to = *a;
    to->object = mien_arena_strdup(b->arena, a->object);
    to->name = mien_arena_strdup(b->arena, a->name);
    return to->object && to->name ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status add_text(
    book *b, const char *object, const char *name, const char *text) {
    const char **texts = mien_arena_alloc(b->arena, 1, sizeof *texts);
    if (!texts || !(texts[0] = mien_arena_strdup(b->arena, text))) {
        return MIEN_ENOMEM;
    }
    return add_attribute(
        b, &(mien_hdf5_attribute){
               .object = object, .name = name, .texts = texts, .count = 1});
}

static mien_status add_number(
    book *b, const char *object, const char *name, double number) {
    return add_attribute(
        b, &(mien_hdf5_attribute){.object = object, .name = name, .number = number});
}

static mien_status add_list(book *b, const char *object, const char *name,
    const char *const *texts, int64_t count) {
    return add_attribute(b, &(mien_hdf5_attribute){.object = object,
                                .name = name,
                                .texts = texts,
                                .count = count,
                                .list = true});
}

/* ---- what is said of a family --------------------------------------------------- */

static mien_status name_columns(book *b, int f) {
    const cli_family *family = b->job->families[f].family;
    const bool tracks = b->job->tracks;
    const int64_t count = tracks ? family->tracks : b->job->families[f].width;
    void (*name_of)(int, char *) = tracks ? family->track_name : family->value_name;
    char name[MIEN_FEATURE_NAME_MAX];
    if (!name_of) {
        return MIEN_OK;
    }
    b->columns[f] = mien_arena_alloc(b->arena, (size_t)count, sizeof *b->columns[f]);
    for (int64_t i = 0; b->columns[f] && i < count; i++) {
        name_of((int)i, name);
        b->columns[f][i] = mien_arena_strdup(b->arena, name);
        if (!b->columns[f][i]) {
            return MIEN_ENOMEM;
        }
    }
    return b->columns[f] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status describe_family(book *b, int f, const char *object) {
    const cli_extraction *e = &b->job->families[f];
    mien_value *contract = e->family->contract(e);
    mien_string text;
    mien_string_init(&text);
    if (!e->family->least_frames) {
        mien_value_set(contract, "channels", mien_value_new_text("mean"));
        mien_value_set(contract, "resampler", mien_value_new_text("swresample"));
    }
    mien_status status = contract ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_value_write_json(contract, false, &text);
    status = status ? status : add_text(b, object, "contract", text.text);
    if (status == MIEN_OK && b->columns[f]) {
        status = add_list(b, object, "columns", b->columns[f],
            b->job->tracks ? e->family->tracks : e->width);
    }
    if (status == MIEN_OK && b->job->tracks) {
        status = add_number(b, object, "hop_s", e->family->track_hop_s);
    }
    mien_string_clear(&text);
    mien_value_free(&contract);
    return status;
}

/* ---- one input --------------------------------------------------------------------
 */

/* "GROUP/NAME", or NAME alone at the root. */
static const char *place(const char *group, const char *name, char *text, size_t size) {
    snprintf(text, size, "%s%s%s", group, *group ? "/" : "", name);
    return text;
}

static mien_status describe_input(book *b, const char *group, const char *about) {
    mien_value *map = NULL;
    char text[32];
    mien_status status = mien_value_parse_json("about", about, strlen(about), &map);
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(map); i++) {
        const mien_value *item = mien_value_item(map, i);
        const char *key = mien_value_key(map, i);
        if (mien_value_text(item)) {
            status = add_text(b, group, key, mien_value_text(item));
        } else {
            snprintf(text, sizeof text, "%s", key);
            status = add_number(b, group, text, mien_value_number(item, 0));
        }
    }
    mien_value_free(&map);
    return status;
}

static mien_status new_set(book *b, const char *group, const char *name,
    mien_dtype type, int rank, const int64_t *shape, mien_tensor **made) {
    char text[512];
    mien_tensor *tensor = NULL;
    mien_status status = mien_tensor_new(type, rank, shape, &tensor);
    status =
        status ? status : add_set(b, place(group, name, text, sizeof text), tensor);
    if (status == MIEN_OK) {
        *made = tensor;
    }
    return status;
}

static void fill_rows(const book *b, int64_t input, mien_tensor *const times[4],
    mien_tensor *mask, mien_tensor *const *sets) {
    const cli_film_job *j = b->job;
    for (int64_t i = 0; i < cli_journal_count(j->journal); i++) {
        const cli_journal_row *r = cli_journal_at(j->journal, i);
        if (r->input != input || r->row == CLI_ROW_DONE) {
            continue;
        }
        const double at[4] = {r->start_s, r->end_s, r->sound_s, r->frames};
        const float *from = r->values;
        for (int t = 0; t < 4; t++) {
            ((double *)times[t]->data)[r->row] = at[t];
        }
        for (int f = 0; f < j->family_count; f++) {
            const int64_t width = j->families[f].width;
            memcpy((float *)sets[f]->data + r->row * width, from,
                (size_t)width * sizeof *from);
            from += width;
            ((uint8_t *)mask->data)[r->row * j->family_count + f] =
                (uint8_t)(r->mask >> f & 1);
        }
    }
}

static mien_status add_segments(book *b, int64_t input, const char *group) {
    static const char *const names[] = {"start_s", "end_s", "sound_s", "frames"};
    const cli_film_job *j = b->job;
    mien_tensor *times[4] = {0}, *mask = NULL, *sets[CLI_FAMILIES_MAX] = {0};
    char text[512];
    int64_t shape[4] = {0};
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < cli_journal_count(j->journal); i++) {
        const cli_journal_row *r = cli_journal_at(j->journal, i);
        shape[0] += r->input == input && r->row != CLI_ROW_DONE;
    }
    for (int t = 0; status == MIEN_OK && t < 4; t++) {
        status = new_set(b, group, names[t], MIEN_F64, 1, shape, &times[t]);
    }
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        const cli_extraction *e = &j->families[f];
        memcpy(shape + 1, e->shape, (size_t)e->rank * sizeof *shape);
        status =
            new_set(b, group, e->family->name, MIEN_F32, e->rank + 1, shape, &sets[f]);
        status = status ? status
                        : describe_family(
                              b, f, place(group, e->family->name, text, sizeof text));
    }
    shape[1] = j->family_count;
    status = status ? status : new_set(b, group, "mask", MIEN_U8, 2, shape, &mask);
    if (status != MIEN_OK) {
        return status;
    }
    const char **columns =
        mien_arena_alloc(b->arena, (size_t)j->family_count, sizeof *columns);
    for (int f = 0; columns && f < j->family_count; f++) {
        columns[f] = j->families[f].family->name;
    }
    fill_rows(b, input, times, mask, sets);
    return columns ? add_list(b, place(group, "mask", text, sizeof text), "columns",
                         columns, j->family_count)
                   : MIEN_ENOMEM;
}

static mien_status add_tracks(book *b, int64_t input, const char *group) {
    const cli_film_job *j = b->job;
    char text[512];
    mien_status status = MIEN_OK;
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        mien_tensor *copy = NULL;
        place(group, j->families[f].family->name, text, sizeof text);
        status = mien_tensor_copy(j->tables[input * CLI_FAMILIES_MAX + f], &copy);
        status = status ? status : add_set(b, text, copy);
        status = status ? status : describe_family(b, f, text);
    }
    return status;
}

/* ---- all of it ----------------------------------------------------------------------
 */

/* The description of an input that is done; NULL: it is not done. */
static const char *about_of(const cli_film_job *j, int64_t input) {
    if (j->tracks) {
        return j->abouts[input];
    }
    for (int64_t i = 0; i < cli_journal_count(j->journal); i++) {
        const cli_journal_row *r = cli_journal_at(j->journal, i);
        if (r->input == input && r->row == CLI_ROW_DONE) {
            return r->about;
        }
    }
    return NULL;
}

/* The file's name without its ending, with a number where it came before. */
static mien_status group_name(
    const cli_film_job *j, int64_t input, char groups[][256], int64_t before) {
    const char *base = mien_path_base(j->inputs.items[input].path);
    const char *dot = strrchr(base, '.');
    const int length = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    for (int number = 1; number < 100000; number++) {
        bool taken = false;
        if (number == 1) {
            snprintf(groups[before], 240, "%.*s", length, base);
        } else {
            snprintf(groups[before], 256, "%.*s_%d", length < 200 ? length : 200, base,
                number);
        }
        for (int64_t i = 0; i < before && !taken; i++) {
            taken = strcmp(groups[i], groups[before]) == 0;
        }
        if (!taken) {
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_ELIMIT, "too many inputs are called %s", base);
}

static mien_status fill_book(book *b) {
    const cli_film_job *j = b->job;
    const int64_t inputs = j->inputs.count;
    char(*groups)[256] = mien_alloc((size_t)inputs, sizeof *groups);
    mien_status status = groups ? MIEN_OK : MIEN_ENOMEM;
    int64_t used = 0;
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        status = name_columns(b, f);
    }
    for (int64_t i = 0; status == MIEN_OK && i < inputs; i++) {
        const char *about = about_of(j, i);
        if (!about) {
            continue;
        }
        status = inputs > 1 ? group_name(j, i, groups, used) : MIEN_OK;
        const char *group = groups[used++];
        if (status == MIEN_OK) {
            status = j->tracks ? add_tracks(b, i, group) : add_segments(b, i, group);
        }
        status = status ? status : describe_input(b, group, about);
    }
    if (status == MIEN_OK && used == 0) {
        status = mien_fail(MIEN_EFORMAT, "none of the inputs can be read");
    }
    status = status ? status : add_text(b, "", "mien", MIEN_VERSION);
    if (status == MIEN_OK && !j->tracks) {
        status = add_number(b, "", "segment_s", j->settings.segment_s);
        status = status ? status : add_number(b, "", "hop_s", j->hop_s);
    }
    mien_free(groups);
    return status;
}

mien_status cli_extract_write(const cli_film_job *j, const char *path) {
    book b = {.job = j};
    const int64_t inputs = j->inputs.count;
    b.room = inputs * (CLI_FAMILIES_MAX + 8);
    b.attribute_room = inputs * (3 * CLI_FAMILIES_MAX + 32) + 8;
    mien_status status = mien_arena_new(1 << 18, &b.arena);
    if (status == MIEN_OK) {
        b.names = mien_alloc((size_t)b.room, sizeof *b.names);
        b.tensors = mien_alloc((size_t)b.room, sizeof *b.tensors);
        b.attributes = mien_alloc((size_t)b.attribute_room, sizeof *b.attributes);
        status = b.names && b.tensors && b.attributes ? MIEN_OK : MIEN_ENOMEM;
    }
    status = status ? status : fill_book(&b);
    status = status ? status
                    : mien_hdf5_write_with(path, b.count, b.names,
                          (const mien_tensor *const *)b.tensors, b.attribute_count,
                          b.attributes);
    for (int64_t i = 0; i < b.count; i++) {
        mien_tensor_free(&b.tensors[i]);
    }
    mien_free(b.attributes);
    mien_free(b.tensors);
    mien_free(b.names);
    mien_arena_free(&b.arena);
    return status;
}
