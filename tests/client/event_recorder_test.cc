#include "control/client/event_recorder.h"

#include <doctest/doctest.h>

#include "control/client/event_correlator.h"
#include "tests/client/fake_apiserver.h"

namespace orrery::test {
namespace {

using base::kSecond;

api::Pod pod(const char* name) {
  api::Pod p;
  p.metadata.namespace_ = "default";
  p.metadata.name = name;
  p.metadata.uid = base::cat("uid-of-", name);
  return p;
}

struct RecorderWorld {
  FakeProcess process;
  FakeApiserver api{process};
  client::Client client{process.env(), api.config()};
  client::EventRecorder recorder{process.env(), client, "tester"};
  ObjectRef about = api::make_object(pod("p"));
  void record(std::string_view message) {
    recorder.event(*about, "Normal", "Done", message);
    process.time.run_for(base::kSecond);
  }
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    for (const auto& e : api.all<api::Event>()) {
      out.push_back(base::cat(e->message, " x", std::to_string(e->count)));
    }
    return out;
  }
};
using Lines = std::vector<std::string>;

TEST_CASE("an event says who, what and about whom") {
  RecorderWorld w;
  w.record("hello");
  const auto events = w.api.all<api::Event>();
  REQUIRE(events.size() == 1);
  const api::Event& e = *events[0];
  char hex[40];
  std::snprintf(hex, sizeof(hex), "p.%llx",
                static_cast<unsigned long long>(w.process.time.wall().ns - kSecond));
  CHECK(e.metadata.name == std::string(hex));
  CHECK(e.involved_object.kind == "Pod");
  CHECK(e.involved_object.uid == "uid-of-p");
  CHECK(e.source.component == "tester");
  CHECK(e.reporting_component == "tester");
  CHECK(e.first_timestamp == e.last_timestamp);
}

TEST_CASE("equal events are counted up") {
  RecorderWorld w;
  for (int i = 0; i < 3; ++i) w.record("again");
  CHECK(w.lines() == Lines{"again x3"});
  const auto e = w.api.all<api::Event>()[0];
  CHECK(e->last_timestamp.seconds - e->first_timestamp.seconds == 2);
}

TEST_CASE("two events about one object in one instant have two names") {
  RecorderWorld w;
  w.recorder.event(*w.about, "Normal", "Done", "one");
  w.recorder.event(*w.about, "Normal", "Done", "two");
  w.process.time.run_for(kSecond);
  CHECK(w.lines() == Lines{"one x1", "two x1"});
}

TEST_CASE("the tenth similar event is combined, and so are those after it") {
  RecorderWorld w;
  for (int i = 0; i < 12; ++i) w.record(std::to_string(i));
  const Lines lines = w.lines();
  REQUIRE(lines.size() == 10);
  CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& l) {
          return l == "(combined from similar events): 11 x3";
        }) == 1);
  for (const auto& e : w.api.all<api::Event>())  // EventAggregate
    CHECK(e->reporting_component.empty() == e->message.view().starts_with("(combined"));
}

TEST_CASE("similar events far apart are not combined") {
  RecorderWorld w;
  for (int i = 0; i < 12; ++i) {
    w.record(std::to_string(i));
    w.process.time.run_for(700 * kSecond);
  }
  CHECK(w.lines().size() == 12);
}

TEST_CASE("an expired event is created anew with its count") {
  RecorderWorld w;
  w.record("again");
  w.api.erase(KindId::kEvent, "default", w.api.all<api::Event>()[0]->metadata.name.str());
  w.record("again");
  CHECK(w.lines() == Lines{"again x2"});
}

TEST_CASE("spam: 25 events per object, then one per 300 s") {
  client::EventCorrelator correlator;
  api::Event e;
  e.count = 1;
  e.involved_object.name = "p";
  int written = 0;
  base::Instant now{0};
  for (int i = 0; i < 40; ++i) written += !correlator.correlate(e, now, i).skip;
  CHECK(written == 25);
  now = now + 299 * kSecond;
  CHECK(correlator.correlate(e, now, 100).skip);
  now = now + 2 * kSecond;
  CHECK_FALSE(correlator.correlate(e, now, 101).skip);
  CHECK(correlator.correlate(e, now, 102).skip);
  e.involved_object.name = "q";
  CHECK_FALSE(correlator.correlate(e, now, 103).skip);
}

TEST_CASE("an unanswered write is tried again; a refused one is not") {
  RecorderWorld w;
  int lost = 2;
  w.api.down["api-1"] = 1;
  w.record("later");
  CHECK(w.lines().empty());
  w.api.down.clear();
  w.process.time.run_for(30 * kSecond);
  CHECK(w.lines() == Lines{"later x1"});
  w.api.intercept = [&](const api::ApiRequest&) { return --lost, FakeApiserver::failure(403, "Forbidden", "no"); };
  w.record("never");
  w.process.time.run_for(60 * kSecond);
  CHECK(lost == 1);
}

TEST_CASE("names are hexadecimal nanoseconds") {
  CHECK(client::event_name("a", 0x18165a3b7c0000) == "a.18165a3b7c0000");
}

}  // namespace
}  // namespace orrery::test
