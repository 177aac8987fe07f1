#include "control/scheduler/class_key.h"

#include "model/codec/json_write.h"

namespace orrery::scheduler {
namespace {

/// Lengths and numbers stand before what they count, so that different pods cannot give the same bytes.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void number(std::int64_t n) { out_.append(reinterpret_cast<const char*>(&n), sizeof n); }
  void text(std::string_view s) {
    const auto size = static_cast<std::uint32_t>(s.size());
    out_.append(reinterpret_cast<const char*>(&size), sizeof size);
    out_.append(s);
  }
  void labels(const api::Map<Str>& map) {
    number(static_cast<std::int64_t>(map.size()));
    for (const auto& [key, value] : map) {
      text(key);
      text(value);
    }
  }
  void amounts(const api::ResourceList& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const auto& [name, quantity] : list) {
      text(name);
      number(name == "cpu" ? quantity.milli_value() : quantity.value());
    }
  }
  void resource(const Resource& r) {
    for (const std::int64_t n : {r.milli_cpu, r.memory, r.ephemeral_storage}) number(n);
    number(static_cast<std::int64_t>(r.scalars.size()));
    for (const ScalarAmount& s : r.scalars) {
      text(s.name);
      number(s.amount);
    }
  }
  void containers(const api::List<api::Container>& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const api::Container& c : list) text(c.image);
  }

 private:
  std::string& out_;
};

}  // namespace

void append_class_key(const PodInfo& pod, std::string& out) {
  const api::PodSpec& spec = pod.spec();
  Writer w(out);
  w.text(pod.meta().namespace_);
  w.labels(pod.meta().labels);
  if (const api::OwnerReference* owner = api::controller_of(pod.meta())) {
    w.text(owner->api_version);
    w.text(owner->kind);
    w.text(owner->name);
  } else {
    w.number(-1);
  }
  w.text(spec.node_name);
  w.labels(spec.node_selector);
  w.text(spec.affinity ? codec::to_json(*spec.affinity) : std::string());
  w.number(static_cast<std::int64_t>(spec.tolerations.size()));
  for (const api::Toleration& t : spec.tolerations) {
    for (const Str* s : {&t.key, &t.operator_, &t.value, &t.effect}) w.text(*s);
  }
  w.number(static_cast<std::int64_t>(spec.topology_spread_constraints.size()));
  for (const api::TopologySpreadConstraint& c : spec.topology_spread_constraints) w.text(codec::to_json(c));
  w.resource(pod.wanted);
  w.amounts(pod.plain_requests);
  w.amounts(pod.scoring_requests);
  w.number(pod.gpu.malformed ? -1 : pod.gpu.count);
  w.number(pod.gpu.milli);
  w.text(pod.gpu.models);
  w.number(static_cast<std::int64_t>(pod.ports.size()));
  for (const HostPort& p : pod.ports) {
    w.text(p.ip);
    w.text(p.protocol);
    w.number(p.port);
  }
  w.containers(spec.init_containers);
  w.containers(spec.containers);
}

}  // namespace orrery::scheduler
