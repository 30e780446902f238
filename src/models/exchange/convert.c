/* SPDX-License-Identifier: MIT */
/* Published weights of networks over features, taken over into models. */
#include "models/exchange/convert.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "models/contract/file.h"

#define GOLDEN 4
#define NAME_BYTES 256

mien_convert_options mien_convert_options_default(void) {
    return (mien_convert_options){.as = "aan", .minimum = -1, .maximum = 1};
}

/* ---- weights ----------------------------------------------------------------------
 */

/* The name in the file of a parameter: projections have names of their own there. */
static void foreign_name(const mien_found *f, const char *name, char *out) {
    for (int i = 0; i < f->architecture.inputs_count; i++) {
        const char *input = f->architecture.inputs[i].name;
        size_t length = strlen(input);
        if (strncmp(name, "inputs.", 7) == 0 && strncmp(name + 7, input, length) == 0 &&
            name[7 + length] == '.') {
            snprintf(out, NAME_BYTES, "%s%s", f->projection[i], name + 7 + length);
            return;
        }
    }
    snprintf(out, NAME_BYTES, "%s", name);
}

static mien_status fail_shape(
    const char *name, const mien_tensor *got, const mien_tensor *want) {
    char a[96], b[96];
    return mien_fail(MIEN_EFORMAT, "tensor %s is %s %s, not f32 %s", name,
        mien_dtype_name(got->dtype),
        mien_shape_text(got->rank, got->shape, a, sizeof a),
        mien_shape_text(want->rank, want->shape, b, sizeof b));
}

static mien_status take_parameter(
    mien_archive *archive, const char *name, mien_tensor *parameter) {
    int64_t index = mien_archive_find(archive, name);
    mien_tensor *loaded = NULL, *floats = NULL;
    if (index < 0) {
        return mien_fail(MIEN_EFORMAT, "tensor %s is missing", name);
    }
    const mien_tensor *info = mien_archive_info(archive, index);
    if (info->rank != parameter->rank ||
        memcmp(info->shape, parameter->shape,
            (size_t)info->rank * sizeof *info->shape) != 0) {
        return fail_shape(name, info, parameter);
    }
    mien_status status = mien_archive_load(archive, index, &loaded);
    if (status == MIEN_OK) {
        status = mien_tensor_convert(loaded, MIEN_F32, &floats);
    }
    if (status == MIEN_OK) {
        memcpy(parameter->data, floats->data, mien_tensor_bytes(parameter));
        if (mien_values_check(name, parameter->data, mien_tensor_count(parameter)) !=
            MIEN_OK) {
            status = mien_fail_in(MIEN_EFORMAT, "weights");
        }
    }
    mien_tensor_free(&loaded);
    mien_tensor_free(&floats);
    return status;
}

/* A tensor that no parameter took, unless it is known to be of no use. */
static mien_status check_extra(
    mien_archive *archive, const mien_found *f, const bool *taken) {
    for (int64_t i = 0; i < mien_archive_count(archive); i++) {
        const char *name = mien_archive_name(archive, i);
        bool unused = f->unused && strncmp(name, f->unused, strlen(f->unused)) == 0;
        if (!taken[i] && !unused) {
            return mien_fail(MIEN_EFORMAT,
                "tensor %s is none of a network %s over these inputs", name,
                f->architecture.preset.kind);
        }
    }
    return MIEN_OK;
}

static mien_status take_parameters(
    mien_archive *archive, const mien_found *f, mien_parameters *parameters) {
    char name[NAME_BYTES];
    bool *taken = mien_alloc((size_t)mien_archive_count(archive), sizeof *taken);
    mien_status status = taken ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < mien_parameters_count(parameters);
         i++) {
        foreign_name(f, mien_parameters_name(parameters, i), name);
        status = take_parameter(archive, name, mien_parameters_at(parameters, i));
        if (status == MIEN_OK) {
            taken[mien_archive_find(archive, name)] = true;
        }
    }
    if (status == MIEN_OK) {
        status = check_extra(archive, f, taken);
    }
    mien_free(taken);
    return status;
}

