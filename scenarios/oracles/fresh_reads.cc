#include "scenarios/oracles/fresh_reads.h"

#include <algorithm>

#include "model/base/hash.h"

namespace orrery::scenarios {
namespace {

std::uint64_t place(KindId kind, std::string_view ns, std::string_view name) {
  const std::uint64_t h = base::combine64(static_cast<std::uint64_t>(kind), base::hash_bytes(ns));
  return base::combine64(h, base::hash_bytes(name));
}

std::uint64_t number(const history::Origin& origin, std::uint64_t id) {
  const std::uint64_t process =
      base::combine64(base::hash_bytes(origin.machine), base::hash_bytes(origin.process));
  return base::combine64(base::combine64(process, origin.incarnation), id);
}

bool reads(const api::ApiRequest& r) {
  return (r.verb == api::Verb::kGet || r.verb == api::Verb::kList) && r.resource_version.empty() &&
         r.subresource.empty();
}

}  // namespace

void FreshReads::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    newest_[place(o.kind_id(), o.meta().namespace_, o.meta().name)] = c.revision;
    revision_ = std::max(revision_, c.revision);
  }
  if (record.kind == RecordKind::kApiRequest) {
    const auto& sent = static_cast<const history::ApiRequestRecord&>(record);
    const api::ApiRequest& r = *sent.request;
    if (!reads(r)) return;
    // Of a get, what counts is the object's own revision.
    const std::int64_t* own =
        r.verb == api::Verb::kGet ? newest_.find(place(r.kind, r.namespace_, r.name)) : nullptr;
    asked_[number(record.origin, sent.id)] = r.verb == api::Verb::kList ? revision_
                                             : own                      ? *own
                                                                        : 0;
    return;
  }
  if (record.kind != RecordKind::kApiResponse) return;
  const auto& a = static_cast<const history::ApiResponseRecord&>(record);
  if (!reads(*a.request)) return;
  const std::uint64_t key = number(record.origin, a.id);
  const std::int64_t* asked = asked_.find(key);
  if (!asked) return;
  const std::int64_t floor = *asked;
  asked_.erase(key);
  if (!a.response || a.response->code >= 300) return;
  if (a.request->verb == api::Verb::kGet) on_get(a, floor);
  else on_list(a, floor);
}

void FreshReads::on_get(const history::ApiResponseRecord& a, std::int64_t floor) {
  if (!a.response->object) return;
  const std::int64_t got = a.response->object->revision();
  check(got >= floor, a.origin.at, [&] {
    return cat("a get of ", label(*a.response->object), " answered revision ", num(got),
               ", committed before was ", num(floor));
  });
}

void FreshReads::on_list(const history::ApiResponseRecord& a, std::int64_t floor) {
  const api::ApiResponse& page = *a.response;
  const std::uint64_t asked_token = base::hash_bytes(a.request->continue_token);
  if (!a.request->continue_token.empty()) {
    const std::int64_t* first = pages_.find(asked_token);
    if (!first) return;
    bool newer = false;
    for (const api::ObjectRef& o : page.items) newer = newer || o->revision() > *first;
    check(!newer && page.list_revision == *first, a.origin.at, [&] {
      return cat("a page of a list at revision ", num(*first), " is of revision ",
                 num(page.list_revision), newer ? " and has newer objects" : "");
    });
    if (!page.continue_token.empty()) pages_[base::hash_bytes(page.continue_token)] = *first;
    return;
  }
  check(page.list_revision >= floor, a.origin.at, [&] {
    return cat("a list of ", api::kind_of(a.request->kind).plural, " answered revision ",
               num(page.list_revision), ", committed before was ", num(floor));
  });
  if (!page.continue_token.empty())
    pages_[base::hash_bytes(page.continue_token)] = page.list_revision;
}

}  // namespace orrery::scenarios
