#include "control/scheduler/framework/lister.h"

#include <algorithm>
#include <tuple>

namespace orrery::scheduler {
namespace {

using Asked = ObjectName<std::string_view>;
using Place = std::tuple<api::KindId, std::string_view, std::string_view>;

Place key_of(const api::ObjectRef& o) { return {o->kind_id(), o->meta().namespace_.view(), o->meta().name.view()}; }

}  // namespace

api::Map<Str> namespace_labels(const Lister& lister, std::string_view ns) {
  const api::ObjectRef object = lister.get(api::KindId::kNamespace, {}, ns);
  return object ? object->meta().labels : api::Map<Str>();
}

void FixedLister::changed(api::KindId kind) {
  const auto index = static_cast<std::size_t>(kind);
  if (versions_.size() <= index) versions_.resize(index + 1);
  ++versions_[index];
}

std::int64_t FixedLister::version(api::KindId kind) const {
  const auto index = static_cast<std::size_t>(kind);
  return index < versions_.size() ? versions_[index] : 0;
}

void FixedLister::remove(api::KindId kind, std::string_view ns, std::string_view name) {
  const Place key{kind, ns, name};
  const auto at = std::lower_bound(objects_.begin(), objects_.end(), key,
                                   [](const api::ObjectRef& o, const Place& k) { return key_of(o) < k; });
  if (at == objects_.end() || key_of(*at) != key) return;
  objects_.erase(at);
  by_name_.erase(Asked(kind, ns, name));
  changed(kind);
}

void FixedLister::set(api::ObjectRef object) {
  changed(object->kind_id());
  const Place key = key_of(object);
  by_name_[Asked(object->kind_id(), object->meta().namespace_, object->meta().name)] = object;
  const auto at = std::lower_bound(objects_.begin(), objects_.end(), key,
                                   [](const api::ObjectRef& o, const Place& k) { return key_of(o) < k; });
  if (at != objects_.end() && key_of(*at) == key) *at = std::move(object);
  else objects_.insert(at, std::move(object));
}

api::ObjectRef FixedLister::get(api::KindId kind, std::string_view ns, std::string_view name) const {
  const api::ObjectRef* found = by_name_.find(Asked(kind, ns, name));
  return found ? *found : api::ObjectRef();
}

std::vector<api::ObjectRef> FixedLister::list(api::KindId kind, std::string_view ns) const {
  std::vector<api::ObjectRef> out;
  auto at = std::lower_bound(objects_.begin(), objects_.end(), Place{kind, ns, {}},
                             [](const api::ObjectRef& o, const Place& k) { return key_of(o) < k; });
  for (; at != objects_.end() && (*at)->kind_id() == kind && (ns.empty() || (*at)->meta().namespace_ == ns); ++at) {
    out.push_back(*at);
  }
  return out;
}

}  // namespace orrery::scheduler
