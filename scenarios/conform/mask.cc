#include "model/base/ascii.h"
#include "scenarios/conform/mask.h"

#include <algorithm>

namespace orrery::scenarios::conform {
namespace {

constexpr std::string_view kDrawn = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t kShortest = 5, kLongest = 10;

using base::is_digit;
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool in_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == ':' || c == '_';
}

bool is_time(std::string_view s) {
  return s.size() >= 20 && is_digit(s[0]) && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':' &&
         s.back() == 'Z';
}

bool is_address(std::string_view s) {
  return std::count(s.begin(), s.end(), '.') == 3 &&
         std::all_of(s.begin(), s.end(), [](char c) { return is_digit(c) || c == '.'; }) &&
         is_digit(s.front()) && is_digit(s.back());
}

}  // namespace

bool is_uid(std::string_view s) {
  if (s.size() != kUidLength) return false;
  for (std::size_t i = 0; i < s.size(); ++i)
    if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !is_hex(s[i])) return false;
  return true;
}

std::size_t drawn_suffix(std::string_view word) {
  const std::size_t dash = word.rfind('-');
  if (dash == word.npos || dash == 0) return word.npos;
  const std::string_view tail = word.substr(dash + 1);
  if (tail.size() < kShortest || tail.size() > kLongest) return word.npos;
  return tail.find_first_not_of(kDrawn) == tail.npos ? dash : word.npos;
}

std::string Masker::operator()(std::string_view text) const {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!in_word(text[at])) {
      out += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    std::size_t stop = end;
    while (stop > at && (text[stop - 1] == '.' || text[stop - 1] == ':')) --stop;
    append_word(text.substr(at, stop - at), out);
    out += text.substr(stop, end - stop);
    at = end;
  }
  return out;
}

void Masker::append_word(std::string_view word, std::string& out) const {
  if (word.empty()) return;
  if (kept_.contains(word)) {
    out += word;
    return;
  }
  if (is_uid(word)) {
    out += "UID";
    return;
  }
  if (is_time(word)) {
    out += "TIME";
    return;
  }
  if (is_address(word)) {
    out += "IP";
    return;
  }
  if (word.size() > kUidLength + 1 && word[word.size() - kUidLength - 1] == '-' &&
      is_uid(word.substr(word.size() - kUidLength))) {
    out += word.substr(0, word.size() - kUidLength);
    out += "UID";
    return;
  }
  const std::size_t dash = drawn_suffix(word);
  if (dash == word.npos) {
    out += word;
    return;
  }
  append_word(word.substr(0, dash), out);
  out += "-*";
}

}  // namespace orrery::scenarios::conform
