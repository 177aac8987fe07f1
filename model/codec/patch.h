// Patches of JSON documents: RFC 6902, RFC 7386 and strategic merge, and the calculation of the latter two.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/api/type.h"
#include "model/base/result.h"
#include "model/codec/json_value.h"

namespace orrery::codec {

/// The bounds of the apiserver (apiserver/pkg/endpoints/handlers/patch.go, server/config.go).
struct PatchLimits {
  std::size_t max_operations = 10'000;
  std::int64_t max_copy_bytes = std::int64_t{3} << 20;  ///< sum of the texts that "copy" duplicates
};

/// Applies an array of operations; all or nothing. Fails with kLimit and kInvalid; texts as
/// evanphx/json-patch v4 words them. As in RFC 6902: no negative and no padded indexes, "replace" needs an
/// existing member, "" is the document.
base::Result<JsonValue> apply_json_patch(JsonValue document, const JsonValue& patch,
                                         const PatchLimits& limits = {});

/// RFC 7386.
JsonValue apply_merge_patch(JsonValue document, const JsonValue& patch);
/// The smallest merge patch that makes `modified` of `original`. Members of `modified` that are null cannot
/// be expressed.
JsonValue create_merge_patch(const JsonValue& original, const JsonValue& modified);

/// Strategic merge by the patch strategies and merge keys of `type`. Directives: $patch (merge, replace,
/// delete), $retainKeys, $deleteFromPrimitiveList/NAME, $setElementOrder/NAME. Fails with upstream's texts
/// (apimachinery/pkg/util/strategicpatch).
base::Result<JsonValue> apply_strategic_patch(const api::Type& type, JsonValue document,
                                              const JsonValue& patch);

/// The strategic patch that makes `modified` of `original` (upstream's CreateTwoWayMergePatch).
base::Result<JsonValue> create_strategic_patch(const api::Type& type, const JsonValue& original,
                                               const JsonValue& modified);
/// What `kubectl apply` sends: additions and changes from `current` to `modified`, deletions from `original`
/// (the last applied document) to `modified`. Unless `overwrite`, fails when `current` changed a field of its
/// own accord that the patch changes too.
base::Result<JsonValue> create_three_way_patch(const api::Type& type, const JsonValue& original,
                                               const JsonValue& modified, const JsonValue& current,
                                               bool overwrite = true);

}  // namespace orrery::codec
