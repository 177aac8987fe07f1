#include "model/base/hash_map.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "model/base/random.h"
#include "model/base/str.h"

using namespace orrery::base;

namespace {

/// Few homes: long probe runs that wrap around the table.
struct CrowdedHash {
  std::uint64_t operator()(std::uint64_t v) const { return v % 3 == 0 ? 0xfffffffe : v % 5; }
};

template <class Hash>
void against_std_map(std::uint64_t seed, std::uint64_t keys) {
  HashMap<std::uint64_t, std::string, Hash> map;
  std::map<std::uint64_t, std::string> model;
  RandomStream random(seed);
  for (int step = 0; step < 20000; ++step) {
    const std::uint64_t key = random.below(keys);
    const std::uint64_t kind = random.below(8);
    if (kind < 4) {
      const std::string value = std::to_string(step);
      map[key] = value;
      model[key] = value;
    } else if (kind < 7) {
      REQUIRE(map.erase(key) == (model.erase(key) == 1));
    } else {
      const std::string* found = map.find(key);
      const auto it = model.find(key);
      REQUIRE((found != nullptr) == (it != model.end()));
      if (found) REQUIRE(*found == it->second);
    }
    if (map.size() != model.size()) FAIL("sizes differ");
  }
  for (std::uint64_t key = 0; key < keys; ++key)
    CHECK(map.contains(key) == (model.count(key) == 1));
  map.clear();
  CHECK(map.empty());
  CHECK_FALSE(map.contains(std::uint64_t{0}));
}

}  // namespace

TEST_CASE("hash_map: random operations against std::map") {
  against_std_map<DefaultHash>(1, 40);
  against_std_map<DefaultHash>(2, 3000);
  against_std_map<CrowdedHash>(3, 60);
}

TEST_CASE("hash_map: lookup by view") {
  HashMap<Str, int> map;
  map["a"] = 1;
  map[std::string_view("b")] = 2;
  CHECK(*map.find("a") == 1);
  CHECK(*map.find(Str("b")) == 2);
  CHECK(map.find("c") == nullptr);
  CHECK(map["c"] == 0);
  CHECK(map.size() == 3);
  CHECK(map.table_bytes() >= 3 * sizeof(Str));
}

TEST_CASE("hash: values are the same everywhere") {
  CHECK(mix64(0) == 0);
  CHECK(mix64(1) == 0x5692161d100b05e5ULL);
  CHECK(hash_bytes("a") != hash_bytes("b"));
  CHECK(hash_bytes("a", 1) != hash_bytes("a", 2));
  CHECK(hash_bytes(std::string_view("\0", 1)) != hash_bytes(""));
  CHECK(hash_bytes("12345678") != hash_bytes(std::string_view("12345678\0", 9)));
  Digest ab, ba, again;
  ab.add("a");
  ab.add("b");
  ba.add("b");
  ba.add("a");
  again.add("a");
  again.add("b");
  CHECK(ab.value() != ba.value());
  CHECK(ab.value() == again.value());
}
