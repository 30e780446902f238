/* SPDX-License-Identifier: MIT */
/* mien bench: how long a backbone takes on random input, and a step of its training. */
#include "cli/command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/bench_finder.h"
#include "cli/bench_network.h"
#include "cli/bench_training.h"
#include "models/backbones/backbone.h"
#include "models/backbones/backbone_file.h"

static const mien_option options[] = {
    {.name = "backbone",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Which backbone"},
    {.name = "network",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Instead of a backbone: aan, aan_512, cnn_lstm, emoeye or transformer"},
    {.name = "finder",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Instead of a backbone: one look for faces, at --item 3xHEIGHTxWIDTH"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "Its weights (default: random ones)"},
    {.name = "batch",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 4096,
        .help = "Pictures at once"},
    {.name = "repeat",
        .type = MIEN_OPTION_INT,
        .initial = "20",
        .minimum = 1,
        .maximum = 1000000,
        .help = "Timed runs, after three untimed ones"},
    {.name = "size",
        .type = MIEN_OPTION_INT,
        .initial = "224",
        .minimum = 32,
        .maximum = 2048,
        .help = "Height and width of the pictures"},
    {.name = "item",
        .type = MIEN_OPTION_TEXT,
        .metavar = "CxHxW",
        .help =
            "Size of the items of a backbone that reads no pictures: 3x64x224x224 of "
            "i3d, 6x256x455 of flownets (default: the smallest)"},
    {.name = "train",
        .type = MIEN_OPTION_TEXT,
        .metavar = "PATTERN",
        .help = "Time training steps of the parameters that match, as \"*\" or "
                "\"layer4.*,fc.*\""},
    {.name = "optimiser",
        .type = MIEN_OPTION_TEXT,
        .initial = "sgd",
        .metavar = "NAME",
        .help = "Of training steps"},
    {.name = "rate",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1e-9",
        .minimum = 0,
        .maximum = 1,
        .help =
            "Of the optimiser; where it is given, the losses of all steps are printed "
            "too"},
    {.name = "gradients",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.safetensors",
        .help =
            "Write input, classes, logits, loss and all gradients of the last step, "
            "without dropout, for comparing"},
    {.name = "exact", .type = MIEN_OPTION_FLAG, .help = "No Winograd convolutions"},
    {.name = "profile",
        .type = MIEN_OPTION_FLAG,
        .help = "Also print the time of each step of the network, to stderr"},
    {0},
};

/* The subject that is timed: one of the two pointers is not NULL. */
typedef struct subject {
    const mien_backbone *backbone;
    const cli_bench_network *network;
} subject;

typedef struct network {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_plan *plan;
    cli_bench_training training;
    double *seconds, *losses; /* of each timed run; of all steps */
    double processor_s;       /* the least of a timed run, of all threads */
} network;

static void network_clear(network *n) {
    cli_bench_training_clear(&n->training);
    mien_plan_free(&n->plan);
    mien_parameters_free(&n->parameters);
    mien_graph_free(&n->graph);
    mien_free(n->losses);
    mien_free(n->seconds);
}

/* "3x64x224x224"; zeros where nothing is given. */
static mien_status read_item(const mien_backbone *b, const char *text, int64_t *item) {
    const char *at = text;
    int count = 0;
    memset(item, 0, 4 * sizeof *item);
    for (char *end; at && *at && count < 4; at = *end == 'x' ? end + 1 : end) {
        item[count++] = strtoll(at, &end, 10);
        if (end == at) {
            break;
        }
    }
    for (int d = 0; text && d < b->item_rank; d++) {
        if (count != b->item_rank || *at || item[d] < b->item[d] || item[d] > 4096) {
            return mien_fail(MIEN_EINVAL,
                "--item: \"%s\" is no size of what %s reads, from %lldx… on", text,
                b->name, (long long)b->item[0]);
        }
    }
    return MIEN_OK;
}

static mien_status build(
    network *n, const subject *what, const mien_options *o, mien_node *output) {
    int64_t size[2] = {mien_options_int(o, "size"), mien_options_int(o, "size")};
    int64_t item[4], shape[MIEN_RANK_MAX];
    mien_node image;
    mien_status status = mien_graph_new(&n->graph);
    if (status == MIEN_OK && what->network) {
        return what->network->build(n->graph, output);
    }
    status =
        status ? status : read_item(what->backbone, mien_options_text(o, "item"), item);
    if (status == MIEN_OK) {
        if (mien_backbone_file_of(what->backbone)) { /* it has one size */
            const mien_preprocess p = what->backbone->preprocess();
            size[0] = p.crop_height;
            size[1] = p.crop_width;
        }
        const int rank =
            mien_backbone_shape(what->backbone, size[0], size[1], item, shape);
        status = mien_graph_input(n->graph, "image", rank, shape, &image);
    }
    return status == MIEN_OK ? what->backbone->build(n->graph, image, output) : status;
}

static mien_status load(mien_parameters *parameters, const char *weights,
    const mien_weights_options *spelt) {
    mien_archive *archive = NULL;
    if (!weights) {
        mien_parameters_randomize(parameters, 1);
        return MIEN_OK;
    }
    mien_status status = mien_archive_open(weights, &archive);
    if (status == MIEN_OK) {
        status = mien_weights_load(parameters, archive, spelt);
    }
    mien_archive_close(&archive);
    return status;
}

/* Random numbers in [-2, 2). */
static void fill_inputs(network *n) {
    for (mien_node i = 0; i < mien_graph_nodes(n->graph); i++) {
        float *data = mien_plan_input(n->plan, i);
        int64_t shape[MIEN_RANK_MAX];
        if (!data) {
            continue;
        }
        int64_t count =
            mien_shape_count(mien_plan_input_shape(n->plan, i, shape), shape);
        mien_stream stream;
        mien_stream_init(&stream, 1, (uint64_t)i, 0);
        for (int64_t k = 0; k < count; k++) {
            data[k] = (float)(mien_stream_uniform(&stream) * 4 - 2);
        }
    }
}

static mien_status network_init(
    network *n, const subject *what, const mien_options *o, int threads) {
    const char *trained = mien_options_text(o, "train");
    mien_node output;
    mien_status status = build(n, what, o, &output);
    if (status == MIEN_OK) {
        status = mien_parameters_new(n->graph, &n->parameters);
    }
    if (status == MIEN_OK) {
        const mien_weights_options spelt = mien_weights_options_of(what->backbone);
        status = load(n->parameters, mien_options_text(o, "weights"), &spelt);
    }
    if (status == MIEN_OK && trained) {
        status = cli_bench_freeze(n->parameters, trained);
    }
    if (status == MIEN_OK) {
        mien_plan_options p = mien_plan_options_default();
        p.mode = trained ? MIEN_TRAIN : MIEN_INFER;
        p.exact = mien_options_flag(o, "exact");
        p.no_dropout = mien_options_text(o, "gradients");
        p.batch = mien_options_int(o, "batch");
        p.threads = threads;
        p.outputs = &output;
        p.outputs_count = 1;
        status = mien_plan_new(n->graph, n->parameters, &p, &n->plan);
    }
    if (status == MIEN_OK && trained) {
        const cli_bench_training_setup setup = {
            .loss = what->network ? what->network->loss : "cross_entropy",
            .optimiser = mien_options_text(o, "optimiser"),
            .rate = mien_options_number(o, "rate"),
            .threads = threads};
        status = cli_bench_training_init(&n->training, n->plan, n->parameters, &setup);
    }
    if (status == MIEN_OK) {
        fill_inputs(n);
    }
    return status;
}

static void print_step(void *context, const mien_plan_step *step) {
    (void)context;
    fprintf(stderr, "%8.3f ms  %-9s %-34s %s\n", step->seconds * 1e3,
        step->backward ? "backward" : "forward", step->node, step->kernel);
}

static mien_status print_profile(network *n) {
    return mien_plan_profile(n->plan, print_step, NULL);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

#define UNTIMED 3

static mien_status time_runs(network *n, int64_t repeat) {
    mien_status status = MIEN_OK;
    for (int64_t i = -UNTIMED; status == MIEN_OK && i < repeat; i++) {
        double began = mien_clock_s(), used = (double)clock();
        status = n->training.optimiser
                     ? cli_bench_step(&n->training, n->plan, n->training.optimiser)
                     : mien_plan_run(n->plan);
        if (i >= 0) {
            n->seconds[i] = mien_clock_s() - began;
            used = ((double)clock() - used) / CLOCKS_PER_SEC;
            n->processor_s = i == 0 || used < n->processor_s ? used : n->processor_s;
        }
        n->losses[UNTIMED + i] = n->training.loss.value;
        if (mien_interrupted()) {
            return mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    qsort(n->seconds, (size_t)repeat, sizeof *n->seconds, ascending);
    return status;
}

static void add_losses(mien_string *line, const double *losses, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        mien_string_addf(line, "%s%.9g", i ? ", " : ", \"losses\": [", losses[i]);
    }
    mien_string_addf(line, "]");
}

static mien_status print(
    const network *n, const subject *what, const mien_options *o, int threads) {
    int64_t batch = mien_options_int(o, "batch"),
            repeat = mien_options_int(o, "repeat");
    double gflops = mien_graph_flops(n->graph, batch) / n->seconds[0] * 1e-9;
    mien_string line;
    mien_string_init(&line);
    mien_string_addf(&line,
        "{\"%s\": \"%s\", \"batch\": %lld, \"threads\": %d, \"min_ms\": %.4f, "
        "\"median_ms\": %.4f, \"min_cpu_ms\": %.4f, \"gflops\": %.2f, \"peak_share\": "
        "%.4f, \"rss_mb\": "
        "%.1f",
        what->network ? "network" : "backbone",
        what->network ? what->network->name : what->backbone->name, (long long)batch,
        threads, n->seconds[0] * 1e3, n->seconds[repeat / 2] * 1e3,
        n->processor_s * 1e3, gflops, gflops / mien_peak_gflops(threads),
        (double)mien_peak_memory() / 1048576);
    if (n->training.optimiser && mien_options_given(o, "rate")) {
        add_losses(&line, n->losses, UNTIMED + repeat);
    }
    mien_string_addf(&line, "}\n");
    mien_status status = mien_string_status(&line);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &line);
    }
    mien_string_clear(&line);
    return status;
}

static mien_status find(cli *c, const mien_options *o, subject *what) {
    const char *backbone = mien_options_text(o, "backbone");
    const char *name = mien_options_text(o, "network");
    if (!backbone == !name) {
        return cli_usage(c, backbone ? "--backbone and --network exclude each other"
                                     : "--backbone NAME is missing");
    }
    if (mien_options_text(o, "gradients") && !mien_options_text(o, "train")) {
        return cli_usage(c, "--gradients needs --train");
    }
    mien_status status = MIEN_OK;
    if (name) {
        what->network = cli_bench_network_find(name);
        status = what->network ? MIEN_OK : MIEN_ENOTFOUND;
    } else {
        status = mien_backbone_find(backbone, &what->backbone);
    }
    c->usage = status != MIEN_OK;
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    (void)positional;
    subject what = {0};
    network n = {0};
    int64_t repeat = mien_options_int(o, "repeat");
    const char *finder = mien_options_text(o, "finder");
    if (finder && !mien_options_text(o, "backbone") &&
        !mien_options_text(o, "network")) {
        return cli_bench_finder(finder, mien_options_text(o, "item"),
            (int)mien_options_int(o, "size"), repeat, c->threads);
    }
    mien_status status = find(c, o, &what);
    if (status != MIEN_OK) {
        return status;
    }
    n.seconds = mien_alloc((size_t)repeat, sizeof *n.seconds);
    n.losses = mien_alloc((size_t)(UNTIMED + repeat), sizeof *n.losses);
    status =
        n.seconds && n.losses ? network_init(&n, &what, o, c->threads) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = time_runs(&n, repeat);
    }
    if (status == MIEN_OK && mien_options_flag(o, "profile")) {
        status = print_profile(&n);
    }
    const char *gradients = mien_options_text(o, "gradients");
    if (status == MIEN_OK && gradients) {
        status = cli_bench_write_gradients(
            &n.training, n.graph, n.plan, n.parameters, gradients);
    }
    if (status == MIEN_OK) {
        status = print(&n, &what, o, c->threads);
    }
    network_clear(&n);
    return status;
}

const cli_command cli_command_bench = {
    .name = "bench",
    .summary = "Time a backbone or a small network on random input",
    .synopsis = "--backbone NAME | --network NAME [--batch N] [--repeat N] "
                "[--train PATTERN]",
    .text = "Prints one JSON object: backbone or network, batch, threads, min_ms, "
            "median_ms, min_cpu_ms\n(processor time of all threads), gflops (of the "
            "fastest run), peak_share (of the float32\npeak measured on this "
            "machine), rss_mb.\nWith --train a run is a whole step: "
            "forward, loss (cross-entropy; of aan the mean squared\nerror), backward, "
            "optimiser.",
    .examples = "  mien bench --backbone resnet50 --batch 32 --threads 2\n"
                "  mien bench --backbone resnet18 --batch 16 --train '*'\n"
                "  mien bench --network aan --batch 30 --threads 1 --train '*' "
                "--optimiser adam\n",
    .options = options,
    .run = run,
};
