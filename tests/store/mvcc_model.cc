#include "tests/store/mvcc_model.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "control/store/kv.h"

namespace orrery::store_test {

bool Model::holds(const Compare& c) const {
  const auto it = at.back().find(c.key.str());
  const std::int64_t v = it == at.back().end()                        ? 0
                         : c.target == CompareTarget::kModRevision    ? it->second.mod
                         : c.target == CompareTarget::kCreateRevision ? it->second.create
                                                                      : it->second.version;
  switch (c.result) {
    case CompareResult::kEqual: return v == c.operand;
    case CompareResult::kGreater: return v > c.operand;
    case CompareResult::kLess: return v < c.operand;
    default: return v != c.operand;
  }
}

bool Model::txn(const TxnRequest& r) {
  const bool yes =
      std::all_of(r.compares.begin(), r.compares.end(), [this](const Compare& c) { return holds(c); });
  Keys next = at.back();
  bool changed = false;
  for (const Op& op : yes ? r.then : r.otherwise) {
    if (op.kind == OpKind::kPut) {
      std::string text;
      op.value->encode(text);
      const auto old = next.find(op.key.str());
      const Revision rev = now() + 1;
      if (old == next.end()) next[op.key.str()] = {text, rev, rev, 1};
      else old->second = {text, old->second.create, rev, old->second.version + 1};
      changed = true;
    } else if (op.kind == OpKind::kDelete) {
      changed =
          std::erase_if(next, [&](const auto& k) { return in_range(k.first, op.key, op.end); }) > 0 ||
          changed;
    }
  }
  if (changed) at.push_back(std::move(next));
  return yes;
}

std::string text_of(const env::BodyRef& body) {
  std::string out;
  if (body) body->encode(out);
  return out;
}

Str model_key(std::uint64_t n) { return Str("/registry/x/" + std::to_string(n)); }

base::Ref<TxnRequest> random_txn(base::RandomStream& r, const Model& model) {
  auto txn = base::make_ref<TxnRequest>();
  if (r.below(2) == 0) {
    Compare c;
    c.key = model_key(r.below(20));
    c.target = static_cast<CompareTarget>(r.below(3));
    c.result = static_cast<CompareResult>(r.below(4));
    const auto it = model.at.back().find(c.key.str());
    c.operand =
        it != model.at.back().end() && r.below(2) ? it->second.mod : static_cast<std::int64_t>(r.below(3));
    txn->compares.push_back(c);
  }
  for (std::vector<Op>* ops : {&txn->then, &txn->otherwise}) {
    for (std::uint64_t n = r.below(4); n > 0; --n) {
      const Str k = model_key(r.below(20));
      const std::uint64_t what = r.below(10);
      if (what < 6) {
        const std::string value = std::to_string(r.next());
        ops->push_back(put_op(k, text_value(value)));
      } else if (what < 9) {
        ops->push_back(delete_op(k));
        if (r.below(3) == 0) ops->back().end = model_key(r.below(20));
      } else {
        ops->push_back(range_op(k));
      }
    }
  }
  return txn;
}

void check_equal(const Mvcc& mvcc, const Model& model, Revision revision) {
  const auto got = mvcc.range("/registry/", prefix_end("/registry/"), revision, 0, false, false);
  REQUIRE(got.ok());
  const Model::Keys& want = model.at[static_cast<std::size_t>(revision)];
  REQUIRE(got->kvs.size() == want.size());
  CHECK(got->count == static_cast<std::int64_t>(want.size()));
  std::size_t i = 0;
  for (const auto& [k, item] : want) {
    const KeyValue& kv = got->kvs[i++];
    CHECK(kv.key == k);
    CHECK(text_of(kv.value) == item.value);
    CHECK(kv.create_revision == item.create);
    CHECK(kv.mod_revision == item.mod);
    CHECK(kv.version == item.version);
  }
}

}  // namespace orrery::store_test
