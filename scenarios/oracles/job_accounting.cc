#include "scenarios/oracles/job_accounting.h"

#include <algorithm>

#include "model/api/job.h"
#include "scenarios/oracles/pod_facts.h"

namespace orrery::scenarios {
namespace {

bool contains(const api::List<Str>& list, const Str& v) {
  return std::find(list.begin(), list.end(), v) != list.end();
}

std::int64_t uncounted(const api::JobStatus& s, bool succeeded) {
  if (!s.uncounted_terminated_pods) return 0;
  return static_cast<std::int64_t>(succeeded ? s.uncounted_terminated_pods->succeeded.size()
                                             : s.uncounted_terminated_pods->failed.size());
}

}  // namespace

void JobAccounting::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    const KindId kind = (c.now ? c.now : c.old)->kind_id();
    if (kind == KindId::kPod) on_pod(c);
    else if (kind == KindId::kJob) on_job(c);
  }
}

void JobAccounting::on_pod(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  const Str owner = owner_uid(o, "Job");
  if (owner.empty()) return;
  if (!c.now) pods_.erase(o.meta().uid);
  Pod gone;
  Pod& pod = c.now ? pods_[o.meta().uid] : gone;
  pod.held = contains(o.meta().finalizers, "batch.kubernetes.io/job-tracking");
  const api::Pod& p = o.as<api::Pod>();
  if (!pod.succeeded && p.status->phase == "Succeeded" && c.now) {
    pod.succeeded = true;
    ++jobs_[owner].succeeded;
  } else if (!pod.failed && !pod.succeeded && c.now &&
             (p.status->phase == "Failed" || p.metadata.deleting())) {
    pod.failed = true;
    ++jobs_[owner].failed;
  }
}

void JobAccounting::on_job(const Change& c) {
  if (!c.now || !c.old) return;
  subject();
  const auto &was = c.old->as<api::Job>(), &is = c.now->as<api::Job>();
  if (was.status.shares(is.status)) return;
  const bool indexed = is.spec->completion_mode && *is.spec->completion_mode == "Indexed";
  const auto completions = is.spec->completions;
  const bool steady = !indexed || was.spec->completions == completions;
  check(is.status->succeeded >= was.status->succeeded || !steady, c.at, [&] {
    return cat(label(*c.now), " went back from ", num(was.status->succeeded), " to ",
               num(is.status->succeeded), " succeeded pods");
  });
  check(!indexed || !completions || is.status->succeeded <= *completions, c.at, [&] {
    return cat(label(*c.now), " counts ", num(is.status->succeeded), " successes of ",
               num(*completions), " completions");
  });
  const Ended& ended = jobs_[c.now->meta().uid];
  // Indexed Jobs count indexes, which are no more than their pods.
  const std::int64_t done = is.status->succeeded + (indexed ? 0 : uncounted(*is.status, true));
  check(done <= ended.succeeded, c.at, [&] {
    return cat(label(*c.now), " counts ", num(done), " succeeded pods, ", num(ended.succeeded),
               " did");
  });
  const std::int64_t lost = is.status->failed + uncounted(*is.status, false);
  check(lost <= ended.failed + ended.succeeded, c.at, [&] {
    return cat(label(*c.now), " counts ", num(lost), " failed pods, ", num(ended.failed), " did");
  });
  if (!was.status->uncounted_terminated_pods) return;
  const auto check_left = [&](const api::List<Str>& before, const api::List<Str>* after) {
    for (const Str& uid : before) {
      if (after && contains(*after, uid)) continue;
      const auto pod = pods_.find(uid);
      check(pod == pods_.end() || !pod->second.held, c.at, [&] {
        return cat(label(*c.now), " counted pod ", uid, " while its finalizer was there");
      });
    }
  };
  const auto& now = is.status->uncounted_terminated_pods;
  check_left(was.status->uncounted_terminated_pods->succeeded, now ? &now->succeeded : nullptr);
  check_left(was.status->uncounted_terminated_pods->failed, now ? &now->failed : nullptr);
}

}  // namespace orrery::scenarios
