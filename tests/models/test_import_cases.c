/* SPDX-License-Identifier: MIT */
/* ONNX's own cases of single operators (Debian's libonnx-testdata): every one that is
 * accepted gives ONNX's values, and most are accepted. With MIEN_ONNX_TABLE the table
 * of docs/onnx.md is written to that file (python/golden/onnx_table.py puts it there).
 */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/onnx.h"
#include "mien/graphs.h"

#define FOLDER "/usr/share/libonnx-testdata/data"
#define PORTS 16

/* Operators of the two tiers that imports are judged by. */
static const char *const tier_a[] = {"Conv", "Gemm", "MatMul", "BatchNormalization",
    "Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish",
    "Tanh", "Softmax", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
    "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Concat", "Flatten",
    "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Constant",
    "Pad", "Resize", "Upsample", "ReduceMean", "Slice", "Split", "Cast", "Shape",
    "Gather", "Expand", "LRN", NULL};
static const char *const tier_b[] = {"LayerNormalization", "Erf", "Gelu", "Sqrt", "Pow",
    "Reciprocal", "ReduceL2", "ReduceSum", "ReduceMax", "Where", "Equal",
    "ConstantOfShape", "Range", "Mod", "Neg", "Abs", "Exp", "Log", "Tile", "Size",
    "Softplus", "LogSoftmax", "GroupNormalization", "ReduceL1", "ReduceLogSum",
    "ReduceLogSumExp", "ReduceMin", "ReduceProd", "ReduceSumSquare", "Floor", "Ceil",
    "Round", "Sign", "Softsign", "Selu", "Celu", "ThresholdedRelu", "Not", "Less",
    "LessOrEqual", "Greater", "GreaterOrEqual", "CumSum", "ArgMax", "ArgMin",
    "DepthToSpace", "SpaceToDepth", "Mish", "Cos", "Sin", "And", "Or", "Xor",
    "CastLike", "Hardmax", "LpNormalization", "MeanVarianceNormalization", NULL};

static bool is_in(const char *const *list, const char *op) {
    for (; *list; list++) {
        if (strcmp(*list, op) == 0) {
            return true;
        }
    }
    return false;
}

/* 'A' or 'B', 'C' for anything else. */
static char tier_of(const mien_onnx *m) {
    char tier = 'A';
    for (int i = 0; i < m->nodes_count; i++) {
        const char *op = m->nodes[i].op;
        bool a = is_in(tier_a, op), b = is_in(tier_b, op);
        tier = a ? tier : b && tier != 'C' ? 'B' : b ? tier : 'C';
    }
    return tier;
}

static bool is_real(const mien_onnx_value *v) {
    return v->dtype == MIEN_F32;
}

/* Float32 in and out, with integers and truths beside it. */
static bool in_scope(const mien_onnx *m) {
    bool in = false, out = m->outputs_count > 0;
    for (int i = 0; i < m->inputs_count; i++) {
        mien_dtype t = m->inputs[i].dtype;
        if (t != MIEN_F32 && t != MIEN_I64 && t != MIEN_I32 && t != MIEN_BOOL) {
            return false;
        }
        in = in || t == MIEN_F32;
    }
    for (int i = 0; i < m->outputs_count; i++) {
        out = out && is_real(&m->outputs[i]);
    }
    return in && out;
}

/* ---- one case
 * --------------------------------------------------------------------------- */

typedef struct one {
    char folder[512];
    mien_onnx *m;
    mien_tensor *in[PORTS], *out[PORTS];
    char reason[400];
    double worst; /* of the tolerance; above 1 is wrong */
} one;

static bool read_ports(one *c, const char *stem, int count, mien_tensor **ports) {
    for (int i = 0; i < count && i < PORTS; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/test_data_set_0/%s_%d.pb", c->folder, stem, i);
        if (!mien_file_exists(path) ||
            mien_onnx_read_tensor(path, &ports[i]) != MIEN_OK) {
            return false;
        }
    }
    return count <= PORTS;
}

static double judge(const mien_tensor *got, const mien_tensor *want) {
    double worst = 0;
    if (mien_tensor_count(got) != mien_tensor_count(want) || want->dtype != MIEN_F32) {
        return INFINITY;
    }
    for (int64_t i = 0; i < mien_tensor_count(want); i++) {
        double a = (double)((const float *)got->data)[i];
        double b = (double)((const float *)want->data)[i];
        bool same = a == b || (isnan(a) && isnan(b));
        double off = same ? 0 : fabs(a - b) / (1e-5 * fabs(b) + 1e-6);
        worst = off > worst || isnan(off) ? off : worst;
    }
    return worst;
}

static mien_status run(one *c, mien_import *import) {
    mien_plan_options o = mien_plan_options_default();
    mien_plan *plan = NULL;
    mien_node outputs[PORTS];
    o.threads = 1;
    o.measure = false;
    o.exact = true;
    o.outputs = outputs;
    o.outputs_count = mien_import_outputs(import);
    for (int i = 0; i < o.outputs_count; i++) {
        outputs[i] = mien_import_output(import, i);
    }
    mien_status status = mien_plan_new(
        mien_import_graph(import), mien_import_parameters(import), &o, &plan);
    for (int i = 0; status == MIEN_OK && i < mien_import_inputs(import); i++) {
        float *to = mien_plan_input(plan, mien_import_input(import, i));
        for (int k = 0; to && k < c->m->inputs_count; k++) {
            if (strcmp(c->m->inputs[k].name, mien_import_input_name(import, i)) == 0) {
                memcpy(to, c->in[k]->data, mien_tensor_bytes(c->in[k]));
            }
        }
    }
    if (status == MIEN_OK) {
        status = mien_plan_run(plan);
    }
    for (int i = 0; status == MIEN_OK && i < o.outputs_count; i++) {
        double off = judge(mien_plan_output(plan, i), c->out[i]);
        c->worst = off > c->worst || isnan(off) ? off : c->worst;
    }
    mien_plan_free(&plan);
    return status;
}

