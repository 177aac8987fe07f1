// ContainerRun: what the kubelet knows of one container of a pod over its restarts.
#pragma once
#include <cstdint>
#include <memory>

#include "model/base/cow.h"
#include "model/base/str.h"
#include "model/env/containers.h"
#include "nodes/kubelet/back_off.h"

namespace orrery::kubelet {

using base::Str;

/// How an instance ended.
struct Exit {
  Str id, reason, message;
  int code = 0;
  base::Instant started_wall, finished_wall;
  base::Instant seen;              ///< monotonic
};

/// Why there is no running instance.
struct Waiting {
  Str reason, message;
  base::Instant retry_at;          ///< monotonic; kNever: until something else happens
};

/// The probes that watch an instance.
struct ProbeWatches {
  env::ProbeWatch startup = env::ProbeWatch::kNone, liveness = env::ProbeWatch::kNone, readiness = env::ProbeWatch::kNone;
};

enum class RunState : std::uint8_t { kNone, kCreated, kRunning, kExited };

/// Slim, because a cluster has hundreds of thousands: what only troubled containers have stands behind pointers.
struct ContainerRun {
  Str id;                          ///< of the newest instance; empty before the first
  Str image_id;
  base::Instant started_wall;
  std::uint32_t restarts = 0;      ///< the newest instance's number
  RunState state = RunState::kNone;
  bool ready = false, started = false;
  bool stopping = false;           ///< it has been told to stop
  bool hooked = false;             ///< postStart has finished
  base::Box<Exit> exit;            ///< of the newest instance, in state kExited
  base::Box<Exit> previous;        ///< of the instance before
  base::Box<Waiting> waiting;
  std::unique_ptr<ProbeWatches> probes;
  BackOff back_off, pull_back_off;

  bool live() const { return state == RunState::kCreated || state == RunState::kRunning; }
};

}  // namespace orrery::kubelet
