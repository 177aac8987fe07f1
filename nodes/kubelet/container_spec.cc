#include "nodes/kubelet/container_spec.h"

#include <algorithm>

#include "model/api/config_map.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

using Variables = std::vector<env::EnvVar>;

void set(Variables& all, const Str& name, Str value) {
  for (env::EnvVar& v : all) {
    if (v.name == name) {
      v.value = std::move(value);
      return;
    }
  }
  all.push_back({name, std::move(value)});
}

class EnvironmentBuilder {
 public:
  explicit EnvironmentBuilder(const ContainerSpecInput& in) : in_(in) {}

  base::Status build() {
    for (const api::EnvFromSource& e : in_.container.env_from) add_all(e);
    for (const api::EnvVar& e : in_.container.env) {
      const base::Status added = add(e);
      if (!added) return added;
    }
    return base::ok_status();
  }
  Variables take() { return std::move(variables_); }
  const Variables& variables() const { return variables_; }

 private:
  api::ObjectRef object(api::KindId kind, const Str& name) const {
    for (std::size_t i = 0; i < in_.references.size() && i < in_.objects.size(); ++i) {
      if (in_.references[i].kind == kind && in_.references[i].name == name) return in_.objects[i];
    }
    return {};
  }
  void add_all(const api::EnvFromSource& from) {
    if (from.config_map_ref) {
      if (const api::ObjectRef o = object(api::KindId::kConfigMap, from.config_map_ref->ref.name)) {
        for (const auto& [key, value] : o->as<api::ConfigMap>().data) set(variables_, base::cat(from.prefix, key), value);
      }
    }
    if (from.secret_ref) {
      if (const api::ObjectRef o = object(api::KindId::kSecret, from.secret_ref->ref.name)) {
        for (const auto& [key, value] : o->as<api::Secret>().data) set(variables_, base::cat(from.prefix, key), value.data);
      }
    }
  }
  base::Status add(const api::EnvVar& e) {
    if (!e.value_from) {
      set(variables_, e.name, expand_variables(e.value, variables_));
      return base::ok_status();
    }
    const api::EnvVarSource& from = *e.value_from;
    if (from.field_ref) set(variables_, e.name, field(from.field_ref->field_path));
    if (from.config_map_key_ref) {
      const auto& r = *from.config_map_key_ref;
      const api::ObjectRef o = object(api::KindId::kConfigMap, r.ref.name);
      const Str* value = o ? o->as<api::ConfigMap>().data.find(r.key) : nullptr;
      return add_key(e.name, value, r.key, "ConfigMap", r.ref.name, r.optional.value_or(false));
    }
    if (from.secret_key_ref) {
      const auto& r = *from.secret_key_ref;
      const api::ObjectRef o = object(api::KindId::kSecret, r.ref.name);
      const api::Bytes* value = o ? o->as<api::Secret>().data.find(r.key) : nullptr;
      return add_key(e.name, value ? &value->data : nullptr, r.key, "Secret", r.ref.name, r.optional.value_or(false));
    }
    return base::ok_status();
  }
  base::Status add_key(const Str& name, const Str* value, const Str& key, const char* kind, const Str& object_name, bool optional) {
    if (value) {
      set(variables_, name, *value);
    } else if (!optional) {
      return base::invalid(base::cat("couldn't find key ", key, " in ", kind, " ", in_.pod.metadata.namespace_, "/", object_name));
    }
    return base::ok_status();
  }
  Str field(std::string_view path) const {
    const api::ObjectMeta& meta = in_.pod.metadata;
    if (path == "metadata.name") return meta.name;
    if (path == "metadata.namespace") return meta.namespace_;
    if (path == "metadata.uid") return meta.uid;
    if (path == "spec.nodeName") return in_.node_name;
    if (path == "spec.serviceAccountName") return in_.pod.spec->service_account_name;
    if (path == "status.hostIP" || path == "status.hostIPs") return in_.host_ip;
    if (path == "status.podIP" || path == "status.podIPs") return in_.pod_ip;
    const std::size_t open = path.find("['");
    if (open == path.npos || path.size() < open + 4) return {};
    const std::string_view key = path.substr(open + 2, path.size() - open - 4);
    if (path.substr(0, open) == "metadata.labels") return meta.labels.get(key);
    if (path.substr(0, open) == "metadata.annotations") return meta.annotations.get(key);
    return {};
  }

  const ContainerSpecInput& in_;
  Variables variables_;
};

base::List<Str> expanded(const base::List<Str>& words, const Variables& variables) {
  const bool plain = std::none_of(words.begin(), words.end(), [](const Str& w) { return w.view().find('$') != std::string_view::npos; });
  if (plain) return words;
  std::vector<Str> out;
  for (const Str& w : words) out.emplace_back(expand_variables(w, variables));
  return out;
}

}  // namespace

std::string expand_variables(std::string_view text, const Variables& variables) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const std::size_t close = text[i + 1] == '(' ? text.find(')', i + 2) : text.npos;
    if (text[i + 1] == '$') {
      out += '$';
      ++i;
    } else if (close != text.npos) {
      const std::string_view name = text.substr(i + 2, close - i - 2);
      const auto it = std::find_if(variables.begin(), variables.end(), [&](const env::EnvVar& v) { return v.name == name; });
      if (it != variables.end()) out += it->value.view();
      else out += text.substr(i, close - i + 1);
      i = close;
    } else {
      out += '$';
    }
  }
  return out;
}

base::Result<env::ContainerSpec> container_spec(const ContainerSpecInput& in) {
  env::ContainerSpec spec;
  spec.name = in.container.name;
  spec.type = in.type;
  spec.attempt = in.attempt;
  spec.image = in.container.image;
  spec.working_dir = in.container.working_dir;
  spec.resources = container_resources(in.pod, in.container, in.memory_capacity_bytes);
  spec.command = in.container.command;
  spec.args = in.container.args;
  spec.labels = in.pod.metadata.labels;
  if (in.container.env.empty() && in.container.env_from.empty()) return spec;
  EnvironmentBuilder builder(in);
  const base::Status built = builder.build();
  if (!built) return built.error();
  spec.command = expanded(in.container.command, builder.variables());
  spec.args = expanded(in.container.args, builder.variables());
  spec.env = builder.take();
  return spec;
}

bool definition_changed(const api::Container& before, const api::Container& after) { return !(before.image == after.image); }

}  // namespace orrery::kubelet
