/* SPDX-License-Identifier: MIT */
/* Opens the pictures and films of each row in turn, decodes and preprocesses.
 *
 * What comes in are rows with their places; what goes out are items in the same order:
 * one for a row, many for a film. Inputs of one film share its frames; another input
 * of the same row stands beside every moment. pass.c calls this, through a thread where
 * there is more than one row. */
#include "predict/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "media/file.h"
#include "mien/signal.h"

/* Pictures that are decoded beyond as many as there are threads. */
enum { AHEAD = 2 };

/* One decoded input. */
typedef struct decoded {
    const mien_input *input;
    mien_reader *reader;
    void *kept;
    int64_t first;  /* of an item's values */
    bool picture;   /* it is read as a picture that thumbnails are made of */
    int short_side; /* that a decoder must keep */
    bool there, filmed;
} decoded;

struct mien_source {
    const mien_rows *rows;
    const mien_predict_options *options;
    mien_known *known;              /* NULL: nothing */
    decoded input[MIEN_INPUTS_MAX]; /* reader NULL: a small one */
    int64_t next;                   /* row to open next */
    mien_film *film;
    double start_s, end_s; /* the part of it that is asked for */
    int64_t film_moments;
    double last_s, widest_s; /* the last moment's start, the longest way between two */
    int64_t film_damaged;    /* places, to be told after the film's end */
};

mien_status mien_item_init(mien_item *item, int64_t values) {
    *item = (mien_item){.values = mien_alloc((size_t)values + 1, sizeof(float))};
    return item->values ? MIEN_OK : MIEN_ENOMEM;
}

void mien_item_clear(mien_item *item) {
    mien_free(item->values);
    mien_tensor_free(&item->thumbnail);
    item->values = NULL;
}

/* ---- opening -------------------------------------------------------------------- */

bool mien_source_decodes(const mien_input *input) {
    const mien_input_kind *kind = NULL;
    return mien_input_kind_find(input->kind, &kind) == MIEN_OK &&
           !(kind->traits & MIEN_INPUT_SMALL);
}

int64_t mien_source_values(const mien_architecture *architecture, int64_t *first) {
    int64_t values = 0;
    for (int i = 0; i < architecture->inputs_count; i++) {
        const mien_input *input = &architecture->inputs[i];
        if (first) {
            first[i] = values;
        }
        values += mien_source_decodes(input)
                      ? mien_item_values(&input->shape) + input->shape.steps
                      : 0;
    }
    return values;
}

static mien_status open_input(decoded *d, const mien_input *input, int64_t first) {
    mien_preprocess preprocess;
    *d = (decoded){.input = input, .first = first};
    d->picture = mien_input_preprocess(input, &preprocess) == MIEN_OK;
    d->short_side = d->picture ? mien_preprocess_short_side(&preprocess) : 0;
    mien_status status = mien_reader_open(input, NULL, &d->reader);
    if (status == MIEN_OK) {
        d->kept = mien_alloc(mien_reader_bytes(d->reader), 1);
        status = d->kept ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

static void close_input(decoded *d) {
    mien_reader_close(&d->reader);
    mien_free(d->kept);
    d->kept = NULL;
}

mien_status mien_source_open(const mien_rows *rows, const mien_predict_options *options,
    mien_known *known, mien_source **source) {
    const mien_architecture *a = &rows->network->architecture;
    int64_t first[MIEN_INPUTS_MAX];
    mien_source *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    *s = (mien_source){.rows = rows, .options = options, .known = known};
    mien_status status = MIEN_OK;
    mien_source_values(a, first);
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        if (mien_source_decodes(&a->inputs[i])) {
            status = open_input(&s->input[i], &a->inputs[i], first[i]);
        }
    }
    if (status != MIEN_OK) {
        mien_source_close(&s);
        return status;
    }
    *source = s;
    return MIEN_OK;
}

void mien_source_close(mien_source **source) {
    if (source && *source) {
        mien_film_close(&(*source)->film);
        for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
            close_input(&(*source)->input[i]);
        }
        mien_free(*source);
        *source = NULL;
    }
}

