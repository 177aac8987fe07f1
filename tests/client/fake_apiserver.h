// FakeApiserver: collections in memory behind the network of a FakeProcess, with upstream's rules as far as clients and
// controllers depend on them: revisions, conflicts, generations, status apart from spec, graceful deletion of pods, watches.
#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "control/client/client.h"
#include "model/api/defaults/defaults.h"
#include "model/api/event.h"
#include "model/api/names.h"
#include "model/api/pod.h"
#include "model/api/selector.h"
#include "model/codec/json_read.h"
#include "model/codec/json_value.h"
#include "model/codec/json_write.h"
#include "model/codec/patch.h"
#include "tests/client/fake_process.h"

namespace orrery::test {

using api::KindId;
using api::ObjectRef;
using base::Str;
using Response = base::Ref<api::ApiResponse>;

class FakeApiserver {
 public:
  using Key = std::tuple<KindId, std::string, std::string>;
  explicit FakeApiserver(FakeProcess& process) : process_(process) {
    process.network.serve = [this](const env::Address& to, env::Message m, FakeNetwork::Answer answer) {
      if (down.count(to.host.str())) return answer(base::Error{base::ErrorCode::kUnavailable, "connection refused"});
      const auto& request = *env::body_as<api::ApiRequest>(m.body.get());
      const bool lost = lose_answer && lose_answer(request);
      Response r = handle(request);
      if (lost) return answer(base::Error{base::ErrorCode::kUnknown, "connection reset"});
      answer(env::Message{base::Ref<const api::ApiResponse>(r)});
    };
    process.network.watch = [this](std::shared_ptr<FakeNetwork::Link> link) { open(std::move(link)); };
  }

  /// "create pods", "update deployments/status", ... of every request but reads, in order.
  std::vector<std::string> writes;
  std::map<std::string, int> down;                                     ///< hosts that refuse
  std::function<bool(const api::ApiRequest&)> lose_answer;             ///< executed, but the client does not hear
  std::function<Response(const api::ApiRequest&)> intercept;           ///< answers instead, unless null
  std::int64_t oldest_watch = 0;                                       ///< watches from below get 410

  client::ClientConfig config(double qps = 0, int burst = 10) const {
    client::ClientConfig c;
    c.user = "test";
    c.endpoints.push_back({"api-1", api::kApiserverPort});
    c.qps = qps;
    c.burst = burst;
    return c;
  }

  template <class T>
  api::Handle<T> get(const std::string& ns, const std::string& name) const {
    const auto it = objects_.find({api::KindOf<T>::kId, ns, name});
    return it == objects_.end() ? api::Handle<T>() : api::Handle<T>(it->second);
  }
  template <class T>
  std::vector<api::Handle<T>> all(const std::string& ns = "default") const {
    std::vector<api::Handle<T>> out;
    for (const auto& [key, object] : objects_) {
      if (std::get<0>(key) == api::KindOf<T>::kId && (ns.empty() || std::get<1>(key) == ns)) out.emplace_back(object);
    }
    return out;
  }
  /// Writes past the API's rules, as another client.
  template <class T>
  void put(T value) {
    put(api::make_object(std::move(value)));
  }
  void put(ObjectRef object) {
    const Key key = key_of(*object);
    const auto old = objects_.find(key);
    base::Ref<api::Object> next = api::clone(*object);
    auto& meta = *static_cast<api::ObjectMeta*>(api::edit_value(*next));
    if (old == objects_.end()) {
      if (meta.uid.empty()) meta.uid = base::cat("uid-", std::to_string(++uids_));
      if (meta.creation_timestamp.is_zero()) meta.creation_timestamp = api::Time::from(process_.time.wall());
      if (meta.generation == 0 && next->kind().has_generation) meta.generation = 1;
    }
    commit(old == objects_.end() ? api::WatchType::kAdded : api::WatchType::kModified, std::move(next));
  }
  template <class T, class Edit>
  void edit(const std::string& ns, const std::string& name, Edit change) {
    T value = *get<T>(ns, name);
    change(value);
    put(std::move(value));
  }
  void erase(KindId kind, const std::string& ns, const std::string& name) {
    const auto it = objects_.find({kind, ns, name});
    if (it == objects_.end()) return;
    const ObjectRef last = it->second;
    objects_.erase(it);
    publish(api::WatchType::kDeleted, api::sealed(api::clone(*last), ++revision_));
  }
  void break_watches() {
    for (Watcher& w : std::exchange(watchers_, {})) {
      process_.network.close(w.link, base::Error{base::ErrorCode::kUnknown, "connection lost"});
    }
  }
  std::int64_t revision() const { return revision_; }
  std::size_t watches() const { return watchers_.size(); }

