// StrategicMerger: applies strategic merge patches. Internal to model/codec.
#pragma once
#include "model/codec/strategic.h"

namespace orrery::codec::strategic {

/// In a document, directives take effect and nulls without counterpart vanish. When one patch is merged into
/// another (three-way calculation), both stay for whoever applies the result.
class StrategicMerger {
 public:
  enum class Target { kDocument, kPatch };
  explicit StrategicMerger(Target target) : in_document_(target == Target::kDocument) {}
  /// Merges the members of `patch` into the object `original`.
  base::Status merge_map(JsonValue& original, JsonValue patch, const api::Type* type) const;

 private:
  base::Status retain_keys(JsonValue& original, JsonValue& patch) const;
  base::Status ordered_lists(JsonValue& original, JsonValue& patch, const api::Type* type) const;
  base::Status ordered_list(JsonValue& original, JsonValue& patch, std::string_view name, const Items& order,
                            const api::Type* type) const;
  base::Status member(JsonValue& original, std::string_view key, const JsonValue& value,
                      const api::Type* type) const;
  base::Status merge_list(Items& original, const Items& patch, const Meta& meta, bool delete_list) const;
  static base::Status special_elements(Items& original, Items& patch, std::string_view merge_key);
  base::Status plain_elements(Items& original, const Items& patch, const Meta& meta) const;
  void take(JsonValue& original, std::string_view key, JsonValue value) const;

  bool in_document_;
};

}  // namespace orrery::codec::strategic
