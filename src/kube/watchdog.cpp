#include "atelier/kube/watchdog.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace atelier::kube {

void end_at_once(int exit_code) {
  static constexpr std::string_view kWords = "the lease ran out and the loop did not notice\n";
  pollfd stderr_now{STDERR_FILENO, POLLOUT, 0};
  if (poll(&stderr_now, 1, 0) == 1) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kWords.data(), kWords.size());
  }
  _exit(exit_code);
}

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

}  // namespace atelier::kube
