# SPDX-License-Identifier: MIT
"""Values for tests/train/test_optim.c, test_sam.c, test_average.c and test_schedule.c:
python optimisers.py FOLDER writes optimisers.tsv and schedules.tsv.

The problem: 16 values x_i in two arrays of 10 and 6 (the second with twice the rate and, where
there is decay, half of it), f = sum log cosh(a_i x_i - b_i) + (sum x_i)^2 / 50, so the gradient
is a_i tanh(a_i x_i - b_i) + (sum x_i) / 25. All in float64, by torch.optim.
"""
import math
import sys
import warnings

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.float64)
N, SPLIT = 16, 10
index = torch.arange(N, dtype=torch.float64)
A = 0.5 + 0.125 * index
B = (index * 5) % 7 - 3
START = ((index * 3) % 8 - 3.5) / 2


def loss(x):
    return torch.log(torch.cosh(A * x - B)).sum() + x.sum() ** 2 / 50


class Weights(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.x = torch.nn.Parameter(START[:SPLIT].clone())
        self.y = torch.nn.Parameter(START[SPLIT:].clone())

    def all(self):
        return torch.cat([self.x, self.y])


def groups(w, rate, decay):
    return [{"params": [w.x], "lr": rate, "weight_decay": decay},
            {"params": [w.y], "lr": 2 * rate, "weight_decay": decay / 2}]


def text(x):
    return " ".join("%.10g" % v for v in x.detach().tolist())


def sam_first(w, rho, adaptive):
    """Moves to the worst place nearby; returns where it was."""
    old = [p.detach().clone() for p in w.parameters()]
    g = [p.grad.clone() for p in w.parameters()]
    norm = torch.cat([(p.abs() if adaptive else 1) * q for p, q in zip(old, g)]).norm()
    with torch.no_grad():
        for p, o, q in zip(w.parameters(), old, g):
            p.add_((o ** 2 if adaptive else 1) * q * rho / (norm + 1e-12))
    return old


def run(out, name, options, make, rate, decay, clip_value=0, clip_norm=0, rho=0,
        adaptive=False, average=""):
    w = Weights()
    optimiser = make(groups(w, rate, decay))
    averaged = None
    if average == "ema":
        averaged = AveragedModel(w, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    elif average == "mean":
        averaged = AveragedModel(w)
    cells = [name, options, "%g" % rate, "%g" % clip_value, "%g" % clip_norm, "%g" % rho,
             "%d" % adaptive, average or "n/a"]
    for step in range(50):
        for group, times in zip(optimiser.param_groups, (1, 2)):
            group["lr"] = times * rate / (1 + step / 10)
        optimiser.zero_grad()
        loss(w.all()).backward()
        if rho:
            old = sam_first(w, rho, adaptive)
            optimiser.zero_grad()
            loss(w.all()).backward()
            with torch.no_grad():
                for p, o in zip(w.parameters(), old):
                    p.copy_(o)
        if clip_value:
            torch.nn.utils.clip_grad_value_(w.parameters(), clip_value)
        if clip_norm:
            torch.nn.utils.clip_grad_norm_(w.parameters(), clip_norm)
        optimiser.step()
        if averaged:
            averaged.update_parameters(w)
        if step in (0, 9, 49):
            cells.append(text(averaged.module.all() if averaged else w.all()))
    out.write("\t".join(cells) + "\n")


O = torch.optim
with open(sys.argv[1] + "/optimisers.tsv", "w") as out:
    out.write("optimiser\toptions\trate\tclip_value\tclip_norm\trho\tadaptive\taverage\t"
              "after_1\tafter_10\tafter_50\n")
    for momentum, nesterov in (0, False), (0.9, False), (0.9, True):
        for decay in 0, 0.05:
            run(out, "sgd", "momentum=%g nesterov=%s decay=%g"
                % (momentum, str(nesterov).lower(), decay),
                lambda g: O.SGD(g, momentum=momentum, nesterov=nesterov), 0.05, decay)
    for beta1, beta2, epsilon in (0.9, 0.999, 1e-8), (0.8, 0.95, 1e-4):
        common = "beta1=%g beta2=%g epsilon=%g" % (beta1, beta2, epsilon)
        settings = dict(betas=(beta1, beta2), eps=epsilon)
        for decay in 0, 0.05:
            run(out, "adam", common + " decay=%g" % decay,
                lambda g: O.Adam(g, **settings), 0.05, decay)
            run(out, "adamw", common + " decay=%g" % decay,
                lambda g: O.AdamW(g, **settings), 0.05, decay)
            for decoupled in False, True:
                run(out, "nadam", common + " decay=%g decoupled=%s momentum-decay=0.01"
                    % (decay, str(decoupled).lower()),
                    lambda g: O.NAdam(g, momentum_decay=0.01,
                                      decoupled_weight_decay=decoupled, **settings),
                    0.05, decay)
    for clip_value, clip_norm in (0.5, 0), (0, 1.5), (0.75, 1.5):
        run(out, "sgd", "momentum=0.9 decay=0.01", lambda g: O.SGD(g, momentum=0.9),
            0.05, 0.01, clip_value, clip_norm)
        run(out, "adamw", "decay=0.01", lambda g: O.AdamW(g), 0.05, 0.01, clip_value,
            clip_norm)
    for rho, adaptive in (0.05, False), (0.5, True):
        run(out, "sgd", "momentum=0.9", lambda g: O.SGD(g, momentum=0.9), 0.05, 0, rho=rho,
            adaptive=adaptive)
        run(out, "adam", "decay=0", lambda g: O.Adam(g), 0.05, 0, rho=rho, adaptive=adaptive)
    for average in "ema", "mean":
        run(out, "adam", "decay=0", lambda g: O.Adam(g), 0.05, 0, average=average)


def rates(out, name, options, rate, steps, per_epoch, warmup, start, make, by_epoch=False,
          metrics=None, momentum=False):
    """Rate (and momentum) of every step."""
    p = torch.nn.Parameter(torch.zeros(1))
    optimiser = O.SGD([p], lr=rate, momentum=0.9)
    schedule = make(optimiser)
    seen, moved = [], []
    for step in range(steps):
        seen.append(optimiser.param_groups[0]["lr"])
        moved.append(optimiser.param_groups[0]["momentum"])
        optimiser.step()
        last = (step + 1) % per_epoch == 0
        if metrics is not None:
            if last:
                schedule.step(metrics[step // per_epoch])
        elif not by_epoch or last:
            if step + 1 < steps:
                schedule.step()
    cells = [name, options, "%.17g" % rate, str(steps), str(per_epoch), str(warmup),
             "%.17g" % start,
             "n/a" if metrics is None else " ".join("%.17g" % m for m in metrics),
             " ".join("%.13g" % r for r in seen),
             " ".join("%.13g" % m for m in moved) if momentum else "n/a"]
    out.write("\t".join(cells) + "\n")


S = torch.optim.lr_scheduler


def warm(after, steps, start):
    return lambda o: S.SequentialLR(
        o, [S.LinearLR(o, start, 1.0, steps), after(o)], milestones=[steps])


with open(sys.argv[1] + "/schedules.tsv", "w") as out:
    out.write("schedule\toptions\trate\tsteps\tsteps_per_epoch\twarmup\twarmup_start\t"
              "metrics\trates\tmomenta\n")
    rates(out, "constant", "", 0.1, 12, 3, 0, 0, lambda o: S.LambdaLR(o, lambda n: 1.0))
    rates(out, "constant", "", 0.1, 12, 3, 5, 0.25,
          warm(lambda o: S.LambdaLR(o, lambda n: 1.0), 5, 0.25))
    rates(out, "step", "every=3 factor=0.5", 0.1, 40, 4, 0, 0,
          lambda o: S.StepLR(o, 3, 0.5), by_epoch=True)
    rates(out, "step", "every=7 factor=0.3 per=step", 0.1, 40, 4, 0, 0,
          lambda o: S.StepLR(o, 7, 0.3))
    rates(out, "step", "every=7 factor=0.3 per=step", 0.1, 40, 4, 6, 0.1,
          warm(lambda o: S.StepLR(o, 7, 0.3), 6, 0.1))
    rates(out, "cosine", "", 0.1, 30, 5, 0, 0, lambda o: S.CosineAnnealingLR(o, 30))
    rates(out, "cosine", "minimum=0.001 per=epoch", 0.1, 30, 5, 0, 0,
          lambda o: S.CosineAnnealingLR(o, 6, 0.001), by_epoch=True)
    rates(out, "cosine", "minimum=0.002", 0.1, 30, 5, 8, 0.125,
          warm(lambda o: S.CosineAnnealingLR(o, 22, 0.002), 8, 0.125))
    drop = math.exp(-0.1)
    factors = [1, 1, 1] + [drop ** k for k in range(1, 5)]
    rates(out, "multiplier", "factors=" + ",".join("%.17g" % f for f in factors), 0.01, 20, 2,
          0, 0, lambda o: S.LambdaLR(o, lambda n: factors[min(n, 6)]), by_epoch=True)
    for steps in 10, 37, 100:
        for rise in 0.3, 0.45:
            for anneal in "cos", "linear":
                for three in False, True:
                    rates(out, "one_cycle", "rise=%g anneal=%s three-phases=%s"
                          % (rise, anneal, str(three).lower()), 0.1, steps, 5, 0, 0,
                          lambda o: S.OneCycleLR(o, 0.1, total_steps=steps, pct_start=rise,
                                                 anneal_strategy=anneal, three_phase=three),
                          momentum=True)
    rates(out, "one_cycle", "divide=10 divide-final=100 momentum-low=0.8 momentum-high=0.9",
          0.1, 50, 5, 0, 0,
          lambda o: S.OneCycleLR(o, 0.1, total_steps=50, div_factor=10, final_div_factor=100,
                                 base_momentum=0.8, max_momentum=0.9), momentum=True)
    falling = [3, 2, 1, 0.9, 0.9, 0.95, 0.9, 0.89999, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9,
               0.9, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77, 0.78]
    for options, settings in [
        ("patience=2 factor=0.5", dict(patience=2, factor=0.5)),
        ("patience=1 factor=0.5 threshold=0.05 threshold-mode=absolute cooldown=2",
         dict(patience=1, factor=0.5, threshold=0.05, threshold_mode="abs", cooldown=2)),
        ("patience=0 factor=0.1 minimum=0.002", dict(patience=0, factor=0.1, min_lr=0.002)),
        ("patience=0 factor=0.1 epsilon=0.0005", dict(patience=0, factor=0.1, eps=0.0005)),
    ]:
        for sign, better in (1, "lower"), (-1, "higher"):
            metrics = [sign * m for m in falling]
            mode = "min" if sign > 0 else "max"
            rates(out, "plateau", options + " better=" + better, 0.1, 3 * len(metrics), 3, 0, 0,
                  lambda o: S.ReduceLROnPlateau(o, mode, **settings), metrics=metrics)
print("torch", torch.__version__)
