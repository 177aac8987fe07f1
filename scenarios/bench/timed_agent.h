// TimedAgent: something beside the scheduler that acts on a timed run at times of its own: a descheduler, an autoscaler.
#pragma once
#include "scenarios/bench/timed_measures.h"

namespace orrery::scenarios::bench {

/// What agents may do.
class TimedWorld {
 public:
  virtual ~TimedWorld() = default;
  virtual const scheduler::Snapshot& snapshot() const = 0;
  /// Changes whenever a pod or node comes, goes or begins to wait.
  virtual std::uint64_t version() const = 0;
  /// Pods that have been tried and fit nowhere, in the order of the queue.
  virtual std::vector<scheduler::PodInfoRef> unschedulable() const = 0;
  /// The pod, which runs, goes back to the queue; with its gang, if it has one.
  virtual void evict(const scheduler::PodInfo& pod, Evictor by) = 0;
  virtual void add_node(const TraceNode& node) = 0;
  /// No pods are on it.
  virtual void remove_node(const Str& name) = 0;
  /// A group has been asked to grow.
  virtual void scaled_up() = 0;
};

class TimedAgent {
 public:
  virtual ~TimedAgent() = default;
  /// When it acts next, after everything else of that instant.
  virtual base::Nanos next() const = 0;
  virtual void act(base::Nanos now, TimedWorld& world) = 0;
  /// What it did, in words.
  virtual std::string note() const = 0;
};

}  // namespace orrery::scenarios::bench
