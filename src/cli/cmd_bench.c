/* SPDX-License-Identifier: MIT */
/* mien bench: how long a backbone takes on random input. */
#include "cli/command.h"

#include <stdlib.h>

static const mien_option options[] = {
    {.name = "backbone",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Which network"},
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
    {0},
};

typedef struct network {
    mien_graph *graph;
    mien_parameters *parameters;
    mien_plan *plan;
    mien_node input;
} network;

static void network_clear(network *n) {
    mien_plan_free(&n->plan);
    mien_parameters_free(&n->parameters);
    mien_graph_free(&n->graph);
}

static mien_status network_init(
    network *n, const mien_backbone *backbone, const mien_options *o, int threads) {
    int64_t size = mien_options_int(o, "size");
    const int64_t shape[4] = {MIEN_BATCH, 3, size, size};
    const char *weights = mien_options_text(o, "weights");
    mien_node logits;
    *n = (network){0};
    mien_status status = mien_graph_new(&n->graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(n->graph, "image", 4, shape, &n->input);
    }
    if (status == MIEN_OK) {
        status = backbone->build(n->graph, n->input, &logits);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(n->graph, &n->parameters);
    }
    if (status == MIEN_OK && weights) {
        mien_archive *archive = NULL;
        status = mien_archive_open(weights, &archive);
        if (status == MIEN_OK) {
            status = mien_weights_load(n->parameters, archive, NULL);
        }
        mien_archive_close(&archive);
    } else if (status == MIEN_OK) {
        mien_parameters_randomize(n->parameters, 1);
    }
    if (status == MIEN_OK) {
        mien_plan_options p = mien_plan_options_default();
        p.batch = mien_options_int(o, "batch");
        p.threads = threads;
        p.outputs = &logits;
        p.outputs_count = 1;
        status = mien_plan_new(n->graph, n->parameters, &p, &n->plan);
    }
    return status;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static mien_status time_runs(network *n, int64_t repeat, double *seconds) {
    mien_status status = MIEN_OK;
    for (int64_t i = -3; status == MIEN_OK && i < repeat; i++) {
        double began = mien_clock_s();
        status = mien_plan_run(n->plan);
        if (i >= 0) {
            seconds[i] = mien_clock_s() - began;
        }
        if (mien_interrupted()) {
            return mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    qsort(seconds, (size_t)repeat, sizeof *seconds, ascending);
    return status;
}

static mien_status print(const network *n, const mien_backbone *backbone, int64_t batch,
    int threads, const double *seconds, int64_t repeat) {
    double gflops = mien_graph_flops(n->graph, batch) / seconds[0] * 1e-9;
    mien_string line;
    mien_string_init(&line);
    mien_string_addf(&line,
        "{\"backbone\": \"%s\", \"batch\": %lld, \"threads\": %d, \"min_ms\": %.4f, "
        "\"median_ms\": %.4f, \"gflops\": %.2f, \"peak_share\": %.4f, \"rss_mb\": "
        "%.1f}\n",
        backbone->name, (long long)batch, threads, seconds[0] * 1e3,
        seconds[repeat / 2] * 1e3, gflops, gflops / mien_peak_gflops(threads),
        (double)mien_peak_memory() / 1048576);
    mien_status status = mien_string_status(&line);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &line);
    }
    mien_string_clear(&line);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    (void)positional;
    const char *name = mien_options_text(o, "backbone");
    const mien_backbone *backbone = NULL;
    if (!name) {
        return cli_usage(c, "--backbone NAME is missing");
    }
    mien_status status = mien_backbone_find(name, &backbone);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    int64_t batch = mien_options_int(o, "batch"),
            repeat = mien_options_int(o, "repeat");
    network n = {0};
    double *seconds = mien_alloc((size_t)repeat, sizeof *seconds);
    status = seconds ? network_init(&n, backbone, o, c->threads) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        float *image = mien_plan_input(n.plan, n.input);
        int64_t size = mien_options_int(o, "size");
        mien_stream stream;
        mien_stream_init(&stream, 1, 0, 0);
        for (int64_t i = 0; i < batch * 3 * size * size; i++) {
            image[i] = (float)(mien_stream_uniform(&stream) * 4 - 2);
        }
        status = time_runs(&n, repeat, seconds);
    }
    if (status == MIEN_OK) {
        status = print(&n, backbone, batch, c->threads, seconds, repeat);
    }
    network_clear(&n);
    mien_free(seconds);
    return status;
}

const cli_command cli_command_bench = {
    .name = "bench",
    .summary = "Time a backbone on random pictures",
    .synopsis = "--backbone NAME [--weights FILE] [--batch N] [--repeat N]",
    .text = "Prints one JSON object: backbone, batch, threads, min_ms, median_ms, "
            "gflops (of the "
            "fastest run),\npeak_share (of the float32 peak measured on this machine), "
            "rss_mb.",
    .examples = "  mien bench --backbone resnet50 --batch 32 --threads 2\n",
    .options = options,
    .run = run,
};
