#include "cli/lease_hold.h"

namespace atelier::cli {

LeaseHold::LeaseHold(Session& session, ObjectKey key)
    : session_(session),
      lease_(std::move(key), "atelier-uninstall_" + std::to_string(session.parts().random.next()), kube::LeaseTimes{},
             session.parts().port, session.parts().loop, session.parts().random,
             {[this] {
                held_ = true;
                session_.parts().stop();
              },
              // Not more: an answer may be waited for.
              [this] { lost_ = true; }}) {}

bool LeaseHold::take(Millis longest) {
  const Session::Parts& parts = session_.parts();
  const auto end = parts.loop.after(longest, parts.stop);
  lease_.start();
  parts.run();
  if (!held_) give_back();  // a claim may be under way
  return held_;
}

void LeaseHold::give_back() {
  const Session::Parts& parts = session_.parts();
  lease_.release(parts.stop);
  parts.run();
}

}  // namespace atelier::cli
