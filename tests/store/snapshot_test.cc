// Snapshot files against damage: a file that is not whole is set aside and the one before it is used.
#include <doctest/doctest.h>

#include "control/store/kv.h"
#include "control/store/snapshot_file.h"
#include "tests/store/memory_env.h"

namespace orrery::store {
namespace {

using store_test::MemoryEnv;

base::Ref<const SnapshotHead> head(raft::Index index) {
  auto h = base::make_ref<SnapshotHead>();
  h->cluster = 1;
  h->index = index;
  h->term = 2;
  h->conf.voters = {1, 2, 3};
  h->revision = static_cast<Revision>(index);
  return h;
}

SnapshotFiles::Source pieces(int count) {
  return [left = count]() mutable -> SnapshotPieceRef {
    if (left-- <= 0) return nullptr;
    auto piece = base::make_ref<SnapshotPiece>();
    piece->versions.push_back({Str("/k" + std::to_string(left)), text_value("value"), 1, 2, 3, 0});
    return piece;
  };
}

std::map<std::string, std::string> two_snapshots() {
  MemoryEnv memory;
  SnapshotFiles files(memory.env(), 1);
  REQUIRE(files.load().ok());
  for (const raft::Index index : {raft::Index{10}, raft::Index{20}, raft::Index{30}}) {
    bool done = false;
    files.write(head(index), pieces(3), [&](base::Status status) { done = status.ok(); });
    memory.settle();
    REQUIRE(done);
  }
  CHECK(files.oldest() == 20);
  CHECK(files.newest() == 30);
  return memory.disk().files;
}

struct Loaded {
  raft::Index index = 0;
  std::size_t pieces = 0;
};

Loaded load(const std::map<std::string, std::string>& files) {
  MemoryEnv memory;
  memory.disk().files = files;
  SnapshotFiles store(memory.env(), 1);
  auto data = store.load();
  REQUIRE(data.ok());
  if (!*data) return {};
  return {(*data)->head->index, (*data)->pieces.size()};
}

TEST_CASE("snapshots: two are kept, the newest is used") {
  const auto files = two_snapshots();
  REQUIRE(files.size() == 2);
  CHECK(load(files).index == 30);
  CHECK(load(files).pieces == 3);
}

TEST_CASE("snapshots: a damaged one is never used") {
  const auto files = two_snapshots();
  const std::string newest = files.rbegin()->first;
  const std::string& bytes = files.rbegin()->second;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto bad = files;
    bad[newest][i] = static_cast<char>(bad[newest][i] ^ (1 << (i % 8)));
    INFO("byte ", i);
    CHECK(load(bad).index == 20);
    bad[newest] = bytes.substr(0, i);
    CHECK(load(bad).index == 20);
  }
  CHECK(load({{newest, bytes + "x"}}).index == 0);
  CHECK(load({{files.begin()->first, bytes}}).index == 0);
}

TEST_CASE("snapshots: an interrupted writing leaves nothing, a full disk refuses") {
  MemoryEnv memory;
  SnapshotFiles files(memory.env(), 1);
  REQUIRE(files.load().ok());
  memory.disk().room = 400;
  base::Status result = base::ok_status();
  files.write(head(10), pieces(100), [&](base::Status status) { result = std::move(status); });
  memory.settle();
  REQUIRE(!result.ok());
  CHECK(result.error().code == base::ErrorCode::kLimit);
  CHECK(memory.disk().files.empty());
  memory.disk().room = SIZE_MAX;
  files.write(head(10), pieces(100), [](base::Status) { FAIL("abandoned"); });
  const auto halfway = memory.disk().files;
  CHECK(halfway.size() == 1);
  files.abandon();
  memory.settle();
  CHECK(memory.disk().files.empty());
  CHECK(load(halfway).index == 0);
}

}  // namespace
}  // namespace orrery::store
