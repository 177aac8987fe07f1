#include "scenarios/bench/dump_trace.h"

#include <algorithm>

#include "model/base/str.h"
#include "scenarios/bench/object_trace.h"
#include "scenarios/load/input_error.h"
#include "scenarios/whatif/cluster_dump.h"

namespace orrery::scenarios::bench {

Trace read_dump_trace(const std::string& file) {
  Trace out;
  out.timed = true;
  std::size_t ended = 0, undated = 0;
  std::int64_t first = INT64_MAX, last = 0;   // seconds of the Unix epoch
  for (const api::ObjectRef& o : whatif::read_cluster_dump(file).objects) {
    if (o->kind_id() == api::KindId::kNode) {
      out.nodes.push_back(trace_node(o));
    } else if (o->kind_id() != api::KindId::kPod) {
      out.objects.push_back(o);
    } else {
      const api::Pod& pod = o->as<api::Pod>();
      if (pod.status->phase == "Succeeded" || pod.status->phase == "Failed") {
        ++ended;
        continue;
      }
      const api::Time created = pod.metadata.creation_timestamp;
      undated += created.is_zero();
      TracePod p = trace_pod(pod);
      p.arrival = created.is_zero() ? -1 : created.seconds;   // made relative below
      p.censored = true;
      if (!created.is_zero()) {
        first = std::min(first, created.seconds);
        last = std::max(last, created.seconds);
      }
      out.pods.push_back(std::move(p));
    }
  }
  if (out.pods.empty()) throw InputError{file, 0, "", "has no pod that has not ended"};
  for (TracePod& p : out.pods) {
    p.arrival = p.arrival < 0 ? 0 : (p.arrival - first) * base::kSecond;
    p.duration = first > last ? 0 : (last - first) * base::kSecond - p.arrival;
  }
  sort_by_arrival(out);
  note_if_any(out, ended, "pods that have ended are left out");
  note_if_any(out, undated, "pods without a creationTimestamp come at the beginning");
  out.notes.push_back("pods come when they were created; what was gone before the dump is not in it");
  return out;
}

}  // namespace orrery::scenarios::bench