  static Response failure(std::int32_t code, std::string_view reason, std::string_view message) {
    auto r = base::make_ref<api::ApiResponse>();
    r->code = code;
    api::ApiStatus status;
    status.code = code;
    status.reason = reason;
    status.message = message;
    r->status = status;
    return r;
  }

 private:
  struct Watcher {
    std::shared_ptr<FakeNetwork::Link> link;
    KindId kind;
    std::string ns;
  };
  static Key key_of(const api::Object& o) {
    return {o.kind_id(), o.meta().namespace_.str(), o.meta().name.str()};
  }

  Response handle(const api::ApiRequest& r) {
    if (r.verb != api::Verb::kGet && r.verb != api::Verb::kList && r.kind != KindId::kEvent) {
      writes.push_back(base::cat(api::to_string(r.verb), " ", api::kind_of(r.kind).plural,
                                 r.subresource.empty() ? "" : "/", r.subresource));
    }
    if (intercept) {
      if (Response answer = intercept(r)) return answer;
    }
    switch (r.verb) {
      case api::Verb::kGet: return get_one(r);
      case api::Verb::kList: return list(r);
      case api::Verb::kCreate: return create(r);
      case api::Verb::kUpdate: return update(r, *r.object);
      case api::Verb::kPatch: return patch(r);
      case api::Verb::kDelete: return remove(r);
      default: return failure(405, "MethodNotAllowed", "not here");
    }
  }
  static Response ok(ObjectRef object, std::int32_t code = 200) {
    auto r = base::make_ref<api::ApiResponse>();
    r->code = code;
    r->object = std::move(object);
    return r;
  }
  Response not_found(const api::ApiRequest& r) {
    return failure(404, "NotFound", base::cat(api::kind_of(r.kind).plural, " \"", r.name, "\" not found"));
  }
  Response get_one(const api::ApiRequest& r) {
    const auto it = objects_.find({r.kind, r.namespace_.str(), r.name.str()});
    return it == objects_.end() ? not_found(r) : ok(it->second);
  }
  Response list(const api::ApiRequest& r) {
    auto out = base::make_ref<api::ApiResponse>();
    const auto selector = api::Selector::parse(r.label_selector);
    for (const auto& [key, object] : objects_) {
      if (std::get<0>(key) != r.kind) continue;
      if (!r.namespace_.empty() && !(r.namespace_ == std::get<1>(key))) continue;
      if (selector->matches(object->meta().labels)) out->items.push_back(object);
    }
    out->list_revision = revision_;
    return out;
  }
  Response create(const api::ApiRequest& r) {
    base::Ref<api::Object> next = api::clone(*r.object);
    auto& meta = *static_cast<api::ObjectMeta*>(api::edit_value(*next));
    if (meta.name.empty()) meta.name = base::cat(meta.generate_name, std::to_string(10000 + ++names_));
    const std::string what = base::cat(api::kind_of(r.kind).plural, " \"", meta.name, "\"");
    if (objects_.count(key_of(*next))) return failure(409, "AlreadyExists", what + " already exists");
    meta.uid = base::cat("uid-", std::to_string(++uids_));
    meta.creation_timestamp = api::Time::from(process_.time.wall());
    meta.resource_version.value = 0;
    if (next->kind().has_generation) meta.generation = 1;
    api::apply_defaults(next->kind(), api::edit_value(*next));
    if (next->kind_id() == KindId::kPod) {
      static_cast<api::Pod*>(api::edit_value(*next))->status.edit().phase = "Pending";
    }
    return ok(commit(api::WatchType::kAdded, std::move(next)), 201);
  }
  static void copy_part(const api::Kind& kind, const char* part, void* to, const void* from) {
    const api::Field* f = kind.part(part);
    if (f) f->type().assign(static_cast<char*>(to) + f->offset, static_cast<const char*>(from) + f->offset);
  }
  Response update(const api::ApiRequest& r, const api::Object& wanted) {
    const auto it = objects_.find({r.kind, r.namespace_.str(), r.name.str()});
    if (it == objects_.end()) return not_found(r);
    const ObjectRef old = it->second;
    const std::string what = base::cat(api::kind_of(r.kind).plural, " \"", r.name, "\"");
    const std::int64_t rv = wanted.revision();
    if (rv != 0 && rv != old->revision()) {
      return failure(409, "Conflict", base::cat("Operation cannot be fulfilled on ", what,
                                                ": the object has been modified; please apply your changes to the "
                                                "latest version and try again"));
    }
    base::Ref<api::Object> next = api::clone(wanted);
    void* value = api::edit_value(*next);
    const bool status = r.subresource == "status";
    copy_part(next->kind(), status ? "spec" : "status", value, old->value());
    auto& meta = *static_cast<api::ObjectMeta*>(value);
    meta.generation = old->meta().generation;
    const api::Field* spec = next->kind().part("spec");
    if (!status && spec && next->kind().has_generation &&
        !api::deep_equal(spec->type(), static_cast<char*>(value) + spec->offset,
                         static_cast<const char*>(old->value()) + spec->offset)) {
      ++meta.generation;
    }
    meta.resource_version = old->meta().resource_version;
    if (api::deep_equal(next->kind().type(), value, old->value())) return ok(old);
    return ok(commit(api::WatchType::kModified, std::move(next)));
  }
  Response patch(const api::ApiRequest& r) {
    const auto it = objects_.find({r.kind, r.namespace_.str(), r.name.str()});
    if (it == objects_.end()) return not_found(r);
    const api::Kind& kind = it->second->kind();
    auto document = codec::parse_json(codec::to_json(*it->second));
    auto change = codec::parse_json(r.bytes);
    if (!document || !change) return failure(400, "BadRequest", "unreadable patch");
    auto merged = r.patch == api::PatchType::kMerge
                      ? base::Result<codec::JsonValue>(codec::apply_merge_patch(*document, *change))
                      : codec::apply_strategic_patch(kind.type(), *document, *change);
    if (!merged) return failure(422, "Invalid", merged.error().message);
    auto object = codec::read_object_as(kind, merged->dump());
    if (!object) return failure(422, "Invalid", object.error().message);
    return update(r, **object);
  }
  Response remove(const api::ApiRequest& r) {
    const auto it = objects_.find({r.kind, r.namespace_.str(), r.name.str()});
    if (it == objects_.end()) return not_found(r);
    const ObjectRef object = it->second;
    const bool force = r.grace_period_seconds && *r.grace_period_seconds == 0;
    const bool bound = r.kind == KindId::kPod && !object->as<api::Pod>().spec->node_name.empty();
    if (!bound || force) {
      erase(r.kind, r.namespace_.str(), r.name.str());
      return ok(object);
    }
    if (object->meta().deleting()) return ok(object);
    base::Ref<api::Object> next = api::clone(*object);
    auto& meta = *static_cast<api::ObjectMeta*>(api::edit_value(*next));
    meta.deletion_timestamp = api::Time::from(process_.time.wall() + 30 * base::kSecond);
    meta.deletion_grace_period_seconds = 30;
    return ok(commit(api::WatchType::kModified, std::move(next)));
  }
  ObjectRef commit(api::WatchType type, base::Ref<api::Object> object) {
    static_cast<api::ObjectMeta*>(api::edit_value(*object))->resource_version.value = 0;
    const ObjectRef stored = api::sealed(ObjectRef(std::move(object)), ++revision_);
    objects_[key_of(*stored)] = stored;
    publish(type, stored);
    return stored;
  }
  void publish(api::WatchType type, ObjectRef object) {
    api::WatchEvent e;
    e.type = type;
    e.object = object;
    e.revision = object->revision();
    log_.push_back(e);
    for (const Watcher& w : watchers_) {
      if (concerns(w, e)) send(w, {e});
    }
  }
  static bool concerns(const Watcher& w, const api::WatchEvent& e) {
    return w.kind == e.object->kind_id() && (w.ns.empty() || w.ns == e.object->meta().namespace_.str());
  }
  void send(const Watcher& w, std::vector<api::WatchEvent> events) {
    auto batch = base::make_ref<api::WatchBatch>();
    batch->events = std::move(events);
    process_.network.send(w.link, base::Ref<const api::WatchBatch>(batch));
  }
  void open(std::shared_ptr<FakeNetwork::Link> link) {
    const auto& r = *env::body_as<api::ApiRequest>(link->hello.body.get());
    if (down.count(link->to.host.str())) {
      return process_.network.close(link, base::Error{base::ErrorCode::kUnavailable, "connection refused"});
    }
    const std::int64_t from = r.resource_version.empty() ? 0 : std::stoll(r.resource_version.str());
    if (from < oldest_watch) {
      auto batch = base::make_ref<api::WatchBatch>();
      batch->error = *failure(410, "Expired", "too old resource version")->status;
      return process_.network.send(link, base::Ref<const api::WatchBatch>(batch));
    }
    Watcher w{link, r.kind, r.namespace_.str()};
    std::vector<api::WatchEvent> missed;
    for (const api::WatchEvent& e : log_) {
      if (e.revision > from && concerns(w, e)) missed.push_back(e);
    }
    if (!missed.empty()) send(w, std::move(missed));
    watchers_.push_back(std::move(w));
  }

  FakeProcess& process_;
  std::map<Key, ObjectRef> objects_;
  std::vector<api::WatchEvent> log_;
  std::vector<Watcher> watchers_;
  std::int64_t revision_ = 0;
  int uids_ = 0, names_ = 0;
};

}  // namespace orrery::test
