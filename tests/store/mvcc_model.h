// A plain model of the key space: a list of (revision, key, value) and nothing else; slow and obvious.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "control/store/mvcc.h"
#include "model/base/random.h"

namespace orrery::store_test {

using namespace store;

/// Every revision as a whole map.
struct Model {
  struct Item {
    std::string value;
    Revision create, mod;
    std::int64_t version;
  };
  using Keys = std::map<std::string, Item>;
  std::vector<Keys> at{Keys{}, Keys{}};  // index: revision
  Revision compacted = 0;

  Revision now() const { return static_cast<Revision>(at.size()) - 1; }
  bool holds(const Compare& c) const;
  /// Whether its compares held.
  bool txn(const TxnRequest& r);
};

std::string text_of(const env::BodyRef& body);
/// One of the keys that random_txn writes, for n below 20.
Str model_key(std::uint64_t n);
base::Ref<TxnRequest> random_txn(base::RandomStream& r, const Model& model);
/// The key space at that revision is the model's.
void check_equal(const Mvcc& mvcc, const Model& model, Revision revision);

}  // namespace orrery::store_test