/* ---- contract ---------------------------------------------------------------------
 */

static bool contains(const char *text, const char *word) {
    for (; *text; text++) {
        if (strncasecmp(text, word, strlen(word)) == 0) {
            return true;
        }
    }
    return false;
}

/* The target that the file's name tells; NULL if it tells none, or both. */
static const char *target_of(const char *path) {
    const char *name = mien_path_base(path);
    bool valence = contains(name, "valence"), arousal = contains(name, "arousal");
    return valence == arousal ? NULL : valence ? "valence" : "arousal";
}

static mien_status fill_target(
    const char *path, const mien_convert_options *o, mien_network *n) {
    const char *name = o->target ? o->target : target_of(path);
    char low[32], high[32];
    mien_target *t = &n->targets[0];
    if (!name) {
        return mien_fail(MIEN_EINVAL,
            "what it predicts is not known: its name has neither valence nor arousal; "
            "give the target's name");
    }
    if (n->architecture.outputs != 1) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "it has %lld outputs; only networks of one "
            "can be taken over",
            (long long)n->architecture.outputs);
    }
    if (strlen(name) >= sizeof t->name) {
        return mien_fail(MIEN_EINVAL, "the target's name is too long");
    }
    strcpy(t->name, name);
    t->minimum = o->minimum;
    t->maximum = o->maximum;
    snprintf(t->unit, sizeof t->unit, "%s to %s", mien_format_double(o->minimum, low),
        mien_format_double(o->maximum, high));
    strcpy(t->construct, "evoked");
    strcpy(t->perspective, "normative");
    n->targets_count = 1;
    return MIEN_OK;
}

/* Where the weights are from, for `models show`. */
static mien_status make_training(
    const char *path, const mien_found *f, mien_value **training) {
    char digest[65];
    mien_value *map = mien_value_new_map();
    mien_status status = map ? mien_sha256_file(path, digest) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_value_set(
            map, "converted_from", mien_value_new_text(mien_path_base(path)));
    }
    if (status == MIEN_OK) {
        status = mien_value_set(map, "sha256", mien_value_new_text(digest));
    }
    if (status == MIEN_OK && f->class_name[0]) {
        status = mien_value_set(map, "class", mien_value_new_text(f->class_name));
    }
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *training = map;
    return MIEN_OK;
}

static mien_status fill_network(const char *path, const mien_convert_options *o,
    const mien_found *f, mien_network *n) {
    const char *licence = o->licence ? o->licence : f->licence ? f->licence : "unknown";
    *n = (mien_network){.architecture = f->architecture, .segment_s = f->segment_s};
    if (strlen(licence) >= sizeof n->licence) {
        return mien_fail(MIEN_EINVAL, "the licence's name is too long");
    }
    strcpy(n->licence, licence);
    snprintf(n->citation, sizeof n->citation, "%s", f->citation ? f->citation : "");
    return fill_target(path, o, n);
}

/* ---- opening and writing -----------------------------------------------------------
 */

static mien_status recognise(
    mien_archive *archive, const mien_convert_options *o, mien_found *f) {
    const mien_preset *kind = NULL;
    mien_status status = mien_preset_find(o->as, &kind);
    if (status == MIEN_OK && strcmp(kind->name, "aan") != 0) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "no published weights of %s are known; of aan there are", kind->name);
    }
    return status == MIEN_OK ? mien_convert_aan(archive, o->settings, f) : status;
}

