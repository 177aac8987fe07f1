#include "nodes/kubelet/csi_node_writer.h"

#include <algorithm>

#include "model/api/csi_node.h"
#include "nodes/kubelet/node_values.h"

namespace orrery::kubelet {
namespace {

constexpr base::Nanos kRetryFirst = 10 * base::kMillisecond, kRetryMax = 5 * base::kSecond;

using Answer = client::ApiResult<base::Ref<const api::ApiResponse>>;

base::Ref<api::ApiRequest> request(api::Verb verb, const Str& name) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = verb;
  r->kind = api::KindId::kCSINode;
  r->name = name;
  return r;
}

api::CSINodeSpec spec_of(const KubeletConfig& config) {
  api::CSINodeSpec spec;
  for (const auto& [driver, limit] : config.volume_limits) spec.drivers.push_back(api::limited_driver(driver, config.node_name, limit));
  return spec;
}

}  // namespace

void CsiNodeWriter::start(const api::ObjectRef& node) {
  if (config_.volume_limits.empty()) return;
  node_ = node;
  create();
}

void CsiNodeWriter::create() {
  api::CSINode csi;
  csi.metadata.name = config_.node_name;
  csi.metadata.owner_references.push_back(owned_by(*node_));
  csi.spec = spec_of(config_);
  auto r = request(api::Verb::kCreate, config_.node_name);
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(csi));
  client_.call(std::move(r), [this, token = liveness_.token()](const Answer& answer) {
    if (!token.alive() || answer) return;
    if (answer.error().already_exists()) read();
    else retry();
  });
}

void CsiNodeWriter::read() {
  client_.call(request(api::Verb::kGet, config_.node_name), [this, token = liveness_.token()](const Answer& answer) {
    if (!token.alive()) return;
    if (answer) correct((*answer)->object);
    else retry();
  });
}

void CsiNodeWriter::correct(const api::ObjectRef& existing) {
  api::CSINode next = existing->as<api::CSINode>();
  const api::CSINodeSpec wanted = spec_of(config_);
  if (api::deep_equal(*next.spec, wanted)) return;
  next.spec = wanted;
  auto r = request(api::Verb::kUpdate, config_.node_name);
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(next));
  client_.call(std::move(r), [this, token = liveness_.token()](const Answer& answer) {
    if (token.alive() && !answer) retry();
  });
}

void CsiNodeWriter::retry() {
  delay_ = delay_ == 0 ? kRetryFirst : std::min(kRetryMax, 2 * delay_);
  env_.timers.after(delay_, [this, token = liveness_.token()] {
    if (token.alive()) create();
  });
}

}  // namespace orrery::kubelet
