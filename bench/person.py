# SPDX-License-Identifier: MIT
"""One person's taste over a norm: learning curves on beauty ratings of the OASIS pictures.

usage: ./run bench person [unseen=100] [draws=10]
       person.py MIEN RATINGS.tsv OASIS.csv FOLDER [unseen=100] [draws=10]

RATINGS.tsv (person, image, beauty; Brielmann & Pelli) and OASIS.csv (Kurdi, Lozano & Banaji 2017)
are not part of this repository. Writes FOLDER/trials.tsv with its sidecar and the study, trains
FOLDER/run, prints a row of the table in docs/results.md for each form, and exits 1 where a figure
that is promised there is not reached.
"""
import csv
import json
import pathlib
import shutil
import subprocess
import sys

FEATURES = ["valence_norm", "arousal_norm", "is_animal", "is_object", "is_person"]
OWN = [0, 1, 2, 5, 10, 20, 50, 75]


def norms(path):
    """Valence, arousal and category of each picture, by the name of its file."""
    text = pathlib.Path(path).read_text().replace("\r\n", "\n").replace("\r", "\n")
    found = {}
    for row in csv.DictReader(text.split("\n")):
        category = row["Category"].strip().lower()
        found[row["Theme"].strip() + ".jpg"] = [row["Valence_mean"], row["Arousal_mean"]] + [
            str(int(category == name)) for name in ("animal", "object", "person")]
    return found


def write_table(folder, ratings, pictures):
    lines = ["\t".join(["trial", "person", "stimulus", "beauty"] + FEATURES)]
    with open(ratings, encoding="utf-8") as file:
        for i, row in enumerate(csv.DictReader(file, delimiter="\t")):
            lines.append("\t".join([f"b{i}", row["person"], row["image"], row["beauty"]] +
                                   pictures[row["image"]]))
    (folder / "trials.tsv").write_text("\n".join(lines) + "\n")
    target = {"range": [1, 7], "unit": "1-7 rating", "construct": "evoked",
              "perspective": "subjective"}
    (folder / "trials.json").write_text(json.dumps(
        {"version": 1, "name": "beauty", "targets": {"beauty": target}}))


def write_study(folder, unseen, draws):
    (folder / "study.yaml").write_text(f"""name: beauty
trials: trials.tsv
method: person
targets: [beauty]
person: {{unseen: {unseen}, draws: {draws}, own: {OWN}, features: [{', '.join(FEATURES)}]}}
""")


def table(results):
    points = {(p["form"], p["own"]): p for p in results["curve"]}
    print("| own trials | " + " | ".join(map(str, OWN)) + " |")
    print("| --- |" + " --- |" * len(OWN))
    for form in dict.fromkeys(p["form"] for p in results["curve"]):
        cells = []
        for own in OWN:
            r, rmse = points[form, own]["r"]["mean"], points[form, own]["rmse"]["mean"]
            cells.append((f"{r:.3f}" if r is not None else "–") + f" / {rmse:.3f}")
        print(f"| {form} | " + " | ".join(cells) + " |")
    return points


def main(mien, ratings, oasis, folder, unseen=100, draws=10):
    folder = pathlib.Path(folder)
    shutil.rmtree(folder / "run", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder, ratings, norms(oasis))
    write_study(folder, int(unseen), int(draws))
    subprocess.run([mien, "train", folder / "study.yaml", "-o", folder / "run", "--quiet"],
                   check=True)
    results = json.loads((folder / "run" / "results.json").read_text())
    points = table(results)
    low = points["low_rank", 20]
    print(f"\nlow rank at 20 own trials: RMSE {low['rmse']['mean']:.3f} "
          f"[{low['rmse']['smallest']:.3f}, {low['rmse']['largest']:.3f} over draws], over all "
          f"ratings {low['rmse_pooled']['mean']:.3f}; r {low['r']['mean']:.3f} "
          f"[{low['r']['smallest']:.3f}, {low['r']['largest']:.3f}]; gain over the norm "
          f"{low['gain']['mean']:.3f}, its interval above 0 in {low['draws_with_gain']} of "
          f"{results['draws']} draws; 95 % intervals hold {100 * low['covered_95']['mean']:.1f} %")
    good = (low["rmse"]["mean"] <= 1.25 and low["r"]["mean"] >= 0.65 and
            low["draws_with_gain"] == results["draws"])
    return 0 if good else "what docs/results.md promises is not reached"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (5, 6, 7) else __doc__)
