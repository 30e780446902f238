/* SPDX-License-Identifier: MIT */
/* Weights of Keras in HDF5, under PyTorch's names and in PyTorch's order of dimensions.
 *
 * Three layouts are known: groups of layers with lists of their weights (weight files
 * of Keras 1 and 2 and its published ones; whole models have them under
 * "model_weights"), numbered variables under "…/LAYER/vars" (.weights.h5 of Keras 3),
 * and any other file, whose data sets keep their path and shape. */
#include "io/archive.h"
#include "io/hdf5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAYERS_MAX 10000
#define SIGNATURE "\x89HDF\r\n\x1a\n"
#define CONFIG_DEPTH_MAX 32
/** The offset of an entry that is all ones, in the shape of the data set it names. */
#define SCALE_OF_ONE 1

/* From Keras' order of dimensions to ours. */
typedef enum arrangement {
    PLAIN,
    KERNEL, /* [H, W, I, O] → [O, I, H, W], [I, O] → [O, I], any number of sides */
    DEPTHWISE /* [H, W, C, M] → [C·M, 1, H, W] */
} arrangement;

static const struct role {
    const char *keras, *ours;
    arrangement how;
} roles[] = {{"kernel", "weight", KERNEL}, {"bias", "bias", PLAIN},
    {"gamma", "weight", PLAIN}, {"beta", "bias", PLAIN},
    {"moving_mean", "running_mean", PLAIN}, {"moving_variance", "running_var", PLAIN},
    {"depthwise_kernel", "weight", DEPTHWISE},
    {"pointwise_kernel", "pointwise.weight", KERNEL},
    /* of Keras 1; its "std" always was the variance */
    {"W", "weight", KERNEL}, {"b", "bias", PLAIN},
    {"running_mean", "running_mean", PLAIN}, {"running_std", "running_var", PLAIN}};
#define ROLES (sizeof roles / sizeof roles[0])

/* Keras' own names of layers without one: base, base_1, … counted through a session. */
static const struct {
    const char *written, *base;
} automatic[] = {{"conv1d", "conv1d"}, {"conv2d", "conv2d"}, {"conv3d", "conv3d"},
    {"convolution2d", "conv2d"}, {"depthwise_conv2d", "depthwise_conv2d"},
    {"separable_conv2d", "separable_conv2d"},
    {"batch_normalization", "batch_normalization"},
    {"batchnormalization", "batch_normalization"}, {"dense", "dense"},
    {"embedding", "embedding"}, {"lstm", "lstm"}, {"gru", "gru"}};
#define AUTOMATIC (sizeof automatic / sizeof automatic[0])

typedef struct part {
    const char *layer, *variable; /* "block1_conv1", "kernel" */
    int64_t set;                  /* of the file */
} part;

typedef struct keras {
    mien_hdf5 *file;
    part *parts;
    int64_t count, room;
    const char *group;               /* of the layer that is read: its name as listed */
    mien_index depthwise, separable; /* names of layers of these kinds */
    mien_index described, nested; /* by the model's description: layers; models in it */
} keras;

static bool matches(const unsigned char *bytes, size_t count) {
    return count >= 8 && memcmp(bytes, SIGNATURE, 8) == 0;
}

static void close_h5(mien_archive *a) {
    keras *k = a->own;
    if (!k) {
        return;
    }
    mien_index_clear(&k->depthwise);
    mien_index_clear(&k->separable);
    mien_index_clear(&k->described);
    mien_index_clear(&k->nested);
    mien_free(k->parts);
    mien_hdf5_close(&k->file);
    mien_free(k);
    a->own = NULL;
}

static mien_status mark(mien_index *index, const char *layer) {
    size_t length = strlen(layer);
    return mien_index_find(index, layer, length) >= 0
               ? MIEN_OK
               : mien_index_add(index, layer, length, 1);
}

static bool marked(const mien_index *index, const char *layer) {
    return mien_index_find(index, layer, strlen(layer)) >= 0;
}

