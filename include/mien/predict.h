/* SPDX-License-Identifier: MIT */
/* A model and one file in; valence, arousal and their times out.
 *
 *     static mien_status show(void *context, const mien_prediction *p) {
 *         (void)context;
 *         printf("%s %.1f s: %.2f [%.2f, %.2f]\n", p->input, p->start_s, p->value[0],
 *             p->low[0], p->high[0]);
 *         return MIEN_OK;
 *     }
 *
 *     mien_status judge(const char *path) {
 *         mien_predictor *predictor = NULL;
 *         mien_status status = mien_predictor_open("image-va", NULL, &predictor);
 *         if (status == MIEN_OK) {
 *             status = mien_predictor_run(predictor, &path, 1, show, NULL, NULL);
 *         }
 *         mien_predictor_close(&predictor);
 *         return status;
 *     }
 */
#ifndef MIEN_PREDICT_H
#define MIEN_PREDICT_H

#include "mien/finders.h"
#include "mien/media.h"
#include "mien/models.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One predicted moment. Targets in the model's order; of a target with classes value,
 * normal, low and high are NaN. */
typedef struct mien_prediction {
    const char *input;  /**< path of the picture or film, else of the row's first file,
                           or its  id; lent for the callback, as all texts here */
    const char *trial;  /**< id of its trial table; NULL: none */
    const char *series; /**< what its neighbours in time share: the film, the group of
                           its trial table; NULL: it stands alone */
    int64_t row;        /**< from 0, of its table or its files of features */
    double start_s, end_s; /**< NaN where not told, as of a picture */
    int trained_on; /**< 1: the model was trained on a row with these inputs, by what
                       their files hold; -1: it was not; 0: that is not known */
    int targets_count;
    const mien_after_value *by;     /**< the intervals of its cell of the model's column
                                         interval_by; NULL: those of all rows hold; lent */
    double value[MIEN_TARGETS_MAX]; /**< own scale, clamped to its range unless the
                                       model was judged  smoothed and unclamped */
    double normal[MIEN_TARGETS_MAX]; /**< the same in [−1, 1] */
    double low[MIEN_TARGETS_MAX],
        high[MIEN_TARGETS_MAX];   /**< 95 % interval, own scale */
    int choice[MIEN_TARGETS_MAX]; /**< the class, see mien_target_choose(); 0 for a
                                     value */
    const double *probability[MIEN_TARGETS_MAX]; /**< [classes_count], sum 1; NULL for a
                                                    value; lent */
    double set_from[MIEN_TARGETS_MAX]; /**< of classes: the answer and every class from
                                          this probability on are the conformal set;
                                          NaN: the model has none, as of a value */
    const mien_tensor *thumbnail; /**< [H, W, 3] u8 if asked for, else NULL; lent */
    const float
        *where; /**< [targets, MIEN_WHERE, MIEN_WHERE] if asked for, else NULL; lent:
                   what each part of what the network sees of the picture adds to a
                   value, own scale, or to the probability of the class chosen */
} mien_prediction;
/** Rows and columns of mien_prediction.where. */
#define MIEN_WHERE 8

/** Called for every prediction in order; return other than MIEN_OK to stop: the call
 * that predicts then gives that status, with the text of the sink's own mien_fail().
 * The prediction and what it points to live until the call returns. */
typedef mien_status mien_predict_sink(void *context, const mien_prediction *prediction);
/** Told each input that could not be read (or not to its end); the run goes on. */
typedef void mien_predict_problem(void *context, const char *input, const char *text);

typedef struct mien_predict_options {
    double every_s; /**< film sampling; default 0.2; of no meaning for other rows */
    bool keyframes; /**< of films, key frames alone at their own times, see
                         mien_film_options */
    double start_s,
        end_s; /**< of films, and of rows that say when they start; default all */
    const char *const *columns; /**< [columns_count] "NAME=COLUMN": the column of trial
                                   tables that input NAME is taken from; lent; default:
                                   see mien_predictor_run() */
    int columns_count;
    int threads;
    int64_t batch; /**< pictures a thread's network takes at once; 0 (default): 1, since
                        values that stay in the cache beat large batches */
    const char *weights;  /**< backbone file; NULL: cache; only for read-outs */
    double smooth_s;      /**< centred moving average over the rows of a series, of
                             probabilities too;      towards its ends over as many as there
                             are on      both sides; 0: none; of      films wants every_s >
                             0;      negative      (default): as the model was judged */
    int thumbnail_height; /**< > 0: predictions carry a small picture */
    bool where; /**< pictures (not films) tell what counts in them: by occlusion, the
                   mean colour in place of a quarter by a quarter of what the network
                   sees, at 49 places, each prediction then 50 times the work (Zeiler &
                   Fergus 2014) */
    bool exact; /**< convolutions as they are written, see mien_plan_options */
    const mien_convert_options *convert; /**< not NULL: the model is a file of published
                                              weights, taken over in memory; lent */
    const char *attention; /**< maps of attention are written there (.h5), for each
                              encoder a data set of its name [rows, layers, heads, T,
                              T], query by key; not of films. NULL: none */
} mien_predict_options;
MIEN_API mien_predict_options mien_predict_options_default(void);

