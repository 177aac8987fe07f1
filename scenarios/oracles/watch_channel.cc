#include "scenarios/oracles/watch_channel.h"

#include <algorithm>

#include "model/api/event.h"
#include "model/api/pod.h"
#include "model/base/hash.h"

namespace orrery::scenarios {
namespace {

constexpr std::size_t kMostEntries = 8192;

bool known_field(KindId kind, std::string_view field) {
  if (field == "metadata.name" || field == "metadata.namespace") return true;
  if (kind != KindId::kPod) return false;
  return field == "spec.nodeName" || field == "status.phase" || field == "spec.schedulerName" ||
         field == "spec.restartPolicy" || field == "spec.serviceAccountName" || field == "status.podIP" ||
         field == "status.nominatedNodeName";
}

std::string_view field_of(const api::Object& o, std::string_view field) {
  if (field == "metadata.name") return o.meta().name;
  if (field == "metadata.namespace") return o.meta().namespace_;
  const api::Pod& pod = o.as<api::Pod>();
  if (field == "spec.nodeName") return pod.spec->node_name;
  if (field == "status.phase") return pod.status->phase;
  if (field == "spec.schedulerName") return pod.spec->scheduler_name;
  if (field == "spec.restartPolicy") return pod.spec->restart_policy;
  if (field == "spec.serviceAccountName") return pod.spec->service_account_name;
  if (field == "status.podIP") return pod.status->pod_ip;
  return pod.status->nominated_node_name;
}

}  // namespace

std::uint64_t key_hash(const api::ObjectMeta& meta) {
  return base::combine64(base::hash_bytes(meta.namespace_), base::hash_bytes(meta.name));
}

std::uint64_t fingerprint(const api::ObjectMeta& meta, std::int64_t revision) {
  return base::combine64(key_hash(meta), static_cast<std::uint64_t>(revision));
}

bool WatchFilter::read(const api::ApiRequest& r) {
  kind = r.kind;
  if (api::kind_of(kind).namespaced) namespace_ = r.namespace_;
  if (!r.label_selector.empty()) {
    auto parsed = api::Selector::parse(r.label_selector);
    if (!parsed.ok()) return false;
    labels = std::move(parsed).value();
  }
  std::vector<api::FieldSelector::Term> terms;
  if (!r.field_selector.empty()) {
    auto parsed = api::FieldSelector::parse(r.field_selector);
    if (!parsed.ok()) return false;
    terms = parsed->terms();
  }
  for (const auto& t : terms)
    if (!known_field(kind, t.field)) return false;
  if (!r.name.empty() && r.verb == api::Verb::kWatch) terms.push_back({"metadata.name", r.name, true});
  if (!terms.empty()) fields = api::FieldSelector::from_terms(std::move(terms));
  return true;
}

bool WatchFilter::matches(const api::Object& o) const {
  if (!namespace_.empty() && !(o.meta().namespace_ == namespace_)) return false;
  if (!labels.empty() && !labels.matches(o.meta().labels)) return false;
  return fields.empty() || fields.matches([&o](std::string_view field) { return field_of(o, field); });
}

std::string WatchFilter::text() const { return cat(namespace_, "|", labels.str(), "|", fields.str()); }

WatchChannel::WatchChannel(WatchFilter filter, std::uint64_t live, const std::deque<Change>& recent, std::int64_t floor)
    : filter_(std::move(filter)), sum_(live), floor_sum_(live), floor_(floor) {
  // Backwards from the present state to the one at `floor`.
  for (auto c = recent.rbegin(); c != recent.rend(); ++c) {
    Expected e;
    if (!expect(*c, e)) continue;
    e.sum = floor_sum_;
    if (c->now && filter_.matches(*c->now)) floor_sum_ -= fingerprint(c->now->meta(), c->now->revision());
    if (c->old && filter_.matches(*c->old)) floor_sum_ += fingerprint(c->old->meta(), c->old->revision());
    entries_.push_front(e);
  }
}

bool WatchChannel::expect(const Change& c, Expected& out) const {
  const bool before = c.old && filter_.matches(*c.old);
  const bool now = c.now && filter_.matches(*c.now);
  if (!before && !now) return false;
  out.revision = c.revision;
  out.key = key_hash((c.now ? c.now : c.old)->meta());
  out.type = !now ? api::WatchType::kDeleted : before ? api::WatchType::kModified : api::WatchType::kAdded;
  return true;
}

void WatchChannel::on_change(const Change& c) {
  Expected e;
  if (!expect(c, e)) return;
  if (e.type != api::WatchType::kAdded) sum_ -= fingerprint(c.old->meta(), c.old->revision());
  if (e.type != api::WatchType::kDeleted) sum_ += fingerprint(c.now->meta(), c.now->revision());
  e.sum = sum_;
  entries_.push_back(e);
  if (entries_.size() <= kMostEntries) return;
  floor_ = entries_.front().revision;
  floor_sum_ = entries_.front().sum;
  entries_.pop_front();
  ++first_;
}

std::uint64_t WatchChannel::after(std::int64_t revision) const {
  const auto it = std::upper_bound(entries_.begin(), entries_.end(), revision,
                                   [](std::int64_t r, const Expected& e) { return r < e.revision; });
  return first_ + static_cast<std::uint64_t>(it - entries_.begin());
}

std::uint64_t WatchChannel::sum_at(std::int64_t revision) const {
  const std::uint64_t next = after(revision);
  return next == first_ ? floor_sum_ : at(next - 1).sum;
}

}  // namespace orrery::scenarios
