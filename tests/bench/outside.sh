#!/usr/bin/env bash
# Policies outside the tree: a library is built against the installed headers and loaded, a Python program answers; both give one
# digest each time, and each way of going wrong takes one line and the right exit status.
# usage: outside.sh ORRERY SOURCE_DIR BUILD_DIR
set -euo pipefail
orrery=$1
source=$2
build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "outside: $1" >&2; exit 1; }

# bench_file NAME POLICIES...: a small synthetic bench.
bench_file() {
  local file=$work/$1.yaml
  shift
  cat >"$file" <<EOF
apiVersion: orrery/v1
kind: Bench
mode: placement-only
seeds: [1, 2]
traces:
  - format: synthetic
    nodes: [{count: 12, cpu: 16, memory: 64Gi, gpus: 4, model: A}, {count: 6, cpu: 32, memory: 64Gi}]
    pods: 150
    between: {law: exponential, scale: 30s}
    durations: {law: lognormal, scale: 30m, shape: 1}
    shapes: [{share: 2, cpu: 2, memory: 4Gi, gpus: 1, gpuMilli: 500}, {share: 1, cpu: 6, memory: 8Gi}, {share: 1, cpu: 1, memory: 1Gi, gpus: 2}]
policies:
EOF
  printf '  - %s\n' "$@" >>"$file"
  echo "$file"
}

# refused STATUS TEXT ARGS...: orrery ARGS ends so, with one line that holds the text.
refused() {
  local wanted=$1 text=$2 status=0
  shift 2
  "$orrery" "$@" >"$work/out" 2>"$work/error" || status=$?
  [[ $status == "$wanted" ]] || fail "$*: status $status instead of $wanted: $(cat "$work/error")"
  [[ $(wc -l <"$work/error") == 1 ]] || fail "$*: not one line: $(cat "$work/error")"
  grep -qF -- "$text" "$work/error" || fail "$*: no \"$text\" in: $(cat "$work/error")"
}

# same_twice FILE: the digest of two runs in fresh processes.
same_twice() {
  local one two
  one=$("$orrery" bench "$1" --quiet --jobs 1 | tail -n 1)
  two=$("$orrery" bench "$1" --quiet --jobs 2 | tail -n 1)
  [[ $one == digest:* ]] || fail "$1: no digest: $one"
  [[ $one == "$two" ]] || fail "$1: $one and then $two"
  echo "$one"
}

# --- libraries
cmake --install "$build" --component policy --prefix "$work/sdk" >/dev/null
configure() { cmake -S "$1" -B "$2" -Dorrery-policy_DIR="$work/sdk/lib/cmake/orrery-policy" >"$work/log" 2>&1 && cmake --build "$2" >>"$work/log" 2>&1 || fail "$1 does not build: $(tail -n 5 "$work/log")"; }
configure "$source/tools/examples/outside_policy" "$work/build"
cp "$work/build/libquiet_nodes.so" "$work/"

lib=./libquiet_nodes.so
quiet=$(same_twice "$(bench_file quiet "{name: lib, plugin: $lib}")")
mixed=$(same_twice "$(bench_file mixed "{name: lib, plugin: $lib, plugins: [{name: KeepFree, args: {milliCpu: 9000}}, {name: BestFit}]}")")
[[ $quiet != "$mixed" ]] || fail "other plugins and arguments, the same digest"

refused 2 'milliCpu must not be negative' bench "$(bench_file args "{name: x, plugin: $lib, plugins: [{name: KeepFree, args: {milliCpu: -1}}]}")"
refused 2 '"Nothing" is not a plugin' bench "$(bench_file unknown "{name: x, plugin: $lib, plugins: [{name: Nothing}]}")"
refused 2 'no such file' bench "$(bench_file missing '{name: x, plugin: ./libmissing.so}')"
echo 'no library' >"$work/libtext.so"
refused 2 'cannot be loaded' bench "$(bench_file text '{name: x, plugin: ./libtext.so}')"

