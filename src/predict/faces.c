/* SPDX-License-Identifier: MIT */
/* Predicts every face of pictures; films go through faces_film.c. In come files and a
 * model whose only input is of kind face; out go rows, one a face, to a sink. */
#include "predict/faces.h"
#include "base/need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict/after.h"
#include "predict/input_files.h"

mien_faces_options mien_faces_options_default(void) {
    return (mien_faces_options){.finder = mien_finder_options_default(),
        .rule = MIEN_FACES_EACH,
        .identity_crop = "crop=aligned; template=arcface; order=rgb; "
                         "scale=0.00784313725490196; mean=1,1,1; deviation=1,1,1",
        .identity_least = 0.5};
}

mien_status mien_seen_add(mien_seen *seen, const mien_seen_face *face) {
    if (seen->count == seen->room) {
        int64_t room = seen->room ? 2 * seen->room : 4;
        mien_seen_face *faces =
            mien_realloc(seen->faces, (size_t)seen->room, (size_t)room, sizeof *faces);
        if (!faces) {
            return MIEN_ENOMEM;
        }
        seen->faces = faces;
        seen->room = room;
    }
    seen->faces[seen->count++] = *face;
    return MIEN_OK;
}

void mien_seen_clear(mien_seen *seen) {
    mien_free(seen->faces);
    mien_free(seen->values);
    *seen = (mien_seen){0};
}

/* ---- the network ------------------------------------------------------------------
 */

void mien_face_network_clear(mien_face_network *network) {
    mien_reader_close(&network->reader);
    mien_free(network->kept);
    mien_free(network->items);
    mien_free(network->values);
    *network = (mien_face_network){0};
}

mien_status mien_face_network_open(
    mien_predictor *predictor, mien_face_network *network) {
    const mien_model *model = predictor->model;
    const mien_architecture *a = &mien_model_network(model)->architecture;
    mien_face_network n = {.predictor = predictor,
        .model = model,
        .item = mien_item_values(&a->inputs[0].shape),
        .row = mien_model_width(model)};
    if (a->inputs_count != 1 || strcmp(a->inputs[0].kind, "face") != 0) {
        return mien_fail(MIEN_EINVAL,
            "%s reads %s: only a model on faces (an input of kind face, and no other) "
            "says how they have to be cut out",
            mien_model_path(model), a->inputs[0].kind);
    }
    mien_status status = mien_reader_open(&a->inputs[0], NULL, &n.reader);
    if (status == MIEN_OK) {
        n.kept = mien_alloc(mien_reader_bytes(n.reader), 1);
        status = n.kept ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        int threads = predictor->options.threads;
        status = mien_predictor_need(predictor, threads > 1 ? threads : 1);
    }
    if (status != MIEN_OK) {
        mien_face_network_clear(&n);
        return status;
    }
    if (mien_model_network(model)->after.values_count > 0) {
        mien_log(MIEN_LOG_WARN, "predict",
            "what %s a face has is not known: the intervals of all rows hold",
            mien_model_network(model)->after.interval_by);
    }
    *network = n;
    return MIEN_OK;
}

static mien_status make_room(mien_face_network *n, int64_t count) {
    if (count <= n->room) {
        return MIEN_OK;
    }
    mien_free(n->items);
    mien_free(n->values);
    n->room = 0;
    n->items = mien_alloc((size_t)count, (size_t)n->item * sizeof *n->items);
    n->values = mien_alloc((size_t)count, (size_t)n->row * sizeof *n->values);
    if (!n->items || !n->values) {
        return MIEN_ENOMEM;
    }
    n->room = count;
    return MIEN_OK;
}

/* Cuts one face out; what cannot be cut out is told and stays without values. */
static mien_status cut(
    mien_face_network *n, const mien_tensor *image, mien_seen_face *seen, float *item) {
    mien_place place = mien_place_of(NULL);
    memcpy(place.region, seen->face.box, sizeof place.region);
    memcpy(place.points, seen->face.points, sizeof place.points);
    mien_status status = mien_reader_load_region(n->reader, image, &place, n->kept);
    seen->good = status == MIEN_OK;
    if (status == MIEN_OK) {
        return mien_reader_make(n->reader, n->kept, NULL, item, NULL);
    }
    if (status == MIEN_ENOMEM) {
        return status;
    }
    mien_log(
        MIEN_LOG_WARN, "predict", "a face is left without values: %s", mien_error());
    return MIEN_OK;
}

