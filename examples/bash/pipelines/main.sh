#!/usr/bin/env bash
set -euo pipefail

echo "requests by address:"
cut -d ' ' -f 1 access.log | sort | uniq -c | sort -k 1,1nr -k 2 | head -n 3

echo "failed requests:"
while read -r address method path status; do
    if ((status >= 400)); then echo "  $method $path -> $status ($address)"; fi
done <access.log
