#include "scenarios/bench/load_operations.h"

#include "model/base/str.h"
#include "scenarios/load/load_manifest.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using Kind = Operation::Kind;

constexpr std::int64_t kMaxCount = 1'000'000;

api::ObjectRef template_of(const YamlCursor& c, const Templates& templates, api::KindId kind = api::KindId::kNone) {
  const std::string name = c.text();
  const auto at = templates.objects.find(name);
  if (at == templates.objects.end()) {
    std::string known;
    for (const auto& [n, object] : templates.objects) known += cat(known.empty() ? "" : ", ", n);
    c.fail(cat("\"", name, "\" is not a template of the file (", known.empty() ? "it has none" : known, ")"));
  }
  if (kind != api::KindId::kNone && at->second->kind_id() != kind) {
    c.fail(cat("template \"", name, "\" is a ", at->second->kind().kind, "; a ", api::kind_of(kind).kind, " is wanted"));
  }
  return at->second;
}

std::int64_t count_of(const YamlCursor& c, const char* key, std::int64_t otherwise) { return c.integer_or(key, otherwise, 1, kMaxCount); }

void load_nodes(const YamlCursor& c, Operation& out) {
  c.keys({"create", "count", "label", "values", "volumeLimits"});
  out.kind = Kind::kNodes;
  if (c.has("label") != c.has("values")) c.fail("label and values go together");
  if (c.has("label")) {
    out.label = c.at("label").text();
    for (const std::string& v : c.at("values").texts()) out.values.push_back(v);
  }
  if (!c.has("volumeLimits")) return;
  for (const auto& [driver, limit] : c.at("volumeLimits").entries()) out.volume_limits.emplace_back(driver, limit.integer(0, kMaxCount));
}

/// namespace: NAME, or namespaces: PREFIX with each: N.
void load_where(const YamlCursor& c, Operation& out) {
  if (c.has("namespace") && c.has("namespaces")) c.fail("must name namespace or namespaces, not both");
  if (!c.has("namespaces")) {
    out.namespaces.push_back(c.text_or("namespace", "default"));
    return;
  }
  const std::int64_t each = c.at("each").integer(1, kMaxCount);
  for (std::int64_t i = 0; i < each; ++i) out.namespaces.push_back(cat(c.at("namespaces").text(), "-", std::to_string(i)));
}

void load_pods(const YamlCursor& c, const Templates& templates, Operation& out) {
  c.keys({"create", "count", "namespace", "namespaces", "each", "volume", "claim", "measured"});
  out.kind = Kind::kPods;
  load_where(c, out);
  out.measured = c.boolean_or("measured", false);
  if (c.has("volume") != c.has("claim")) c.fail("volume and claim go together");
  if (!c.has("volume")) return;
  out.volume = template_of(c.at("volume"), templates, api::KindId::kPersistentVolume);
  out.claim = template_of(c.at("claim"), templates, api::KindId::kPersistentVolumeClaim);
}

void load_churn(const YamlCursor& c, const Templates& templates, Operation& out) {
  c.keys({"churn", "every", "keep"});
  out.kind = Kind::kChurn;
  for (const YamlCursor& item : c.at("churn").items()) out.objects.push_back(template_of(item, templates));
  if (out.objects.empty()) c.at("churn").fail("names no template");
  out.every = c.at("every").duration();
  if (out.every <= 0) c.at("every").fail("must be above 0");
  out.keep = c.integer_or("keep", 0, 1, kMaxCount);
}

Operation load_operation(const YamlCursor& c, const Templates& templates) {
  Operation out;
  if (c.has("churn")) {
    load_churn(c, templates, out);
    return out;
  }
  out.objects.push_back(template_of(c.at("create"), templates));
  out.count = count_of(c, "count", 1);
  switch (out.objects[0]->kind_id()) {
    case api::KindId::kNode: load_nodes(c, out); break;
    case api::KindId::kPod: load_pods(c, templates, out); break;
    case api::KindId::kNamespace:
      c.keys({"create", "count", "prefix"});
      out.kind = Kind::kNamespaces;
      out.prefix = c.at("prefix").text();
      break;
    default:
      c.keys({"create", "count", "namespace", "namespaces", "each"});
      out.kind = Kind::kObjects;
      load_where(c, out);
  }
  return out;
}

}  // namespace

Templates load_templates(const YamlCursor& c) {
  Templates out;
  out.source = YAML::Dump(c.node());
  for (const auto& [name, manifest] : c.entries()) {
    const std::vector<api::ObjectRef> objects = load_manifest(manifest);
    if (objects.size() != 1) manifest.fail("must be one manifest");
    out.objects[name] = objects[0];
  }
  return out;
}

OperationsSpec load_operations(const YamlCursor& c, const Templates& templates) {
  c.keys({"format", "name", "workload", "thresholds", "operations"});
  OperationsSpec out;
  out.workload = c.text_or("workload", "");
  bool measured = false;
  for (const YamlCursor& item : c.at("operations").items()) {
    out.operations.push_back(load_operation(item, templates));
    measured = measured || out.operations.back().measured;
  }
  if (!measured) c.at("operations").fail("creates no pods with `measured: true`");
  return out;
}

}  // namespace orrery::scenarios::bench
