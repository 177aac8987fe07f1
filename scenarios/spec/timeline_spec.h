// TimelineEntry: something that happens to the cluster, and when.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/api/object.h"
#include "model/base/time.h"

namespace orrery::scenarios {

/// "namespace/kind/name" (or "kind/name" for objects without a namespace), kind in lower case singular or plural.
struct ObjectName {
  std::string namespace_, name;
  api::KindId kind = api::KindId::kNone;
  std::string text() const;
};

struct FaultSpec {
  enum class Kind : std::uint8_t { kMachine, kProcess, kNetwork, kDisk, kClock, kCpu } kind = Kind::kMachine;
  std::string action;                  ///< "power-off", "kill", "partition", "full", ...
  std::string target;                  ///< "master/2", "etcd/1", "node/zone-a/*", "master/leader-of(store)", a name given by `as`
  std::string to;                      ///< network: the other side; "" is everybody else
  bool one_way = false;
  base::Nanos duration = 0;            ///< 0: until undone
  base::Nanos latency = 0, jitter = 0;
  double percent = 0;                  ///< loss, duplicate, reorder
  std::int64_t bandwidth = 0;
  base::Nanos step = 0;                ///< clock
  std::int64_t drift_ppm = 0;
  int effect = 0;                      ///< kill-at: of sim::Effect
  std::int64_t number = 1;             ///< kill-at: the n-th one
  bool after = false;                  ///< kill-at: after the effect instead of before it
  std::string as;                      ///< remembers the resolved target under this name
};

/// One request that a user makes.
struct UserAction {
  enum class Kind : std::uint8_t {
    kSetImage, kScale, kDelete, kApply, kCordon, kUncordon, kDrain, kTaint, kUntaint, kPatch,
  } kind = Kind::kScale;
  ObjectName object;
  std::string container, image;        ///< set-image
  std::int32_t replicas = 0;           ///< scale
  std::optional<std::int64_t> grace_seconds;  ///< delete
  std::vector<api::ObjectRef> objects; ///< apply
  bool dry_run = false;                ///< apply
  std::string subresource;             ///< patch: "" or "status"
  std::string json;                    ///< patch: strategic merge
  std::string taint_key, taint_value, taint_effect;
};

struct Trigger {
  enum class Kind : std::uint8_t { kAt, kEvery, kWhen } kind = Kind::kAt;
  base::Nanos at = 0;                  ///< kAt
  base::Nanos every = 0, from = 0, until = 0;
  std::string event;                   ///< "create", "update", "delete"
  api::KindId object_kind = api::KindId::kNone;
  std::string object_name;             ///< "namespace/name" pattern; "" any
  std::string field;                   ///< changed field path; "" any
  std::string value;                   ///< the field's new value; "" any
  base::Nanos after = 0;
  int nth = 1;
};

struct TimelineEntry {
  int line = 0;
  Trigger trigger;
  std::vector<FaultSpec> faults;
  std::vector<UserAction> actions;
};

}  // namespace orrery::scenarios
