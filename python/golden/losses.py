# SPDX-License-Identifier: MIT
"""Values for tests/train/test_loss.c: python losses.py FOLDER writes losses.tsv.

Every case is computed in float64 by torch.nn.functional where it has the loss, and else by
the paper's formula in torch, the gradient by autograd. Predictions, shares and weights are
rounded to a few binary digits, so that they are the same as float and as text.
"""
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(4)
out = open(sys.argv[1] + "/losses.tsv", "w")
out.write("loss\toptions\trows\tclasses\tprediction\tlabels\tvalues\trow_weights\t"
          "class_weights\tclass_counts\tloss_value\tgradient\n")


def some(*shape, scale=2.0):
    """Numbers with 8 binary digits behind the point."""
    return (torch.randn(*shape, dtype=torch.float64) * scale * 256).round() / 256


def votes(rows, classes):
    """Shares in 64ths."""
    count = torch.multinomial(torch.rand(rows, classes) + 0.1, 64, replacement=True)
    return torch.stack([torch.bincount(c, minlength=classes) for c in count]).double() / 64


def text(values, form="%.17g"):
    return "n/a" if values is None else " ".join(form % v for v in values.flatten().tolist())


def case(name, options, z, labels, values, row_weights, class_weights, counts, loss, classes):
    z = z.clone().requires_grad_()
    value = loss(z)
    gradient, = torch.autograd.grad(value, z)
    cells = [name, options, str(len(z)), str(classes), text(z.detach()), text(labels),
             text(values), text(row_weights), text(class_weights), text(counts),
             "%.13g" % value.item(), text(gradient, "%.13g")]
    out.write("\t".join(cells) + "\n")


def mean(parts, divisors, r):
    """Weighted mean over rows; r None: all 1."""
    r = torch.ones(len(parts), dtype=torch.float64) if r is None else r
    return (r * parts).sum() / (r * divisors).sum()


N, K = 7, 5
weights = torch.tensor([0.5, 2.0, 1.0, 0.25, 1.5], dtype=torch.float64)
rows = torch.tensor([1, 0.5, 0, 2, 1, 0.25, 3], dtype=torch.float64)
counts = torch.tensor([100, 7, 30, 1, 62])
one = torch.ones(N, dtype=torch.float64)

for w in None, weights:
    for smoothing in 0.0, 0.25:
        options = "smoothing=%g" % smoothing
        for r in None, rows:
            z, y, s = some(N, K), torch.randint(K, (N,)), votes(N, K)

            def hard(z):
                if r is None:
                    return F.cross_entropy(z, y, w, label_smoothing=smoothing)
                parts = F.cross_entropy(z, y, w, label_smoothing=smoothing, reduction="none")
                return mean(parts, one if w is None else w[y], r)

            def soft(z):
                if r is None:
                    return F.cross_entropy(z, s, w, label_smoothing=smoothing)
                parts = F.cross_entropy(z, s, w, label_smoothing=smoothing, reduction="none")
                return mean(parts, one, r)

            case("cross_entropy", options, z, y, None, r, w, None, hard, K)
            case("cross_entropy", options, z, None, s, r, w, None, soft, K)
            case("double_softmax", options, z, y, None, r, w, None,
                 lambda z: hard(F.softmax(z, 1)), K)
            case("double_softmax", options, z, None, s, r, w, None,
                 lambda z: soft(F.softmax(z, 1)), K)
            for tau in 1.0, 0.5:
                prior = tau * torch.log(counts / counts.sum().double())
                case("logit_adjustment", options + " tau=%g" % tau, z, y, None, r, w, counts,
                     lambda z: hard(z + prior), K)
                case("logit_adjustment", options + " tau=%g" % tau, z, None, s, r, w, counts,
                     lambda z: soft(z + prior), K)

for gamma in 0.0, 0.5, 2.0, 3.0:
    for w in None, weights:
        for r in None, rows:
            for shares in False, True:
                z = some(N, K)
                y = votes(N, K) if shares else torch.randint(K, (N,))

                def focal(z):
                    ce = F.cross_entropy(z, y, w, reduction="none")
                    return mean((1 - torch.exp(-ce)) ** gamma * ce, one, r)

                case("focal", "gamma=%g" % gamma, z, None if shares else y,
                     y if shares else None, r, w, None, focal, K)

for w in None, weights:
    for r in None, rows:
        z, y = some(N, K - 1), torch.randint(K, (N,))

        def corn(z):
            """Each threshold's binary cross-entropy over the rows that reach it, together."""
            own = (one if w is None else w[y]) * (one if r is None else r)
            above = divisor = 0
            for k in range(K - 1):
                seen = y >= k
                part = F.binary_cross_entropy_with_logits(
                    z[seen, k], (y[seen] > k).double(), reduction="none")
                above = above + (own[seen] * part).sum()
                divisor = divisor + own[seen].sum()
            return above / divisor

        case("ordinal", "", z, y, None, r, w, None, corn, K)

for r in None, rows:
    p, t = some(N, 3), some(N, 3, scale=1.5)
    own = (one if r is None else r)[:, None].expand(N, 3)
    case("mse", "", p, None, t, r, None, None, lambda p: F.mse_loss(p, t, weight=own), 3)
    case("mae", "", p, None, t, r, None, None, lambda p: F.l1_loss(p, t, weight=own), 3)
    for delta in 1.0, 0.5:
        case("huber", "delta=%g" % delta, p, None, t, r, None, None,
             lambda p: (own * F.huber_loss(p, t, delta=delta, reduction="none")).sum()
             / own.sum(), 3)

    def ccc(p):
        share = own / own.sum(0)
        mt, mp = (share * t).sum(0), (share * p).sum(0)
        vt, vp = (share * (t - mt) ** 2).sum(0), (share * (p - mp) ** 2).sum(0)
        cov = (share * (t - mt) * (p - mp)).sum(0)
        return (1 - 2 * cov / (vt + vp + (mt - mp) ** 2)).mean()

    case("ccc", "", p, None, t, r, None, None, ccc, 3)
    for a, b, c in (1.0, 1.0, 0.0), (0.5, 2.0, 0.25), (0.0, 0.5, 1.0):
        case("mixed", "mse=%g ccc=%g mae=%g" % (a, b, c), p, None, t, r, None, None,
             lambda p: a * F.mse_loss(p, t, weight=own) + b * ccc(p)
             + c * F.l1_loss(p, t, weight=own), 3)

out.close()
print("torch", torch.__version__)