static mien_status take_over(const char *path, mien_archive *archive,
    const mien_convert_options *o, mien_model **model) {
    mien_found f;
    mien_network n;
    mien_network_body body = {0};
    mien_value *training = NULL;
    mien_status status = recognise(archive, o, &f);
    if (status == MIEN_OK) {
        status = fill_network(path, o, &f, &n);
    }
    if (status == MIEN_OK) {
        status = mien_network_check(&n);
    }
    if (status == MIEN_OK) {
        status = mien_network_build(&n, &body);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(body.graph, &body.parameters);
    }
    if (status == MIEN_OK) {
        status = take_parameters(archive, &f, body.parameters);
    }
    if (status == MIEN_OK) {
        status = make_training(path, &f, &training);
    }
    if (status == MIEN_OK) {
        n.training = training;
        status = mien_model_adopt(path, &n, &body, model);
    }
    mien_value_free(&training);
    mien_network_clear(&body);
    return status;
}

mien_status mien_model_open_foreign(
    const char *path, const mien_convert_options *options, mien_model **model) {
    MIEN_NEED(path, model);
    const mien_convert_options usual = mien_convert_options_default();
    mien_archive *archive = NULL;
    mien_status status = mien_archive_open(path, &archive);
    if (status != MIEN_OK) {
        return status;
    }
    status = take_over(path, archive, options ? options : &usual, model);
    mien_archive_close(&archive);
    return status == MIEN_OK ? status : mien_fail_in(status, "%s", path);
}

/* Rows nobody measured, but of a size that measured ones have; the same each time. */
static mien_status draw_rows(
    const mien_architecture *a, int64_t index, mien_tensor **rows) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        const int64_t shape[] = {
            mien_architecture_steps(a), a->inputs[i].shape.size[0]};
        mien_stream s;
        mien_stream_init(&s, 5, (uint64_t)index, (uint64_t)i);
        status = mien_tensor_new(MIEN_F32, 2, shape, &rows[i]);
        for (int64_t k = 0; status == MIEN_OK && k < shape[0] * shape[1]; k++) {
            ((float *)rows[i]->data)[k] = (float)mien_stream_uniform(&s);
        }
    }
    return status;
}

/* Golden vectors of a model that reads features. */
typedef struct vectors {
    mien_tensor *rows[GOLDEN][MIEN_INPUTS_MAX];
    mien_golden_input golden[GOLDEN];
    float *outputs;
} vectors;

static mien_status fill_vectors(
    const mien_model *model, mien_runner *runner, vectors *v) {
    const mien_architecture *a = &mien_model_network(model)->architecture;
    int64_t width = mien_model_width(model);
    mien_status status = MIEN_OK;
    for (int64_t g = 0; status == MIEN_OK && g < GOLDEN; g++) {
        const float *inputs[MIEN_INPUTS_MAX];
        status = draw_rows(a, g, v->rows[g]);
        for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
            v->golden[g].item[i] = v->rows[g][i];
            inputs[i] = v->rows[g][i]->data;
        }
        v->golden[g].output = v->outputs + g * width;
        if (status == MIEN_OK) {
            status = mien_runner_run_arrays(
                runner, inputs, NULL, 1, v->outputs + g * width, NULL);
        }
    }
    return status;
}

static mien_status save(const mien_model *model, const char *output) {
    mien_runner_options o = mien_runner_options_default();
    mien_runner *runner = NULL;
    vectors v = {0};
    v.outputs =
        mien_alloc((size_t)(GOLDEN * mien_model_width(model)), sizeof *v.outputs);
    o.threads = 1;
    mien_status status = v.outputs ? mien_runner_new(model, &o, &runner) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = fill_vectors(model, runner, &v);
    }
    if (status == MIEN_OK) {
        status = mien_network_save(output, mien_model_network(model),
            mien_model_body(model)->parameters, v.golden, GOLDEN);
    }
    for (int g = 0; g < GOLDEN; g++) {
        for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
            mien_tensor_free(&v.rows[g][i]);
        }
    }
    mien_runner_free(&runner);
    mien_free(v.outputs);
    return status;
}

mien_status mien_model_convert(
    const char *path, const mien_convert_options *options, const char *output) {
    MIEN_NEED(path, output);
    mien_model *model = NULL;
    mien_status status = mien_model_open_foreign(path, options, &model);
    if (status == MIEN_OK) {
        status = save(model, output);
    }
    mien_model_close(&model);
    return status;
}