# variant NAME SOURCE: a library of one file.
variant() {
  mkdir -p "$work/$1"
  sed "s/quiet_nodes/$1/g" "$source/tools/examples/outside_policy/CMakeLists.txt" >"$work/$1/CMakeLists.txt"
  printf '%s\n' "$2" >"$work/$1/$1.cc"
  configure "$work/$1" "$work/$1/build"
  cp "$work/$1/build/lib$1.so" "$work/"
}
variant no_entry 'int nothing() { return 0; }'
refused 2 'defines no orrery_policies()' bench "$(bench_file no_entry '{name: x, plugin: ./libno_entry.so}')"
variant lacks 'extern "C" int not_in_the_program(); extern "C" const void* orrery_policies() { return not_in_the_program() ? nullptr : nullptr; }'
refused 2 'not_in_the_program' bench "$(bench_file lacks '{name: x, plugin: ./liblacks.so}')"
variant old '#include "control/scheduler/framework/outside.h"
extern "C" const orrery::scheduler::OutsideLibrary* orrery_policies() {
  static constexpr orrery::scheduler::OutsideLibrary kOld{orrery::scheduler::kOutsideVersion + 7, 0, nullptr, 0};
  return &kOld;
}'
refused 2 'of the policy interface, this program has version' bench "$(bench_file old '{name: x, plugin: ./libold.so}')"
variant other '#include "control/scheduler/framework/outside.h"
extern "C" const orrery::scheduler::OutsideLibrary* orrery_policies() {
  static constexpr orrery::scheduler::OutsideLibrary kOther{orrery::scheduler::kOutsideVersion, orrery::scheduler::outside_layout() + 1, nullptr, 0};
  return &kOther;
}'
refused 2 'other headers' bench "$(bench_file other '{name: x, plugin: ./libother.so}')"

# In a KubeSchedulerConfiguration: the node with fewer pods is chosen, and none where too little would stay free.
cat >"$work/cluster.yaml" <<'EOF'
{apiVersion: v1, kind: Node, metadata: {name: a}, status: {allocatable: {cpu: 8, memory: 8Gi, pods: 110}}}
---
{apiVersion: v1, kind: Node, metadata: {name: b}, status: {allocatable: {cpu: 4, memory: 8Gi, pods: 110}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: default}, spec: {nodeName: a, containers: [{name: c, image: i}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: q, namespace: default}, spec: {schedulerName: quiet, containers: [{name: c, image: i, resources: {requests: {cpu: 3}}}]}}
EOF
config() {
  cat >"$work/config.yaml" <<EOF
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: quiet
    plugins:
      multiPoint: {enabled: [{name: FewestPods, weight: 50}, {name: KeepFree}]}
    pluginConfig: [{name: KeepFree, args: {milliCpu: $1}}]
EOF
}
ask() { "$orrery" explain --cluster "$work/cluster.yaml" --pod default/q --config "$work/config.yaml" --plugin "$work/libquiet_nodes.so"; }
config 500
ask >"$work/answer"
grep -q 'FewestPods' "$work/answer" || fail "no score of FewestPods: $(cat "$work/answer")"
config 2000
ask >"$work/answer"
grep -q 'too little CPU to keep free' "$work/answer" || fail "KeepFree rejects nothing: $(cat "$work/answer")"
refused 2 '"FewestPods" does not exist' explain --cluster "$work/cluster.yaml" --pod default/q --config "$work/config.yaml"
config -5
refused 2 'milliCpu must not be negative' explain --cluster "$work/cluster.yaml" --pod default/q --config "$work/config.yaml" --plugin "$work/libquiet_nodes.so"

# --- in clusters: libraries
# scenario NAME SCHEDULER READY: six pods on four nodes, READY of which find room.
scenario() {
  cat >"$work/$1.yaml" <<EOF
apiVersion: orrery/v1
kind: Scenario
until: 40s
cluster:
  masters: {count: 1}
  nodes: [{group: w, count: 4, cpu: 4, memory: 8Gi}]
  images: present
  scheduler: $2
workloads:
- manifest:
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 6
      selector: {matchLabels: {app: web}}
      template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 1}}}]}}
expect:
  invariants: all
  final: [{metric: ready_pods, selector: app=web, equals: $3}]
