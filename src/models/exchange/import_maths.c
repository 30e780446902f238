/* SPDX-License-Identifier: MIT */
/* Operators on each value: functions of one, two or three of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/exchange/import.h"

/* ---- one value ---------------------------------------------------------------------
 */

static void unary(mien_importing *im) {
    bool rows;
    mien_import_value *v = mien_import_in(im, 0);
    mien_node x = mien_import_any(im, v, &rows);
    mien_import_give(im, 0,
        mien_import_one(im, "unary", x, "function=%s", im->at->row->how), rows,
        v ? v->rank : 0);
}

/* A row of mien's of its own, or one of `activation`, as `how` says. */
static void plain(mien_importing *im) {
    bool rows;
    mien_import_value *v = mien_import_in(im, 0);
    mien_node x = mien_import_any(im, v, &rows);
    const char *how = im->at->row->how;
    const char *space = strchr(how, ' ');
    mien_node y = space ? mien_import_one(im, "activation", x, "function=%s", space + 1)
                        : mien_import_one(im, how, x, "%s", "");
    mien_import_give(im, 0, y, rows, v ? v->rank : 0);
}

static void same(mien_importing *im) {
    mien_import_value *v = mien_import_in(im, 0);
    if (mien_import_wanted(im, 1)) { /* Dropout's mask */
        mien_import_fail(im, MIEN_EUNSUPPORTED, "its second output is not given");
    } else if (v) {
        mien_import_give_same(im, 0, v);
    }
}

static void dropout(mien_importing *im) {
    mien_import_value *mode = mien_import_in(im, 2);
    if (mode && (!mode->constant || mien_import_scalar(mode) != 0)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "it drops values: training mode");
        return;
    }
    same(im);
}

/* Functions with one or two constants: attribute names and usual values. */
static void with_constants(mien_importing *im) {
    static const struct {
        const char *op, *target, *a, *b;
        double usual_a, usual_b;
    } rows[] = {
        {"LeakyRelu", "leaky_relu alpha", "alpha", NULL, 0.01, 0},
        {"Elu", "elu alpha", "alpha", NULL, 1, 0},
        {"HardSigmoid", "activation hardsigmoid", "alpha", "beta", 0.2, 0.5},
        {"Swish", "activation silu", "alpha", NULL, 1, 0},
        {"Celu", "unary celu", "alpha", NULL, 1, 0},
        {"Selu", "unary selu", "alpha", "gamma", 1.67326319217681884765625,
            1.05070102214813232421875},
        {"ThresholdedRelu", "unary threshold", "alpha", NULL, 1, 0},
    };
    char a[32], b[32];
    bool in_rows;
    int r = 0;
    while (strcmp(rows[r].op, im->at->row->op) != 0) {
        r++;
    }
    mien_import_value *v = mien_import_in(im, 0);
    mien_node x = mien_import_any(im, v, &in_rows), y;
    mien_format_float((float)mien_import_number(im, rows[r].a, rows[r].usual_a), a);
    mien_format_float(
        rows[r].b ? (float)mien_import_number(im, rows[r].b, rows[r].usual_b) : 0, b);
    const char *target = rows[r].target, *space = strchr(target, ' ');
    if (target[0] == 'l' || target[0] == 'e') {
        y = mien_import_one(
            im, target[0] == 'l' ? "leaky_relu" : "elu", x, "alpha=%s", a);
    } else if (target[0] == 'a') {
        y = mien_import_one(
            im, "activation", x, "function=%s alpha=%s beta=%s", space + 1, a, b);
    } else {
        y = mien_import_one(im, "unary", x, "function=%s alpha=%s%s%s", space + 1, a,
            strcmp(space + 1, "celu") ? " beta=" : "",
            strcmp(space + 1, "celu") ? b : "");
    }
    mien_import_give(im, 0, y, in_rows, v ? v->rank : 0);
}

/* A limit of Clip: an attribute of old files, an input of new ones. */
static double limit_of(mien_importing *im, const char *name, int k, double usual) {
    mien_import_value *v = mien_import_in(im, k);
    if (v && !v->constant) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "its limit %s is computed", name);
        return usual;
    }
    return v ? mien_import_scalar(v) : mien_import_number(im, name, usual);
}

