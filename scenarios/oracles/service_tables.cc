#include "scenarios/oracles/service_tables.h"

#include <algorithm>

#include "model/api/endpoint_slice.h"
#include "model/api/service.h"
#include "scenarios/oracles/pod_facts.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kSettledTable = 30 * base::kSecond;

bool is_served(const api::Service& s) {
  const api::ServiceSpec& spec = *s.spec;
  if (spec.type == "ExternalName" || spec.cluster_ip.empty() || spec.cluster_ip == "None")
    return false;
  if (spec.internal_traffic_policy && *spec.internal_traffic_policy == "Local") return false;
  return !(spec.external_traffic_policy == "Local") &&
         !s.metadata.labels.contains("service.kubernetes.io/service-proxy-name");
}

}  // namespace

void ServiceTables::on_record(const history::Record& record, const Changes& changes) {
  last_ = record.origin.at;
  switch (record.kind) {
    case RecordKind::kStoreCommit:
      for (const Change& c : changes) on_change(c);
      return;
    case RecordKind::kServiceTable: {
      const auto& t = static_cast<const history::ServiceTable&>(record);
      machines_[t.origin.machine].tables[cat(t.service_namespace, "/", t.service_name)] =
          t.backends;
      return;
    }
    case RecordKind::kProcess: {
      if (!(record.origin.process == "kube-proxy")) return;
      using What = history::ProcessRecord::What;
      const What what = static_cast<const history::ProcessRecord&>(record).what;
      const bool up = what == What::kStarted || what == What::kResumed;
      machines_[record.origin.machine].up = up ? record.origin.at : base::kNever;
      return;
    }
    case RecordKind::kMachine: {
      Machine& m = machines_[record.origin.machine];
      m.up = base::kNever;
      m.tables.clear();
      return;
    }
    default:
      return;
  }
}

void ServiceTables::on_change(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  if (o.kind_id() == KindId::kLease) {
    if (o.meta().namespace_ == "kube-node-lease") machines_[o.meta().name].renewed = c.at;
  } else if (o.kind_id() == KindId::kService) {
    Service& s = services_[api::key_of(o.meta())];
    s.object = c.now;
    s.changed = c.at;
  } else if (o.kind_id() == KindId::kEndpointSlice) {
    const Str* name = o.meta().labels.find("kubernetes.io/service-name");
    if (!name) return;
    Service& s = services_[cat(o.meta().namespace_, "/", *name)];
    s.changed = c.at;
    if (c.now) s.slices[o.meta().name] = c.now;
    else s.slices.erase(o.meta().name);
  }
}

std::vector<Str> ServiceTables::expected(const Service& s) {
  std::vector<Str> all;
  const api::ServiceSpec& spec = *s.object->as<api::Service>().spec;
  const bool v6 = spec.cluster_ip.view().find(':') != std::string_view::npos;
  for (const api::ServicePort& port : spec.ports) {
    std::vector<Str> ready, draining;
    for (const auto& [name, object] : s.slices) {
      const auto& slice = object->as<api::EndpointSlice>();
      if ((slice.address_type == "IPv6") != v6) continue;
      const api::EndpointSlicePort* target = nullptr;
      for (const api::EndpointSlicePort& p : slice.ports)
        if (!target && p.port && (p.name ? p.name->view() : "") == port.name.view()) target = &p;
      if (!target) continue;
      for (const api::Endpoint& e : slice.endpoints) {
        if (e.addresses.empty()) continue;
        const bool is_ready = e.conditions.ready.value_or(true);
        const bool drains =
            e.conditions.serving.value_or(is_ready) && e.conditions.terminating.value_or(false);
        if (is_ready || drains)
          (is_ready ? ready : draining).push_back(cat(e.addresses[0], ":", num(*target->port)));
      }
    }
    std::vector<Str>& chosen = ready.empty() ? draining : ready;
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    all.insert(all.end(), chosen.begin(), chosen.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

void ServiceTables::finish(const RunFacts&) {
  const auto settled = [this](Instant since) {
    return since != base::kNever && last_ - since >= kSettledTable;
  };
  for (const auto& [name, s] : services_) {
    if (!s.object || !is_served(s.object->as<api::Service>()) || !settled(s.changed)) continue;
    const std::vector<Str> wanted = expected(s);
    for (const auto& [machine, m] : machines_) {
      if (!settled(m.up) || last_ - m.renewed >= kSettledTable) continue;
      const auto found = m.tables.find(name);
      const std::vector<Str> used = found == m.tables.end() ? std::vector<Str>() : found->second;
      check(used == wanted, last_, [&, name = name, machine = machine] {
        return cat(machine, " sends connections of ", name, " to ",
                   num(static_cast<std::int64_t>(used.size())), " backends, ready are ",
                   num(static_cast<std::int64_t>(wanted.size())),
                   used.size() == wanted.size() ? " others" : "");
      });
    }
  }
}

}  // namespace orrery::scenarios
