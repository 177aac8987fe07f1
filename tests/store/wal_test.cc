// The log against damage: cut at every byte, every bit flipped, sectors lost. What was durable comes back,
// or the log refuses; it never gives anything else.
#include <doctest/doctest.h>

#include "control/store/kv.h"
#include "control/store/wal.h"
#include "tests/store/memory_env.h"

namespace orrery::store {
namespace {

using store_test::MemoryEnv;

base::Ref<LogChange> change(raft::Term term, raft::Index first, int count) {
  auto c = base::make_ref<LogChange>();
  c->hard = {term, 1, first - 1};
  for (int i = 0; i < count; ++i) {
    auto p = base::make_ref<Proposal>();
    p->id = first + static_cast<raft::Index>(i);
    p->control = control_request(ControlKind::kCompact, 0, static_cast<std::int64_t>(p->id));
    c->entries.push_back({term, p->id, raft::EntryKind::kNormal, p});
  }
  return c;
}

struct Written {
  MemoryEnv memory;
  std::uint64_t durable = 0;
  std::unique_ptr<Wal> wal;
  WalConfig config{.cluster = 1, .member = 2, .segment_bytes = 2000};

  Written() {
    wal = std::make_unique<Wal>(memory.env(), config, [this](std::uint64_t n) { durable = n; });
  }
  void open() {
    bool ready = false;
    wal->open({1, 0, 1}, [&] { ready = true; });
    memory.settle();
    REQUIRE(ready);
  }
};

/// Reads the log anew from copies of the files.
base::Result<Recovered> read_again(const std::map<std::string, std::string>& files,
                                   const WalConfig& config = {1, 2, 2000},
                                   std::map<std::string, std::string>* after = nullptr) {
  MemoryEnv memory;
  memory.disk().files = files;
  Wal wal(memory.env(), config, [](std::uint64_t) {});
  auto out = wal.recover();
  if (after) *after = memory.disk().files;
  return out;
}

std::vector<std::pair<raft::Index, raft::Term>> shape(const Recovered& r) {
  std::vector<std::pair<raft::Index, raft::Term>> out;
  for (const raft::Entry& e : r.entries) out.emplace_back(e.index, e.term);
  return out;
}

/// A log of one segment whose last sync covers several changes.
std::map<std::string, std::string> sample(std::size_t* last_batch = nullptr) {
  Written w;
  w.config.segment_bytes = 1 << 20;
  w.wal = std::make_unique<Wal>(w.memory.env(), w.config, [&](std::uint64_t n) { w.durable = n; });
  REQUIRE(w.wal->recover().ok());
  w.open();
  w.wal->append(1, change(2, 2, 3));
  w.memory.settle();
  w.wal->append(2, change(2, 5, 8));
  w.wal->append(3, change(3, 7, 2));  // rewrites 7 on; waits for the sync, then shares the next
  w.wal->append(4, change(3, 9, 9));
  w.memory.settle();
  CHECK(w.durable == 4);
  const auto& synced = w.memory.disk().syncs.begin()->second;
  if (last_batch) *last_batch = synced[synced.size() - 2];
  return w.memory.disk().files;
}

TEST_CASE("wal: what was appended comes back") {
  const auto log = read_again(sample());
  REQUIRE(log.ok());
  CHECK(log->hard == raft::HardState{3, 1, 8});
  REQUIRE(log->entries.size() == 16);
  CHECK(log->entries.front().index == 2);
  CHECK(log->entries[4].term == 2);
  CHECK(log->entries[5].term == 3);
  CHECK(log->entries.back().index == 17);
  CHECK(env::body_as<Proposal>(log->entries.back().payload.get())->id == 17);
}

TEST_CASE("wal: cut at every byte, only the last sync may be lost") {
  std::size_t last_batch = 0;
  const auto files = sample(&last_batch);
  REQUIRE(files.size() == 1);
  const std::string& name = files.begin()->first;
  const std::string& bytes = files.begin()->second;
  const auto whole = shape(*read_again(files));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::map<std::string, std::string> after;
    const auto log = read_again({{name, bytes.substr(0, cut)}}, {1, 2, 2000}, &after);
    INFO("cut at ", cut);
    REQUIRE(log.ok());
    // A surviving part of the last batch may have rewritten 7 on; 2 to 6 nobody touched.
    if (cut >= last_batch) CHECK(log->entries.size() >= 7);
    if (cut == bytes.size()) CHECK(shape(*log) == whole);
    const auto again = read_again(after);  // recovery leaves a good log behind
    REQUIRE(again.ok());
    CHECK(shape(*again) == shape(*log));
  }
}

TEST_CASE("wal: every flipped bit is refused") {
  const auto files = sample();
  for (std::size_t i = 0; i < files.begin()->second.size(); ++i) {
    auto bad = files;
    std::string& bytes = bad.begin()->second;
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
    INFO("byte ", i);
    const auto log = read_again(bad);
    CHECK(!log.ok());
  }
}

TEST_CASE("wal: a lost sector is a torn tail in the last sync and damage before it") {
  std::size_t last_batch = 0;
  const auto files = sample(&last_batch);
  for (std::size_t sector = 0; sector < files.begin()->second.size(); sector += 512) {
    auto bad = files;
    std::string& bytes = bad.begin()->second;
    const std::size_t from = std::max(sector, last_batch);
    const bool unsynced = sector + 512 > last_batch;
    for (std::size_t i = unsynced ? from : sector; i < std::min(sector + 512, bytes.size()); ++i)
      bytes[i] = 0;
    INFO("sector at ", sector);
    const auto log = read_again(bad);
    CHECK(log.ok() == unsynced);
    if (log.ok()) CHECK(log->entries.size() >= 7);
  }
}

TEST_CASE("wal: segments roll, are released, and may not be missing or foreign") {
  Written w;
  REQUIRE(w.wal->recover().ok());
  w.open();
  raft::Index next = 2;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    w.wal->append(n, change(2, next, 5));
    next += 5;
    w.memory.settle();
  }
  const auto files = w.memory.disk().files;
  REQUIRE(files.size() >= 4);
  REQUIRE(read_again(files).ok());
  CHECK(read_again(files)->entries.size() == 100);
  auto hole = files;
  hole.erase(std::next(hole.begin()));
  const auto rest =
      read_again(hole);  // what is behind the hole; whether it suffices is the caller's to judge
  REQUIRE(rest.ok());
  CHECK(rest->entries.front().index > 20);
  CHECK(!read_again(files, {9, 2, 2000}).ok());
  CHECK(!read_again(files, {1, 3, 2000}).ok());
  auto early_end = files;
  early_end.begin()->second.resize(early_end.begin()->second.size() - 8);
  CHECK(!read_again(early_end).ok());
  w.wal->release(60);
  const auto left = read_again(w.memory.disk().files);
  REQUIRE(left.ok());
  CHECK(w.memory.disk().files.size() < files.size());
  CHECK(left->entries.front().index <= 61);
  CHECK(left->entries.back().index == 101);
}

