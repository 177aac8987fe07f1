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
  using Page = std::array<T, kPage>;

  /// All zero.
  void reset(std::size_t size) {
    pages_.clear();
    pages_.resize((size + kPage - 1) / kPage);
    written_ = false;
  }
  /// Nothing was written since.
  bool untouched() const { return !written_; }
  T get(std::size_t i) const {
    const Page* page = pages_[i / kPage].get();
    return page ? (*page)[i % kPage] : T{};
  }
  /// add(j, value of numbers[j]) for each j; quick when numbers are mostly ascending.
  template <class Numbers, class Add>
  void each(const Numbers& numbers, Add add) const {
    static constexpr Page kZeros{};
    std::size_t known = SIZE_MAX;
    const T* items = nullptr;
    const std::size_t n = numbers.size();
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t i = numbers[j];
      if (i / kPage != known) {
        known = i / kPage;
        items = pages_[known] ? pages_[known]->data() : kZeros.data();
      }
      add(j, items[i % kPage]);
    }
  }
  T& edit(std::size_t i) { return page(i)[i % kPage]; }
  /// The page of `i`, whose first item stands for i - i % kPage.
  T* page(std::size_t i) {
    std::unique_ptr<Page>& page = pages_[i / kPage];
    if (!page) {
      page = std::make_unique<Page>();
      written_ = true;
    }
    return page->data();
  }
  /// As edit(i) = value.
  void set(std::size_t i, T value) {
    if (value != T{} || pages_[i / kPage]) edit(i) = value;
  }

 private:
  std::vector<std::unique_ptr<Page>> pages_;
  bool written_ = false;
};

}  // namespace orrery::scheduler
