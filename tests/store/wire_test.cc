// Everything that travels or is stored must come back as it was, with exactly the length that was promised.
#include <doctest/doctest.h>

#include "control/raft/conf_change.h"
#include "control/store/disk_format.h"
#include "control/store/kv.h"

namespace orrery::store {
namespace {

TxnRequest sample_txn() {
  TxnRequest txn;
  txn.compares.push_back(compare_mod("/a", 12));
  txn.then.push_back(put_op("/a", text_value("value"), 5));
  txn.otherwise.push_back(range_op("/a"));
  txn.request_id = 77;
  return txn;
}

std::vector<env::BodyRef> samples() {
  std::vector<env::BodyRef> out;
  auto txn = base::make_ref<TxnRequest>(sample_txn());
  out.push_back(txn);
  auto range = base::make_ref<RangeRequest>();
  range->key = "/a";
  range->limit = 500;
  range->serializable = true;
  out.push_back(range);
  auto control = base::make_ref<ControlRequest>();
  control->kind = ControlKind::kAddLearner;
  control->id = 4;
  control->host = "master-4";
  out.push_back(control);
  auto reply = base::make_ref<TxnReply>();
  reply->succeeded = true;
  reply->revision = 9;
  reply->results.push_back({{{"/a", text_value("x"), 1, 2, 3, 4}}, 1, false});
  out.push_back(reply);
  auto failed = base::make_ref<RangeReply>();
  failed->outcome = Outcome::failure(base::ErrorCode::kInvalid, kErrCompacted);
  out.push_back(failed);
  auto status = base::make_ref<ControlReply>();
  status->voters = {1, 2, 3};
  out.push_back(status);
  auto events = base::make_ref<WatchReply>();
  events->revision = 3;
  events->events.push_back({true, {"/a", nullptr, 0, 3, 0, 0}, text_value("old"), 2});
  out.push_back(events);
  out.push_back(base::make_ref<WatchRequest>());
  out.push_back(base::make_ref<ProgressRequest>());
  auto proposal = base::make_ref<Proposal>();
  proposal->id = 5;
  proposal->txn = txn;
  out.push_back(proposal);
  auto raft_message = base::make_ref<RaftMessage>();
  raft_message->message.type = raft::MessageType::kAppend;
  raft_message->message.entries.push_back({3, 4, raft::EntryKind::kNormal, proposal});
  raft_message->message.entries.push_back({3, 5, raft::EntryKind::kNoop, nullptr});
  raft_message->message.entries.push_back(
      {3, 6, raft::EntryKind::kConfChange,
       base::make_ref<raft::ConfChange>(raft::ConfChangeKind::kAddVoter, 9, "ctx")});
  out.push_back(raft_message);
  auto change = base::make_ref<LogChange>();
  change->entries = raft_message->message.entries;
  change->hard = {3, 1, 2};
  out.push_back(change);
  auto head = base::make_ref<SnapshotHead>();
  head->conf.voters = {1, 2};
  head->members.push_back({1, "m1"});
  head->leases.push_back({7, 10});
  auto piece = base::make_ref<SnapshotPiece>();
  piece->versions.push_back({"/a", text_value("x"), 1, 2, 3, 4});
  auto chunk = base::make_ref<SnapshotChunk>();
  chunk->head = head;
  chunk->piece = piece;
  out.push_back(chunk);
  return out;
}

TEST_CASE("store bodies survive encoding") {
  for (const env::BodyRef& body : samples()) {
    INFO(std::string(body->type().name));
    std::string bytes;
    body->encode(bytes);
    CHECK(bytes.size() == body->encoded_size());
    auto again = body->type().decode(bytes);
    REQUIRE(again.ok());
    std::string twice;
    (*again)->encode(twice);
    CHECK(bytes == twice);
    CHECK((*again)->content_hash() == body->content_hash());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
      CHECK(!body->type().decode(bytes.substr(0, cut)).ok());
    CHECK(!body->type().decode(bytes + "x").ok());
  }
}

TEST_CASE("damaged bytes never crash a decoder") {
  for (const env::BodyRef& body : samples()) {
    std::string bytes;
    body->encode(bytes);
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
      std::string bad = bytes;
      bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
      auto again = body->type().decode(bad);
      if (!again.ok()) continue;
      std::string out;
      (*again)->encode(out);
      CHECK(out.size() == (*again)->encoded_size());
    }
  }
}

TEST_CASE("crc32c") {
  CHECK(crc32c("123456789") == 0xe3069283u);
  CHECK(crc32c("") == 0);
  CHECK(crc32c("6789", crc32c("12345")) == crc32c("123456789"));
}

TEST_CASE("a prefix ends where it must") {
  CHECK(prefix_end("/a/") == "/a0");
  CHECK(prefix_end("a\xff") == "b");
  CHECK(in_range("/a/x", "/a/", prefix_end("/a/")));
  CHECK(!in_range("/b", "/a/", prefix_end("/a/")));
}

}  // namespace
}  // namespace orrery::store
