// Scenario: a scenario file as values, after matrix expansion and checks.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/api/object.h"
#include "model/base/time.h"
#include "scenarios/spec/cluster_spec.h"
#include "scenarios/spec/expect_spec.h"
#include "scenarios/spec/timeline_spec.h"

namespace orrery::scenarios {

struct WorkloadSpec {
  std::string namespace_;
  std::vector<api::ObjectRef> objects;  ///< in order of creation; namespace and behaviour already set
  base::Nanos at = 0;
};

struct ClientSpec {
  enum class Kind : std::uint8_t { kWriteConfigMaps, kHttp } kind = Kind::kWriteConfigMaps;
  std::string name;
  double rate = 1;                      ///< per second
  bool poisson = true;
  std::int64_t in_flight = 0;           ///< above 0: so many writes are always under way, instead of a rate
  std::string via = "all";              ///< "all": round robin over the masters; "api": through apiAccess
  std::string service_namespace, service_name;  ///< http
  std::int32_t port = 0;                ///< http; 0: the service's first port
  base::Nanos from = 0;
  bool when_served = false;             ///< http without `from`: begins when every worker knows a backend of the service
  base::Nanos until = 0;                ///< 0: the end of the run
  base::Nanos timeout = 10 * base::kSecond;
};

struct Scenario {
  std::string file;
  std::string about;
  std::uint64_t source_hash = 0;        ///< of the scenario file and every file it names
  base::Nanos until = 10 * base::kMinute;
  base::Instant epoch{1'735'689'600 * base::kSecond};
  std::uint64_t seed = 1;
  std::vector<std::pair<std::string, std::string>> axes;  ///< this combination of the matrix, without the seed
  ClusterSpec cluster;
  std::vector<WorkloadSpec> workloads;
  std::vector<ClientSpec> clients;
  std::vector<TimelineEntry> timeline;
  ExpectSpec expect;
  std::vector<std::string> planted;     ///< names of fault sites
  std::function<std::int64_t()> machine_clock;   ///< the program's, for the planted wall-clock-read alone
  bool cut_short = false;               ///< ends before the file's `until`: what lies beyond is not judged
};

}  // namespace orrery::scenarios