/* Adds a part; both names are copied up to their lengths. */
static mien_status add_part(mien_archive *a, const char *layer, size_t layer_length,
    const char *variable, size_t variable_length, int64_t set) {
    keras *k = a->own;
    if (k->count == k->room) {
        int64_t larger = k->room ? 2 * k->room : 64;
        part *parts =
            mien_realloc(k->parts, (size_t)k->room, (size_t)larger, sizeof *parts);
        if (!parts) {
            return MIEN_ENOMEM;
        }
        k->parts = parts;
        k->room = larger;
    }
    char *copy = mien_arena_alloc(a->arena, layer_length + variable_length + 2, 1);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    char *rest = copy + layer_length + 1;
    memcpy(copy, layer, layer_length);
    memcpy(rest, variable, variable_length);
    for (size_t i = 0; i < layer_length; i++) {
        copy[i] = copy[i] == '/' ? '.' : copy[i];
    }
    k->parts[k->count++] = (part){copy, rest, set};
    return MIEN_OK;
}

/* ---- layers with lists of their weights -------------------------------------------
 */

static bool ends_with_number(const char *text, size_t length, size_t *start) {
    size_t end = length;
    while (end > 0 && text[end - 1] >= '0' && text[end - 1] <= '9') {
        end--;
    }
    *start = end - 1;
    return end > 1 && end < length && text[end - 1] == '_';
}

/* "conv1/kernel:0", or Keras 1's "conv1_W_1:0" in the group conv1. */
static mien_status add_weight(
    mien_archive *a, const char *layer, const char *weight, int64_t set) {
    size_t length = strcspn(weight, ":"), cut;
    const char *slash = NULL;
    for (size_t i = 0; i < length; i++) {
        slash = weight[i] == '/' ? weight + i : slash;
    }
    if (slash) {
        return add_part(a, weight, (size_t)(slash - weight), slash + 1,
            length - (size_t)(slash + 1 - weight), set);
    }
    size_t prefix = strlen(layer);
    const char *variable = weight;
    if (length > prefix && strncmp(weight, layer, prefix) == 0 &&
        weight[prefix] == '_') {
        variable += prefix + 1;
        length -= prefix + 1;
    }
    if (ends_with_number(variable, length, &cut)) {
        length = cut;
    }
    return add_part(a, layer, prefix, variable, length, set);
}

/* A list that does not fit one attribute is cut into NAME0, NAME1, … */
static mien_status next_texts(keras *k, const char *object, const char *name,
    int number, char ***texts, int64_t *count) {
    char numbered[64];
    if (number < 0) {
        return mien_hdf5_texts(k->file, object, name, texts, count);
    }
    snprintf(numbered, sizeof numbered, "%s%d", name, number);
    return mien_hdf5_texts(k->file, object, numbered, texts, count);
}

typedef mien_status take_text(mien_archive *a, const char *object, const char *text);

static mien_status each_text(
    mien_archive *a, const char *object, const char *name, take_text *take) {
    keras *k = a->own;
    bool any = false;
    for (int number = -1; number < LAYERS_MAX; number++) {
        char **texts = NULL;
        int64_t count = 0;
        mien_status status = next_texts(k, object, name, number, &texts, &count);
        if (status == MIEN_ENOTFOUND && (any || number < 0)) {
            if (any) {
                break;
            }
            continue;
        }
        for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
            status = take(a, object, texts[i]);
        }
        mien_names_free(&texts, count);
        if (status != MIEN_OK || number < 0) {
            return status;
        }
        any = true;
    }
    return MIEN_OK;
}

static mien_status take_weight(mien_archive *a, const char *object, const char *text) {
    keras *k = a->own;
    mien_string path;
    mien_string_init(&path);
    mien_string_addf(&path, "%s/%s", object, text);
    int64_t set = -1;
    mien_status status = mien_string_status(&path);
    if (status == MIEN_OK) {
        status = mien_hdf5_find(k->file, path.text, &set);
    }
    if (status == MIEN_ENOTFOUND) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: weight \"%s\" of layer \"%s\" is listed but not there", a->path, text,
            object);
    }
    mien_string_clear(&path);
    return status == MIEN_OK ? add_weight(a, k->group, text, set) : status;
}

