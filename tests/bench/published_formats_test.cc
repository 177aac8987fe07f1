// Importers of published traces, over small files of the documented columns.
#include <doctest/doctest.h>

#include <string>

#include "scenarios/bench/alibaba_2018.h"
#include "scenarios/bench/google_2011.h"
#include "tests/bench/trace_files.h"

namespace orrery::scenarios::bench {
namespace {

using base::kSecond;

constexpr const char* kMachines = "0,5,0,plat,0.5,0.25\n0,6,0,plat,1,1\n9000000,5,1,plat,,\n";

std::string task(const char* time, const char* job, int type, const char* cpu = "0.125", const char* memory = "0.0625") {
  return std::string(time) + ",," + job + ",0,," + std::to_string(type) + ",ann,2,9," + cpu + "," + memory + ",0.001,0\n";
}

TEST_CASE("google 2011: attempts of tasks become pods") {
  TraceFiles files;
  const std::string tasks = files.write(
      "tasks.csv", task("0", "1", 0) + task("1000000", "1", 1) + task("2000000", "2", 0) + task("3000000", "1", 2) +
                       task("3000000", "1", 0) + task("4000000", "3", 0, "", "") + task("5000000", "1", 1) + task("6000000", "1", 8) +
                       task("9000000", "3", 5) + task("9000000", "9", 4) + task("9223372036854775807", "2", 5));
  const Trace t = read_google_2011(files.write("machines.csv", kMachines), tasks);
  REQUIRE(t.nodes.size() == 2);
  CHECK(t.nodes[0].name == "m-5");
  CHECK(t.nodes[0].milli_cpu == 32'000);
  CHECK(t.nodes[0].memory == std::int64_t{64} << 30);
  REQUIRE(t.pods.size() == 3);
  CHECK(t.pods[0].name == "1-0-1");
  CHECK(t.pods[0].milli_cpu == 8'000);
  CHECK(t.pods[0].memory == std::int64_t{16} << 30);
  CHECK(t.pods[0].tenant == "ann");
  CHECK(t.pods[0].arrival == 0);
  CHECK(t.pods[0].duration == 2 * kSecond);
  CHECK_FALSE(t.pods[0].censored);
  CHECK(t.pods[1].name == "2-0-1");
  CHECK(t.pods[1].unscheduled);
  CHECK(t.pods[1].patience == 7 * kSecond);
  CHECK(t.pods[2].name == "1-0-2");
  CHECK(t.pods[2].censored);
  CHECK(t.pods[2].duration == 4 * kSecond);
  CHECK(t.notes.size() == 3);
  REQUIRE(t.nodes[0].away.size() == 1);
  CHECK(t.nodes[0].away[0].from == 9 * kSecond);
  CHECK(t.nodes[0].away[0].until == INT64_MAX);
  CHECK(t.nodes[1].away.empty());
}

TEST_CASE("google 2011: machines come late, go and come back") {
  TraceFiles files;
  // 5 is gone from 9 to 12 s and from 20 s on, 6 comes at 4 s; the removal at the end of time is none, a second one says nothing new.
  const std::string machines = files.write("machines.csv",
                                           "0,5,0,plat,0.5,0.25\n4000000,6,0,plat,1,1\n9000000,5,1,plat,,\n12000000,5,0,plat,,\n20000000,5,1,plat,,\n"
                                           "21000000,5,1,plat,,\n21000000,5,2,plat,1,1\n9223372036854775807,6,1,plat,,\n");
  const Trace t = read_google_2011(machines, files.write("tasks.csv", task("0", "1", 0) + task("1000000", "1", 1) + task("2000000", "1", 4)));
  REQUIRE(t.nodes.size() == 2);
  const auto spans = [](const TraceNode& n) {
    std::string out;
    for (const TraceNode::Away& a : n.away) {
      out += std::to_string(a.from / kSecond) + "-" + (a.until == INT64_MAX ? "" : std::to_string(a.until / kSecond)) + " ";
    }
    return out;
  };
  CHECK(spans(t.nodes[0]) == "9-12 20- ");
  CHECK(spans(t.nodes[1]) == "0-4 ");
  CHECK(t.notes[0] == "1 updates of machines are not followed");
}

TEST_CASE("google 2011: what is wrong, with its line") {
  TraceFiles files;
  const std::string machines = files.write("machines.csv", kMachines);
  const struct { std::string text, says; } kRows[] = {
      {"", "tasks.csv: has no rows"},
      {"0,,1\n", "tasks.csv:1: has 3 values instead of 13; a row was cut or a comma is missing"},
      {task("0", "1", 0) + task("x", "1", 1), "tasks.csv:2: time: \"x\" is not a whole number"},
      {task("5", "1", 0) + task("4", "2", 0), "tasks.csv:2: time: is before the row above; the table must be in the order of time"},
      {task("0", "1", 9), "tasks.csv:1: event type: 9 is out of range (0 to 8)"},
      {task("0", "1", 0, "1.5") + task("1", "1", 4), "tasks.csv:1: CPU request: 1.5 is out of range"},
      {task("0", "1", 0, "") + task("1", "1", 4), "tasks.csv: submits no task with requests"},
  };
  for (const auto& row : kRows) {
    const std::string tasks = files.write("tasks.csv", row.text);
    CHECK(refusal([&] { read_google_2011(machines, tasks); }) == row.says);
  }
  const std::string tasks = files.write("tasks.csv", task("0", "1", 0));
  CHECK(refusal([&] { read_google_2011(files.write("m.csv", "0,5,1,plat,1,1\n"), tasks); }) == "m.csv: adds no machine");
}

constexpr const char* kMeta = "m_1,0,1,1,96,100,USING\nm_2,0,1,2,64,50,USING\nm_1,500,1,1,8,1,USING\n";

TEST_CASE("alibaba 2018: instances of tasks become pods") {
  TraceFiles files;
  const std::string tasks = files.write("tasks.csv",
                                        "task_a,2,j_1,A,Terminated,100,160,150,0.5\ntask_b,1,j_1,A,Running,120,0,100,1\n"
                                        "task_c,1,j_2,A,Waiting,,,,\n");
  const Trace t = read_alibaba_2018(files.write("machines.csv", kMeta), tasks, "", "");
  REQUIRE(t.nodes.size() == 2);
  CHECK(t.nodes[0].milli_cpu == 96'000);
  CHECK(t.nodes[1].memory == std::int64_t{50} << 30);
  REQUIRE(t.pods.size() == 3);
  CHECK(t.pods[0].name == "j_1-task_a-1");
  CHECK(t.pods[1].name == "j_1-task_a-2");
  CHECK(t.pods[1].milli_cpu == 1'500);
  CHECK(t.pods[1].memory == std::int64_t{1} << 29);
  CHECK(t.pods[1].arrival == 100 * kSecond);
  CHECK(t.pods[1].duration == 60 * kSecond);
  CHECK(t.pods[2].censored);
  CHECK(t.pods[2].duration == 40 * kSecond);
  CHECK(t.notes.size() == 2);
}

TEST_CASE("alibaba 2018: tries of instances and containers become pods") {
  TraceFiles files;
  const std::string tasks = files.write("tasks.csv", "M1,2,j_1,A,Terminated,100,160,150,0.5\nR2_1,1,j_1,A,Running,165,0,100,1\n");
  const std::string instances = files.write("instances.csv",
                                            "i1,M1,j_1,A,Terminated,110,150,m_1,1,1,9,9,1,1\ni2,M1,j_1,A,Failed,112,130,m_1,1,2,,,,\n"
                                            "i2,M1,j_1,A,Terminated,140,160,m_2,2,2,9,9,1,1\ni3,R2_1,j_1,A,Waiting,0,0,,1,1,,,,\n"
                                            "i4,M1,j_9,A,Terminated,110,150,m_1,1,1,9,9,1,1\n");
  const std::string containers = files.write("containers.csv",
                                             "c_1,m_1,0,app_1,started,400,800,1.5\nc_1,m_2,90,app_1,started,400,800,1.5\nc_1,m_2,0,app_1,stopped,400,800,1.5\n"
                                             "c_2,m_1,20,app_2,allocated,200,200,3\nc_2,m_1,50,app_2,stopped,200,200,3\nc_2,m_2,70,app_2,started,200,200,3\n"
                                             "c_3,m_1,10,app_2,stopped,200,200,3\n");
  const Trace t = read_alibaba_2018(files.write("machines.csv", kMeta), tasks, instances, containers);
  const struct { const char *name, *app; std::int64_t arrival, duration; bool censored; } kRows[] = {
      {"online-c_1", "app_1", 0, 165, true},       // it moved, and what is told at 0 was after the trace
      {"online-c_2", "app_2", 20, 30, false},      {"online-c_2-2", "app_2", 70, 95, true},   // stopped, and begun anew
      {"j_1-M1-1", "", 100, 40, false},            {"j_1-M1-2", "", 100, 18, false},
      {"j_1-M1-3", "", 140, 20, false},            // a second try
  };
  REQUIRE(t.pods.size() == std::size(kRows));
  for (std::size_t i = 0; i < t.pods.size(); ++i) {
    const TracePod& p = t.pods[i];
    CAPTURE(i);
    CHECK(p.name == kRows[i].name);
    CHECK(p.app == kRows[i].app);
    CHECK(p.arrival == kRows[i].arrival * kSecond);
    CHECK(p.duration == kRows[i].duration * kSecond);
    CHECK(p.censored == kRows[i].censored);
  }
  CHECK(t.pods[0].milli_cpu == 4'000);
  CHECK(t.pods[0].memory == std::int64_t{3} << 29);
  CHECK(t.notes.size() == 4);
}

TEST_CASE("alibaba 2018: what is wrong, with its line") {
  TraceFiles files;
  const std::string machines = files.write("machines.csv", kMeta);
  const struct { const char *text, *says; } kRows[] = {
      {"task_a,2,j_1,A,Terminated,100\n", "tasks.csv:1: has 6 values instead of 9; a row was cut or a comma is missing"},
      {"task_a,2,j_1,A,Terminated,100,90,150,0.5\n", "tasks.csv:1: end_time: the duration is negative (-10 s); swap the times or drop the row"},
      {"task_a,1,j_1,A,Terminated,-5,160,150,0.5\n", "tasks.csv:1: start_time: -5 is out of range (0 to 3000000000)"},
      {"task_a,0,j_1,A,Terminated,100,160,150,0.5\n", "tasks.csv:1: instance_num: 0 is out of range (1 to 1000000)"},
      {"task_a,1,j_1,A,Terminated,100,160,-1,0.5\n", "tasks.csv:1: plan_cpu: -1 is out of range"},
      {"task_a,1,j_1,A,Terminated,100,160,1,101\n", "tasks.csv:1: plan_mem: 101 is out of range"},
      {"task_a,1,j_1,A,Waiting,,,,\n", "tasks.csv: has no task or instance with a plan and a start"},
  };
  for (const auto& row : kRows) {
    const std::string tasks = files.write("tasks.csv", row.text);
    CHECK(refusal([&] { read_alibaba_2018(machines, tasks, "", ""); }) == row.says);
  }
}

}  // namespace
}  // namespace orrery::scenarios::bench
