#!/usr/bin/env bash
# gate.sh ORRERY FILE: one seed is one history. Runs FILE twice, with and without address space randomisation where that may
# be switched off, and demands equal digests and equal bytes; demands the same digest when every message is encoded and
# decoded; then demands that a planted pointer-order iteration and a planted wall-clock read are told apart, and that
# `orrery diff` names the event.
set -euo pipefail
orrery=$1 file=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $1"; exit 1; }

# run NAME COMMAND...: one run directory and its digest line.
run() {
  local name=$1
  shift
  "$@" run "$file" --seed 7 -q --out "$dir/$name" >"$dir/$name.log" || fail "$name: exit status $?"
  tail -n 1 "$dir/$name.log" | grep -q '^digest: [0-9a-f]\{16\}$' || fail "$name: no digest"
}

# planted BUG: 8 runs with the bug are not all equal, and diff names the event.
planted() {
  local bug=$1 i report
  for i in 1 2 3 4 5 6 7 8; do
    "$orrery" run "$file" --seed 7 -q --plant "$bug" --out "$dir/$bug-$i" >/dev/null || true
    [ "$i" -gt 1 ] || continue
    if ! report=$("$orrery" diff "$dir/$bug-1" "$dir/$bug-$i"); then
      grep -q '^first differing event' <<<"$report" || fail "$bug: diff names no event"
      grep -Eq '^[<>] [0-9]+  t=' <<<"$report" || fail "$bug: diff names no event"
      echo "$bug: caught; $(grep -m 1 '^<' <<<"$report")"
      return
    fi
  done
  fail "$bug: 8 runs were equal"
}

run first "$orrery"
run second "$orrery"
if setarch "$(uname -m)" -R true 2>/dev/null; then run fixed setarch "$(uname -m)" -R "$orrery"; else cp -r "$dir/second" "$dir/fixed"; fi
for other in second fixed; do
  diff -r "$dir/first" "$dir/$other" >/dev/null || fail "first and $other differ: $("$orrery" diff "$dir/first" "$dir/$other")"
  "$orrery" diff "$dir/first" "$dir/$other" | grep -qx 'the runs are equal' || fail "diff of equal runs"
done
"$orrery" replay -q "$dir/first" >"$dir/replay.log" || fail "replay: exit status $?"
sed 's/^cluster:/cluster:\n  encodeEveryHop: true/' "$file" >"$dir/encoded.yaml"
"$orrery" run "$dir/encoded.yaml" --seed 7 -q | tail -n 1 | cmp -s - <(tail -n 1 "$dir/first.log") || fail "encoding every hop changes the digest"
planted pointer-order
planted wall-clock-read
echo "determinism: all equal, planted breaches caught"
