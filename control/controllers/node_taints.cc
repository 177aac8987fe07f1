#include "control/controllers/node_taints.h"

#include <algorithm>

#include "control/client/backoff.h"
#include "model/codec/json_text.h"
#include "model/codec/json_write.h"

namespace orrery::controllers {
namespace {

constexpr int kTaintTries = 5;
constexpr base::Nanos kTaintRetry = 100 * base::kMillisecond;

bool listed(const std::vector<api::Taint>& taints, const api::Taint& taint) {
  return std::any_of(taints.begin(), taints.end(),
                     [&taint](const api::Taint& t) { return same_taint(t, taint); });
}

/// One patch; reads the node afresh before each attempt, the first time from the apiserver's cache.
env::Task<bool> write_taints(env::Environment& env, client::Client& client, Str name,
                             std::vector<api::Taint> add, std::vector<api::Taint> remove) {
  base::RandomStream random = env.random.stream(base::cat("taint-retry/", name));
  for (int i = 0; i < kTaintTries; ++i) {
    auto request = base::make_ref<api::ApiRequest>();
    request->verb = api::Verb::kGet;
    request->kind = api::KindId::kNode;
    request->name = name;
    if (i == 0) request->resource_version = "0";
    const auto answer = co_await client.ask(std::move(request));
    if (!answer) co_return false;
    const auto& node = answer.value()->object->as<api::Node>();
    const std::vector<api::Taint> next = with_taints(node.spec->taints, add, remove);
    if (api::deep_equal(base::List<api::Taint>(next), node.spec->taints)) co_return true;
    const auto patched =
        co_await client.patch(api::KindId::kNode, {}, name, api::PatchType::kStrategicMerge,
                              taint_patch(node.metadata.resource_version.value, next));
    if (patched) co_return true;
    if (!patched.error().conflict()) co_return false;
    const base::Nanos delay = client::jitter(random, kTaintRetry, 1.0);
    co_await env::sleep(env, delay);
  }
  co_return false;
}

}  // namespace

bool same_taint(const api::Taint& a, const api::Taint& b) {
  return a.key == b.key && a.effect == b.effect;
}

bool has_taint(const api::Node& node, const api::Taint& taint) {
  for (const api::Taint& t : node.spec->taints) {
    if (same_taint(t, taint)) return true;
  }
  return false;
}

std::vector<api::Taint> with_taints(const base::List<api::Taint>& present,
                                    const std::vector<api::Taint>& add,
                                    const std::vector<api::Taint>& remove) {
  std::vector<api::Taint> out;
  std::vector<bool> placed(add.size(), false);
  for (const api::Taint& t : present) {
    if (listed(remove, t)) continue;
    const api::Taint* next = &t;
    for (std::size_t i = 0; i < add.size(); ++i) {
      if (!same_taint(add[i], t)) continue;
      next = &add[i];
      placed[i] = true;
    }
    out.push_back(*next);
  }
  for (std::size_t i = 0; i < add.size(); ++i) {
    if (!placed[i]) out.push_back(add[i]);
  }
  return out;
}

Str taint_patch(std::int64_t revision, const std::vector<api::Taint>& taints) {
  std::string out = base::cat("{\"metadata\":{\"resourceVersion\":\"", std::to_string(revision),
                              "\"},\"spec\":{\"taints\":");
  if (taints.empty()) out += "null";
  else out += '[';
  for (std::size_t i = 0; i < taints.size(); ++i) {
    if (i > 0) out += ',';
    out += codec::to_json(taints[i]);
  }
  if (!taints.empty()) out += ']';
  out += "}}";
  return out;
}

env::Task<bool> swap_taints(env::Environment& env, client::Client& client, client::ObjectRef node,
                            std::vector<api::Taint> add, std::vector<api::Taint> remove) {
  const Str name = node->meta().name;
  if (!add.empty()) {
    for (api::Taint& t : add) t.time_added = api::Time::from(env.clock.wall());
    const bool added = co_await write_taints(env, client, name, std::move(add), {});
    if (!added) co_return false;
  }
  const auto& seen = node->as<api::Node>();
  std::erase_if(remove, [&seen](const api::Taint& t) { return !has_taint(seen, t); });
  if (remove.empty()) co_return true;
  const bool removed = co_await write_taints(env, client, name, {}, std::move(remove));
  co_return removed;
}

Str label_patch(const std::vector<std::pair<Str, Str>>& labels) {
  std::string out = "{\"metadata\":{\"labels\":{";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out += ',';
    codec::append_json_string(labels[i].first, out);
    out += ':';
    codec::append_json_string(labels[i].second, out);
  }
  out += "}}}";
  return out;
}

}  // namespace orrery::controllers