mien_status mien_face_network_run(
    mien_face_network *network, const mien_tensor *image, mien_seen *seen) {
    mien_face_network *n = network;
    int64_t good = 0;
    mien_status status = make_room(n, seen->count);
    for (int64_t i = 0; status == MIEN_OK && i < seen->count; i++) {
        status = cut(n, image, &seen->faces[i], n->items + good * n->item);
        good += seen->faces[i].good;
    }
    if (status == MIEN_OK && good > 0) {
        status = mien_runner_run_arrays(n->predictor->runner,
            (const float *const[]){n->items}, NULL, good, n->values, NULL);
    }
    mien_free(seen->values);
    seen->values = mien_alloc((size_t)(seen->count * n->row) + 1, sizeof *seen->values);
    if (status != MIEN_OK || !seen->values) {
        return status == MIEN_OK ? MIEN_ENOMEM : status;
    }
    const float *from = n->values;
    for (int64_t i = 0; i < seen->count; i++) {
        for (int64_t k = 0; k < n->row; k++) {
            seen->values[i * n->row + k] =
                seen->faces[i].good ? (double)*from++ : (double)NAN;
        }
    }
    return MIEN_OK;
}

/* ---- rows -------------------------------------------------------------------------
 */

static mien_status hand_on(mien_face_receiver *r, const mien_face_row *row) {
    mien_status status = r->sink(r->context, row);
    if (status != MIEN_OK) {
        r->stopped = true;
        strncpy(r->text, mien_error(), sizeof r->text - 1);
    }
    return status;
}

static void no_values(const mien_face_network *n, mien_prediction *p) {
    p->targets_count = mien_model_targets_count(n->model);
    for (int t = 0; t < p->targets_count; t++) {
        p->value[t] = p->normal[t] = p->low[t] = p->high[t] = (double)NAN;
        p->set_from[t] = (double)NAN;
        p->choice[t] = -1;
        p->probability[t] = NULL;
    }
}

static void fill_row(
    const mien_face_network *n, const double *values, bool good, mien_face_row *row) {
    if (good) {
        mien_after_row(mien_model_targets(n->model), mien_model_targets_count(n->model),
            &mien_model_network(n->model)->after, values, &row->prediction);
    } else {
        no_values(n, &row->prediction);
    }
}

static double area_of(const mien_face *face) {
    return face->box[2] * face->box[3];
}

/* The largest face that is shown, -1 if none is. */
static int64_t largest_of(const mien_seen *seen, const int *numbers) {
    int64_t best = -1;
    for (int64_t i = 0; i < seen->count; i++) {
        if (numbers[i] > 0 && (best < 0 || area_of(&seen->faces[i].face) >
                                               area_of(&seen->faces[best].face))) {
            best = i;
        }
    }
    return best;
}

/* The mean over all faces that are shown and have values; false: none has. */
static bool pool(const mien_face_network *n, const mien_seen *seen,
    const double *values, const int *numbers, double *mean) {
    int64_t count = 0;
    memset(mean, 0, (size_t)n->row * sizeof *mean);
    for (int64_t i = 0; i < seen->count; i++) {
        bool counts = numbers[i] > 0 && seen->faces[i].good;
        count += counts;
        for (int64_t k = 0; counts && k < n->row; k++) {
            mean[k] += values[i * n->row + k];
        }
    }
    for (int64_t k = 0; k < n->row && count > 0; k++) {
        mean[k] /= (double)count;
    }
    return count > 0;
}

