#include "model/api/config_map.h"

namespace orrery::api {

ORRERY_STRUCT(ConfigMap,
  FIELD(metadata, "metadata", 1),
  FIELD(immutable, "immutable", 4).omit(),
  FIELD(data, "data", 2).omit(),
  FIELD(binary_data, "binaryData", 3).omit())

ORRERY_STRUCT(Secret,
  FIELD(metadata, "metadata", 1),
  FIELD(immutable, "immutable", 5).omit(),
  FIELD(data, "data", 2).omit(),
  FIELD(string_data, "stringData", 4).omit(),
  FIELD(type, "type", 3).omit().immutable().def("Opaque"))

}  // namespace orrery::api
