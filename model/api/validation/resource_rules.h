// Names and amounts of resources. Source: pkg/apis/core/helper and pkg/apis/core/validation.
#pragma once
#include "model/api/pod.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

bool is_native_resource(std::string_view name);
bool is_huge_page_resource(std::string_view name);
bool is_extended_resource(std::string_view name);
bool is_quota_resource(std::string_view name);
bool is_overcommit_allowed(std::string_view name);

/// Not negative, and an integer where the resource is counted in pieces.
void check_amount(std::string_view resource, const Quantity& amount, const FieldPath& path,
                  ErrorList& errors);
void check_positive_amount(const Quantity& amount, const FieldPath& path, ErrorList& errors);
void check_container_resource_name(std::string_view name, const FieldPath& path, ErrorList& errors);
void check_quota_resource_name(std::string_view name, const FieldPath& path, ErrorList& errors);

/// Limits, requests within limits, claims among those of the pod.
void check_resources(const ResourceRequirements& resources, const List<PodResourceClaim>& pod_claims,
                     const FieldPath& path, ErrorList& errors);

}  // namespace orrery::api
