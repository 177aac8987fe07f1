// ProcessGate: what a simulated device knows of the process incarnation that uses it.
#pragma once
#include <cstdint>

#include "model/base/str.h"

namespace orrery::sim {

class Kernel;

/// The numbered side effects before or after which a process can be made to die.
enum class Effect : std::uint8_t { kAppend, kSync, kRename, kSend, kSpawn, kCount };

/// Implemented by the world, one per incarnation. A device begins every side effect with begin_effect() and
/// ends it with end_effect(); completions are kernel events whose tag carries owner(), so that they are
/// held back while the process is paused and destroyed when it dies.
class ProcessGate {
 public:
  virtual ~ProcessGate() = default;
  std::uint32_t owner() const { return owner_; }
  bool alive() const { return alive_; }
  /// False: the process is dead, or died just now; nothing may happen and no completion be scheduled.
  bool begin_effect(Effect effect) {
    if (!alive_) return false;
    ++effects_[static_cast<unsigned>(effect)];
    return !armed_ || pass_armed(effect);
  }
  /// To be called last: the process may die here.
  void end_effect() {
    if (dies_after_effect_) die_now();
  }
  std::uint64_t effects(Effect effect) const { return effects_[static_cast<unsigned>(effect)]; }

  /// "machine/process" and the number of this start: the entity of random streams.
  virtual const base::Str& entity() const = 0;
  virtual std::uint32_t incarnation_number() const = 0;

 protected:
  virtual bool pass_armed(Effect effect) = 0;
  virtual void die_now() = 0;

  std::uint32_t owner_ = 0;
  bool alive_ = true;
  bool armed_ = false;              // a death at a numbered effect is planned
  bool dies_after_effect_ = false;
  std::uint64_t effects_[static_cast<unsigned>(Effect::kCount)] = {};
};

}  // namespace orrery::sim
