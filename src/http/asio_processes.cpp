#include "atelier/http/asio_processes.h"

#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>

#include "http/spawn.h"

namespace atelier::http {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::size_t kLongestDiagnostics = 2048;

// One program. It lives until the program is reaped, which may be later than the end of its handle: the handlers of
// its descriptors own it.
class Program final : public std::enable_shared_from_this<Program> {
 public:
  Program(AsioLoop& loop, Spawned spawned, std::size_t longest, std::function<void(ProcessEnd)> done)
      : pid_(spawned.pid),
        longest_(longest),
        done_(std::move(done)),
        exit_(loop.context(), spawned.exit.release()),
        output_(loop.context(), spawned.output.release()),
        diagnostics_(loop.context(), spawned.diagnostics.release()) {
    output_.non_blocking(true);
    diagnostics_.non_blocking(true);
  }
  ~Program() {  // the loop is at its end
    kill_group();
    reap(0);
  }

  void start(AsioLoop& loop, Millis timeout) {
    timer_ = loop.after(timeout, [this] { give_up(ProcessEnd::How::timed_out); });
    await_output();
    await_diagnostics();
    await_exit();
  }

  // Nobody waits for it any more.
  void abandon() {
    done_ = nullptr;
    timer_.reset();
    kill_group();
    close_pipes();
  }

 private:
  void await_exit() {
    exit_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code error) {
      if (error) return self->give_up(ProcessEnd::How::not_started);
      self->exited();
    });
  }
  void await_output() {
    output_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code error) {
      if (!error && self->take(self->output_, &Program::take_output)) self->await_output();
    });
  }
  void await_diagnostics() {
    diagnostics_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code error) {
      if (!error && self->take(self->diagnostics_, &Program::take_diagnostics)) {
        self->await_diagnostics();
      }
    });
  }

  // Everything that is there; whether more may come.
  bool take(stream_descriptor& from, void (Program::*taker)(std::string_view)) {
    std::array<char, 4096> buffer{};
    while (from.is_open()) {
      boost::system::error_code error;
      const std::size_t count = from.read_some(boost::asio::buffer(buffer), error);
      if (error) return error == boost::asio::error::would_block;
      (this->*taker)({buffer.data(), count});
    }
    return false;
  }
  void take_output(std::string_view text) {
    if (end_.output.size() + text.size() > longest_) return give_up(ProcessEnd::How::too_long);
    end_.output += text;
  }
  void take_diagnostics(std::string_view text) {
    end_.diagnostics += text;
    if (end_.diagnostics.size() > kLongestDiagnostics) {
      end_.diagnostics.erase(0, end_.diagnostics.size() - kLongestDiagnostics);
    }
  }

  void give_up(ProcessEnd::How how) {
    take(diagnostics_, &Program::take_diagnostics);
    kill_group();
    end_.how = how;
    end_.output.clear();
    finish();
  }
  void exited() {
    reap(WNOHANG);
    if (!reaped_) return await_exit();  // Asio may wake a new descriptor for an event of the one before it
    if (!done_) return;
    // A program in its background may hold the pipes open for ever: only what is there already counts.
    take(diagnostics_, &Program::take_diagnostics);
    take(output_, &Program::take_output);
    finish();
  }
  void finish() {
    timer_.reset();
    close_pipes();
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(end_));
  }

  void kill_group() {
    if (!reaped_) kill(-pid_, SIGKILL);
  }
  void reap(int flags) {
    if (reaped_) return;
    int status = 0;
    pid_t answer = -1;
    do {
      answer = waitpid(pid_, &status, flags);
    } while (answer < 0 && errno == EINTR);
    if (answer == 0) return;
    reaped_ = true;
    if (answer < 0) {  // somebody else reaped it: how it ended is not known
      end_.how = ProcessEnd::How::not_started;
      end_.code = errno;
    } else {
      end_.how = WIFEXITED(status) ? ProcessEnd::How::exited : ProcessEnd::How::signalled;
      end_.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    }
  }
  void close_pipes() {
    boost::system::error_code ignored;
    static_cast<void>(output_.close(ignored));
    static_cast<void>(diagnostics_.close(ignored));
  }

  pid_t pid_;
  std::size_t longest_;
  std::function<void(ProcessEnd)> done_;
  stream_descriptor exit_;
  stream_descriptor output_;
  stream_descriptor diagnostics_;
  std::unique_ptr<Timer> timer_;
  bool reaped_ = false;
  ProcessEnd end_;
};

class RunningProgram final : public Process {
 public:
  explicit RunningProgram(std::shared_ptr<Program> program) : program_(std::move(program)) {}
  ~RunningProgram() override { program_->abandon(); }

 private:
  std::shared_ptr<Program> program_;
};

// One that did not start: says so from the loop.
class FailedProgram final : public Process {
 public:
  FailedProgram(Loop& loop, int error, std::function<void(ProcessEnd)> done)
      : timer_(loop.after(Millis{0}, [error, done = std::move(done)] {
          ProcessEnd end;
          end.how = error == ENOENT ? ProcessEnd::How::not_found : ProcessEnd::How::not_started;
          end.code = error;
          done(std::move(end));
        })) {}

 private:
  std::unique_ptr<Timer> timer_;
};

}  // namespace

std::unique_ptr<Process> AsioProcesses::run(Command command, std::function<void(ProcessEnd)> done) {
  Spawned spawned = spawn(command.argv, command.env);
  if (spawned.error != 0) return std::make_unique<FailedProgram>(loop_, spawned.error, std::move(done));
  auto program = std::make_shared<Program>(loop_, std::move(spawned), command.longest_output, std::move(done));
  program->start(loop_, command.timeout);
  return std::make_unique<RunningProgram>(std::move(program));
}

}  // namespace atelier::http