/* Inputs from `first` on that are real numbers are read, the others are bound; false:
 * refused. */
static bool attempt(one *c, int bound_from, const char *path) {
    mien_import_options o = mien_import_options_default();
    mien_import_bound bound[PORTS];
    mien_import_size sizes[PORTS];
    mien_import *import = NULL;
    o.whole = true;
    o.bound = bound;
    o.sizes = sizes;
    for (int i = 0; i < c->m->inputs_count; i++) {
        if (!is_real(&c->m->inputs[i]) || i >= bound_from) {
            bound[o.bound_count++] =
                (mien_import_bound){c->m->inputs[i].name, c->in[i]};
        } else {
            mien_import_size *s = &sizes[o.sizes_count++];
            *s = (mien_import_size){
                .input = c->m->inputs[i].name, .rank = c->in[i]->rank};
            memcpy(s->shape, c->in[i]->shape, sizeof s->shape);
        }
    }
    mien_status status = mien_import_open(path, &o, &import);
    if (status == MIEN_OK) {
        status = run(c, import);
    }
    const char *text = strstr(mien_error(), "node ");
    snprintf(c->reason, sizeof c->reason, "%s",
        status == MIEN_OK ? ""
        : text            ? text
                          : mien_error() + strlen(path));
    mien_import_close(&import);
    return status == MIEN_OK;
}

static void clear(one *c) {
    for (int i = 0; i < PORTS; i++) {
        mien_tensor_free(&c->in[i]);
        mien_tensor_free(&c->out[i]);
    }
    mien_onnx_free(&c->m);
}

/* 'p' right, 'r' refused, 'w' wrong, '-' out of scope. */
static char do_case(one *c, char *tier) {
    char path[600];
    snprintf(path, sizeof path, "%s/model.onnx", c->folder);
    *tier = 'C';
    if (!mien_file_exists(path) || mien_onnx_read(path, &c->m) != MIEN_OK ||
        !in_scope(c->m) || !read_ports(c, "input", c->m->inputs_count, c->in) ||
        !read_ports(c, "output", c->m->outputs_count, c->out)) {
        return '-';
    }
    for (int i = 0; i < c->m->outputs_count; i++) {
        if (mien_tensor_count(c->out[i]) == 0) {
            return '-'; /* nothing comes out: there are no such values in mien */
        }
    }
    *tier = tier_of(c->m);
    bool good = attempt(c, PORTS, path);
    for (int from = c->m->inputs_count - 1; !good && from >= 1; from--) {
        good = attempt(c, from, path);
    }
    return !good ? 'r' : c->worst <= 1 ? 'p' : 'w';
}

/* ---- all of a folder
 * ---------------------------------------------------------------------- */

typedef struct tally {
    int right[3], refused[3], wrong[3];
} tally;

static void do_folder(const char *cases, const char *name, tally *t, FILE *table) {
    char folder[512];
    char **names = NULL;
    int64_t count = 0;
    snprintf(folder, sizeof folder, "%s/%s", cases, name);
    if (mien_directory_list(folder, &names, &count) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        one c = {0};
        char tier;
        snprintf(c.folder, sizeof c.folder, "%s/%s", folder, names[i]);
        char verdict = do_case(&c, &tier);
        if (verdict != '-') {
            int *list = verdict == 'p'   ? t->right
                        : verdict == 'r' ? t->refused
                                         : t->wrong;
            list[tier - 'A']++;
            if (table) {
                fprintf(table, "%s\t%s\t%c\t%s\t%s\n", name, names[i], tier,
                    verdict == 'p'   ? "right"
                    : verdict == 'r' ? "refused"
                                     : "WRONG",
                    c.reason);
            }
            if (verdict == 'w') {
                print_error("%s/%s: off by %g tolerances\n", name, names[i], c.worst);
            }
        }
        clear(&c);
    }
    mien_names_free(&names, count);
}

static void what_is_accepted_of_onnx_s_own_cases_is_right(void **state) {
    tally t = {{0}, {0}, {0}};
    const char *path = getenv("MIEN_ONNX_TABLE");
    FILE *table = path ? fopen(path, "w") : NULL;
    (void)state;
    const char *cases = getenv("MIEN_ONNX_CASES");
    cases = cases && *cases ? cases : FOLDER;
    if (!mien_file_is_directory(cases)) {
        print_message("skipped: %s is not there (Debian's libonnx-testdata, or the "
                      "folder that MIEN_ONNX_CASES names)\n",
            cases);
        skip();
    }
    do_folder(cases, "node", &t, table);
    do_folder(cases, "pytorch-converted", &t, table);
    do_folder(cases, "pytorch-operator", &t, table);
    do_folder(cases, "simple", &t, table);
    for (int k = 0; k < 3; k++) {
        print_message("tier %c: %d right, %d refused, %d wrong\n", "ABC"[k], t.right[k],
            t.refused[k], t.wrong[k]);
    }
    if (table) {
        fclose(table);
    }
    assert_int_equal(t.wrong[0] + t.wrong[1] + t.wrong[2], 0);
    assert_true(t.right[0] >= .95 * (t.right[0] + t.refused[0]));
    assert_true(t.right[1] >= .80 * (t.right[1] + t.refused[1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_accepted_of_onnx_s_own_cases_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
