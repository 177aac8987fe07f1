#include "control/apiserver/storage_key.h"

#include <algorithm>

namespace orrery::apiserver {

base::Str collection_prefix(api::KindId kind) {
  const api::Kind& k = api::kind_of(kind);
  if (!*k.group) return base::cat("/registry/", k.plural, "/");
  return base::cat("/registry/", k.group, "/", k.plural, "/");
}

base::Str storage_key(std::string_view collection_prefix, std::string_view ns,
                      std::string_view name) {
  char room[512];
  const std::size_t size = collection_prefix.size() + ns.size() + 1 + name.size();
  if (size > sizeof room) return base::cat(collection_prefix, ns, ns.empty() ? "" : "/", name);
  char* at = std::copy(collection_prefix.begin(), collection_prefix.end(), room);
  at = std::copy(ns.begin(), ns.end(), at);
  if (!ns.empty()) *at++ = '/';
  at = std::copy(name.begin(), name.end(), at);
  return std::string_view(room, static_cast<std::size_t>(at - room));
}

}  // namespace orrery::apiserver
