// G5: nothing is created in a namespace that ends, and it ends empty.
//
// Basis: [I] NamespaceLifecycle admission and the namespace controller. Online: a create in a namespace whose object
// carries a deletion timestamp; the removal of a namespace while objects of any kind are left in it. Caveat: a create in a
// namespace that does not exist (yet) is not looked at, since the immortal ones are made in the background.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class NamespaceContents final : public BasicOracle {
 public:
  NamespaceContents() : BasicOracle("G5", "namespaces end empty and take nothing new") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct State {
    bool deleting = false;
    std::int64_t objects = 0;
  };
  base::SortedMap<Str, State> namespaces_;
};

}  // namespace orrery::scenarios
