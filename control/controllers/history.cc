#include "control/controllers/history.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/client/pod_util.h"
#include "model/api/names.h"
#include "model/codec/json_read.h"
#include "model/codec/json_text.h"
#include "model/codec/json_write.h"

namespace orrery::controllers {
namespace {

constexpr std::size_t kMaxParentName = 223;
constexpr int kUpdateTries = 5;

/// The part of a stored patch that is read back; the "$patch" directive is dropped as an unknown field.
struct PatchSpec {
  api::PodTemplateSpec template_;
};
struct Patch {
  PatchSpec spec;
};

}  // namespace
}  // namespace orrery::controllers

namespace orrery::api {
using orrery::controllers::Patch;
using orrery::controllers::PatchSpec;
ORRERY_DECLARE_STRUCT(PatchSpec)
ORRERY_DECLARE_STRUCT(Patch)
ORRERY_STRUCT(PatchSpec, FIELD(template_, "template", 1))
ORRERY_STRUCT(Patch, FIELD(spec, "spec", 1))
}  // namespace orrery::api

namespace orrery::controllers {
namespace {

using api::Type;
using api::TypeKind;

struct Member {
  std::string_view name;
  const Type* type;
  const void* value;
};

void collect(const Type& type, const void* value, std::vector<Member>& out) {
  for (const api::Field& f : type) {
    const void* member = codec::member_of(f, value);
    const Type& t = f.type();
    if (f.flags & api::kInline) {
      const bool wrapped = t.kind == TypeKind::kCow;
      collect(wrapped ? t.element() : t, wrapped ? t.wrap->at(member, 0) : member, out);
    } else if (!codec::omitted(f, member)) {
      out.push_back({f.json, &t, member});
    }
  }
}

void write_members(std::vector<Member> members, std::string& out) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i) out += ',';
    codec::append_json_string(members[i].name, out);
    out += ':';
    write_sorted_json(*members[i].type, members[i].value, out);
  }
  out += '}';
}

}  // namespace

void write_sorted_json(const Type& type, const void* value, std::string& out) {
  switch (type.kind) {
    case TypeKind::kStruct: {
      std::vector<Member> members;
      collect(type, value, members);
      return write_members(std::move(members), out);
    }
    case TypeKind::kBox:
    case TypeKind::kOpt:
    case TypeKind::kCow:
      if (type.wrap->is_nil(value)) {
        out += "null";
        return;
      }
      return write_sorted_json(type.element(), type.wrap->at(value, 0), out);
    case TypeKind::kList: {
      if (type.wrap->is_nil(value)) break;
      out += '[';
      const std::size_t n = type.wrap->size(value);
      for (std::size_t i = 0; i < n; ++i) {
        if (i) out += ',';
        write_sorted_json(type.element(), type.wrap->at(value, i), out);
      }
      out += ']';
      return;
    }
    case TypeKind::kMap: {
      if (type.wrap->is_nil(value)) break;
      std::vector<Member> members;
      const std::size_t n = type.wrap->size(value);
      const Type& element = type.element();
      for (std::size_t i = 0; i < n; ++i) {
        members.push_back({type.wrap->key_at(value, i)->view(), &element, type.wrap->at(value, i)});
      }
      return write_members(std::move(members), out);
    }
    default:
      break;
  }
  codec::write_json(type, value, out);
}

std::string template_patch(const api::PodTemplateSpec& pod_template) {
  std::string out = R"({"spec":{"template":{"$patch":"replace",)";
  std::string members;
  write_sorted_json(api::describe<api::PodTemplateSpec>(), &pod_template, members);
  // "$patch" sorts before every name of the template, which has at least its metadata and spec.
  out.append(members, 1);
  out += "}}";
  return out;
}

std::optional<api::PodTemplateSpec> template_of(const api::ControllerRevision& revision) {
  auto patch = codec::from_json<Patch>(revision.data.text);
  if (!patch) return std::nullopt;
  return patch->spec.template_;
}

Str revision_hash(std::string_view data, std::optional<std::int32_t> collision_count) {
  std::uint32_t hash = client::fnv32(data);
  if (collision_count) hash = client::fnv32(std::to_string(*collision_count), hash);
  return api::safe_encode_string(std::to_string(hash));
}

Str revision_name(std::string_view parent, std::string_view hash) {
  return base::cat(parent.substr(0, kMaxParentName), "-", hash);
}

void sort_revisions(RevisionList& revisions) {
  std::sort(revisions.begin(), revisions.end(), [](const RevisionHandle& a, const RevisionHandle& b) {
    if (a->revision != b->revision) return a->revision < b->revision;
    const api::Time x = a->metadata.creation_timestamp;
    const api::Time y = b->metadata.creation_timestamp;
    if (!(x == y)) return x < y;
    return a->metadata.name < b->metadata.name;
  });
}

std::int64_t next_revision(const RevisionList& sorted) { return sorted.empty() ? 1 : sorted.back()->revision + 1; }

bool equal_revisions(const api::ControllerRevision& a, const api::ControllerRevision& b) {
  if (a.data.text == b.data.text) return true;
  // A client may have written the same patch with other spacing or order.
  const auto x = template_of(a);
  const auto y = template_of(b);
  return x && y && api::deep_equal(*x, *y);
}

api::ControllerRevision new_revision(const api::Object& owner, const api::PodTemplateSpec& pod_template,
                                     std::int64_t revision) {
  api::ControllerRevision r;
  r.metadata.namespace_ = owner.meta().namespace_;
  r.metadata.labels = pod_template.metadata.labels;
  r.metadata.annotations = owner.meta().annotations;
  r.metadata.owner_references.push_back(client::controller_reference(owner));
  r.data.text = template_patch(pod_template);
  r.revision = revision;
  return r;
}

client::ApiFuture update_revision(client::Client& client, RevisionHandle revision, std::int64_t number) {
  for (int tries = 1;; ++tries) {
    if (revision->revision == number) co_return revision.object();
    api::ControllerRevision next = *revision;
    next.revision = number;
    auto written = co_await client.update(api::make_object(std::move(next)));
    if (written || !written.error().conflict() || tries >= kUpdateTries) co_return written;
    const auto fresh = co_await client.get(api::KindId::kControllerRevision, revision->metadata.namespace_,
                                           revision->metadata.name);
    if (!fresh) co_return fresh.error();
    revision = RevisionHandle(*fresh);
  }
}

}  // namespace orrery::controllers
