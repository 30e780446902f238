/* SPDX-License-Identifier: MIT */
/* Makes the files that the facts about the command need: cli_files FOLDER GOLDEN. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mien/media.h"
#include "models/backbones/backbone.h"
#include "models/face_files.h"
#include "models/network_files.h"
#include "support/rule.h"

enum { PICTURES = 12 };

static const char *folder;

static char *in_folder(const char *name) {
    static char paths[4][4096];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static mien_status write_text(const char *name, const char *text) {
    return mien_file_write(in_folder(name), text, strlen(text));
}

/* ---- pictures ------------------------------------------------------------------- */

static mien_status paint(const char *name, int height, int width, int i) {
    const int64_t shape[3] = {height, width, 3};
    mien_tensor *image = NULL;
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &image);
    for (int k = 0; status == MIEN_OK && k < height * width; k++) {
        uint8_t *p = (uint8_t *)image->data + 3 * k;
        p[0] = (uint8_t)(20 * i);
        p[1] = (uint8_t)(250 - 20 * i);
        p[2] = (uint8_t)(k * (i + 3));
    }
    if (status == MIEN_OK) {
        status = mien_image_write_png(image, in_folder(name));
    }
    mien_tensor_free(&image);
    return status;
}

static uint32_t crc(const uint8_t *bytes, size_t count) {
    uint32_t c = 0xFFFFFFFFu;
    for (size_t i = 0; i < count; i++) {
        c ^= bytes[i];
        for (int k = 0; k < 8; k++) {
            c = c >> 1 ^ (c & 1 ? 0xEDB88320u : 0);
        }
    }
    return ~c;
}

/* A PNG whose head promises 30000 × 30000 pixels. */
static mien_status write_huge_png(void) {
    uint8_t bytes[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I',
        'H', 'D', 'R', 0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 'I', 'D', 'A', 'T', 0, 0, 0, 0};
    uint32_t sum = crc(bytes + 12, 17);
    for (int i = 0; i < 4; i++) {
        bytes[29 + i] = (uint8_t)(sum >> (24 - 8 * i));
    }
    sum = crc(bytes + 37, 4);
    for (int i = 0; i < 4; i++) {
        bytes[41 + i] = (uint8_t)(sum >> (24 - 8 * i));
    }
    return mien_file_write(in_folder("huge.png"), bytes, sizeof bytes);
}

/* A JPEG whose frame header is overwritten to promise as much. */
static mien_status write_huge_jpeg(const char *golden) {
    char path[4096], *bytes = NULL;
    size_t count = 0;
    snprintf(path, sizeof path, "%s/pictures/420.jpg", golden);
    mien_status status = mien_file_read(path, 1 << 20, &bytes, &count);
    for (size_t i = 0; status == MIEN_OK && i + 9 < count; i++) {
        if ((uint8_t)bytes[i] == 0xFF && (uint8_t)bytes[i + 1] == 0xC0) {
            memcpy(bytes + i + 5, "\x75\x30\x75\x30", 4);
            break;
        }
    }
    if (status == MIEN_OK) {
        status = mien_file_write(in_folder("huge.jpg"), bytes, count);
    }
    mien_free(bytes);
    return status;
}

static mien_status write_pictures(const char *golden) {
    char name[32];
    mien_status status = mien_directory_make(in_folder("pictures"));
    for (int i = 0; status == MIEN_OK && i < PICTURES; i++) {
        snprintf(name, sizeof name, "pictures/%d.png", i);
        status = paint(name, 32 + i % 3, 40, i);
    }
    if (status == MIEN_OK) {
        status = paint("one.png", 1, 1, 4);
    }
    if (status == MIEN_OK) {
        status = write_huge_png();
    }
    return status == MIEN_OK ? write_huge_jpeg(golden) : status;
}

/* ---- trials --------------------------------------------------------------------- */

static mien_status write_trials(void) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, "trial\tgroup\timage\tvalence\tarousal\n");
    for (int i = 0; i < PICTURES; i++) {
        mien_string_addf(&text, "t%d\tg%d\tpictures/%d.png\t%.2f\t%.2f\n", i, i % 6, i,
            1 + 0.4 * i, 4 + 2 * sin(2.3 * i));
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = write_text("trials.tsv", text.text);
    }
    mien_string_clear(&text);
    static const char axis[] = "{\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": "
                               "\"evoked\", \"perspective\": \"normative\"}";
    char sidecar[1024];
    snprintf(sidecar, sizeof sidecar,
        "{\"version\": 1, \"name\": \"made\", \"targets\": {\"valence\": %s, "
        "\"arousal\": %s}}",
        axis, axis);
    if (status == MIEN_OK) {
        status = write_text("trials.json", sidecar);
    }
    return status == MIEN_OK ? write_text("study.yaml",
                                   "trials: trials.tsv\n"
                                   "picture: {fit: squash, height: 32, width: 32}\n"
                                   "folds: {k: 3}\n"
                                   "bootstrap: {repeats: 20}\n"
                                   "model: {golden: 1}\n")
                             : status;
}

/* ---- weights -------------------------------------------------------------------- */

