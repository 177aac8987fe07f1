// A raft cluster on nothing: members, disks that lose what was not synced, and a bag of messages, all
// driven by hand.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/raft/raft.h"

namespace orrery::raft_test {

using namespace raft;

/// A payload of a test.
class Text : public env::Body {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  static const env::BodyType kType;
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return text_.size(); }
  void encode(std::string& out) const override { out += text_; }
  std::uint64_t content_hash() const override { return base::hash_bytes(text_); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// What a member's disk holds after a crash.
struct Disk {
  InitialState state;
  void write(const Ready& ready);
};

struct Read {
  NodeId node;
  std::uint64_t context;
  Index index;
};

struct Member {
  std::unique_ptr<Raft> raft;  // null while crashed
  Disk disk;
  std::vector<Ready> unsynced;
  std::vector<std::string> applied;  // texts, from the snapshot on
  Index applied_index = 0;
  bool hold_sync = false;
};

/// Violations are collected, not asserted, so that planted bugs can be shown to be noticed.
class Cluster {
 public:
  Cluster(int members, Config defaults, std::uint64_t seed);

  Raft& raft(NodeId id) { return *members_.at(id).raft; }
  Member& member(NodeId id) { return members_.at(id); }
  bool up(NodeId id) const { return members_.count(id) && members_.at(id).raft; }
  std::vector<NodeId> ids() const;

  void tick(NodeId id);
  void propose(NodeId id, const std::string& text);
  void read(NodeId id, std::uint64_t context);
  void crash(NodeId id);
  void restart(NodeId id);
  void join(NodeId id);
  void snapshot(NodeId id);  // of what is applied, and compacts the log to it
  void cut(NodeId a, NodeId b, bool cut);
  /// Takes and performs the member's Readys, except that syncs stay pending.
  void drain(NodeId id);
  /// Completes the oldest pending sync. False when there is none.
  bool sync_one(NodeId id);
  /// Delivers message number `i` of the bag; a copy stays in it when `keep`.
  void deliver(std::size_t i, bool keep = false);
  void drop(std::size_t i) { bag_.erase(bag_.begin() + static_cast<long>(i)); }
  const std::vector<Message>& bag() const { return bag_; }
  /// Syncs and delivers in order until nothing is left to do.
  void settle();

  std::optional<NodeId> leader() const;  // the one of the highest term
  std::vector<Read> reads;
  std::vector<std::string> violations;
  std::set<MessageType> dropped_types;  // messages of these types vanish when sent
  std::set<Term> dropped_terms;         // appends travel without their entries of these terms

 private:
  void start(NodeId id);
  void post(std::vector<Message>& messages);
  void apply(NodeId id, const Ready& ready);
  void install(NodeId id, const Snapshot& snapshot);
  void note_leader(NodeId id);
  void note_committed(NodeId id, const Entry& entry);

  Config defaults_;
  std::uint64_t seed_;
  std::uint64_t starts_ = 0;
  std::map<NodeId, Member> members_;
  std::set<std::pair<NodeId, NodeId>> cuts_;
  std::vector<Message> bag_;
  std::map<Term, NodeId> leaders_;
  std::map<Index, std::pair<Term, std::string>> committed_;
  std::map<std::uint64_t, Index>
      asked_;  // read context -> highest index applied anywhere when it was asked
};

}  // namespace orrery::raft_test
