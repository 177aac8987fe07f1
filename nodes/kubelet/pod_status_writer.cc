#include "nodes/kubelet/pod_status_writer.h"

#include "model/history/record.h"
#include "nodes/kubelet/pod_worker.h"

namespace orrery::kubelet {
namespace {

base::Ref<api::ApiRequest> request_for(api::Verb verb, const api::ObjectMeta& pod) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = verb;
  r->kind = api::KindId::kPod;
  r->namespace_ = pod.namespace_;
  r->name = pod.name;
  return r;
}

}  // namespace

PodStatusWriter::PodStatusWriter(PodHost& host, PodHandle pod, PodWorker& owner, base::UniqueFunction<void()> recompute)
    : host_(host), pod_(std::move(pod)), status_(pod_->status), owner_(owner), recompute_(std::move(recompute)) {}

void PodStatusWriter::observe(const PodHandle& pod) {
  if (!(pod->metadata.uid == pod_->metadata.uid)) return;
  if (pod.object()->revision() >= pod_.object()->revision()) pod_ = pod;
}

void PodStatusWriter::report(api::PodStatus status) {
  const bool same = api::deep_equal(status, *status_);
  const bool first = !decided_;
  decided_ = true;
  if (!same || first) newer_ = true;
  if (!same) status_ = std::move(status);
  pump();
}

bool PodStatusWriter::differs() const { return !status_.shares(pod_->status) && !api::deep_equal(*status_, *pod_->status); }

void PodStatusWriter::confirm_removal() {
  remove_ = true;
  pump();
}

void PodStatusWriter::pump() {
  if (busy_ || waiting_ || closed_) return;
  if (decided_) {
    if (differs()) {
      if (newer_) return write();
      // It was written and is not in the API: others have overwritten it. That waits for the regular pass.
      newer_ = true;
      return retry_after(host_.until_status_pass());
    }
    newer_ = false;
    status_ = pod_->status;
  }
  if (remove_ && pod_->metadata.deleting()) remove();
}

void PodStatusWriter::write() {
  api::Pod next = *pod_;
  next.status = status_;
  auto r = request_for(api::Verb::kUpdate, next.metadata);
  r->subresource = "status";
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(next));
  busy_ = true;
  newer_ = false;
  host_.call(std::move(r), [this, owner = base::Ref<PodWorker>(&owner_)](ApiAnswer answer) {
    busy_ = false;
    if (!closed_) written(std::move(answer));
  });
}

void PodStatusWriter::written(ApiAnswer answer) {
  if (answer) {
    if ((*answer)->object) observe(PodHandle((*answer)->object));
    return pump();
  }
  const client::ApiError& error = answer.error();
  if (error.not_found()) return;
  newer_ = true;
  if (error.code == 409) return read_again();
  if (error.code == 422 || error.code == 400) {
    if (host_.env().trace.logs(env::LogLevel::kError)) host_.env().trace.log(env::LogLevel::kError, error.message);
  }
  retry_after(host_.config().retry_period);
}

void PodStatusWriter::read_again() {
  busy_ = true;
  host_.call(request_for(api::Verb::kGet, pod_->metadata), [this, owner = base::Ref<PodWorker>(&owner_)](ApiAnswer answer) {
    busy_ = false;
    if (closed_) return;
    if (!answer) {
      if (!answer.error().not_found()) retry_after(host_.config().retry_period);
      return;
    }
    const PodHandle fresh((*answer)->object);
    if (!(fresh->metadata.uid == pod_->metadata.uid)) return;
    observe(fresh);
    recompute_();
    pump();
  });
}

void PodStatusWriter::remove() {
  auto r = request_for(api::Verb::kDelete, pod_->metadata);
  r->grace_period_seconds = 0;
  r->precondition_uid = pod_->metadata.uid;
  busy_ = true;
  host_.call(std::move(r), [this, owner = base::Ref<PodWorker>(&owner_)](ApiAnswer answer) {
    busy_ = false;
    removed(answer);
  });
}

void PodStatusWriter::removed(const ApiAnswer& answer) {
  if (!answer && !answer.error().not_found() && answer.error().code != 409) {
    if (!closed_) retry_after(host_.config().retry_period);
    return;
  }
  remove_ = false;
  if (!answer || !host_.env().trace.recording(history::RecordKind::kPodRemoved)) return;
  history::PodRemoved record;
  record.pod_namespace = pod_->metadata.namespace_;
  record.pod_name = pod_->metadata.name;
  record.pod_uid = pod_->metadata.uid;
  host_.env().trace.record(record);
}

void PodStatusWriter::retry_after(base::Nanos delay) {
  waiting_ = true;
  host_.env().timers.after(delay, [this, owner = base::Ref<PodWorker>(&owner_)] {
    waiting_ = false;
    if (!closed_) pump();
  });
}

}  // namespace orrery::kubelet
