// ImageLocality against upstream's own tables (plugins/imagelocality/image_locality_test.go: TestImageLocalityPriority,
// TestNormalizedImageName).
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

/// The image N is gcr.io/N; on nodes it has the tag latest and a size of N MiB.
struct ImageRow {
  const char* upstream;    // or what the row is about
  const char* init;        // images of init containers, "," between
  const char* images;      // of containers
  const char* nodes;       // "|" between nodes; "-": none
  const char* expected;
};

const ImageRow kImageRows[] = {
    {"two images spread on two nodes, prefer the larger image one", "", "40,250", "40,300,2000 | 250,10", "0 5"},
    {"two images on one node, prefer this node", "", "40,300", "40,300,2000 | 250,10", "7 0"},
    {"if exceed limit, use limit", "", "10,4000", "4000,30 | 250,10", "100 0"},
    {"if exceed limit, use limit (with node which has no images present)", "", "10,4000", "4000,30 | 250,10 | -", "66 0 0"},
    {"pod with multiple large images, node2 is preferred", "", "300,600,900", "600,40,900 | 300,600,900 | -", "32 36 0"},
    {"pod with multiple small images", "", "30,40", "20,30,40 | 4000,30", "1 0"},
    {"include InitContainers: two images spread on two nodes, prefer the larger image one", "300", "30", "40,300,2000 | 20,30,40", "6 0"},
    {"a tag is compared as it is", "", "40:v1", "40,300,2000 | 250,10", "0 0"},
    {"init containers' images count as those of containers", "2000", "10", "40,300,2000 | 250,10", "49 0"},
};

struct NameRow {
  const char* upstream;
  const char* image;
  const char* normalized;
};

#define DIGEST "@sha256:4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"
const NameRow kNameRows[] = {
    {"add :latest postfix 1", "root", "root:latest"},
    {"add :latest postfix 2", "gcr.io:5000/root", "gcr.io:5000/root:latest"},
    {"keep it as is 1", "root:tag", "root:tag"},
    {"keep it as is 2", "root" DIGEST, "root" DIGEST},
};
#undef DIGEST

void add_image(api::Node& node, const std::string& name, std::int64_t mib) {
  api::ContainerImage image;
  image.names.push_back(Str(name));
  image.size_bytes = mib * 1024 * 1024;
  node.status.edit().images.push_back(std::move(image));
}

api::Container running(const std::string& image) {
  api::Container c;
  c.image = image;
  return c;
}

}  // namespace

TEST_CASE("ImageLocality: TestImageLocalityPriority") {
  for (const ImageRow& row : kImageRows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    for (const std::string& n : parts(row.nodes, '|')) {
      api::Node node;
      for (const std::string& image : parts(n == "-" ? "" : n, ',')) add_image(node, base::cat("gcr.io/", image, ":latest"), std::stoll(image));
      world.node(std::move(node));
    }
    api::Pod pod;
    for (const std::string& image : parts(row.init, ',')) pod.spec.edit().init_containers.push_back(running(base::cat("gcr.io/", image)));
    for (const std::string& image : parts(row.images, ',')) pod.spec.edit().containers.push_back(running(base::cat("gcr.io/", image)));
    CHECK(world.scores("ImageLocality", world.pod(std::move(pod))) == row.expected);
  }
}

TEST_CASE("ImageLocality: TestNormalizedImageName") {
  for (const NameRow& row : kNameRows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    for (const char* name : {row.normalized, "root:other"}) {
      api::Node node;
      add_image(node, name, 4000);
      world.node(std::move(node));
    }
    api::Pod pod;
    pod.spec.edit().containers.push_back(running(row.image));
    CHECK(world.scores("ImageLocality", world.pod(std::move(pod))) == "100 0");   // just the node that holds it under that name
  }
}
