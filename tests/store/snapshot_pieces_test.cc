// What views of a key space hold while it goes on being written and compacted.
#include <doctest/doctest.h>

#include <algorithm>
#include <list>
#include <set>

#include "control/store/kv.h"
#include "control/store/snapshot_pieces.h"
#include "control/store/state.h"
#include "tests/store/mvcc_model.h"

namespace orrery::store {
namespace {

using store_test::check_equal;
using store_test::Model;
using store_test::random_txn;

/// A view under way, and what was true when it was taken.
struct View {
  base::Ref<SnapshotData> data = base::make_ref<SnapshotData>();
  SnapshotFiles::Source source;
  std::uint64_t hash, deep_hash;
  std::int64_t bytes;  // 0: other views kept what compaction would have dropped

  View(const State& state, SnapshotPieces& pieces, bool alone)
      : hash(state.hash()), deep_hash(state.mvcc().deep_hash()), bytes(alone ? state.mvcc().bytes() : 0) {
    data->head = state.export_head();
    source = pieces.view();
  }
  bool take() {
    SnapshotPieceRef piece = source();
    if (piece) data->pieces.push_back(std::move(piece));
    else source = nullptr;
    return static_cast<bool>(source);
  }
  void check(const Model& model) const {
    State copy;
    copy.restore(*data, {});
    CHECK(copy.hash() == hash);
    CHECK(copy.mvcc().deep_hash() == deep_hash);
    if (bytes) CHECK(copy.mvcc().bytes() == bytes);
    for (Revision r = std::max<Revision>(data->head->compacted, 1); r <= data->head->revision; ++r)
      check_equal(copy.mvcc(), model, r);
  }
};

void put(Mvcc& mvcc, std::string_view key, std::size_t size) {
  TxnRequest txn;
  txn.then.push_back(put_op(Str(key), text_value(std::string(size, 'x'))));
  TxnReply reply;
  REQUIRE(mvcc.txn(txn, reply).ok());
}

TEST_CASE("views, some at a time, of a key space that goes on") {
  std::size_t checked = 0, pieces_taken = 0;
  std::set<const SnapshotPiece*> made;
  std::list<SnapshotDataRef> kept;  // so that no piece's address is used twice
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed ", seed);
    base::RandomStream r(base::stream_key(seed, "views", "test"));
    State state;
    SnapshotPieces pieces(state.mvcc(), 7);
    Model model;
    std::list<View> open;
    for (int step = 0; step < 400; ++step) {
      const auto txn = random_txn(r, model);
      if (!check_txn(*txn).ok()) continue;
      TxnReply reply;
      REQUIRE(state.mvcc().txn(*txn, reply).ok());
      model.txn(*txn);
      if (r.below(60) == 0 && model.now() > model.compacted + 1) {
        model.compacted += 1 + static_cast<Revision>(r.below(static_cast<std::uint64_t>(model.now() - model.compacted)));
        REQUIRE(state.mvcc().compact(model.compacted).ok());
      }
      if (r.below(15) == 0 && open.size() < 3) open.emplace_back(state, pieces, open.empty());
      for (auto view = open.begin(); view != open.end();) {
        if (r.below(2) == 0 || view->take()) {
          ++view;
          continue;
        }
        view->check(model);
        ++checked;
        pieces_taken += view->data->pieces.size();
        for (const SnapshotPieceRef& piece : view->data->pieces) made.insert(piece.get());
        kept.emplace_back(view->data);
        view = open.erase(view);
      }
    }
  }
  CHECK(checked > 300);
  CHECK(made.size() < pieces_taken * 2 / 3);
}

TEST_CASE("what is written between two keys while a view is taken does not end it") {
  State state;
  Mvcc& mvcc = state.mvcc();
  put(mvcc, "/a", 1);
  put(mvcc, "/c", 1);
  REQUIRE(mvcc.compact(mvcc.revision()).ok());
  SnapshotPieces pieces(mvcc, 1);
  View view(state, pieces, true);
  CHECK(view.take());
  for (const char* later : {"/b1", "/b2"}) put(mvcc, later, 700 << 10);
  while (view.take()) {
  }
  State copy;
  copy.restore(*view.data, {});
  CHECK(copy.hash() == view.hash);
  CHECK(copy.mvcc().keys() == 2);
}

TEST_CASE("a cleared set of pieces takes nothing along") {
  State state;
  SnapshotPieces pieces(state.mvcc(), 2);
  for (const char* name : {"/a", "/b", "/c"}) put(state.mvcc(), name, 1);
  (void)pieces.view();
  state.mvcc().clear();
  pieces.clear();
  put(state.mvcc(), "/z", 1);
  View view(state, pieces, true);
  while (view.take()) {
  }
  State copy;
  copy.restore(*view.data, {});
  CHECK(copy.hash() == view.hash);
  CHECK(copy.mvcc().keys() == 1);
}

}  // namespace
}  // namespace orrery::store
