// What Airflow found, as a stranger's word: read, refused, and claimed.
#include "stage/airflow_dags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "stage/dag_id_claims.h"
#include "stage/roll_back.h"
#include "stage/sweep.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = test::fs;

std::string found(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ",") + (R"({"id":")" + id + R"(","file":"a.py"})");
  return R"({"dags":[)" + text + R"(],"errors":[]})";
}

class AirflowWord : public ::testing::Test {
 protected:
  Result<AirflowDags> read(const std::string& text) {
    test::write(temp_ / "found.json", text);
    return read_airflow_dags(temp_ / "found.json");
  }
  void expect_refused(const std::string& text, const std::string& why) {
    const auto dags = read(text);
    EXPECT_EQ(reason_of(dags), "PreflightFailed") << text.substr(0, 80);
    EXPECT_THAT(message_of(dags), HasSubstr(why));
  }

  test::TempFolder temp_;
};

TEST_F(AirflowWord, is_taken) {
  const auto dags = read(R"({"dags":[{"id":"b","file":"x.zip/b.py"},{"id":"ä.1_-","file":"a.py"}],"errors":[]})");
  ASSERT_TRUE(dags) << message_of(dags);
  EXPECT_THAT(dags->files, ElementsAre(std::pair("b", "x.zip/b.py"), std::pair("ä.1_-", "a.py")));
  EXPECT_FALSE(dags->more);
}

TEST_F(AirflowWord, that_is_none_is_never_taken_for_no_dags) {
  const std::string not_ours = "is not the document";
  for (const char* text : {"", "[]", "{}", R"({"dags":[]})", R"({"errors":[]})", R"({"dags":{},"errors":[]})",
                           R"({"dags":[],"errors":[]} x)", R"({"dags":[],"dags":[],"errors":[]})", "\xFF"}) {
    expect_refused(text, not_ours);
  }
  expect_refused(R"({"dags":[{"id":"a"}],"errors":[]})", "no id or no file");
  expect_refused(R"({"dags":[{"id":1,"file":"a.py"}],"errors":[]})", "no id or no file");
  expect_refused(R"({"dags":[],"errors":[{"file":"a.py"}]})", "no file or no message");
  EXPECT_THAT(message_of(read_airflow_dags(temp_ / "absent.json")), HasSubstr("No such file"));
  EXPECT_EQ(reason_of(read_airflow_dags(temp_ / "absent/found.json")), "PreflightFailed");
}

TEST_F(AirflowWord, has_a_limit) {
  expect_refused(std::string(kMaxAirflowDagsBytes + 1, ' '), "larger than 1048576 bytes");
  std::string keys = R"({"dags":[],"errors":[])";
  for (int i = 0; i < 100; ++i) keys += ",\"" + std::to_string(i) + "\":0";
  expect_refused(keys + "}", "is not the document");
  std::vector<std::string> ids;
  for (std::size_t i = 0; i <= kMaxDagIds; ++i) ids.push_back(std::to_string(i));
  const auto dags = read(found(ids));
  ASSERT_TRUE(dags);
  EXPECT_EQ(dags->files.size(), kMaxDagIds);
  EXPECT_TRUE(dags->more);
}

TEST_F(AirflowWord, of_ids_that_airflow_would_not_take_is_refused) {
  for (const std::string& id : {std::string(), std::string("a b"), std::string("../x"), std::string(R"(\u001b[2J)"),
                                std::string("\xC2\x85"), std::string(251, 'x')}) {
    expect_refused(found({id}), "is no dag_id");
  }
  EXPECT_THAT(message_of(read(found({R"(\u001b[2J)"}))), HasSubstr("\\x1b[2J"));
  EXPECT_EQ(reason_of(read(found({std::string(250, 'x')}))), "ok");
}

TEST_F(AirflowWord, is_read_from_a_plain_file_only) {
  test::write(temp_ / "secret", found({"one"}));
  fs::create_symlink(temp_ / "secret", temp_ / "link.json");
  EXPECT_EQ(reason_of(read_airflow_dags(temp_ / "link.json")), "PreflightFailed");
  ASSERT_EQ(::mkfifo((temp_ / "fifo").c_str(), 0666), 0);
  EXPECT_EQ(reason_of(read_airflow_dags(temp_ / "fifo")), "PreflightFailed");
  fs::create_directory(temp_ / "folder");
  EXPECT_EQ(reason_of(read_airflow_dags(temp_ / "folder")), "PreflightFailed");
}

TEST_F(AirflowWord, of_a_file_that_it_cannot_import_fails_the_preflight) {
  const auto dags = read(R"({"dags":[{"id":"one","file":"a.py"}],"errors":[{"file":"sub/b.py",)"
                         R"("message":"line 3: NameError: name 'x' is not defined\u001b[2J"}]})");
  EXPECT_EQ(reason_of(dags), "PreflightFailed");
  EXPECT_THAT(message_of(dags),
              HasSubstr("Airflow cannot import sub/b.py line 3: NameError: name 'x' is not defined\\x1b[2J"));
  EXPECT_THAT(message_of(dags), Not(HasSubstr("\x1b")));
}

TEST_F(AirflowWord, of_many_failures_fits_a_message) {
  std::string errors;
  for (int i = 0; i < 50; ++i) {
    errors += (i > 0 ? "," : "") + (R"({"file":"f","message":")" + std::string(5000, 'm') + "\"}");
  }
  const auto dags = read(R"({"dags":[],"errors":[)" + errors + "]}");
  EXPECT_THAT(message_of(dags), HasSubstr("and 45 more"));
  EXPECT_LT(message_of(dags).size(), 4096U);
}