/* The length of "conv1" in "conv1_2"; 0 if it ends with no number. */
static size_t without_number(const char *layer) {
    size_t cut = 0;
    return ends_with_number(layer, strlen(layer), &cut) ? cut : 0;
}

/* The layers of a model inside of the model, from the first part on: if they are not
 * those that are described, but would be without a number at their ends, that is left
 * out. */
static mien_status name_as_described(mien_archive *a, int64_t first) {
    keras *k = a->own;
    bool as_written = true, shorter = true;
    for (int64_t i = first; i < k->count; i++) {
        const char *layer = k->parts[i].layer;
        size_t length = without_number(layer);
        as_written = as_written && marked(&k->described, layer);
        shorter =
            shorter && length > 0 && mien_index_find(&k->described, layer, length) >= 0;
    }
    for (int64_t i = first; i < k->count && !as_written && shorter; i++) {
        const char *layer = k->parts[i].layer;
        size_t length = without_number(layer);
        char *copy = mien_arena_alloc(a->arena, length + 1, 1);
        if (!copy) {
            return MIEN_ENOMEM;
        }
        memcpy(copy, layer, length);
        k->parts[i].layer = copy;
    }
    return MIEN_OK;
}

/* A layer has its group's name, whatever its weights were called: after load_model()
 * those of conv1 are "conv1_1/kernel:0", in a model of a class
 * "my_model/conv1/kernel:0". Only a model inside of the model is one group with several
 * layers. */
static mien_status name_by_group(mien_archive *a, int64_t first) {
    keras *k = a->own;
    bool one = first < k->count && !marked(&k->nested, k->group);
    for (int64_t i = first + 1; one && i < k->count; i++) {
        one = strcmp(k->parts[i].layer, k->parts[first].layer) == 0;
    }
    char *name = one ? mien_arena_strdup(a->arena, k->group) : NULL;
    if (one && !name) {
        return MIEN_ENOMEM;
    }
    for (char *c = name; c && *c; c++) {
        *c = *c == '/' ? '.' : *c;
    }
    for (int64_t i = first; one && i < k->count; i++) {
        k->parts[i].layer = name;
    }
    return one ? MIEN_OK : name_as_described(a, first);
}

static mien_status take_layer(mien_archive *a, const char *object, const char *text) {
    keras *k = a->own;
    int64_t first = k->count;
    mien_string path;
    k->group = text;
    mien_string_init(&path);
    mien_string_addf(&path, "%s%s%s", object, *object ? "/" : "", text);
    mien_status status = mien_string_status(&path);
    if (status == MIEN_OK) {
        status = each_text(a, path.text, "weight_names", take_weight);
    }
    status = status ? status : name_by_group(a, first);
    k->group = NULL;
    mien_string_clear(&path);
    return status == MIEN_ENOTFOUND
               ? mien_fail(MIEN_EFORMAT, "%s: layer \"%s\" is listed but not there",
                     a->path, text)
               : status;
}

static mien_status describe_layer(
    mien_archive *a, const char *class, const char *name, const mien_value *config) {
    keras *k = a->own;
    char *copy = mien_arena_strdup(a->arena, name);
    mien_status status = copy ? mark(&k->described, copy) : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_value_get(config, "layers")) {
        status = mark(&k->nested, copy);
    }
    if (status == MIEN_OK && strcmp(class, "DepthwiseConv2D") == 0) {
        status = mark(&k->depthwise, copy);
    }
    return status;
}

/* Looks through the model's description: which layers there are, which of them are
 * models, and which are depthwise (whose kernel Keras 3 calls "kernel", too). */
