/* SPDX-License-Identifier: MIT */
/* mien extract: pooled features of a backbone's layers, one row a picture; features of
 * films are extract_films.c's. */
#include "base/ranks.h"
#include "cli/command.h"
#include "cli/extract_faces.h"
#include "cli/extract_signals.h"
#include "cli/faces_options.h"
#include "cli/output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/extract_films.h"
#include "predict/input_files.h"

static const char *const fits[] = {"default", "none", "short", "squash", "pad", NULL};
static const char *const kernels[] = {"bilinear", "bicubic", "nearest", "nearest-torch",
    "bilinear-torch", "bilinear-aa-torch", "bicubic-torch", "bicubic-aa-torch", NULL};

enum { SIDE_MAX = 4096 };

static const mien_option options[] = {
    {.name = "backbone",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Which network"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "Its weights, or random:SEED (default: those fetched by mien models "
                "pull); with "
                "--features NAME=FILE[,NAME=FILE…]"},
    {.name = "layer",
        .type = MIEN_OPTION_TEXT,
        .initial = "pool",
        .metavar = "L[,L…]",
        .help = "Layers by torchvision's or Keras' names; maps are averaged, L:max, "
                "L:sd, L:map and L:7x7 (a grid of means) do otherwise; pool is the "
                "average of the last map"},
    {.name = "resize",
        .type = MIEN_OPTION_CHOICE,
        .initial = "default",
        .choices = fits,
        .help = "How a picture is fitted; none takes it as it is, at the right size "
                "already"},
    {.name = "kernel",
        .type = MIEN_OPTION_CHOICE,
        .choices = kernels,
        .help = "Resize kernel (default: the backbone's)"},
    {.name = "size",
        .type = MIEN_OPTION_TEXT,
        .metavar = "N|HxW",
        .help = "Input size of the network (default: the backbone's)"},
    {.name = "short",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = SIDE_MAX,
        .metavar = "N",
        .help =
            "Short side that a picture is resized to before its centre is cut out "
            "(default: the backbone's); --short 224 --size 224 is how AttendAffectNet "
            "takes frames"},
    {.name = "mirror",
        .type = MIEN_OPTION_FLAG,
        .help = "Average over the picture and its mirror image"},
    {.name = "batch",
        .type = MIEN_OPTION_INT,
        .initial = "8",
        .minimum = 1,
        .maximum = 1024,
        .help = "Pictures the network takes at once"},
    CLI_EXACT_OPTION,
    {.name = "features",
        .type = MIEN_OPTION_TEXT,
        .metavar = "F[,F…]",
        .help =
            "Features of films instead: resnet50, i3d, flownet, vggish, emobase2010, "
            "vggish-logmel, colour, motion; i3d-s5, flownet-s5, emobase2010-s5: as "
            "AttendAffectNet "
            "takes them"},
    {.name = "segment",
        .type = MIEN_OPTION_SECONDS,
        .initial = "5s",
        .minimum = 0.1,
        .maximum = 3600,
        .help = "Length of a row of --features"},
    {.name = "hop",
        .type = MIEN_OPTION_SECONDS,
        .minimum = 0.01,
        .maximum = 3600,
        .help = "From the start of a row to that of the next (default: the segment)"},
    {.name = "rate",
        .type = MIEN_OPTION_INT,
        .initial = "16000",
        .minimum = 4000,
        .maximum = 384000,
        .help = "Samples a second that sound is brought to before --features"},
    {.name = "frames",
        .type = MIEN_OPTION_INT,
        .initial = "64",
        .minimum = 8,
        .maximum = 4096,
        .help = "Frames of a segment that --features takes: those nearest its centre"},
    {.name = "frame-rate",
        .type = MIEN_OPTION_CHOICE,
        .initial = "25",
        .choices = (const char *const[]){"25", "native", NULL},
        .help = "Frames a second that are taken of films with more, or all of them"},
    {.name = "flow-size",
        .type = MIEN_OPTION_TEXT,
        .initial = "native",
        .metavar = "native|N",
        .help = "Size of the frames that flownet sees: the film's own, or a short side "
                "(256: 8 times as fast as 720p); features of different sizes do not "
                "go together"},
    {.name = "statistics",
        .type = MIEN_OPTION_CHOICE,
        .initial = "eval",
        .choices = (const char *const[]){"eval", "batch", NULL},
        .help =
            "Of resnet50 and i3d: batch-norms by what was trained, or by the frames "
            "of the segment, as AttendAffectNet's authors took them"},
    {.name = "embedding",
        .type = MIEN_OPTION_CHOICE,
        .initial = "relu",
        .choices = (const char *const[]){"relu", "linear", NULL},
        .help = "How vggish's last layer is read: as first released, or as later"},
    {.name = "pca",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "Whiten vggish by this file and make bytes of it, as AudioSet's are"},
    {.name = "tracks",
        .type = MIEN_OPTION_FLAG,
        .help =
            "The descriptors behind --features over time, a row a frame, instead of "
            "segments"},
    {.name = "faces",
        .type = MIEN_OPTION_CHOICE,
        .choices = cli_faces_rules,
        .metavar = "WHICH",
        .help = "Crops of faces instead, into the folder -o with a table: each or "
                "largest"},
    CLI_FACES_OPTIONS,
    {.name = "faces.crop",
        .type = MIEN_OPTION_CHOICE,
        .choices = (const char *const[]){"square", "box", "aligned", NULL},
        .initial = "square",
        .help = "How faces are cut out; aligned: five points brought to a template's"},
    {.name = "faces.template",
        .type = MIEN_OPTION_CHOICE,
        .choices = (const char *const[]){"arcface", "ddamfn", "fer", NULL},
        .initial = "arcface",
        .help = "Where the five points belong (aligned)"},
    {.name = "faces.margin",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.969",
        .minimum = 0.1,
        .maximum = 10,
        .help = "Of the crop over the box; the default frames faces as FER2013 does"},
    CLI_SIGNAL_OPTIONS,
    CLI_RECORDING_OPTIONS,
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help =
            "The file to write: an array .npy, f32 [pictures, features]; HDF5 of "
            "--features; a table of --signals (.tsv, .csv, .jsonl; default: standard "
            "output)",
        .letter = 'o'},
    CLI_FORCE_OPTION,
    {0},
};

