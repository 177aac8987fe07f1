// Files that may be compressed with gzip.
#pragma once
#include <string>

namespace orrery::scenarios {

/// The text of a plain or gzip-compressed file, at most 1 GiB. Throws InputError.
std::string read_packed_file(const std::string& file);

}  // namespace orrery::scenarios
