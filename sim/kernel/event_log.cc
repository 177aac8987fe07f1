#include "sim/kernel/event_log.h"

#include <string_view>

namespace orrery::sim {
namespace {

constexpr std::string_view kMagic = "orrery-events 1\n";
constexpr std::size_t kBuffer = 1 << 16;
constexpr std::uint64_t kMaxName = 4096;

}  // namespace

EventLogWriter::EventLogWriter(std::ostream& out, base::UniqueFunction<base::Str(std::uint32_t)> name)
    : out_(out), name_(std::move(name)), buffer_(kMagic) {}

void EventLogWriter::put_varint(std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) buffer_ += static_cast<char>(v | 0x80);
  buffer_ += static_cast<char>(v);
}

void EventLogWriter::on_event(const EventRecord& event) {
  if (event.owner >= named_.size()) named_.resize(event.owner + 1, false);
  if (event.owner != 0 && !named_[event.owner]) {
    named_[event.owner] = true;
    const base::Str name = name_(event.owner);
    buffer_ += '\0';
    put_varint(event.owner);
    put_varint(name.size());
    buffer_ += name.view();
  }
  buffer_ += static_cast<char>(static_cast<unsigned>(event.kind) + 1);
  put_varint(static_cast<std::uint64_t>(event.time - last_));
  put_varint(event.owner);
  for (unsigned i = 0; i < 64; i += 8) buffer_ += static_cast<char>(event.content >> i);
  last_ = event.time;
  if (buffer_.size() >= kBuffer) flush();
}

void EventLogWriter::flush() {
  out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

EventLogReader::EventLogReader(std::istream& in) : in_(in) {
  std::string magic(kMagic.size(), '\0');
  in_.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  ok_ = in_ && magic == kMagic;
}

bool EventLogReader::get_varint(std::uint64_t& v) {
  v = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const int c = in_.get();
    if (c == std::istream::traits_type::eof()) return false;
    v |= static_cast<std::uint64_t>(c & 0x7f) << shift;
    if (!(c & 0x80)) return true;
  }
  return false;
}

bool EventLogReader::read_name() {
  std::uint64_t owner = 0, size = 0;
  if (!get_varint(owner) || !get_varint(size) || size > kMaxName) return false;
  std::string& name = names_[owner];
  name.resize(size);
  in_.read(name.data(), static_cast<std::streamsize>(size));
  return static_cast<bool>(in_);
}

bool EventLogReader::next(Event& event) {
  if (!ok_) return false;
  int tag = in_.get();
  for (; tag == 0; tag = in_.get())
    if (!read_name()) return ok_ = false;
  if (tag == std::istream::traits_type::eof()) return false;
  std::uint64_t delta = 0, owner = 0;
  char content[8];
  ok_ = tag <= static_cast<int>(EventKind::kCount) && get_varint(delta) && get_varint(owner) && in_.read(content, sizeof content);
  if (!ok_) return false;
  last_ = last_ + static_cast<base::Nanos>(delta);
  event.number = ++number_;
  event.time = last_;
  event.kind = static_cast<EventKind>(tag - 1);
  const auto name = names_.find(owner);
  event.owner = name == names_.end() ? std::string() : name->second;
  event.content = 0;
  for (unsigned i = 0; i < 8; ++i) event.content |= static_cast<std::uint64_t>(static_cast<unsigned char>(content[i])) << (8 * i);
  return true;
}

}  // namespace orrery::sim
