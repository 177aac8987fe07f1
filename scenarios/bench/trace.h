// Trace: pods that come and machines they are for, as a published trace tells them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/scheduler/framework/gpu.h"
#include "model/api/object.h"
#include "model/base/time.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios::bench {

using base::Str;

inline double in_seconds(base::Nanos t) { return static_cast<double>(t) / static_cast<double>(base::kSecond); }

struct TraceNode {
  Str name;
  std::int64_t milli_cpu = 0, memory = 0;   ///< memory in bytes
  std::int32_t gpus = 0;
  Str gpu_model;
  Str zone = {};                 ///< may be empty
  api::ObjectRef object = nullptr;          ///< of a trace that tells Node objects: all of it counts; else null
  /// When it is not there, in order; `until` INT64_MAX: for good.
  struct Away {
    base::Nanos from, until;
  };
  std::vector<Away> away = {};
  std::optional<PowerSpec> power = {};   ///< set: what it draws; else what its model or every node does (EnergySpec)
};

struct TracePod {
  Str name;
  std::int64_t milli_cpu = 0, memory = 0;
  scheduler::GpuDemand gpu;
  /// Of a trace that tells Pod objects, as they were submitted: all of it counts; else null. `name` is "NAMESPACE/NAME" then.
  api::ObjectRef object;
  Str tenant;                    ///< whose it is; may be empty
  Str app;                       ///< the workload that it is a replica of; may be empty
  std::int32_t zone_skew = 0;    ///< above 0: replicas of the app in two zones may differ by so many (maxSkew); needs an app
  std::int32_t priority = 0;
  /// Pods with the same name here start together or not at all, and are evicted together; empty: alone. They come at one time.
  Str gang;
  base::Nanos arrival = 0;       ///< after the beginning of the trace
  base::Nanos duration = 0;      ///< from start to end
  /// It still ran when the trace ended: `duration` is what was seen of it.
  bool censored = false;
  /// It never ran in the recorded cluster. It gives up `patience` after its arrival; if it runs here, it ends then, too.
  bool unscheduled = false;
  base::Nanos patience = 0;
  // Of a closed load, where `arrival` is found by the run: whose it is, and how long that user thinks before it.
  std::uint32_t user = 0;
  base::Nanos think = 0;
};

/// Machines have room for so many pods, as in the publication's cluster.
inline constexpr int kMaxPodsOfNode = 1001;

struct Trace {
  std::vector<TraceNode> nodes;
  std::vector<TracePod> pods;
  std::vector<api::ObjectRef> objects;   ///< what plugins read besides: services, claims, volumes, namespaces, budgets
  bool timed = false;            ///< arrivals and durations are told
  std::vector<std::string> notes;   ///< what was left out or supposed
};

/// Those that arrive together stay in their order.
void sort_by_arrival(Trace& trace);
/// Notes "COUNT WHAT" unless it is 0.
void note_if_any(Trace& trace, std::size_t count, std::string_view what);

}  // namespace orrery::scenarios::bench
