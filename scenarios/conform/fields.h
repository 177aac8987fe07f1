// Fields: what of an object the comparison looks at.
#pragma once
#include <map>
#include <string>

#include "scenarios/conform/history.h"
#include "scenarios/conform/mask.h"

namespace orrery::scenarios::conform {

/// Field names to masked values. Left out: identity and revision, times, addresses, heartbeats, and of the
/// specification everything but the plain values that controllers and users change.
std::map<std::string, std::string> compared_fields(std::string_view resource, const JsonValue& object,
                                                   const Masker& mask);

struct SliceCounts {
  std::int64_t all = 0, ready = 0, serving = 0, terminating = 0;
};
/// Of one EndpointSlice. Which slice of a service an endpoint is in is chance; their sums are compared.
SliceCounts slice_counts(const JsonValue& slice);

/// True for a count that controllers may write in bigger or smaller steps than the real ones did.
bool is_counter(std::string_view resource, std::string_view field);

/// "Normal Scheduled «Successfully assigned shop/web-6bbdcdcf4-* to NODE» from default-scheduler".
std::string event_text(const JsonValue& event, const Masker& mask);

}  // namespace orrery::scenarios::conform