typedef struct job {
    cli *c;
    mien_preprocess preprocess;
    mien_extractor *extractor;
    mien_input_files inputs;
    float *images;
    mien_tensor *features;
    int64_t batch;
    bool *bad;
} job;

static mien_status set_size(cli *c, const char *text, mien_preprocess *p) {
    char height_text[16] = "";
    size_t length = strcspn(text, "x");
    const char *width_text = text[length] ? text + length + 1 : height_text;
    int64_t height = 0, width = 0;
    if (length < sizeof height_text) {
        memcpy(height_text, text, length);
    }
    if (!mien_parse_int(height_text, &height) || !mien_parse_int(width_text, &width) ||
        height < 1 || height > SIDE_MAX || width < 1 || width > SIDE_MAX) {
        return cli_usage(
            c, "--size: \"%s\" is neither N nor HxW of 1 to %d", text, (int)SIDE_MAX);
    }
    p->crop_height = (int)height;
    p->crop_width = (int)width;
    if (p->size < p->crop_height || p->size < p->crop_width) {
        p->size = p->crop_height > p->crop_width ? p->crop_height : p->crop_width;
    }
    return mien_preprocess_check(p);
}

/* With --resize none the first picture that can be read says how large the input is. */
static mien_status size_of_first(job *j) {
    for (int64_t i = 0; i < j->inputs.count; i++) {
        mien_image_info info;
        if (mien_image_probe(j->inputs.items[i].path, &info) == MIEN_OK) {
            j->preprocess.crop_height = info.height;
            j->preprocess.crop_width = info.width;
            mien_status status = mien_preprocess_check(&j->preprocess);
            return status == MIEN_OK
                       ? status
                       : mien_fail_in(status, "%s", j->inputs.items[i].path);
        }
    }
    return j->inputs.count
               ? mien_fail(MIEN_EFORMAT, "%s: no size found in any of the inputs",
                     j->inputs.items[0].path)
               : MIEN_OK;
}

static mien_status make_preprocess(
    job *j, const mien_options *o, const mien_backbone *b) {
    const char *fit = mien_options_text(o, "resize");
    const char *kernel = mien_options_text(o, "kernel");
    const char *size = mien_options_text(o, "size");
    mien_status status = MIEN_OK;
    j->preprocess = b->preprocess();
    if (strcmp(fit, "none") == 0) {
        j->preprocess.fit = MIEN_FIT_NONE;
        status = size_of_first(j);
    } else if (strcmp(fit, "short") == 0) {
        j->preprocess.fit = MIEN_FIT_SHORT;
    } else if (strcmp(fit, "squash") == 0) {
        j->preprocess.fit = MIEN_FIT_SQUASH;
    } else if (strcmp(fit, "pad") == 0) {
        j->preprocess.fit = MIEN_FIT_PAD;
    }
    if (status == MIEN_OK && kernel) {
        status = mien_resize_parse(kernel, &j->preprocess.resize);
    }
    if (status == MIEN_OK && size) {
        status = set_size(j->c, size, &j->preprocess);
    }
    if (status != MIEN_OK || !mien_options_given(o, "short")) {
        return status;
    }
    if (j->preprocess.fit != MIEN_FIT_SHORT) {
        return cli_usage(j->c, "--short is for --resize short");
    }
    j->preprocess.size = (int)mien_options_int(o, "short");
    return mien_preprocess_check(&j->preprocess);
}

