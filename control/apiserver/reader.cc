#include "control/apiserver/reader.h"

#include <algorithm>

#include "control/apiserver/storage_key.h"
#include "model/api/int_or_string.h"

namespace orrery::apiserver {

namespace {

constexpr base::Nanos kFreshnessPatience = 3 * base::kSecond;
constexpr std::int64_t kRangePage = 10'000;

constexpr std::string_view kContinueExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder "
    "of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list.";

/// The number in a resourceVersion parameter, or what is wrong with it.
base::Result<std::int64_t, Failure> parse_revision(std::string_view text) {
  auto n = api::parse_decimal(text);
  if (n.ok() && *n >= 0) return *n;
  return bad_request(base::cat("Invalid value: \"", text, "\": invalid resource version"));
}

/// The planted bug "list-omits-newest".
void omit_newest(std::vector<ObjectRef>& items) {
  const auto newest = std::max_element(items.begin(), items.end(), [](const ObjectRef& a, const ObjectRef& b) {
    return a->revision() < b->revision();
  });
  if (newest != items.end()) items.erase(newest);
}

Failure invalid_option(std::string_view field, std::string_view value, bool forbid,
                       std::string_view why) {
  const api::FieldPath path(field);
  api::ErrorList errors;
  if (forbid) errors.forbidden(path, why);
  else errors.invalid(path, value, why);
  api::ApiStatus s;
  s.status = "Failure";
  s.code = 422;
  s.reason = "Invalid";
  s.message = base::cat("ListOptions.meta.k8s.io \"\" is invalid: ", errors.str());
  for (const api::FieldError& e : errors) {
    s.details.edit().causes.push_back(
        {Str(api::field_error_reason(e.type)), Str(e.body()), Str(e.field)});
  }
  s.details.edit().group = "meta.k8s.io";
  s.details.edit().kind = "ListOptions";
  return s;
}

Failure check_list_options(const api::ApiRequest& r) {
  if (!r.resource_version_match.empty()) {
    if (r.resource_version.empty()) {
      return invalid_option("resourceVersionMatch", "", true,
                            "resourceVersionMatch is forbidden unless resourceVersion is provided");
    }
    if (!r.continue_token.empty()) {
      return invalid_option("resourceVersionMatch", "", true,
                            "resourceVersionMatch is forbidden when continue is provided");
    }
    if (r.resource_version_match == "Exact" && r.resource_version == "0") {
      return invalid_option(
          "resourceVersionMatch", "", true,
          "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }
    if (!(r.resource_version_match == "Exact") && !(r.resource_version_match == "NotOlderThan")) {
      return invalid_option("resourceVersionMatch", r.resource_version_match, false,
                            "supported values: \"Exact\", \"NotOlderThan\"");
    }
  }
  if (!r.continue_token.empty() && !r.resource_version.empty() && !(r.resource_version == "0")) {
    return bad_request("specifying resource version is not allowed when using continue");
  }
  return {};
}

}  // namespace

struct Reader::Query : base::RefCounted {
  CallRef call;
  Filter filter;
  std::int64_t limit = 0;
  std::int64_t at = 0;  // revision to read at; 0: the newest
  std::int64_t list_revision = 0;
  Str from, end;  // keys still to read
  bool inconsistent = false, more = false;
  Str last_key;
  std::int64_t remaining = 0;
  std::vector<ObjectRef> items;
};

void Reader::catch_up(KindId kind, base::UniqueFunction<void(Failure, std::int64_t)> done) {
  auto request = base::make_ref<store::RangeRequest>();
  request->key = core_.store.cache(kind).prefix();
  request->limit = 1;
  request->keys_only = true;
  core_.store.kv().range(
      std::move(request), [this, kind, done = std::move(done),
                           alive = live_.token()](base::Result<store::RangeReplyRef> r) mutable {
        if (!alive.alive()) return;
        if (!r.ok()) return done(store_failure(r.error()), 0);
        const std::int64_t revision = (*r)->revision;
        wait_revision(kind, revision, [revision, done = std::move(done)](Failure failure) mutable {
          done(std::move(failure), revision);
        });
      });
}

void Reader::wait_revision(KindId kind, std::int64_t revision,
                           base::UniqueFunction<void(Failure)> done) {
  WatchCache& cache = core_.store.cache(kind);
  cache.wait_for(revision, kFreshnessPatience,
                 [&cache, revision, done = std::move(done)](bool reached) mutable {
                   if (reached) return done({});
                   if (!cache.filled())
                     return done(too_many_requests("storage is (re)initializing", 1));
                   done(too_large_resource_version(revision, cache.revision()));
                 });
}

void Reader::get_cached(const CallRef& call) {
  const ObjectRef* found =
      core_.store.cache(call->kind()).find(core_.store.key(call->kind(), call->ns, call->name));
  if (found) call->answer(200, *found);
  else call->fail(not_found(call->kind(), call->name));
}

void Reader::get(CallRef call) {
  const Str& asked = call->request().resource_version;
  if (asked.empty()) {
    const Str key = core_.store.key(call->kind(), call->ns, call->name);
    return core_.store.read(key, [call](Failure failure, ObjectRef object) {
      if (failure) return call->fail(failure);
      if (!object) return call->fail(not_found(call->kind(), call->name));
      call->answer(200, std::move(object));
    });
  }
  auto revision = parse_revision(asked);
  if (!revision.ok()) return call->fail(revision.error());
  wait_revision(call->kind(), *revision, [this, call](Failure failure) {
    if (failure) call->fail(failure);
    else get_cached(call);
  });
}

void Reader::fresh(KindId kind, Filter filter,
                   base::UniqueFunction<void(Failure, std::vector<ObjectRef>)> done) {
  catch_up(kind, [this, kind, filter = std::move(filter), done = std::move(done)](
                     Failure failure, std::int64_t) mutable {
    if (failure) return done(std::move(failure), {});
    done({}, core_.store.cache(kind).select(filter));
  });
}

void Reader::list(CallRef call) {
  const api::ApiRequest& r = call->request();
  if (Failure f = check_list_options(r)) return call->fail(f);
  auto filter = Filter::of(r);
  if (!filter.ok()) return call->fail(filter.error());
  auto q = base::make_ref<Query>();
  q->call = call;
  q->filter = std::move(*filter);
  q->limit = r.limit;
  const Str prefix =
      storage_key(core_.store.cache(r.kind).prefix(), q->filter.namespace_name(), "");
  q->from = prefix;
  q->end = store::prefix_end(prefix);
  if (!r.continue_token.empty()) {
    const std::optional<ContinueToken> token = ContinueToken::decode(r.continue_token);
    if (!token)
      return call->fail(
          bad_request("continue key is not valid: illegal base64 data or malformed value"));
    q->from =
        base::cat(core_.store.cache(r.kind).prefix(), token->start, std::string_view("\0", 1));
    q->inconsistent = token->revision < 0;
    if (!core_.env.faults.here(env::Site::kListMixesRevisions))
      q->at = std::max<std::int64_t>(token->revision, 0);
    q->list_revision = q->at;
    return read_range(std::move(q));
  }
  if (r.resource_version.empty()) {
    return catch_up(r.kind, [this, q](Failure failure, std::int64_t revision) mutable {
      // A cache that lags too far is passed by.
      if (failure && failure->reason == "Timeout" && revision > 0) return read_range(std::move(q));
      if (failure) return q->call->fail(failure);
      answer_from_cache(std::move(q), revision);
    });
  }
  auto revision = parse_revision(r.resource_version);
  if (!revision.ok()) return call->fail(revision.error());
  const bool exact = r.resource_version_match == "Exact" ||
                     (r.resource_version_match.empty() && r.limit > 0 && *revision > 0);
  if (exact) {
    q->at = q->list_revision = *revision;
    return read_range(std::move(q));
  }
  if (*revision == 0) q->limit = 0;
  wait_revision(r.kind, *revision, [this, q, revision = *revision](Failure failure) mutable {
    if (failure) return q->call->fail(failure);
    answer_from_cache(std::move(q), revision);
  });
}

void Reader::answer_from_cache(base::Ref<Query> q, std::int64_t revision) {
  const WatchCache& cache = core_.store.cache(q->call->kind());
  q->list_revision = std::max(cache.revision(), revision);
  q->items = cache.select(q->filter);
  if (core_.env.faults.here(env::Site::kListOmitsNewest)) omit_newest(q->items);
  const auto limit = static_cast<std::size_t>(q->limit);
  if (q->limit > 0 && q->items.size() > limit) {
    q->more = true;
    q->remaining = static_cast<std::int64_t>(q->items.size() - limit);
    q->items.resize(limit);
    const api::ObjectMeta& last = q->items.back()->meta();
    q->last_key = core_.store.key(q->call->kind(), last.namespace_, last.name);
  }
  finish(std::move(q));
}

void Reader::read_range(base::Ref<Query> q) {
  if (q->call->finished()) return;
  const std::int64_t wanted = q->limit > 0 && !q->filter.has_selector()
                                  ? q->limit - static_cast<std::int64_t>(q->items.size())
                                  : kRangePage;
  auto request = store::range_request(q->from, q->end, q->at, wanted);
  core_.store.kv().range(std::move(request), [this, q = std::move(q), alive = live_.token()](
                                                 base::Result<store::RangeReplyRef> r) mutable {
    if (!alive.alive()) return;
    if (!r.ok()) return range_failed(std::move(q), r.error());
    range_done(std::move(q), **r);
  });
}

void Reader::range_failed(base::Ref<Query> q, const base::Error& error) {
  if (error.message == store::kErrFutureRevision) {
    return q->call->fail(
        too_large_resource_version(q->at, core_.store.cache(q->call->kind()).revision()));
  }
  if (error.message != store::kErrCompacted) return q->call->fail(store_failure(error));
  if (q->call->request().continue_token.empty()) {
    return q->call->fail(expired("The resourceVersion for the provided list is too old."));
  }
  auto response = base::make_ref<api::ApiResponse>();
  response->code = 410;
  response->status = expired(kContinueExpired);
  ContinueToken token = *ContinueToken::decode(q->call->request().continue_token);
  token.revision = -1;
  response->continue_token = token.encode();
  q->call->answer(std::move(response));
}

void Reader::range_done(base::Ref<Query> q, const store::RangeReply& reply) {
  if (q->at == 0) q->at = reply.revision;
  if (q->list_revision == 0) q->list_revision = reply.revision;
  const auto full = [&q] {
    return q->limit > 0 && q->items.size() >= static_cast<std::size_t>(q->limit);
  };
  std::size_t used = 0;
  for (const store::KeyValue& kv : reply.kvs) {
    if (full()) break;
    ++used;
    q->last_key = kv.key;
    const api::Object* object = env::body_as<api::Object>(kv.value.get());
    if (!object) continue;
    ObjectRef sealed = api::sealed(ObjectRef(object), kv.mod_revision);
    if (q->filter.matches(*sealed)) q->items.push_back(std::move(sealed));
  }
  const bool left = reply.more || used < reply.kvs.size();
  if (left && !full()) {
    q->from = base::cat(q->last_key, std::string_view("\0", 1));
    return read_range(std::move(q));
  }
  q->more = left;
  if (left) q->remaining = reply.count - static_cast<std::int64_t>(used);
  finish(std::move(q));
}

void Reader::finish(base::Ref<Query> q) {
  auto response = base::make_ref<api::ApiResponse>();
  response->list_revision = q->list_revision;
  if (q->more) {
    ContinueToken token;
    token.revision = q->inconsistent ? -1 : q->list_revision;
    token.start = q->last_key.view().substr(core_.store.cache(q->call->kind()).prefix().size());
    response->continue_token = token.encode();
    if (!q->filter.has_selector()) response->remaining = q->remaining;
  }
  response->items = std::move(q->items);
  core_.meter.owe(core_.config.cost.items(response->items.size()));
  q->call->answer(std::move(response));
}

void Reader::watch(RequestRef request, std::unique_ptr<env::Stream> stream) {
  auto filter = Filter::of(*request);
  if (!filter.ok()) return WatchCache::refuse(*stream, filter.error());
  const KindId kind = request->kind;
  if (!request->resource_version.empty()) {
    if (auto r = parse_revision(request->resource_version); !r.ok())
      return WatchCache::refuse(*stream, r.error());
  }
  const bool fresh = request->send_initial_events && request->resource_version.empty();
  const bool wait = request->send_initial_events && !fresh && !(request->resource_version == "0");
  WatchCache& cache = core_.store.cache(kind);
  if (!fresh && !wait) return cache.watch(*request, std::move(*filter), std::move(stream), 0);
  auto open = [&cache, request, filter = std::move(*filter), stream = std::move(stream)](
                  Failure failure, std::int64_t revision) mutable {
    if (failure) return WatchCache::refuse(*stream, failure);
    cache.watch(*request, std::move(filter), std::move(stream), revision);
  };
  if (fresh) return catch_up(kind, std::move(open));
  const std::int64_t revision = *parse_revision(request->resource_version);
  wait_revision(kind, revision, [open = std::move(open), revision](Failure failure) mutable {
    open(std::move(failure), revision);
  });
}

}  // namespace orrery::apiserver