/* ---- items ---------------------------------------------------------------------- */

/* The failure in words, for the item; running out of memory is everybody's failure. */
static mien_status problem(mien_item *item, mien_status status) {
    if (status == MIEN_ENOMEM) {
        return status;
    }
    item->kind = MIEN_ITEM_PROBLEM;
    item->start_s = -INFINITY;
    item->status = status;
    snprintf(item->text, sizeof item->text, "%s", mien_error());
    return MIEN_OK;
}

static mien_status add_thumbnail(
    int height, const mien_tensor *image, mien_item *item) {
    if (height > 0 && !item->thumbnail) {
        double aspect = (double)image->shape[1] / (double)image->shape[0];
        int width = (int)lround(height * fmin(fmax(aspect, 0.1), 10));
        return mien_image_resize(image, height, width < 1 ? 1 : width,
            MIEN_RESIZE_BILINEAR, NULL, &item->thumbnail);
    }
    return MIEN_OK;
}

/* Turns the decoded input into the network's numbers. */
static mien_status make_input(const decoded *d, int i, mien_item *item) {
    float *values = item->values + d->first;
    float *seen = values + mien_item_values(&d->input->shape);
    item->there[i] = d->there;
    return d->there ? mien_reader_make(d->reader, d->kept, NULL, values, seen)
                    : MIEN_OK;
}

mien_status mien_source_image(const mien_input *input,
    const mien_predict_options *options, const mien_tensor *image, mien_item *item) {
    decoded d;
    mien_status status = open_input(&d, input, 0);
    if (status == MIEN_OK) {
        status = add_thumbnail(options->thumbnail_height, image, item);
    }
    if (status == MIEN_OK) {
        status = mien_reader_load_image(d.reader, image, d.kept);
        d.there = true;
    }
    if (status == MIEN_OK) {
        status = make_input(&d, 0, item);
    }
    close_input(&d);
    return status;
}

/* ---- films ---------------------------------------------------------------------- */

/* A moment's picture, and what stands beside it through the whole film. */
static mien_status fill_moment(
    mien_source *source, const mien_tensor *image, mien_item *item) {
    mien_status status = MIEN_OK;
    mien_tensor_free(&item->thumbnail);
    status = add_thumbnail(source->options->thumbnail_height, image, item);
    for (int i = 0; status == MIEN_OK && i < MIEN_INPUTS_MAX; i++) {
        decoded *d = &source->input[i];
        if (!d->reader) {
            continue;
        }
        if (d->filmed) {
            status = mien_reader_load_image(d->reader, image, d->kept);
            d->there = true;
        }
        if (status == MIEN_OK) {
            status = make_input(d, i, item);
        }
    }
    return status;
}

static mien_status no_moment(const mien_source *source, const mien_item *item) {
    const char *path = source->rows->items[item->row].name;
    double start_s = source->start_s, end_s = source->end_s;
    return isinf(end_s)
               ? mien_fail(MIEN_EFORMAT, "%s: no picture from %g s on", path, start_s)
               : mien_fail(MIEN_EFORMAT, "%s: no picture between %g s and %g s", path,
                     start_s, end_s);
}

/* Key frames stand where the film's maker put them. */
static void tell_gaps(const mien_source *source, const mien_item *item, double end_s) {
    double every_s = source->options->every_s;
    double widest_s = fmax(source->widest_s, end_s - source->last_s);
    if (source->options->keyframes && every_s > 0 && widest_s > 2 * every_s) {
        mien_log(MIEN_LOG_WARN, "predict",
            "%s: key frames are up to %.3g s apart, asked for every %g s: what lies "
            "between them is not looked at",
            source->rows->items[item->row].name, widest_s, every_s);
    }
}

