// LastAttempts: explains the last attempt at each of a few pods of a run that goes by again; how many there are is known.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "control/scheduler/explain/attempt_recorder.h"
#include "scenarios/bench/run_record.h"

namespace orrery::scenarios::bench {

class LastAttempts final : public scheduler::DecisionWatcher {
 public:
  explicit LastAttempts(const std::vector<NotablePod>& pods);
  void deciding(const scheduler::Decision& decision) override;
  /// Afterwards: fills the explanations.
  void tell(std::vector<NotablePod>& pods) const;

 private:
  struct Attempts {
    std::size_t seen = 0, all = 0;
    std::string explanation;
  };
  bool by_key_ = false;            // traces of objects name pods "NAMESPACE/NAME"
  std::map<std::string, Attempts, std::less<>> attempts_;   // by name in the trace
};

/// "attempt 3 of 7, after 2h", as a line above an explanation.
std::string attempt_title(std::size_t number, std::size_t of, base::Nanos at);

}  // namespace orrery::scenarios::bench
