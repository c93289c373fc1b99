// Publishing and sweeping are stopped before every single operation that changes the disk, once by a crash and once by
// an I/O error. The name must always show one whole release, and repeating must come to the end.
#include <gtest/gtest.h>
#include <unistd.h>

#include "stage/json.h"
#include "stage/publish.h"
#include "stage/sweep.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using test::kAdopted;
namespace fs = test::fs;

const std::string kDag = "from airflow import DAG\n";
const Files kOld{{"a.py", kDag + "DAG('both')\nDAG('old')\n"}, {"sub/b.py", "b"}};
const Files kNew{{"a.py", kDag + "DAG('both')\nDAG('new')\n"}, {"sub/c.py", "c"}};
constexpr int kCrashed = 77;

int operations_left = 0;

bool is_turn(const char* operation) { return std::string(operation) != "openat2" && operations_left-- == 0; }
int crash(const char* operation) {
  if (is_turn(operation)) ::_exit(kCrashed);
  return 0;
}
int fail(const char* operation) { return is_turn(operation) ? EIO : 0; }
bool needs_links(const char* operation) { return std::string(operation) == "symlink"; }
int crash_without_links(const char* operation) { return crash(operation), needs_links(operation) ? EPERM : 0; }
int fail_without_links(const char* operation) { return needs_links(operation) ? EPERM : fail(operation); }
int no_links(const char* operation) { return needs_links(operation) ? EPERM : 0; }
int crash_without_exchange(const char* operation) {
  return crash(operation), std::string(operation) == "exchange" ? EINVAL : 0;
}

struct Scenario {
  const char* name;
  void (*prepare)(Domain&);
  Files before;  // what the name shows before; empty for nothing
  bool atomic = true;
  Gate crash = stage::crash;
  Gate fail = stage::fail;
  bool links = true;
};

Result<Published> publish_without_links(Domain& domain, const Files& files) {
  PublishRequest request = domain.staged(files, 1);
  request.gate = no_links;
  return publish(request);
}

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

const Scenario kScenarios[] = {
    {"first", [](Domain&) {}, {}},
    {"update", [](Domain& domain) { ASSERT_TRUE(domain.publish(kOld, 1)); }, kOld},
    {"rollback",
     [](Domain& domain) {
       ASSERT_TRUE(domain.publish(kNew, 1));
       ASSERT_TRUE(domain.publish(kOld, 1));
     },
     kOld},
    {"adoption", [](Domain& domain) { test::write_all(domain.live(), kOld); }, kOld},
    {"adoption_without_exchange", [](Domain& domain) { test::write_all(domain.live(), kOld); }, kOld, false,
     crash_without_exchange},
    {"update_without_links", [](Domain& domain) { ASSERT_TRUE(publish_without_links(domain, kOld)); }, kOld, true,
     crash_without_links, fail_without_links, false},
    {"adoption_without_links", [](Domain& domain) { test::write_all(domain.live(), kOld); }, kOld, false,
     crash_without_links, fail_without_links, false},
    {"damaged_release",
     [](Domain& domain) {
       ASSERT_TRUE(domain.publish(kNew, 1));
       test::write(domain.live() / "a.py", "damaged");
       ASSERT_TRUE(domain.publish(kOld, 1));
     },
     kOld},
    {"damaged_live_release",
     [](Domain& domain) {
       ASSERT_TRUE(domain.publish(kNew, 1));
       test::write(domain.live() / "a.py", "damaged");
     },
     {{"a.py", "damaged"}, {"sub/c.py", "c"}}},
    {"pruning",
     [](Domain& domain) {
       ASSERT_TRUE(domain.publish({{"x", "1"}}, 1));
       ASSERT_TRUE(domain.publish({{"x", "2"}}, 1));
       ASSERT_TRUE(domain.publish(kOld, 1));
     },
     kOld},
};

class Interrupted : public ::testing::TestWithParam<Scenario> {
 protected:
  static PublishRequest request_in(Domain& domain) {
    PublishRequest request = domain.staged(kNew, 2);
    // The prepared releases count as long unused.
    request.retention = {.releases = 2, .min_age_seconds = 0};
    request.now = test::kNow + 100'000'000;
    return request;
  }

  static void expect_whole(const Domain& domain, const std::string& when) {
    const Files live = domain.live_files();
    if (!GetParam().links && GetParam().atomic) return expect_whole_files(live, when);
    if (!GetParam().links && live != kOld) return expect_files_of(kNew, live, when);
    const bool nothing = !fs::exists(domain.live()) && (GetParam().before.empty() || !GetParam().atomic);
    EXPECT_TRUE(live == kNew || live == GetParam().before || nothing) << when;
  }

