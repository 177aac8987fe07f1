#include "model/base/lazy_order.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "model/base/random.h"

namespace orrery::base {

TEST_CASE("lazy_order: is in order whenever it is asked") {
  LazyOrder<int> order;
  std::map<std::string, int> reference;
  RandomStream random(7);
  for (int i = 0; i < 5000; ++i) {
    const std::string key = "k" + std::to_string(random.below(700));
    const auto what = random.below(10);
    if (what == 0) {
      order.erase(Str(key));
      reference.erase(key);
    } else if (!reference.contains(key)) {
      order.add(Str(key), i);
      reference[key] = i;
    }
    CHECK(order.size() == reference.size());
    if (random.below(50) != 0) continue;
    auto expected = reference.begin();
    for (const auto& [k, v] : order.map()) {
      CHECK(k == expected->first);
      CHECK(v == expected->second);
      ++expected;
    }
    CHECK(expected == reference.end());
  }
  order.clear();
  CHECK(order.size() == 0);
  CHECK(order.map().empty());
}

}  // namespace orrery::base
