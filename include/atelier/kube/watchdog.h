// Ends the process when the loop fails to notice that its lease is over, by a thread that depends on nothing else.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "atelier/base/time.h"

namespace atelier::kube {

// Takes no lock, for the stuck loop may hold it, and waits for nothing: if stderr is full, it says nothing.
[[noreturn]] void end_at_once(int exit_code);

class Watchdog {
 public:
  // `deadline` is asked from the watchdog's thread about once a second; when it has passed, `end` is called there.
  Watchdog(std::function<SteadyTime()> deadline, std::function<void()> end);
  ~Watchdog();  // waits for the thread

 private:
  void watch();

  std::function<SteadyTime()> deadline_;
  std::function<void()> end_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace atelier::kube
