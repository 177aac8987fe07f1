// Filter: which objects of a collection a list or watch wants: namespace, label selector, field
// selector.
#pragma once
#include "control/apiserver/failure.h"
#include "control/apiserver/field_values.h"
#include "model/api/request.h"
#include "model/api/selector.h"

namespace orrery::apiserver {

class Filter {
 public:
  /// Parses the selectors of a request; a failure says what is wrong with them. `name` of a watch
  /// on one object counts as metadata.name=NAME.
  static base::Result<Filter, Failure> of(const api::ApiRequest& request);

  bool matches(const api::Object& object) const {
    if (trivial_) return true;
    const api::ObjectMeta& meta = object.meta();
    if (!namespace_.empty() && !(meta.namespace_ == namespace_)) return false;
    if (!labels_.empty() && !labels_.matches(meta.labels)) return false;
    if (fields_.empty()) return true;
    return fields_.matches(
        [&object](std::string_view field) { return field_value(object, field); });
  }
  /// Wants everything.
  bool trivial() const { return trivial_; }
  bool has_selector() const { return !labels_.empty() || !fields_.empty(); }
  const Str& namespace_name() const { return namespace_; }
  /// The only value of `field` it can match, if there is just one.
  std::optional<Str> required(std::string_view field) const {
    return fields_.required_value(field);
  }
  /// Equal texts mean equal filters.
  const Str& text() const { return text_; }

 private:
  Str namespace_, text_;
  api::Selector labels_;
  api::FieldSelector fields_;
  bool trivial_ = true;
};

}  // namespace orrery::apiserver
