// Manager: all controllers of one kube-controller-manager, on one set of informers.
#pragma once
#include <memory>
#include <vector>

#include "control/controllers/controller.h"
#include "model/env/memory_account.h"

namespace orrery::controllers {

/// Built when the process has become leader; destroyed with it.
class Manager {
 public:
  Manager(env::Environment& env, client::ClientConfig base, const ManagerConfig& config);
  /// Starts the informers, then every controller with its workers.
  void start();

 private:
  template <class C>
  void add(const char* name, int workers, int qps_factor = 1, int burst_factor = 1);

  env::Environment& env_;
  client::ClientConfig base_;
  ManagerConfig config_;
  client::Client informer_client_;
  env::MemoryAccount memory_;
  client::InformerSet informers_;
  struct Entry {
    std::unique_ptr<client::Client> client;
    std::unique_ptr<Controller> controller;
    int workers;
  };
  std::vector<Entry> controllers_;
};

}  // namespace orrery::controllers