// Its files compute their ids, so that only Airflow tells them.
class AirflowPublishers : public ::testing::Test {
 protected:
  PublishRequest request(const std::string& content, const std::vector<std::string>& ids, std::uint64_t sequence) {
    PublishRequest out = domain_.staged({{"a.py", "from airflow import DAG\n# " + content}}, sequence);
    out.airflow_dags = folder_ / (content + ".json");
    test::write(out.airflow_dags, found(ids));
    return out;
  }
  Result<Published> publish_by_airflow(const std::string& content, const std::vector<std::string>& ids,
                                       std::uint64_t sequence) {
    return publish(request(content, ids, sequence));
  }
  Result<Published> publish_other(const std::vector<std::string>& ids) {
    PublishRequest out = request("other", ids, 1);
    out.holder = {.uid = "uid-2", .namespace_name = "team-b", .name = "ws-2", .data_domain = "dd01"};
    return publish(out);
  }
  Result<Published> go_back(const std::string& release, std::uint64_t sequence) {
    const PublishRequest like = domain_.staged({{"a.py", "x"}}, sequence);
    return roll_back({.storage = like.storage,
                      .holder = like.holder,
                      .sequence = sequence,
                      .release = release,
                      .now = like.now,
                      .patience = like.patience});
  }
  fs::path noted() const { return domain_.storage() / ".atelier/found-dag-ids/ws"; }

  test::TempFolder folder_;
  Domain domain_;
};

TEST_F(AirflowPublishers, claim_ids_that_no_file_spells_out) {
  ASSERT_TRUE(publish_by_airflow("v1", {"load-1", "load-2"}, 1));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-1", "load-2"));
  const auto refused = publish_other({"load-2", "mine"});
  EXPECT_EQ(reason_of(refused), "PreflightFailed");
  EXPECT_THAT(message_of(refused), HasSubstr("\"load-2\""));
  EXPECT_THAT(message_of(refused), HasSubstr("team-a/ws"));
  EXPECT_FALSE(fs::exists(domain_.storage() / "dags/ws-2"));
  ASSERT_TRUE(publish_by_airflow("v2", {"load-1"}, 2));
  EXPECT_EQ(reason_of(publish_other({"load-2", "mine"})), "ok");
}

TEST_F(AirflowPublishers, keep_the_ids_of_what_is_live_when_they_are_refused) {
  ASSERT_TRUE(publish_by_airflow("v1", {"load-1"}, 1));
  ASSERT_TRUE(publish_other({"theirs"}));
  ASSERT_EQ(reason_of(publish_by_airflow("v2", {"new", "theirs"}, 2)), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-1", "theirs"));
}

TEST_F(AirflowPublishers, claim_them_again_when_going_back) {
  const auto first = publish_by_airflow("v1", {"load-1"}, 1);
  ASSERT_TRUE(first);
  ASSERT_TRUE(publish_by_airflow("v2", {"load-2"}, 2));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-2"));
  ASSERT_EQ(reason_of(go_back(first->release, 3)), "ok");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-1"));
  ASSERT_TRUE(publish_by_airflow("v2", {"load-2"}, 4));
  ASSERT_TRUE(publish_other({"load-1"}));
  EXPECT_EQ(reason_of(go_back(first->release, 5)), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-1", "load-2"));
}

TEST_F(AirflowPublishers, go_by_the_files_once_airflow_is_not_asked) {
  PublishRequest same = request("v1", {"load-1"}, 1);
  ASSERT_TRUE(publish(same));
  same.airflow_dags.clear();
  same.sequence = 2;
  ASSERT_TRUE(publish(same));
  EXPECT_THAT(domain_.claimed_ids(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(noted()));
}

TEST_F(AirflowPublishers, give_nothing_back_while_a_list_is_damaged) {
  const auto first = publish_by_airflow("v1", {"load-1"}, 1);
  ASSERT_TRUE(first);
  ASSERT_TRUE(publish_other({"theirs"}));
  test::write(noted() / first->release, "damaged");
  ASSERT_EQ(reason_of(publish_by_airflow("v2", {"theirs"}, 2)), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-1", "theirs"));
  EXPECT_EQ(reason_of(go_back(first->release, 3)), "StorageFailed");
}

TEST_F(AirflowPublishers, leave_no_list_of_a_release_or_a_workspace_that_is_gone) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    PublishRequest next = request("v" + std::to_string(i), {"load"}, i);
    next.retention = {.releases = 1, .min_age_seconds = 0};
    ASSERT_TRUE(publish(next));
  }
  EXPECT_EQ(test::files_in(noted()).size(), 1U);
  ASSERT_TRUE(sweep({.storage = domain_.storage(), .remove = {{"ws", "uid-1"}}, .patience = {}}));
  EXPECT_FALSE(fs::exists(noted()));
}

TEST_F(AirflowPublishers, publish_nothing_without_its_word) {
  PublishRequest lost = request("v1", {"load-1"}, 1);
  fs::remove(lost.airflow_dags);
  EXPECT_EQ(reason_of(publish(lost)), "PreflightFailed");
  EXPECT_FALSE(fs::exists(domain_.live()));
}

int full_at_switch(const char* operation) { return std::string(operation) == "symlink" ? ENOSPC : 0; }

TEST_F(AirflowPublishers, hold_what_is_live_and_what_was_to_be_when_the_switch_fails) {
  ASSERT_TRUE(publish_by_airflow("v1", {"load-1"}, 1));
  PublishRequest next = request("v2", {"load-2"}, 2);
  next.gate = full_at_switch;
  EXPECT_EQ(reason_of(publish(next)), "StorageFull");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("load-1", "load-2"));
}

}  // namespace
}  // namespace atelier::stage