/* good.safetensors again, with `count` of its tensors; a NaN in the first if wanted. */
static mien_status copy_weights(const char *name, int64_t count, bool nan) {
    enum { MOST = 1024 };
    static const char *names[MOST];
    static mien_tensor *tensors[MOST];
    mien_archive *archive = NULL;
    mien_status status = mien_archive_open(in_folder("good.safetensors"), &archive);
    int64_t all = status == MIEN_OK ? mien_archive_count(archive) : 0;
    count = count < all ? count : all;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        names[i] = mien_archive_name(archive, i);
        status = mien_archive_load(archive, i, &tensors[i]);
    }
    if (status == MIEN_OK && nan) {
        *(float *)tensors[0]->data = NAN;
    }
    if (status == MIEN_OK) {
        const char *const metadata[] = {NULL};
        status = mien_safetensors_write(in_folder(name), count, names,
            (const mien_tensor *const *)tensors, metadata);
    }
    for (int64_t i = 0; i < count; i++) {
        mien_tensor_free(&tensors[i]);
    }
    mien_archive_close(&archive);
    return status;
}

static mien_status write_weights(void) {
    const mien_backbone *backbone = NULL;
    mien_status status = mien_backbone_find("mobilenet_v2", &backbone);
    if (status == MIEN_OK) {
        status = drawn_save(backbone, in_folder("good.safetensors"));
    }
    if (status == MIEN_OK) {
        status = copy_weights("missing.safetensors", 20, false);
    }
    return status == MIEN_OK ? copy_weights("nan.safetensors", INT64_MAX, true)
                             : status;
}

/* ---- a whole network ------------------------------------------------------------ */

/* What the network saved there gives for the picture. */
static mien_status run_network(
    const char *path, const mien_tensor *picture, float row[NETWORK_WIDTH]) {
    static float image[NETWORK_PIXELS];
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_status status = mien_model_open(path, &model);
    if (status == MIEN_OK) {
        status = mien_runner_new(model, NULL, &runner);
    }
    if (status == MIEN_OK) {
        status =
            mien_preprocess_run(mien_model_preprocess(model), picture, false, image);
    }
    if (status == MIEN_OK) {
        status = mien_runner_run_arrays(
            runner, (const float *const[]){image}, NULL, 1, row, NULL);
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
    return status;
}

static mien_status write_network(void) {
    const int64_t shape[3] = {NETWORK_SIZE, NETWORK_SIZE, 3};
    char *path = in_folder("network.safetensors");
    float row[NETWORK_WIDTH];
    mien_network n = network_fixture();
    mien_tensor *picture = NULL;
    mien_status status = network_squash(&n);
    if (status == MIEN_OK) {
        status = mien_tensor_new(MIEN_U8, 3, shape, &picture);
    }
    for (int i = 0; status == MIEN_OK && i < NETWORK_PIXELS; i++) {
        ((uint8_t *)picture->data)[i] = (uint8_t)(7 * i);
    }
    if (status == MIEN_OK) {
        status = network_save_drawn(path, &n, NULL, 0);
    }
    if (status == MIEN_OK) {
        status = run_network(path, picture, row);
    }
    if (status == MIEN_OK) {
        const mien_golden_input golden = {.item = {picture}, .output = row};
        status = network_save_drawn(path, &n, &golden, 1);
    }
    mien_tensor_free(&picture);
    return status;
}

/* ---- weights made by the rule --------------------------------------------------- */

static mien_status write_rule(const char *name, const char *path) {
    enum { MOST = 1024 };
    static const char *names[MOST];
    static const mien_tensor *tensors[MOST];
    const mien_backbone *backbone = NULL;
    mien_graph *graph = NULL;
    mien_parameters *parameters = NULL;
    mien_node input, last;
    mien_status status = mien_backbone_find(name, &backbone);
    status = status ? status : mien_graph_new(&graph);
    status =
        status ? status : mien_backbone_build_smallest(backbone, graph, &input, &last);
    status = status ? status : mien_parameters_new(graph, &parameters);
    if (status == MIEN_OK) {
        rule_parameters(parameters);
        const int64_t count = mien_parameters_count(parameters);
        for (int64_t i = 0; i < count && i < MOST; i++) {
            names[i] = mien_parameters_name(parameters, i);
            tensors[i] = mien_parameters_at(parameters, i);
        }
        const char *const metadata[] = {NULL};
        status = mien_safetensors_write(path, count, names, tensors, metadata);
    }
    mien_parameters_free(&parameters);
    mien_graph_free(&graph);
    return status;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "rule") == 0) {
        return write_rule(argv[2], argv[3]) == MIEN_OK ? 0 : 1;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: cli_files FOLDER GOLDEN | rule BACKBONE FILE\n");
        return 2;
    }
    folder = argv[1];
    mien_status status = write_pictures(argv[2]);
    if (status == MIEN_OK) {
        status = write_trials();
    }
    if (status == MIEN_OK) {
        status = write_weights();
    }
    if (status == MIEN_OK) {
        status = write_network();
    }
    if (status == MIEN_OK) {
        status = face_save_drawn(
            in_folder("faces.safetensors"), "mobilenet_v2", "features.1");
    }
    if (status != MIEN_OK) {
        fprintf(stderr, "cli_files: %s\n", mien_error());
    }
    return status == MIEN_OK ? 0 : 1;
}