static mien_status next_moment(mien_source *source, mien_item *item) {
    const mien_tensor *image = NULL;
    int64_t time_us = 0, sample_us = 0;
    mien_status status = mien_film_next(source->film, &image, &time_us, &sample_us);
    if (status == MIEN_OK) {
        item->kind = MIEN_ITEM_MOMENT;
        item->start_s = (double)sample_us / 1e6;
        if (source->film_moments++ > 0) {
            source->widest_s = fmax(source->widest_s, item->start_s - source->last_s);
        }
        source->last_s = item->start_s;
        status = fill_moment(source, image, item);
        return status == MIEN_OK ? status : problem(item, status);
    }
    int64_t end_us = mien_film_end_us(source->film);
    double end_s = end_us == INT64_MIN ? -INFINITY : (double)end_us / 1e6;
    if (status != MIEN_END) {
        status = problem(item, status);
        item->start_s = end_s;
    } else if (source->film_moments == 0) {
        status = problem(item, no_moment(source, item));
    } else {
        item->kind = MIEN_ITEM_FILM_END;
        tell_gaps(source, item, end_s);
        item->start_s = fmin(end_s, source->end_s);
        source->film_damaged = mien_film_damaged(source->film);
        status = MIEN_OK;
    }
    mien_film_close(&source->film);
    return status;
}

/* A film with damage within it has given all its moments: it is still a problem. */
static mien_status tell_damage(mien_source *source, mien_item *item) {
    int64_t places = source->film_damaged;
    source->film_damaged = 0;
    return problem(item,
        mien_fail(MIEN_EFORMAT,
            "%s: damaged in %lld place%s: what was shown there is missing, and the "
            "picture before it stands longer",
            source->rows->items[item->row].name, (long long)places,
            places == 1 ? "" : "s"));
}

/* ---- rows ----------------------------------------------------------------------- */

/* A table's part of a film, as far as the options leave it. */
static mien_status open_film(mien_source *source, const mien_place *place, int side) {
    const mien_predict_options *o = source->options;
    double start_s = isnan(place->start_s) ? 0 : place->start_s;
    double end_s = isnan(place->end_s) ? (double)INFINITY : place->end_s;
    mien_film_options film = mien_film_options_default();
    film.every_s = o->every_s;
    film.keyframes = o->keyframes;
    film.start_s = source->start_s = fmax(o->start_s, start_s);
    film.end_s = source->end_s = fmin(o->end_s, end_s);
    if (!(film.end_s > film.start_s)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: its part from %g s to %g s lies outside of --start and --end",
            place->file, start_s, end_s);
    }
    /* pictures are decoded on while one is converted, which keeps the cores busy */
    film.threads = o->threads == 1 ? 1 : o->threads + AHEAD;
    film.short_side = side;
    mien_status status = mien_film_open(place->file, &film, &source->film);
    source->film_moments = 0;
    source->last_s = source->widest_s = 0;
    return status;
}

static mien_status read_picture(
    mien_source *source, decoded *d, const mien_place *place, mien_item *item) {
    mien_image_options options = mien_image_options_default();
    mien_tensor *image = NULL;
    uint8_t *bytes = NULL;
    size_t count = 0;
    /* a region is told in pixels of the whole picture */
    options.scale_short_min = isnan(place->region[0]) ? d->short_side : 0;
    mien_status status =
        mien_media_file_read(place->file, options.bytes_max, &bytes, &count);
    if (status == MIEN_OK) {
        status = mien_image_parse(place->file, bytes, count, &options, &image);
    }
    if (status == MIEN_OK) {
        status = mien_known_tell(source->known, place->file, bytes, count);
    }
    mien_free(bytes);
    if (status == MIEN_OK) {
        status = add_thumbnail(source->options->thumbnail_height, image, item);
    }
    if (status == MIEN_OK) {
        status = mien_reader_load_region(d->reader, image, place, d->kept);
        status = status == MIEN_OK ? status : mien_fail_in(status, "%s", place->file);
    }
    mien_tensor_free(&image);
    return status;
}

/* Reads an input of a row; of a film, only that it is one. An unknown kind of file goes
 * to the picture decoders too: they say best what is wrong. */
