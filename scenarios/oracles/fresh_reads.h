// W9: reads without a resourceVersion are fresh, and the pages of a list are of one snapshot.
//
// Basis: [P] API concepts, KEP-2340. A get or list that names no resourceVersion answers at least
// what was committed when it was sent. A page asked for with a continue token has the list revision
// of the page that gave the token, and no object in it is newer; tokens of an expired list (410,
// then an inconsistent continuation) are left out.
#pragma once
#include "model/base/hash_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class FreshReads final : public BasicOracle {
 public:
  FreshReads() : BasicOracle("W9", "reads are fresh and lists of one snapshot") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_get(const history::ApiResponseRecord& a, std::int64_t floor);
  void on_list(const history::ApiResponseRecord& a, std::int64_t floor);
  base::HashMap<std::uint64_t, std::int64_t> asked_;  // committed when it was sent, by request
  base::HashMap<std::uint64_t, std::int64_t>
      newest_;  // revisions of objects, by kind, namespace and name
  base::HashMap<std::uint64_t, std::int64_t> pages_;  // list revisions by continue token
  std::int64_t revision_ = 0;
};

}  // namespace orrery::scenarios
