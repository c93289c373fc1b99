// The claims of dag_ids as publishing, going back and sweeping make and free them.
#include "stage/dag_id_claims.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage/descriptor.h"
#include "stage/json.h"
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
namespace fs = test::fs;

constexpr char kFileOfOne[] = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
const Holder kOther{.uid = "uid-2", .namespace_name = "team-b", .name = "ws-2", .data_domain = "dd01"};

Files dags(const std::vector<std::string>& ids) {
  std::string text = "from airflow import DAG\n";
  for (const std::string& id : ids) text += "DAG('" + id + "')\n";
  return {{"a.py", text}};
}

class Publishers : public ::testing::Test {
 protected:
  Result<Published> publish_other(const Files& files, Gate gate = nullptr) {
    auto request = domain_.staged(files);
    request.holder = kOther;
    request.gate = gate;
    return publish(request);
  }
  // How many of eight that publish the same id at the same time succeed; the others are told that it is taken.
  int live_after_race() {
    std::vector<PublishRequest> requests;
    for (int i = 2; i < 10; ++i) {
      PublishRequest request = domain_.staged(dags({"one", "of-" + std::to_string(i)}));
      request.holder.name = "ws-" + std::to_string(i);
      request.holder.uid = "uid-" + std::to_string(i);
      request.patience = std::chrono::seconds(30);
      requests.push_back(std::move(request));
    }
    std::vector<pid_t> children;
    for (const PublishRequest& request : requests) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto published = publish(request);
        ::_exit(published ? 0 : exit_code_of(published.error().reason));
      }
      children.push_back(child);
    }
    int live = 0;
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 30) << WEXITSTATUS(status);
      if (WEXITSTATUS(status) == 0) ++live;
    }
    return live;
  }
  std::string owner_of(const std::string& id) {
    for (const auto& [name, text] : test::files_in(domain_.storage() / ".atelier/dag-ids")) {
      const auto json = Json::parse(text);
      if (json && json->string_at("dagId") == id) return json->string_at("uid").value_or("");
    }
    return "";
  }

  Domain domain_;
};

TEST_F(Publishers, claim_what_they_publish_and_free_what_they_no_longer_do) {
  ASSERT_TRUE(domain_.publish(dags({"one", "two"}), 1));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one", "two"));
  ASSERT_TRUE(domain_.publish(dags({"three", "two"}), 2));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("three", "two"));
  ASSERT_TRUE(domain_.publish({{"a.py", "no dag"}}, 3));
  EXPECT_THAT(domain_.claimed_ids(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(domain_.storage() / ".atelier/held-dag-ids"));
}

TEST_F(Publishers, are_told_who_owns_an_id_and_leave_what_is_live) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  ASSERT_TRUE(publish_other(dags({"two"})));
  const auto refused = publish_other(dags({"one", "three", "two"}));
  EXPECT_EQ(reason_of(refused), "PreflightFailed");
  EXPECT_THAT(message_of(refused), HasSubstr("\"one\""));
  EXPECT_THAT(message_of(refused), HasSubstr("team-a/ws (uid uid-1)"));
  EXPECT_THAT(message_of(refused), HasSubstr("team-b/ws-2 (uid uid-2)"));
  const Outcome told = Outcome("publish").fail(refused.error());
  EXPECT_EQ(told.exit_code(), 30);
  EXPECT_THAT(told.json(), HasSubstr(R"("dagId":"one","holderNamespace":"team-a","holderName":"ws")"));
  EXPECT_EQ(test::files_in(domain_.storage() / "dags/ws-2"), dags({"two"}));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one", "two"));
  EXPECT_EQ(owner_of("one"), "uid-1");
}

TEST_F(Publishers, get_an_id_once_its_owner_has_given_it_back) {
  ASSERT_TRUE(domain_.publish(dags({"one"}), 1));
  ASSERT_TRUE(domain_.publish(dags({"two"}), 2));
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "ok");
  EXPECT_EQ(reason_of(publish_other(dags({"two"}))), "PreflightFailed");
  ASSERT_TRUE(sweep({.storage = domain_.storage(), .remove = {{"ws", "uid-1"}}, .patience = {}}));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one"));
  EXPECT_EQ(reason_of(publish_other(dags({"two"}))), "ok");
}

TEST_F(Publishers, take_over_what_an_owner_left_that_lost_its_name) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  fs::remove(domain_.storage() / ".atelier/claims/ws");
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "ok");
  EXPECT_EQ(owner_of("one"), "uid-2");
  // The former does not free what is another's now.
  EXPECT_EQ(reason_of(domain_.publish(dags({"two"}), 2)), "ok");
  EXPECT_EQ(owner_of("one"), "uid-2");
}

