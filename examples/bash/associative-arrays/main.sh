#!/usr/bin/env bash
set -euo pipefail

declare -A votes=()
for choice in tea coffee tea water coffee tea; do
    votes[$choice]=$((${votes[$choice]:-0} + 1))
done

for choice in "${!votes[@]}"; do
    printf '%d %s\n' "${votes[$choice]}" "$choice"
done | sort -k 1,1nr -k 2 | while read -r count choice; do
    printf '%-8s%s\n' "$choice" "$(printf '#%.0s' $(seq "$count"))"
done
