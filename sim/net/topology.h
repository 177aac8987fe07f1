// Topology: hosts, racks and zones as a graph of links, and the path between any two hosts.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/base/str.h"
#include "sim/net/network_config.h"

namespace orrery::sim {

enum class HostId : std::uint32_t { kNone = UINT32_MAX };

/// What a message meets on its way, without faults: sums of latency, the narrowest bandwidth, the joint
/// loss.
struct PathInfo {
  base::Nanos latency = 0;
  std::int64_t bandwidth = 0;   ///< bytes/s
  std::uint32_t loss_ppm = 0;
};

/// A link of the graph; both directions alike.
struct LinkSpec {
  base::Nanos latency = 0;
  std::int64_t bandwidth = 0;
  std::uint32_t loss_ppm = 0;
};

/// A tree of host - rack - zone with links between every two zones. Paths are shortest by latency, computed
/// per pair of racks when first needed and kept until a link changes. Equal construction order gives equal
/// HostIds.
class Topology {
 public:
  explicit Topology(const NetworkConfig& config);
  ~Topology();
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  /// Zone and rack come into being when first named. An empty rack is the zone's own. Names are unique.
  HostId add_host(base::Str name, base::Str zone, base::Str rack);
  std::size_t host_count() const { return hosts_.size(); }
  const base::Str& host_name(HostId h) const { return hosts_[index(h)].name; }
  const base::Str& zone_of(HostId h) const;
  std::uint32_t zone_number(HostId h) const { return racks_[hosts_[index(h)].rack].zone; }
  /// The rack's number among those of all zones; UINT32_MAX for the zone's own.
  std::uint32_t rack_number(HostId h) const {
    const std::uint32_t r = hosts_[index(h)].rack;
    return racks_[r].name.empty() ? UINT32_MAX : r;
  }
  std::size_t zone_count() const { return zones_.size(); }
  const base::Str& zone_name(std::size_t zone) const { return zones_[zone].name; }
  /// Replaces the link between two zones (both must exist), or one host's link to its rack.
  void set_zone_link(std::string_view a, std::string_view b, LinkSpec link);
  void set_host_link(HostId h, LinkSpec link);
  LinkSpec host_link(HostId h) const { return hosts_[index(h)].link; }
  /// Whether any link ever lost packets.
  bool lossy() const { return lossy_; }

  /// Equal hosts give the loopback.
  PathInfo path(HostId a, HostId b) {
    if (a == b) return {config_.loopback, kLoopbackBandwidth, 0};
    const Host& x = hosts_[index(a)];
    const Host& y = hosts_[index(b)];
    return join(x.link, rack_path(x.rack, y.rack), y.link);
  }

 private:
  static constexpr std::int64_t kLoopbackBandwidth = 20'000'000'000;
  struct Graph;
  struct Host {
    base::Str name;
    std::uint32_t rack;
    std::uint32_t vertex;
    LinkSpec link;
  };
  struct Rack {
    base::Str name;
    std::uint32_t zone;
    std::uint32_t vertex;
  };
  struct Zone {
    base::Str name;
    std::uint32_t vertex;
  };
  static std::uint32_t index(HostId h) { return static_cast<std::uint32_t>(h); }
  std::uint32_t zone_index(const base::Str& name);
  std::uint32_t rack_index(const base::Str& name, std::uint32_t zone);
  static PathInfo join(const LinkSpec& first, const PathInfo& middle, const LinkSpec& last) {
    const std::int64_t narrow = first.bandwidth < last.bandwidth ? first.bandwidth : last.bandwidth;
    const std::uint32_t loss = first.loss_ppm + middle.loss_ppm + last.loss_ppm;
    return {first.latency + middle.latency + last.latency,
            narrow < middle.bandwidth ? narrow : middle.bandwidth, loss < 1'000'000 ? loss : 1'000'000};
  }
  const PathInfo& rack_path(std::uint32_t a, std::uint32_t b) {
    if (matrix_racks_ != racks_.size()) forget_paths();
    const PathInfo& p = matrix_[a * matrix_racks_ + b];
    if (p.bandwidth == 0) compute_row(a);
    return p;
  }
  void forget_paths();
  void compute_row(std::uint32_t rack);

  NetworkConfig config_;
  std::unique_ptr<Graph> graph_;
  std::vector<Host> hosts_;
  std::vector<Rack> racks_;
  std::vector<Zone> zones_;
  bool lossy_ = false;
  std::size_t matrix_racks_ = 0;
  std::vector<PathInfo> matrix_;  // bandwidth 0: not yet computed
};

}  // namespace orrery::sim
