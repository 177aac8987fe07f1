#include "model/codec/go_type.h"

namespace orrery::codec {

using api::Type;
using api::TypeKind;

std::string go_type(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBool: return "bool";
    case TypeKind::kInt32: return "int32";
    case TypeKind::kInt64: return "int64";
    case TypeKind::kDouble: return "float64";
    case TypeKind::kString:
    case TypeKind::kRevision: return "string";
    case TypeKind::kBytes: return "[]uint8";
    case TypeKind::kQuantity: return "resource.Quantity";
    case TypeKind::kIntOrString: return "int32";
    // Both read a string first, and that is what fails.
    case TypeKind::kTime:
    case TypeKind::kMicroTime: return "string";
    case TypeKind::kRawJson: return "runtime.RawExtension";
    case TypeKind::kStruct: return std::string("v1.") + type.name;
    case TypeKind::kList: return "[]" + go_type(type.element());
    case TypeKind::kMap: return "map[string]" + go_type(type.element());
    case TypeKind::kBox:
    case TypeKind::kCow:
    case TypeKind::kOpt: return go_type(type.element());
  }
  return "";
}

const char* go_kind(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBool: return "bool";
    case TypeKind::kInt32: return "int32";
    case TypeKind::kInt64: return "int64";
    case TypeKind::kDouble: return "float64";
    case TypeKind::kString:
    case TypeKind::kRevision: return "string";
    case TypeKind::kBytes:
    case TypeKind::kList: return "slice";
    case TypeKind::kMap: return "map";
    case TypeKind::kBox:
    case TypeKind::kOpt: return "ptr";
    case TypeKind::kCow: return go_kind(type.element());
    case TypeKind::kQuantity:
    case TypeKind::kIntOrString:
    case TypeKind::kTime:
    case TypeKind::kMicroTime:
    case TypeKind::kRawJson:
    case TypeKind::kStruct: return "struct";
  }
  return "";
}

}  // namespace orrery::codec
