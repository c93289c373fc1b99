#include "atelier/http/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace atelier::http {
namespace {

// The state is shared with the pending wait: an expired timer's handler may already be queued when the Timer
// is destroyed, and must then find that it is cancelled.
class AsioTimer final : public Timer {
 public:
  AsioTimer(boost::asio::io_context& context, SteadyTime when, std::function<void()> task)
      : state_(std::make_shared<State>(context, when, std::move(task))) {
    state_->timer.async_wait([state = state_](const boost::system::error_code&) {
      if (state->cancelled) return;
      state->cancelled = true;
      std::exchange(state->task, nullptr)();
    });
  }
  ~AsioTimer() override {
    state_->cancelled = true;
    state_->task = nullptr;
    boost::system::error_code ignored;
    state_->timer.cancel(ignored);
  }

 private:
  struct State {
    State(boost::asio::io_context& context, SteadyTime when, std::function<void()> task_in)
        : timer(context, when), task(std::move(task_in)) {}

    boost::asio::steady_timer timer;
    std::function<void()> task;
    bool cancelled = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace

struct AsioLoop::State {
  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context};
};

AsioLoop::AsioLoop() : state_(std::make_unique<State>()) {}

AsioLoop::~AsioLoop() = default;

boost::asio::io_context& AsioLoop::context() { return state_->context; }

SteadyTime AsioLoop::now() const { return std::chrono::steady_clock::now(); }

WallTime AsioLoop::wall_now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void AsioLoop::post(std::function<void()> task) { boost::asio::post(state_->context, std::move(task)); }

std::unique_ptr<Timer> AsioLoop::at(SteadyTime when, std::function<void()> task) {
  return std::make_unique<AsioTimer>(state_->context, when, std::move(task));
}

void AsioLoop::on_signal(std::initializer_list<int> numbers, std::function<void(int)> handler) {
  for (const int number : numbers) state_->signals.add(number);
  await_signal(std::move(handler));
}

void AsioLoop::await_signal(std::function<void(int)> handler) {
  state_->signals.async_wait([this, handler = std::move(handler)](const boost::system::error_code& error, int number) {
    if (error) return;
    await_signal(handler);
    handler(number);
  });
}

void AsioLoop::run() {
  const auto work = boost::asio::make_work_guard(state_->context);
  state_->context.restart();
  state_->context.run();
}

void AsioLoop::stop() { state_->context.stop(); }

SystemRandom::SystemRandom() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  engine_.seed(seed);
}

}  // namespace atelier::http
