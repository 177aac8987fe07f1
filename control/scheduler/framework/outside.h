// Plugins from outside the tree: a shared object that defines one function, orrery_policies(), and is named in a bench file or
// on the command line. This header and what it includes (model/, control/scheduler/framework/, queue/queued_pod.h) are all it
// may use; tools/examples/outside_policy shows one with its build.
//
//   class Mine final : public Plugin, public ScorePlugin { ... };      // any of the points of framework/plugin.h
//   ORRERY_POLICIES(outside_plugin<Mine>("Mine", 1))
//
// The constructor takes (const PluginContext&, const codec::JsonValue& args). What is determined here holds for plugins, too:
// no clock, no threads, no draws but from base::RandomStream, no order of addresses; the bench compares digests.
#pragma once
#include <string>
#include <type_traits>

#include "control/scheduler/framework/layout.h"
#include "control/scheduler/framework/plugin.h"
#include "control/scheduler/queue/queued_pod.h"
#include "model/codec/json_value.h"

namespace orrery::scheduler {

/// Raised when what plugins see means something else although it looks the same to the compiler.
inline constexpr std::uint32_t kOutsideVersion = 1;

/// Differs where a library and the program disagree about what things look like in memory.
constexpr std::uint64_t outside_layout() {
  std::uint64_t out = 14695981039346656037ull;
  const std::uint64_t facts[] = {sizeof(PodInfo),  sizeof(NodeInfo),      sizeof(Snapshot),   sizeof(CycleState),       sizeof(Status),
                                 sizeof(QueuedPod), sizeof(PluginContext), sizeof(api::Pod),   sizeof(api::Node),        sizeof(api::PodSpec),
                                 sizeof(Plugin),   sizeof(Diagnosis),     sizeof(std::string), sizeof(base::RandomStream),
                                 sizeof(codec::JsonValue), kPoints, __cplusplus,
#if defined(__clang__)
                                 1000u + __clang_major__,
#else
                                 __GNUC__,
#endif
#ifdef _GLIBCXX_USE_CXX11_ABI
                                 2u + _GLIBCXX_USE_CXX11_ABI
#else
                                 1
#endif
  };
  for (const std::uint64_t f : facts) out = (out ^ f) * 1099511628211ull;
  return out;
}

struct OutsidePlugin {
  const char* name;                    ///< what Plugin::name() says
  std::int64_t default_weight;         ///< of its score where none is given; 0: it does not score
  std::uint32_t points;                ///< one bit per Point
  /// `args` is an object. May throw std::exception when they are wrong: the text is told as bad input.
  std::unique_ptr<Plugin> (*make)(const PluginContext& context, const codec::JsonValue& args);
};

/// What orrery_policies() returns; it lives as long as the program. The first two members stay what they are in every version.
struct OutsideLibrary {
  std::uint32_t version;
  std::uint64_t layout;
  const OutsidePlugin* plugins;
  std::size_t count;
};
inline constexpr const char* kOutsideEntry = "orrery_policies";

/// Which points a plugin extends.
template <class P>
constexpr std::uint32_t points_of() {
  std::uint32_t out = 0;
  const auto add = [&](Point p, bool extends) { out |= std::uint32_t{extends} << static_cast<unsigned>(p); };
  add(Point::kPreEnqueue, std::is_base_of_v<PreEnqueuePlugin, P>);
  add(Point::kQueueSort, std::is_base_of_v<QueueSortPlugin, P>);
  add(Point::kPreFilter, std::is_base_of_v<PreFilterPlugin, P>);
  add(Point::kFilter, std::is_base_of_v<FilterPlugin, P>);
  add(Point::kPostFilter, std::is_base_of_v<PostFilterPlugin, P>);
  add(Point::kPreScore, std::is_base_of_v<PreScorePlugin, P>);
  add(Point::kScore, std::is_base_of_v<ScorePlugin, P>);
  add(Point::kReserve, std::is_base_of_v<ReservePlugin, P>);
  add(Point::kPermit, std::is_base_of_v<PermitPlugin, P>);
  add(Point::kPreBind, std::is_base_of_v<PreBindPlugin, P>);
  add(Point::kBind, std::is_base_of_v<BindPlugin, P>);
  add(Point::kPostBind, std::is_base_of_v<PostBindPlugin, P>);
  return out;
}

template <class P>
constexpr OutsidePlugin outside_plugin(const char* name, std::int64_t default_weight) {
  return {name, default_weight, points_of<P>(), [](const PluginContext& context, const codec::JsonValue& args) -> std::unique_ptr<Plugin> {
            return std::make_unique<P>(context, args);
          }};
}

/// Defines the entry point; once per library.
#define ORRERY_POLICIES(...)                                                                                                   \
  extern "C" __attribute__((visibility("default"))) const orrery::scheduler::OutsideLibrary* orrery_policies() {               \
    static constexpr orrery::scheduler::OutsidePlugin kAll[] = {__VA_ARGS__};                                                  \
    static constexpr orrery::scheduler::OutsideLibrary kLibrary{orrery::scheduler::kOutsideVersion,                            \
                                                                orrery::scheduler::outside_layout(), kAll, std::size(kAll)};   \
    return &kLibrary;                                                                                                          \
  }

}  // namespace orrery::scheduler
