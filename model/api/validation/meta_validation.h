// Validation of metadata. Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
#pragma once
#include "model/api/validation/rules.h"

namespace orrery::api {

void check_meta(const ObjectMeta& meta, bool namespaced, NameRule rule, ErrorList& errors);
/// What holds between two versions, and the rules of those parts of `next` that do not share storage with
/// `old`.
void check_meta_update(const ObjectMeta& old, const ObjectMeta& next, ErrorList& errors);
/// Names of finalizers without a domain are from a closed set.
void check_finalizer(std::string_view name, const FieldPath& path, ErrorList& errors);

}  // namespace orrery::api
