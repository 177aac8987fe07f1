#include "nodes/kubelet/attached_volumes.h"

#include <algorithm>

#include "model/base/sorted_map.h"

namespace orrery::kubelet {

AttachedVolumes::AttachedVolumes(NodeReporter& reporter) : reporter_(reporter) {
  reporter_.on_node([this] { node_changed(); });
}

void AttachedVolumes::expect(const Str& uid) { expected_.insert(uid); }

void AttachedVolumes::want(const Str& uid, std::vector<Str> names, base::UniqueFunction<void()> ready) {
  expected_.erase(uid);
  if (names.empty()) {
    uses_.erase(uid);
    tell();
    return ready();
  }
  const bool there = available(names);
  uses_[uid] = {std::move(names), there ? nullptr : std::move(ready)};
  tell();
  if (there) ready();
}

void AttachedVolumes::release(const Str& uid) {
  const bool known = expected_.erase(uid) + uses_.erase(uid) > 0;
  if (known) tell();
}

void AttachedVolumes::settle() {
  settled_ = true;
  tell();
}

bool AttachedVolumes::available(const std::vector<Str>& names) const {
  if (!reporter_.node()) return false;
  const api::NodeStatus& s = *reporter_.node()->as<api::Node>().status;
  return std::all_of(names.begin(), names.end(), [&s](const Str& name) {
    return std::find(s.volumes_in_use.begin(), s.volumes_in_use.end(), name) != s.volumes_in_use.end() &&
           std::any_of(s.volumes_attached.begin(), s.volumes_attached.end(),
                       [&name](const api::AttachedVolume& v) { return v.name == name; });
  });
}

void AttachedVolumes::node_changed() {
  std::vector<base::UniqueFunction<void()>> ready;
  for (auto& [uid, use] : uses_) {
    if (!use.ready || !available(use.names)) continue;
    ready.push_back(std::move(use.ready));
    use.ready = nullptr;
  }
  for (auto& r : ready) r();
}

/// Brings the reporter's list up to date. While pods may have volumes that are not known yet, names are only added.
void AttachedVolumes::tell() {
  base::SortedSet<Str> names;
  for (const auto& [uid, use] : uses_) names.insert(use.names.begin(), use.names.end());
  if (!settled_ || !expected_.empty()) {
    if (!reporter_.node()) return;
    const auto& told = reporter_.node()->as<api::Node>().status->volumes_in_use;
    names.insert(told.begin(), told.end());
  }
  std::vector<Str> list(names.begin(), names.end());
  std::optional<std::vector<Str>>& fact = reporter_.facts().volumes_in_use;
  if (fact ? *fact == list : list.empty() && !settled_) return;
  fact = std::move(list);
  reporter_.changed();
}

}  // namespace orrery::kubelet
