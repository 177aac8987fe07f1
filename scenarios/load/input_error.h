// InputError: what is wrong with an input file, and where.
#pragma once
#include <string>

namespace orrery::scenarios {

/// Thrown by the loader and caught once, by the command that loads; nothing else in the project throws it.
struct InputError {
  std::string file;
  int line = 0;        ///< 1 is the first; 0 when the whole file is meant
  std::string path;    ///< "cluster.masters.count"; may be empty
  std::string what;

  /// "FILE:LINE: PATH: WHAT" on one line, without what is empty.
  std::string text() const;
};

}  // namespace orrery::scenarios
