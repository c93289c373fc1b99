#include "app/watchdog.h"

#include <algorithm>

namespace atelier::app {

Watchdog::Watchdog(std::function<SteadyTime()> deadline, std::function<void()> end)
    : deadline_(std::move(deadline)), end_(std::move(end)), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Watchdog::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime deadline = deadline_();
    if (deadline <= now) {
      end_();
      return;
    }
    stop_.wait_until(lock, std::min(deadline, now + std::chrono::seconds{1}));
  }
}

}  // namespace atelier::app
