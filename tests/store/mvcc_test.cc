// The key space against the plain model.
#include <doctest/doctest.h>

#include <algorithm>

#include "control/store/kv.h"
#include "control/store/state.h"
#include "tests/store/mvcc_model.h"

namespace orrery::store {
namespace {

using store_test::check_equal;
using store_test::model_key;
using store_test::Model;
using store_test::random_txn;
using store_test::text_of;

/// Replaying all changes after `from` onto the map at `from` must give the present one.
void check_events(const Mvcc& mvcc, const Model& model, Revision from) {
  std::map<std::string, std::string> state;
  for (const auto& [k, item] : model.at[static_cast<std::size_t>(from)]) state[k] = item.value;
  Revision last = from;
  for (std::size_t i = mvcc.change_position(from + 1); i < mvcc.changes().size(); ++i) {
    const Event e = mvcc.event(mvcc.changes()[i], true);
    CHECK(e.kv.mod_revision >= last);
    last = e.kv.mod_revision;
    const auto old = state.find(e.kv.key.str());
    CHECK((old != state.end()) == (e.previous_mod_revision != 0));
    if (old != state.end()) CHECK(text_of(e.previous) == old->second);
    if (e.deleted) state.erase(e.kv.key.str());
    else state[e.kv.key.str()] = text_of(e.kv.value);
  }
  std::map<std::string, std::string> present;
  for (const auto& [k, item] : model.at.back()) present[k] = item.value;
  CHECK(state == present);
}

/// What a snapshot of `state` loads into.
void check_export(State& state, const Model& model) {
  auto data = base::make_ref<SnapshotData>();
  data->head = state.export_head();
  Str last;
  for (;;) {
    auto versions = state.mvcc().export_after(last, state.mvcc().revision(), 7);
    if (versions.empty()) break;
    last = versions.back().key;
    auto piece = base::make_ref<SnapshotPiece>();
    piece->versions = std::move(versions);
    data->pieces.push_back(piece);
  }
  State copy;
  copy.restore(*data, {});
  CHECK(copy.hash() == state.hash());
  CHECK(copy.mvcc().deep_hash() == state.mvcc().deep_hash());
  CHECK(copy.mvcc().bytes() == state.mvcc().bytes());
  for (Revision r = std::max<Revision>(model.compacted, 1); r <= model.now(); ++r)
    check_equal(copy.mvcc(), model, r);
}

TEST_CASE("mvcc equals the plain model") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    base::RandomStream r(base::stream_key(seed, "mvcc", "test"));
    State state;
    Mvcc& mvcc = state.mvcc();
    Model model;
    bool pinned = false;
    for (int step = 0; step < 400; ++step) {
      const auto txn = random_txn(r, model);
      if (!check_txn(*txn).ok()) continue;
      TxnReply reply;
      REQUIRE(mvcc.txn(*txn, reply).ok());
      CHECK(reply.succeeded == model.txn(*txn));
      REQUIRE(reply.revision == model.now());
      if (r.below(40) == 0 && model.now() > model.compacted + 1) {
        model.compacted +=
            1 + static_cast<Revision>(r.below(static_cast<std::uint64_t>(model.now() - model.compacted)));
        REQUIRE(mvcc.compact(model.compacted).ok());
      }
      if (r.below(25) == 0) {
        pinned ? mvcc.unpin() : mvcc.pin();
        pinned = !pinned;
      }
    }
    if (pinned) mvcc.unpin();
    INFO("seed ", seed);
    for (Revision rev = std::max<Revision>(model.compacted, 1); rev <= model.now(); ++rev)
      check_equal(mvcc, model, rev);
    check_events(mvcc, model, std::max<Revision>(model.compacted, 1));
    check_export(state, model);
    if (model.compacted > 1) CHECK(!mvcc.range(model_key(1), {}, model.compacted - 1, 0, false, false).ok());
    CHECK(!mvcc.range(model_key(1), {}, model.now() + 1, 0, false, false).ok());
  }
}

