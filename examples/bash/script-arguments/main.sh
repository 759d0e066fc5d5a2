#!/usr/bin/env bash
set -euo pipefail

echo "$# arguments"
for argument in "$@"; do
    printf '  [%s] has %d characters\n' "$argument" "${#argument}"
done
echo "$1, $2!"
