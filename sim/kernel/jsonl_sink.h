// JsonlSink: events.jsonl, one line per kernel event, for comparing two runs.
#pragma once
#include <string>
#include <string_view>

#include "model/base/function.h"
#include "model/base/str.h"
#include "sim/kernel/event_sink.h"

namespace orrery::sim {

/// Writes {"n":NUMBER,"t":NS,"p":"PROCESS","k":"KIND","c":"HASH","d":"DIGEST"} through `write`, newline
/// included.
class JsonlSink : public EventSink {
 public:
  /// `name` gives what stands for an owner number ("master-1/etcd#0"); World::owner_name does.
  JsonlSink(base::UniqueFunction<base::Str(std::uint32_t owner)> name,
            base::UniqueFunction<void(std::string_view)> write)
      : name_(std::move(name)), write_(std::move(write)) {}
  void on_event(const EventRecord& event) override;

 private:
  base::UniqueFunction<base::Str(std::uint32_t)> name_;
  base::UniqueFunction<void(std::string_view)> write_;
  std::string line_;
};

}  // namespace orrery::sim
