#include "model/api/validation/core_validation.h"
#include "model/api/validation/ip_rules.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/resource_rules.h"

namespace orrery::api {

namespace {

void check_taints(const List<Taint>& taints, ErrorList& errors) {
  const FieldPath meta("metadata");  // as upstream, which has the path wrong
  for (std::size_t i = 0; i < taints.size(); ++i) {
    const Taint& taint = taints[i];
    const FieldPath at = meta.child_at("taints", i);
    check_qualified_name(taint.key, at.child("key"), errors);
    check_label_value_once(taint.value, at.child("value"), errors);
    check_taint_effect(taint.effect, false, at.child("effect"), errors);
    if (!repeats(taints, i, [](const Taint& t) { return std::pair(t.key.view(), t.effect.view()); }))
      continue;
    FieldError error;
    error.type = FieldErrorType::kDuplicate;
    error.field = at.str();
    error.bad_value = "core.Taint{...}";
    error.detail = "taints must be unique by key and effect pair";
    errors.add(std::move(error));
  }
}

void check_amounts(const ResourceList& list, const char* name, ErrorList& errors) {
  const FieldPath status("status");
  const FieldPath path = status.child(name);
  for (const auto& [resource, amount] : list) check_amount(resource, amount, path.child(resource), errors);
}

void check_cidrs(const List<Str>& cidrs, ErrorList& errors) {
  const FieldPath spec("spec");
  const FieldPath path = spec.child("podCIDRs");
  std::size_t v4_count = 0;
  for (std::size_t i = 0; i < cidrs.size(); ++i) {
    bool v4 = false;
    if (parse_cidr(cidrs[i], v4)) v4_count += v4;
    else check_cidr(cidrs[i], path.index(i), errors);
  }
  if (cidrs.size() < 2) return;
  if (cidrs.size() > 2 || v4_count != 1)
    errors.invalid(path, BadValue::list({cidrs.begin(), cidrs.size()}),
                   "may specify no more than one CIDR for each IP family");
  for (std::size_t i = 0; i < cidrs.size(); ++i)
    if (repeats(cidrs, i, [](const Str& c) { return c.view(); })) errors.duplicate(path.index(i), cidrs[i]);
}

void check_spec_update(const NodeSpec& old, const NodeSpec& next, ErrorList& errors) {
  const FieldPath spec("spec");
  if (!old.pod_cidrs.empty() && !same(old.pod_cidrs, next.pod_cidrs))
    errors.forbidden(spec.child("podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
  if (!old.provider_id.empty() && old.provider_id != next.provider_id)
    errors.forbidden(spec.child("providerID"),
                     "node updates may not change providerID except from \"\" to valid");
  if (!next.taints.shares(old.taints)) check_taints(next.taints, errors);
  if (old.external_id != next.external_id) errors.forbidden(spec.child("externalID"), "may not be updated");
}

void check_status(const NodeStatus& old, const NodeStatus& next, ErrorList& errors) {
  if (!next.capacity.shares(old.capacity)) check_amounts(next.capacity, "capacity", errors);
  if (!next.allocatable.shares(old.allocatable)) check_amounts(next.allocatable, "allocatable", errors);
  if (next.addresses.shares(old.addresses)) return;
  const FieldPath status("status");
  for (std::size_t i = 0; i < next.addresses.size(); ++i)
    if (repeats(next.addresses, i,
                [](const NodeAddress& a) { return std::pair(a.type.view(), a.address.view()); }))
      errors.duplicate(status.child_at("addresses", i),
                       BadValue::raw(base::cat("core.NodeAddress{Type:", go_quote(next.addresses[i].type),
                                               ", Address:", go_quote(next.addresses[i].address), "}")));
}

}  // namespace

void check_node(const Node& node, ErrorList& errors) {
  check_taints(node.spec->taints, errors);
  check_amounts(node.status->capacity, "capacity", errors);
  check_amounts(node.status->allocatable, "allocatable", errors);
  check_cidrs(node.spec->pod_cidrs, errors);
}

void check_node_update(const Node& old, const Node& next, ErrorList& errors) {
  if (!next.status.shares(old.status)) check_status(*old.status, *next.status, errors);
  if (!next.spec.shares(old.spec)) check_spec_update(*old.spec, *next.spec, errors);
}

}  // namespace orrery::api
