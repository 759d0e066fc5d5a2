#!/usr/bin/env bash
set -euo pipefail

declare -i number=0
read -r -a words
for word in "${words[@]}"; do
    number+=1
    if ((${#word} > 4)); then
        echo "$number: $word is long"
    elif [[ $word == r* ]]; then
        echo "$number: $word begins with r"
    else
        echo "$number: $word"
    fi
done
echo "$number words"
