#!/usr/bin/env bash
# Evaluates and judges, or runs the suites, and ends with their exit code.
set -euo pipefail

# add PREFIX LINES: an argument for each line that is not empty.
arguments=()
add() {
    local line
    while IFS= read -r line; do
        if [ -n "$line" ]; then arguments+=("$1$line"); fi
    done <<<"$2"
}

if [ -n "$SUITES" ]; then
    command=(pytest "$SUITES" "--junitxml=$HARNESS_OUTPUT/junit.xml")
    prefix=--harness-
else
    command=(harness evaluate)
    prefix=--
fi
add --model= "$MODEL"
add --dataset= "$DATASET"
add "${prefix}gate=" "$GATES"
add "${prefix}baseline=" "$BASELINE"
add "${prefix}against=" "$AGAINST"
add "" "$ARGUMENTS"

# The summary tells the run of this step from an older one by this file's time.
mkdir -p "$HARNESS_OUTPUT"
touch "$STARTED"

# What is printed holds texts of reviews. GitHub takes a line that begins with :: for a command of the workflow, so
# that it is told to take none until a word that nobody can guess.
word=$(python -c 'import secrets; print(secrets.token_hex(16))')
echo "::stop-commands::$word"
trap 'printf "\n::%s::\n" "$word"' EXIT
"${command[@]}" ${arguments[@]+"${arguments[@]}"}
