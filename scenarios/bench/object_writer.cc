#include "scenarios/bench/object_writer.h"

#include "model/base/str.h"

namespace orrery::scenarios::bench {
namespace {

constexpr base::Nanos kWriterPatience = 10 * base::kMinute;

bool may_pass(const client::ApiError& e, bool removes) {
  return e.code == 0 || e.code == 429 || e.code >= 500 || e.conflict() || (e.code == 403 && !removes);
}

}  // namespace

ObjectWriter::ObjectWriter(env::Environment& env, client::ClientConfig config, Refused refused)
    : env_(env), client_(env, std::move(config)), refused_(std::move(refused)), tasks_(env.trampoline) {}

void ObjectWriter::add(Job job, bool first) {
  jobs_.insert(first ? jobs_.begin() : jobs_.end(), std::move(job));
  if (working_ == kParallel) return;
  ++working_;
  tasks_.spawn(work());
}

env::Task<> ObjectWriter::work() {
  while (!jobs_.empty()) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    const base::Instant give_up = env_.clock.now() + kWriterPatience;
    while (true) {
      const auto outcome = co_await attempt(job);
      if (outcome.ok()) break;
      if (may_pass(outcome.error(), job.removes) && env_.clock.now() < give_up) {
        co_await env::sleep(env_, base::kSecond);
        continue;
      }
      refused_(job.object, base::cat(job.removes ? "delete " : "create ", job.object->kind().kind, " ", api::key_of(job.object->meta()), ": ",
                                     outcome.error().message));
      break;
    }
  }
  --working_;
}

env::Task<client::ApiResult<base::Unit>> ObjectWriter::attempt(Job job) {
  const api::ObjectMeta& meta = job.object->meta();
  if (job.removes) {
    const auto removed = co_await client_.remove(job.object->kind_id(), meta.namespace_, meta.name);
    if (!removed && !removed.error().not_found()) co_return removed.error();
  } else {
    const auto created = co_await client_.create(job.object);
    if (!created && !created.error().already_exists()) co_return created.error();
  }
  co_return base::Unit{};
}

}  // namespace orrery::scenarios::bench
