#include "model/api/validation/claim_validation.h"

namespace orrery::api {

namespace {

constexpr std::size_t kParametersMax = 512;
constexpr std::size_t kParameterBytesMax = 256 * 1024;

void check_provisioner(std::string_view provisioner, ErrorList& errors) {
  const FieldPath path("provisioner");
  if (provisioner.empty()) return errors.required(path, "");
  std::string lowered(provisioner);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  errors.invalid_each(path, provisioner, validate_qualified_name(lowered));
}

void check_parameters(const Map<Str>& parameters, ErrorList& errors) {
  const FieldPath path("parameters");
  if (parameters.size() > kParametersMax) return errors.too_long(path, kParametersMax);
  std::size_t bytes = 0;
  for (const auto& [key, value] : parameters) {
    if (key.empty()) errors.invalid(path, key, "field can not be empty.");
    bytes += key.size() + value.size();
  }
  if (bytes > kParameterBytesMax) errors.too_long(path, kParameterBytesMax);
}

void check_topology_term(const TopologySelectorTerm& term, const FieldPath& path, ErrorList& errors) {
  const auto& expressions = term.match_label_expressions;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const TopologySelectorLabelRequirement& r = expressions[i];
    const FieldPath at = path.child_at("matchLabelExpressions", i);
    const FieldPath values = at.child("values");
    if (r.values.empty()) errors.required(values, "");
    for (std::size_t v = 0; v < r.values.size(); ++v)
      if (repeats(r.values, v, [](const Str& s) { return s.view(); }))
        errors.duplicate(values.index(v), r.values[v]);
    check_qualified_name(r.key, at.child("key"), errors);
    if (repeats(expressions, i, [](const auto& o) { return o.key.view(); }))
      errors.duplicate(at.child("key"), r.key);
  }
}

}  // namespace

void check_storage_class(const StorageClass& storage, ErrorList& errors) {
  check_provisioner(storage.provisioner, errors);
  check_parameters(storage.parameters, errors);
  const auto& reclaim = storage.reclaim_policy;
  if (reclaim && !reclaim->empty() && *reclaim != "Delete" && *reclaim != "Retain")
    errors.not_supported(FieldPath("reclaimPolicy"), *reclaim, {"Delete", "Retain"});
  const FieldPath binding("volumeBindingMode");
  const auto& mode = storage.volume_binding_mode;
  if (!mode) errors.required(binding, "");
  else if (*mode != "Immediate" && *mode != "WaitForFirstConsumer")
    errors.not_supported(binding, *mode, {"Immediate", "WaitForFirstConsumer"});
  const FieldPath topologies("allowedTopologies");
  for (std::size_t i = 0; i < storage.allowed_topologies.size(); ++i) {
    check_topology_term(storage.allowed_topologies[i], topologies.index(i), errors);
    const auto same_term = [&](std::size_t j) {
      return same(storage.allowed_topologies[j], storage.allowed_topologies[i]);
    };
    for (std::size_t j = 0; j < i; ++j) {
      if (!same_term(j)) continue;
      const FieldPath at = topologies.index(i);
      errors.duplicate(at.child("matchLabelExpressions"), "");
      break;
    }
  }
}

void check_storage_class_update(const StorageClass& old, const StorageClass& next, ErrorList& errors) {
  check_storage_class(next, errors);
  if (!same(old.parameters, next.parameters))
    errors.forbidden(FieldPath("parameters"), "updates to parameters are forbidden.");
  if (old.provisioner != next.provisioner)
    errors.forbidden(FieldPath("provisioner"), "updates to provisioner are forbidden.");
  if (old.reclaim_policy != next.reclaim_policy)
    errors.forbidden(FieldPath("reclaimPolicy"), "updates to reclaimPolicy are forbidden.");
  if (old.volume_binding_mode != next.volume_binding_mode)
    errors.invalid(FieldPath("volumeBindingMode"),
                   next.volume_binding_mode ? BadValue(*next.volume_binding_mode) : BadValue::null(),
                   kImmutableText);
}

}  // namespace orrery::api
