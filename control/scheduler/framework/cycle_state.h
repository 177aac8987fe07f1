// CycleState: what plugins remember between the extension points of one scheduling cycle.
#pragma once
#include <array>
#include <cstdint>
#include <memory>

namespace orrery::scheduler {

class StateData {
 public:
  virtual ~StateData() = default;
  /// For trials that change the state (preemption, nominated pods). Data that never changes then may be shared instead.
  virtual std::unique_ptr<StateData> clone() const = 0;
};

/// At most this many plugins in one profile.
inline constexpr int kMaxPlugins = 32;

class CycleState {
 public:
  CycleState() = default;
  CycleState(CycleState&&) = default;
  CycleState& operator=(CycleState&&) = default;

  /// Of PreFilter; cloned by clone().
  template <class T>
  T* filter_state(int slot) const { return static_cast<T*>(filter_[static_cast<std::size_t>(slot)].get()); }
  void set_filter_state(int slot, std::unique_ptr<StateData> data) { filter_[static_cast<std::size_t>(slot)] = std::move(data); }
  /// Of PreScore.
  template <class T>
  T* score_state(int slot) const { return static_cast<T*>(score_[static_cast<std::size_t>(slot)].get()); }
  void set_score_state(int slot, std::unique_ptr<StateData> data) { score_[static_cast<std::size_t>(slot)] = std::move(data); }

  /// One bit per slot.
  std::uint32_t skip_filter = 0, skip_score = 0;

  CycleState clone() const {
    CycleState out;
    for (std::size_t i = 0; i < filter_.size(); ++i) {
      if (filter_[i]) out.filter_[i] = filter_[i]->clone();
    }
    out.skip_filter = skip_filter;
    out.skip_score = skip_score;
    return out;
  }

 private:
  std::array<std::unique_ptr<StateData>, kMaxPlugins> filter_, score_;
};

}  // namespace orrery::scheduler
