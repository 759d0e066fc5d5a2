#!/usr/bin/env bash
set -Eeuo pipefail

work() (
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"; echo "  cleaned up"' EXIT
    trap 'echo "  failed in line $LINENO: $BASH_COMMAND"' ERR
    echo "  data" >"$scratch/file"
    grep -q "$1" "$scratch/file"
    echo "  found $1"
)

echo "first:"
work data
echo "second:"
work nothing || echo "  status $?"
