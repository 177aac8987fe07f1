#!/usr/bin/env bash
# orrery explain RUN POD: of a bench and of a scenario, and what it says when there is nothing to explain.
# usage: explain_run.sh ORRERY BENCH_FILE SCENARIO_FILE
set -euo pipefail
orrery=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "explain_run: $1" >&2; exit 1; }
explain() { "$orrery" explain "$@"; }
# Bad input: status 2, one line, with the text in it.
refused() {
  local text=$1 status=0
  shift
  explain "$@" >"$work/said" 2>"$work/error" || status=$?
  [[ $status == 2 ]] || fail "\"$*\" ends with status $status"
  [[ $(wc -l <"$work/error") == 1 ]] || fail "\"$*\" takes more than one line: $(cat "$work/error")"
  grep -qF -- "$text" "$work/error" || fail "\"$*\" says: $(cat "$work/error")"
}

"$orrery" bench "$2" --set pods=150 --set seeds=1..2 --quiet --out "$work/bench" >"$work/said"
mapfile -t records < <(grep -l '"policy":"FGD"' "$work"/bench/runs/*.json)
pod=$(sed -n 's/.*"notable":\[{[^}]*"pod":"\([^"]*\)".*/\1/p' "${records[0]}")
[[ -n $pod ]] || fail "no notable pod in a run's record"
run=$(basename "${records[0]}" .json)
grep -q "Why did that pod go there?" "$work/bench/report.html" || fail "the report explains nothing"
explain "$work/bench" "$pod" --run "$run" >"$work/last"
head -n 1 "$work/last" | grep -qE '^attempt ([0-9]+) of \1(,|$)' || fail "not the last attempt: $(head -n 1 "$work/last")"
grep -q "^chosen: " "$work/last" || fail "no choice is told"
explain "$work/bench" "$pod" --run "$run" --attempt 1 --json | grep -q '"attempt":1[,}]' || fail "no JSON of attempt 1"
refused "runs are named so; choose one by" "$work/bench" "$pod"
refused "no run is named so" "$work/bench" "$pod" --policy Nonesuch
refused "there is no attempt 1000000" "$work/bench" "$pod" --run "$run" --attempt 1000000
refused "no scheduler of the run ever tried a pod \"nonesuch\"" "$work/bench" nonesuch --run "$run"

"$orrery" run "$3" --out "$work/run" >"$work/said" || fail "the scenario failed"
digest=$(tail -n 1 "$work/said")
pod=$(explain "$work/run" nonesuch 2>&1 | sed -n 's/.*called \([^,)]*\).*/\1/p' || true)
[[ -n $pod ]] || fail "an unknown pod is not answered with known ones"
explain "$work/run" "$pod" >"$work/last" || fail "pod $pod of the scenario is not explained"
grep -q "^chosen: " "$work/last" || fail "no choice is told of the scenario's pod"
sed -i 's/"digest":"[0-9a-f]*"/"digest":"0123456789abcdef"/' "$work/run/run.json"
refused "does not replay" "$work/run" "$pod"
refused "holds no run" "$work" "$pod"

# A bench in a whole cluster, and operations in both modes.
cat >"$work/whole.yaml" <<'EOF'
apiVersion: orrery/v1
kind: Bench
mode: whole-cluster
seeds: 1
cluster: {masters: {count: 1}, images: present}
traces:
  - format: synthetic
    nodes: [{count: 5, cpu: 8, memory: 32Gi}]
    pods: 20
    between: {law: exponential, scale: 5s}
    durations: {law: exponential, scale: 1m}
    shapes: [{share: 1, cpu: 3, memory: 1Gi}]
policies: [BestFit]
EOF
"$orrery" bench "$work/whole.yaml" --quiet --out "$work/whole" >"$work/said" || fail "the whole cluster failed"
explain "$work/whole" pod-0-000003 >"$work/last" || fail "a pod of a whole cluster is not explained"
grep -q "^chosen: " "$work/last" || fail "no choice is told of the whole cluster's pod"
for mode in placement-only whole-cluster; do
  cat >"$work/operations.yaml" <<EOF
apiVersion: orrery/v1
kind: Bench
parameters: {mode: {value: $mode}}
mode: \${mode}
seeds: 1
cluster: {masters: {count: 1}, images: present}
templates:
  node: {apiVersion: v1, kind: Node, metadata: {name: n}, status: {capacity: {cpu: 4, memory: 8Gi, pods: 10}, conditions: [{type: Ready, status: "True"}]}}
  pod: {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}
traces: [{format: operations, name: t, operations: [{create: node, count: 5}, {create: pod, count: 5, measured: true}]}]
policies: [Default]
EOF
  rm -rf "$work/operations"
  "$orrery" bench "$work/operations.yaml" --quiet --out "$work/operations" >"$work/said" || fail "operations failed ($mode)"
  explain "$work/operations" p-7 >"$work/last" || fail "a pod of operations is not explained ($mode)"
  grep -q "^chosen: n-" "$work/last" || fail "no choice is told of a pod of operations ($mode)"
done
