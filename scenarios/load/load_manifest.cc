#include "scenarios/load/load_manifest.h"

#include <charconv>

#include "model/api/defaults/defaults.h"
#include "model/api/job.h"
#include "model/api/service.h"
#include "model/api/validation/validation.h"
#include "model/base/hash.h"
#include "model/base/str.h"
#include "model/codec/json_read.h"
#include "model/codec/json_text.h"
#include "scenarios/load/culprit.h"
#include "scenarios/load/yaml_documents.h"

namespace orrery::scenarios {
namespace {

using base::cat;

bool is_json_number(std::string_view s) {
  if (s.empty()) return false;
  double d = 0;
  std::string_view body = s[0] == '+' ? s.substr(1) : s;
  const auto r = std::from_chars(body.data(), body.data() + body.size(), d);
  if (r.ec != std::errc() || r.ptr != body.data() + body.size()) return false;
  const char first = body[0] == '-' && body.size() > 1 ? body[1] : body[0];
  return first >= '0' && first <= '9' && s[0] != '+' && (body.size() == 1 || first != '0' || body.find('.') != body.npos);
}

void append_plain_scalar(const std::string& s, std::string& out) {
  static constexpr std::string_view kNull[] = {"", "~", "null", "Null", "NULL"};
  static constexpr std::string_view kTrue[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
  static constexpr std::string_view kFalse[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};
  for (const auto n : kNull) if (s == n) { out += "null"; return; }
  for (const auto t : kTrue) if (s == t) { out += "true"; return; }
  for (const auto f : kFalse) if (s == f) { out += "false"; return; }
  if (is_json_number(s)) out += s;
  else codec::append_json_string(s, out);
}

void append_json(const YamlCursor& c, std::string& out, int depth) {
  if (depth > 100) c.fail("is nested deeper than 100 levels");
  if (out.size() > (32u << 20)) c.fail("grows beyond 32 MiB (aliases that repeat themselves?)");
  const YAML::Node& n = c.node();
  if (n.IsMap()) {
    out += '{';
    bool first = true;
    for (const auto& e : c.entries()) {
      if (!first) out += ',';
      first = false;
      codec::append_json_string(e.key, out);
      out += ':';
      append_json(e.value, out, depth + 1);
    }
    out += '}';
  } else if (n.IsSequence()) {
    out += '[';
    bool first = true;
    for (const YamlCursor& item : c.items()) {
      if (!first) out += ',';
      first = false;
      append_json(item, out, depth + 1);
    }
    out += ']';
  } else if (n.IsScalar()) {
    if (n.Tag() == "!") codec::append_json_string(n.Scalar(), out);
    else append_plain_scalar(n.Scalar(), out);
  } else {
    out += "null";
  }
}

/// The cursor at a field path ("spec.containers[0].image"), as deep as the document has it.
YamlCursor descend(YamlCursor c, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = path.find_first_of(".[");
    const std::string name(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    if (!name.empty()) {
      if (!c.has(name.c_str())) return c;
      c = c.at(name.c_str());
    }
    if (path.empty()) return c;
    if (path[0] == '.') { path.remove_prefix(1); continue; }
    const std::size_t close = path.find(']');
    if (close == std::string_view::npos || !c.is_sequence()) return c;
    std::size_t index = 0;
    const auto r = std::from_chars(path.data() + 1, path.data() + close, index);
    const auto items = c.items();
    if (r.ec != std::errc() || index >= items.size()) return c;
    c = items[index];
    path.remove_prefix(close + 1);
    if (!path.empty() && path[0] == '.') path.remove_prefix(1);
  }
  return c;
}

[[noreturn]] void fail_at_path(const YamlCursor& manifest, const std::string& field, const std::string& what) {
  const YamlCursor place = descend(manifest, field);
  throw InputError{manifest.file(), place.line(), field, what};
}

api::ObjectRef read_one(const YamlCursor& c) {
  const std::string api_version = c.at("apiVersion").text();
  const std::string kind = c.at("kind").text();
  if (!api::find_kind(api_version, kind))
    c.at("kind").fail(cat("no matches for kind \"", kind, "\" in version \"", api_version, "\""));
  codec::ReadOptions options;
  options.validation = api::FieldValidation::kStrict;
  const std::string json = yaml_to_json(c);
  auto object = codec::read_object(json, options);
  if (!object.ok()) {
    const std::string& message = object.error().message;
    std::string field = quoted_path(message);
    if (field.empty() || descend(c, field).path() == c.path()) field = culprit_of(json, message, options);
    throw InputError{c.file(), descend(c, field).line(), field, message};
  }
  base::Ref<api::Object> o = std::move(*object);
  api::apply_defaults(o->kind(), api::edit_value(*o));
  return o;
}

/// The apiserver generates the selector of a Job that has none; a stand-in lets the rest be validated.
void fill_job_selector(api::Job& job) {
  if (job.spec->selector || job.spec->manual_selector.value_or(false)) return;
  job.metadata.uid = "uid";
  api::JobSpec& spec = job.spec.edit();
  for (const char* key : {"batch.kubernetes.io/controller-uid", "controller-uid"}) spec.template_.metadata.labels.set(key, "uid");
  for (const char* key : {"batch.kubernetes.io/job-name", "job-name"}) spec.template_.metadata.labels.set(key, job.metadata.name);
  spec.selector.edit().match_labels.set("batch.kubernetes.io/controller-uid", "uid");
}

/// The apiserver fills clusterIPs from clusterIP before it validates.
void fill_cluster_ips(api::Service& service) {
  if (service.spec->cluster_ip.empty() || !service.spec->cluster_ips.empty()) return;
  service.spec.edit().cluster_ips = api::List<base::Str>(std::vector<base::Str>{service.spec->cluster_ip});
}

/// A copy is validated with a namespace, as the apiserver would see it.
void validate(const YamlCursor& c, const api::ObjectRef& object) {
  base::Ref<api::Object> copy = api::clone(*object);
  auto* meta = static_cast<api::ObjectMeta*>(api::edit_value(*copy));
  if (copy->kind().namespaced && meta->namespace_.empty()) meta->namespace_ = "default";
  if (copy->kind_id() == api::KindId::kJob) fill_job_selector(*static_cast<api::Job*>(api::edit_value(*copy)));
  if (copy->kind_id() == api::KindId::kService) fill_cluster_ips(*static_cast<api::Service*>(api::edit_value(*copy)));
  const auto errors = api::validate_create(*copy);
  if (!errors.empty()) fail_at_path(c, errors[0].field, errors[0].body());
}

}  // namespace

std::string yaml_to_json(const YamlCursor& c) {
  std::string out;
  append_json(c, out, 0);
  return out;
}

std::vector<api::ObjectRef> load_manifest(const YamlCursor& manifest) {
  if (!manifest.is_map()) manifest.fail("must be a manifest: a map with apiVersion and kind");
  if (manifest.has("kind") && manifest.at("kind").text() == "List") {
    manifest.keys({"apiVersion", "kind", "metadata", "items"});
    std::vector<api::ObjectRef> out;
    for (const YamlCursor& item : manifest.at("items").items())
      for (api::ObjectRef& o : load_manifest(item)) out.push_back(std::move(o));
    return out;
  }
  api::ObjectRef object = read_one(manifest);
  validate(manifest, object);
  return {object};
}

std::vector<api::ObjectRef> load_manifest_file(const std::string& file, const YamlCursor& named_by, std::uint64_t* file_hash) {
  const std::string text = read_text_file(file, named_by.file(), named_by.line());
  if (file_hash) *file_hash = base::combine64(*file_hash, base::hash_bytes(text));
  std::vector<api::ObjectRef> out;
  for (const YAML::Node& document : read_yaml_documents(text, file)) {
    if (document.IsNull()) continue;
    for (api::ObjectRef& o : load_manifest(YamlCursor(document, file))) out.push_back(std::move(o));
  }
  if (out.empty()) throw InputError{file, 0, "", "has no manifest"};
  return out;
}

std::vector<api::ObjectRef> load_manifest_block(const YamlCursor& block, std::uint64_t* file_hash) {
  if (block.has("manifest") == block.has("file")) block.fail("needs exactly one of manifest, file");
  std::vector<api::ObjectRef> objects;
  if (block.has("file")) {
    const YamlCursor name = block.at("file");
    objects = load_manifest_file(beside(block.file(), name.text()), name, file_hash);
  } else {
    objects = load_manifest(block.at("manifest"));
  }
  return in_namespace(std::move(objects), block.text_or("namespace", "default"));
}

std::vector<api::ObjectRef> in_namespace(std::vector<api::ObjectRef> objects, const std::string& ns) {
  for (api::ObjectRef& o : objects) {
    if (!o->kind().namespaced || !o->meta().namespace_.empty()) continue;
    base::Ref<api::Object> copy = api::clone(*o);
    static_cast<api::ObjectMeta*>(api::edit_value(*copy))->namespace_ = ns;
    o = copy;
  }
  return objects;
}

std::string beside(const std::string& from, const std::string& file) {
  if (!file.empty() && file[0] == '/') return file;
  const std::size_t slash = from.rfind('/');
  return slash == std::string::npos ? file : from.substr(0, slash + 1) + file;
}

}  // namespace orrery::scenarios
