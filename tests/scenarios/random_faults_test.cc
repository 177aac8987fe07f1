// Random faults on a whole cluster: afterwards it is whole again, and no invariant was ever violated. ORRERY_SEEDS sets the
// number of seeds.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/base/random.h"
#include "scenarios/load/loader.h"
#include "tests/scenarios/fixture.h"
#include "tests/seeds.h"

namespace {

using namespace orrery;
using namespace orrery::scenarios;
using base::cat;

constexpr std::uint64_t kFrom = 60, kUntil = 420;  // seconds in which faults begin

/// The entries of a timeline, drawn. Each seed has some kinds of fault only, so that rare mixtures happen; of the masters at most
/// one at a time is off, cut off or has a bad disk, and all faults are over a minute after the last began.
class Drawn {
 public:
  explicit Drawn(std::uint64_t seed) : r_(base::stream_key(seed, "random faults", "test")) {
    for (std::size_t i = 0; i < std::size(kKinds); ++i)
      if (r_.below(3) == 0) kinds_.push_back(i);
    if (kinds_.empty()) kinds_.push_back(r_.below(std::size(kKinds)));
    const std::uint64_t gap = 3 + r_.below(12);
    for (now_ = kFrom; now_ < kUntil; now_ += 1 + r_.below(2 * gap)) (this->*kKinds[kinds_[r_.below(kinds_.size())]])();
    for (std::uint64_t n = 2 + r_.below(7); n > 0; --n) user(kFrom + r_.below(kUntil - kFrom));
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
  }
  std::string text() const {
    std::string out;
    for (const Entry& e : entries_) out += cat("- at: ", std::to_string(e.at), "s\n  ", e.what, "\n");
    return out;
  }

 private:
  struct Entry {
    std::uint64_t at;
    std::string what;
  };
  std::string any(std::initializer_list<const char*> of) { return of.begin()[r_.below(of.size())]; }
  std::string master() { return std::to_string(1 + r_.below(3)); }
  std::string worker() { return cat("worker-", std::to_string(1 + r_.below(9))); }
  std::string zone() { return any({"zone/a", "zone/b", "zone/c"}); }
  std::uint64_t span() {
    static constexpr std::uint64_t kSpans[] = {1, 2, 5, 12, 25, 45, 70, 110};
    return std::min(kSpans[r_.below(std::size(kSpans))], kUntil + 60 - now_);
  }
  std::string lasting(std::uint64_t seconds) { return cat(", duration: ", std::to_string(seconds), "s"); }
  void fault(const std::string& body, std::uint64_t later = 0) { entries_.push_back({now_ + later, cat("fault: {", body, "}")}); }
  /// False while another master is in trouble; true takes the turn for `seconds`.
  bool one_master(std::uint64_t seconds) {
    if (now_ < busy_until_) return false;
    busy_until_ = now_ + seconds + 15;
    return true;
  }
  std::string name() { return cat("victim", std::to_string(entries_.size())); }

  void power_off() {
    const std::uint64_t s = span();
    if (!one_master(s)) return;
    const std::string who = name(), which = any({"1", "2", "3", "leader-of(store)", "leader-of(kube-controller-manager)"});
    fault(cat("kind: machine, action: power-off, target: \"master/", which, "\", as: ", who));
    fault(cat("kind: machine, action: power-on, target: ", who), s);
  }
  void reboot_worker() { fault(cat("kind: machine, action: reboot, target: node/", worker(), lasting(span()))); }
  void cut_master() {
    const std::uint64_t s = span();
    if (one_master(s)) fault(cat("kind: network, action: partition, target: master/", master(), lasting(s)));
  }
  void cut_zone() {
    const std::uint64_t s = span();
    if (one_master(s)) fault(cat("kind: network, action: partition, target: ", zone(), lasting(s)));
  }
  void cut_workers() {
    const std::uint64_t s = span();
    for (std::uint64_t n = 1 + r_.below(6); n > 0; --n)
      fault(cat("kind: network, action: partition, target: node/", worker(), lasting(s)));
  }
  void cut_one_way() {
    const std::uint64_t a = r_.below(3), b = (a + 1 + r_.below(2)) % 3;
    fault(cat("kind: network, action: partition, target: \"master/", std::to_string(a + 1), " -> master/", std::to_string(b + 1), "\"",
              lasting(span())));
  }
  void delay() { fault(cat("kind: network, action: delay, target: ", zone(), ", latency: ", any({"5ms", "50ms", "300ms"}), ", jitter: 20ms", lasting(span()))); }
  void lose() { fault(cat("kind: network, action: loss, target: ", zone(), ", percent: ", any({"2", "10", "40"}), lasting(span()))); }
  void mix_up() {
    fault(cat("kind: network, action: ", any({"duplicate", "reorder"}), ", target: master/", master(), ", percent: ", any({"5", "30"}), lasting(span())));
  }
  void kill() {
    const std::string what[] = {cat("etcd/", master()), cat("apiserver/", master()), "scheduler/leader", "controller-manager/leader",
                                cat("kubelet/", worker()), cat("proxy/", worker())};
    fault(cat("kind: process, action: kill, target: ", what[r_.below(std::size(what))]));
  }
  void kill_at() {
    fault(cat("kind: process, action: kill-at, target: etcd/", master(), ", effect: ", any({"append", "sync", "rename", "send"}),
              ", number: ", std::to_string(1 + r_.below(300)), ", side: ", any({"before", "after"})));
  }
  void pause() {
    const std::string what[] = {cat("etcd/", master()), cat("apiserver/", master()), "scheduler/leader", "controller-manager/leader",
                                cat("kubelet/", worker())};
    const std::string who = name();
    fault(cat("kind: process, action: pause, target: ", what[r_.below(std::size(what))], ", as: ", who));
    fault(cat("kind: process, action: resume, target: ", who), span());
  }
  void stop_kubelet() {
    const std::string who = name();
    fault(cat("kind: process, action: stop, target: kubelet/", worker(), ", as: ", who));
    fault(cat("kind: process, action: start, target: ", who), span());
  }
  void bad_disk() {
    const std::uint64_t s = span();
    if (one_master(s + 10)) fault(cat("kind: disk, action: ", any({"slow", "full", "fsync-error"}), ", target: master/", master(), lasting(s)));
  }
  /// What is written lately is gone after a power loss.
  void torn() {
    const std::uint64_t s = span();
    if (!one_master(s)) return;
    const std::string target = cat("master/", master());
    fault(cat("kind: disk, action: torn-tail, target: ", target));
    fault(cat("kind: machine, action: reboot, target: ", target, lasting(s)), 1);
  }
  void bad_clock() {
    const std::string what[] = {cat("step, step: ", any({"-30s", "5s", "90s"})), cat("drift, driftPpm: ", any({"-500", "500"}), lasting(span())), "stall, duration: 5s"};
    fault(cat("kind: clock, target: master/", master(), ", action: ", what[r_.below(std::size(what))]));
  }
  void slow_cpu() { fault(cat("kind: cpu, action: slow-down, target: master/", master(), ", percent: ", any({"200", "500"}), lasting(span()))); }