mien_status mien_face_rows(mien_face_receiver *receiver,
    const mien_face_network *network, const mien_seen *seen, const double *values,
    const int *numbers, mien_faces_rule rule, const char *input, double end_s,
    int64_t moment, const mien_tensor *image) {
    const mien_face_network *n = network;
    mien_face_row row = {
        .width = seen->width, .height = seen->height, .moment = moment, .image = image};
    int64_t largest = largest_of(seen, numbers);
    double *mean = NULL;
    row.prediction =
        (mien_prediction){.input = input, .start_s = seen->start_s, .end_s = end_s};
    if (largest < 0) {
        no_values(n, &row.prediction);
        return hand_on(receiver, &row);
    }
    if (rule == MIEN_FACES_POOL) {
        mean = mien_alloc((size_t)n->row, sizeof *mean);
        if (!mean) {
            return MIEN_ENOMEM;
        }
    }
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < seen->count; i++) {
        bool shown = rule == MIEN_FACES_EACH ? numbers[i] > 0 : i == largest;
        if (!shown) {
            continue;
        }
        row.number = numbers[i];
        row.face = &seen->faces[i].face;
        bool good = mean ? pool(n, seen, values, numbers, mean) : seen->faces[i].good;
        fill_row(n, mean ? mean : values + i * n->row, good, &row);
        status = hand_on(receiver, &row);
        row.image = NULL;
    }
    mien_free(mean);
    return status;
}

/* ---- pictures ---------------------------------------------------------------------
 */

static int by_area(const void *a, const void *b) {
    const mien_seen_face *x = a, *y = b;
    double p = area_of(&x->face), q = area_of(&y->face);
    if (p != q) {
        return p < q ? 1 : -1;
    }
    return (x->face.box[0] > y->face.box[0]) - (x->face.box[0] < y->face.box[0]);
}

typedef struct run {
    mien_face_network network;
    mien_finder *finder;
    mien_identity *identity; /* NULL: not asked for */
    const mien_faces_options *options;
    mien_face_receiver receiver;
    bool images; /* thumbnails are asked for */
    mien_face whole;
} run;

/* Faces of a picture; of one that is a face already, it alone, nowhere in it. */
static mien_status find(run *r, const mien_tensor *image, const char *path,
    const mien_face **faces, int64_t *count) {
    if (r->options->rule != MIEN_FACES_WHOLE) {
        mien_status status = mien_finder_find(r->finder, image, faces, count);
        return status == MIEN_OK ? status : mien_fail_in(status, "%s", path);
    }
    r->whole = (mien_face){.score = (double)NAN};
    for (int i = 0; i < 4; i++) {
        r->whole.box[i] = (double)NAN;
    }
    for (int i = 0; i < 10; i++) {
        r->whole.points[i] = (double)NAN;
    }
    *faces = &r->whole;
    *count = 1;
    return MIEN_OK;
}

