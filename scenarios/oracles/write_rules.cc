#include "scenarios/oracles/write_rules.h"

namespace orrery::scenarios {
namespace {

const history::ApiResponseRecord* success_of(const history::Record& record, api::Verb verb) {
  if (record.kind != RecordKind::kApiResponse) return nullptr;
  const auto& a = static_cast<const history::ApiResponseRecord&>(record);
  if (!a.response || a.response->code >= 300 || a.request->verb != verb || a.request->dry_run) return nullptr;
  return a.response->object ? &a : nullptr;
}

/// An update of the object itself or its status with the object as body.
const history::ApiResponseRecord* update_of(const history::Record& record) {
  const auto* a = success_of(record, api::Verb::kUpdate);
  if (!a || a->request->format != api::BodyFormat::kHandle || !a->request->object) return nullptr;
  return a->request->subresource.empty() || a->request->subresource == "status" ? a : nullptr;
}

}  // namespace

void UpdatePrecondition::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) recent_.add(c);
  const auto* a = update_of(record);
  if (!a) return;
  subject();
  const std::int64_t asked = a->request->object->revision(), made = a->response->object->revision();
  const std::string_view agent = a->request->user_agent;
  if (asked == 0) {
    const api::Kind& kind = a->response->object->kind();
    check(kind.unconditional_update, record.origin.at,
          [&] { return cat(agent, " updated ", label(*a->response->object), " without a resourceVersion"); });
    return;
  }
  const RecentChanges::Entry* e = made == asked ? nullptr : recent_.find(made);
  if (made != asked && !e) return;
  check(made == asked || e->old == asked, record.origin.at, [&] {
    return cat(agent, " updated ", label(*a->response->object), " of revision ", num(asked), ", the store had ", num(e->old));
  });
}

void CreateOnce::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) recent_.add(c);
  const auto* a = success_of(record, api::Verb::kCreate);
  if (!a || !a->request->subresource.empty()) return;
  subject();
  const RecentChanges::Entry* e = recent_.find(a->response->object->revision());
  if (!e) return;
  check(e->old == 0 && !e->removed, record.origin.at,
        [&] { return cat("the create of ", label(*a->response->object), " replaced revision ", num(e->old)); });
}

void SpecAndStatus::on_change(const Change& c) {
  RecentChanges::Entry& e = recent_.add(c);
  if (!c.old || !c.now) return;
  const api::Kind& kind = c.now->kind();
  if (!kind.has_status && !kind.has_generation) return;
  e.spec_changed = !same_part(*c.old, *c.now, "spec");
  e.status_changed = !same_part(*c.old, *c.now, "status");
  if (!kind.has_generation || kind.id == KindId::kPod || !kind.part("spec")) return;
  const api::ObjectMeta &was = c.old->meta(), &is = c.now->meta();
  const bool may_count = e.spec_changed || (!was.deleting() && is.deleting()) ||
                         (kind.id == KindId::kDeployment && !api::deep_equal(was.annotations, is.annotations));
  check(is.generation == was.generation || (may_count && is.generation == was.generation + 1), c.at, [&] {
    return cat(label(*c.now), " went from generation ", num(was.generation), " to ", num(is.generation),
               e.spec_changed ? "" : " with the same spec");
  });
  check(!e.spec_changed || is.generation > was.generation, c.at,
        [&] { return cat(label(*c.now), " changed its spec within generation ", num(is.generation)); });
}

void SpecAndStatus::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) on_change(c);
  if (record.kind != RecordKind::kApiUpdate) return;
  const auto& update = static_cast<const history::ApiUpdate&>(record);
  const RecentChanges::Entry* e = recent_.find(update.revision);
  if (!e || e->old == 0 || e->removed) return;
  check(update.status ? !e->spec_changed : !e->status_changed, record.origin.at, [&] {
    return cat("a write of ", update.status ? "the status" : "the spec", " of ", e->key, " at revision ", num(e->revision), " changed the ",
               update.status ? "spec" : "status");
  });
}

void NoEmptyWrites::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.old || !c.now) continue;
    bool equal = true;
    for (const api::Field& f : c.now->kind().type()) {
      if (std::string_view(f.json) == "metadata") continue;
      equal = equal && api::deep_equal(f.type(), part_of(*c.old, f), part_of(*c.now, f));
      if (!equal) break;
    }
    if (equal) {
      api::ObjectMeta was = c.old->meta();
      was.resource_version = c.now->meta().resource_version;
      equal = api::deep_equal(was, c.now->meta());
    }
    check(!equal, c.at, [&] { return cat("revision ", num(c.revision), " of ", label(*c.now), " is equal to the one before"); });
  }
}

void NoLostUpdate::on_record(const history::Record& record, const Changes& changes) {
  if (!changes.empty()) {
    const auto& commit = static_cast<const history::StoreCommit&>(record);
    std::size_t op = 0;
    for (const Change& c : changes) {
      recent_.add(c);
      while (op < commit.ops.size() && !(commit.ops[op].key == c.key)) ++op;
      if (op == commit.ops.size()) break;
      const std::int64_t known = c.old ? c.old->revision() : 0, replaced = commit.ops[op].previous_mod_revision;
      check(known == replaced, c.at, [&] {
        return cat("revision ", num(c.revision), " of ", c.key, " replaced ", num(replaced), ", the last known is ", num(known));
      });
    }
  }
  const auto* a = update_of(record);
  if (!a || a->request->object->revision() == 0) return;
  const std::int64_t seen = a->request->object->revision(), made = a->response->object->revision();
  const RecentChanges::Entry* e = recent_.find(made);
  if (made == seen || !e) return;
  check(e->old <= seen, record.origin.at, [&] {
    return cat(label(*a->response->object), ": the write of revision ", num(e->old), " was lost to an update that had seen ", num(seen));
  });
}

}  // namespace orrery::scenarios
