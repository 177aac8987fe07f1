// Records as lines of events.jsonl.
#pragma once
#include <string>

#include "model/history/record.h"

namespace orrery::scenarios {

/// Appends one JSON object without a newline: t (seconds, nine decimals), machine, process, kind, and what the kind says.
void append_record_json(const history::Record& record, std::string& out);
/// False for kinds that are too many to be worth a line (raft applies, reads, watch deliveries); their hashes enter the
/// digest on the next line all the same.
bool worth_a_line(const history::Record& record);

}  // namespace orrery::scenarios
