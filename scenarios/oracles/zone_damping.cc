#include "scenarios/oracles/zone_damping.h"

#include "scenarios/oracles/pod_facts.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kSettledZone = 15 * base::kSecond, kSlowly = 90 * base::kSecond;
constexpr std::int64_t kLargeZone = 50;

Str zone_of(const api::ObjectMeta& meta) {
  const Str *region = meta.labels.find("topology.kubernetes.io/region"),
            *zone = meta.labels.find("topology.kubernetes.io/zone");
  return cat(region ? region->view() : "", ":", zone ? zone->view() : "");
}

bool has_eviction_taint(const api::Node& node) {
  for (const api::Taint& t : node.spec->taints)
    if (t.effect == "NoExecute" &&
        (t.key == "node.kubernetes.io/unreachable" || t.key == "node.kubernetes.io/not-ready"))
      return true;
  return false;
}

}  // namespace

void ZoneDamping::on_record(const history::Record& record, const Changes& changes) {
  handover_.on_record(record, changes);
  for (const Change& c : changes) {
    if ((c.now ? c.now : c.old)->kind_id() == KindId::kNode) on_node(c);
  }
}

void ZoneDamping::renew(Zone& zone, Instant at) {
  const std::int64_t all = zone.ready + zone.unready;
  State next = State::kNormal;
  if (zone.ready == 0 && zone.unready > 0) next = State::kFull;
  else if (zone.unready > 2 && 100 * zone.unready >= 55 * all) next = State::kPartial;
  if (next == zone.state) return;
  zone.state = next;
  zone.since = at;
}

void ZoneDamping::on_node(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  if (c.old && c.now && c.old->meta().labels.shares(c.now->meta().labels) &&
      is_ready(c.old->as<api::Node>()) == is_ready(c.now->as<api::Node>()) &&
      c.old->as<api::Node>().spec.shares(c.now->as<api::Node>().spec))
    return;
  Node& n = nodes_[o.meta().name];
  if (n.counted) --(n.ready ? zones_[n.zone].ready : zones_[n.zone].unready);
  const bool was_tainted = n.tainted;
  if (n.counted && (!c.now || !(zone_of(o.meta()) == n.zone))) renew(zones_[n.zone], c.at);
  n = Node();
  if (c.now) {
    n.zone = zone_of(o.meta());
    n.ready = is_ready(o.as<api::Node>());
    n.tainted = has_eviction_taint(o.as<api::Node>());
    n.counted = !o.meta().labels.contains("node.kubernetes.io/exclude-disruption");
    Zone& zone = zones_[n.zone];
    if (n.counted) ++(n.ready ? zone.ready : zone.unready);
    renew(zone, c.at);
    if (n.tainted && !was_tainted && c.old) judge(zone, c);
  }
  bool dark = true;
  for (const auto& [key, z] : zones_) dark = dark && z.ready == 0;
  if (!dark) dark_since_ = base::kNever;
  else if (dark_since_ == base::kNever) dark_since_ = c.at;
}

void ZoneDamping::judge(Zone& zone, const Change& c) {
  const Instant last = zone.last_taint;
  zone.last_taint = c.at;
  if (handover_.unsure(c.at)) return;
  const bool dark = dark_since_ != base::kNever && c.at - dark_since_ > kSettledZone;
  const bool partial = zone.state == State::kPartial && c.at - zone.since > kSettledZone;
  const bool large = zone.ready + zone.unready > kLargeZone;
  const bool slow = c.at - last >= kSlowly;
  check(!dark && !(partial && !(large && slow)), c.at, [&] {
    return cat(label(*c.now), " was tainted while ", num(zone.unready), " of the ",
               num(zone.ready + zone.unready), " nodes of its zone are not ready",
               dark ? ", as are all others" : "");
  });
}

}  // namespace orrery::scenarios