static void clip(mien_importing *im) {
    const double most = 3.4028234663852886e38;
    char a[32], b[32];
    bool rows;
    double low = limit_of(im, "min", 1, -most), high = limit_of(im, "max", 2, most);
    mien_import_value *v = mien_import_in(im, 0);
    mien_node x = mien_import_any(im, v, &rows);
    low = low < -most ? -most : low;
    high = high > most ? most : high;
    mien_node y =
        low == 0 && high == 6 ? mien_import_one(im, "relu6", x, "%s", "")
        : low == 0 && high >= most
            ? mien_import_one(im, "relu", x, "%s", "")
            : mien_import_one(im, "activation", x, "function=clip alpha=%s beta=%s",
                  mien_format_float((float)(low > high ? high : low), a),
                  mien_format_float((float)high, b));
    mien_import_give(im, 0, y, rows, v ? v->rank : 0);
}

static void gelu(mien_importing *im) {
    bool rows;
    mien_import_value *v = mien_import_in(im, 0);
    const char *form = mien_import_text(im, "approximate", "none");
    mien_node x = mien_import_any(im, v, &rows), y;
    if (strcmp(form, "none") == 0) {
        y = mien_import_one(im, "gelu", x, "%s", "");
    } else { /* x σ(2 √(2/π) (x + 0.044715 x³)), which is its form with tanh */
        mien_node cube = mien_import_one(im, "unary", x, "function=pow alpha=3");
        mien_node part =
            mien_import_one(im, "unary", cube, "function=scale alpha=0.044715 beta=0");
        mien_node sum = mien_import_add(im, "add", (mien_node[]){x, part}, 2, "%s", "");
        mien_node scaled = mien_import_one(
            im, "unary", sum, "function=scale alpha=1.5957691216057308 beta=0");
        mien_node gate = mien_import_one(im, "sigmoid", scaled, "%s", "");
        y = mien_import_add(im, "multiply", (mien_node[]){x, gate}, 2, "%s", "");
    }
    mien_import_give(im, 0, y, rows, v ? v->rank : 0);
}

static void cast(mien_importing *im) {
    int64_t to = mien_import_int(im, "to", 1);
    bool real = to == 1 || to == 10 || to == 11 || to == 16;
    mien_import_value *v = mien_import_in(im, 0);
    if (real && v) {
        mien_import_give_same(im, 0, v);
    } else {
        mien_import_fail(im, MIEN_EUNSUPPORTED,
            "it makes whole numbers (type %lld) of computed values", (long long)to);
    }
}

/* CastLike: real numbers stay what they are. */
static void cast_like(mien_importing *im) {
    mien_import_value *like = mien_import_in(im, 1), *v = mien_import_in(im, 0);
    if (v && like && like->type == MIEN_IMPORT_FLOAT) {
        mien_import_give_same(im, 0, v);
    } else {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "it makes whole numbers of real ones");
    }
}

/* ---- two values
 * ------------------------------------------------------------------------ */

static bool is_ones_before(const mien_import_value *v, int rank) {
    return v->rank < rank || (v->rank == rank && v->shape[0] == 1);
}

/* A computed value and one number. */
static mien_node with_number(
    mien_importing *im, const char *how, mien_node x, double c, bool first) {
    char a[32], b[32];
    double alpha = 1, beta = 0;
    if (strcmp(how, "mul") == 0) {
        alpha = c;
    } else if (strcmp(how, "add") == 0) {
        beta = c;
    } else if (strcmp(how, "sub") == 0) {
        alpha = first ? -1 : 1;
        beta = first ? c : -c;
    } else if (strcmp(how, "div") == 0 && !first && c != 0) {
        alpha = 1 / c;
    } else if (strcmp(how, "pow") == 0 && !first) {
        return c == 2     ? mien_import_one(im, "unary", x, "function=square")
               : c == 0.5 ? mien_import_one(im, "unary", x, "function=sqrt")
                          : mien_import_one(im, "unary", x, "function=pow alpha=%s",
                                mien_format_double(c, a));
    } else {
        return -1;
    }
    return mien_import_one(im, "unary", x, "function=scale alpha=%s beta=%s",
        mien_format_double(alpha, a), mien_format_double(beta, b));
}

