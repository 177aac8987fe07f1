// Keys of objects in the store: /registry/[GROUP/]RESOURCE/[NAMESPACE/]NAME.
#pragma once
#include <string_view>

#include "model/api/kind.h"

namespace orrery::apiserver {

/// "/registry/pods/" or "/registry/apps/deployments/": the prefix of all keys of a kind.
base::Str collection_prefix(api::KindId kind);
/// The key of one object; `ns` is ignored for a kind without namespaces.
base::Str storage_key(std::string_view collection_prefix, std::string_view ns,
                      std::string_view name);

}  // namespace orrery::apiserver
