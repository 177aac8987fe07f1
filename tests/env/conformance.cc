#include "tests/env/conformance.h"

#include "tests/env/conformance_world.h"

namespace orrery::env_test {
namespace {

base::Result<env::BodyRef> decode_text(std::string_view bytes) {
  if (bytes == "bad") return base::Error{base::ErrorCode::kCorrupt, "not a text"};
  return env::BodyRef(base::make_ref<const Text>(bytes));
}

base::Result<env::BodyRef> decode_pair(std::string_view bytes) {
  if (bytes.size() != 2) return base::Error{base::ErrorCode::kCorrupt, "not a pair"};
  const auto left = static_cast<std::uint8_t>(bytes[0]);
  const auto right = static_cast<std::uint8_t>(bytes[1]);
  return env::BodyRef(base::make_ref<const Pair>(left, right));
}

}  // namespace

const env::BodyType Text::kType{901, "conformance-text", decode_text};
const env::BodyType Pair::kType{902, "conformance-pair", decode_pair};

std::string read(const env::Message& message) {
  if (!message.body) return "(empty)";
  const Text* text = env::body_as<Text>(message.body.get());
  return text ? text->text() : "(other)";
}

std::string read(const base::Result<env::Message>& result) {
  return result.ok() ? "ok:" + read(*result) : base::to_string(result.error().code);
}

void World::boot(const std::string& host, const Step& first) {
  Member* made = nullptr;
  h_.start(host, [&made, &first](env::Environment& env) -> Harness::Component {
    auto member = std::make_shared<Member>(env);
    made = member.get();
    if (first) first(*member);
    return member;
  });
  REQUIRE(made != nullptr);
  std::erase_if(members_, [&](const auto& m) { return m.first == host; });
  members_.emplace_back(host, made);
}

void World::in(const std::string& host, const Step& step) {
  for (const auto& [name, member] : members_) {
    if (name != host) continue;
    h_.enter(host, [&step, m = member] { step(*m); });
    return;
  }
  FAIL("no process on ", host);
}

void World::kill(const std::string& host) {
  std::erase_if(members_, [&](const auto& m) { return m.first == host; });
  h_.kill(host);
}

void run_conformance(const char* world, const HarnessFactory& make) {
  const std::vector<const env::BodyType*> types{&Text::kType, &Pair::kType};
  for (const auto* cases : {&kTimeCases, &kDiskCases, &kCallCases, &kStreamCases, &kTaskCases}) {
    for (const Case& c : *cases) {
      const std::string name = std::string(world) + ": " + c.name;
      SUBCASE(name.c_str()) {
        World w(make(types));
        c.run(w);
      }
    }
  }
}

}  // namespace orrery::env_test
