// Str and the copy-on-write containers: what is shared, and what an edit leaves alone.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "model/base/cow.h"
#include "model/base/random.h"
#include "model/base/result.h"
#include "model/base/str.h"

using namespace orrery::base;

TEST_CASE("str") {
  const Str empty;
  CHECK(empty.empty());
  CHECK(Str("") == empty);
  CHECK(std::string(empty.c_str()).empty());
  Str a("hello");
  const Str b = a;
  CHECK(a.same_buffer(b));
  CHECK_FALSE(a.same_buffer(Str("hello")));
  CHECK(a == Str("hello"));
  CHECK(a == "hello");
  CHECK(a != std::string_view("hell"));
  CHECK(Str("a") < Str("b"));
  CHECK(Str("a") < Str("aa"));
  CHECK(Str("Z") < Str("a"));
  CHECK(Str("\x7f") < Str("\x80"));  // bytes compare unsigned
  a = Str("other");
  CHECK(b == "hello");
  const Str moved = std::move(a);
  CHECK(moved.size() == 5);
  const Str with_nul(std::string_view("a\0b", 3));
  CHECK(with_nul.size() == 3);
  CHECK(with_nul != Str("a"));
  Str self("self");
  const Str& alias = self;
  self = alias;
  CHECK(self == "self");
  CHECK(cat("a", Str("b"), std::string("c")) == "abc");
}

TEST_CASE("box and cow") {
  Box<std::string> box;
  CHECK_FALSE(box.has_value());
  box.edit() = "x";
  const Box<std::string> copy = box;
  CHECK(copy.shares(box));
  box.edit() += "y";
  CHECK_FALSE(copy.shares(box));
  CHECK(*copy == "x");
  CHECK(*box == "xy");
  const std::string* before = box.get();
  box.edit() += "z";
  CHECK(box.get() == before);  // unshared: in place

  Cow<std::string> cow;
  CHECK(cow->empty());
  const Cow<std::string> old = cow;
  cow.edit() = "v";
  CHECK(old->empty());
  CHECK(*cow == "v");
}

TEST_CASE("list") {
  List<int> a{1, 2, 3};
  const List<int> b = a;
  CHECK(a.shares(b));
  a.push_back(4);
  a.edit()[0] = 9;
  CHECK(b.size() == 3);
  CHECK(b[0] == 1);
  CHECK(a.front() == 9);
  CHECK(a.back() == 4);
  const List<int> nil;
  CHECK(nil.is_nil());
  CHECK(nil.begin() == nil.end());
  List<int> cleared = a;
  cleared.clear();
  CHECK(cleared.empty());
  CHECK(a.size() == 4);
}

TEST_CASE("map: random operations against std::map, old copies unchanged") {
  Map<int> map;
  std::map<std::string, int> model;
  RandomStream random(11);
  std::vector<std::pair<Map<int>, std::map<std::string, int>>> kept;
  for (int step = 0; step < 3000; ++step) {
    const std::string key = "k" + std::to_string(random.below(50));
    const std::uint64_t kind = random.below(4);
    if (kind == 0) REQUIRE(map.erase(key) == (model.erase(key) == 1));
    else if (kind == 1) map.edit(key) += step, model[key] += step;
    else map.set(key, step), model[key] = step;
    if (step % 100 == 0) kept.emplace_back(map, model);
  }
  kept.emplace_back(map, model);
  for (const auto& [m, want] : kept) {
    REQUIRE(m.size() == want.size());
    auto it = want.begin();
    bool equal = true;
    for (const auto& [k, v] : m) {
      equal = equal && k == it->first && v == it->second && m.get(it->first) == v;
      ++it;
    }
    CHECK(equal);
  }
  CHECK_FALSE(map.contains("absent"));
  CHECK(map.get("absent") == 0);
  CHECK(Map<Str>{{"b", "2"}, {"a", "1"}}.begin()->first == "a");
}

TEST_CASE("ref") {
  struct Counted : RefCounted {
    explicit Counted(int* alive) : alive_(alive) { ++*alive_; }
    ~Counted() { --*alive_; }
    int* alive_;
  };
  int alive = 0;
  {
    Ref<Counted> a = make_ref<Counted>(&alive);
    Ref<Counted> b = a;
    CHECK(a->use_count() == 2);
    const Ref<Counted> c = std::move(a);
    CHECK_FALSE(a);
    CHECK(c == b);
    b = nullptr;
    CHECK(c->use_count() == 1);
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

TEST_CASE("result") {
  const Result<int> good = 5;
  CHECK(good.ok());
  CHECK(*good == 5);
  const Result<int> bad = invalid("no");
  CHECK_FALSE(bad);
  CHECK(bad.error().message == "no");
  CHECK(std::string(to_string(bad.error().code)) == "invalid");
  CHECK(ok_status().ok());
}
