// EventLog: every kernel event of a run in a file of about a dozen bytes each, so that two runs can be compared event by
// event ("kernel.events" of a run directory).
//
// The file is "orrery-events 1\n" and then records. An event is: byte kind + 1; varint of the nanoseconds since the event
// before; varint owner; 8 bytes content hash, little endian. Before an owner's first event stands its name: byte 0; varint
// owner; varint length; the name. Varints are LEB128.
#pragma once
#include <cstdint>
#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "model/base/function.h"
#include "model/base/str.h"
#include "sim/kernel/event_sink.h"

namespace orrery::sim {

/// Writes to `out`, which must outlive it and must be opened as binary. Check the stream's state after flush().
class EventLogWriter : public EventSink {
 public:
  /// `name` gives what stands for an owner number ("master-1/etcd#0"); World::owner_name does.
  EventLogWriter(std::ostream& out, base::UniqueFunction<base::Str(std::uint32_t owner)> name);
  ~EventLogWriter() override { flush(); }
  void on_event(const EventRecord& event) override;
  void flush();

 private:
  void put_varint(std::uint64_t v);

  std::ostream& out_;
  base::UniqueFunction<base::Str(std::uint32_t)> name_;
  std::string buffer_;
  std::vector<bool> named_;
  base::Instant last_;
};

class EventLogReader {
 public:
  struct Event {
    std::uint64_t number = 0;  ///< counts from 1
    base::Instant time;
    std::string owner;         ///< "" for the world itself
    EventKind kind = EventKind::kWorld;
    std::uint64_t content = 0;
    bool operator==(const Event& o) const {
      return time == o.time && owner == o.owner && kind == o.kind && content == o.content;
    }
  };

  /// `in` must outlive it.
  explicit EventLogReader(std::istream& in);
  /// False at the end and at the first damaged record; ok() tells which.
  bool next(Event& event);
  bool ok() const { return ok_; }

 private:
  bool get_varint(std::uint64_t& v);
  bool read_name();

  std::istream& in_;
  std::map<std::uint64_t, std::string> names_;
  std::uint64_t number_ = 0;
  base::Instant last_;
  bool ok_ = true;
};

}  // namespace orrery::sim
