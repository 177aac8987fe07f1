// WatchFanout: all watches of one collection. Sessions that want a single name, or the pods of a
// single node, are reached through an index; the others see every event.
#pragma once
#include <memory>
#include <vector>

#include "control/apiserver/config.h"
#include "control/apiserver/cost_meter.h"
#include "control/apiserver/watch_session.h"
#include "model/base/btree_map.h"
#include "model/base/hash_map.h"

namespace orrery::apiserver {

class WatchFanout {
 public:
  WatchFanout(env::Environment& env, const ApiserverConfig& config, CostMeter& meter,
              const EventRing& ring, KindId kind, const std::int64_t& revision);

  struct Options {
    bool bookmarks = false;
    std::int32_t timeout_seconds = 0;  ///< 0: random in [min, 2 min) of the configuration
  };
  /// The group that sessions with this filter share.
  base::Ref<FilterGroup> group(Filter filter);
  void open(base::Ref<FilterGroup> group, std::unique_ptr<env::Stream> stream, Options options,
            WatchSession::Start start);
  /// Events [first, end of the ring) are new.
  void on_events(std::uint64_t first);
  /// Ends all sessions (the cache was rebuilt).
  void close_all(const base::Error& why);
  std::size_t size() const { return sessions_.size(); }

 private:
  static constexpr base::Nanos kBookmarkInterval = base::kMinute;
  static constexpr std::int64_t kSessionBytes = 830;  // of one watch; 64 KiB with the account's factor, an estimate
  struct Due {
    std::int64_t at_ns;
    std::uint64_t session;
    bool end;  // else: bookmark
    friend auto operator<=>(const Due&, const Due&) = default;
  };
  using Members = std::vector<WatchSession*>;

  Members& members_of(const WatchSession& session);
  void flush();
  void pump(WatchSession& session);
  void bury(std::uint64_t id);
  void bury_later(std::uint64_t id);
  void announce(base::HashMap<Str, Members>& index, const Str& value, std::uint64_t seq);
  void schedule(std::uint64_t id, base::Nanos delay, bool end);
  void arm();
  void on_timer();

  env::Environment& env_;
  const ApiserverConfig& config_;
  CostMeter& meter_;
  const EventRing& ring_;
  const KindId kind_;
  const std::int64_t& revision_;
  base::RandomStream random_;
  base::BTreeMap<std::uint64_t, base::Ref<WatchSession>> sessions_;
  base::BTreeMap<Str, base::Ref<FilterGroup>> groups_;
  Members all_;  // sessions without an index
  base::HashMap<Str, Members> by_name_, by_node_;
  std::vector<base::Ref<WatchSession>> dirty_;
  std::vector<std::uint64_t> dead_;
  base::BTreeSet<Due> due_;
  env::TimerId timer_ = env::TimerId::kNone;
  std::int64_t armed_for_ = 0;
  std::uint64_t next_id_ = 1;
  bool flushing_later_ = false;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