static mien_status read_layers(mien_archive *a, const mien_value *v, int depth) {
    mien_status status = MIEN_OK;
    if (depth > CONFIG_DEPTH_MAX) {
        return MIEN_OK;
    }
    const char *class = mien_value_text(mien_value_get(v, "class_name"));
    const mien_value *config = mien_value_get(v, "config");
    const char *name = mien_value_text(mien_value_get(config, "name"));
    if (class && name) {
        status = describe_layer(a, class, name, config);
    }
    bool list = mien_value_kind_of(v) == MIEN_VALUE_LIST;
    if (!list && mien_value_kind_of(v) != MIEN_VALUE_MAP) {
        return status;
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(v); i++) {
        const mien_value *item = list ? mien_value_at(v, i) : mien_value_item(v, i);
        status = read_layers(a, item, depth + 1);
    }
    return status;
}

static mien_status read_config(mien_archive *a) {
    keras *k = a->own;
    char **texts = NULL;
    int64_t count = 0;
    mien_value *config = NULL;
    mien_status status = mien_hdf5_texts(k->file, "", "model_config", &texts, &count);
    if (status == MIEN_OK && count > 0) {
        status = mien_value_parse_json(a->path, texts[0], strlen(texts[0]), &config);
    }
    if (status == MIEN_OK && config) {
        status = read_layers(a, config, 0);
    }
    mien_value_free(&config);
    mien_names_free(&texts, count);
    return status == MIEN_ENOMEM ? status : MIEN_OK; /* it helps, but need not be */
}

/* ---- numbered variables ------------------------------------------------------------
 */

/* Name of variable `index` of `count` in a layer of this class; NULL: its number. */
static const char *variable_of(
    const char *class, size_t length, int64_t index, int64_t count) {
    static const struct {
        const char *class, *names[4];
        int count; /* 0: any */
    } classes[] = {{"conv1d", {"kernel", "bias"}, 0}, {"conv2d", {"kernel", "bias"}, 0},
        {"conv3d", {"kernel", "bias"}, 0}, {"dense", {"kernel", "bias"}, 0},
        {"depthwise_conv2d", {"depthwise_kernel", "bias"}, 0},
        {"separable_conv2d", {"depthwise_kernel", "pointwise_kernel", "bias"}, 0},
        {"batch_normalization", {"gamma", "beta", "moving_mean", "moving_variance"}, 4},
        /* three: without scale, as Keras' own networks have it */
        {"batch_normalization", {"beta", "moving_mean", "moving_variance"}, 3}};
    size_t cut;
    if (ends_with_number(class, length, &cut)) {
        length = cut;
    }
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strlen(classes[i].class) == length &&
            strncmp(class, classes[i].class, length) == 0 && index >= 0 && index < 4 &&
            (classes[i].count == 0 || classes[i].count == count)) {
            return classes[i].names[index];
        }
    }
    return NULL;
}

/* "layers/conv2d_3/vars/0": the group of the variables ends at *vars, the class begins
 * at *class; false for another path. */
static bool split_numbered(const char *name, const char **class, const char **vars) {
    const char *number = strrchr(name, '/');
    if (!number || number - name < 5 || strncmp(number - 5, "/vars", 5) != 0) {
        return false;
    }
    *vars = number;
    *class = number - 5;
    while (*class > name && (*class)[-1] != '/') {
        (*class)--;
    }
    return *class < number - 5;
}

static int64_t variables_below(const keras *k, int64_t first, size_t length) {
    const char *name = mien_hdf5_name(k->file, first);
    int64_t end = first;
    while (end < mien_hdf5_count(k->file) &&
           strncmp(mien_hdf5_name(k->file, end), name, length) == 0) {
        end++;
    }
    return end - first;
}

