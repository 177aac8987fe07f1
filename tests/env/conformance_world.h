// What the conformance cases share: a member process, a journal, a text body, and the list of cases.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/env/conformance.h"

namespace orrery::env_test {

/// A body of plain text; "bad" does not decode.
class Text : public env::Body {
 public:
  static const env::BodyType kType;
  explicit Text(std::string_view text) : text_(text) {}
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return text_.size(); }
  void encode(std::string& out) const override { out.append(text_); }
  std::uint64_t content_hash() const override { return base::hash_bytes(text_); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A body that nests another through its type's decode, to see that decoding reaches the right type.
class Pair : public env::Body {
 public:
  static const env::BodyType kType;
  Pair(std::uint8_t left, std::uint8_t right) : left_(left), right_(right) {}
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return 2; }
  void encode(std::string& out) const override { out += {static_cast<char>(left_), static_cast<char>(right_)}; }
  std::uint64_t content_hash() const override { return base::mix64(left_ * 256u + right_); }
  int left() const { return left_; }
  int right() const { return right_; }

 private:
  std::uint8_t left_, right_;
};

inline env::Message text(std::string_view s) { return {env::BodyRef(base::make_ref<const Text>(s))}; }
/// The text of a message, "(empty)" without a body, "(other)" with one of another type.
std::string read(const env::Message& message);
/// "ok:TEXT" or the name of the error code.
std::string read(const base::Result<env::Message>& result);

/// What a process of the suite holds; dies with it.
struct Member {
  explicit Member(env::Environment& e) : env(e), tasks(e.trampoline) {}
  env::Environment& env;
  std::vector<std::unique_ptr<env::Stream>> streams;
  std::vector<env::Reply> replies;
  env::TaskScope tasks;

  env::Peer peer(const char* host, std::uint16_t port) { return env.network.resolve({host, port}); }
};

/// A harness with the members in it. Lines of the journal are written by callbacks of any process.
class World {
 public:
  explicit World(Harness harness) : h_(std::move(harness)) {}
  using Step = std::function<void(Member&)>;

  void boot(const std::string& host, const Step& first = nullptr);
  void in(const std::string& host, const Step& step);
  void kill(const std::string& host);
  bool until(const std::function<bool()>& done, base::Nanos limit = 10 * base::kSecond) { return h_.run(done, limit); }
  /// Lets the world go on for `time`.
  void pass(base::Nanos time) { (void)h_.run([] { return false; }, time); }
  bool lines(std::size_t n, base::Nanos limit = 10 * base::kSecond) {
    return until([this, n] { return journal.size() >= n; }, limit);
  }
  Harness& harness() { return h_; }

  std::vector<std::string> journal;
  void note(std::string line) { journal.push_back(std::move(line)); }

 private:
  Harness h_;
  std::vector<std::pair<std::string, Member*>> members_;
};

using Lines = std::vector<std::string>;

struct Case {
  const char* name;
  void (*run)(World&);
};

extern const std::vector<Case> kTimeCases, kDiskCases, kCallCases, kStreamCases, kTaskCases;

}  // namespace orrery::env_test