  // Of what is in both releases nothing is missing, and every file is that of one of them.
  static void expect_whole_files(const Files& live, const std::string& when) {
    for (const auto& [path, text] : live) {
      EXPECT_TRUE((kOld.contains(path) && kOld.at(path) == text) || (kNew.contains(path) && kNew.at(path) == text))
          << when << path;
    }
    EXPECT_TRUE(live.contains("a.py")) << when;
  }

  static void expect_files_of(const Files& release, const Files& live, const std::string& when) {
    for (const auto& [path, text] : live)
      EXPECT_TRUE(release.contains(path) && release.at(path) == text) << when << path;
  }

  static void expect_nothing_lost(const Domain& domain, const std::string& when) {
    if (!std::string(GetParam().name).starts_with("adoption")) return;
    std::size_t copies = domain.live_files() == kOld;
    if (fs::exists(domain.releases())) {
      for (const auto& entry : fs::directory_iterator(domain.releases())) {
        if (!entry.is_symlink() && test::files_in(entry.path()) == kOld) ++copies;
      }
    }
    EXPECT_EQ(copies, 1U) << when;
  }

  // What is live is claimed, whoever may come; what was a plain folder before Atelier is not known.
  static void expect_claimed(const Domain& domain, const std::string& when) {
    const auto claimed = domain.claimed_ids();
    if (domain.live_files() == kNew) {
      EXPECT_TRUE(claimed.contains("new") && claimed.contains("both")) << when;
    }
    const bool by_atelier = !std::string(GetParam().name).starts_with("adoption");
    if (domain.live_files() == kOld && by_atelier) {
      EXPECT_TRUE(claimed.contains("old")) << when;
    }
  }

  static void expect_convergence(const Domain& domain, PublishRequest request, const std::string& when) {
    request.gate = GetParam().links ? nullptr : no_links;
    auto published = publish(request);
    ASSERT_TRUE(published) << when << message_of(published);
    EXPECT_EQ(domain.live_files(), kNew) << when;
    EXPECT_EQ(published->warning, "") << when;
    EXPECT_EQ(domain.claimed_ids(), (std::set<std::string>{"both", "new"})) << when;
    EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/tmp")) << when;
    EXPECT_EQ(test::read(domain.storage() / ".airflowignore"), ".atelier\n") << when;
    for (const auto& entry : fs::directory_iterator(domain.releases())) EXPECT_FALSE(entry.is_symlink()) << when;
    EXPECT_LE(std::distance(fs::directory_iterator(domain.releases()), {}), 2) << when;
  }
};

