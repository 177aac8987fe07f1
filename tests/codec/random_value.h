// Random values of any described type. Fields that protobuf does not carry stay empty.
#pragma once
#include <initializer_list>

#include "model/api/object.h"
#include "model/base/random.h"

namespace orrery::codec {

class RandomValue {
 public:
  explicit RandomValue(std::uint64_t seed) : random_(seed) {}

  void fill(const api::Type& type, void* value, int depth = 0);
  base::Ref<api::Object> object(const api::Kind& kind) {
    base::Ref<api::Object> o(kind.make());
    fill(kind.type(), api::edit_value(*o));
    return o;
  }
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  std::string text();

 private:
  void fill_scalar(const api::Type& type, void* value);
  template <class T>
  T pick(std::initializer_list<T> values) {
    return *(values.begin() + random_.below(values.size()));
  }
  base::RandomStream random_;
};

}  // namespace orrery::codec
