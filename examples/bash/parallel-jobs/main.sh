#!/usr/bin/env bash
set -euo pipefail

job() { # NAME SECONDS STATUS
    sleep "$2"
    echo "$1 has slept $2 s" >"$1.out"
    return "$3"
}

declare -A jobs=()
job slow 0.3 0 & jobs[slow]=$!
job quick 0.1 0 & jobs[quick]=$!
job bad 0.2 3 & jobs[bad]=$!

for name in quick bad slow; do
    status=0
    wait "${jobs[$name]}" || status=$?
    echo "$(cat "$name.out") (status $status)"
done