typedef struct mien_predictor mien_predictor;
/** Here and below, NULL for an argument that is not said to be free to be so:
 * MIEN_EINVAL. NULL options: the defaults. */
MIEN_API mien_status mien_predictor_open(
    const char *model, const mien_predict_options *options, mien_predictor **predictor);
MIEN_API void mien_predictor_close(mien_predictor **predictor);
MIEN_API const mien_model *mien_predictor_model(const mien_predictor *predictor);
/** Whether the model keeps fingerprints of its training rows:
 * mien_prediction.trained_on is then known of pictures and of rows of tables and
 * features. */
MIEN_API bool mien_predictor_knows_rows(const mien_predictor *predictor);

/** Inputs: pictures, films, folders (recursively, natural order), lists (.txt: a path a
 * line) and trial tables (.tsv, .csv), which any model takes: each of its inputs from
 * the column that options.columns names, else from that of the study it was trained by,
 * of its own name, or of its kind ("image" or "film", "features.NAME"). Of films
 * start_s and end_s name the part. A row in which an input is missing (n/a, or nothing
 * but NaN) is predicted without it if the model was made for that. Where the model
 * reads neighbours in time, or smooths, rows come series by series in order of start_s,
 * by the column its contract names ("group" without one); else in the order of the
 * table. A bad input or row is told to `problem`, the rest go on, and the call returns
 * the first failure in the end. Order of results = order of inputs. Constant memory for
 * any length of film, unless the model itself smooths.
 *
 * @return MIEN_EINVAL for a picture or film where the model needs more than that,
 * naming all of it; MIEN_ENOTFOUND names all inputs of which a table has no column;
 * MIEN_EFORMAT names the trial and all inputs that it lacks
 */
MIEN_API mien_status mien_predictor_run(mien_predictor *predictor,
    const char *const *inputs, int64_t count, mien_predict_sink *sink,
    mien_predict_problem *problem, void *context);

/** Predicts one picture from memory, as mien_predictor_run() does of a file that holds
 * the same pixels; of a model on faces they are a face that is cut out already.
 *
 * @param pixels  [height, width, 3] bytes, R G B, upright; rows start stride bytes
 * apart (0: 3 × width); not modified, not kept. Sides of 1 to 65,535.
 * @param sink    called once; of the prediction input is "pixels" and the times are NaN
 * @return MIEN_EINVAL for an argument that is NULL or out of its range, and for a model
 * over features; what the sink returns; MIEN_ENOMEM
 */
MIEN_API mien_status mien_predictor_run_pixels(mien_predictor *predictor,
    const uint8_t *pixels, int64_t height, int64_t width, int64_t stride,
    mien_predict_sink *sink, void *context);

/** A file of features of one of the model's inputs. */
typedef struct mien_feature_file {
    const char *name; /**< of the input: "resnet50" */
    const char *path; /**< as mien_array_open() takes it: .h5, .npy, .npz, .csv, … */
} mien_feature_file;
/**
 * Predicts from files of features: row r of every file is segment r of one series.
 * Nothing is told before every row is done, and the first bad row is the call's
 * failure.
 *
 * Of each prediction the input is the path of the first file, times are those of the
 * segment (NaN where its length is not known). An input without a file, and a row of
 * NaN alone, are missing: for models that take masks.
 *
 * @return MIEN_EINVAL names inputs that are missing, unknown or given twice;
 * MIEN_ESHAPE a file with other rows or values a row than it should have; MIEN_ENUMBER
 * the file, row and value that is not finite; MIEN_EFORMAT a row that lacks what the
 * model needs
 */
