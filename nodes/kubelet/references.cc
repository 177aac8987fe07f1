#include "nodes/kubelet/references.h"

#include "model/api/persistent_volume_claim.h"

namespace orrery::kubelet {
namespace {

constexpr base::Nanos kTtl = base::kMinute;
constexpr std::size_t kMaxCached = 1000;

void add(std::vector<Reference>& out, api::KindId kind, const Str& name, const Str& volume, std::optional<bool> optional) {
  if (optional.value_or(false)) return;
  if (kind == api::KindId::kConfigMap && name == "kube-root-ca.crt") return;
  out.push_back({kind, name, volume, false});
}

}  // namespace

std::vector<Reference> volume_references(const api::PodSpec& spec) {
  std::vector<Reference> out;
  for (const api::Volume& v : spec.volumes) {
    const api::VolumeSource& s = *v.source;
    if (s.config_map) add(out, api::KindId::kConfigMap, s.config_map->ref.name, v.name, s.config_map->optional);
    if (s.secret) add(out, api::KindId::kSecret, s.secret->secret_name, v.name, s.secret->optional);
    if (s.persistent_volume_claim) {
      add(out, api::KindId::kPersistentVolumeClaim, s.persistent_volume_claim->claim_name, v.name, {});
    }
    if (!s.projected) continue;
    for (const api::VolumeProjection& p : s.projected->sources) {
      if (p.config_map) add(out, api::KindId::kConfigMap, p.config_map->ref.name, v.name, p.config_map->optional);
      if (p.secret) add(out, api::KindId::kSecret, p.secret->ref.name, v.name, p.secret->optional);
    }
  }
  return out;
}

std::vector<Reference> env_references(const api::Container& container) {
  std::vector<Reference> out;
  for (const api::EnvFromSource& e : container.env_from) {
    if (e.config_map_ref) {
      out.push_back({api::KindId::kConfigMap, e.config_map_ref->ref.name, {}, e.config_map_ref->optional.value_or(false)});
    }
    if (e.secret_ref) {
      out.push_back({api::KindId::kSecret, e.secret_ref->ref.name, {}, e.secret_ref->optional.value_or(false)});
    }
  }
  for (const api::EnvVar& e : container.env) {
    if (!e.value_from) continue;
    if (const auto* r = e.value_from->config_map_key_ref.get()) {
      out.push_back({api::KindId::kConfigMap, r->ref.name, {}, r->optional.value_or(false)});
    }
    if (const auto* r = e.value_from->secret_key_ref.get()) {
      out.push_back({api::KindId::kSecret, r->ref.name, {}, r->optional.value_or(false)});
    }
  }
  return out;
}

Str missing_message(api::KindId kind, std::string_view name) {
  const char* what = kind == api::KindId::kConfigMap ? "configmap" : kind == api::KindId::kSecret ? "secret" : "persistentvolumeclaim";
  return base::cat(what, " \"", name, "\" not found");
}

struct ReferenceReader::Job : base::RefCounted {
  Str ns;
  std::vector<Reference> references;
  Done done;
  Found found;
  bool claims_followed = false;
  const Reference& next() const { return references[found.objects.size()]; }
};

Str ReferenceReader::key_of(const Job& job) {
  const Reference& r = job.next();
  return base::cat(api::kind_of(r.kind).plural, "/", job.ns, "/", r.name);
}

void ReferenceReader::read(Str ns, std::vector<Reference> references, Done done) {
  auto job = base::make_ref<Job>();
  job->ns = std::move(ns);
  job->references = std::move(references);
  job->done = std::move(done);
  step(std::move(job));
}

void ReferenceReader::add_volumes(Job& job) {
  job.claims_followed = true;
  const std::size_t asked = job.references.size();
  for (std::size_t i = 0; i < asked; ++i) {
    if (job.references[i].kind != api::KindId::kPersistentVolumeClaim) continue;
    const Str& name = job.found.objects[i]->as<api::PersistentVolumeClaim>().spec->volume_name;
    job.references.push_back({api::KindId::kPersistentVolume, name, job.references[i].volume, false});
  }
}

void ReferenceReader::step(base::Ref<Job> job) {
  while (job->found.objects.size() < job->references.size()) {
    const Reference& r = job->next();
    const auto it = cache_.find(key_of(*job));
    // A claim's phase is what is asked for, so it is read afresh.
    if (r.kind == api::KindId::kPersistentVolumeClaim || it == cache_.end() || env_.clock.now() - it->second.read_at > kTtl) {
      auto request = base::make_ref<api::ApiRequest>();
      request->verb = api::Verb::kGet;
      request->kind = r.kind;
      if (api::kind_of(r.kind).namespaced) request->namespace_ = job->ns;
      request->name = r.name;
      api_.call(std::move(request), [this, token = liveness_.token(), job](ApiAnswer answer) {
        if (token.alive()) answered(job, std::move(answer));
      });
      return;
    }
    job->found.objects.push_back(it->second.object);
  }
  if (!job->claims_followed) {
    add_volumes(*job);
    return step(std::move(job));
  }
  job->done(job->references, job->found);
}

void ReferenceReader::answered(base::Ref<Job> job, ApiAnswer answer) {
  const Reference& r = job->next();
  if (answer) {
    const api::ObjectRef object = (*answer)->object;
    if (r.kind == api::KindId::kPersistentVolumeClaim) {
      if (!(object->as<api::PersistentVolumeClaim>().status->phase == "Bound")) {
        job->found.missing = &r;
        job->found.error = base::cat("error processing PVC ", job->ns, "/", r.name, ": PVC is not bound");
      }
    } else {
      if (cache_.size() >= kMaxCached) cache_.clear();
      cache_[key_of(*job)] = {object, env_.clock.now()};
    }
    if (!job->found.missing) job->found.objects.push_back(object);
  } else if (answer.error().not_found() && r.optional) {
    job->found.objects.push_back({});
  } else {
    job->found.missing = &r;
    const bool claim = r.kind == api::KindId::kPersistentVolumeClaim;
    Str text = answer.error().not_found() ? missing_message(r.kind, r.name) : answer.error().message;
    if (r.kind == api::KindId::kPersistentVolume)
      text = base::cat("failed to fetch PV ", r.name, " from API server: ", answer.error().message);
    if (claim) text = base::cat("error processing PVC ", job->ns, "/", r.name, ": failed to fetch PVC from API server: ", text);
    job->found.error = text;
  }
  if (job->found.missing) return job->done(job->references, job->found);
  step(std::move(job));
}

}  // namespace orrery::kubelet