TEST_CASE("a compacted store holds only what is live") {
  State state;
  for (int i = 0; i < 100; ++i) {
    TxnRequest txn;
    txn.then.push_back(put_op(model_key(static_cast<std::uint64_t>(i % 3)), text_value("v")));
    TxnReply reply;
    REQUIRE(state.mvcc().txn(txn, reply).ok());
  }
  TxnRequest txn;
  txn.then.push_back(delete_op(model_key(0)));
  TxnReply reply;
  REQUIRE(state.mvcc().txn(txn, reply).ok());
  const std::int64_t before = state.mvcc().bytes();
  REQUIRE(state.mvcc().compact(state.mvcc().revision()).ok());
  CHECK(state.mvcc().keys() == 2);
  CHECK(state.mvcc().bytes() < before / 20);
  CHECK(state.mvcc().changes().empty());
}

TEST_CASE("transactions are checked") {
  struct Case {
    const char* name;
    std::vector<Op> ops;
    bool ok;
  };
  Op range_delete = delete_op(model_key(0));
  range_delete.end = model_key(9);
  const Case cases[] = {
      {"two keys", {put_op(model_key(1), text_value("a")), put_op(model_key(2), text_value("a"))}, true},
      {"one key twice", {put_op(model_key(1), text_value("a")), put_op(model_key(1), text_value("b"))}, false},
      {"put and delete of one key", {put_op(model_key(1), text_value("a")), delete_op(model_key(1))}, false},
      {"put inside a deleted range", {range_delete, put_op(model_key(1), text_value("a"))}, false},
      {"put outside a deleted range", {range_delete, put_op("/z", text_value("a"))}, true},
      {"empty key", {put_op("", text_value("a"))}, false},
      {"128 operations", std::vector<Op>(128, range_op(model_key(1))), true},
      {"129 operations", std::vector<Op>(129, range_op(model_key(1))), false},
      {"too large", {put_op(model_key(1), text_value(std::string(kMaxRequestBytes, 'x')))}, false},
  };
  for (const Case& c : cases) {
    TxnRequest txn;
    txn.then = c.ops;
    INFO(c.name);
    CHECK(check_txn(txn).ok() == c.ok);
  }
}

TEST_CASE("leases take their keys along") {
  State state;
  state.lessor().promote({});
  const auto apply = [&](base::Ref<const TxnRequest> txn, base::Ref<const ControlRequest> control) {
    Proposal p;
    p.txn = std::move(txn);
    p.control = std::move(control);
    return state.apply(p, true, {});
  };
  auto orphan = base::make_ref<TxnRequest>();
  orphan->then.push_back(put_op(model_key(1), text_value("a"), 7));
  const auto refused = apply(orphan, nullptr);
  CHECK(env::body_as<TxnReply>(refused.get())->outcome.message == kErrLeaseNotFound);
  CHECK(state.mvcc().revision() == 1);
  apply(nullptr, control_request(ControlKind::kLeaseGrant, 7, 10));
  apply(orphan, nullptr);
  auto free = base::make_ref<TxnRequest>();
  free->then.push_back(put_op(model_key(2), text_value("b"), 7));
  apply(free, nullptr);
  auto released = base::make_ref<TxnRequest>();
  released->then.push_back(put_op(model_key(2), text_value("c")));
  apply(released, nullptr);
  const base::Instant late{10 * base::kSecond};
  CHECK(state.lessor().expired({late.ns - 1}, base::kSecond).empty());
  CHECK(state.lessor().expired(late, base::kSecond) == std::vector<LeaseId>{7});
  CHECK(state.lessor().expired(late, base::kSecond).empty());
  apply(nullptr, control_request(ControlKind::kLeaseRevoke, 7));
  CHECK(state.mvcc().range(model_key(1), {}, 0, 0, false, false)->kvs.empty());
  CHECK(state.mvcc().range(model_key(2), {}, 0, 0, false, false)->kvs.size() == 1);
  CHECK(state.mvcc().revision() == 5);
}

}  // namespace
}  // namespace orrery::store