static mien_node join(mien_importing *im, const char *how, mien_node a, mien_node b) {
    int64_t sa[MIEN_RANK_MAX], sb[MIEN_RANK_MAX];
    int ra = mien_graph_shape(im->graph, a, sa),
        rb = mien_graph_shape(im->graph, b, sb);
    bool equal = ra == rb, second = ra == rb, first = ra == rb;
    for (int d = 0; d < ra && d < rb; d++) {
        equal = equal && sa[d] == sb[d];
        second = second && (sb[d] == sa[d] || (d > 0 && sb[d] == 1));
        first = first && (sa[d] == sb[d] || (d > 0 && sa[d] == 1));
    }
    const char *row = strcmp(how, "add") == 0   ? "add"
                      : strcmp(how, "mul") == 0 ? "multiply"
                                                : NULL;
    if (im->status == MIEN_OK && row && (equal || second || first)) {
        mien_node pair[2] = {second ? a : b, second ? b : a};
        return mien_import_add(im, row, pair, 2, "%s", "");
    }
    return mien_import_add(im, "binary", (mien_node[]){a, b}, 2, "function=%s", how);
}

/* Whole, with ones behind the batch up to a rank. */
static mien_node raised(mien_importing *im, mien_import_value *v, int rank) {
    mien_node x = mien_import_whole(im, v);
    int own = v->rank ? v->rank : 1;
    if (own >= rank) {
        return x;
    }
    int64_t shape[MIEN_RANK_MAX];
    for (int d = 0; d < rank; d++) {
        shape[d] = d < rank - v->rank ? 1 : v->shape[d - (rank - v->rank)];
    }
    return mien_import_reshape(im, x, rank, shape);
}

static mien_node constant_for(
    mien_importing *im, mien_import_value *c, bool rows, int rank) {
    bool cut = rows && c->rank == rank;
    return mien_import_constant_node(im, c, c->rank - cut, c->shape + cut, true);
}

/* how: function of `binary`. The result's rank is that of the longer shape. */
static void apply_two(mien_importing *im, const char *how, int k, mien_import_value *a,
    mien_import_value *b) {
    if (im->status != MIEN_OK || !a || !b) {
        mien_import_fail(im, MIEN_EFORMAT, "an input is missing");
        return;
    }
    int rank = a->rank > b->rank ? a->rank : b->rank;
    mien_import_value *c = a->constant ? a : b->constant ? b : NULL;
    mien_import_value *v = c == a ? b : a;
    if (c && c != v && !v->constant) {
        bool rows = v->rows >= 0 && v->rank == rank && is_ones_before(c, rank);
        bool in_rows = v->rows >= 0;
        if (mien_import_values(c) == 1 && c->rank <= v->rank) {
            mien_node x = mien_import_any(im, v, &in_rows);
            mien_node y = with_number(im, how, x, mien_import_scalar(c), c == a);
            if (y >= 0 || im->status != MIEN_OK) {
                mien_import_give(im, k, y, in_rows, rank);
                return;
            }
        }
        mien_node x = rows ? v->rows : raised(im, v, rank);
        mien_node n = constant_for(im, c, rows, rank);
        mien_node y = mien_import_add(im, "binary",
            c == a ? (mien_node[]){n, x} : (mien_node[]){x, n}, 2, "function=%s", how);
        mien_import_give(im, k, y, rows, rank);
        return;
    }
    bool rows = a->rank == b->rank && rank >= 2 && a->shape[0] == b->shape[0] &&
                (a->rows >= 0 || b->rows >= 0);
    mien_node x = rows ? mien_import_rows(im, a) : raised(im, a, rank);
    mien_node y = rows ? mien_import_rows(im, b) : raised(im, b, rank);
    if (im->status == MIEN_OK) {
        mien_import_give(im, k, join(im, how, x, y), rows, rank);
    }
}

static void binary(mien_importing *im) {
    /* before version 7 the second value could be laid along an axis of the first */
    if (im->m->opset < 7 && mien_import_int(im, "broadcast", 0)) {
        mien_import_value *a = mien_import_in(im, 0), *b = mien_import_in(im, 1);
        int64_t axis = mien_import_int(im, "axis", -1);
        if (a && b && axis >= 0 && b->constant && axis + b->rank <= a->rank) {
            while (b->rank < a->rank - axis) {
                b->shape[b->rank++] = 1;
            }
            apply_two(im, im->at->row->how, 0, a, b);
            return;
        }
    }
    apply_two(im, im->at->row->how, 0, mien_import_in(im, 0), mien_import_in(im, 1));
}

