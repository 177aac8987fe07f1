#include "sim/cost/shared_spends.h"

#include <algorithm>

namespace orrery::sim {
namespace {

constexpr double kProcessWeight = 1024;

}  // namespace

void SharedSpends::start(base::Nanos work, EventTag tag, Kernel::Fire done) {
  const std::uint64_t number = next_number_++;
  const double threads = static_cast<double>(under_way_.size() + 1);
  const ShareId id = sharing_.start({node_, node_, kProcessWeight / threads, kCore}, static_cast<double>(work), tag,
                                    [this, number, done = std::move(done)]() mutable {
                                      ended(number);
                                      done();
                                    });
  under_way_.push_back({number, id});
  weigh();
}

void SharedSpends::ended(std::uint64_t number) {
  std::erase_if(under_way_, [number](const Spend& s) { return s.number == number; });
  weigh();
}

void SharedSpends::weigh() {
  for (const Spend& s : under_way_)
    sharing_.adjust(s.id, kProcessWeight / static_cast<double>(under_way_.size()), kCore);
}

void SharedSpends::cancel() {
  for (const Spend& s : under_way_) sharing_.cancel(s.id);
  under_way_.clear();
}

}  // namespace orrery::sim