/* All variables of the layer whose first is at *set, which moves behind them. */
static mien_status add_numbered(mien_archive *a, int64_t *set) {
    keras *k = a->own;
    const char *name = mien_hdf5_name(k->file, *set), *class, *vars;
    if (!split_numbered(name, &class, &vars)) {
        ++*set;
        return MIEN_OK;
    }
    size_t class_length = (size_t)(vars - 5 - class), prefix = (size_t)(vars - name);
    char *group = mien_arena_alloc(a->arena, prefix + 1, 1);
    if (!group) {
        return MIEN_ENOMEM;
    }
    memcpy(group, name, prefix);
    char **texts = NULL;
    int64_t texts_count = 0, count = variables_below(k, *set, prefix + 1);
    mien_status status = mien_hdf5_texts(k->file, group, "name", &texts, &texts_count);
    if (status == MIEN_ENOTFOUND || status == MIEN_EUNSUPPORTED) {
        status = MIEN_OK; /* older files do not tell the layers' names */
    }
    const char *layer = texts_count > 0 ? texts[0] : class;
    size_t length = texts_count > 0 ? strlen(layer) : class_length;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *number = mien_hdf5_name(k->file, *set + i) + prefix + 1;
        int64_t index = -1;
        const char *variable = NULL;
        if (mien_parse_int(number, &index)) {
            variable = variable_of(class, class_length, index, count);
        }
        variable = variable ? variable : number;
        status = add_part(a, layer, length, variable, strlen(variable), *set + i);
    }
    mien_names_free(&texts, texts_count);
    *set += count;
    return status;
}

static bool is_numbered(const keras *k) {
    const char *class, *vars;
    for (int64_t i = 0; i < mien_hdf5_count(k->file); i++) {
        if (split_numbered(mien_hdf5_name(k->file, i), &class, &vars)) {
            return true;
        }
    }
    return false;
}

/* ---- names that Keras counted ------------------------------------------------------
 */

typedef struct counted {
    const char *base;
    int64_t number, rank;
    const char *layer; /* as written */
} counted;

static bool read_counted(const char *layer, counted *c) {
    size_t length = strlen(layer), cut;
    *c = (counted){.layer = layer};
    if (ends_with_number(layer, length, &cut)) {
        if (!mien_parse_int(layer + cut + 1, &c->number)) {
            return false;
        }
        length = cut;
    }
    for (size_t i = 0; i < AUTOMATIC; i++) {
        if (strlen(automatic[i].written) == length &&
            strncmp(layer, automatic[i].written, length) == 0) {
            c->base = automatic[i].base;
        }
    }
    return c->base != NULL;
}

static int compare_counted(const void *a, const void *b) {
    const counted *x = a, *y = b;
    int bases = strcmp(x->base, y->base);
    return bases                    ? bases
           : x->number != y->number ? (x->number < y->number ? -1 : 1)
                                    : strcmp(x->layer, y->layer);
}

/* The n-th of a base's layers is "base_n", the first "base", as in a session of its
 * own: "conv2d_95" … of a network built second becomes "conv2d" …. */
static mien_status count_anew(mien_archive *a) {
    keras *k = a->own;
    counted *all = mien_alloc((size_t)k->count, sizeof *all);
    mien_index index = {0};
    int64_t n = 0;
    mien_status status = all ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < k->count; i++) {
        if (!marked(&index, k->parts[i].layer) &&
            read_counted(k->parts[i].layer, &all[n])) {
            status = mien_index_add(
                &index, k->parts[i].layer, strlen(k->parts[i].layer), n++);
        }
    }
    mien_index_clear(&index);
    if (status == MIEN_OK && n > 0) {
        qsort(all, (size_t)n, sizeof *all, compare_counted);
    }
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        bool next = i > 0 && strcmp(all[i].base, all[i - 1].base) == 0;
        all[i].rank = next ? all[i - 1].rank + 1 : 0;
        status = mien_index_add(&index, all[i].layer, strlen(all[i].layer), i);
    }
    for (int64_t i = 0; status == MIEN_OK && i < k->count; i++) {
        part *p = &k->parts[i];
        int64_t at = mien_index_find(&index, p->layer, strlen(p->layer));
        char name[64];
        if (at < 0) {
            continue;
        }
        const counted *c = &all[at];
        snprintf(
            name, sizeof name, c->rank ? "%s_%lld" : "%s", c->base, (long long)c->rank);
        char *copy = mien_arena_strdup(a->arena, name);
        status = copy ? MIEN_OK : MIEN_ENOMEM;
        if (copy && marked(&k->separable, p->layer)) {
            status = mark(&k->separable, copy);
        }
        if (copy && status == MIEN_OK && marked(&k->depthwise, p->layer)) {
            status = mark(&k->depthwise, copy);
        }
        p->layer = copy;
    }
    mien_index_clear(&index);
    mien_free(all);
    return status;
}