/* Sum, Max, Min of any number of values: two by two. */
static void several(mien_importing *im) {
    int count = mien_import_count(im);
    mien_import_value *first = mien_import_in(im, 0);
    if (count == 1 && first) {
        mien_import_give_same(im, 0, first);
    }
    if (count < 2 || !first || im->at->out[0] < 0) {
        return;
    }
    mien_import_value sum = *first;
    mien_import_value *own = &im->values[im->at->out[0]];
    for (int k = 1; k < count && im->status == MIEN_OK; k++) {
        mien_import_value *next = mien_import_in(im, k);
        own->whole = own->rows = -1;
        apply_two(im, strcmp(im->at->row->how, "mean") ? im->at->row->how : "add", 0,
            &sum, next);
        sum = *own;
    }
    if (im->status == MIEN_OK && strcmp(im->at->row->how, "mean") == 0) {
        char text[32];
        bool rows;
        mien_node x = mien_import_any(im, &sum, &rows);
        own->whole = own->rows = -1;
        mien_import_give(im, 0,
            mien_import_one(im, "unary", x, "function=scale alpha=%s beta=0",
                mien_format_double(1.0 / count, text)),
            rows, sum.rank);
    }
}

/* a mod b = a − b ⌊a / b⌋, or the remainder of C where fmod is asked for. */
static void mod(mien_importing *im) {
    mien_import_value *a = mien_import_in(im, 0), *b = mien_import_in(im, 1);
    if (!a || !b || mien_import_int(im, "fmod", 0)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "fmod of computed values");
        return;
    }
    int rank = a->rank > b->rank ? a->rank : b->rank;
    mien_node x = raised(im, a, rank), y = raised(im, b, rank);
    mien_node q = join(im, "div", x, y);
    mien_node f = mien_import_one(im, "unary", q, "function=floor");
    mien_import_give(im, 0, join(im, "sub", x, join(im, "mul", f, y)), false, rank);
}

static void prelu(mien_importing *im) {
    mien_import_value *x = mien_import_in(im, 0), *s = mien_import_in(im, 1);
    int64_t channels = x && x->rank > 1 ? x->shape[1] : 1;
    int64_t count = s ? mien_import_values(s) : 0;
    bool alike =
        s && s->constant && x && x->rank >= 2 &&
        (count == 1 || (count == channels &&
                           (s->rank == 1            ? im->m->opset < 7 || x->rank == 2
                               : s->rank == x->rank ? s->shape[1] == channels
                                                    : s->rank == x->rank - 1 &&
                                                          s->shape[0] == channels)));
    if (alike) {
        mien_import_call(im, s);
        mien_node y = mien_import_one(
            im, "prelu", mien_import_rows(im, x), "slopes=%lld", (long long)count);
        mien_import_fill_copy(im, y, "weight", s);
        mien_import_give_rows(im, 0, y);
        return;
    }
    if (!x || !s) {
        mien_import_fail(im, MIEN_EFORMAT, "an input is missing");
        return;
    }
    /* max(x, 0) + slope · min(x, 0) */
    int rank = x->rank > s->rank ? x->rank : s->rank;
    mien_node whole = raised(im, x, rank);
    mien_node up = mien_import_one(im, "relu", whole, "%s", "");
    mien_node turned = mien_import_one(im, "unary", whole, "function=neg");
    mien_node down = mien_import_one(
        im, "unary", mien_import_one(im, "relu", turned, "%s", ""), "function=neg");
    mien_node slope =
        s->constant ? constant_for(im, s, false, rank) : raised(im, s, rank);
    mien_node part =
        mien_import_add(im, "binary", (mien_node[]){down, slope}, 2, "function=mul");
    mien_import_give(im, 0, join(im, "add", up, part), false, rank);
}

static mien_node operand(mien_importing *im, mien_import_value *v, int rank) {
    return v->constant ? constant_for(im, v, false, rank) : raised(im, v, rank);
}

static void where(mien_importing *im) {
    int rank = 0;
    mien_node x[3];
    for (int k = 0; k < 3; k++) {
        mien_import_value *v = mien_import_in(im, k);
        if (!v) {
            mien_import_fail(im, MIEN_EFORMAT, "an input is missing");
            return;
        }
        rank = v->rank > rank ? v->rank : rank;
    }
    for (int k = 0; k < 3; k++) {
        x[k] = operand(im, mien_import_in(im, k), rank);
    }
    /* all but the batch may be constants; then the batch is in none of the longest */
    mien_import_give_whole(im, 0, mien_import_add(im, "where", x, 3, "%s", ""), rank);
}

