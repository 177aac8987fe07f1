#include "scenarios/bench/synthetic.h"

#include <algorithm>
#include <cmath>

namespace orrery::scenarios::bench {
namespace {

/// -1 at the beginning of each period, 1 in its middle.
double triangle(base::Nanos at, base::Nanos period) {
  const double phase = static_cast<double>(at % period) / static_cast<double>(period);
  return 1 - 4 * std::fabs(phase - 0.5);
}

/// Node i of a group of many is called GROUP-0000i.
Str numbered(const char* what, std::size_t group, std::int64_t i) {
  std::string number = std::to_string(i);
  number.insert(0, number.size() < 6 ? 6 - number.size() : 0, '0');
  return base::cat(what, "-", std::to_string(group), "-", number);
}

}  // namespace

TracePod ShapeShare::pod() const {
  TracePod out;
  out.milli_cpu = milli_cpu;
  out.memory = memory;
  out.gpu = gpu;
  out.tenant = tenant;
  out.app = app;
  out.zone_skew = zone_skew;
  out.priority = priority;
  return out;
}

double total_share(const std::vector<ShapeShare>& shapes) {
  double all = 0;
  for (const ShapeShare& s : shapes) all += s.share;
  return all;
}

const ShapeShare& draw_shape(const std::vector<ShapeShare>& shapes, double all, base::RandomStream& random) {
  double left = random.unit() * all;
  for (const ShapeShare& s : shapes) {
    left -= s.share;
    if (left < 0) return s;
  }
  return shapes.back();
}

std::vector<TraceNode> numbered_nodes(const std::vector<NodeGroup>& groups) {
  std::vector<TraceNode> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::int64_t i = 0; i < groups[g].count; ++i) {
      out.push_back(groups[g].node);
      out.back().name = numbered("node", g, i);
    }
  }
  return out;
}

Trace generate(const SyntheticSpec& spec, std::uint64_t seed) {
  Trace out;
  out.timed = true;
  out.nodes = numbered_nodes(spec.nodes);
  base::RandomStream arrivals(base::stream_key(seed, "synthetic", "arrivals"));
  base::RandomStream durations(base::stream_key(seed, "synthetic", "durations"));
  base::RandomStream shapes(base::stream_key(seed, "synthetic", "shapes"));
  const double all = total_share(spec.shapes);
  base::Nanos now = 0;
  base::RandomStream gangs(base::stream_key(seed, "synthetic", "gangs"));
  std::int64_t arrival = 0;
  for (std::int64_t i = 0; i < spec.pods; ++arrival) {
    if (arrival % spec.arrivals.burst == 0) {
      const double rate = 1 + spec.arrivals.swing * triangle(now, spec.arrivals.period);
      const double span = static_cast<double>(spec.arrivals.between.draw(arrivals)) / std::max(rate, 0.01);
      now += static_cast<base::Nanos>(span);
    }
    const ShapeShare& shape = draw_shape(spec.shapes, all, shapes);
    TracePod pod = shape.pod();
    pod.arrival = now;
    pod.duration = spec.durations.draw(durations);
    const auto range = static_cast<std::uint64_t>(shape.gang_most - shape.gang_least + 1);
    const std::int64_t members = shape.gang_most == 1 ? 1 : shape.gang_least + static_cast<std::int64_t>(gangs.below(range));
    if (members > 1) pod.gang = numbered("gang", 0, i);
    for (const std::int64_t end = i + members; i < end; ++i) {
      pod.name = numbered("pod", 0, i);
      out.pods.push_back(pod);
    }
  }
  return out;
}

}  // namespace orrery::scenarios::bench
