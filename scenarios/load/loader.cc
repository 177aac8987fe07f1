#include "scenarios/load/loader.h"

#include <functional>

#include "model/base/hash.h"
#include "model/base/str.h"
#include "model/env/faults.h"
#include "scenarios/load/load_clients.h"
#include "scenarios/load/load_cluster.h"
#include "scenarios/load/load_expect.h"
#include "scenarios/load/load_timeline.h"
#include "scenarios/load/load_workloads.h"
#include "scenarios/load/matrix.h"

namespace orrery::scenarios {
namespace {

using base::cat;

void check_sites(const std::vector<std::string>& names, const Outside& outside, const std::function<void(const std::string&)>& fail) {
  for (const std::string& name : names) {
    env::Site site;
    if (!env::parse_site(name, site)) fail(cat("\"", name, "\" is not a planted bug"));
    if (site == env::Site::kWallClockRead && !outside.machine_clock) fail(cat("\"", name, "\" needs a program that gives its clock"));
  }
}

Scenario load_combination(const YamlCursor& c, const LoadOptions& options) {
  c.keys({"apiVersion", "kind", "about", "until", "epoch", "cluster", "workloads", "clients", "timeline", "expect", "plant"});
  if (c.at("apiVersion").text() != "orrery/v1") c.at("apiVersion").fail("must be orrery/v1");
  if (c.at("kind").text() != "Scenario") c.at("kind").fail("must be Scenario");
  Scenario s;
  s.file = c.file();
  s.about = c.text_or("about", "");
  s.until = c.at("until").duration();
  if (s.until < base::kSecond) c.at("until").fail("must be at least 1s");
  if (s.until > 400 * 24 * base::kHour) c.at("until").fail("is longer than 400 days");
  s.cut_short = options.until && *options.until < s.until;
  if (options.until) s.until = *options.until;
  if (s.until < base::kSecond) throw InputError{c.file(), 0, "--until", "must be at least 1s"};
  if (c.has("epoch")) {
    auto t = api::Time::parse(c.at("epoch").text());
    if (!t.ok()) c.at("epoch").fail("is not a time (write 2025-01-01T00:00:00Z)");
    s.epoch = base::Instant{t->seconds * base::kSecond};
  }
  s.source_hash = base::hash_bytes(read_text_file(c.file()));
  s.cluster = load_cluster(c.at("cluster"), s.source_hash, options.outside);
  if (c.has("workloads")) s.workloads = load_workloads(c.at("workloads"), s.source_hash);
  if (c.has("clients")) s.clients = load_clients(c.at("clients"), s);
  if (c.has("timeline")) s.timeline = load_timeline(c.at("timeline"), s);
  s.expect = c.has("expect") ? load_expect(c.at("expect"), s) : ExpectSpec{};
  if (c.has("plant")) {
    s.planted = c.at("plant").texts();
    check_sites(s.planted, options.outside, [&](const std::string& why) { c.at("plant").fail(why); });
  }
  check_sites(options.plant, options.outside, [&](const std::string& why) { throw InputError{c.file(), 0, "--plant", why}; });
  s.planted.insert(s.planted.end(), options.plant.begin(), options.plant.end());
  s.machine_clock = options.outside.machine_clock;
  return s;
}

}  // namespace

std::vector<Scenario> load_scenario(const std::string& file, const LoadOptions& options) {
  const YamlCursor top = read_yaml_file(file);
  const Matrix matrix = expand_matrix(top);
  std::vector<std::uint64_t> seeds;
  if (options.seed) seeds = {*options.seed};
  else for (const std::int64_t s : matrix.seeds) seeds.push_back(static_cast<std::uint64_t>(s));
  if (seeds.empty()) seeds = {1};
  std::vector<Scenario> out;
  for (const Combination& combination : matrix.combinations) {
    Scenario s = load_combination(YamlCursor(combination.document, file, "", 1), options);
    s.axes = combination.axes;
    for (const std::uint64_t seed : seeds) {
      s.seed = seed;
      out.push_back(s);
    }
  }
  return out;
}

}  // namespace orrery::scenarios
