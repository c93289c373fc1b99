// Somebody else who can write to the volume puts a link in the place of a folder while the publisher is at work: before
// each single operation of it, and as fast as they can.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "stage/publish.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
namespace fs = test::fs;

const Files kFiles{{"a.py", "a"}, {"sub/b.py", "b"}};
const Files kNext{{"a.py", "next"}, {"sub/c.py", "c"}};
const Files kOutside{{"kept.txt", "kept"}, {"ws/kept.txt", "kept"}, {"tmp/kept.txt", "kept"}};
constexpr const char* kPlaces[] = {"dags",         ".atelier",           ".atelier/releases", ".atelier/releases/ws",
                                   ".atelier/tmp", ".atelier/sequences", ".atelier/claims"};

// Everything that is there, with its owner, its rights and what it holds.
Files all_of(const fs::path& folder) {
  Files all = test::files_in(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat status{};
    EXPECT_EQ(::lstat(entry.path().c_str(), &status), 0);
    all[entry.path().lexically_relative(folder).string() + "?"] =
        std::to_string(status.st_mode) + " of " + std::to_string(status.st_uid);
  }
  return all;
}

void exchange(const fs::path& a, const fs::path& b) {
  ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
}

// A gate is a plain function: what it does is here.
struct Attack {
  fs::path place, link;
  int operations_left = 0;
  bool with_openat2 = true;
};
Attack attack;

int swap_at_its_turn(const char* operation) {
  if (attack.operations_left-- == 0) exchange(attack.place, attack.link);
  return !attack.with_openat2 && std::string(operation) == "openat2" ? ENOSYS : 0;
}

class SwappedLink : public ::testing::TestWithParam<std::tuple<const char*, bool>> {};

INSTANTIATE_TEST_SUITE_P(Everywhere, SwappedLink, ::testing::Combine(::testing::ValuesIn(kPlaces), ::testing::Bool()));

TEST_P(SwappedLink, before_any_operation_leads_nowhere) {
  const auto [place, with_openat2] = GetParam();
  bool reached = true;
  for (int turn = 0; reached; ++turn) {
    SCOPED_TRACE("operation " + std::to_string(turn));
    Domain domain;
    ASSERT_TRUE(domain.publish(kFiles));
    test::write_all(domain.outside(), kOutside);
    const Files before = all_of(domain.outside());
    auto request = domain.staged(kNext, 2);
    attack = {domain.storage() / place, domain.storage() / "planted", turn, with_openat2};
    fs::create_directory_symlink(domain.outside(), attack.link);
    request.gate = swap_at_its_turn;
    (void)publish(request);  // refused or done: the place of the swap decides
    reached = attack.operations_left < 0;
    ASSERT_EQ(all_of(domain.outside()), before);
    ASSERT_LT(turn, 1000);
  }
}

TEST(SwappedLinks, ten_thousand_times_during_publishing_lead_nowhere) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  test::write_all(domain.outside(), kOutside);
  const Files before = all_of(domain.outside());
  std::vector<fs::path> places;
  for (const char* place : kPlaces) places.push_back(domain.storage() / place);
  const fs::path link = domain.storage() / "planted";
  fs::create_directory_symlink(domain.outside(), link);

  std::atomic<bool> over = false;
  std::atomic<int> swaps = 0;
  std::thread attacker([&] {
    for (; !over; swaps += 2) {
      const fs::path& place = places[static_cast<std::size_t>(swaps / 2) % places.size()];
      exchange(place, link);
      exchange(place, link);
    }
  });
  std::uint64_t sequence = 2;
  int refused = 0;
  for (; swaps < 10'000 || sequence < 100; ++sequence) {
    refused += domain.publish(sequence % 2 == 0 ? kNext : kFiles, sequence) ? 0 : 1;
  }
  over = true;
  attacker.join();
  EXPECT_EQ(all_of(domain.outside()), before);
  EXPECT_GT(refused, 0) << "no swap met a publisher";
  ASSERT_TRUE(domain.publish(kNext, sequence)) << "it goes on once they stop";
  EXPECT_EQ(domain.live_files(), kNext);
}

}  // namespace
}  // namespace atelier::stage
