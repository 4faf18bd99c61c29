#!/usr/bin/env bash
# Puts the run of this job into its summary, and into summary.md beside the run.
set -euo pipefail

run=$(find "$HARNESS_OUTPUT" -mindepth 2 -maxdepth 2 -name run.json -newer "$STARTED" | sort | tail -n 1)
if [ -z "$run" ]; then
    printf '## No run was made\n\nThe log of the evaluation says why.\n' >>"$GITHUB_STEP_SUMMARY"
    exit 1
fi
harness ci-summary "$run" -o "$HARNESS_OUTPUT/summary.md"
cat "$HARNESS_OUTPUT/summary.md" >>"$GITHUB_STEP_SUMMARY"
