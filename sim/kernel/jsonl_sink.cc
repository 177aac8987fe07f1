#include "sim/kernel/jsonl_sink.h"

#include <cinttypes>
#include <cstdio>

namespace orrery::sim {

void JsonlSink::on_event(const EventRecord& event) {
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, "{\"n\":%" PRIu64 ",\"t\":%" PRId64 ",\"p\":\"", event.number,
                event.time.ns);
  line_ = numbers;
  const base::Str name = name_(event.owner);
  for (const char c : name.view()) {
    if (c == '"' || c == '\\') line_ += '\\';
    line_ += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  std::snprintf(numbers, sizeof numbers,
                "\",\"k\":\"%s\",\"c\":\"%016" PRIx64 "\",\"d\":\"%016" PRIx64 "\"}\n", to_string(event.kind),
                event.content, event.digest);
  line_ += numbers;
  write_(line_);
}

}  // namespace orrery::sim
