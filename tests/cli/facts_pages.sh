# SPDX-License-Identifier: MIT
# Pages in a browser: their policy lets them show all they hold, and nothing else run or load.

# The page as the browser has it in the file dom, what it said in the file log.
_browse() { # PAGE
    timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --window-size=1280,900 --user-data-dir="$T/browser" --enable-logging=stderr --virtual-time-budget=3000 \
        --dump-dom "file://$1" >dom 2>log </dev/null || _fail "chromium: $(tail -n 3 log)"
}

pages_show_all_they_hold_and_run_nothing_else() {
    _needs chromium
    _predict 0 "$SOURCE/tests/golden/films/small.mp4" "$FILES/pictures/1.png" -o rows.csv \
        --report page.html
    for _page in "$T/page.html" "$FILES/run/report.html"; do
        _browse "$_page"
        grep -q "Content-Security-Policy" dom || _fail "$_page: no policy"
        ! grep -q "Content Security Policy" log || _fail "$_page: $(grep 'Content Security' log)"
        grep -q 'class="tool"' dom || _fail "$_page: its own script did not run"
    done
    # somebody's script and picture from elsewhere
    sed 's|<main>|<main><script>document.title = "executed"</script><img src="file:///x.png" onerror="document.title = \&quot;executed\&quot;">|' \
        page.html >changed.html
    _browse "$T/changed.html"
    ! grep -q "<title>executed" dom || _fail "a script was run"
    grep -q "Content Security Policy" log || _fail "the browser does not know the policy"
}

# Measured by a script that is put into a copy without the policy.
tables_and_figures_are_no_wider_than_the_page() {
    _needs chromium
    _predict 0 "$SOURCE/tests/golden/films/small.mp4" "$FILES/pictures/1.png" -o rows.csv \
        --report page.html
    for _page in "$T/page.html" "$FILES/run/report.html"; do
        sed -e 's|<meta http-equiv[^>]*>||' -e 's|</body>|<script>document.title = "wide " + [...document.querySelectorAll(".table, figure")].filter(e => e.scrollWidth > e.clientWidth + 1).length</script></body>|' \
            "$_page" >measured.html
        _browse "$T/measured.html"
        grep -q "<title>wide 0<" dom || _fail "$_page: $(grep -o '<title>[^<]*' dom)"
    done
}

print_holds_what_is_closed_on_the_screen() {
    _needs chromium
    _needs pdftotext
    timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$T/browser" --print-to-pdf="$T/page.pdf" \
        "file://$FILES/run/report.html" >log 2>&1 </dev/null || _fail "chromium: $(tail -n 3 log)"
    pdftotext page.pdf page.txt
    grep -q "trials:" page.txt || _fail "the study is not printed"
    ! grep -q "Save as SVG" page.txt || _fail "buttons are printed"
}

# How many pictures the browser decoded is measured as above.
hits_and_misses_of_a_run_are_pictures() {
    _needs chromium
    _exits 0 report "$FILES/run" -o run.html
    grep -q "Hits and misses" run.html || _fail "none"
    sed -e 's|<meta http-equiv[^>]*>||' -e 's|</body>|<script>document.title = "seen " + [...document.querySelectorAll(".card img")].filter(e => e.naturalWidth > 1).length + " of " + document.querySelectorAll(".card").length</script></body>|' \
        run.html >measured.html
    _browse "$T/measured.html"
    grep -Eq "<title>seen ([1-9][0-9]*) of \1<" dom || _fail "$(grep -o '<title>[^<]*' dom)"
    # a run whose pictures are gone has its page without them
    cp -r "$FILES/run" gone
    sed -i 's|"trials": ".*/|"trials": "/none/|' gone/run.json
    _exits 0 report gone -o gone.html
    ! grep -q "Hits and misses" gone.html || _fail "pictures that are gone"
}

what_counts_in_a_picture_is_drawn_over_it() {
    set -- predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" \
        "$FILES/pictures/1.png" "$FILES/pictures/2.png"
    _exits 0 "$@" --report page.html --explain
    [ "$(grep -o 'class="where"' page.html | wc -l)" -eq 4 ] || _fail "not 2 targets of 2 pictures"
    grep -q "What raises (orange) and lowers (blue) valence" page.html || _fail "no words"
    [ "$(grep -o '<rect[^>]*fill="#' page.html | wc -l)" -ge 256 ] || _fail "no cells"
    _exits 0 "$@" --report page.html
    ! grep -q 'class="where"' page.html || _fail "drawn without being asked"
    _exits 2 "$@" --explain
    _complains "--report"
}
