// Importers of tables: Google 2019, Alibaba 2017, Azure 2020, over small files of the documented columns.
#include <doctest/doctest.h>

#include <string>

#include "scenarios/bench/alibaba_2017.h"
#include "scenarios/bench/azure_2020.h"
#include "scenarios/bench/google_2019.h"
#include "tests/bench/trace_files.h"

namespace orrery::scenarios::bench {
namespace {

using base::kSecond;

constexpr const char* kBorgMachines =
    "time,machine_id,type,switch_id,capacity.cpus,capacity.memory,platform_id,missing_data_reason\n"
    "0,70,1,s,0.5,0.25,p,\n0,8,ADD,s,1,1,p,\n9000000,70,2,s,,,p,\n";
constexpr const char* kBorgHead =
    "time,type,collection_id,scheduling_class,missing_type,collection_type,priority,alloc_collection_id,instance_index,machine_id,"
    "resource_request.cpus,resource_request.memory\n";

std::string borg(const char* seconds, const char* type, const char* collection, const char* cpus = "0.125", const char* alloc = "") {
  return std::string(seconds) + "000000," + type + "," + collection + ",2,,0,200," + alloc + ",3,70," + cpus + ",0.0625\n";
}

TEST_CASE("google 2019: attempts at instances become pods") {
  TraceFiles files;
  const std::string machines = files.write("machines.csv", kBorgMachines);
  // Rows out of order; an attempt that is evicted and tried again; one that never runs; one inside an alloc set.
  const std::string rows = borg("5", "FINISH", "1") + borg("1", "0", "1") + borg("2", "SCHEDULE", "1") + borg("3", "EVICT", "1") +
                           borg("3", "QUEUE", "1") + borg("4", "3", "1") + borg("2", "SUBMIT", "2") + borg("6", "KILL", "2") +
                           borg("3", "SUBMIT", "3", "0.125", "77") + borg("4", "SCHEDULE", "4") + borg("6", "FAIL", "9");
  const Trace t = read_google_2019(machines, files.write("instances.csv", kBorgHead + rows));
  REQUIRE(t.nodes.size() == 2);
  CHECK(t.nodes[0].name == "m-8");
  CHECK(t.nodes[1].milli_cpu == 32'000);
  REQUIRE(t.pods.size() == 4);
  CHECK(t.pods[0].name == "1-3-1");
  CHECK(t.pods[0].milli_cpu == 8'000);
  CHECK(t.pods[0].memory == std::int64_t{16} << 30);
  CHECK(t.pods[0].arrival == 1 * kSecond);
  CHECK(t.pods[0].duration == 1 * kSecond);
  CHECK(t.pods[1].name == "2-3-1");
  CHECK(t.pods[1].unscheduled);
  CHECK(t.pods[1].patience == 4 * kSecond);
  CHECK(t.pods[2].name == "1-3-2");
  CHECK(t.pods[2].arrival == 3 * kSecond);
  CHECK(t.pods[2].duration == 1 * kSecond);
  CHECK(t.pods[3].name == "4-3-1");
  CHECK(t.pods[3].censored);
  CHECK(t.pods[3].duration == 2 * kSecond);
  CHECK(t.notes.size() == 4);   // alloc sets, orphans, late ones, units
  REQUIRE(t.nodes[1].away.size() == 1);
  CHECK(t.nodes[1].away[0].from == 9 * kSecond);
  CHECK(t.nodes[1].away[0].until == INT64_MAX);
}

TEST_CASE("google 2019: JSON lines say the same") {
  TraceFiles files;
  const std::string machines = files.write(
      "machines.json", "{\"time\":\"0\",\"machine_id\":\"8\",\"type\":\"1\",\"capacity\":{\"cpus\":1,\"memory\":0.5},\"platform_id\":\"p\"}\n");
  const std::string instances = files.write(
      "instances.json",
      "{\"time\":\"1000000\",\"type\":\"0\",\"collection_id\":\"1\",\"instance_index\":\"0\",\"resource_request\":{\"cpus\":0.5,\"memory\":0.25}}\n\n"
      "{\"time\":\"2000000\",\"type\":\"3\",\"collection_id\":\"1\",\"instance_index\":\"0\",\"alloc_collection_id\":null,\"resource_request\":null}\n"
      "{\"time\":\"4000000\",\"type\":\"6\",\"collection_id\":\"1\",\"instance_index\":\"0\"}\n");
  const Trace t = read_google_2019(machines, instances);
  REQUIRE(t.pods.size() == 1);
  CHECK(t.nodes[0].memory == std::int64_t{128} << 30);
  CHECK(t.pods[0].milli_cpu == 32'000);
  CHECK(t.pods[0].arrival == kSecond);
  CHECK(t.pods[0].duration == 2 * kSecond);
}

TEST_CASE("google 2019: what is wrong, with its line") {
  TraceFiles files;
  const std::string machines = files.write("machines.csv", kBorgMachines);
  const std::string head = kBorgHead;
  const struct { std::string text, says; } kRows[] = {
      {"time,type\n1,2\n",
       "i.csv:1: the header lacks the column \"collection_id\" (wanted: "
       "time,type,collection_id,alloc_collection_id,instance_index,resource_request.cpus,resource_request.memory)"},
      {head + "1,0,1\n", "i.csv:2: has 3 values where the header names 12; a row was cut or a comma is missing"},
      {head + borg("1", "SUBMITTED", "1"), "i.csv:2: type: \"SUBMITTED\" is not a whole number"},
      {head + borg("1", "11", "1"), "i.csv:2: type: 11 is out of range (0 to 10)"},
      {head + borg("1", "0", "1", "1.5") + borg("2", "6", "1"), "i.csv:2: resource_request.cpus: 1.5 is out of range"},
      {head + borg("1", "0", "1", ""), "i.csv: submits no instance with requests"},
      {"{\"time\":1}\n[]\n", "i.csv:2: is not a JSON object"},
  };
  for (const auto& row : kRows) CHECK(refusal([&] { read_google_2019(machines, files.write("i.csv", row.text)); }) == row.says);
}

constexpr const char* kServers = "0,1,add,,64,0.5,0.5\n0,2,add,,32,1,0.5\n500,1,softerror,agent_check,,,\n";
constexpr const char* kTasks = "100,160,10,1,2,Terminated,2,0.01\n120,130,10,2,1,Running,1,0.02\n5,6,11,1,1,Waiting,,\n";

TEST_CASE("alibaba 2017: tries of instances become pods") {
  TraceFiles files;
  const std::string instances = files.write("instances.csv",
                                            "110,150,10,1,1,Terminated,1,1,,,,\n112,0,10,1,2,Failed,1,2,,,,\n140,155,10,1,1,Terminated,2,2,,,,\n"
                                            "0,0,10,2,,Waiting,1,1,,,,\n110,150,,,1,Terminated,1,1,,,,\n");
  const std::string online = files.write("containers.csv", "0,Create,7,1,4,0.1,0.1,1|2|3|4\n50,Create,8,2,8,0.2,0.1,5\n90,Remove,8,2,8,0.2,0.1,5\n");
  const Trace t = read_alibaba_2017(files.write("servers.csv", kServers), files.write("tasks.csv", kTasks), instances, online);
  REQUIRE(t.nodes.size() == 2);
  CHECK(t.nodes[0].milli_cpu == 64'000);
  CHECK(t.nodes[0].memory == std::int64_t{50} << 30);
  REQUIRE(t.pods.size() == 5);
  CHECK(t.pods[0].name == "online-7");
  CHECK(t.pods[0].censored);
  CHECK(t.pods[0].duration == 160 * kSecond);
  CHECK(t.pods[1].name == "online-8");
  CHECK(t.pods[1].milli_cpu == 8'000);
  CHECK(t.pods[1].duration == 40 * kSecond);
  CHECK_FALSE(t.pods[1].censored);
  CHECK(t.pods[2].name == "10-1-1");
  CHECK(t.pods[2].tenant == "10");
  CHECK(t.pods[2].arrival == 100 * kSecond);
  CHECK(t.pods[2].duration == 40 * kSecond);
  CHECK(t.pods[3].censored);
  CHECK(t.pods[3].duration == 48 * kSecond);    // from its start to the latest time of the tables
  CHECK(t.pods[4].arrival == 140 * kSecond);    // a second try
  CHECK(t.pods[4].duration == 15 * kSecond);
  CHECK(t.notes.size() == 5);
}

TEST_CASE("alibaba 2017: without rows about instances, tasks become pods") {
  TraceFiles files;
  const Trace t = read_alibaba_2017(files.write("servers.csv", kServers), files.write("tasks.csv", kTasks), "", "");
  REQUIRE(t.pods.size() == 3);
  CHECK(t.pods[0].name == "10-1-1");
  CHECK(t.pods[0].duration == 60 * kSecond);
  CHECK(t.pods[1].name == "10-1-2");
  CHECK(t.pods[2].censored);
  CHECK(t.pods[2].memory == std::int64_t{2} << 30);
}

TEST_CASE("alibaba 2017: what is wrong, with its line") {
  TraceFiles files;
  const std::string servers = files.write("servers.csv", kServers);
  const std::string tasks = files.write("tasks.csv", kTasks);
  const auto of_tasks = [&](const char* text) { return refusal([&] { read_alibaba_2017(servers, files.write("t.csv", text), "", ""); }); };
  CHECK(of_tasks("1,2,3\n") == "t.csv:1: has 3 values instead of 8; a row was cut or a comma is missing");
  CHECK(of_tasks("100,90,10,1,2,Terminated,2,0.01\n") ==
        "t.csv:1: modify_timestamp: the duration is negative (-10 s); swap the times or drop the row");
  CHECK(of_tasks("1,2,10,1,2,Terminated,x,0.01\n") == "t.csv:1: plan_cpu: \"x\" is not a whole number");
  CHECK(of_tasks("1,2,10,1,2,Terminated,,\n") == "t.csv: has no task or instance with a plan and a start");
  CHECK(refusal([&] { read_alibaba_2017(servers, tasks, files.write("i.csv", "9,5,10,1,1,Failed,1,1,,,,\n"), ""); }) ==
        "i.csv:1: end_timestamp: the duration is negative (-4 s); swap the times or drop the row");
  CHECK(refusal([&] { read_alibaba_2017(servers, tasks, "", files.write("c.csv", "0,Made,7,1,4,0.1,0.1,1\n")); }) ==
        "c.csv:1: event: \"Made\" is not Create or Remove");
  CHECK(refusal([&] { read_alibaba_2017(files.write("s.csv", "0,1,softerror,,,,\n"), tasks, "", ""); }) == "s.csv: adds no machine");
}

constexpr const char* kVmTypes =
    "id,vmTypeId,machineId,core,memory,hdd,ssd,nic\n0,5,16,0.25,0.125,0,0.1,0.1\n1,5,17,0.5,0.25,0,0.1,0.1\n2,6,17,1,1,0,0.1,0.1\n";
constexpr const char* kVms =
    "vmId,tenantId,vmTypeId,priority,starttime,endtime\n1,90,5,0,-3.5,0.5\n2,90,5,1,1,\n3,91,6,1,0.5,2\n4,91,5,1,-2,-1\n5,92,5,0,2,2.5\n";

TEST_CASE("azure 2020: VMs become pods on machines of one type") {
  TraceFiles files;
  const std::string types = files.write("types.csv", kVmTypes);
  const std::string vms = files.write("vms.csv", kVms);
  const Trace t = read_azure_2020(types, vms, 3, -1);
  REQUIRE(t.nodes.size() == 3);
  REQUIRE(t.pods.size() == 3);
  CHECK(t.pods[0].name == "vm-1");
  CHECK(t.pods[0].milli_cpu == 16'000);
  CHECK(t.pods[0].memory == std::int64_t{32} << 30);
  CHECK(t.pods[0].arrival == 0);
  CHECK(t.pods[0].duration == 43'200 * kSecond);
  CHECK(t.pods[1].name == "vm-2");
  CHECK(t.pods[1].censored);
  CHECK(t.pods[1].duration == 129'600 * kSecond);
  CHECK(t.pods[2].tenant == "92");
  CHECK(t.notes.size() == 4);
  CHECK(read_azure_2020(types, vms, 1, 17).pods.size() == 4);
}

TEST_CASE("azure 2020: what is wrong, with its line") {
  TraceFiles files;
  const std::string types = files.write("types.csv", kVmTypes);
  const std::string head = "vmId,tenantId,vmTypeId,priority,starttime,endtime\n";
  CHECK(refusal([&] { read_azure_2020(types, files.write("v.csv", head + "1,1,5,0,2,1\n"), 1, -1); }) ==
        "v.csv:2: endtime: is before starttime: the duration is negative; swap the times or drop the row");
  CHECK(refusal([&] { read_azure_2020(types, files.write("v.csv", head + "1,1,5,0,soon,1\n"), 1, -1); }) ==
        "v.csv:2: starttime: \"soon\" is not a number");
  CHECK(refusal([&] { read_azure_2020(types, files.write("v.csv", head + "1,1,9,0,0,1\n"), 1, -1); }) ==
        "v.csv: has no VM of a type that machine 16 offers");
  CHECK(refusal([&] { read_azure_2020(types, files.write("v.csv", kVms), 1, 99); }) == "types.csv: machineId: no VM type is offered on machine 99");
  CHECK(refusal([&] { read_azure_2020(files.write("y.csv", "vmTypeId,machineId,core,memory\n1,1,2,0.5\n"), files.write("v.csv", kVms), 1, -1); }) ==
        "y.csv:2: core: 2 is out of range");
}

}  // namespace
}  // namespace orrery::scenarios::bench
