#!/usr/bin/env bash
# Writes SUMMARY as a comment on pull request NUMBER; over the one of the same NAME, where there is one.
set -euo pipefail

# A name of letters, digits and dashes cannot end the HTML comment that marks ours.
export MARK="<!-- review-harness: ${NAME//[^A-Za-z0-9]/-} -->"
comments=repos/$GITHUB_REPOSITORY/issues
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{ cat "$SUMMARY"; printf '\n%s\n' "$MARK"; } >"$body"

# Comments of people are left alone, whatever is in them.
ours='.[] | select(.user.type == "Bot" and (.body // "" | contains(env.MARK))) | .id'

write() {
    local ids
    ids=$(gh api --paginate "$comments/$NUMBER/comments" --jq "$ours") || return
    if [ -n "$ids" ]; then
        gh api --silent --method PATCH "$comments/comments/${ids%%$'\n'*}" --field "body=@$body"
    else
        gh api --silent --method POST "$comments/$NUMBER/comments" --field "body=@$body"
    fi
}

# A pull request from a fork has a token that only reads: its summary is in the job all the same.
if ! write; then
    echo "::warning title=No comment on the pull request::It needs the permission pull-requests: write, which a pull request from a fork never has. The summary of the job has the same text."
fi
