// A valid object of each kind, and copies of it changed by a patch.
#pragma once
#include <string_view>

#include "model/api/object.h"

namespace orrery::api::test {

/// Defaulted and ready to be stored; `patch` is a strategic merge patch ("" for none), applied before
/// defaulting.
base::Ref<Object> sample(KindId kind, std::string_view patch = "");

}  // namespace orrery::api::test
