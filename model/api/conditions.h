// Finding a condition by its type, in the status of any kind that has conditions.
#pragma once
#include <string_view>

namespace orrery::api {

/// The condition of `status.conditions` of that type, null when there is none. It lives as long as the list is unchanged.
template <class Status>
auto find_condition(const Status& status, std::string_view type) -> decltype(&*status.conditions.begin()) {
  for (const auto& c : status.conditions) {
    if (c.type == type) return &c;
  }
  return nullptr;
}

}  // namespace orrery::api
