#include "control/apiserver/storage_key.h"

namespace orrery::apiserver {

base::Str collection_prefix(api::KindId kind) {
  const api::Kind& k = api::kind_of(kind);
  if (!*k.group) return base::cat("/registry/", k.plural, "/");
  return base::cat("/registry/", k.group, "/", k.plural, "/");
}

base::Str storage_key(std::string_view collection_prefix, std::string_view ns, std::string_view name) {
  if (ns.empty()) return base::cat(collection_prefix, name);
  return base::cat(collection_prefix, ns, "/", name);
}

}  // namespace orrery::apiserver