static mien_status open_extractor(
    job *j, const mien_options *o, const mien_backbone *b) {
    const char *weights = mien_options_text(o, "weights");
    mien_extractor_options e = mien_extractor_options_default();
    e.backbone = b;
    e.weights = weights;
    if (weights && strncmp(weights, "random:", 7) == 0) {
        int64_t seed = 0;
        if (!mien_parse_int(weights + 7, &seed) || seed < 0) {
            return cli_usage(j->c, "--weights: \"%s\" is no seed", weights + 7);
        }
        e.weights = "random";
        e.random_seed = (uint64_t)seed;
    }
    e.layers = mien_options_text(o, "layer");
    e.height = j->preprocess.crop_height;
    e.width = j->preprocess.crop_width;
    e.batch = j->batch;
    e.threads = j->c->threads;
    e.mirror = mien_options_flag(o, "mirror");
    e.exact = mien_options_flag(o, "exact");
    return mien_extractor_open(&e, &j->extractor);
}

/* A picture into its place of the batch; a bad one is reported and stays NaN. */
static void load(job *j, int64_t index, float *to) {
    const mien_input_file *input = &j->inputs.items[index];
    mien_image_options reading = mien_image_options_default();
    mien_tensor *image = NULL;
    mien_status status =
        input->problem ? mien_fail(input->status, "%s", input->problem) : MIEN_OK;
    reading.scale_short_min = mien_preprocess_short_side(&j->preprocess);
    if (status == MIEN_OK) {
        status = mien_image_read(input->path, &reading, &image);
    }
    if (status == MIEN_OK) {
        status = mien_preprocess_run(&j->preprocess, image, false, to);
        if (status != MIEN_OK) {
            mien_fail_in(status, "%s", input->path);
        }
    }
    if (status != MIEN_OK) {
        j->bad[index] = true;
        cli_problem(j->c, input->path, mien_error());
    }
    mien_tensor_free(&image);
}

