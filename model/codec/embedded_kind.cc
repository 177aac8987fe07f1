#include "model/codec/embedded_kind.h"

#include "model/api/meta.h"

namespace orrery::codec {

const api::Kind* kind_of_type(const api::Type& type) {
  constexpr api::TypeFn kMeta = &api::describe<api::ObjectMeta>;
  if (type.field_count == 0 || type.fields[0].type != kMeta) return nullptr;
  for (int id = 1; id < static_cast<int>(api::KindId::kCount); ++id) {
    const api::Kind& kind = api::kind_of(static_cast<api::KindId>(id));
    if (&kind.type() == &type) return &kind;
  }
  return nullptr;
}

}  // namespace orrery::codec
