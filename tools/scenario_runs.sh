# shellcheck shell=bash
# Functions about scenario runs, sourced by tools/test and tools/verify. Run from the root of the project.

# The shipped scenarios: the YAML files below scenarios/ that describe a cluster.
shipped_scenarios() {
  grep -lE '^kind: Scenario' -r scenarios --include='*.yaml' | LC_ALL=C sort || true
}

# run_seed COMMAND FILE SEED RESULTS: runs one seed and writes one line "FILE SEED STATUS DIGEST EVENTS" to a file of its own
# below RESULTS. EVENTS is a hash of every byte of the event files. COMMAND is split at blanks. A line that is there stays;
# none is made after RUNS_END (seconds of the epoch), if that is set.
run_seed() {
  local command=$1 file=$2 seed=$3 results=$4
  local name=${file//\//_}.$seed out status=0 digest events
  if [ -s "$results/$name.line" ] || { [ -n "${RUNS_END:-}" ] && [ "$(date +%s)" -ge "$RUNS_END" ]; }; then return; fi
  out=$results/$name.out
  # shellcheck disable=SC2086
  $command run "$file" --seed "$seed" --out "$out" >"$results/$name.log" 2>&1 || status=$?
  digest=$(sed -n 's/^digest: //p' "$results/$name.log" | tail -n 1)
  events=$(find "$out" -name events.jsonl -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0r cat | sha256sum | cut -c 1-16)
  rm -rf "$out"
  echo "$file $seed $status ${digest:-none} $events" >"$results/$name.line.new"
  mv "$results/$name.line.new" "$results/$name.line"
}
export -f run_seed

# run_seeds COMMAND RESULTS FIRST LAST FILE...: all seeds of all files, as many at once as there are processors.
run_seeds() {
  local command=$1 results=$2 first=$3 last=$4
  shift 4
  mkdir -p "$results"
  local file seed
  for file in "$@"; do
    for ((seed = first; seed <= last; ++seed)); do printf '%s\0%s\0' "$file" "$seed"; done
  done | xargs -0 -r -n 2 -P "$(nproc)" bash -c 'run_seed "$1" "$3" "$4" "$2"' run_seed "$command" "$results"
  find "$results" -name '*.line' -print0 | LC_ALL=C sort -z | xargs -0r cat >"$results/lines"
}