static mien_status extract_all(job *j) {
    int64_t values = 3 * (int64_t)j->preprocess.crop_height * j->preprocess.crop_width;
    int64_t width = mien_extractor_width(j->extractor), count = j->inputs.count;
    float *out = j->features->data;
    mien_status status = MIEN_OK;
    for (int64_t first = 0; status == MIEN_OK && first < count; first += j->batch) {
        int64_t n = count - first < j->batch ? count - first : j->batch;
        memset(j->images, 0, (size_t)(n * values) * sizeof *j->images);
        for (int64_t i = 0; i < n; i++) {
            load(j, first + i, j->images + i * values);
        }
        status = mien_extractor_run(j->extractor, j->images, n, out + first * width);
        for (int64_t i = first; i < first + n; i++) {
            for (int64_t k = 0; j->bad[i] && k < width; k++) {
                out[i * width + k] = NAN;
            }
        }
        cli_progress(j->c, "pictures", first + n, count);
        if (mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    return status;
}

static mien_status prepare(job *j, const mien_options *o, const mien_backbone *b,
    int count, const char *const *names) {
    mien_status status = mien_input_files_expand(&j->inputs, names, count);
    if (status == MIEN_OK) {
        status = make_preprocess(j, o, b);
    }
    if (status == MIEN_OK) {
        j->batch = mien_options_int(o, "batch");
        j->batch = j->inputs.count < j->batch ? j->inputs.count : j->batch;
        status = j->batch ? open_extractor(j, o, b)
                          : mien_fail(MIEN_ENOTFOUND, "no pictures among the inputs");
    }
    if (status != MIEN_OK) {
        return status;
    }
    int64_t values = 3 * (int64_t)j->preprocess.crop_height * j->preprocess.crop_width;
    const int64_t shape[2] = {j->inputs.count, mien_extractor_width(j->extractor)};
    j->images = mien_alloc((size_t)(j->batch * values), sizeof *j->images);
    j->bad = mien_alloc((size_t)j->inputs.count, sizeof *j->bad);
    return j->images && j->bad ? mien_tensor_new(MIEN_F32, 2, shape, &j->features)
                               : MIEN_ENOMEM;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *name = mien_options_text(o, "backbone");
    const char *output = mien_options_text(o, "output");
    const mien_backbone *backbone = NULL;
    if (mien_rank(mien_ranks_here()) > 0 && !mien_options_given(o, "features")) {
        return MIEN_OK; /* Only films are dealt; rank 0 does all else. */
    }
    if (mien_options_given(o, "features") || mien_options_flag(o, "tracks")) {
        return name ? cli_usage(c, "--backbone and --features are two tasks")
                    : cli_extract_films(c, o, count, positional);
    }
    if (mien_options_given(o, "faces")) {
        return name ? cli_usage(c, "--backbone and --faces are two tasks: first crops, "
                                   "then features of the folder")
                    : cli_extract_faces(c, o, count, positional);
    }
    if (mien_options_text(o, "signals")) {
        return cli_extract_signals(c, o, count, positional);
    }
    if (!name || !output) {
        return cli_usage(c, "%s is missing",
            name ? "-o FILE.npy"
                 : "--backbone NAME or --features NAME or --signals SENSORS");
    }
    mien_status status = mien_backbone_find_pictures(name, &backbone);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    const char *weights = mien_options_text(o, "weights");
    status = cli_keep_inputs(output, positional, count);
    status = status ? status : cli_keep_inputs(output, &weights, 1);
    status =
        status ? status
               : cli_keep_others(o, output, (const char *const[]){"^\x93NUMPY", NULL});
    if (status != MIEN_OK) {
        return status;
    }
    job j = {.c = c};
    status = prepare(&j, o, backbone, count, positional);
    if (status == MIEN_OK) {
        status = extract_all(&j);
    }
    if (status == MIEN_OK) {
        status = mien_npy_write(output, j.features);
    }
    mien_tensor_free(&j.features);
    mien_free(j.images);
    mien_free(j.bad);
    mien_extractor_close(&j.extractor);
    mien_input_files_clear(&j.inputs);
    return status;
}

const cli_command cli_command_extract = {
    .name = "extract",
    .summary =
        "Compute features of pictures with a backbone, of films or of recordings",
    .synopsis =
        "--backbone NAME PICTURE… | --features F FILM… | --faces WHICH PICTURE… |\n"
        "       mien extract --signals S RECORDING…",
    .text =
        "Writes one row a picture, in the order given (folders and lists are "
        "expanded as by `mien\n"
        "predict`). A picture that cannot be read is reported and its row is NaN; "
        "the exit status is 1\n"
        "then.\n\n"
        "With --features the inputs are films and files of sound, and the output "
        "is HDF5\n"
        "(docs/films.md): a group an input, with a row a segment of its clock, "
        "times and a mask. Where\n"
        "sound or pictures are missing the row is NaN and masked; bad inputs are "
        "reported and left out.\n"
        "An extraction that was stopped goes on when it is started again. Weights "
        "of networks come from\n"
        "`mien models pull`. emobase2010 is re-implemented from its description; it "
        "is not openSMILE.\n\n"
        "With --faces the faces of pictures and films (one moment a second, or "
        "--every) are cut out\n"
        "into a folder, with a table of where each was (docs/faces.md).\n\n"
        "With --signals: recordings of gaze and body (BIDS runs and data sets, "
        "EyeLink .asc, XDF,\n"
        "Empatica E4 folders, OpenSignals, tables), a row for each window around "
        "an event: up to 37\n"
        "features, and for each sensor the share of the window's samples that are "
        "valid; with less than\n"
        "half of them the features are n/a. Whole recordings are cleaned, then "
        "cut. What a recording\n"
        "lacks is n/a.",
    .examples =
        "  mien extract --backbone mobilenet_v2 pictures/ -o features.npy\n"
        "  mien extract --backbone resnet18 --layer layer3,pool a.jpg b.jpg -o "
        "ab.npy\n"
        "  mien extract --features resnet50,i3d,flownet,vggish,emobase2010 films/ -o "
        "features.h5\n"
        "  mien extract --faces each photographs/ --size 112 --faces.crop aligned -o "
        "faces/\n"
        "  mien extract --tracks --features emobase2010 speech.wav -o tracks.h5\n"
        "  mien extract --signals eda,heart bids/ --event picture -o features.tsv\n"
        "  mien extract --signals all e4/ --every 60s -o minutes.tsv\n",
    .options = options,
    .positional_min = 1,
    .positional_max = -1,
    .run = run,
};
