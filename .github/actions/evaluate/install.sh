#!/usr/bin/env bash
# Installs what INSTALL says, one argument of pip a line; else the harness that these scripts came with, pinned.
set -euo pipefail

arguments=()
while IFS= read -r line; do
    if [ -n "$line" ]; then arguments+=("$line"); fi
done <<<"$INSTALL"

if [ ${#arguments[@]} -eq 0 ]; then
    harness=$(cd "$SCRIPTS/../../.." && pwd)
    arguments=("$harness" "--constraint=$harness/constraints.txt")
fi
python -m pip install "${arguments[@]}"
