// BatchJob, BatchTrace: the jobs of a batch system as a trace has them.
#pragma once
#include <string>
#include <vector>

#include "model/base/time.h"

namespace orrery::scenarios::batch {

using base::Nanos;

struct BatchJob {
  std::string name;
  Nanos submitted = 0;          ///< since the trace's zero
  Nanos requested = 0;          ///< > 0: what its user asked for
  Nanos run = 0;                ///< >= 0: what it takes when nobody kills it
  std::int64_t processors = 0;  ///< > 0
};

/// By submission, then in the trace's order.
struct BatchTrace {
  std::vector<BatchJob> jobs;
  std::int64_t processors = 0;  ///< of the machine; 0: the trace does not say
  int never_started = 0;        ///< rows of jobs that were cancelled before they ran: left out
  int no_request = 0;           ///< rows without a requested time: the run time stands for it
};

}  // namespace orrery::scenarios::batch
