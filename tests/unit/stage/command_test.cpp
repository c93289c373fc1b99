// The program itself, as a pod runs it.
#include "stage/command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "stage/json.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Files;
using ::testing::HasSubstr;
namespace fs = test::fs;

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
  std::string result;
};

class Command : public ::testing::Test {
 protected:
  Ended run(std::vector<std::string> words, const std::string& program = ATELIER_STAGE) {
    words.insert(words.end(), {"--result", temp_ / "result"});
    return run_as_is(words, program);
  }

  Ended run_as_is(std::vector<std::string> words, const std::string& program = ATELIER_STAGE) {
    fs::remove(temp_ / "result");
    const int code = test::in_child([&] {
      std::vector<char*> argv{const_cast<char*>(program.c_str())};
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::dup2(::open((temp_ / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
      ::dup2(::open((temp_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
      ::execv(program.c_str(), argv.data());
      return 127;
    });
    return {code, test::read(temp_ / "out"), test::read(temp_ / "err"), test::read(temp_ / "result")};
  }

  std::vector<std::string> publish_words() {
    return {"publish",
            "--tree",
            temp_ / "staging/tree",
            "--manifest",
            temp_ / "staging/manifest.json",
            "--storage",
            temp_ / "storage",
            "--datadomain",
            "dd01",
            "--workspace",
            "ws-boilerplate",
            "--namespace",
            "team-a",
            "--uid",
            "6f1c",
            "--sequence",
            "1"};
  }

  test::TempFolder temp_;
};

TEST_F(Command, goes_from_the_image_to_the_storage_and_back_out_again) {
  test::write_all(temp_ / "image/dags", {{"a.py", "a"}, {".airflowignore", "x"}, {"notes.md", "n"}});
  fs::create_directory(temp_ / "storage");
  EXPECT_EQ(run({"install", temp_ / "stage"}).result, R"({"ok":true,"step":"tools"})");
  EXPECT_EQ(fs::status(temp_ / "stage").permissions(), fs::perms(0555));

  const Ended copied = run({"copy", "--from", temp_ / "image/dags", "--to", temp_ / "staging/tree", "--include",
                            "**/*.py", "--include", ".airflowignore"},
                           temp_ / "stage");
  EXPECT_EQ(copied.result, R"({"ok":true,"step":"stage","files":2,"bytes":2})");

  const Ended checked = run({"check", "--tree", temp_ / "staging/tree", "--manifest", temp_ / "staging/manifest.json"});
  const auto release = Json::parse(checked.result)->string_at("release").value_or("");
  EXPECT_EQ(checked.result, R"({"ok":true,"step":"check","release":")" + release +
                                R"(","files":2,"bytes":2,"dagIds":0,"dagIdsFoundBy":"best effort"})");

  const std::string published = R"({"ok":true,"step":"publish","release":")" + release + R"(","files":2,"bytes":2,)";
  EXPECT_EQ(run(publish_words()).result, published + R"("changed":true,"adopted":false,"pruned":0})");
  const Ended again = run(publish_words());
  EXPECT_EQ(again.result, published + R"("changed":false,"adopted":false,"pruned":0})");
  EXPECT_EQ(again.out, again.result + "\n");
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(test::files_in(temp_ / "storage/dags/ws-boilerplate"), (Files{{"a.py", "a"}, {".airflowignore", "x"}}));

  EXPECT_EQ(run({"sweep", "--storage", temp_ / "storage", "--remove", "ws-boilerplate=6f1c", "--remove", "x=y"}).result,
            R"({"ok":true,"step":"sweep","removed":["ws-boilerplate"],"absent":["x"],"kept":[]})");
}

TEST_F(Command, failure_is_told_to_the_operator_and_to_people) {
  const Ended missing = run({"copy", "--from", temp_ / "nowhere", "--to", temp_ / "staging"});
  EXPECT_EQ(missing.code, 10);
  EXPECT_THAT(missing.result,
              HasSubstr(R"({"ok":false,"step":"stage","reason":"DagsFolderMissing","message":"cannot)"));
  EXPECT_THAT(missing.err, HasSubstr("DagsFolderMissing: cannot open"));
  EXPECT_EQ(missing.out, missing.result + "\n");

  fs::create_directories(temp_ / "staging/tree");
  const Ended empty = run({"check", "--tree", temp_ / "staging/tree", "--manifest", temp_ / "staging/manifest.json"});
  EXPECT_EQ(empty.code, 10);
  EXPECT_THAT(empty.result, HasSubstr(R"("step":"check","reason":"DagsFolderEmpty")"));
}

TEST_F(Command, exit_codes_tell_whose_matter_it_is) {
  test::write_all(temp_ / "staging/tree", {{"a.py", "a"}});
  ASSERT_EQ(run({"check", "--tree", temp_ / "staging/tree", "--manifest", temp_ / "staging/manifest.json"}).code, 0);
  EXPECT_EQ(run(publish_words()).code, 20);
  fs::create_directory(temp_ / "storage");
  auto newer = publish_words();
  newer.back() = "5";
  EXPECT_EQ(run(newer).code, 0);
  EXPECT_EQ(run(publish_words()).code, 40);
  auto other = publish_words();
  std::replace(other.begin(), other.end(), std::string("6f1c"), std::string("7777"));
  const Ended taken = run(other);
  EXPECT_EQ(taken.code, 30);
  EXPECT_THAT(taken.result, HasSubstr(R"("reason":"NameTaken")"));
}

TEST_F(Command, a_strict_umask_does_not_keep_airflow_out) {
  test::write_all(temp_ / "staging/tree", {{"sub/a.py", "a"}});
  fs::create_directory(temp_ / "storage");
  const mode_t before = ::umask(077);
  run({"check", "--tree", temp_ / "staging/tree", "--manifest", temp_ / "staging/manifest.json"});
  const Ended published = run(publish_words());
  ::umask(before);
  EXPECT_EQ(published.code, 0);
  EXPECT_EQ(fs::status(temp_ / "storage/dags").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::status(temp_ / "storage/dags/ws-boilerplate/sub").permissions(), fs::perms(0755));
}

TEST_F(Command, usage_errors_say_all_that_is_wrong_at_once) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "no command given"},
      {{"frobnicate"}, "unknown command frobnicate"},
      {{"install"}, "DEST is required"},
      {{"install", "a", "b"}, "unexpected argument b"},
      {{"copy", "--from", "x"}, "--to is required"},
      {{"copy", "--from", "x", "--to", "y", "--include", "../*"}, "--include ../*"},
      {{"copy", "--frm", "x"}, "unknown flag --frm"},
      {{"check", "--tree", "x", "--manifest", "y", "--max-files", "many"}, "--max-files many is not a number"},
      {{"check", "--tree", "x", "--tree", "y", "--manifest", "z"}, "--tree is given more than once"},
      {{"publish", "--workspace", "../../etc"}, "--workspace ../../etc is not a DNS label"},
      {{"publish", "--workspace", "UPPER"}, "--sequence is required"},
      {{"publish", "--datadomain", "a.b"}, "--datadomain a.b is not a DNS label"},
      {{"publish", "--uid", "a\nb"}, "--uid is not a UID"},
      {{"publish", "--keep-releases", "0"}, "--keep-releases must be at least 1"},
      {{"sweep", "--storage", "x"}, "--remove is required"},
      {{"results"}, "--file is required"},
      {{"sweep", "--storage", "x", "--remove", "../a=u"}, "--remove ../a=u is not NAME=UID"},
      {{"sweep", "--storage", "x", "--remove", "name"}, "is not NAME=UID"},
      {{"sweep", "--storage", "x", "--remove", "=u"}, "is not NAME=UID"},
  };
  for (const auto& [words, complaint] : cases) {
    Outcome outcome = run_command(words, 0);
    EXPECT_EQ(outcome.exit_code(), 2) << complaint;
    EXPECT_THAT(outcome.json(), HasSubstr("\"reason\":\"UsageError\""));
    EXPECT_THAT(outcome.failure().message, HasSubstr(complaint));
  }
  EXPECT_EQ(run_as_is({"sweep", "--result"}).code, 2);
}

TEST_F(Command, dns_labels_are_what_kubernetes_says) {
  for (const char* good : {"a", "ws-1", "0", "a--b"}) EXPECT_TRUE(is_dns_label(good)) << good;
  for (const char* bad : {"", "-a", "a-", "A", "a.b", "a_b", "a/b", "..", "ä", "a b"})
    EXPECT_FALSE(is_dns_label(bad)) << bad;
  EXPECT_TRUE(is_dns_label(std::string(63, 'a')));
  EXPECT_FALSE(is_dns_label(std::string(64, 'a')));
}

TEST_F(Command, without_a_place_for_the_result_standard_output_has_it) {
  const Ended run =
      run_as_is({"check", "--tree", "/nonexistent", "--manifest", "/m", "--result", "/nonexistent/result"});
  EXPECT_EQ(run.code, 10);
  EXPECT_TRUE(Json::parse(run.out));
}

TEST_F(Command, tells_its_version_and_its_use) {
  EXPECT_THAT(run_as_is({"--version"}).out, HasSubstr("atelier-stage "));
  EXPECT_THAT(run_as_is({"--help"}).out, HasSubstr("atelier-stage publish"));
  EXPECT_EQ(run_as_is({"--help"}).code, 0);
}

TEST_F(Command, installing_again_replaces_the_program) {
  test::write(temp_ / "stage", "old");
  test::write(temp_ / ".stage.new", "left by a crash");
  EXPECT_EQ(run({"install", temp_ / "stage"}).code, 0);
  EXPECT_EQ(fs::file_size(temp_ / "stage"), fs::file_size(ATELIER_STAGE));
  EXPECT_EQ(run({"install", temp_ / "missing/stage"}).code, 20);
}

TEST_F(Command, takes_the_ids_that_airflow_found_and_says_so) {
  test::write_all(temp_ / "staging/tree", {{"a.py", "a"}});
  test::write(temp_ / "found.json", R"({"dags":[{"id":"made-of-parts","file":"a.py"}],"errors":[]})");
  fs::create_directory(temp_ / "storage");
  const Ended checked = run({"check", "--tree", temp_ / "staging/tree", "--manifest", temp_ / "staging/manifest.json",
                             "--airflow-dags", temp_ / "found.json"});
  EXPECT_THAT(checked.result, HasSubstr(R"("dagIds":1,"dagIdsFoundBy":"Airflow")"));
  std::vector<std::string> words = publish_words();
  words.insert(words.end(), {"--airflow-dags", temp_ / "found.json"});
  EXPECT_EQ(run(words).code, 0);
  EXPECT_TRUE(fs::exists(temp_ / "storage/.atelier/held-dag-ids/ws-boilerplate"));
}

}  // namespace
}  // namespace atelier::stage
