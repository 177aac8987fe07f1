#include "scenarios/bench/closed_load.h"

#include "model/base/random.h"
#include "model/base/str.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

base::RandomStream stream_of(std::uint64_t seed, const char* concern, std::uint32_t user) {
  return base::RandomStream(base::stream_key(seed, concern, "user", user));
}

}  // namespace

std::string closed_load_text(const ClosedLoad& load) {
  return base::cat("closed load of ", std::to_string(load.users), " users, each of whom submits its next pod a think time after its last one has ",
                   "ended; a user's jobs and think times are the same under every policy");
}

Trace generate_closed(const SyntheticSpec& spec, const ClosedLoad& load, std::uint64_t seed) {
  Trace out;
  out.timed = true;
  out.nodes = numbered_nodes(spec.nodes);
  const double all = total_share(spec.shapes);
  for (std::uint32_t user = 0; user < load.users; ++user) {
    base::RandomStream thinks = stream_of(seed, "closed-think", user);
    base::RandomStream durations = stream_of(seed, "closed-durations", user);
    base::RandomStream shapes = stream_of(seed, "closed-shapes", user);
    Nanos at = 0;
    // The last one would come after the end: nobody runs out of jobs.
    for (std::size_t k = 0; at <= load.length && out.pods.size() <= kMostClosedPods; ++k) {
      const Nanos think = load.think.draw(thinks);
      TracePod pod = draw_shape(spec.shapes, all, shapes).pod();
      pod.duration = spec.durations.draw(durations);
      at += think + pod.duration;
      pod.name = base::cat("user-", std::to_string(user), "-", std::to_string(k));
      pod.user = user;
      pod.think = think;
      out.pods.push_back(std::move(pod));
    }
  }
  return out;
}

void deal(Trace& trace, const ClosedLoad& load, std::uint64_t seed) {
  sort_by_arrival(trace);
  std::vector<base::RandomStream> thinks;
  for (std::uint32_t user = 0; user < load.users; ++user) thinks.push_back(stream_of(seed, "closed-think", user));
  for (std::size_t i = 0; i < trace.pods.size(); ++i) {
    TracePod& pod = trace.pods[i];
    pod.user = static_cast<std::uint32_t>(i % load.users);
    pod.think = load.think.draw(thinks[pod.user]);
  }
}

ClosedUsers::ClosedUsers(const std::vector<TracePod>& pods, const std::vector<std::uint32_t>& take_part, const ClosedLoad& load)
    : pods_(pods), jobs_(load.users), next_(load.users) {
  for (const std::uint32_t i : take_part) jobs_[pods[i].user].push_back(i);
  for (std::uint32_t user = 0; user < load.users; ++user) {
    // Who has no job takes no part; a user of laws may think to the end.
    if (!jobs_[user].empty()) think(user, 0);
  }
}

void ClosedUsers::think(std::uint32_t user, Nanos now) {
  const bool more = next_[user] < jobs_[user].size();
  coming_.push({now + (more ? pods_[jobs_[user][next_[user]]].think : 1), user});
}

bool ClosedUsers::out_of_jobs() const {
  const std::uint32_t user = coming_.top().user;
  return next_[user] == jobs_[user].size();
}

std::uint32_t ClosedUsers::take() {
  const std::uint32_t user = coming_.top().user;
  coming_.pop();
  return jobs_[user][next_[user]++];
}

void ClosedUsers::left(std::uint32_t pod, Nanos now) { think(pods_[pod].user, now); }

}  // namespace orrery::scenarios::bench
