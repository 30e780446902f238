/* SPDX-License-Identifier: MIT */
/* Every key a study may have. */
#include "train/study/study.h"

#include <string.h>

#include "mien/signal.h"
#include "train/trainers/trainer.h"

static const char *const fits[] = {"short", "squash", "pad", NULL};
static const char *const kernels[] = {"bilinear", "bicubic", "nearest", "nearest-torch",
    "bilinear-torch", "bilinear-aa-torch", "bicubic-torch", "bicubic-aa-torch", NULL};

static const char *const parts[] = {"none", "rows", "groups", "first", NULL};

const mien_option mien_study_keys[] = {
    {.name = "name",
        .type = MIEN_OPTION_TEXT,
        .help = "What the study is called (default: the name of its file)"},
    {.name = "trials",
        .type = MIEN_OPTION_TEXT,
        .help = "The trial table, relative to the study"},
    {.name = "input",
        .type = MIEN_OPTION_CHOICE,
        .initial = "image",
        .choices = (const char *const[]){"image", NULL},
        .help = "The column that names the input"},
    {.name = "inputs",
        .type = MIEN_OPTION_LIST,
        .help =
            "What a network reads, in order: columns features.NAME by their NAME, and "
            "image, the table's picture (default: image alone)"},
    {.name = "targets",
        .type = MIEN_OPTION_LIST,
        .help = "Which targets of the table (default: all)"},
    {.name = "classes",
        .type = MIEN_OPTION_LIST,
        .help =
            "Which targets of whole numbers are learnt as classes: each rating one"},
    {.name = "missing-targets",
        .type = MIEN_OPTION_CHOICE,
        .initial = "drop",
        .choices = (const char *const[]){"drop", "mask", NULL},
        .help =
            "Rows that lack some target: drop leaves them out, mask learns from the "
            "targets they have"},
    {.name = "each",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Column (person): one model for each of its values, folds made within "
                "each; what is frozen is computed once for all"},
    {.name = "each-models",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "Of each also the model on all of its rows is fitted and kept"},
    {.name = "method",
        .type = MIEN_OPTION_CHOICE,
        .initial = "readout",
        .choices = (const char *const[]){"readout", "network", "logistic", "trees",
            "ridge", "best", "person", NULL},
        .help =
            "readout: regression on the features of a frozen network; network: a "
            "head on a network, trained by steps, with as much of the network as "
            "train.what says; logistic, trees, ridge: a head fitted at once on "
            "features or what frozen networks give; best: that of them which best.of "
            "lists and each fold finds best; person: one person's ratings "
            "over the norm of others"},
    {.name = "backbone.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "mobilenet_v2",
        .help = "The network"},
    {.name = "backbone.mirror",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Average features over a picture and its mirror image"},
    {.name = "backbone.weights",
        .type = MIEN_OPTION_CHOICE,
        .initial = "published",
        .choices = (const char *const[]){"published", "random", NULL},
        .help = "What it begins with; a network that nobody publishes weights of "
                "always begins with random ones"},
    {.name = "picture.colour",
        .type = MIEN_OPTION_CHOICE,
        .choices = (const char *const[]){"rgb", "bgr", "grey", NULL},
        .help = "What the network reads; grey: three equal channels of luma (default: "
                "the backbone's own)"},
    {.name = "picture.fit",
        .type = MIEN_OPTION_CHOICE,
        .choices = fits,
        .help = "short: resize the short side, crop the centre; squash: ignore the "
                "aspect; pad (default: the backbone's own)"},
    {.name = "picture.resize",
        .type = MIEN_OPTION_CHOICE,
        .choices = kernels,
        .help = "Resize kernel (default: the backbone's own)"},
    {.name = "picture.size",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 4096,
        .help = "Short side before the crop (default: the backbone's own, or 256)"},
    {.name = "picture.height",
        .type = MIEN_OPTION_INT,
        .minimum = 32,
        .maximum = 2048,
        .help = "Height of the network's input (default: the backbone's own)"},
    {.name = "picture.width",
        .type = MIEN_OPTION_INT,
        .minimum = 32,
        .maximum = 2048,
        .help = "Width of the network's input (default: the backbone's own)"},
    {.name = "readout.layers",
        .type = MIEN_OPTION_LIST,
        .initial = "pool",
        .help = "Candidates: each a layer or several joined by commas; chosen inside "
                "the folds"},
    {.name = "readout.gamma",
        .type = MIEN_OPTION_LIST,
        .initial = "0",
        .help = "Candidates: 0 is linear ridge, above 0 the kernel exp(gamma cosine)"},
    {.name = "readout.combine",
        .type = MIEN_OPTION_CHOICE,
        .initial = "best",
        .choices = (const char *const[]){"best", "stack", NULL},
        .help =
            "best: the candidate with the smallest inner error; stack: all of them, "
            "weighted by non-negative least squares on their inner predictions"},
    {.name = "readout.lambda.smallest",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.0001",
        .minimum = 1e-12,
        .maximum = 1e12,
        .help = "Regularisation, relative to the mean diagonal of the kernel: from"},
    {.name = "readout.lambda.largest",
        .type = MIEN_OPTION_NUMBER,
        .initial = "100",
        .minimum = 1e-12,
        .maximum = 1e12,
        .help = "to"},
    {.name = "readout.lambda.steps",
        .type = MIEN_OPTION_INT,
        .initial = "13",
        .minimum = 1,
        .maximum = MIEN_STUDY_LAMBDAS_MAX,
        .help = "in this many equal ratios"},
    {.name = "logistic.cost",
        .type = MIEN_OPTION_LIST,
        .initial = "0.001\n0.01\n0.1\n1\n10\n100",
        .help = "Candidates, as scikit-learn's C: the loss of all rows counts so much "
                "beside half the squared weights"},
    {.name = "ridge.lambda",
        .type = MIEN_OPTION_LIST,
        .initial = "0.0001\n0.001\n0.01\n0.1\n1\n10\n100",
        .help = "Candidates of the regularisation, relative to the variance of what an "
                "input gives"},
    {.name = "trees.kind",
        .type = MIEN_OPTION_LIST,
        .initial = "boosted",
        .help = "forest, boosted, or both as candidates; what follows are lists of "
                "candidates too, and their combinations are tried"},
    {.name = "trees.count",
        .type = MIEN_OPTION_LIST,
        .help = "Trees of a forest, rounds of boosting (default: 300; 100)"},
    {.name = "trees.depth",
        .type = MIEN_OPTION_LIST,
        .help = "Most questions in a row; 0: up to 64 (default: 0; 6)"},
    {.name = "trees.rate",
        .type = MIEN_OPTION_LIST,
        .help = "How much of each tree counts (default: 1; 0.1)"},
    {.name = "trees.l1",
        .type = MIEN_OPTION_LIST,
        .help = "Penalty of leaves' sizes (default: 0)"},
    {.name = "trees.l2",
        .type = MIEN_OPTION_LIST,
        .help = "Penalty of their squares (default: 0; 1)"},
    {.name = "trees.gain",
        .type = MIEN_OPTION_LIST,
        .help = "Least fall of the loss by a question (default: 0)"},
    {.name = "trees.leaf",
        .type = MIEN_OPTION_LIST,
        .help = "Least sum of second derivatives in a leaf; of numbers: rows "
                "(default: 0; 1)"},
    {.name = "trees.rows",
        .type = MIEN_OPTION_LIST,
        .help = "Share of the rows that a tree sees (default: 0.632; 1)"},
    {.name = "trees.columns",
        .type = MIEN_OPTION_LIST,
        .help = "Share of the columns that a question of a forest, or a boosted tree, "
                "may ask; 0: the square root of how many there are (default: 0; 1)"},
    {.name = "best.of",
        .type = MIEN_OPTION_LIST,
        .initial = "logistic\ntrees\nridge",
        .help = "Methods of which each fold, on its training rows, takes the best"},
    {.name = "inner.k",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 2,
        .maximum = 10000,
        .help = "Inner folds by which each fold chooses among candidates, dealt by "
                "folds.by"},
    {.name = "inner.seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of their shuffle"},
    {.name = "inner.score",
        .type = MIEN_OPTION_CHOICE,
        .initial = "loss",
        .choices = (const char *const[]){"loss", "accuracy", "balanced", "auc", NULL},
        .help = "What says which candidate is best: log loss or squared error; of "
                "classes also accuracy, balanced accuracy, the mean area under the "
                "curves of each class against the rest"},
    {.name = "model.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "aan",
        .help =
            "The network over features: aan, temporal_aan, mixed_aan, mlp, linear; its "
            "own options beside its name"},
    {.name = "fusion.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "How several inputs become one row: concat, gated, mean, attention "
                "(default: concat); its own options beside its name"},
    {.name = "context.before",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 512,
        .help = "Rows of the same group, in order of start_s, that temporal networks "
                "see before each"},
    {.name = "context.after",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 512,
        .help = "and after it"},
    {.name = "standardise",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "Features are taken as (x - mean) / SD of a fold's training rows"},
    {.name = "modality-dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.95,
        .help = "Chance that an input of a training row is shown as missing; one "
                "always stays"},
    {.name = "sensor-dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.95,
        .help = "Chance that a sensor of a series is left out of a training row; one "
                "always stays"},
    {.name = "smoothing.rule",
        .type = MIEN_OPTION_CHOICE,
        .initial = "none",
        .choices = (const char *const[]){"none", "mean", "butterworth", NULL},
        .help = "Smooths what is predicted along each group, in order of start_s: a "
                "moving mean; a low-pass without delay"},
    {.name = "smoothing.candidates",
        .type = MIEN_OPTION_LIST,
        .help = "Rows of the mean (odd), or cut-offs as shares of half the sampling "
                "rate; 0: not smoothed. Each fold chooses on its validation rows, or "
                "its training rows where it has none"},
    {.name = "smoothing.order",
        .type = MIEN_OPTION_INT,
        .initial = "2",
        .minimum = 1,
        .maximum = MIEN_SMOOTH_ORDER_MAX,
        .help = "Of the low-pass, each of its two ways"},
    {.name = "series.lags",
        .type = MIEN_OPTION_INT,
        .initial = "6",
        .minimum = 0,
        .maximum = 1000,
        .help = "Rows, either way, by which predictions may lag where results tell the "
                "best lag"},
    {.name = "train.what",
        .type = MIEN_OPTION_LIST,
        .initial = "head",
        .help = "head; last-block; all; or patterns of the names of parameters "
                "(layer4.*); behind a ! those that stay as they are (!inputs.sound.*)"},
    {.name = "train.rates",
        .type = MIEN_OPTION_LIST,
        .help = "PATTERN = FACTOR of the rate; the last that matches holds"},
    {.name = "train.decays",
        .type = MIEN_OPTION_LIST,
        .help = "PATTERN = FACTOR of the weight decay; the last that matches holds"},
    {.name = "train.initials",
        .type = MIEN_OPTION_LIST,
        .help =
            "PATTERN = RULE of first weights, instead of PyTorch's defaults and the "
            "backbone's own: zero, normal, xavier_uniform, xavier_normal, "
            "he_uniform, he_normal"},
    {.name = "train.load",
        .type = MIEN_OPTION_LIST,
        .help =
            "PATTERN = FILE: parameters that match are read from a weights or model "
            "file, relative to the study"},
    {.name = "head.layer",
        .type = MIEN_OPTION_TEXT,
        .initial = "pool",
        .help =
            "The layer of the network on which the head stands; pool: its last map"},
    {.name = "head.grid",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 16,
        .help = "A map is averaged to so many rows and columns; 1: its mean; 0: taken "
                "whole"},
    {.name = "head.layers",
        .type = MIEN_OPTION_LIST,
        .help = "Widths of its hidden layers (default: none)"},
    {.name = "head.activation",
        .type = MIEN_OPTION_LIST,
        .initial = "relu",
        .help =
            "After each hidden layer: relu, relu6, leaky_relu, elu, sigmoid, tanh or "
            "none; a list gives each its own"},
    {.name = "head.dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.99,
        .help = "Share of what the head reads that is dropped in training"},
    {.name = "head.hidden-dropout",
        .type = MIEN_OPTION_LIST,
        .initial = "0",
        .help = "Share dropped after each hidden layer; a list gives each its own"},
    {.name = "loss.numbers.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "mse",
        .help = "Loss of targets that are numbers, on [-1, 1]; its own options beside "
                "its name"},
    {.name = "loss.classes.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "cross_entropy",
        .help = "Loss of targets that are classes; its own options beside its name"},
    {.name = "loss.soft",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Learn the shares of the votes instead of the label"},
    {.name = "loss.weights",
        .type = MIEN_OPTION_LIST,
        .help = "A weight for each target (default: 1)"},
    {.name = "loss.learned",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Learn the weights of the targets"},
    {.name = "class-weights.rule",
        .type = MIEN_OPTION_CHOICE,
        .initial = "none",
        .choices =
            (const char *const[]){"none", "balanced", "drawn", "share", "given", NULL},
        .help = "Weights of classes in the loss, of a fold's training rows: N / (K n); "
                "the same of what the sampler draws of them; 1 - share; as given"},
    {.name = "class-weights.values",
        .type = MIEN_OPTION_LIST,
        .help = "For the rule given: one for each class"},
    {.name = "optimiser.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "adamw",
        .help = "sgd, adam, adamw, nadam; its own options beside its name"},
    {.name = "optimiser.rate",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.001",
        .minimum = 0,
        .maximum = 1000,
        .help = "Learning rate; the largest of one_cycle"},
    {.name = "schedule.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "constant",
        .help = "constant, step, multiplier, cosine, one_cycle, plateau; its own "
                "options beside its name"},
    {.name = "schedule.warmup",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "Steps in which the rate grows to its full size, before the schedule"},
    {.name = "schedule.warmup-start",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1,
        .help = "Factor of the rate in the first of them"},
    {.name = "clip.value",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "Gradients are cut to plus and minus this; 0: not"},
    {.name = "clip.norm",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "Then scaled so that their norm is at most this; 0: not"},
    {.name = "average.rule",
        .type = MIEN_OPTION_CHOICE,
        .initial = "none",
        .choices = (const char *const[]){"none", "decaying", "mean", NULL},
        .help = "Averages of the weights are judged and kept: decaying, over steps; "
                "mean, over epochs"},
    {.name = "average.decay",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.999",
        .minimum = 0,
        .maximum = 0.9999999,
        .help = "For the decaying average"},
    {.name = "average.from",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e6,
        .help = "The first epoch that counts, from 0"},
    {.name = "sam.rho",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 100,
        .help = "Sharpness-aware steps of this reach (0.05); 0: not"},
    {.name = "sam.adaptive",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Reach in units of each weight (then about 2)"},
    {.name = "epochs",
        .type = MIEN_OPTION_INT,
        .initial = "20",
        .minimum = 1,
        .maximum = 1e6,
        .help = "Passes over the training rows"},
    {.name = "batch",
        .type = MIEN_OPTION_INT,
        .initial = "32",
        .minimum = 1,
        .maximum = 65536,
        .help = "Rows of a step"},
    {.name = "drop-last",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Leave out a last batch that is not full"},
    {.name = "sampler.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "shuffled",
        .help = "Which rows an epoch draws: shuffled, subset, cap, batches, cells, "
                "over, neutral"},
    {.name = "sampler.by",
        .type = MIEN_OPTION_LIST,
        .help = "Columns whose values it balances; of a target of numbers, bins "
                "(default: the first target)"},
    {.name = "sampler.bins",
        .type = MIEN_OPTION_INT,
        .initial = "3",
        .minimum = 2,
        .maximum = 100,
        .help = "Bins of a target of numbers"},
    {.name = "sampler.redraw",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "Draw other rows each epoch, not those of the first in another order"},
    {.name = "sampler.count",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "Rows of an epoch, where the rule leaves it open; 0: as many as there "
                "are"},
    {.name = "sampler.cap",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "Size of a class for cap; 0: the largest"},
    {.name = "sampler.up",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "cap tops up smaller classes"},
    {.name = "sampler.down",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "cap cuts larger classes"},
    {.name = "augment",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Steps of augmentation in training: a list, or a text"},
    {.name = "stopping.metric",
        .type = MIEN_OPTION_CHOICE,
        .initial = "loss",
        .choices = (const char *const[]){"loss", "metric", NULL},
        .help = "What says which epoch is best, on the validation rows: the loss, or "
                "the mean over targets of r and accuracy"},
    {.name = "stopping.patience",
        .type = MIEN_OPTION_INT,
        .initial = "-1",
        .minimum = -1,
        .maximum = 1e6,
        .help = "Stop after this many epochs without a better one; -1: never"},
    {.name = "stopping.min-delta",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e9,
        .help = "How much better it must be"},
    {.name = "stopping.restore",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "Keep the weights of the best epoch, not of the last (with a "
                "validation part)"},
    {.name = "judging",
        .type = MIEN_OPTION_CHOICE,
        .initial = "predicting",
        .choices = (const char *const[]){"predicting", "training", NULL},
        .help = "How networks judge rows in a study: training leaves dropout and "
                "batches' own statistics on, as some published code does"},
    {.name = "watch",
        .type = MIEN_OPTION_LIST,
        .help = "Rows whose figure is told at each epoch, training and test; neither "
                "chooses anything"},
    {.name = "validation.rule",
        .type = MIEN_OPTION_CHOICE,
        .initial = "none",
        .choices = parts,
        .help = "Which training rows of a fold validate: single rows, whole groups (by "
                "folds.by), or the first"},
    {.name = "validation.share",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0.001,
        .maximum = 0.999,
        .help = "Share of them"},
    {.name = "validation.seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of their draw"},
    {.name = "seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of first weights, order, augmentation and dropout"},
    {.name = "seeds",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = MIEN_SEEDS_MAX,
        .help =
            "Train every fold and the model so many times, with this seed and those "
            "that follow: figures are means over them"},
    {.name = "cache.features",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "Compute what is frozen once for each picture, where nothing random "
                "comes before"},
    {.name = "cache.memory",
        .type = MIEN_OPTION_INT,
        .initial = "2048",
        .minimum = 0,
        .maximum = 1e6,
        .help =
            "MiB of memory for that; what is more goes into a file in cache.folder, "
            "or in the run folder"},
    {.name = "cache.pictures",
        .type = MIEN_OPTION_INT,
        .initial = "1024",
        .minimum = 0,
        .maximum = 1e6,
        .help = "MiB of memory for decoded pictures"},
    {.name = "cache.folder",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Where pictures beyond it go; empty: they are decoded each time"},
    {.name = "checkpoint.epochs",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 1e6,
        .help = "Save after so many epochs; 0: only by time"},
    {.name = "checkpoint.every",
        .type = MIEN_OPTION_SECONDS,
        .initial = "300",
        .minimum = 0,
        .maximum = 1e6,
        .help = "Save within an epoch when so much time has passed; 0: not"},
    {.name = "checkpoint.pause",
        .type = MIEN_OPTION_SECONDS,
        .initial = "2",
        .minimum = 0,
        .maximum = 1e6,
        .help = "Pass over the end of an epoch that comes sooner after the last save"},
    {.name = "folds.rule",
        .type = MIEN_OPTION_CHOICE,
        .initial = "groups",
        .choices = (const char *const[]){"rows", "groups", "stratified",
            "stratified-groups", "leave-one-group-out", "prescribed", "names",
            "class-share", "crossed", NULL},
        .help = "How rows are assigned; groups with by: none is rows; crossed: persons "
                "and stimuli, each to folds of their own"},
    {.name = "folds.strata",
        .type = MIEN_OPTION_TEXT,
        .help = "Target by which the stratified rules and class-share go (default: "
                "the first)"},
    {.name = "folds.bins",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 2,
        .maximum = 1000,
        .help = "Strata of a target of numbers"},
    {.name = "folds.hold-out",
        .type = MIEN_OPTION_INT,
        .initial = "100",
        .minimum = 1,
        .maximum = 1e9,
        .help = "Names held out by the rule names"},
    {.name = "folds.share",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0.001,
        .maximum = 0.999,
        .help = "Share of each class held out by the rule class-share"},
    {.name = "folds.k",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 2,
        .maximum = 10000,
        .help = "Number of folds (of crossed: of persons; 4 where it is not given)"},
    {.name = "folds.by",
        .type = MIEN_OPTION_TEXT,
        .initial = "group",
        .help = "Column whose equal values stay in one fold; none: rows are assigned "
                "singly; "
                "of crossed the persons' (person where it is not given)"},
    {.name = "offsets.by",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Column of persons: what a fit knows of those it has learnt from, the "
                "shrunken mean of their residuals, is added to what it predicts of "
                "them (numbers; not in the model's file)"},
    {.name = "folds.across",
        .type = MIEN_OPTION_TEXT,
        .initial = "stimulus",
        .help = "Column of the stimuli, or of what groups them (theme, film), of the "
                "rule crossed"},
    {.name = "folds.across-k",
        .type = MIEN_OPTION_INT,
        .initial = "4",
        .minimum = 2,
        .maximum = 1000,
        .help = "Folds of stimuli of the rule crossed"},
    {.name = "folds.seen",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 0.9,
        .help = "Share of what a fit could learn from that is kept to test it where "
                "person and stimulus are seen, of the rule crossed"},
    {.name = "folds.seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of the shuffle"},
    {.name = "audit.leaks",
        .type = MIEN_OPTION_CHOICE,
        .initial = "fail",
        .choices = (const char *const[]){"fail", "tell", "off", NULL},
        .help =
            "mien train first looks for leaks between what the folds learn from and "
            "what they test: fail ends, tell goes on, off does not look"},
    {.name = "audit.allow",
        .type = MIEN_OPTION_LIST,
        .help = "Kinds of leaks that are meant: target, person, stimulus, picture, "
                "near-picture, features, segment; they are told, and pass"},
    {.name = "folds.repeats",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 100,
        .help = "Assignments: further ones with the next seeds are trained and judged "
                "too, and "
                "the spread of each figure over them is told"},
    {.name = "permutations",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 10000,
        .help =
            "How often all folds are trained with labels exchanged at random, for p "
            "of each figure"},
    {.name = "permutation.within",
        .type = MIEN_OPTION_CHOICE,
        .initial = "all",
        .choices = (const char *const[]){"all", "groups", NULL},
        .help =
            "Labels are exchanged among all rows, or within each group of folds.by"},
    {.name = "permutation.seed",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of the exchanges"},
    {.name = "intervals",
        .type = MIEN_OPTION_CHOICE,
        .initial = "jackknife",
        .choices = (const char *const[]){"jackknife", "bootstrap", NULL},
        .help = "Leave each group out, or draw groups (narrow below 50 of them)"},
    {.name = "bootstrap.repeats",
        .type = MIEN_OPTION_INT,
        .initial = "2000",
        .minimum = 10,
        .maximum = 1000000,
        .help = "Resamples of the intervals, drawn by whole groups"},
    {.name = "bootstrap.level",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.95",
        .minimum = 0.5,
        .maximum = 0.999,
        .help = "Level of the intervals"},
    {.name = "bootstrap.seed",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed of the intervals"},
    {.name = "calibration.intervals",
        .type = MIEN_OPTION_CHOICE,
        .initial = "plain",
        .choices = (const char *const[]){"plain", "one-width", "thirds", NULL},
        .help =
            "Of numbers: conformal prediction intervals in predictions and model, of "
            "one width or of one for each third of the predictions; plain: of one "
            "width at 0.95 in the model alone"},
    {.name = "calibration.by",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Column of the trials: intervals have widths of their own for each of "
                "its values, where enough rows have it; needs calibration.intervals"},
    {.name = "calibration.level",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.95",
        .minimum = 0.5,
        .maximum = 0.99,
        .help = "How often a truth lies within them, or is in a set of classes"},
    {.name = "calibration.sets",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Of classes: conformal sets in predictions and model: all classes that "
                "the truth may well be"},
    {.name = "calibration.temperature",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help =
            "Of classes: divide logits by the temperature that suits rows which the "
            "fit did not learn from: those that the other folds hold out, or, with a "
            "single fold, those that validate"},
    {.name = "model.licence",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Written into the model's contract"},
    {.name = "model.citation",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "Written into the model's contract"},
    {.name = "model.golden",
        .type = MIEN_OPTION_INT,
        .initial = "4",
        .minimum = 1,
        .maximum = 64,
        .help = "Golden vectors in the contract"},
    {.name = "person.by",
        .type = MIEN_OPTION_TEXT,
        .initial = "person",
        .help = "Column of who rated"},
    {.name = "person.stimulus",
        .type = MIEN_OPTION_TEXT,
        .initial = "stimulus",
        .help = "Column of what was rated"},
    {.name = "person.features",
        .type = MIEN_OPTION_LIST,
        .help = "Columns of numbers that describe a stimulus, for the forms features "
                "and own_trials (default: none)"},
    {.name = "person.unseen",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 1e6,
        .help = "People of a draw who teach nothing and are judged; 0: a fifth"},
    {.name = "person.draws",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 1,
        .maximum = 1000,
        .help = "How often people are drawn"},
    {.name = "person.seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294966295.0,
        .help = "Seed of the first draw; those of the others follow"},
    {.name = "person.test",
        .type = MIEN_OPTION_INT,
        .initial = "25",
        .minimum = 3,
        .maximum = 1e6,
        .help = "Ratings of each that are predicted, the same for all numbers of own "
                "trials"},
    {.name = "person.own",
        .type = MIEN_OPTION_LIST,
        .initial = "0\n1\n2\n5\n10\n20\n50\n75",
        .help = "Numbers of own trials that are known, ascending"},
    {.name = "person.shown",
        .type = MIEN_OPTION_INT,
        .initial = "20",
        .minimum = 0,
        .maximum = 1e6,
        .help = "Own trials of the predictions that are written (the next lower of "
                "person.own)"},
    {.name = "person.rank",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 0,
        .maximum = 60,
        .help = "Hidden tastes of the form low_rank"},
    {.name = "person.lambda",
        .type = MIEN_OPTION_NUMBER,
        .initial = "20",
        .minimum = 1e-6,
        .maximum = 1e6,
        .help = "Ridge of its alternating regressions"},
    {.name = "person.rounds",
        .type = MIEN_OPTION_INT,
        .initial = "8",
        .minimum = 1,
        .maximum = 1000,
        .help = "How often they alternate"},
    {.name = "search.name",
        .type = MIEN_OPTION_TEXT,
        .initial = "tpe",
        .help =
            "Of `mien search`: grid, random, tpe or halving, with options of its own "
            "beside it"},
    {.name = "search.over",
        .type = MIEN_OPTION_TEXT,
        .help =
            "Keys of the study that are searched: a map of each to a list of values, "
            "a range (1e-5..1e-2 log) or a map (docs/search.md)"},
    {.name = "search.score",
        .type = MIEN_OPTION_TEXT,
        .initial = "skill",
        .help = "What is best on the inner folds: skill (the share of the loss that is "
                "gone), or a metric of all targets (r, ccc, accuracy, …)"},
    {.name = "search.seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294966295.0,
        .help = "Seed of the points"},
    {.name = "search.inner.k",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 1,
        .maximum = 1000,
        .help = "Inner folds of each fold's training part, on which points are judged: "
                "whole groups of folds.by; 1: a single part of search.inner.share"},
    {.name = "search.inner.share",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0.01,
        .maximum = 0.5,
        .help = "Share of the training part that judges, with search.inner.k: 1"},
    {.name = "search.inner.seed",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 4294967295.0,
        .help = "Seed by which inner folds are assigned"},
    {0},
};

static bool begins(const char *key, const char *const *starts) {
    for (; *starts; starts++) {
        size_t length = strlen(*starts);
        if (strncmp(key, *starts, length) == 0 &&
            (key[length] == 0 || (*starts)[length - 1] == '.')) {
            return true;
        }
    }
    return false;
}

/* Keys of heads that are fitted at once, on whatever is frozen before them. */
static bool key_of_fitted(const char *key, const mien_study *study) {
    static const char *const of_trees[] = {"trees.", NULL};
    static const char *const of_logistic[] = {"logistic.", NULL};
    static const char *const of_ridge[] = {"ridge.", NULL};
    static const char *const of_best[] = {"best.", NULL};
    static const char *const always[] = {"fusion.", "standardise", "missing-targets",
        "inner.", "batch", "seed", "seeds", "checkpoint.", "context.", "smoothing.",
        "series.", NULL};
    static const char *const of_pictures[] = {"head.layer", "head.grid", "cache.memory",
        "cache.pictures", "cache.folder", "input", "backbone.name", "picture.", NULL};
    const mien_learner *l = study->trainer->learner;
    bool classes = study->trainer->can & MIEN_TRAINS_CLASSES;
    return begins(key, always) ||
           (mien_study_learns(study, &mien_learner_trees) && begins(key, of_trees)) ||
           (mien_study_learns(study, &mien_learner_logistic) &&
               begins(key, of_logistic)) ||
           (mien_study_learns(study, &mien_learner_ridge) && begins(key, of_ridge)) ||
           (l == &mien_learner_best && begins(key, of_best)) ||
           (classes && strncmp(key, "class-weights.", 14) == 0) ||
           ((study->pictured || study->inputs_tree) && begins(key, of_pictures)) ||
           (strcmp(key, "inputs") == 0 && study->inputs_count > 0);
}

bool mien_study_key_of(const char *key, const mien_study *study) {
    static const char *const of_readout[] = {"readout.", "backbone.mirror", NULL};
    static const char *const of_fitted[] = {
        "logistic.", "ridge.", "trees.", "best.", "inner.", NULL};
    static const char *const of_steps[] = {"missing-targets", "classes", "loss.",
        "class-weights.", "judging", "watch", "optimiser.", "schedule.", "clip.",
        "average.", "sam.", "epochs", "batch", "drop-last", "sampler.", "stopping.",
        "seed", "seeds", "train.", "checkpoint.", NULL};
    static const char *const of_heads[] = {"head.", "fusion.", NULL};
    static const char *const of_pictures[] = {"augment", "cache.", NULL};
    static const char *const of_rows[] = {"context.", "standardise", "modality-dropout",
        "sensor-dropout", "smoothing.", "series.", NULL};
    static const char *const of_crossed[] = {
        "folds.across", "folds.across-k", "folds.seen", NULL};
    static const char *const with_backbone[] = {"input", "backbone.", "picture.", NULL};
    static const char *const of_networks[] = {"inputs", "model.name", NULL};
    static const char *const of_people[] = {"person.", NULL};
    static const char *const of_all[] = {"name", "trials", "targets", "method", NULL};
    static const char *const of_search[] = {"search.", NULL};
    if (begins(key, of_search)) {
        return study->searched;
    }
    if (study->trainer->can & MIEN_TRAINS_PEOPLE || begins(key, of_people)) {
        return study->trainer->can & MIEN_TRAINS_PEOPLE &&
               (begins(key, of_people) || begins(key, of_all));
    }
    if (begins(key, of_crossed)) {
        const char *rule = mien_options_text(study->options, "folds.rule");
        return rule && strcmp(rule, "crossed") == 0;
    }
    bool steps = study->trainer->can & MIEN_TRAINS_BY_STEPS;
    bool named = study->inputs_count > 0 || study->inputs_tree;
    bool pictures = study->pictured || study->inputs_tree;
    const char *const *const owned[] = {of_readout, of_fitted, of_steps, of_heads,
        of_pictures, of_rows, with_backbone, of_networks};
    if (study->trainer->learner) {
        bool free = true;
        for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
            free = free && !begins(key, owned[i]);
        }
        return free || key_of_fitted(key, study);
    }
    if (begins(key, of_fitted)) {
        return false;
    }
    if (begins(key, of_readout)) {
        return !steps;
    }
    if (strcmp(key, "inputs") == 0) {
        return study->inputs_count > 0;
    }
    if (begins(key, of_rows)) {
        return steps && named;
    }
    if (strcmp(key, "model.name") == 0) {
        return steps && study->preset;
    }
    if (begins(key, of_heads)) {
        return steps && !study->preset;
    }
    if (strcmp(key, "train.what") == 0) { /* without a backbone all of it learns */
        return steps && (pictures || mien_study_given(study, key));
    }
    if (begins(key, of_pictures)) {
        return steps && pictures;
    }
    if (begins(key, of_steps)) {
        return steps;
    }
    return !begins(key, with_backbone) || pictures;
}
