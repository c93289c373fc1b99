// The loop of a real process: one thread on Boost.Asio.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <random>

#include "atelier/base/loop.h"

namespace boost::asio {
class io_context;
}

namespace atelier::http {

// post() and stop() may be called from any thread, everything else from the loop's thread only. Timers and
// ports must be destroyed before their loop.
class AsioLoop final : public Loop {
 public:
  AsioLoop();
  ~AsioLoop() override;

  SteadyTime now() const override;
  WallTime wall_now() const override;
  void post(std::function<void()> task) override;
  std::unique_ptr<Timer> at(SteadyTime when, std::function<void()> task) override;

  // Calls `handler` on the loop for every arrival of one of these signals.
  void on_signal(std::initializer_list<int> numbers, std::function<void(int)> handler);

  void run();   // until stop(); may be called again afterwards
  void stop();  // run() returns after the task that is being run

  boost::asio::io_context& context();  // for what else is to run on it

 private:
  void await_signal(std::function<void(int)> handler);

  struct State;
  std::unique_ptr<State> state_;
};

// Seeded by the operating system.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace atelier::http
