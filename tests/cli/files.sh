# SPDX-License-Identifier: MIT
# Makes pictures, tables, weights and a trained model in FILES.

make() {
    rm -rf "$FILES"
    mkdir -p "$FILES"
    "$MAKE_FILES" "$FILES" "$SOURCE/tests/golden" || _fail "cli_files"
    _exits 0 train "$FILES/study.yaml" -o "$FILES/run" --threads 2 \
        --weights "$FILES/good.safetensors"
    _complains "run is done"
    (cd "$FILES/run" && sha256sum -c --quiet SHA256SUMS) || _fail "SHA256SUMS"
}
