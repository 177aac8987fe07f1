#include "control/scheduler/plugins/default_binder.h"

namespace orrery::scheduler {

env::Task<Status> DefaultBinder::bind(CycleState*, PodInfoRef pod, Str node) const {
  if (!client_) co_return Status();
  const api::ObjectMeta& meta = pod->meta();
  api::Binding binding;
  binding.metadata.namespace_ = meta.namespace_;
  binding.metadata.name = meta.name;
  binding.metadata.uid = meta.uid;
  if (!pod->gpu_indices.empty()) binding.metadata.annotations.set(kGpuIndex, gpu_index_text(pod->gpu_indices));
  binding.target.kind = "Node";
  binding.target.name = node;
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kCreate;
  request->kind = api::KindId::kPod;
  request->subresource = "binding";
  request->namespace_ = meta.namespace_;
  request->name = meta.name;
  request->format = api::BodyFormat::kHandle;
  request->object = api::make_object(std::move(binding));
  const auto answer = co_await client_->ask(std::move(request));
  if (!answer) co_return Status(Code::kError, name(), answer.error().message);
  co_return Status();
}

}  // namespace orrery::scheduler
