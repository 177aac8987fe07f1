// Environment: everything one process incarnation may touch. Built and owned by sim/ or real/, passed by reference.
#pragma once
#include "model/env/clock.h"
#include "model/env/compute.h"
#include "model/env/containers.h"
#include "model/env/dataplane.h"
#include "model/env/disk.h"
#include "model/env/faults.h"
#include "model/env/network.h"
#include "model/env/process.h"
#include "model/env/random.h"
#include "model/env/task.h"
#include "model/env/trace.h"

namespace orrery::env {

/// The references live as long as the process incarnation. Components take `Environment&` in their constructor and must
/// cause no effects in their destructor (after death every effect is discarded anyway).
struct Environment {
  Clock& clock;
  Timers& timers;
  Random& random;
  Network& network;
  Disk& disk;
  Containers& containers;  ///< refuses everything with kUnavailable on a machine without a runtime
  Dataplane& dataplane;
  Compute& compute;
  Trace& trace;
  Faults& faults;
  Process& process;
  Trampoline& trampoline;  ///< resumes this process's tasks; see task.h
};

/// Suspends the calling task for `delay` on the monotonic clock.
inline SleepAwaiter sleep(Environment& env, base::Nanos delay) { return SleepAwaiter(env.timers, env.trampoline, delay); }

}  // namespace orrery::env