TEST_F(Publishers, do_not_take_what_a_former_workspace_of_the_same_name_left_for_that_of_the_new) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  test::write(domain_.storage() / ".atelier/claims/ws", R"({"uid":"uid-3","namespace":"team-a","name":"ws"})");
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "ok");
}

int crash_at_switch(const char* operation) { return std::string(operation) == "symlink" ? EIO : 0; }

TEST_F(Publishers, give_back_what_an_attempt_left_when_the_next_is_refused) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  ASSERT_TRUE(publish_other(dags({"two"})));
  ASSERT_EQ(reason_of(publish_other(dags({"three", "two"}), crash_at_switch)), "StorageFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one", "three", "two"));
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one", "two"));
}

// A claim that an attempt left, of a workspace whose live release has "two", is given back when the next is refused.
class Refused : public Publishers {
 protected:
  void SetUp() override {
    ASSERT_TRUE(domain_.publish(dags({"one"})));
    ASSERT_TRUE(publish_other(dags({"two"})));
    ASSERT_EQ(reason_of(publish_other(dags({"three", "two"}), crash_at_switch)), "StorageFailed");
  }
  fs::path other_live() const { return fs::canonical(domain_.storage() / "dags/ws-2"); }
};

TEST_F(Refused, keeps_every_claim_where_the_live_release_cannot_be_read) {
  fs::remove(other_live() / "a.py");
  fs::create_symlink("elsewhere.py", other_live() / "a.py");
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one", "three", "two"));
}

TEST_F(Refused, gives_back_all_once_the_live_release_is_gone) {
  fs::remove_all(other_live());
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one"));
}

TEST_F(Refused, is_not_confused_by_what_airflow_left_in_the_live_release) {
  fs::create_directory(other_live() / "__pycache__");
  fs::permissions(other_live() / "__pycache__", fs::perms::none);
  fs::create_symlink("nowhere", other_live() / "odd");
  for (const auto& entry : fs::recursive_directory_iterator(domain_.storage())) {
    if (entry.path().filename() != "__pycache__") {
      ASSERT_EQ(::lchown(entry.path().c_str(), 1000, 1000), 0);
    }
  }
  auto request = domain_.staged(dags({"one"}));
  request.holder = kOther;
  EXPECT_EQ(test::as_user(1000, [&] { return reason_of(publish(request)); }), "PreflightFailed");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one", "two"));
}

TEST_F(Refused, takes_no_room_on_the_volume) {
  const auto before = test::files_in(domain_.storage() / ".atelier/releases/ws-2");
  for (const char* filler : {"1", "2", "3"}) {
    Files files = dags({"one"});
    files["filler"] = filler;
    EXPECT_EQ(reason_of(publish_other(files)), "PreflightFailed");
  }
  EXPECT_EQ(test::files_in(domain_.storage() / ".atelier/releases/ws-2"), before);
}

TEST_F(Publishers, whose_switch_always_fails_do_not_fill_the_volume) {
  ASSERT_TRUE(domain_.publish({{"live", ""}}));
  for (const char* filler : {"1", "2", "3", "4"}) {
    auto request = domain_.staged({{"filler", filler}}, 2);
    request.retention = {.releases = 2, .min_age_seconds = 0};
    request.now = test::kNow + 100'000'000;
    request.gate = crash_at_switch;
    EXPECT_EQ(reason_of(publish(request)), "StorageFailed");
    EXPECT_LE(std::distance(fs::directory_iterator(domain_.releases()), {}), 2);
    EXPECT_EQ(domain_.live_files(), (Files{{"live", ""}}));
  }
}

TEST_F(Publishers, are_told_of_a_tree_whose_ids_are_not_those_of_its_release) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  const auto request = domain_.staged(dags({"one"}), 2);
  test::write(fs::path(request.tree) / "a.py", dags({"two"}).at("a.py"));
  EXPECT_EQ(reason_of(publish(request)), "StagingChanged");
  ASSERT_TRUE(domain_.publish(dags({"one"}), 3));
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one"));
}

TEST_F(Publishers, go_on_with_a_note_that_is_too_large_to_read) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  test::write(domain_.storage() / ".atelier/held-dag-ids/ws", std::string((16 << 20) + 1, ' '));
  EXPECT_EQ(reason_of(domain_.publish(dags({"one", "two"}), 2)), "ok");
  EXPECT_EQ(reason_of(domain_.publish(dags({"three"}), 3)), "ok");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("three"));
}

TEST_F(Publishers, give_back_what_many_attempts_left_before_they_claim_more) {
  ASSERT_TRUE(domain_.publish(dags({"live"})));
  const auto many = [](const std::string& prefix) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < kMaxDagIds; ++i) ids.push_back(prefix + std::to_string(i));
    return dags(ids);
  };
  for (const char* prefix : {"a", "b", "c", "d", "e"}) {
    auto request = domain_.staged(many(prefix), 2);
    request.gate = crash_at_switch;
    ASSERT_EQ(reason_of(publish(request)), "StorageFailed");
    EXPECT_TRUE(domain_.claimed_ids().contains("live"));
    EXPECT_LE(domain_.claimed_ids().size(), 4 * kMaxDagIds);
  }
}