static mien_status read_input(
    mien_source *source, decoded *d, const mien_place *place, mien_item *item) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    d->there = d->filmed = false;
    if (!place->file) {
        return MIEN_OK;
    }
    mien_status status = d->picture ? mien_media_kind_of(place->file, &kind) : MIEN_OK;
    d->filmed = kind == MIEN_MEDIA_FILM;
    if (status == MIEN_OK && d->filmed && !isnan(place->region[0])) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: x, y, w, h say where a face is in a picture; this is a film",
            place->file);
    }
    if (status != MIEN_OK || d->filmed) {
        return status;
    }
    status = d->picture ? read_picture(source, d, place, item)
                        : mien_reader_load(d->reader, place, d->kept);
    d->there = status == MIEN_OK;
    return status == MIEN_END ? MIEN_OK : status;
}

/* The film of a row; NULL: it has none. All inputs that are films must be one. */
static mien_status find_film(
    const mien_source *source, const mien_row *row, const mien_place **film) {
    *film = NULL;
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        if (!source->input[i].reader || !source->input[i].filmed) {
            continue;
        }
        if (*film && strcmp((*film)->file, row->place[i].file) != 0) {
            return mien_fail(MIEN_EUNSUPPORTED,
                "%s and %s: two films of one row have no common moments", (*film)->file,
                row->place[i].file);
        }
        *film = &row->place[i];
    }
    return MIEN_OK;
}

/* The least that every input of the film can do with; 0: full size. */
static int film_side(const mien_source *source) {
    int side = -1;
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        const decoded *d = &source->input[i];
        if (d->reader && d->filmed) {
            side = side < 0 || (side > 0 && d->short_side > side) ? d->short_side
                   : d->short_side == 0                           ? 0
                                                                  : side;
        }
    }
    return side > 0 ? side : 0;
}

static mien_status make_row(mien_source *source, const mien_row *row, mien_item *item) {
    mien_status status = MIEN_OK;
    item->kind = MIEN_ITEM_ROW;
    item->start_s = row->start_s;
    item->end_s = row->end_s;
    for (int i = 0; status == MIEN_OK && i < MIEN_INPUTS_MAX; i++) {
        if (source->input[i].reader) {
            status = make_input(&source->input[i], i, item);
        }
    }
    return status;
}

/* What is wrong with a row of a trial table is told with its trial: the file alone does
 * not say which it is. */
static mien_status row_problem(
    const mien_row *row, mien_item *item, mien_status status) {
    if (row->trial && status != MIEN_ENOMEM) {
        mien_fail_in(status, "trial %s", row->trial);
    }
    return problem(item, status);
}

static mien_status open_row(mien_source *source, const mien_row *row, mien_item *item) {
    const mien_place *film = NULL;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < MIEN_INPUTS_MAX; i++) {
        if (source->input[i].reader) {
            status = read_input(source, &source->input[i], &row->place[i], item);
        }
    }
    if (status == MIEN_OK) {
        status = find_film(source, row, &film);
    }
    if (status == MIEN_OK && film) {
        status = open_film(source, film, film_side(source));
        return status == MIEN_OK ? next_moment(source, item)
                                 : row_problem(row, item, status);
    }
    if (status == MIEN_OK) {
        status = make_row(source, row, item);
        item->trained_on = mien_known_ask(source->known, row->place);
    }
    return status == MIEN_OK ? status : row_problem(row, item, status);
}

mien_status mien_source_next(mien_source *source, mien_item *item) {
    mien_tensor_free(&item->thumbnail);
    item->status = MIEN_OK;
    item->lacking = item->trained_on = 0;
    item->row = source->next - 1;
    if (source->film) {
        return next_moment(source, item);
    }
    if (source->film_damaged > 0) {
        return tell_damage(source, item);
    }
    if (source->next == source->rows->count) {
        return MIEN_END;
    }
    const mien_row *row = &source->rows->items[source->next];
    item->row = source->next++;
    return row->problem ? problem(item, mien_fail(row->status, "%s", row->problem))
                        : open_row(source, row, item);
}
