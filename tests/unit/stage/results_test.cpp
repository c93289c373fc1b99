// What a task writes, and what it leaves where it should have written.
#include "stage/results.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage/json.h"
#include "stage/sha256.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = test::fs;

std::string sha256_of(const std::string& text) {
  Sha256 hash;
  hash.update(text);
  return hex(hash.finish());
}

class Results : public ::testing::Test {
 protected:
  // The content, or "reason: message".
  static std::string read(const ResultsFile& file) {
    auto content = file.read();
    return content ? *content : reason_of(content) + ": " + message_of(content);
  }
  std::string reason() const { return reason_of(file_.read()); }

  test::TempFolder temp_;
  std::string path_ = temp_ / "results";
  ResultsFile file_{path_};
};

TEST_F(Results, of_a_task_that_wrote_none_are_missing) {
  EXPECT_EQ(read(file_),
            "ResultsMissing: the task declares results and wrote none; write one JSON object to the file that "
            "$ATELIER_RESULTS names");
}

TEST_F(Results, are_read_as_they_were_written) {
  test::write(path_, R"({"rows": 5})");
  EXPECT_EQ(read(file_), R"({"rows": 5})");
}

TEST_F(Results, may_fill_the_limit_and_not_a_byte_more) {
  test::write(path_, std::string(262'144, 'x'));
  EXPECT_EQ(read(file_), std::string(262'144, 'x'));
  test::write(path_, std::string(262'145, 'x'));
  EXPECT_EQ(read(file_),
            "ResultsTooLarge: the results have more than 262144 bytes; pass a reference to stored data instead");
}

TEST_F(Results, of_any_size_are_read_up_to_the_limit_only) {
  fs::resize_file(path_, std::uintmax_t{1} << 40U);
  EXPECT_EQ(reason(), "ResultsTooLarge");
}

TEST_F(Results, that_are_not_utf8_are_refused) {
  for (const char* bytes : {"{\"a\": \"\xFF\"}", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82"}) {
    test::write(path_, bytes);
    EXPECT_EQ(read(file_),
              "ResultsInvalid: the content of $ATELIER_RESULTS is not UTF-8; write one JSON object in UTF-8");
  }
}

TEST_F(Results, in_a_file_that_took_its_place_count) {
  test::write(path_, "old");
  test::write(temp_ / "new", "new");
  fs::rename(temp_ / "new", path_);
  EXPECT_EQ(read(file_), "new");
}

TEST_F(Results, in_a_file_that_was_removed_count) {
  test::write(path_, "written");
  fs::remove(path_);
  EXPECT_EQ(read(file_), "written");
}

TEST_F(Results, in_a_file_that_may_not_be_read_say_how_to_write_them) {
  test::write(temp_ / "new", "new");
  fs::permissions(temp_ / "new", fs::perms(0600));
  fs::rename(temp_ / "new", path_);
  const std::string said = test::as_user(65532, [&] { return read(file_); });
  EXPECT_EQ(said, "ResultsUnreadable: cannot open " + path_ +
                      ": Permission denied (running as 65532:65532). Write the results in place, into the file that "
                      "$ATELIER_RESULTS names, or make the file readable for every user.");
}

TEST_F(Results, behind_a_link_are_not_read) {
  test::write(temp_ / "secret", "secret");
  fs::remove(path_);
  fs::create_symlink(temp_ / "secret", path_);
  EXPECT_THAT(read(file_), AllOf(HasSubstr("ResultsUnreadable: " + path_ + " is a symbolic link"),
                                 HasSubstr("Write the results in place")));
  EXPECT_THAT(read(ResultsFile(path_)), HasSubstr("is a symbolic link")) << "one that was there first";
}

TEST_F(Results, in_a_fifo_hold_nothing_up) {
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0666), 0);
  EXPECT_THAT(read(file_), HasSubstr("ResultsUnreadable: " + path_ + " is a FIFO"));
  EXPECT_THAT(read(ResultsFile(path_)), HasSubstr("is a FIFO")) << "one that was there first";
}

TEST_F(Results, are_not_a_folder) {
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_THAT(read(file_), HasSubstr("ResultsUnreadable: " + path_ + " is a folder"));
  EXPECT_THAT(read(ResultsFile(path_)), HasSubstr("is a folder")) << "one that was there first";
}

TEST_F(Results, without_a_folder_for_them_say_so) {
  EXPECT_THAT(read(ResultsFile(temp_ / "nowhere/results")),
              HasSubstr("ResultsUnreadable: cannot open " + (temp_ / "nowhere/results").string() + ": No such file"));
}

TEST_F(Results, that_are_there_first_are_kept_and_can_be_added_to) {
  test::write(path_, "written");
  fs::permissions(path_, fs::perms(0600));
  EXPECT_EQ(read(ResultsFile(path_)), "written");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0666));
}

TEST_F(Results, can_be_written_by_every_user_whatever_the_umask) {
  const mode_t before = ::umask(077);
  const ResultsFile strict(temp_ / "strict");
  ::umask(before);
  EXPECT_EQ(fs::status(temp_ / "strict").permissions(), fs::perms(0666));
  EXPECT_EQ(test::as_user(1000, [&] { return test::write(temp_ / "strict", "x"), read(strict); }), "x");
}

// The program itself, as the sidecar that it is.
class ResultsStep : public ::testing::Test {
 protected:
  struct Ended {
    int code = -1;
    std::string out;
    std::string err;
    std::string result;
  };

  // A signal that is pending when the program starts, blocked for it, is one that it will not have to wait for.
  pid_t start(const std::string& out, int pending_signal = 0) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (pending_signal != 0) {
      sigset_t one;
      ::sigemptyset(&one);
      ::sigaddset(&one, pending_signal);
      ::sigprocmask(SIG_BLOCK, &one, nullptr);
      ::raise(pending_signal);
    }
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    ::dup2(::open((temp_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    const std::string result = temp_ / "result";
    ::execl(ATELIER_STAGE, ATELIER_STAGE, "results", "--file", path_.c_str(), "--result", result.c_str(), nullptr);
    ::_exit(127);
  }

  Ended wait_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, test::read(temp_ / "out"), test::read(temp_ / "err"),
            test::read(temp_ / "result")};
  }

  // Of a task that wrote this and has ended.
  Ended run(const std::string& content, int signal = SIGTERM) {
    test::write(path_, content);
    return wait_for(start(temp_ / "out", signal));
  }

  test::TempFolder temp_;
  std::string path_ = temp_ / "large/results";
};

TEST_F(ResultsStep, prints_one_line_and_tells_its_size_and_digest) {
  const Ended ended = run(R"({"rows": 5})");
  EXPECT_EQ(ended.out, R"({"results":"{\"rows\": 5}"})"
                       "\n");
  EXPECT_EQ(ended.result,
            R"({"ok":true,"step":"results","bytes":11,"sha256":")" + sha256_of(R"({"rows": 5})") + R"("})");
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.code, 0);
}

TEST_F(ResultsStep, escapes_what_json_must_not_have) {
  constexpr char kText[] = "quote\" slash\\ \b\t\r\n \x01\x7F ä€😀\0end";
  const std::string content(kText, sizeof kText - 1);
  const Ended ended = run(content);
  EXPECT_EQ(ended.out, R"({"results":"quote\" slash\\ \u0008\u0009\u000d\n \u0001\u007f ä€😀\u0000end"})"
                       "\n");
  const auto printed = Json::parse(ended.out);
  ASSERT_TRUE(printed);
  EXPECT_EQ(printed->string_at("results"), content);
  EXPECT_EQ(Json::parse(ended.result)->string_at("sha256"), sha256_of(content));
}

