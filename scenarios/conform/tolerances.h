// Tolerances: the differences from a recorded control plane that are declared, each with its reason.
#pragma once
#include <string>
#include <vector>

#include "scenarios/conform/compare.h"

namespace orrery::scenarios::conform {

/// A difference is excused by the first row that fits it in every column.
struct Tolerance {
  const char* name;
  const char* resources;  ///< plurals separated by ';'; "" for all
  const char* fields;     ///< beginnings of fields separated by ';'; "" for all. "#": a count (is_counter)
  bool missing, extra, timing;
  Nanos held;  ///< missing, extra: the value stood shorter than this, or the other run had it all the time
  Nanos off;   ///< timing: at most this far apart
  const char* reason;
};

const std::vector<Tolerance>& tolerances();

/// Sets `rule` of the differences that are excused.
void apply_tolerances(Nanos duration, Comparison& comparison);

}  // namespace orrery::scenarios::conform