EOF
  echo "$work/$1.yaml"
}
run_twice() {
  local one two
  one=$(cd / && "$orrery" run "$1" -q --out "$work/run" | tail -n 1) || fail "$1: $one"
  two=$("$orrery" replay "$work/run" -q | tail -n 1) || fail "$1 does not replay: $two"
  [[ $one == digest:* && $one == "$two" ]] || fail "$1: $one and then $two"
  echo "$one"
}
profile() {
  printf '%s\n' 'apiVersion: kubescheduler.config.k8s.io/v1' 'kind: KubeSchedulerConfiguration' \
    "profiles: [{plugins: {multiPoint: {enabled: [{name: FewestPods, weight: 50}, {name: KeepFree}]}}, pluginConfig: [{name: KeepFree, args: {milliCpu: $1}}]}]" >"$work/profile-$1.yaml"
}
profile 500
profile 2500
roomy=$(run_twice "$(scenario roomy '{config: profile-500.yaml, plugins: [./libquiet_nodes.so]}' 6)")
# A node of four cores keeps two and a half free: one pod goes on each.
scarce=$(run_twice "$(scenario scarce '{config: profile-2500.yaml, plugins: [./libquiet_nodes.so]}' 4)")
[[ $roomy != "$scarce" ]] || fail "other arguments of a plugin, the same digest"
pod=$("$orrery" explain "$work/run" nonesuch 2>&1 | sed -n 's/.*called \([^,)]*\).*/\1/p' || true)
"$orrery" explain "$work/run" "$pod" >"$work/answer" || fail "pod $pod is not explained"
grep -q 'FewestPods' "$work/answer" || fail "nothing of FewestPods: $(cat "$work/answer")"
refused 2 'lost.yaml:8: cluster.scheduler.plugins[0]' run -q "$(scenario lost '{config: profile-500.yaml, plugins: [./libmissing.so]}' 6)"
refused 2 'no such file' run -q "$work/lost.yaml"
refused 2 '"FewestPods" does not exist' run -q "$(scenario bare '{config: profile-500.yaml}' 6)"
refused 2 'in a library before' run -q "$(scenario twice '{config: profile-500.yaml, plugins: [./libquiet_nodes.so, ./libquiet_nodes.so]}' 6)"
refused 2 'cannot be loaded' run -q "$(scenario text '{config: profile-500.yaml, plugins: [./libtext.so]}' 6)"

# whole NAME POLICY: a small bench in a cluster.
whole() {
  local file
  file=$(bench_file "$1" "$2")
  sed -i -e 's/^mode: .*/mode: whole-cluster\ncluster: {masters: {count: 1}, images: present}/' -e 's/pods: 150/pods: 30/' -e 's/^seeds: .*/seeds: 1/' "$file"
  echo "$file"
}
same_twice "$(whole whole_lib "{name: lib, plugin: $lib}")" >/dev/null

# --- processes
cp "$source/tools/examples/policy.py" "$work/"
python=$(same_twice "$(bench_file python '{name: py, command: [python3, policy.py], timeout: 120s}')")
sed 's/-left(place/left(place/' "$source/tools/examples/policy.py" >"$work/policy.py"
worst=$(same_twice "$(bench_file python '{name: py, command: [python3, policy.py], timeout: 120s}')")
[[ $python != "$worst" ]] || fail "best and worst fit have the same digest"

# speaks NAME CODE [TIMEOUT]: a policy that answers the nodes and then runs CODE for each question.
speaks() {
  printf '%s\n' 'import sys, time' 'sys.stderr = open("/dev/null", "w")' 'sys.stdin.readline()' "print('{\"orrery\":1}', flush=True)" 'for line in sys.stdin:' "    $2" >"$work/$1.py"
  bench_file "$1" "{name: x, command: [python3, $1.py], timeout: ${3:-120s}}"
}
refused 2 'no-such-program' bench "$(bench_file program '{name: x, command: [no-such-program]}')"
refused 3 'ended with status 7' bench --quiet "$(speaks dies 'sys.exit(7)')"
refused 3 'no answer within 700 ms' bench --quiet "$(speaks sleeps 'time.sleep(60)' 700ms 2>/dev/null)"
refused 3 'no JSON object' bench --quiet "$(speaks babbles "print('hm', flush=True)")"
refused 3 'one of those that fit' bench --quiet "$(speaks misses "print('{\"node\": 99}', flush=True)")"
refused 3 'nodes fit' bench --quiet "$(speaks short "print('{\"scores\": [1]}', flush=True)")"
refused 3 'neither "node" nor a list "scores"' bench --quiet "$(speaks neither "print('{}', flush=True)")"

# --- in clusters: processes
cp "$source/tools/examples/policy.py" "$work/policy.py"
best=$(run_twice "$(scenario process '{command: [python3, policy.py], timeout: 120s}' 6)")
sed 's/-left(place/left(place/' "$source/tools/examples/policy.py" >"$work/policy.py"
refused 2 'has changed since the run' replay "$work/run" -q
[[ $best != $(run_twice "$work/process.yaml") ]] || fail "best and worst fit have the same digest in a cluster"
refused 3 'ended with status 7' run -q "$(scenario dying '{command: [python3, dies.py], timeout: 120s}' 6)"
refused 2 'no-such-program' run -q "$(scenario program '{command: [no-such-program]}' 6)"
same_twice "$(whole whole_py '{name: py, command: [python3, policy.py], timeout: 120s}')" >/dev/null
refused 3 'ended with status 7' bench --quiet "$(whole whole_dies '{name: x, command: [python3, dies.py], timeout: 120s}')"
