// ImageLocality against upstream's own table (plugins/imagelocality/image_locality_test.go).
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct ImageRow {
  const char* upstream;
  const char* init;        // images of init containers, "," between
  const char* images;      // of containers
  const char* nodes;       // "|" between nodes, "," between images NAME=MiB
  const char* expected;
};

constexpr const char* kBig = "gcr.io/40:latest=40,gcr.io/300:latest=300,gcr.io/2000:latest=2000";
constexpr const char* kSmall = "gcr.io/250:latest=250,gcr.io/10:latest=10";

const ImageRow kImageRows[] = {
    {"two images spread on two nodes, prefer the larger image one", "", "gcr.io/40,gcr.io/250", "BIG | SMALL", "0 5"},
    {"two images on one node, prefer this node", "", "gcr.io/40,gcr.io/300", "BIG | SMALL", "7 0"},
    {"if exceed limit, use limit", "", "gcr.io/10,gcr.io/2000", "BIG | SMALL", "49 0"},
    {"if exceed limit, use limit (with node which has no images present)", "", "gcr.io/10,gcr.io/2000", "BIG | SMALL | -", "32 0 0"},
    {"a tag is compared as it is", "", "gcr.io/40:v1", "BIG | SMALL", "0 0"},
    {"init containers' images count as those of containers", "gcr.io/2000", "gcr.io/10", "BIG | SMALL", "49 0"},
};

api::Node image_node(const std::string& text) {
  api::Node node;
  for (const std::string& item : parts(text == "BIG" ? kBig : text == "SMALL" ? kSmall : "", ',')) {
    api::ContainerImage image;
    const std::size_t equals = item.find('=');
    image.names.push_back(item.substr(0, equals));
    image.size_bytes = std::stoll(item.substr(equals + 1)) * 1024 * 1024;
    node.status.edit().images.push_back(std::move(image));
  }
  return node;
}

}  // namespace

TEST_CASE("ImageLocality: TestImageLocalityPriority") {
  for (const ImageRow& row : kImageRows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    for (const std::string& n : parts(row.nodes, '|')) world.node(image_node(n));
    api::Pod pod;
    const auto add = [](const char* images, api::List<api::Container>& out) {
      for (const std::string& image : parts(images, ',')) {
        api::Container c;
        c.image = image;
        out.push_back(std::move(c));
      }
    };
    add(row.init, pod.spec.edit().init_containers);
    add(row.images, pod.spec.edit().containers);
    CHECK(world.scores("ImageLocality", world.pod(std::move(pod))) == row.expected);
  }
}
