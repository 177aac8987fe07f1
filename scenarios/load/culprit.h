// Where in a document an error of decoding is.
#pragma once
#include <string>

#include "model/codec/json_read.h"

namespace orrery::scenarios {

/// The field path inside a decoding error: what stands in its last pair of quotes.
std::string quoted_path(const std::string& message);

/// Where an error is whose text names no field: the deepest place without which the object no longer has it.
std::string culprit_of(const std::string& json, const std::string& message, const codec::ReadOptions& options);

}  // namespace orrery::scenarios
