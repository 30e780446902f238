# SPDX-License-Identifier: MIT
"""Small films that are not as films usually are, for tests/cli: python bad_films.py FOLDER (the
program ffmpeg; made by 5.1.6): turned by a quarter, interlaced, of an uneven rate, of one frame,
with sound that ends early or starts late. 96 x 64, two seconds at most.
"""
import pathlib
import subprocess
import sys

PICTURES = "-f lavfi -i testsrc=size=96x64:rate=25:duration=2"
SOUND = "-f lavfi -i sine=frequency=220:sample_rate=16000:duration"
H264 = "-c:v libx264 -preset veryslow -crf 40 -pix_fmt yuv420p"
AAC = "-c:a aac -b:a 24k"
FILMS = {
    "plain.mp4": f"{PICTURES} {H264} -g 50",
    "turned.mp4": "-i FOLDER/plain.mp4 -c copy -metadata:s:v rotate=90",
    "interlaced.mkv": f"{PICTURES} -vf interlace -c:v mpeg2video -flags +ildct+ilme -q:v 20",
    "uneven.mkv": f"{PICTURES} -vf select='not(mod(n\\,7))+lt(n\\,10)' -vsync vfr {H264}",
    "one_frame.mp4": f"{PICTURES} -frames:v 1 {H264}",
    "sound_early.mkv": f"{PICTURES} {SOUND}=0.7 {H264} {AAC}",
    "sound_late.mkv": f"{PICTURES} -itsoffset 0.8 {SOUND}=1.2 -map 0:v -map 1:a {H264} {AAC}",
}

folder = pathlib.Path(sys.argv[1])
for name, how in FILMS.items():
    subprocess.run(["ffmpeg", "-v", "error", "-y", *how.replace("FOLDER", str(folder)).split(), "-bitexact",
                    folder / name], check=True)
(folder / "plain.mp4").unlink()
