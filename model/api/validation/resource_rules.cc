#include "model/api/validation/resource_rules.h"

#include <algorithm>
#include <set>

namespace orrery::api {

namespace {

constexpr std::string_view kHugePages = "hugepages-";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_standard_container_resource(std::string_view name) {
  return is_one_of(name, {"cpu", "memory", "ephemeral-storage"}) || is_huge_page_resource(name);
}

bool is_counted(std::string_view name) {
  return is_one_of(name,
                   {"pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
                    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"}) ||
         is_extended_resource(name);
}

bool is_standard_resource(std::string_view name) { return name == "storage" || is_quota_resource(name); }

/// False when it was not a qualified name and nothing else is worth saying.
bool check_resource_name(std::string_view name, const FieldPath& path, ErrorList& errors) {
  const Messages messages = validate_qualified_name(name);
  errors.invalid_each(path, name, messages);
  if (!messages.empty()) return false;
  if (name.find('/') == std::string_view::npos && !is_standard_resource(name)) {
    errors.invalid(path, name, "must be a standard resource type or fully qualified");
    return false;
  }
  return true;
}

bool is_multiple_of_page(std::string_view name, const Quantity& amount) {
  const auto page = Quantity::parse(name.substr(kHugePages.size()));
  if (!page || page->sign() <= 0 || page->milli_value() % 1000 != 0) return false;
  return amount.value() % page->value() == 0;
}

void check_huge_pages(std::string_view name, const Quantity& amount, const FieldPath& path,
                      ErrorList& errors) {
  if (!is_multiple_of_page(name, amount))
    errors.invalid(path, amount.str(),
                   base::cat(amount.str(), " is not positive integer multiple of ", name));
}

/// What the limits or the requests contain, for the rule on huge pages.
struct Kinds {
  bool compute = false;
  bool huge_pages = false;
  void add(std::string_view name) {
    compute |= name == "cpu" || name == "memory";
    huge_pages |= is_huge_page_resource(name);
  }
};

void check_entry(std::string_view name, const Quantity& amount, const FieldPath& path, ErrorList& errors) {
  check_container_resource_name(name, path, errors);
  check_amount(name, amount, path, errors);
  if (is_huge_page_resource(name)) check_huge_pages(name, amount, path, errors);
}

void check_request(std::string_view name, const Quantity& request, const ResourceList& limits,
                   const FieldPath& path, ErrorList& errors) {
  const Quantity* limit = limits.find(name);
  const bool exact = !is_overcommit_allowed(name);
  if (!limit) {
    if (exact) errors.required(path.child("limits"), "Limit must be set for non overcommitable resources");
    return;
  }
  const int order = request.cmp(*limit);
  if (order == 0 || (order < 0 && !exact)) return;
  errors.invalid(path.child("requests"), request.str(),
                 base::cat(exact ? "must be equal to " : "must be less than or equal to ", name, " limit of ",
                           limit->str()));
}

void check_claim_in_pod(const Str& name, const List<PodResourceClaim>& pod_claims, const FieldPath& path,
                        ErrorList& errors) {
  std::set<std::string_view> names;
  for (const PodResourceClaim& claim : pod_claims)
    if (!claim.name.empty()) names.insert(claim.name);
  if (names.count(name)) return;
  std::string detail = "must be one of the names in pod.spec.resourceClaims";
  const char* separator = ": ";
  if (names.empty()) detail += " which is empty";
  for (const std::string_view n : names) {
    detail += base::cat(separator, n);
    separator = ", ";
  }
  FieldError error;
  error.type = FieldErrorType::kNotFound;
  error.field = path.str();
  error.bad_value = go_quote(name);
  error.detail = detail;
  errors.add(std::move(error));
}

void check_claims(const List<ResourceClaim>& claims, const List<PodResourceClaim>& pod_claims,
                  const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const ResourceClaim& claim = claims[i];
    const FieldPath at = path.child_at("claims", i);
    if (claim.name.empty()) {
      errors.required(at, "");
      continue;
    }
    if (!claim.request.empty()) check_dns_label(claim.request, at.child("request"), errors);
    for (std::size_t j = 0; j < i; ++j) {
      if (claims[j].name != claim.name) continue;
      // A claim without request stands for all of its requests.
      const bool whole = claims[j].request.empty() || claim.request.empty();
      if (!whole && claims[j].request != claim.request) continue;
      errors.duplicate(at, whole ? claim.name.str() : base::cat(claim.name, "/", claim.request));
      break;
    }
    check_claim_in_pod(claim.name, pod_claims, at, errors);
  }
}

}  // namespace

bool is_native_resource(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}

bool is_huge_page_resource(std::string_view name) { return name.starts_with(kHugePages); }

bool is_extended_resource(std::string_view name) {
  if (is_native_resource(name) || name.starts_with("requests.")) return false;
  return validate_qualified_name(base::cat("requests.", name)).empty();
}

bool is_quota_resource(std::string_view name) {
  return is_one_of(name, {"cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory",
                          "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
                          "limits.ephemeral-storage", "pods", "resourcequotas", "services",
                          "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
                          "services.nodeports", "services.loadbalancers"}) ||
         is_huge_page_resource(name) || name.starts_with("requests.hugepages-");
}

bool is_overcommit_allowed(std::string_view name) {
  return is_native_resource(name) && !is_huge_page_resource(name);
}

void check_amount(std::string_view resource, const Quantity& amount, const FieldPath& path,
                  ErrorList& errors) {
  if (amount.sign() < 0) errors.invalid(path, amount.str(), kNegativeText);
  if (is_counted(resource) && amount.milli_value() % 1000 != 0)
    errors.invalid(path, BadValue::raw(amount.str()), "must be an integer");
}

void check_positive_amount(const Quantity& amount, const FieldPath& path, ErrorList& errors) {
  if (amount.sign() <= 0) errors.invalid(path, amount.str(), kNotPositiveText);
}

void check_container_resource_name(std::string_view name, const FieldPath& path, ErrorList& errors) {
  if (is_standard_container_resource(name) && !is_huge_page_resource(name)) return;
  check_resource_name(name, path, errors);
  if (name.find('/') == std::string_view::npos) {
    if (!is_standard_container_resource(name))
      errors.invalid(path, name, "must be a standard resource for containers");
  } else if (!is_native_resource(name) && !is_extended_resource(name)) {
    errors.invalid(path, name, "doesn't follow extended resource name standard");
  }
}

void check_quota_resource_name(std::string_view name, const FieldPath& path, ErrorList& errors) {
  check_resource_name(name, path, errors);
  if (name.find('/') == std::string_view::npos && !is_quota_resource(name))
    errors.invalid(path, name, "must be a standard resource for quota");
}

void check_resources(const ResourceRequirements& resources, const List<PodResourceClaim>& pod_claims,
                     const FieldPath& path, ErrorList& errors) {
  Kinds kinds;
  if (!resources.limits.empty()) {
    const FieldPath limits = path.child("limits");
    for (const auto& [name, amount] : resources.limits) {
      check_entry(name, amount, limits.key(name), errors);
      kinds.add(name);
    }
  }
  if (!resources.requests.empty()) {
    const FieldPath requests = path.child("requests");
    for (const auto& [name, amount] : resources.requests) {
      check_entry(name, amount, requests.key(name), errors);
      check_request(name, amount, resources.limits, path, errors);
      kinds.add(name);
    }
  }
  if (kinds.huge_pages && !kinds.compute) errors.forbidden(path, "HugePages require cpu or memory");
  if (!resources.claims.empty()) check_claims(resources.claims, pod_claims, path, errors);
}

}  // namespace orrery::api