  void user(std::uint64_t at) {
    const auto act = [&](std::uint64_t later, const std::string& what) { entries_.push_back({at + later, what}); };
    const std::string node = worker();
    switch (r_.below(7)) {
      case 0: return act(0, cat("set-image: {object: shop/deployment/", any({"cart", "frontend"}), ", container: server, image: \"shop/x:v", std::to_string(at), "\"}"));
      case 1: return act(0, cat("scale: {object: shop/deployment/cart, replicas: ", std::to_string(1 + r_.below(12)), "}"));
      case 2: act(0, "scale: {object: shop/deployment/cart, replicas: 0}"); return act(1 + r_.below(40), "scale: {object: shop/deployment/cart, replicas: 5}");
      case 3: act(0, cat("drain: ", node)); return act(20 + r_.below(70), cat("uncordon: ", node));
      case 4:
        act(0, cat("taint: {node: ", node, ", key: x, value: y, effect: NoExecute}"));
        return act(5 + r_.below(60), cat("untaint: {node: ", node, ", key: x, effect: NoExecute}"));
      case 5: return act(0, cat("scale: {object: shop/statefulset/db, replicas: ", any({"2", "3", "4", "5"}), "}"));
      default: return act(0, cat("set-image: {object: system/daemonset/agent, container: main, image: \"agent:v", std::to_string(at), "\"}"));
    }
  }

  using Draw = void (Drawn::*)();
  static constexpr Draw kKinds[] = {&Drawn::power_off, &Drawn::reboot_worker, &Drawn::cut_master, &Drawn::cut_zone, &Drawn::cut_workers,
                                    &Drawn::cut_one_way, &Drawn::delay, &Drawn::lose, &Drawn::mix_up, &Drawn::kill, &Drawn::kill_at,
                                    &Drawn::pause, &Drawn::stop_kubelet, &Drawn::bad_disk, &Drawn::torn, &Drawn::bad_clock, &Drawn::slow_cpu};
  base::RandomStream r_;
  std::uint64_t now_ = 0, busy_until_ = 0;
  std::vector<std::size_t> kinds_;
  std::vector<Entry> entries_;
};

/// The file that all seeds share, its names of files made absolute.
std::string base_scenario() {
  std::ifstream in(std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/random-faults.yaml");
  std::stringstream text;
  text << in.rdbuf();
  std::string out = text.str();
  const std::string up = "../../..";
  for (std::size_t at = 0; (at = out.find(up, at)) != std::string::npos;) out.replace(at, up.size(), ORRERY_SOURCE_DIR);
  return out;
}

/// What failed, user actions left out: with the API away they may give up.
std::string violations(const RunResult& result) {
  std::string out;
  for (const Verdict& v : result.verdicts)
    if (!v.ok && v.what.rfind("timeline ", 0) != 0) out += cat(v.what, ": ", v.measured, "\n");
  return out;
}

}  // namespace

TEST_CASE("a cluster survives random faults") {
  const std::string head = base_scenario();
  for (std::uint64_t seed = 1; seed <= test::seeds(3); ++seed) {
    const scenarios_test::TemporaryFile file;
    file.write(cat(head, "timeline:\n", Drawn(seed).text()));
    LoadOptions options;
    options.seed = seed;
    const Scenario scenario = load_scenario(file.path(), options)[0];
    INFO("seed ", seed);
    CHECK(violations(run_scenario(scenario, {})) == "");
  }
}
