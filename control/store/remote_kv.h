// RemoteKv: a client of the store's members over the network.
#pragma once
#include <vector>

#include "control/store/kv.h"
#include "model/env/environment.h"

namespace orrery::store {

struct RemoteKvConfig {
  /// Members in order of preference. kubeadm gives an apiserver its local one only.
  std::vector<env::Address> endpoints;
  /// Members answer within 7 s, also to say that they could not; this bounds silence.
  base::Nanos timeout = 10 * base::kSecond;
};

/// An endpoint that certainly did not take a request is left for the next one, once around; reads also when
/// the outcome is unknown. Lives until its process incarnation ends.
class RemoteKv final : public Kv {
 public:
  RemoteKv(env::Environment& env, RemoteKvConfig config);

  void txn(base::Ref<TxnRequest> request, Done<TxnReplyRef> done) override;
  void range(base::Ref<const RangeRequest> request, Done<RangeReplyRef> done) override;
  void control(base::Ref<const ControlRequest> request, Done<ControlReplyRef> done) override;
  std::unique_ptr<Watch> watch(base::Ref<const WatchRequest> request, WatchHandlers handlers) override;

 private:
  template <class Reply, class Request>
  void call(base::Ref<const Request> request, bool read, std::size_t tried,
            Done<base::Ref<const Reply>> done);
  void record_txn(const TxnRequest& request, const base::Result<TxnReplyRef>* answer);
  /// Null: at invocation.
  void record_range(const RangeRequest& request, std::uint64_t id, const base::Result<RangeReplyRef>* answer);

  env::Environment& env_;
  RemoteKvConfig config_;
  std::vector<env::Peer> peers_;
  std::size_t current_ = 0;
  std::uint64_t id_base_;
  std::uint64_t next_id_ = 1, next_read_ = 1;
};

}  // namespace orrery::store
