// NoDataplane: a machine whose service table cannot be changed; every apply is refused.
#pragma once
#include "model/env/dataplane.h"
#include "real/loop/loop.h"

namespace orrery::real {

class NoDataplane : public env::Dataplane {
 public:
  explicit NoDataplane(Poster post) : post_(std::move(post)) {}
  void apply(std::vector<base::Ref<const env::ServiceEntry>>, bool,
             base::UniqueFunction<void(base::Status)> done) override {
    post_([done = std::move(done)]() mutable {
      done(base::Error{base::ErrorCode::kUnavailable, "this machine has no service table"});
    });
  }

 private:
  Poster post_;
};

}  // namespace orrery::real
