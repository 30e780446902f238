# SPDX-License-Identifier: MIT
"""Blocks of model_card.py for a model of classes on faces: out of its contract, and out of what
`./run bench face_model` measured."""
import hashlib


def figure(m, digits=3):
    if not m or m.get("value") is None:
        return "–"
    return f"{m['value']:.{digits}f} [{m['low']:.{digits}f}, {m['high']:.{digits}f}]".replace("-", "−")


def share(x):
    return "–" if x is None else f"{x:.2f}"


def settings(text):
    return dict(part.split("=", 1) for part in text.split("; ") if part)


def block_made(contract, model, table):
    training, design = contract["training"], contract["design"]
    crop = settings(design["inputs"][0]["settings"])
    temperature = contract["after"].get("temperature", {})
    facts = {
        "made by": training["created_by"],
        "file": f"`{model.name}`, {model.stat().st_size / 1e6:.1f} MB",
        "its SHA-256": f"`{hashlib.sha256(model.read_bytes()).hexdigest()}`",
        "network": f"`{settings(design['branches'][0]['stages'][0]['settings'])['name']}`, "
                   f"{training['model']['trained']} values, begun at random",
        "input": f"{crop['height']} × {crop['width']}, {crop['order']}, crop `{crop['crop']}`, margin {crop['margin']}, "
                 f"shift {crop['shift-x']}, {crop['shift-y']}, fill `{crop['fill']}`".replace("-0", "−0"),
        "classes": ", ".join(contract["targets"][0]["classes"]),
        "temperature": ", ".join(f"{v:.3f}" for v in temperature.values()) or "none",
        "trials": f"{training['trials']['rows']} rows in {training['trials']['groups']} groups, "
                  f"SHA-256 `{training['trials']['sha256']}`",
        "licence": contract["licence"],
    }
    return table(["what", "which"], facts.items())


TITLES = {"accuracy": "accuracy", "balanced_accuracy": "mean recall of the classes", "macro_f1": "macro-F1",
          "kappa": "Cohen's κ", "log_loss": "log loss", "brier": "Brier score", "top2": "among the first two",
          "top3": "among the first three"}


def block_scores(facts, table):
    lines = [[title, figure(facts["apart"]["metrics"].get(name)), figure(facts["all"]["metrics"].get(name))]
             for name, title in TITLES.items()]
    lines.append(["calibration error (15 bins)", f"{facts['apart']['calibration_error']:.3f}",
                  f"{facts['all']['calibration_error']:.3f}"])
    return table(["score", f"without leaked faces (n = {facts['apart']['n']})",
                  f"all (n = {facts['all']['n']})"], lines)


def block_classes(facts, table):
    lines = []
    for apart, every in zip(facts["apart"]["classes"], facts["all"]["classes"]):
        lines.append([apart["class"], apart["n"], apart["said"], share(apart["precision"]), share(apart["recall"]),
                      every["n"], share(every["precision"]), share(every["recall"])])
    return table(["class", "n", "said", "precision", "recall", "n of all", "precision", "recall"], lines)


def block_seeds(facts, table):
    return table(["run", "kept epoch", "accuracy", "macro-F1", "log loss"], [
        [s["run"], s["fits"][0]["kept"] + 1, figure(s["metrics"]["accuracy"]), figure(s["metrics"]["macro_f1"]),
         figure(s["metrics"]["log_loss"])] for s in facts["seeds"]])


def block_sizes(facts, table):
    return table(["side, pixels", *(str(s["side"]) for s in facts["sizes"])],
                 [["accuracy", *(f"{s['accuracy']:.3f}" for s in facts["sizes"])]])


def block_things(facts, table):
    lines = []
    for t in facts["things"]:
        said = ", ".join(f"{name} {count}" for name, count in t["said"]) or "–"
        lines.append([t["theme"].lower(), t["pictures"], t["with"], t["faces"], said, share(t["share"])])
    return table(["pictures of", "n", "with a face found", "faces", "shown, it says", "mean largest probability"], lines)


OF_FACTS = {"scores": block_scores, "classes": block_classes, "seeds": block_seeds, "sizes": block_sizes,
            "things": block_things}
