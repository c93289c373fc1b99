#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "atelier/http/asio_processes.h"
#include "unit/kube/temp_folder.h"

namespace atelier::http {
namespace {

using std::chrono::seconds;
using How = ProcessEnd::How;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class Processes : public ::testing::Test {
 protected:
  [[nodiscard]] bool await(const std::function<bool()>& holds) {
    const SteadyTime end = loop_.now() + seconds{10};
    while (!holds() && loop_.now() < end) {
      loop_.context().restart();
      loop_.context().run_one_for(std::chrono::milliseconds{20});
    }
    return holds();
  }
  static Command shell(const std::string& script) {
    Command command;
    command.argv = {"/bin/sh", "-c", script};
    return command;
  }
  ProcessEnd run(Command command) {
    std::optional<ProcessEnd> end;
    const auto process = processes_.run(std::move(command), [&](ProcessEnd e) { end = std::move(e); });
    EXPECT_FALSE(end) << "not inside run()";
    EXPECT_TRUE(await([&] { return end.has_value(); }));
    return end.value_or(ProcessEnd{});
  }
  // No child is left, neither running nor as a zombie.
  [[nodiscard]] bool childless() {
    return await([] {
      siginfo_t info{};
      return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
    });
  }

  // What was cancelled lets go of its descriptors.
  void settle() {
    loop_.context().restart();
    loop_.context().poll();
  }

  AsioLoop loop_;
  AsioProcesses processes_{loop_};
};

TEST_F(Processes, GiveWhatTheyWroteAndHowTheyEnded) {
  const ProcessEnd end = run(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(end.how, How::exited);
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.output, "out\n");
  EXPECT_EQ(end.diagnostics, "err\n");
  EXPECT_TRUE(childless());
}

TEST_F(Processes, AreStartedWithoutAShell) {
  Command command;
  command.argv = {"printf", "%s|", "$HOME", "a b", "; exit 1"};
  EXPECT_EQ(run(command).output, "$HOME|a b|; exit 1|");
}

TEST_F(Processes, HaveThisOnesEnvironmentAndMore) {
  ::setenv("ATELIER_TEST_A", "old", 1);
  ::setenv("ATELIER_TEST_B", "kept", 1);
  Command command = shell("echo $ATELIER_TEST_A $ATELIER_TEST_B");
  command.env = {{"ATELIER_TEST_A", "new"}};
  EXPECT_EQ(run(command).output, "new kept\n");
  ::unsetenv("ATELIER_TEST_A");
  ::unsetenv("ATELIER_TEST_B");
}

TEST_F(Processes, InheritNothingElse) {
  const int leak = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  ASSERT_GE(leak, 0);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  auto* const handler = ::signal(SIGPIPE, SIG_IGN);
  const ProcessEnd files = run(shell("cat; ls /proc/self/fd | wc -l"));
  Command command;  // without a shell, which would unblock signals
  command.argv = {"sed", "-nE", "s/^Sig(Blk|Ign):.*(.{8})$/\\1 \\2/p", "/proc/self/status"};
  const ProcessEnd signals = run(command);
  ::signal(SIGPIPE, handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(leak);
  EXPECT_EQ(files.output, "4\n") << "standard input is empty; the fourth descriptor is ls's own";
  EXPECT_TRUE(signals.output.starts_with("Blk 00000000\nIgn ")) << signals.output << signals.diagnostics;
  EXPECT_TRUE(signals.output.ends_with("0000000\n")) << signals.output << "the rest is the C library's";
}

TEST_F(Processes, ThatAreNotInstalledSaySo) {
  Command command;
  command.argv = {"atelier-no-such-program"};
  EXPECT_EQ(run(command).how, How::not_found);
  command.argv = {"/no/such/program"};
  EXPECT_EQ(run(command).how, How::not_found);
  const testing::TempFolder temp;
  temp.write("script", "#!/bin/sh\n");
  command.argv = {temp.file("script")};
  const ProcessEnd end = run(command);
  EXPECT_EQ(end.how, How::not_started);
  EXPECT_EQ(end.code, EACCES);
}

TEST_F(Processes, AreKilledWithTheirChildrenWhenTheirTimeIsOver) {
  const testing::TempFolder temp;
  Command command = shell("echo why >&2; sleep 1000 & echo $! > " + temp.file("child") + "; wait");
  command.timeout = seconds{3};  // the shell has written by then
  const ProcessEnd end = run(command);
  EXPECT_EQ(end.how, How::timed_out);
  EXPECT_EQ(end.diagnostics, "why\n");
  EXPECT_TRUE(childless());
  pid_t child = 0;
  std::ifstream(temp.file("child")) >> child;
  ASSERT_GT(child, 0);
  EXPECT_TRUE(await([child] {
    std::string state;
    std::string word;
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    status >> word >> word >> state;
    return state.empty() || state == "Z";  // its new parent may be slow to reap it
  }));
}

TEST_F(Processes, AreKilledWhenNobodyWaitsForThem) {
  auto process = processes_.run(shell("sleep 1000"), [](const ProcessEnd&) { FAIL() << "destroyed"; });
  process.reset();
  EXPECT_TRUE(childless());
}

TEST_F(Processes, AreKilledAndReapedWithTheLoop) {
  {
    AsioLoop loop;
    AsioProcesses processes{loop};
    auto process = processes.run(shell("sleep 1000"), [](const ProcessEnd&) {});
    process.reset();
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Processes, AreKilledWhenTheyWriteTooMuch) {
  Command command = shell("yes");
  command.longest_output = 100'000;
  const ProcessEnd end = run(command);
  EXPECT_EQ(end.how, How::too_long);
  EXPECT_TRUE(end.output.empty());
  EXPECT_TRUE(childless());
  command = shell("yes | head -c 100000");
  command.longest_output = 100'000;
  EXPECT_EQ(run(command).output.size(), 100'000U);
}

TEST_F(Processes, KeepTheLastOfALongStandardError) {
  const ProcessEnd end = run(shell("yes | head -c 300000 >&2; printf the-end >&2"));
  EXPECT_EQ(end.diagnostics.size(), 2048U);
  EXPECT_TRUE(end.diagnostics.ends_with("y\nthe-end")) << end.diagnostics;
}

TEST_F(Processes, AreOverWhenTheyExitAlthoughAChildHoldsTheirPipes) {
  const SteadyTime start = loop_.now();
  const ProcessEnd end = run(shell("echo out; sleep 5 & exit 0"));
  EXPECT_EQ(end.output, "out\n");
  EXPECT_EQ(end.how, How::exited);
  EXPECT_LT(loop_.now() - start, seconds{4});
}

TEST_F(Processes, SayWhichSignalEndedThem) {
  const ProcessEnd end = run(shell("kill -TERM $$"));
  EXPECT_EQ(end.how, How::signalled);
  EXPECT_EQ(end.code, SIGTERM);
}

TEST_F(Processes, LeaveNoDescriptorBehind) {
  run(shell("true"));
  settle();
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    run(shell("echo a; echo b >&2"));
    Command slow = shell("sleep 1000");
    slow.timeout = Millis{1};
    run(slow);
    run({{"atelier-no-such-program"}, {}});
    auto process = processes_.run(shell("sleep 1000"), [](const ProcessEnd&) {});
  }
  EXPECT_TRUE(childless());
  settle();
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace atelier::http