/* ---- entries ------------------------------------------------------------------------
 */

/* Shape as ours and strides into the values as Keras stores them. */
static void arrange(
    const mien_tensor *from, arrangement how, int64_t *shape, int64_t *stride) {
    int rank = from->rank, sides = rank - 2;
    int64_t steps[MIEN_RANK_MAX], step = 1;
    for (int d = rank - 1; d >= 0; d--) {
        steps[d] = step;
        step *= from->shape[d] > 0 ? from->shape[d] : 1;
    }
    for (int d = 0; d < rank; d++) {
        int source = how == PLAIN || rank < 2 ? d : d < 2 ? rank - 1 - d : d - 2;
        shape[d] = from->shape[source];
        stride[d] = steps[source];
    }
    if (how == DEPTHWISE && sides >= 1) {
        shape[0] = from->shape[sides] * from->shape[sides + 1];
        shape[1] = 1;
        stride[0] = 1;
    }
}

static mien_status add_entry(mien_archive *a, const part *p) {
    keras *k = a->own;
    const mien_tensor *info = mien_hdf5_info(k->file, p->set);
    struct role role = {p->variable, p->variable, PLAIN};
    int64_t shape[MIEN_RANK_MAX], stride[MIEN_RANK_MAX];
    mien_archive_entry *entry = NULL;
    if (!info) {
        mien_tensor *none = NULL; /* says why */
        mien_status status = mien_hdf5_load(k->file, p->set, &none);
        mien_tensor_free(&none);
        return status;
    }
    for (size_t i = 0; i < ROLES; i++) {
        if (strcmp(p->variable, roles[i].keras) == 0) {
            role = roles[i];
        }
    }
    if (role.how == KERNEL && strcmp(p->variable, "kernel") == 0 &&
        marked(&k->depthwise, p->layer)) {
        role.how = DEPTHWISE;
    }
    bool separable = marked(&k->separable, p->layer);
    const char *between = separable && role.how == DEPTHWISE            ? "depthwise."
                          : separable && strcmp(role.ours, "bias") == 0 ? "pointwise."
                                                                        : "";
    mien_string name;
    mien_string_init(&name);
    mien_string_addf(&name, "%s.%s%s", p->layer, between, role.ours);
    mien_status status = mien_string_status(&name);
    if (status == MIEN_OK) {
        arrange(info, role.how, shape, stride);
        status = mien_archive_add(a, name.text, info->dtype, info->rank, shape, &entry);
    }
    if (status == MIEN_OK) {
        memcpy(entry->stride, stride, sizeof stride[0] * (size_t)info->rank);
        entry->storage = p->set;
    }
    mien_string_clear(&name);
    return status;
}

/* A batch-norm without scale has the scale 1. */
static mien_status add_scale(mien_archive *a, const part *p) {
    keras *k = a->own;
    const mien_tensor *info = mien_hdf5_info(k->file, p->set);
    mien_archive_entry *entry = NULL;
    mien_string name;
    mien_string_init(&name);
    mien_string_addf(&name, "%s.weight", p->layer);
    mien_status status = mien_string_status(&name);
    if (status == MIEN_OK && mien_archive_find(a, name.text) < 0) {
        status =
            mien_archive_add(a, name.text, MIEN_F32, info->rank, info->shape, &entry);
        if (status == MIEN_OK) {
            entry->storage = p->set;
            entry->offset = SCALE_OF_ONE;
        }
    }
    mien_string_clear(&name);
    return status;
}

static mien_status add_entries(mien_archive *a) {
    keras *k = a->own;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < k->count; i++) {
        if (strcmp(k->parts[i].variable, "pointwise_kernel") == 0) {
            status = mark(&k->separable, k->parts[i].layer);
        }
    }
    status = status ? status : count_anew(a);
    for (int64_t i = 0; status == MIEN_OK && i < k->count; i++) {
        status = add_entry(a, &k->parts[i]);
    }
    for (int64_t i = 0; status == MIEN_OK && i < k->count; i++) {
        const char *variable = k->parts[i].variable;
        if (strcmp(variable, "moving_variance") == 0 ||
            strcmp(variable, "running_std") == 0) {
            status = add_scale(a, &k->parts[i]);
        }
    }
    return status;
}

