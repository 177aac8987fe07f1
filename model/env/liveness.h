// Liveness: lets a callback find out that the component it belongs to is gone.
#pragma once
#include "model/base/ref.h"

namespace orrery::env {

/// A component holds one as its last member; callbacks capture token() and do nothing once `alive()` is false.
class Liveness {
 public:
  class Token {
   public:
    bool alive() const { return flag_ && flag_->alive; }

   private:
    friend class Liveness;
    struct Flag : base::RefCounted {
      bool alive = true;
    };
    base::Ref<Flag> flag_;
  };
  Liveness() { token_.flag_ = base::make_ref<Token::Flag>(); }
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;
  ~Liveness() { token_.flag_->alive = false; }
  Token token() const { return token_; }

 private:
  Token token_;
};

}  // namespace orrery::env
