// WorldState: what expectations look at: committed objects, machines, store members, and what virtual users saw.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/base/sorted_map.h"
#include "model/history/cluster_view.h"

namespace orrery::scenarios {

using base::Str;

/// What a virtual user of the API or of a service counted. Filled by the client, read by the judge.
struct ClientTally {
  struct Write {
    base::Instant sent, acknowledged;  ///< since the beginning of the run
    std::uint32_t way = 0;             ///< of `ways`
  };
  base::Instant epoch;                 ///< wall time at the beginning of the run; set by the runner
  std::uint64_t requests = 0, ok = 0, failed = 0, unknown = 0;
  std::uint64_t in_flight = 0, in_flight_at_fault = 0;
  std::uint64_t lost = 0;              ///< acknowledged writes that could not be read back
  bool http = false;                   ///< a user of a Service rather than of the API
  std::vector<std::string> ways;       ///< machines whose apiservers the writes go to; empty: behind a load balancer
  std::vector<Write> writes;           ///< acknowledged ones, in order of acknowledgement
  std::vector<base::Nanos> latencies;  ///< of successful requests
};

class WorldState {
 public:
  /// True for the kinds of records that on_record looks at.
  static bool reads(history::RecordKind kind);
  /// Feeds a record; returns the object changes that it brought.
  const std::vector<history::Change>& on_record(const history::Record& record);

  const history::ClusterView& objects() const { return objects_; }
  bool powered(std::string_view machine) const { return !off_.contains(machine); }
  /// True when every member in `members` runs and has applied the same revision.
  bool members_equal(const std::vector<std::string>& members) const;
  /// Stays where it is while others come.
  ClientTally& tally(const std::string& client) { return tallies_[client]; }
  const ClientTally* find_tally(const std::string& client) const;
  const std::map<std::string, ClientTally>& tallies() const { return tallies_; }
  /// The machine that the name given by `as`, or a machine's own name, stands for; "" for none.
  std::string machine_named(const std::string& name) const;
  void name_machine(const std::string& name, const std::string& machine) { named_[name] = machine; }
  /// The last accepted write of an elected component to anything but leases and events.
  struct Act {
    Str machine;
    base::Instant sent;
  };
  const Act* last_act(std::string_view component) const;
  /// What a machine has drawn until now.
  void note_energy(const Str& machine, double joules) { energy_joules_[machine] = joules; }
  const base::SortedMap<Str, double>& energy_joules() const { return energy_joules_; }
  /// Counters kept over the whole run.
  struct Totals {
    base::SortedMap<Str, std::uint64_t> pods_created;   // by namespace
    base::SortedMap<Str, std::uint64_t> process_exits;  // by process name
    std::uint64_t oom_kills = 0, pods_evicted = 0, worker_pods_evicted = 0;
    base::SortedMap<Str, bool> nodes_tainted;   // unreachable:NoExecute
  };
  const Totals& totals() const { return totals_; }

 private:
  void count(const history::Change& change);
  void note_act(const history::Record& record);

  history::ClusterView objects_;
  base::SortedMap<Str, bool> off_;
  base::SortedMap<Str, bool> member_runs_;
  base::SortedMap<Str, std::int64_t> member_revision_;
  std::map<std::string, ClientTally> tallies_;   // clients keep references
  base::SortedMap<std::string, std::string> named_;
  base::SortedMap<Str, Act> acts_;
  base::SortedMap<Str, double> energy_joules_;
  Totals totals_;
};

/// status.conditions[type] of any object; false when it has none.
struct ConditionText {
  Str status, reason, message;
};
bool find_condition(const api::Object& object, std::string_view type, ConditionText& out);

}  // namespace orrery::scenarios
