#include "scenarios/bench/alibaba_pods.h"

#include "model/base/str.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {

using base::cat;

std::int64_t AlibabaPods::told_seconds(const CsvTable& csv, std::size_t row, const char* column) const {
  return csv.text(row, column).empty() ? 0 : csv.integer(row, column, earliest_, kMostAlibabaSeconds);
}

std::int64_t AlibabaPods::seconds(const CsvTable& csv, std::size_t row, const char* column) const {
  return std::max<std::int64_t>(0, told_seconds(csv, row, column));
}

void check_alibaba_times(const CsvTable& csv, std::size_t row, const char* end_column, std::int64_t begin, std::int64_t end) {
  if (end < begin) csv.fail(row, end_column, cat("the duration is negative (", std::to_string(end - begin), " s); swap the times or drop the row"));
}

void AlibabaPods::add(std::string name, const std::string& tenant, const AlibabaRequest& request, std::int64_t arrival, std::int64_t start,
                      std::int64_t duration) {
  TracePod p;
  p.name = std::move(name);
  p.tenant = tenant;
  p.milli_cpu = request.milli_cpu;
  p.memory = request.memory;
  p.arrival = arrival * base::kSecond;
  p.censored = duration < 0;
  p.duration = std::max<std::int64_t>(0, duration) * base::kSecond;
  trace_.pods.push_back(std::move(p));
  started_.push_back(start);
}

void AlibabaPods::add_instances(const Key& key, const AlibabaTask& task, std::int64_t count, std::int64_t duration) {
  for (std::int64_t i = 1; i <= count; ++i)
    add(cat(key.first, "-", key.second, "-", std::to_string(i)), key.first, task.each, task.created, task.created, duration);
}

void AlibabaPods::read_tries(const CsvTable& csv, const TryColumns& columns) {
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const Key key{csv.text(row, columns.job), csv.text(row, columns.task)};
    const auto task = tasks_.find(key);
    if (task == tasks_.end()) {
      ++strays_;
      continue;
    }
    const std::int64_t told = told_seconds(csv, row, columns.start);
    if (told == 0) {
      ++never_started_;
      continue;
    }
    const std::int64_t start = std::max<std::int64_t>(0, told);
    const std::int64_t end = seconds(csv, row, columns.end);
    see(std::max(start, end));
    if (end != 0) check_alibaba_times(csv, row, columns.end, start, end);
    const bool first_try = csv.text(row, columns.number).empty() || csv.integer(row, columns.number, 0, INT64_MAX) <= 1;
    const std::int64_t arrival = first_try ? std::min(task->second.created, start) : start;
    add(cat(key.first, "-", key.second, "-", std::to_string(row + 1)), key.first, task->second.each, arrival, start, end != 0 ? end - start : -1);
  }
}

void AlibabaPods::start_online(const std::string& id, const std::string& app, const AlibabaRequest& request, std::int64_t at) {
  Online& online = online_[id];
  online.runs = true;
  online.pod = trace_.pods.size();
  const std::string again = ++online.times > 1 ? cat("-", std::to_string(online.times)) : "";
  add(cat("online-", id, again), "online", request, at, at, -1);
  trace_.pods.back().app = app;
}

bool AlibabaPods::runs_online(const std::string& id) const {
  const auto found = online_.find(id);
  return found != online_.end() && found->second.runs;
}

void AlibabaPods::stop_online(const CsvTable& csv, std::size_t row, const char* time_column, const std::string& id, std::int64_t at) {
  const auto found = online_.find(id);
  if (found == online_.end() || !found->second.runs) {
    ++stopped_unseen_;
    return;
  }
  TracePod& p = trace_.pods[found->second.pod];
  p.duration = at * base::kSecond - p.arrival;
  p.censored = false;
  if (p.duration < 0) csv.fail(row, time_column, "the online container is removed before it is created; put the rows in the order of time");
  found->second.runs = false;
}

void AlibabaPods::finish(const std::string& file) {
  for (std::size_t i = 0; i < trace_.pods.size(); ++i) {
    TracePod& p = trace_.pods[i];
    if (p.censored) p.duration = std::max<base::Nanos>(0, last_ - started_[i]) * base::kSecond;
  }
  if (trace_.pods.empty()) throw InputError{file, 0, "", "has no task or instance with a plan and a start"};
  note_if_any(trace_, strays_, "tries of instances without a known task are left out");
  note_if_any(trace_, never_started_, "instances that never started are left out");
  note_if_any(trace_, stopped_unseen_, "removals of online containers that were not created are left out");
  sort_by_arrival(trace_);
}

}  // namespace orrery::scenarios::bench
