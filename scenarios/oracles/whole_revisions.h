// W4: a store watch gets all changes of one revision in one message.
//
// Basis: etcd's API guarantees ("atomic": no revision is split over two lists of events). Judged where an apiserver receives
// its store's watches: each message must hold as many events of a revision as the commit of that revision has keys in the
// watched range. A revision changes several objects of one kind when a store lease ends (Events) and by nothing else today.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class WholeRevisions final : public BasicOracle {
 public:
  WholeRevisions() : BasicOracle("W4", "changes of one revision arrive together") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_delivery(const history::StoreDelivery& d);
  /// Keys of the revisions that changed more than one; all others changed one.
  base::SortedMap<std::int64_t, std::vector<Str>> several_;
  std::int64_t revision_ = 0;
};

}  // namespace orrery::scenarios
