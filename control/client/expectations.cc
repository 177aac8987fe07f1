#include "control/client/expectations.h"

namespace orrery::client {

void Expectations::set(std::string_view key, int adds, int deletes, base::Instant now) {
  Entry& e = entries_[base::Str(key)];
  e.adds = adds;
  e.deletes = deletes;
  e.since = now;
  e.pods.clear();
}

void Expectations::expect_creations(std::string_view key, int count, base::Instant now) { set(key, count, 0, now); }

void Expectations::expect_deletions(std::string_view key, const std::vector<base::Str>& pods, base::Instant now) {
  set(key, 0, static_cast<int>(pods.size()), now);
  entries_[base::Str(key)].pods.insert(pods.begin(), pods.end());
}

void Expectations::creation_observed(std::string_view key) {
  const auto it = entries_.find(key);
  if (it != entries_.end()) --it->second.adds;
}

void Expectations::deletion_observed(std::string_view key, std::string_view pod) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return;
  const auto at = it->second.pods.find(pod);
  if (at == it->second.pods.end()) return;
  it->second.pods.erase(at);
  --it->second.deletes;
}

void Expectations::deletion_observed(std::string_view key) {
  const auto it = entries_.find(key);
  if (it != entries_.end()) --it->second.deletes;
}

bool Expectations::satisfied(std::string_view key, base::Instant now) const {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return true;
  const Entry& e = it->second;
  return (e.adds <= 0 && e.deletes <= 0) || now - e.since > kTimeout;
}

void Expectations::forget(std::string_view key) {
  const auto it = entries_.find(key);
  if (it != entries_.end()) entries_.erase(it);
}

}  // namespace orrery::client
