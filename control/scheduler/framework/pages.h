// Pages: an array that is zero where nothing was written, in pages made on demand: what is known about few of many nodes
// costs little.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace orrery::scheduler {

template <class T>
class Pages {
 public:
  static constexpr std::size_t kPage = 256;

  /// All zero.
  void reset(std::size_t size) {
    pages_.clear();
    pages_.resize((size + kPage - 1) / kPage);
  }
  T get(std::size_t i) const {
    const Page* page = pages_[i / kPage].get();
    return page ? (*page)[i % kPage] : T{};
  }
  T& edit(std::size_t i) {
    std::unique_ptr<Page>& page = pages_[i / kPage];
    if (!page) page = std::make_unique<Page>();
    return (*page)[i % kPage];
  }
  /// As edit(i) = value.
  void set(std::size_t i, T value) {
    if (value != T{} || pages_[i / kPage]) edit(i) = value;
  }

 private:
  using Page = std::array<T, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace orrery::scheduler
