// FakeKv: etcd's model in memory: every version of every key, transactions, ranges at old
// revisions, watches, leases, compaction. Answers are queued with a delay; failures and lag can be
// ordered.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/store/kv.h"
#include "fake_env.h"

namespace orrery::test {

class FakeKv final : public store::Kv {
 public:
  explicit FakeKv(FakeTime& time) : time_(time) {}

  void txn(base::Ref<store::TxnRequest> request, Done<store::TxnReplyRef> done) override;
  void range(base::Ref<const store::RangeRequest> request,
             Done<store::RangeReplyRef> done) override;
  void control(base::Ref<const store::ControlRequest> request,
               Done<store::ControlReplyRef> done) override;
  std::unique_ptr<store::Watch> watch(base::Ref<const store::WatchRequest> request,
                                      store::WatchHandlers handlers) override;

  std::int64_t revision() const { return revision_; }
  std::int64_t compacted() const { return compacted_; }
  /// The newest value of a key; null when there is none.
  env::BodyRef get(const std::string& key) const;
  std::vector<std::string> keys(const std::string& prefix) const;
  void compact(std::int64_t revision);
  void expire(std::int64_t lease);
  /// Ends every watch with this error.
  void break_watches(base::Error error);

  Nanos delay = base::kMillisecond;
  Nanos watch_delay = base::kMillisecond;
  std::optional<base::Error> fail_txn;  ///< of the next transaction, which is not executed
  bool lose_txn_answer = false;         ///< the next transaction is executed and answers kUnknown
  int txns = 0, writes = 0, ranges = 0;

 private:
  struct Version {
    store::KeyValue kv;
    bool deleted = false;
  };
  struct FakeWatch;
  const Version* at(const std::string& key, std::int64_t revision) const;
  bool holds(const store::Compare& c) const;
  void put(const store::Op& op);
  void erase(const std::string& key);
  void fill(store::OpResult& out, const store::Op& op) const;
  void collect(const std::string& from, const std::string& end, std::int64_t revision,
               std::int64_t limit, std::vector<store::KeyValue>& kvs, std::int64_t& count,
               bool& more) const;
  void publish();
  void notify_progress(std::uint64_t id);
  void send(FakeWatch& watch, bool created, bool progress);

  FakeTime& time_;
  std::int64_t revision_ = 1, compacted_ = 0;
  std::map<std::string, std::vector<Version>> history_;
  std::vector<store::Event> log_;  // every event since the start
  std::map<std::uint64_t, FakeWatch*> watches_;
  std::uint64_t next_watch_ = 1;
};

}  // namespace orrery::test