/* Any other file: paths with dots, shapes as they are; what is no number is left out.
 */
static mien_status add_plain(mien_archive *a) {
    keras *k = a->own;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_hdf5_count(k->file); i++) {
        const mien_tensor *info = mien_hdf5_info(k->file, i);
        if (!info) {
            continue;
        }
        mien_archive_entry *entry = NULL;
        char *name = mien_strdup(mien_hdf5_name(k->file, i));
        for (char *c = name; c && *c; c++) {
            *c = *c == '/' ? '.' : *c;
        }
        status = name ? mien_archive_add(
                            a, name, info->dtype, info->rank, info->shape, &entry)
                      : MIEN_ENOMEM;
        if (status == MIEN_OK) {
            entry->storage = i;
        }
        mien_free(name);
    }
    return status;
}

/* The group that lists the layers; NULL: none. */
static mien_status find_layers(keras *k, const char **group) {
    static const char *const groups[] = {"", "model_weights"};
    static const char *const names[] = {"layer_names", "layer_names0"};
    *group = NULL;
    for (int g = 0; g < 2; g++) {
        for (int n = 0; n < 2 && mien_hdf5_has_group(k->file, groups[g]); n++) {
            char **texts = NULL;
            int64_t count = 0;
            mien_status status =
                mien_hdf5_texts(k->file, groups[g], names[n], &texts, &count);
            mien_names_free(&texts, count);
            if (status == MIEN_OK) {
                *group = groups[g];
                return MIEN_OK;
            }
            if (status != MIEN_ENOTFOUND) {
                return status;
            }
        }
    }
    return MIEN_OK;
}

static mien_status open_h5(mien_archive *a) {
    keras *k = mien_alloc(1, sizeof *k);
    const char *layers = NULL;
    if (!k) {
        return MIEN_ENOMEM;
    }
    a->own = k;
    mien_status status = mien_hdf5_open_memory(a->path, a->bytes, a->count, &k->file);
    if (status == MIEN_OK) {
        status = find_layers(k, &layers);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (layers) {
        status = read_config(a);
        status = status == MIEN_OK ? each_text(a, layers, "layer_names", take_layer)
                                   : status;
        return status == MIEN_OK ? add_entries(a) : status;
    }
    if (!is_numbered(k)) {
        return add_plain(a);
    }
    for (int64_t set = 0; status == MIEN_OK && set < mien_hdf5_count(k->file);) {
        status = add_numbered(a, &set);
    }
    return status == MIEN_OK ? add_entries(a) : status;
}

/* The stored values come first: room for the tensor is made only when the file has
 * shown that it holds what its header claims. */
static mien_status load_h5(
    mien_archive *a, const mien_archive_entry *entry, mien_tensor **tensor) {
    keras *k = a->own;
    mien_tensor *stored = NULL, *made = NULL;
    mien_status status = mien_hdf5_load(k->file, entry->storage, &stored);
    status = status ? status
                    : mien_tensor_new(entry->info.dtype, entry->info.rank,
                          entry->info.shape, &made);
    if (status == MIEN_OK && entry->offset == SCALE_OF_ONE) {
        float *values = made->data;
        for (int64_t i = 0; i < mien_tensor_count(made); i++) {
            values[i] = 1;
        }
    } else if (status == MIEN_OK) {
        mien_archive_gather(entry, stored->data, made);
    }
    mien_tensor_free(&stored);
    *tensor = made;
    return status;
}

const mien_archive_kind mien_archive_h5 = {
    .name = "h5",
    .summary = "HDF5: weights of Keras, or any data sets",
    .matches = matches,
    .open = open_h5,
    .load = load_h5,
    .close = close_h5,
};