INSTANTIATE_TEST_SUITE_P(Publish, Interrupted, ::testing::ValuesIn(kScenarios),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

TEST_P(Interrupted, by_a_crash_anywhere_shows_a_whole_release_and_converges) {
  int at = 0;
  for (int code = kCrashed; code == kCrashed; ++at) {
    Domain domain;
    GetParam().prepare(domain);
    PublishRequest request = request_in(domain);
    request.gate = GetParam().crash;
    operations_left = at;
    code = test::in_child([&] { return publish(request) ? 0 : 1; });
    const std::string when = "stopped before operation " + std::to_string(at);
    ASSERT_TRUE(code == 0 || code == kCrashed) << when;
    expect_whole(domain, when);
    expect_claimed(domain, when);
    expect_nothing_lost(domain, when);
    expect_convergence(domain, request, when);
    expect_nothing_lost(domain, when);
  }
  EXPECT_GT(at, 10);
}

TEST_P(Interrupted, by_an_io_error_anywhere_shows_a_whole_release_and_converges) {
  for (int at = 0; operations_left = at, true; ++at) {
    Domain domain;
    GetParam().prepare(domain);
    PublishRequest request = request_in(domain);
    request.gate = GetParam().fail;
    operations_left = at;
    const auto published = publish(request);
    const std::string when = "failed operation " + std::to_string(at);
    expect_whole(domain, when);
    expect_claimed(domain, when);
    expect_nothing_lost(domain, when);
    if (published) {
      EXPECT_EQ(domain.live_files(), kNew) << when;
    } else {
      EXPECT_EQ(reason_of(published), "StorageFailed") << when << message_of(published);
    }
    if (operations_left >= 0) break;
    expect_convergence(domain, request, when);
  }
}

TEST(InterruptedPublish, leaves_no_claim_of_a_dag_id_that_the_next_one_does_not_have) {
  int at = 0;
  for (int code = kCrashed; code == kCrashed; ++at) {
    Domain domain;
    ASSERT_TRUE(domain.publish(kOld, 1));
    PublishRequest request = domain.staged(kNew, 2);
    request.gate = crash;
    operations_left = at;
    code = test::in_child([&] { return publish(request) ? 0 : 1; });
    const std::string when = "stopped before operation " + std::to_string(at);
    const auto next = domain.publish({{"a.py", kDag + "DAG('third')\n"}}, 3);
    ASSERT_TRUE(next) << when << message_of(next);
    EXPECT_EQ(domain.claimed_ids(), std::set<std::string>{"third"}) << when;
  }
  EXPECT_GT(at, 10);
}

// A workspace whose live release is kOld, and another that has "taken"; what is published wants that, too.
PublishRequest refused_in(Domain& domain) {
  PublishRequest other = domain.staged({{"a.py", kDag + "DAG('taken')\n"}});
  other.holder.name = "ws-2";
  other.holder.uid = "uid-2";
  EXPECT_TRUE(publish(other));
  EXPECT_TRUE(domain.publish(kOld, 1));
  return domain.staged({{"a.py", kDag + "DAG('new')\nDAG('taken')\n"}}, 2);
}

void expect_old_alone(const Domain& domain, const std::string& when) {
  EXPECT_EQ(domain.live_files(), kOld) << when;
  EXPECT_EQ(domain.claimed_ids(), (std::set<std::string>{"both", "old", "taken"})) << when;
}

TEST(RefusedPublish, by_a_crash_anywhere_keeps_what_is_live_and_its_claims) {
  int at = 0;
  for (int code = kCrashed; code == kCrashed; ++at) {
    Domain domain;
    PublishRequest request = refused_in(domain);
    request.gate = crash;
    operations_left = at;
    code = test::in_child([&] { return publish(request) ? 0 : 1; });
    const std::string when = "stopped before operation " + std::to_string(at);
    ASSERT_TRUE(code == 1 || code == kCrashed) << when;
    expect_old_alone(domain, when);
    request.gate = nullptr;
    EXPECT_EQ(reason_of(publish(request)), "PreflightFailed") << when;
    expect_old_alone(domain, when);
  }
  EXPECT_GT(at, 3);
}

TEST(RefusedPublish, by_an_io_error_anywhere_keeps_what_is_live_and_its_claims) {
  for (int at = 0; operations_left = at, true; ++at) {
    Domain domain;
    PublishRequest request = refused_in(domain);
    request.gate = fail;
    operations_left = at;
    EXPECT_FALSE(publish(request));
    expect_old_alone(domain, "failed operation " + std::to_string(at));
    if (operations_left >= 0) break;
  }
}

TEST(InterruptedSweep, is_repeated_until_nothing_is_left) {
  int at = 0;
  for (int code = kCrashed; code == kCrashed; ++at) {
    Domain domain;
    ASSERT_TRUE(domain.publish(kOld, 1));
    ASSERT_TRUE(domain.publish(kNew, 2));
    SweepRequest request{.storage = domain.storage(), .remove = {{"ws", "uid-1"}}, .patience = {}, .gate = crash};
    operations_left = at;
    code = test::in_child([&] { return sweep(request) ? 0 : 1; });
    const std::string when = "stopped before operation " + std::to_string(at);
    const bool left = fs::exists(fs::symlink_status(domain.live())) || fs::exists(domain.releases()) ||
                      fs::exists(domain.storage() / ".atelier/sequences/ws") || !domain.claimed_ids().empty();
    EXPECT_TRUE(!left || fs::exists(domain.storage() / ".atelier/claims/ws")) << "the claim goes last; " << when;
    request.gate = nullptr;
    auto swept = sweep(request);
    ASSERT_TRUE(swept) << when;
    EXPECT_TRUE(swept->failed.empty()) << when;
    EXPECT_FALSE(fs::exists(fs::symlink_status(domain.live()))) << when;
    EXPECT_FALSE(fs::exists(domain.releases())) << when;
    EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/claims")) << when;
    EXPECT_TRUE(domain.claimed_ids().empty()) << when;
  }
  EXPECT_GT(at, 10);
}

}  // namespace
}  // namespace atelier::stage