TEST_F(Publishers, wait_for_one_another_only_to_take_over_what_was_left) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  test::write(domain_.storage() / ".atelier/dag-ids/.turn", "");
  const Descriptor turn(::open((domain_.storage() / ".atelier/dag-ids/.turn").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(turn.get(), LOCK_EX), 0);
  EXPECT_EQ(reason_of(publish_other(dags({"two"}))), "ok");
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "PreflightFailed");
  fs::remove(domain_.storage() / ".atelier/claims/ws");
  EXPECT_EQ(reason_of(publish_other(dags({"one"}))), "StorageFailed");
}

fs::path planted_claim;
int another_takes_over(const char* operation) {
  // The folder of the claims is synced, or anything else is, once ours is there.
  if (std::string(operation) == "fsync" && test::read(planted_claim).find("uid-2") != std::string::npos) {
    test::write(planted_claim, R"({"dagId":"one","uid":"uid-3","namespace":"team-c","name":"ws-3"})");
  }
  return 0;
}

TEST_F(Publishers, that_had_the_same_turn_where_nothing_locks_do_not_both_go_on) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  fs::remove(domain_.storage() / ".atelier/claims/ws");
  planted_claim = domain_.storage() / ".atelier/dag-ids" / kFileOfOne;
  EXPECT_EQ(reason_of(publish_other(dags({"one"}), another_takes_over)), "StorageFailed");
  EXPECT_EQ(owner_of("one"), "uid-3");
}

TEST_F(Publishers, that_go_back_claim_and_free_alike) {
  const auto first = domain_.publish(dags({"one"}), 1);
  ASSERT_TRUE(first);
  ASSERT_TRUE(domain_.publish(dags({"two"}), 2));
  RollbackRequest back{.storage = domain_.storage(),
                       .holder = domain_.staged(dags({"one"})).holder,
                       .sequence = 3,
                       .release = first->release,
                       .now = test::kNow};
  ASSERT_EQ(reason_of(publish_other(dags({"one"}))), "ok");
  EXPECT_EQ(reason_of(roll_back(back)), "PreflightFailed");
  ASSERT_TRUE(sweep({.storage = domain_.storage(), .remove = {{"ws-2", "uid-2"}}, .patience = {}}));
  EXPECT_EQ(reason_of(roll_back(back)), "ok");
  EXPECT_THAT(domain_.claimed_ids(), ElementsAre("one"));
}

TEST_F(Publishers, of_many_at_once_only_one_gets_an_id) {
  EXPECT_EQ(live_after_race(), 1);
  EXPECT_EQ(domain_.claimed_ids().size(), 2U) << "those who were refused hold nothing";
}

TEST_F(Publishers, of_many_at_once_only_one_takes_over_what_a_lost_owner_left) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  fs::remove(domain_.storage() / ".atelier/claims/ws");
  EXPECT_EQ(live_after_race(), 1);
  EXPECT_NE(owner_of("one"), "uid-1");
}

TEST_F(Publishers, do_not_judge_damaged_or_planted_claims) {
  ASSERT_TRUE(domain_.publish(dags({"one"})));
  for (const auto& [name, text] : test::files_in(domain_.storage() / ".atelier/dag-ids")) {
    if (!name.starts_with('.'))
      test::write(domain_.storage() / ".atelier/dag-ids" / name, R"({"uid":"x","name":"../x"})");
  }
  const auto refused = publish_other(dags({"one"}));
  EXPECT_EQ(reason_of(refused), "StorageFailed");
  EXPECT_THAT(message_of(refused), HasSubstr("Remove that file"));
}

fs::path domain_folder;
int another_is_faster(const char* operation) {
  static bool done = false;
  if (std::string(operation) == "link" && fs::exists(domain_folder / ".atelier/held-dag-ids/ws-2") && !done) {
    done = true;
    test::write(domain_folder / ".atelier/dag-ids" / kFileOfOne,
                R"({"dagId":"one","uid":"uid-1","namespace":"team-a","name":"ws"})");
  }
  return 0;
}

TEST_F(Publishers, that_lose_a_race_where_nothing_locks_try_again) {
  domain_folder = domain_.storage();
  const auto lost = publish_other(dags({"one"}), another_is_faster);
  EXPECT_EQ(reason_of(lost), "StorageFailed");
  EXPECT_THAT(message_of(lost), HasSubstr("another publisher has just claimed the dag_id \"one\""));
  EXPECT_EQ(owner_of("one"), "uid-1");
}

}  // namespace
}  // namespace atelier::stage
