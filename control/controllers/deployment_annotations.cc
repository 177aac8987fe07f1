#include <algorithm>

#include "control/controllers/deployment_decisions.h"

namespace orrery::controllers {
namespace {

constexpr std::string_view kNotCopied[] = {
    "kubectl.kubernetes.io/last-applied-configuration", kRevisionAnnotation,    kRevisionHistoryAnnotation,
    kDesiredReplicasAnnotation,                         kMaxReplicasAnnotation, kRollbackAnnotation,
};

bool is_copied(std::string_view key) {
  return std::find(std::begin(kNotCopied), std::end(kNotCopied), key) == std::end(kNotCopied);
}

bool set_if_different(api::Map<Str>& map, std::string_view key, std::string_view value) {
  const Str* old = map.find(key);
  if (old && *old == value) return false;
  map.set(key, value);
  return true;
}

/// `history` with `revision` at its end, without as many of its first entries as keep it within `limit` bytes.
std::optional<std::string> extended_history(std::string_view history, std::string_view revision, std::size_t limit) {
  if (history.empty()) return std::string(revision);
  std::size_t total = history.size() + revision.size() + 1;
  while (total > limit && !history.empty()) {
    const std::size_t comma = history.find(',');
    const std::size_t entry = comma == std::string_view::npos ? history.size() : comma;
    total -= entry + 1;
    history = comma == std::string_view::npos ? std::string_view() : history.substr(comma + 1);
  }
  if (total > limit) return std::nullopt;
  return history.empty() ? std::string(revision) : base::cat(history, ",", revision);
}

}  // namespace

std::optional<std::int32_t> int_annotation(const api::ObjectMeta& meta, std::string_view key) {
  const Str* text = meta.annotations.find(key);
  if (!text) return std::nullopt;
  const auto n = api::parse_decimal(*text);
  if (!n || *n < INT32_MIN || *n > INT32_MAX) return std::nullopt;
  return static_cast<std::int32_t>(*n);
}

std::optional<std::int64_t> revision_of(const api::ObjectMeta& meta) {
  const Str* text = meta.annotations.find(kRevisionAnnotation);
  if (!text) return 0;
  const auto n = api::parse_decimal(*text);
  if (!n) return std::nullopt;
  return *n;
}

std::int64_t max_revision(const ReplicaSetList& sets) {
  std::int64_t most = 0;
  for (const ReplicaSetHandle& rs : sets) {
    if (rs) most = std::max(most, revision_of(rs->metadata).value_or(0));
  }
  return most;
}

std::int64_t last_revision(const ReplicaSetList& sets) {
  std::int64_t most = 0;
  std::int64_t second = 0;
  for (const ReplicaSetHandle& rs : sets) {
    if (!rs) continue;
    const std::int64_t v = revision_of(rs->metadata).value_or(0);
    if (v >= most) {
      second = most;
      most = v;
    } else if (v > second) {
      second = v;
    }
  }
  return second;
}

bool set_deployment_revision(api::ObjectMeta& d, std::string_view revision) {
  return set_if_different(d.annotations, kRevisionAnnotation, revision);
}

bool set_replicas_annotations(api::ObjectMeta& rs, std::int32_t desired, std::int32_t max) {
  const bool first = set_if_different(rs.annotations, kDesiredReplicasAnnotation, std::to_string(desired));
  const bool second = set_if_different(rs.annotations, kMaxReplicasAnnotation, std::to_string(max));
  return first || second;
}

bool replicas_annotations_differ(const api::ObjectMeta& rs, std::int32_t desired, std::int32_t max) {
  const Str* d = rs.annotations.find(kDesiredReplicasAnnotation);
  const Str* m = rs.annotations.find(kMaxReplicasAnnotation);
  return !d || !(*d == std::to_string(desired)) || !m || !(*m == std::to_string(max));
}

bool set_new_set_annotations(const api::Deployment& d, api::ObjectMeta& rs, std::int64_t revision, bool exists,
                             std::size_t history_chars) {
  bool changed = false;
  for (const auto& [key, value] : d.metadata.annotations) {
    if (is_copied(key)) changed |= set_if_different(rs.annotations, key, value);
  }
  const Str* present = rs.annotations.find(kRevisionAnnotation);
  const bool had = present != nullptr;
  const Str old_text = had ? *present : Str();
  std::int64_t old = 0;
  if (!old_text.empty()) {
    const auto n = api::parse_decimal(old_text);
    if (!n) return false;
    old = *n;
  }
  if (old < revision) {
    rs.annotations.set(kRevisionAnnotation, std::to_string(revision));
    changed = true;
    if (had) {
      const Str history = rs.annotations.get(kRevisionHistoryAnnotation);
      const auto next = extended_history(history, old_text, history_chars);
      if (next) rs.annotations.set(kRevisionHistoryAnnotation, *next);
    }
  }
  if (!exists && set_replicas_annotations(rs, replicas_of(d), replicas_of(d) + max_surge(d))) changed = true;
  return changed;
}

void set_deployment_annotations_to(api::ObjectMeta& d, const api::ObjectMeta& rs) {
  api::Map<Str> next;
  for (const auto& [key, value] : d.annotations) {
    if (!is_copied(key)) next.set(key, value);
  }
  for (const auto& [key, value] : rs.annotations) {
    if (is_copied(key)) next.set(key, value);
  }
  d.annotations = next;
}

}  // namespace orrery::controllers
