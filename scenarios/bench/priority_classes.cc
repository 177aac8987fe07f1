#include "scenarios/bench/priority_classes.h"

#include "model/api/priority_class.h"
#include "model/base/str.h"

namespace orrery::scenarios::bench {
namespace {

base::Str class_name(std::int32_t value) {
  const std::int64_t amount = value;
  return amount < 0 ? base::cat("priority-minus-", std::to_string(-amount)) : base::cat("priority-", std::to_string(amount));
}

}  // namespace

api::ObjectRef make_priority_class(std::int32_t value) {
  api::PriorityClass out;
  out.metadata.name = class_name(value);
  out.value = value;
  return api::make_object(std::move(out));
}

api::ObjectRef with_class(const api::ObjectRef& object) {
  if (object->kind_id() != api::KindId::kPod || !object->as<api::Pod>().spec->priority) return object;
  api::Pod pod = object->as<api::Pod>();
  name_priority(pod);
  return api::make_object(std::move(pod));
}

std::int32_t name_priority(api::Pod& pod) {
  const std::int32_t value = pod.spec->priority.value_or(0);
  if (!pod.spec->priority) return 0;
  api::PodSpec& spec = pod.spec.edit();
  spec.priority.reset();
  if (value != 0) spec.priority_class_name = class_name(value);
  return value;
}

}  // namespace orrery::scenarios::bench
