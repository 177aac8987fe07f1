// Judge: what the members and clients of a store cluster recorded, checked as it comes: linearizability
// with the revision as witness order (S1), nothing acknowledged lost (S2), one history for all members (S3
// to S5).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "control/store/types.h"
#include "model/history/record.h"
#include "sim/world/trace_sink.h"

namespace orrery::store_test {

using store::Revision;

class Judge final : public sim::TraceSink {
 public:
  bool recording(history::RecordKind) const override { return true; }
  bool logs(env::LogLevel level) const override { return level >= env::LogLevel::kWarning; }
  void log(base::Instant now, const env::Process& p, env::LogLevel level, std::string_view line) override;
  void record(base::Instant now, const env::Process& p, const history::Record& r) override;
  /// At the end: every acknowledged write is in the history that the members agreed on.
  void finish();
  std::vector<std::string> violations, logged;
  std::size_t acknowledged = 0, unknown = 0, reads = 0, hashes = 0;

 private:
  struct Commit {
    std::uint64_t index, hash, request;
  };
  struct Vote {
    std::uint64_t term = 0, vote = 0;
  };
  void fail(std::string what);
  void commit(const history::StoreCommit& c);
  void op(const history::StoreOp& o);
  void read(const history::StoreRead& r);
  void raft_state(const history::RaftState& s);
  void raft_apply(const history::RaftApply& a);
  void hash(const history::StoreHash& h);

  std::map<Revision, Commit> commits_;
  std::map<std::uint64_t, Revision> by_request_, acknowledged_;
  std::map<std::string, std::vector<std::pair<Revision, bool>>> keys_;  // (revision, exists afterwards)
  std::map<std::uint64_t, Revision> invoked_, asked_;  // transaction, read -> floor_ when it was asked
  Revision floor_ = 0;  // highest revision any client has seen
  std::map<std::uint64_t, std::uint64_t> leaders_, hashes_;
  std::map<std::uint64_t, Vote> votes_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> applied_;
};

}  // namespace orrery::store_test
