#!/usr/bin/env bash
# The computer guesses, so that the game can be watched.
set -euo pipefail

read -r secret
low=1 high=100 tries=0
while true; do
    guess=$(((low + high) / 2))
    tries=$((tries + 1))
    if ((guess < secret)); then
        echo "$guess? higher"
        low=$((guess + 1))
    elif ((guess > secret)); then
        echo "$guess? lower"
        high=$((guess - 1))
    else
        echo "$guess! found after $tries guesses"
        break
    fi
done