/* Truths are 1 and 0. */
static void logic(mien_importing *im) {
    mien_import_value *a = mien_import_in(im, 0), *b = mien_import_in(im, 1);
    const char *how = im->at->row->how;
    if (!a || !b) {
        mien_import_fail(im, MIEN_EFORMAT, "an input is missing");
        return;
    }
    if (strcmp(how, "xor")) {
        apply_two(im, strcmp(how, "and") ? "max" : "min", 0, a, b);
        return;
    }
    int rank = a->rank > b->rank ? a->rank : b->rank;
    mien_node same_both = mien_import_add(im, "binary",
        (mien_node[]){operand(im, a, rank), operand(im, b, rank)}, 2, "function=equal");
    mien_import_give_whole(
        im, 0, mien_import_one(im, "unary", same_both, "function=not"), rank);
}

/* ---- folding
 * ---------------------------------------------------------------------------- */

/* Place in an operand of value i of the result. */
static int64_t place(
    const mien_import_value *v, int rank, const int64_t *shape, int64_t i) {
    int64_t at = 0, stride = 1;
    for (int d = rank - 1; d >= rank - v->rank && d >= 0; d--) {
        int64_t own = v->shape[d - (rank - v->rank)];
        at += own == 1 ? 0 : i % shape[d] * stride;
        stride *= own;
        i /= shape[d];
    }
    return at;
}

static int shape_of(mien_importing *im, int64_t *shape) {
    int rank = 0;
    for (int k = 0; k < mien_import_count(im); k++) {
        const mien_import_value *v = mien_import_in(im, k);
        rank = v && v->rank > rank ? v->rank : rank;
    }
    for (int d = 0; d < rank; d++) {
        shape[d] = 1;
        for (int k = 0; k < mien_import_count(im); k++) {
            const mien_import_value *v = mien_import_in(im, k);
            int at = v ? d - (rank - v->rank) : -1;
            int64_t own = at >= 0 ? v->shape[at] : 1;
            if (own != 1 && shape[d] != 1 && own != shape[d]) {
                mien_import_fail(
                    im, MIEN_ESHAPE, "its constants do not fit each other");
            }
            shape[d] = own != 1 ? own : shape[d];
        }
    }
    return rank;
}

static double real_of(const char *how, double a, double b) {
    return strcmp(how, "add") == 0             ? a + b
           : strcmp(how, "sub") == 0           ? a - b
           : strcmp(how, "mul") == 0           ? a * b
           : strcmp(how, "div") == 0           ? a / b
           : strcmp(how, "pow") == 0           ? pow(a, b)
           : strcmp(how, "max") == 0           ? (a > b ? a : b)
           : strcmp(how, "min") == 0           ? (a < b ? a : b)
           : strcmp(how, "mod") == 0           ? a - b * floor(a / b)
           : strcmp(how, "equal") == 0         ? a == b
           : strcmp(how, "less") == 0          ? a < b
           : strcmp(how, "less_equal") == 0    ? a <= b
           : strcmp(how, "greater") == 0       ? a > b
           : strcmp(how, "greater_equal") == 0 ? a >= b
           : strcmp(how, "and") == 0           ? a && b
           : strcmp(how, "or") == 0            ? a || b
                                               : !a != !b;
}

/* Without overflow that C does not define. */
static int64_t whole_of(const char *how, int64_t a, int64_t b, bool *good) {
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    if (strcmp(how, "add") == 0) {
        return (int64_t)(x + y);
    }
    if (strcmp(how, "sub") == 0) {
        return (int64_t)(x - y);
    }
    if (strcmp(how, "mul") == 0) {
        return (int64_t)(x * y);
    }
    if (strcmp(how, "div") == 0 || strcmp(how, "mod") == 0) {
        if (b == 0 || (a == INT64_MIN && b == -1)) {
            *good = false;
            return 0;
        }
        int64_t rest = a % b;
        return how[0] == 'd'                        ? a / b
               : rest != 0 && (rest < 0) != (b < 0) ? rest + b
                                                    : rest;
    }
    if (strcmp(how, "max") == 0 || strcmp(how, "min") == 0) {
        return (how[1] == 'a') == (a > b) ? a : b;
    }
    if (strcmp(how, "pow") == 0) {
        double value = pow((double)a, (double)b);
        *good = *good && fabs(value) < 9e15;
        return *good ? (int64_t)value : 0;
    }
    return (int64_t)(strcmp(how, "equal") == 0           ? a == b
                     : strcmp(how, "less") == 0          ? a < b
                     : strcmp(how, "less_equal") == 0    ? a <= b
                     : strcmp(how, "greater") == 0       ? a > b
                     : strcmp(how, "greater_equal") == 0 ? a >= b
                     : strcmp(how, "and") == 0           ? a && b
                     : strcmp(how, "or") == 0            ? a || b
                                                         : !a != !b);
}

