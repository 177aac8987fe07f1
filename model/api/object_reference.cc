#include "model/api/object_reference.h"

#include <string>

namespace orrery::api {

ObjectReference reference_to(const Kind& kind, const ObjectMeta& meta) {
  ObjectReference r;
  r.kind = kind.kind;
  r.api_version = kind.api_version();
  r.namespace_ = meta.namespace_;
  r.name = meta.name;
  r.uid = meta.uid;
  if (meta.resource_version.value != 0) r.resource_version = std::to_string(meta.resource_version.value);
  return r;
}

}  // namespace orrery::api
