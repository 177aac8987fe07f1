#include "control/store/kv.h"

namespace orrery::store {

base::Ref<const ControlRequest> control_request(ControlKind kind, std::int64_t id, std::int64_t number) {
  auto r = base::make_ref<ControlRequest>();
  r->kind = kind;
  r->id = id;
  r->number = number;
  return r;
}

base::Ref<const RangeRequest> range_request(Str key, Str end, Revision revision, std::int64_t limit) {
  auto r = base::make_ref<RangeRequest>();
  r->key = std::move(key);
  r->end = std::move(end);
  r->revision = revision;
  r->limit = limit;
  return r;
}

Compare compare_mod(Str key, Revision revision) {
  Compare c;
  c.key = std::move(key);
  c.operand = revision;
  return c;
}

Op put_op(Str key, env::BodyRef value, LeaseId lease) {
  Op op;
  op.kind = OpKind::kPut;
  op.key = std::move(key);
  op.value = std::move(value);
  op.lease = lease;
  return op;
}

Op delete_op(Str key) {
  Op op;
  op.kind = OpKind::kDelete;
  op.key = std::move(key);
  return op;
}

Op range_op(Str key) {
  Op op;
  op.key = std::move(key);
  return op;
}

}  // namespace orrery::store
