#include "sim/containers/service_table.h"

#include "model/base/sorted_map.h"
#include "model/base/str.h"

namespace orrery::sim {
namespace {

using base::cat;
using base::Str;

Str address_key(std::string_view ip, std::uint16_t port) { return cat(ip, ":", std::to_string(port)); }
Str service_key(const env::ServiceEntry& e) { return cat(e.service_namespace, "/", e.service_name); }

}  // namespace

std::vector<base::Ref<const env::ServiceEntry>> ServiceTable::apply(
    const std::vector<base::Ref<const env::ServiceEntry>>& entries, bool full) {
  std::vector<base::Ref<const env::ServiceEntry>> changed;
  base::SortedSet<Str> named;
  for (const auto& e : entries) {
    const Str key = service_key(*e);
    if (full) named.insert(key);
    const auto old = entries_.find(key);
    if (old != entries_.end()) {
      if (old->second->ports == e->ports) continue;
      index(*old->second, false);
    } else if (e->ports.empty()) {
      continue;
    }
    changed.push_back(e);
    if (e->ports.empty()) {
      entries_.erase(key);
    } else {
      entries_[key] = e;
      index(*e, true);
    }
  }
  if (!full) return changed;
  std::vector<Str> gone;
  for (const auto& [key, e] : entries_)
    if (!named.contains(key)) gone.push_back(key);
  for (const Str& key : gone) {
    const auto it = entries_.find(key);
    auto empty = base::make_ref<env::ServiceEntry>();
    empty->service_namespace = it->second->service_namespace;
    empty->service_name = it->second->service_name;
    index(*it->second, false);
    entries_.erase(it);
    changed.push_back(empty);
  }
  return changed;
}

void ServiceTable::index(const env::ServiceEntry& entry, bool add) {
  for (const env::ServicePort& p : entry.ports) {
    if (p.cluster_ip.empty()) continue;
    const Str key = address_key(p.cluster_ip, p.port);
    if (add) by_address_[key] = &p;
    else by_address_.erase(key);
  }
}

DialRedirect::Answer ServiceTable::redirect(const env::Address& to, std::uint64_t draw, env::Address& backend) const {
  const env::ServicePort* const* port = by_address_.find(address_key(to.host, to.port));
  if (!port) return DialRedirect::Answer::kNotMine;
  const auto& backends = (*port)->backends;
  if (backends.empty()) return DialRedirect::Answer::kRefused;
  const env::Backend& b = backends[static_cast<std::size_t>(draw % backends.size())];
  backend = {b.ip, b.port};
  return DialRedirect::Answer::kRedirected;
}

const env::ServiceEntry* ServiceTable::find(std::string_view ns, std::string_view name) const {
  const auto it = entries_.find(cat(ns, "/", name));
  return it == entries_.end() ? nullptr : it->second.get();
}

void ServiceTable::clear() {
  entries_.clear();
  by_address_.clear();
}

}  // namespace orrery::sim
