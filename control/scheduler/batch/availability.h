// Availability: how many processors will be free when, as far as the requested times tell.
#pragma once
#include <span>
#include <vector>

#include "control/scheduler/batch/batch_policy.h"

namespace orrery::scheduler::batch {

class Availability {
 public:
  /// Jobs past their expected end are taken to end next.
  explicit Availability(const BatchState& state);

  /// The earliest time from now on at which `processors` are free for `duration`.
  Nanos earliest(std::int64_t processors, Nanos duration) const;
  /// Takes them; they are free then.
  void take(Nanos start, std::int64_t processors, Nanos duration);
  std::int64_t free_at(Nanos time) const;

 private:
  struct Step {
    Nanos from;
    std::int64_t free;
  };
  /// The step that begins at `time`, made if there is none. Not before the first.
  std::size_t split(Nanos time);

  std::vector<Step> steps_;  ///< by time; the last one lasts for ever
};

}  // namespace orrery::scheduler::batch