MIEN_API mien_status mien_predictor_run_features(mien_predictor *predictor,
    const mien_feature_file *files, int count, mien_predict_sink *sink, void *context);

/** The rule that chooses the faces of a picture or moment which become rows. */
typedef enum mien_faces_rule {
    MIEN_FACES_EACH,    /**< a row a face */
    MIEN_FACES_LARGEST, /**< the largest alone */
    MIEN_FACES_POOL,    /**< one row: the mean over all faces; number and face are the
                           largest's */
    MIEN_FACES_WHOLE    /**< none is looked for: each picture is a face that is cut out
                           already, its    box and score NaN; of films MIEN_EINVAL */
} mien_faces_rule;
/** Pictures are held between two looks for faces, so that these are not far apart. */
#define MIEN_FACES_EVERY_MAX 30
typedef struct mien_faces_options {
    mien_finder_options finder;
    mien_faces_rule rule;
    int every; /**< 0 to MIEN_FACES_EVERY_MAX; on films faces are looked for at every so
                  many-th moment and interpolated in time between; 0 (default): about 6
                  times a second, at least every 5th */
    bool keep_all; /**< of films also tracks with fewer than 3 detections or no score of
                      0.8 */
    const char *identity; /**< NULL (default): a number follows a box, and after a cut
                             everybody has a new one. Else an ONNX or Keras file of a
                             network from one picture of a face to a row of values:
                             tracks of one film whose rows are alike have one number.
                             This is biometric identification */
    const char *identity_crop; /**< how it reads a face: settings of an input of kind
                                  `face`; default as ArcFace does */
    double identity_least;     /**< least cosine of one person, default 0.5 */
} mien_faces_options;
MIEN_API mien_faces_options mien_faces_options_default(void);

/** One face at one moment. */
typedef struct mien_face_row {
    mien_prediction
        prediction; /**< of a face without values (number 0, or it could not be cut
                         out) these are NaN, the choice -1, probabilities NULL */
    int number;     /**< from 1: on a film the same for one face as far as it could be
                         followed, on a picture by falling area; 0: looked, and there was
                         none */
    const mien_face *face; /**< in the picture's pixels, upright; NULL with number 0 */
    double width, height;  /**< of the picture */
    int64_t moment;        /**< of the film, from 0; 0 of a picture */
    const mien_tensor
        *image; /**< [H, W, 3] u8 the whole picture, for the first row of some
                     moments when thumbnails are asked for; else NULL */
} mien_face_row;
/** As mien_predict_sink. */
typedef mien_status mien_face_sink(void *context, const mien_face_row *row);
/**
 * Finds every face in pictures and films and predicts each by itself: for a model whose
 * only input is of kind face. Rows of a moment come one after the other, moments in
 * order of time.
 *
 * Faces of films are followed by their boxes alone, and never across a cut: a number
 * says nothing of who it is, unless options->identity asks for that. Memory does not
 * grow with the film.
 *
 * @return as mien_predictor_run(); MIEN_EINVAL for a model that reads no faces; as
 * mien_import_open() for the network of identity
 */
MIEN_API mien_status mien_predictor_run_faces(mien_predictor *predictor,
    const char *const *inputs, int64_t count, const mien_faces_options *options,
    mien_face_sink *sink, mien_predict_problem *problem, void *context);

/** Runs the golden vectors of the model: MIEN_EVERIFY with the largest difference if
 * any differs by more than tolerance (a share of the target's range, for classes a
 * difference of probabilities; negative: the default, 1e-3). */
typedef struct mien_verification {
    int64_t vectors;
    double largest; /**< difference found, as a share of the target's range */
} mien_verification;
MIEN_API mien_status mien_predictor_verify(
    mien_predictor *predictor, double tolerance, mien_verification *verification);

/** A row of predict/timelines.def: a file format for timelines. */
typedef struct mien_timeline_format {
    const char *name; /**< "srt", "vtt", "eaf", "textgrid" */
    const char *extension;
    const char *summary;
    bool film_only;
    /** Writes all moments of one film: values, or the labels of the classes chosen. */
    mien_status (*write)(mien_string *out, const char *film, double duration_s,
        const mien_prediction *moments, int64_t count, const mien_target *targets);
} mien_timeline_format;
MIEN_API int mien_timeline_format_count(void);
MIEN_API const mien_timeline_format *mien_timeline_format_at(int index);
MIEN_API const mien_timeline_format *mien_timeline_format_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
