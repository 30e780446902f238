# SPDX-License-Identifier: MIT
# ranks.sh BUILT COUNT WHAT PROGRAM: what COUNT ranks do. Exit 77: skipped.
built=$1 count=$2 what=$3 program=$4
if [ "$built" != 1 ]; then
    echo "SKIPPED: this build has no MPI (./run setup --mpi)"
    exit 77
fi
if ! command -v mpirun >/dev/null; then
    echo "SKIPPED: there is no mpirun here"
    exit 77
fi
allow=
[ "$(id -u)" -ne 0 ] || allow=--allow-run-as-root
# shellcheck disable=SC2086 # one word, or none
said=$(mpirun $allow --oversubscribe --enable-recovery --mca mpi_yield_when_idle 1 \
    -np "$count" "$program" "$what" 2>&1)
echo "$said"
case $what in
    fail)
        want='failed: piece-7' ;;
    die)
        echo "$said" | grep -q 'rank 1: nothing is heard of it' || exit 1
        want=good ;;
    absent)
        echo "$said" | grep -q 'rank 1: .*there is no such file here' || exit 1
        want=good ;;
    *) want=good ;;
esac
[ "$(echo "$said" | grep -c 'failed: ')" -eq "$([ "$what" = fail ] && echo 1 || echo 0)" ] || exit 1
case $what in
    deal | die | absent) # each of 3 turns did all 200 jobs once
        [ "$(echo "$said" | grep -c 'sum 2646700')" -eq 3 ] || exit 1 ;;
esac
echo "$said" | grep -q "$want"
