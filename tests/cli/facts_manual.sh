# SPDX-License-Identifier: MIT
# Man pages and completion.

_pages="import doctor synth extract train predict verify evaluate compare report models bench help"

man_pages_parse() {
    _exits 0 help --man
    cp out mien.1
    for _c in $_pages; do
        _exits 0 help --man "$_c"
        cp out "mien-$_c.1"
    done
    if command -v mandoc >/dev/null; then
        mandoc -Tlint -Werror ./*.1 >out 2>&1 || _fail "mandoc finds errors"
    elif command -v groff >/dev/null; then
        for _page in ./*.1; do
            groff -man -Kutf8 -Tutf8 -ww "$_page" >text 2>out || _fail "groff: $_page"
            [ ! -s out ] || _fail "groff complains about $_page"
            [ -s text ] || _fail "$_page says nothing"
        done
    else
        _skip "neither mandoc nor groff is here"
    fi
}

man_pages_name_every_option() {
    for _c in $_pages; do
        _exits 0 help --man "$_c"
        sed 's/\\-/-/g' out >page
        _exits 0 "$_c" --help
        grep -oE '^ +(-[a-z], )?--[a-z.-]+' out | sed 's/.*--/--/' | while read -r _option; do
            grep -qF -- "$_option" page || _fail "mien-$_c.1 lacks $_option"
        done || exit 1
    done
}

# Completes the words given; prints the answers.
_complete() {
    bash -c '
        source ./completion
        COMP_WORDS=("$@")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _mien
        printf "%s\n" "${COMPREPLY[@]}"' complete "$@" >out 2>err
    [ ! -s err ] || _fail "bash complains"
}

_answers() { # WORD…: exactly these
    printf '%s\n' "$@" | sort >want
    sed 's/ *$//' out | sort | cmp -s - want || _fail "answers differ from: $*"
}

bash_completes_commands_options_and_choices() {
    _needs bash
    _exits 0 completion bash
    cp out completion
    _complete mien pre
    _answers predict
    _complete mien predict --ev
    _answers --every
    _complete mien predict --format s
    _answers srt
    _complete mien extract --resize p
    _answers pad
    _complete mien train --se
    _answers --set
    : >'a film.mp4'
    _complete mien predict a
    _answers 'a film.mp4'
    _exits 2 completion fish
}

no_option_is_written_twice() {
    for _c in $_pages; do
        _exits 0 "$_c" --help
        [ -z "$(grep -oE '^ +(-[a-z], )?--[a-z.-]+' out | sort | uniq -d)" ] ||
            _fail "mien $_c has an option twice"
    done
}
