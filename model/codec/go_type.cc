#include "model/codec/go_type.h"

namespace orrery::codec {

using api::Type;
using api::TypeKind;

namespace {

/// `decoded`: as errors of decoding speak of it. Pointers are followed, and types with a text form read a plain value first,
/// which is what fails.
std::string name(const Type& type, bool decoded) {
  switch (type.kind) {
    case TypeKind::kBool:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kDouble:
    case TypeKind::kString:
    case TypeKind::kRevision: return go_kind(type);
    case TypeKind::kBytes: return "[]uint8";
    case TypeKind::kQuantity: return "resource.Quantity";
    case TypeKind::kIntOrString: return decoded ? "int32" : "intstr.IntOrString";
    case TypeKind::kTime: return decoded ? "string" : "v1.Time";
    case TypeKind::kMicroTime: return decoded ? "string" : "v1.MicroTime";
    case TypeKind::kRawJson: return "runtime.RawExtension";
    case TypeKind::kStruct: return std::string("v1.") + type.name;
    case TypeKind::kList: return "[]" + name(type.element(), decoded);
    case TypeKind::kMap: return "map[string]" + name(type.element(), decoded);
    case TypeKind::kBox:
    case TypeKind::kOpt: return (decoded ? "" : "*") + name(type.element(), decoded);
    case TypeKind::kCow: return name(type.element(), decoded);
  }
  return "";
}

}  // namespace

std::string go_type(const Type& type) { return name(type, false); }
std::string go_decoded_type(const Type& type) { return name(type, true); }

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
