// Structs that are objects of a kind wherever they stand: the claims in a StatefulSet carry kind and
// apiVersion in JSON.
#pragma once
#include "model/api/kind.h"

namespace orrery::codec {

/// The kind whose struct `type` is, or null.
const api::Kind* kind_of_type(const api::Type& type);

}  // namespace orrery::codec