TEST_F(ResultsStep, prints_nothing_when_it_fails) {
  const Ended ended = run("\xFF");
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.result,
            R"({"ok":false,"step":"results","reason":"ResultsInvalid","message":"the content of $ATELIER_RESULTS is )"
            R"(not UTF-8; write one JSON object in UTF-8"})");
  EXPECT_EQ(ended.err,
            "ResultsInvalid: the content of $ATELIER_RESULTS is not UTF-8; write one JSON object in UTF-8\n");
  EXPECT_EQ(ended.code, 10);
}

TEST_F(ResultsStep, ends_by_an_interrupt_as_well) { EXPECT_EQ(run("x", SIGINT).out, "{\"results\":\"x\"}\n"); }

TEST_F(ResultsStep, waits_until_the_task_has_ended) {
  fs::create_directory(temp_ / "large");
  const int watch = ::inotify_init1(IN_CLOEXEC);
  ASSERT_GE(::inotify_add_watch(watch, (temp_ / "large").c_str(), IN_ATTRIB), 0);
  const pid_t child = start(temp_ / "out");
  pollfd made{watch, POLLIN, 0};
  EXPECT_EQ(::poll(&made, 1, 10'000), 1) << "it makes the file and gives it its mode";
  ::close(watch);
  EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), 0);
  test::write(path_, "late");
  ::kill(child, SIGTERM);
  const Ended ended = wait_for(child);
  EXPECT_EQ(ended.out, "{\"results\":\"late\"}\n");
  EXPECT_EQ(ended.code, 0);
}

TEST_F(ResultsStep, prints_all_of_it_into_a_pipe_that_is_read_slowly) {
  const std::string content(262'144, '\x01');
  test::write(path_, content);
  ASSERT_EQ(::mkfifo((temp_ / "log").c_str(), 0600), 0);
  const pid_t child = start(temp_ / "log", SIGTERM);
  const std::string line = test::read(temp_ / "log");
  EXPECT_EQ(line.size(), content.size() * 6 + std::string(R"({"results":""})").size() + 1);
  EXPECT_EQ(Json::parse(line)->string_at("results"), content);
  EXPECT_EQ(wait_for(child).result,
            R"({"ok":true,"step":"results","bytes":262144,"sha256":")" + sha256_of(content) + R"("})");
}

}  // namespace
}  // namespace atelier::stage
