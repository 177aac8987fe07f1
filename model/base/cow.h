// Copy-on-write building blocks of API objects: Cow<T>, Box<T>, List<T>, Map<V>. Each is one pointer; a copy shares, an
// edit through edit() detaches first. Counts are not atomic.
#pragma once
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/check.h"
#include "model/base/ref.h"
#include "model/base/str.h"

namespace orrery::base {

/// What was once computed from a shared value (model/api): 0 is not known. An edit forgets it.
struct PartFacts {
  std::uint64_t hash = 0;
  std::uint32_t proto_size = 0;
};
struct NoFacts {};

/// Box<T>: an optional T on the heap (a Go pointer to a struct). Null until set. `Facts` are kept beside the value.
template <class T, class Facts = NoFacts>
class Box {
 public:
  Box() = default;
  Box(T value) : p_(make_ref<Node>(std::move(value))) {}  // NOLINT: implicit on purpose
  explicit operator bool() const { return static_cast<bool>(p_); }
  bool has_value() const { return static_cast<bool>(p_); }
  const T& operator*() const { return p_->value; }
  const T* operator->() const { return &p_->value; }
  const T* get() const { return p_ ? &p_->value : nullptr; }
  /// The value for writing; created when absent, copied first when shared.
  T& edit() {
    if (!p_) p_ = make_ref<Node>(T{});
    else if (p_->use_count() > 1) p_ = make_ref<Node>(p_->value);
    static_cast<Facts&>(*p_) = {};
    return p_->value;
  }
  void reset() { p_.reset(); }
  bool shares(const Box& o) const { return p_ == o.p_; }
  /// Null while there is no value.
  Facts* facts() const { return p_.get(); }

 private:
  struct Node : RefCounted, Facts {
    explicit Node(T v) : value(std::move(v)) {}
    ~Node();
    T value;
  };
  Ref<Node> p_;
};

// Not inline, so that a type's header can keep it out of the files that include it (extern template class Box<...>).
template <class T, class Facts>
Box<T, Facts>::Node::~Node() = default;

/// Cow<T>: always a T (a Go struct by value), shared between copies. Null stands for T{}.
template <class T>
class Cow {
 public:
  Cow() = default;
  Cow(T value) : box_(std::move(value)) {}  // NOLINT: implicit on purpose
  const T& operator*() const { return box_ ? *box_ : empty(); }
  const T* operator->() const { return &**this; }
  /// Forgets the facts: finish writing through the reference before they are asked again.
  T& edit() { return box_.edit(); }
  bool shares(const Cow& o) const { return box_.shares(o.box_); }
  /// Null for T{}.
  PartFacts* facts() const { return box_.facts(); }

 private:
  static const T& empty() {
    static const T kEmpty{};
    return kEmpty;
  }
  Box<T, PartFacts> box_;
};

/// List<T>: a vector shared between copies. Null (Go nil) and empty are both empty().
template <class T>
class List {
 public:
  using value_type = T;
  List() = default;
  List(std::initializer_list<T> items) : box_(std::vector<T>(items)) {}
  List(std::vector<T> items) : box_(std::move(items)) {}  // NOLINT: implicit on purpose
  const T* begin() const { return box_ ? box_->data() : nullptr; }
  const T* end() const { return box_ ? box_->data() + box_->size() : nullptr; }
  std::size_t size() const { return box_ ? box_->size() : 0; }
  bool empty() const { return size() == 0; }
  bool is_nil() const { return !box_; }
  const T& operator[](std::size_t i) const { return (*box_)[i]; }
  const T& front() const { return (*box_)[0]; }
  const T& back() const { return box_->back(); }
  std::vector<T>& edit() { return box_.edit(); }
  void push_back(T item) { edit().push_back(std::move(item)); }
  void clear() { box_.reset(); }
  bool shares(const List& o) const { return box_.shares(o.box_); }

 private:
  Box<std::vector<T>> box_;
};

/// Map<V>: string keys in byte order, in one sorted vector shared between copies.
template <class V>
class Map {
 public:
  using Entry = std::pair<Str, V>;
  Map() = default;
  Map(std::initializer_list<Entry> items) { for (const Entry& e : items) set(e.first, e.second); }
  const Entry* begin() const { return box_ ? box_->data() : nullptr; }
  const Entry* end() const { return box_ ? box_->data() + box_->size() : nullptr; }
  std::size_t size() const { return box_ ? box_->size() : 0; }
  bool empty() const { return size() == 0; }
  bool is_nil() const { return !box_; }
  const V* find(std::string_view key) const {
    const Entry* e = lower(key);
    return e != end() && e->first == key ? &e->second : nullptr;
  }
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// The value, or a default-constructed one.
  V get(std::string_view key) const {
    const V* v = find(key);
    return v ? *v : V{};
  }
  void set(std::string_view key, V value) {
    const auto index = lower(key) - begin();
    auto& v = box_.edit();
    if (static_cast<std::size_t>(index) < v.size() && v[index].first == key) v[index].second = std::move(value);
    else v.insert(v.begin() + index, Entry(Str(key), std::move(value)));
  }
  /// The value for writing, created when absent.
  V& edit(std::string_view key) {
    if (!contains(key)) set(key, V{});
    return box_.edit()[static_cast<std::size_t>(lower(key) - begin())].second;
  }
  /// As edit(), but a new entry shares `key`. Constant time when keys come in ascending order.
  V& add(const Str& key) {
    auto& v = box_.edit();
    if (v.empty() || v.back().first < key) return v.emplace_back(key, V{}).second;
    const auto index = lower(key) - begin();
    if (!(v[index].first == key)) v.insert(v.begin() + index, Entry(key, V{}));
    return v[index].second;
  }
  bool erase(std::string_view key) {
    const Entry* e = lower(key);
    if (e == end() || !(e->first == key)) return false;
    const auto index = e - begin();
    auto& v = box_.edit();
    v.erase(v.begin() + index);
    return true;
  }
  void clear() { box_.reset(); }
  bool shares(const Map& o) const { return box_.shares(o.box_); }

 private:
  const Entry* lower(std::string_view key) const {
    return std::lower_bound(begin(), end(), key, [](const Entry& e, std::string_view k) { return e.first < k; });
  }
  Box<std::vector<Entry>> box_;
};

}  // namespace orrery::base
