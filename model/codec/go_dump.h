// GoDump: a value as the text from which upstream hashes it.
#pragma once
#include <string>

#include "model/api/type.h"

namespace orrery::codec {

/// What k8s.io/apimachinery/pkg/util/dump.ForHash prints of a value decoded from protobuf: go-spew's "%#v" of the Go
/// struct, with sorted map keys. Names and order of fields are those of k8s.io/api 1.33; the field descriptions
/// have upstream's order, go_names.h what else Go says. Only for what a pod template holds: times that are set,
/// raw JSON and amounts that Go keeps as big decimals (above 10^18, 100Ti and more) print as zero values.
std::string go_dump(const api::Type& type, const void* value);

template <class T>
std::string go_dump(const T& value) {
  return go_dump(api::describe<T>(), &value);
}

}  // namespace orrery::codec
