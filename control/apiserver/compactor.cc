#include "control/apiserver/compactor.h"

#include "model/api/config_map.h"
#include "model/api/object.h"

namespace orrery::apiserver {

namespace {
constexpr const char* kKey = "compact_rev_key";
}  // namespace

void Compactor::start() {
  if (interval_ == 0) return;
  env_.timers.after(interval_, [this, alive = live_.token()] {
    if (!alive.alive()) return;
    tick();
    start();
  });
}

void Compactor::tick() {
  auto txn = base::make_ref<store::TxnRequest>();
  store::Compare mine;
  mine.key = kKey;
  mine.target = store::CompareTarget::kVersion;
  mine.operand = version_;
  txn->compares.push_back(mine);
  api::ConfigMap record;
  record.metadata.name = kKey;
  record.data.set("revision", std::to_string(revision_));
  txn->then.push_back(store::put_op(kKey, api::make_object(std::move(record))));
  txn->otherwise.push_back(store::range_op(kKey));
  kv_.txn(std::move(txn), [this, alive = live_.token()](base::Result<store::TxnReplyRef> r) {
    if (!alive.alive() || !r.ok()) return;
    const store::TxnReply& reply = **r;
    if (!reply.succeeded) {
      // Another apiserver did this round.
      if (!reply.results.empty() && !reply.results.front().kvs.empty()) {
        version_ = reply.results.front().kvs.front().version;
      }
      revision_ = reply.revision;
      return;
    }
    ++version_;
    const std::int64_t to = revision_;
    revision_ = reply.revision;
    if (to == 0) return;
    kv_.control(store::control_request(store::ControlKind::kCompact, 0, to),
                [](base::Result<store::ControlReplyRef>) {});
  });
}

}  // namespace orrery::apiserver
