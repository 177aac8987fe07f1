#include "nodes/proxy/proxy.h"

#include <algorithm>

#include "nodes/proxy/service_table.h"

namespace orrery::proxy {
namespace {

ProxyConfig completed(ProxyConfig config, env::Environment& env) {
  if (config.node_name.empty()) config.node_name = env.process.machine();
  return config;
}

client::ClientConfig client_config(const ProxyConfig& config) {
  client::ClientConfig c;
  c.user = "system:kube-proxy";
  c.user_agent = "kube-proxy";
  c.endpoints = config.apiservers;
  c.qps = config.api_qps;
  c.burst = config.api_burst;
  return c;
}

Str key(const Str& ns, const Str& name) { return base::cat(ns, "/", name); }

/// The planted bug: what was there stays.
base::Ref<const env::ServiceEntry> keep_removed(const env::ServiceEntry& before, const env::ServiceEntry& now) {
  auto both = base::make_ref<env::ServiceEntry>(now);
  for (std::size_t i = 0; i < both->ports.size() && i < before.ports.size(); ++i) {
    auto& list = both->ports[i].backends;
    for (const env::Backend& b : before.ports[i].backends) {
      if (std::find(list.begin(), list.end(), b) == list.end()) list.push_back(b);
    }
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.ip == b.ip ? a.port < b.port : a.ip < b.ip; });
  }
  return both;
}

}  // namespace

Proxy::Proxy(env::Environment& env, ProxyConfig config)
    : env_(env), config_(completed(std::move(config), env)), client_(env, client_config(config_)),
      services_(env, client_, api::KindId::kService), slices_(env, client_, api::KindId::kEndpointSlice),
      slices_of_(slices_.add_index([](const client::ObjectRef& o, std::vector<Str>& values) {
        const Str service = service_of(*o);
        if (!service.empty()) values.push_back(key(o->meta().namespace_, service));
      })) {
  services_.add_handler([this](const client::ObjectRef& old, const client::ObjectRef& now) { service_changed(now ? now : old); });
  slices_.add_handler([this](const client::ObjectRef& old, const client::ObjectRef& now) {
    if (old && now && !(service_of(*old) == service_of(*now))) slice_changed(old);
    slice_changed(now ? now : old);
  });
  services_.start();
  slices_.start();
  wait_synced();
}

void Proxy::wait_synced() {
  for (client::Informer* informer : {&services_, &slices_}) {
    if (!informer->synced()) return informer->on_synced([this] { wait_synced(); });
  }
  running_ = true;
  dirty_.clear();
  std::vector<base::Ref<const env::ServiceEntry>> entries;
  for (const client::ObjectRef& o : services_.list()) refresh({o->meta().namespace_, o->meta().name}, entries);
  apply(std::move(entries), true);
}

void Proxy::service_changed(const client::ObjectRef& object) {
  if (running_) touch({object->meta().namespace_, object->meta().name});
}

void Proxy::slice_changed(const client::ObjectRef& object) {
  if (!running_) return;
  Str service = service_of(*object);
  if (!service.empty()) touch({object->meta().namespace_, std::move(service)});
}

void Proxy::touch(Name name) {
  if (dirty_.empty() || !(dirty_.back() == name)) dirty_.push_back(std::move(name));
  schedule();
}

void Proxy::schedule() {
  if (scheduled_ || applying_) return;
  scheduled_ = true;
  const base::Nanos since = env_.clock.now() - last_sync_;
  env_.timers.after(std::max<base::Nanos>(0, config_.min_sync - since), [this, token = liveness_.token()] {
    if (!token.alive()) return;
    scheduled_ = false;
    sync();
  });
}

void Proxy::sync() {
  std::vector<Name> names = std::move(dirty_);
  dirty_.clear();
  if (names.size() > 1) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  std::vector<base::Ref<const env::ServiceEntry>> changed;
  for (const Name& name : names) refresh(name, changed);
  if (!changed.empty()) apply(std::move(changed), false);
}

/// Computes one service's entry anew; a changed one is remembered and added to `changed`.
bool Proxy::refresh(const Name& name, std::vector<base::Ref<const env::ServiceEntry>>& changed) {
  const auto it = applied_.find(name);
  const client::ObjectRef service = services_.get(name.ns, name.name);
  if (!service || !is_proxied(*service)) {
    if (it == applied_.end()) return false;
    applied_.erase(it);
    changed.push_back(no_entry(name.ns, name.name));
    return true;
  }
  const std::vector<client::ObjectRef> slices = slices_.by_index(slices_of_, key(name.ns, name.name));
  auto entry = service_entry(*service, slices, config_.node_name);
  if (it != applied_.end()) {
    if (it->second->ports == entry->ports) return false;
    if (env_.faults.here(env::Site::kProxyKeepsRemovedEndpoint)) entry = keep_removed(*it->second, *entry);
    it->second = entry;
  } else {
    applied_.emplace(name, entry);
  }
  changed.push_back(std::move(entry));
  return true;
}

void Proxy::apply(std::vector<base::Ref<const env::ServiceEntry>> entries, bool full) {
  applying_ = true;
  last_sync_ = env_.clock.now();
  env_.dataplane.apply(entries, full, [this, entries, full, token = liveness_.token()](base::Status applied) {
    if (!token.alive()) return;
    applying_ = false;
    if (!applied) {
      // Written again as it is; what changed meanwhile follows.
      env_.timers.after(config_.min_sync, [this, entries, full, token] {
        if (token.alive()) apply(entries, full);
      });
      applying_ = true;
      return;
    }
    if (!dirty_.empty()) schedule();
  });
}

}  // namespace orrery::proxy
