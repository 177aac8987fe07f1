// WatchReplay: every watch stream and list of the run replayed against the committed changes; the oracles W1 to W3 and W5 to W8.
//
// Basis: etcd's API guarantees, Kubernetes' API concepts. A stream is told by the process that received it. Per stream:
//   W1 revisions never go back            W2 no event twice              W3 no matching change is left out
//   W5 a watch from a revision misses nothing after it
//   W6 bookmarks: everything up to them was sent, nothing at or below them follows, none is ahead of the store
//   W7 nothing at or below the revision asked for
//   W8 types and objects are those committed; initial events and lists are exactly the state at their revision
// Caveats: streams that start from an unnamed state (no resourceVersion, or 0, without initial events' end) are followed
// from the first change, deletion or bookmark on; streams that begin or lag behind the memory of changes are followed from
// the next event on; filters by fields other than those of field_of() are not followed; limited lists are not compared.
#pragma once
#include <array>
#include <deque>
#include <memory>

#include "model/base/sorted_map.h"
#include "model/base/hash_map.h"
#include "scenarios/oracles/watch_channel.h"

namespace orrery::scenarios {

class WatchReplay {
 public:
  static constexpr std::size_t kRules = 9;   // W1..W8 at 1..8; W4 is not one of them
  struct Tally {
    std::uint64_t checks = 0;
    std::vector<Violation> violations;
  };
  void on_record(const history::Record& record, const Changes& changes);
  const Tally& tally(std::size_t rule) const { return tallies_[rule]; }
  bool delivered() const { return delivered_; }

 private:
  struct Stream {
    WatchChannel* channel = nullptr;       // null: not followed
    std::int64_t start = 0;                // revision asked for; 0: a state
    bool initial = false, marked = false;  // in the initial events; their end will be marked
    bool synced = false;                   // cursor is valid
    bool moved = false;                    // an event came after the start
    std::uint64_t cursor = 0, initial_sum = 0;
    std::int64_t last = 0, bookmark = 0;
    std::uint64_t last_key = 0;
  };
  using Channels = std::vector<WatchChannel*>;
  struct KindState {
    base::SortedMap<Str, api::ObjectRef> live;       // by store key
    std::deque<Change> recent;
    std::int64_t floor = 0;                         // all changes after it are in `recent`
    base::SortedMap<Str, std::unique_ptr<WatchChannel>> channels;
    Channels everything;
    base::HashMap<Str, Channels> by_name, by_node;
  };
  template <class F>
  void check(std::size_t rule, bool ok, Instant at, F text);
  void on_change(const Change& change);
  void on_open(const history::WatchOpen& open);
  void on_delivery(const history::WatchDelivery& delivery);
  void on_list(const history::ApiResponseRecord& answer);
  void on_event(Stream& s, const api::WatchEvent& event, const history::Origin& origin);
  void on_bookmark(Stream& s, const api::WatchEvent& event, const history::Origin& origin);
  bool on_initial(Stream& s, const api::WatchEvent& event);
  void advance(Stream& s, const api::WatchEvent& event, std::uint64_t key, const history::Origin& origin);
  WatchChannel* channel(const api::ApiRequest& request);
  static std::uint64_t stream_key(const history::Origin& origin, std::uint64_t stream);

  std::array<Tally, kRules> tallies_;
  std::array<KindState, static_cast<std::size_t>(KindId::kCount)> kinds_;
  base::HashMap<std::uint64_t, Stream> streams_;
  std::int64_t revision_ = 1;
  bool delivered_ = false;
};

/// One rule of the replay. The first oracle of a set feeds it.
class WatchOracle final : public Oracle {
 public:
  WatchOracle(std::size_t rule, std::shared_ptr<WatchReplay> replay, bool feeds)
      : rule_(rule), replay_(std::move(replay)), feeds_(feeds) {}
  std::string_view id() const override;
  std::string_view name() const override;
  void on_record(const history::Record& record, const Changes& changes) override {
    if (feeds_) replay_->on_record(record, changes);
  }
  void finish(const RunFacts&) override {}
  std::uint64_t checks() const override { return replay_->tally(rule_).checks; }
  /// W5 to W7 have subjects that a run may lack: resumed watches, bookmarks.
  bool applicable() const override { return checks() > 0 || (replay_->delivered() && (rule_ < 4 || rule_ == 8)); }
  const std::vector<Violation>& violations() const override { return replay_->tally(rule_).violations; }

 private:
  std::size_t rule_;
  std::shared_ptr<WatchReplay> replay_;
  bool feeds_;
};

}  // namespace orrery::scenarios