static mien_status run_picture(run *r, const char *path) {
    mien_tensor *image = NULL;
    mien_seen seen = {.start_s = (double)NAN};
    int *numbers = NULL;
    const mien_face *faces = NULL;
    int64_t count = 0;
    mien_status status = mien_image_read(path, NULL, &image);
    if (status == MIEN_OK) {
        status = find(r, image, path, &faces, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_seen_face face = {.face = faces[i], .track = -1};
        status = mien_seen_add(&seen, &face);
    }
    if (status == MIEN_OK) {
        seen.width = (double)image->shape[1];
        seen.height = (double)image->shape[0];
        if (count > 1) {
            qsort(seen.faces, (size_t)count, sizeof *seen.faces, by_area);
        }
        status = mien_face_network_run(&r->network, image, &seen);
    }
    if (status == MIEN_OK) {
        numbers = mien_alloc((size_t)count + 1, sizeof *numbers);
        status = numbers ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        numbers[i] = (int)i + 1;
    }
    if (status == MIEN_OK) {
        status = mien_face_rows(&r->receiver, &r->network, &seen, seen.values, numbers,
            r->options->rule, path, (double)NAN, 0, r->images ? image : NULL);
    }
    mien_free(numbers);
    mien_seen_clear(&seen);
    mien_tensor_free(&image);
    return status;
}

static mien_status run_input(run *r, const mien_input_file *input) {
    const mien_predict_options *o = &r->network.predictor->options;
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    if (input->problem) {
        return mien_fail(input->status, "%s", input->problem);
    }
    mien_status status = mien_media_kind_of(input->path, &kind);
    if (status != MIEN_OK || kind != MIEN_MEDIA_FILM) {
        return status == MIEN_OK ? run_picture(r, input->path) : status;
    }
    if (r->options->rule == MIEN_FACES_WHOLE) {
        return mien_fail(MIEN_EINVAL,
            "%s: is a film: only pictures can be faces that are cut out already",
            input->path);
    }
    double start_s = fmax(o->start_s, input->start_s);
    double end_s = fmin(o->end_s, input->end_s);
    return end_s > start_s
               ? mien_faces_film(&r->network, r->finder, r->identity, r->options,
                     input->path, start_s, end_s, &r->receiver)
               : mien_fail(MIEN_EFORMAT,
                     "%s: its part from %g s to %g s lies outside of --start and --end",
                     input->path, input->start_s, input->end_s);
}

/* Running out of memory, a sink that stops and an interrupt end the run; what is wrong
 * with one input is told, and the others go on. */
static mien_status run_all(
    run *r, const mien_input_files *inputs, mien_predict_problem *problem) {
    mien_status first = MIEN_OK;
    char text[1024] = "";
    for (int64_t i = 0; i < inputs->count; i++) {
        mien_status status = mien_interrupted()
                                 ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                 : run_input(r, &inputs->items[i]);
        if (r->receiver.stopped || status == MIEN_ENOMEM ||
            status == MIEN_EINTERRUPTED) {
            return status;
        }
        if (status != MIEN_OK) {
            char told[1024];
            strncpy(told, mien_error(), sizeof told - 1);
            told[sizeof told - 1] = 0;
            if (first == MIEN_OK) {
                first = status;
                memcpy(text, told, sizeof text);
            }
            if (problem) {
                problem(r->receiver.context, inputs->items[i].path, told);
            }
        }
    }
    return first == MIEN_OK ? MIEN_OK : mien_fail(first, "%s", text);
}

mien_status mien_predictor_run_faces(mien_predictor *predictor,
    const char *const *inputs, int64_t count, const mien_faces_options *options,
    mien_face_sink *sink, mien_predict_problem *problem, void *context) {
    MIEN_NEED(predictor);
    MIEN_NEED(inputs || count == 0);
    MIEN_NEED(sink);
    for (int64_t i = 0; i < count; i++) {
        MIEN_NEED(inputs[i]);
    }
    mien_faces_options usual = mien_faces_options_default();
    mien_input_files files = {0};
    run r = {.options = options ? options : &usual,
        .receiver = {.sink = sink, .context = context},
        .images = predictor->options.thumbnail_height > 0};
    if (r.options->every < 0 || r.options->every > MIEN_FACES_EVERY_MAX) {
        return mien_fail(MIEN_EINVAL,
            "faces: every %d is not 0-%d: pictures are held from one look to the next",
            r.options->every, MIEN_FACES_EVERY_MAX);
    }
    mien_status status = mien_face_network_open(predictor, &r.network);
    if (status == MIEN_OK && r.options->rule != MIEN_FACES_WHOLE) {
        mien_finder_options o = r.options->finder;
        o.threads = predictor->options.threads;
        status = mien_finder_open(&o, &r.finder);
    }
    if (status == MIEN_OK && r.options->identity) {
        status = mien_identity_open(r.options, &r.identity);
    }
    if (status == MIEN_OK) {
        status = mien_input_files_expand(&files, inputs, count);
    }
    if (status == MIEN_OK) {
        status = run_all(&r, &files, problem);
    }
    mien_input_files_clear(&files);
    mien_finder_close(&r.finder);
    mien_identity_close(&r.identity);
    mien_face_network_clear(&r.network);
    return r.receiver.stopped && status != MIEN_OK
               ? mien_fail(status, "%s", r.receiver.text)
               : status;
}
