#include "model/base/str.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "model/base/check.h"

namespace orrery::base {

Str::Rep* Str::make(std::string_view s) {
  if (s.empty()) return nullptr;
  ORRERY_CHECK(s.size() < UINT32_MAX, "string over 4 GiB");
  void* room = std::malloc(sizeof(Rep) + s.size() + 1);
  ORRERY_CHECK(room != nullptr, "out of memory");
  Rep* rep = new (room) Rep{1, static_cast<std::uint32_t>(s.size())};
  std::memcpy(rep->text(), s.data(), s.size());
  rep->text()[s.size()] = '\0';
  return rep;
}

void Str::destroy(Rep* p) { std::free(p); }

}  // namespace orrery::base