static bool tells(const char *how) {
    static const char *const names[] = {
        "equal", "less", "less_equal", "greater", "greater_equal", "and", "or", "xor"};
    for (int i = 0; i < 8; i++) {
        if (strcmp(how, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* One step of two operands, the first of which may be what came before. */
static void fold_pair(mien_importing *im, const mien_import_value *a,
    const mien_import_value *b, int rank, const int64_t *shape, const char *how,
    mien_tensor *to) {
    bool real = a->type == MIEN_IMPORT_FLOAT || b->type == MIEN_IMPORT_FLOAT;
    bool good = true;
    for (int64_t i = 0; i < mien_tensor_count(to); i++) {
        int64_t p = place(a, rank, shape, i), q = place(b, rank, shape, i);
        if (real) {
            double x = a->type == MIEN_IMPORT_FLOAT
                           ? (double)mien_import_floats(a)[p]
                           : (double)mien_import_whole_numbers(a)[p];
            double y = b->type == MIEN_IMPORT_FLOAT
                           ? (double)mien_import_floats(b)[q]
                           : (double)mien_import_whole_numbers(b)[q];
            double value = real_of(how, x, y);
            if (to->dtype == MIEN_F32) {
                ((float *)to->data)[i] = (float)value;
            } else {
                ((int64_t *)to->data)[i] = (int64_t)value;
            }
        } else {
            ((int64_t *)to->data)[i] = whole_of(how, mien_import_whole_numbers(a)[p],
                mien_import_whole_numbers(b)[q], &good);
        }
    }
    if (!good) {
        mien_import_fail(im, MIEN_EFORMAT, "its constants cannot be divided or raised");
    }
}

static void fold_two(mien_importing *im) {
    int64_t shape[MIEN_RANK_MAX];
    const char *how = im->at->row->how;
    const mien_import_value *a = mien_import_in(im, 0), *b = mien_import_in(im, 1);
    int rank = shape_of(im, shape);
    if (!a || !b) {
        mien_import_fail(im, MIEN_EFORMAT, "an input is missing");
        return;
    }
    if (strcmp(how, "mod") == 0 && mien_import_int(im, "fmod", 0)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "fmod");
        return;
    }
    /* a power of a real number is real, of a whole one whole */
    bool real = a->type == MIEN_IMPORT_FLOAT ||
                (b->type == MIEN_IMPORT_FLOAT && strcmp(how, "pow"));
    bool truth = tells(how);
    mien_tensor *to =
        mien_import_tensor(im, real && !truth ? MIEN_F32 : MIEN_I64, rank, shape);
    if (to) {
        fold_pair(im, a, b, rank, shape, how, to);
        mien_import_give_constant(im, 0, to,
            truth  ? MIEN_IMPORT_BOOL
            : real ? MIEN_IMPORT_FLOAT
                   : MIEN_IMPORT_INT);
    }
}

static void fold_several(mien_importing *im) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = shape_of(im, shape), count = mien_import_count(im);
    const char *how = im->at->row->how;
    bool mean = strcmp(how, "mean") == 0;
    const mien_import_value *first = mien_import_in(im, 0);
    if (!first || im->status != MIEN_OK) {
        return;
    }
    mien_import_value sum = *first;
    for (int k = 1; k < count && im->status == MIEN_OK; k++) {
        const mien_import_value *next = mien_import_in(im, k);
        mien_tensor *to = mien_import_tensor(
            im, first->type == MIEN_IMPORT_FLOAT ? MIEN_F32 : MIEN_I64, rank, shape);
        if (!to || !next || next->type != first->type) {
            mien_import_fail(im, MIEN_EFORMAT, "its inputs are of several types");
            return;
        }
        fold_pair(im, &sum, next, rank, shape, mean ? "add" : how, to);
        sum.constant = to;
        sum.rank = rank;
        memcpy(sum.shape, shape, sizeof shape);
    }
    for (int64_t i = 0; mean && count > 1 && i < mien_import_values(&sum); i++) {
        ((float *)sum.constant->data)[i] /= (float)count;
    }
    mien_import_give_constant(im, 0, sum.constant, first->type);
}

static double real_one(const char *how, double x) {
    return strcmp(how, "sqrt") == 0         ? sqrt(x)
           : strcmp(how, "neg") == 0        ? -x
           : strcmp(how, "abs") == 0        ? fabs(x)
           : strcmp(how, "ceil") == 0       ? ceil(x)
           : strcmp(how, "floor") == 0      ? floor(x)
           : strcmp(how, "round") == 0      ? nearbyint(x)
           : strcmp(how, "exp") == 0        ? exp(x)
           : strcmp(how, "log") == 0        ? log(x)
           : strcmp(how, "reciprocal") == 0 ? 1 / x
           : strcmp(how, "not") == 0        ? x == 0
           : strcmp(how, "sin") == 0        ? sin(x)
           : strcmp(how, "cos") == 0        ? cos(x)
           : strcmp(how, "sign") == 0       ? (x > 0) - (x < 0)
                                            : NAN;
}

static void fold_one(mien_importing *im) {
    const mien_import_value *v = mien_import_in(im, 0);
    const char *how = im->at->row->how;
    if (!v || isnan(real_one(how, 1))) { /* this function is not folded */
        if (im->at->row->map) {
            im->at->row->map(im);
        }
        return;
    }
    mien_tensor *to = mien_import_tensor(im, v->constant->dtype, v->rank, v->shape);
    for (int64_t i = 0; to && i < mien_import_values(v); i++) {
        if (v->type == MIEN_IMPORT_FLOAT) {
            ((float *)to->data)[i] =
                (float)real_one(how, (double)mien_import_floats(v)[i]);
        } else {
            int64_t x = mien_import_whole_numbers(v)[i];
            ((int64_t *)to->data)[i] = strcmp(how, "neg") == 0 ? (int64_t) - (uint64_t)x
                                       : strcmp(how, "abs") == 0
                                           ? (x < 0 ? (int64_t) - (uint64_t)x : x)
                                       : strcmp(how, "not") == 0  ? !x
                                       : strcmp(how, "sign") == 0 ? (x > 0) - (x < 0)
                                                                  : x;
        }
    }
    mien_import_give_constant(im, 0, to, v->type);
}

static void fold_cast(mien_importing *im) {
    const mien_import_value *v = mien_import_in(im, 0), *like = mien_import_in(im, 1);
    int64_t to = mien_import_int(im, "to", 0);
    if (strcmp(im->at->row->op, "CastLike") == 0) {
        to = !like                             ? 0
             : like->type == MIEN_IMPORT_FLOAT ? 1
             : like->type == MIEN_IMPORT_BOOL  ? 9
                                               : 7;
    }
    bool real = to == 1 || to == 10 || to == 11 || to == 16;
    bool whole = (to >= 2 && to <= 7) || to == 9 || to == 12 || to == 13;
    if (!v || (!real && !whole)) {
        mien_import_fail(im, MIEN_EUNSUPPORTED, "type %lld", (long long)to);
        return;
    }
    mien_tensor *made =
        mien_import_tensor(im, real ? MIEN_F32 : MIEN_I64, v->rank, v->shape);
    for (int64_t i = 0; made && i < mien_import_values(v); i++) {
        double x = v->type == MIEN_IMPORT_FLOAT ? (double)mien_import_floats(v)[i] : 0;
        int64_t n = v->type == MIEN_IMPORT_FLOAT ? (fabs(x) < 9e18 ? (int64_t)x
                                                       : x > 0     ? INT64_MAX
                                                                   : INT64_MIN)
                                                 : mien_import_whole_numbers(v)[i];
        if (to == 9) {
            n = v->type == MIEN_IMPORT_FLOAT ? x != 0 : n != 0;
        }
        if (real) {
            ((float *)made->data)[i] =
                v->type == MIEN_IMPORT_FLOAT ? (float)x : (float)n;
        } else {
            ((int64_t *)made->data)[i] = n;
        }
    }
    mien_import_give_constant(im, 0, made,
        real      ? MIEN_IMPORT_FLOAT
        : to == 9 ? MIEN_IMPORT_BOOL
                  : MIEN_IMPORT_INT);
}

static void fold_where(mien_importing *im) {
    int64_t shape[MIEN_RANK_MAX];
    const mien_import_value *v[3];
    for (int k = 0; k < 3; k++) {
        v[k] = mien_import_in(im, k);
        if (!v[k] || (k == 0 && v[k]->type == MIEN_IMPORT_FLOAT)) {
            mien_import_fail(im, MIEN_EFORMAT, "its condition or a value is missing");
            return;
        }
    }
    int rank = shape_of(im, shape);
    mien_tensor *to = v[1]->constant->dtype == v[2]->constant->dtype
                          ? mien_import_tensor(im, v[1]->constant->dtype, rank, shape)
                          : NULL;
    for (int64_t i = 0; to && i < mien_tensor_count(to); i++) {
        int k = mien_import_whole_numbers(v[0])[place(v[0], rank, shape, i)] ? 1 : 2;
        int64_t at = place(v[k], rank, shape, i);
        if (to->dtype == MIEN_F32) {
            ((float *)to->data)[i] = mien_import_floats(v[k])[at];
        } else {
            ((int64_t *)to->data)[i] = mien_import_whole_numbers(v[k])[at];
        }
    }
    mien_import_give_constant(im, 0, to, v[1]->type);
}

const mien_import_row mien_import_maths[] = {
    {"Abs", fold_one, unary, "abs"},
    {"Acos", NULL, unary, "acos"},
    {"Acosh", NULL, unary, "acosh"},
    {"Asin", NULL, unary, "asin"},
    {"Asinh", NULL, unary, "asinh"},
    {"Atan", NULL, unary, "atan"},
    {"Atanh", NULL, unary, "atanh"},
    {"Ceil", fold_one, unary, "ceil"},
    {"Cos", fold_one, unary, "cos"},
    {"Cosh", NULL, unary, "cosh"},
    {"Erf", NULL, unary, "erf"},
    {"Exp", fold_one, unary, "exp"},
    {"Floor", fold_one, unary, "floor"},
    {"Log", fold_one, unary, "log"},
    {"Neg", fold_one, unary, "neg"},
    {"Not", fold_one, unary, "not"},
    {"Reciprocal", fold_one, unary, "reciprocal"},
    {"Round", fold_one, unary, "round"},
    {"Sign", fold_one, unary, "sign"},
    {"Sin", fold_one, unary, "sin"},
    {"Sinh", NULL, unary, "sinh"},
    {"Softsign", NULL, unary, "softsign"},
    {"Sqrt", fold_one, unary, "sqrt"},
    {"Tan", NULL, unary, "tan"},
    {"Relu", NULL, plain, "relu"},
    {"Sigmoid", NULL, plain, "sigmoid"},
    {"Tanh", NULL, plain, "tanh"},
    {"Softplus", NULL, plain, "activation softplus"},
    {"HardSwish", NULL, plain, "activation hardswish"},
    {"Mish", NULL, plain, "activation mish"},
    {"Swish", NULL, with_constants, NULL},
    {"mien.silu", NULL, plain, "activation silu"},
    {"mien.gelu", NULL, plain, "gelu"},
    {"LeakyRelu", NULL, with_constants, NULL},
    {"Elu", NULL, with_constants, NULL},
    {"HardSigmoid", NULL, with_constants, NULL},
    {"Celu", NULL, with_constants, NULL},
    {"Selu", NULL, with_constants, NULL},
    {"ThresholdedRelu", NULL, with_constants, NULL},
    {"Clip", NULL, clip, NULL},
    {"Gelu", NULL, gelu, NULL},
    {"PRelu", NULL, prelu, NULL},
    {"Identity", same, same, NULL},
    {"Dropout", same, dropout, NULL},
    {"Cast", fold_cast, cast, NULL},
    {"CastLike", fold_cast, cast_like, NULL},
    {"Add", fold_two, binary, "add"},
    {"Sub", fold_two, binary, "sub"},
    {"Mul", fold_two, binary, "mul"},
    {"Div", fold_two, binary, "div"},
    {"Pow", fold_two, binary, "pow"},
    {"Mod", fold_two, mod, "mod"},
    {"Equal", fold_two, binary, "equal"},
    {"Less", fold_two, binary, "less"},
    {"LessOrEqual", fold_two, binary, "less_equal"},
    {"Greater", fold_two, binary, "greater"},
    {"GreaterOrEqual", fold_two, binary, "greater_equal"},
    {"And", fold_two, logic, "and"},
    {"Or", fold_two, logic, "or"},
    {"Xor", fold_two, logic, "xor"},
    {"Max", fold_several, several, "max"},
    {"Min", fold_several, several, "min"},
    {"Sum", fold_several, several, "add"},
    {"Mean", fold_several, several, "mean"},
    {"Where", fold_where, where, NULL},
    {0},
};
