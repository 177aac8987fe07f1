#include "scenarios/whatif/pod_argument.h"

#include <algorithm>
#include <filesystem>

#include "control/apiserver/pod_admission.h"
#include "model/api/defaults/defaults.h"
#include "model/api/validation/validation.h"
#include "model/codec/json_read.h"
#include "scenarios/load/culprit.h"
#include "scenarios/load/input_error.h"
#include "scenarios/whatif/documents.h"

namespace orrery::scenarios::whatif {
namespace {

using base::cat;
using base::Str;
using codec::JsonValue;

/// Priorities that every cluster has, dumped or not.
constexpr std::pair<std::string_view, std::int32_t> kSystemPriorities[] = {{"system-cluster-critical", 2'000'000'000},
                                                                          {"system-node-critical", 2'000'001'000}};

/// Admits a manifest that the API has not seen.
class Admitter {
 public:
  Admitter(const ClusterDump& dump, const std::string& file, const Document& document)
      : dump_(dump), file_(file), document_(document) {}

  void admit(api::Pod& pod) {
    if (pod.spec->runtime_class_name) take_runtime_class(pod);
    for (const JsonValue& range : dump_.limit_ranges) {
      if (range["metadata"]["namespace"].text_or("default") == pod.metadata.namespace_.view()) take_limit_range(pod, range);
    }
    take_priority(pod);
    apiserver::add_tolerations(pod, apiserver::default_tolerations());
    apiserver::merge_affinity_label_keys(pod);
  }

 private:
  [[noreturn]] void fail(const std::string& field, const std::string& what) { fail_in(file_, document_, field, what); }

  void take_priority(api::Pod& pod) {
    const Str& wanted = pod.spec->priority_class_name;
    if (wanted.empty() && pod.spec->priority) return;   // as a pod that somebody took from a cluster
    api::Handle<api::PriorityClass> found;
    const api::PriorityClass* chosen = nullptr;
    for (const api::ObjectRef& o : dump_.objects) {
      if (o->kind_id() != api::KindId::kPriorityClass) continue;
      const auto& c = o->as<api::PriorityClass>();
      if (apiserver::is_better_priority_class(wanted, c, chosen)) chosen = &c;
    }
    api::PriorityClass system;
    for (const auto& [name, value] : kSystemPriorities) {
      if (chosen || !(wanted == name)) continue;
      system.metadata.name = name;
      system.value = value;
      chosen = &system;
    }
    if (!wanted.empty() && !chosen) {
      fail("spec.priorityClassName", cat("no PriorityClass with name ", wanted, " in ", dump_.file, " (dump priorityclasses, too)"));
    }
    if (const apiserver::Failure refused = apiserver::set_priority(pod, chosen)) fail("spec.priority", refused->message.str());
  }

  /// What containers do not say themselves.
  static void take_limit_range(api::Pod& pod, const JsonValue& range) {
    const auto fill = [](const JsonValue& amounts, api::ResourceList& list) {
      for (const codec::JsonMember& m : amounts.members()) {
        const auto amount = api::Quantity::parse_json(m.value.dump());
        if (amount.ok() && !list.contains(m.key)) list.set(m.key, *amount);
      }
    };
    for (const JsonValue& limit : range["spec"]["limits"].items()) {
      if (limit["type"].text_or("") != "Container") continue;
      api::PodSpec& spec = pod.spec.edit();
      for (api::List<api::Container>* list : {&spec.init_containers, &spec.containers}) {
        for (std::size_t i = 0; i < list->size(); ++i) {
          api::Container& c = list->edit()[i];
          fill(limit["default"], c.resources.limits);
          fill(limit["defaultRequest"], c.resources.requests);
        }
      }
    }
  }

  void take_runtime_class(api::Pod& pod) {
    const Str& name = *pod.spec->runtime_class_name;
    const auto& all = dump_.runtime_classes;
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const JsonValue& c) { return c["metadata"]["name"].text_or("") == name.view(); });
    if (at == all.end()) {
      if (!pod.spec->overhead.empty()) return;
      fail("spec.runtimeClassName", cat("no RuntimeClass with name ", name, " in ", dump_.file, " (dump runtimeclasses, too)"));
    }
    api::PodSpec& spec = pod.spec.edit();
    for (const codec::JsonMember& m : (*at)["overhead"]["podFixed"].members()) {
      const auto amount = api::Quantity::parse_json(m.value.dump());
      if (amount.ok()) spec.overhead.set(m.key, *amount);
    }
    for (const codec::JsonMember& m : (*at)["scheduling"]["nodeSelector"].members()) {
      const Str* own = spec.node_selector.find(m.key);
      if (own && !(*own == m.value.str())) {
        fail("spec.nodeSelector", cat("conflict: RuntimeClass ", name, " wants ", m.key, "=", m.value.str()));
      }
      spec.node_selector.set(m.key, m.value.str());
    }
    for (const JsonValue& t : (*at)["scheduling"]["tolerations"].items()) {
      auto toleration = codec::from_json<api::Toleration>(t.dump());
      if (toleration.ok()) spec.tolerations.push_back(std::move(*toleration));
    }
  }

  const ClusterDump& dump_;
  const std::string& file_;
  const Document& document_;
};

/// Off its node, as a pod that is to be scheduled.
PodArgument pending(const api::ObjectRef& object, const std::string& who) {
  const api::Pod& pod = object->as<api::Pod>();
  const Str& phase = pod.status->phase;
  const auto refuse = [&](const char* field, const std::string& why) {
    throw InputError{who, 0, field, cat(why, "; it will not be scheduled again")};
  };
  if (phase == "Succeeded" || phase == "Failed") refuse("status.phase", cat("the pod has ended (", phase, ")"));
  if (pod.metadata.deleting()) refuse("metadata.deletionTimestamp", "the pod is being deleted");
  if (pod.spec->node_name.empty()) return {object, {}};
  PodArgument out{{}, pod.spec->node_name};
  api::Pod free = pod;
  free.spec.edit().node_name = Str();
  out.pod = api::make_object(std::move(free));
  return out;
}

PodArgument pod_of_dump(const ClusterDump& dump, const std::string& argument) {
  const std::size_t slash = argument.find('/');
  const std::string ns = slash == argument.npos ? "" : argument.substr(0, slash);
  const std::string name = slash == argument.npos ? argument : argument.substr(slash + 1);
  std::vector<api::ObjectRef> found;
  for (const api::ObjectRef& o : dump.objects) {
    if (o->kind_id() == api::KindId::kPod && o->meta().name == name && (ns.empty() || o->meta().namespace_ == ns)) found.push_back(o);
  }
  if (found.size() > 1) {
    const auto home = std::find_if(found.begin(), found.end(), [](const api::ObjectRef& o) { return o->meta().namespace_ == "default"; });
    if (home == found.end()) {
      throw InputError{"--pod", 0, "", cat("\"", name, "\" is in ", std::to_string(found.size()), " namespaces of ", dump.file,
                                          "; write NAMESPACE/", name)};
    }
    found = {*home};
  }
  if (found.empty()) throw InputError{"--pod", 0, "", cat("\"", argument, "\" is neither a file nor a pod of ", dump.file)};
  return pending(found[0], cat(dump.file, ": pod ", api::key_of(found[0]->meta())));
}

}  // namespace

PodArgument read_pod(const ClusterDump& dump, const std::string& file, std::string_view text) {
  const std::vector<Document> documents = read_documents(file, text);
  const Document& d = documents.front();
  if (documents.size() > 1) fail_in(file, documents[1], "", "is a second object; one Pod is wanted");
  if (d.kind != "Pod" || d.api_version != "v1") fail_in(file, d, "kind", cat("is ", d.api_version, " ", d.kind, "; a v1 Pod is wanted"));
  const bool admitted = !d.value["metadata"]["uid"].text_or("").empty();
  codec::ReadOptions options;
  if (!admitted) options.validation = api::FieldValidation::kStrict;
  const std::string json = d.value.dump();
  auto object = codec::read_object_as(api::kind_of(api::KindId::kPod), json, options);
  if (!object.ok()) {
    const std::string& message = object.error().message;
    const std::string field = quoted_path(message);
    fail_in(file, d, message.find("unknown field") != message.npos && !field.empty() ? field : culprit_of(json, message, options), message);
  }
  const base::Ref<api::Object> o = std::move(*object);
  api::Pod& pod = *static_cast<api::Pod*>(api::edit_value(*o));
  if (pod.metadata.namespace_.empty()) pod.metadata.namespace_ = "default";
  if (pod.metadata.name.empty() && !pod.metadata.generate_name.empty()) pod.metadata.name = cat(pod.metadata.generate_name, "00000");
  api::apply_defaults(pod);
  if (!admitted) {
    Admitter(dump, file, d).admit(pod);
    pod.metadata.uid = cat("of ", api::key_of(pod.metadata));
    const api::ErrorList errors = api::validate_create(*o);
    if (!errors.empty()) fail_in(file, d, errors[0].field, errors[0].body());
  }
  return pending(o, file);
}

PodArgument find_pod(const ClusterDump& dump, const std::string& argument) {
  std::error_code ignored;
  if (argument != "-" && !std::filesystem::is_regular_file(argument, ignored)) return pod_of_dump(dump, argument);
  if (argument == "-" && dump.file == "stdin") throw InputError{"--pod", 0, "", "standard input holds the dump already"};
  return read_pod(dump, argument == "-" ? "stdin" : argument, read_input(argument));
}

}  // namespace orrery::scenarios::whatif
