#include "control/store/messages.h"

#include "model/base/check.h"

namespace orrery::store {
const env::BodyType TxnRequest::kType{110, "store.txn", &TxnRequest::decode};
const env::BodyType RangeRequest::kType{111, "store.range", &RangeRequest::decode};
const env::BodyType ControlRequest::kType{112, "store.control", &ControlRequest::decode};
const env::BodyType TxnReply::kType{113, "store.txn-reply", &TxnReply::decode};
const env::BodyType RangeReply::kType{114, "store.range-reply", &RangeReply::decode};
const env::BodyType ControlReply::kType{115, "store.control-reply", &ControlReply::decode};
const env::BodyType WatchRequest::kType{116, "store.watch", &WatchRequest::decode};
const env::BodyType WatchReply::kType{117, "store.watch-reply", &WatchReply::decode};
const env::BodyType ProgressRequest::kType{118, "store.progress", &ProgressRequest::decode};
const env::BodyType Proposal::kType{102, "store.proposal", &Proposal::decode};
const env::BodyType RaftMessage::kType{103, "store.raft", &RaftMessage::decode};

Str prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  ORRERY_CHECK(!end.empty(), "prefix without an end");
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return Str(end);
}

}  // namespace orrery::store
