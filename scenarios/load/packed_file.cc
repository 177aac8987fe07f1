#include "scenarios/load/packed_file.h"

#include <zlib.h>

#include <memory>

#include "scenarios/load/input_error.h"

namespace orrery::scenarios {
namespace {

constexpr std::size_t kMaxUnpacked = std::size_t{1} << 30;

}  // namespace

std::string read_packed_file(const std::string& file) {
  const auto fail = [&](const char* what) { throw InputError{file, 0, "", what}; };
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (!in) fail("cannot be read");
  std::string text;
  char buffer[1 << 16];
  while (true) {
    const int n = gzread(in.get(), buffer, sizeof buffer);
    if (n < 0) fail("is not a valid gzip file");
    if (n == 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > kMaxUnpacked) fail("is bigger than 1 GiB");
  }
  int status = Z_OK;
  gzerror(in.get(), &status);
  if (status == Z_BUF_ERROR) fail("is cut short");
  return text;
}

}  // namespace orrery::scenarios
