#!/usr/bin/env bash
# orrery bench: the results do not depend on how many processes work, and finished runs are not run again.
# usage: resume.sh ORRERY BENCH_FILE
set -euo pipefail
orrery=$1
file=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bench() { "$orrery" bench "$file" --set pods=150 --set seeds=1..3 --quiet "$@"; }
fail() { echo "resume: $1" >&2; exit 1; }

one=$(bench --jobs 1 --out "$work/one" | tail -n 1)
three=$(bench --jobs 3 --out "$work/three" | tail -n 1)
[[ $one == digest:* ]] || fail "no digest on the last line: $one"
[[ $one == "$three" ]] || fail "one process: $one, three: $three"
for name in results.csv results.json; do
  cmp "$work/one/$name" "$work/three/$name" || fail "$name differs"
done
[[ -s $work/one/report.html ]] || fail "no report"

# One finished run is gone, one was cut short: both are run again, the others are not.
mapfile -t runs < <(ls "$work/one/runs")
rm "$work/one/runs/${runs[0]}"
head -c 20 "$work/one/runs/${runs[1]}" >"$work/cut" && mv "$work/cut" "$work/one/runs/${runs[1]}"
touch -d 2001-01-01 "$work/one/runs/${runs[2]}"
again=$(bench --out "$work/one" | tail -n 1)
[[ $again == "$one" ]] || fail "resumed: $again, before: $one"
[[ $(stat -c %Y "$work/one/runs/${runs[2]}") -lt 1000000000 ]] || fail "a finished run was run again"
cmp "$work/one/results.csv" "$work/three/results.csv" || fail "results.csv differs after resuming"

status=0
"$orrery" bench "$file" --set pods=many 2>"$work/error" || status=$?
[[ $status == 2 ]] || fail "bad input ends with status $status"
[[ $(wc -l <"$work/error") == 1 ]] || fail "bad input takes more than one line"