TEST_CASE("wal: a full disk keeps changes waiting, a failed sync ends the process") {
  Written w;
  REQUIRE(w.wal->recover().ok());
  w.open();
  w.memory.disk().room = 100;
  w.wal->append(1, change(2, 2, 5));
  w.memory.settle();
  CHECK(w.wal->full());
  CHECK(w.durable == 0);
  CHECK(read_again(w.memory.disk().files)->entries.empty());
  w.memory.disk().room = SIZE_MAX;
  w.wal->retry();
  w.memory.settle();
  CHECK(!w.wal->full());
  CHECK(w.durable == 1);
  CHECK(w.memory.process().ended.empty());
  w.memory.disk().syncs_fail = true;
  w.wal->append(2, change(2, 7, 1));
  w.memory.settle();
  CHECK(w.durable == 1);
  CHECK(!w.memory.process().ended.empty());
}

TEST_CASE("wal: what a failed sync left in memory is relied on only when it was written anew") {
  Written first;
  REQUIRE(first.wal->recover().ok());
  first.open();
  first.wal->append(1, change(2, 2, 3));
  first.memory.settle();
  first.memory.disk().syncs_fail = true;
  first.wal->append(2, change(2, 5, 4));
  first.memory.settle();
  CHECK(first.durable == 1);
  REQUIRE(!first.memory.process().ended.empty());
  REQUIRE(first.memory.disk().doomed.size() == 1);

  Written second;  // the machine stayed on, the disk works again
  second.memory.disk().files = first.memory.disk().files;
  second.memory.disk().doomed = first.memory.disk().doomed;
  auto log = second.wal->recover();
  REQUIRE(log.ok());
  REQUIRE(log->entries.size() == 7);
  second.open();
  second.wal->append(1, change(2, 9, 1));
  second.memory.settle();
  CHECK(second.durable == 1);
  second.memory.disk().lose_power();
  auto after = read_again(second.memory.disk().files);
  REQUIRE(after.ok());
  CHECK(after->entries.size() == 8);
}

TEST_CASE("wal: the copy of the last segment waits for room, and a half one is no log") {
  Written first;
  REQUIRE(first.wal->recover().ok());
  first.open();
  first.wal->append(1, change(2, 2, 3));
  first.memory.settle();
  const auto files = first.memory.disk().files;

  Written second;
  second.memory.disk().files = files;
  REQUIRE(second.wal->recover().ok());
  second.memory.disk().room = 10;
  bool ready = false;
  second.wal->open({2, 1, 1}, [&] { ready = true; });
  second.memory.settle();
  CHECK(second.wal->full());
  CHECK(!ready);
  second.memory.disk().room = SIZE_MAX;
  second.wal->retry();
  second.memory.settle();
  CHECK(ready);
  CHECK(read_again(second.memory.disk().files)->entries.size() == 3);

  auto interrupted = files;
  interrupted["renewed.log"] = "half";
  Written third;
  third.memory.disk().files = interrupted;
  REQUIRE(third.wal->recover().ok());
  third.open();
  CHECK(!third.memory.disk().files.contains("renewed.log"));
}

}  // namespace
}  // namespace orrery::store
