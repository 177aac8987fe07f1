#include "scenarios/load/references.h"

#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/stateful_set.h"
#include "model/base/str.h"
#include "model/codec/field_access.h"

namespace orrery::scenarios {

using api::KindId;
using base::cat;

api::ObjectRef find_declared(const Scenario& scenario, const ObjectName& name) {
  for (const WorkloadSpec& w : scenario.workloads)
    for (const api::ObjectRef& o : w.objects)
      if (o->kind_id() == name.kind && o->meta().name == name.name && o->meta().namespace_ == name.namespace_) return o;
  return {};
}

void check_declared(const YamlCursor& c, const Scenario& scenario, const ObjectName& name) {
  for (const KindId made : {KindId::kDeployment, KindId::kStatefulSet, KindId::kDaemonSet, KindId::kJob, KindId::kCronJob,
                            KindId::kService}) {
    if (name.kind != made || find_declared(scenario, name)) continue;
    c.fail(cat("there is no ", api::kind_of(name.kind).kind, " \"", name.namespace_, "/", name.name, "\" among the workloads"));
  }
}

void check_container(const YamlCursor& c, const api::ObjectRef& owner, const std::string& container) {
  const api::PodTemplateSpec* pods = nullptr;
  if (owner && owner->kind_id() == KindId::kDeployment) pods = &owner->as<api::Deployment>().spec->template_;
  if (owner && owner->kind_id() == KindId::kStatefulSet) pods = &owner->as<api::StatefulSet>().spec->template_;
  if (owner && owner->kind_id() == KindId::kDaemonSet) pods = &owner->as<api::DaemonSet>().spec->template_;
  if (!pods) return;
  for (const api::Container& k : pods->spec->containers)
    if (k.name == container) return;
  c.fail(cat("\"", container, "\" is not a container of ", owner->kind().kind, " \"", owner->meta().name, "\""));
}

void check_field_path(const YamlCursor& c, KindId kind, const std::string& path) {
  const api::Kind& k = api::kind_of(kind);
  const base::Ref<api::Object> empty(k.make());
  const auto found = codec::find_field(k.type(), empty->value(), path);
  if (!found.ok()) c.fail(cat("\"", path, "\" is not a field of ", k.kind, ": ", found.error().message));
}

}  // namespace orrery::scenarios
