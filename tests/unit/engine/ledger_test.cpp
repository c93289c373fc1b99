#include "atelier/engine/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zstd.h>

#include <limits>

#include "atelier/base/base64.h"

namespace atelier::engine {
namespace {

WallTime instant(std::int64_t micros) { return WallTime{WallTime::duration{micros}}; }

Ledger any_ledger() {
  const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
  Ledger ledger;
  ledger.phase = static_cast<RunPhase>(*rc::gen::inRange(0, 5));
  ledger.reason = *text;
  ledger.message = *text;
  if (*rc::gen::arbitrary<bool>()) ledger.completed = instant(*rc::gen::inRange<std::int64_t>(0, 1LL << 50));
  const int tasks = *rc::gen::inRange(0, 6);
  for (int i = 0; i < tasks; ++i) {
    TaskEntry& entry = ledger.tasks["task-" + std::to_string(i)];
    entry.state = static_cast<TaskState>(*rc::gen::inRange(0, 6));
    entry.attempt = *rc::gen::inRange(0, 100);
    entry.reason = *text;
    entry.message = *text;
    if (*rc::gen::arbitrary<bool>()) entry.started = instant(*rc::gen::inRange<std::int64_t>(0, 1LL << 50));
    if (*rc::gen::arbitrary<bool>()) entry.next_attempt_at = instant(*rc::gen::inRange<std::int64_t>(0, 1LL << 50));
    if (*rc::gen::arbitrary<bool>()) entry.results["rows"] = *text;
    for (int j = *rc::gen::inRange(0, 5); j > 0; --j) {
      Entry& item = entry.items.emplace_back();
      item.state = static_cast<TaskState>(*rc::gen::inRange(0, 6));
      item.attempt = *rc::gen::inRange(0, 2);
      item.out_of_memory = *rc::gen::inRange(0, 2);
      if (*rc::gen::arbitrary<bool>()) item.results["rows"] = *text;
    }
  }
  return ledger;
}

TEST(Ledger, ComesBackAsItWas) {
  EXPECT_TRUE(rc::check([] {
    const Ledger ledger = any_ledger();
    const auto back = decode(encode(ledger));
    RC_ASSERT(bool(back));
    RC_ASSERT(back.value() == ledger);
  }));
}

// In turn, as items of two pages end: what they have in common is written once, whatever they handed on.
TEST(Ledger, OfItemsWhoseResultsAreStoredHasOnlyTheirPages) {
  Ledger ledger;
  auto& items = ledger.tasks["load"].items;
  items.resize(10'000);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].state = TaskState::succeeded;
    items[i].attempt = 1;
    items[i].stored = std::string(64, i < 5'000 ? 'a' : 'b');
    items[i].results["rows"] = std::to_string(i);
  }
  const std::string text = encode(ledger);
  EXPECT_LT(text.size(), 300U);
  Ledger back = decode(text).value();
  for (Entry& item : items) item.results.clear();
  EXPECT_EQ(back, ledger);
}

// Else it would take the results for none.
TEST(Ledger, WithPagesIsNoneForAnOperatorThatDoesNotKnowThem) {
  const auto format_of = [](const Ledger& ledger) {
    const std::string packed = base64_decode(encode(ledger)).value();
    std::string plain(ZSTD_getFrameContentSize(packed.data(), packed.size()), ' ');
    ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
    return plain.substr(plain.find("\"v\":"), 5);
  };
  Ledger ledger;
  ledger.tasks["load"].items.resize(2);
  EXPECT_EQ(format_of(ledger), "\"v\":2");
  ledger.tasks["load"].items[1].stored = std::string(64, 'a');
  EXPECT_EQ(format_of(ledger), "\"v\":3");
}

TEST(Ledger, ResultsThatAreStoredAreNotInIt) {
  Ledger ledger;
  Entry& entry = ledger.tasks["list"];
  entry.state = TaskState::succeeded;
  entry.stored = std::string(64, 'a');
  entry.results["files"] = std::string(200'000, 'x');
  const std::string text = encode(ledger);
  EXPECT_LT(text.size(), 300U);
  const Entry back = decode(text).value().tasks.at("list");
  EXPECT_EQ(back.stored, entry.stored);
  EXPECT_TRUE(back.results.empty());
  entry.stored = "../../secret";
  EXPECT_FALSE(decode(encode(ledger)));
}

TEST(Ledger, EqualLedgersGiveEqualTexts) {
  EXPECT_TRUE(rc::check([] {
    const Ledger ledger = any_ledger();
    RC_ASSERT(encode(ledger) == encode(decode(encode(ledger)).value()));
  }));
}

TEST(Ledger, TheEmptyTextIsTheEmptyLedger) { EXPECT_EQ(decode("").value(), Ledger{}); }

TEST(Ledger, ATextThatTheOperatorDidNotWriteIsRefused) {
  for (const char* text : {"garbage", "e30=", "AAAA", "KLUv/SAA", "====", "\xff"}) EXPECT_FALSE(decode(text)) << text;
}

TEST(Ledger, AChangedTextIsRefusedOrReadButNeverCrashes) {
  EXPECT_TRUE(rc::check([] {
    std::string bytes = *base64_decode(encode(any_ledger()));
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    const auto read = decode(base64_encode(bytes));
    const bool fine = read.has_value() || read.error().code == Errc::invalid;
    RC_ASSERT(fine);
  }));
}

TEST(Ledger, AStateThatWouldFillTheMemoryIsRefused) {
  // A zstd frame header that promises 2^40 bytes.
  const std::string header("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x01\x00\x00", 13);
  EXPECT_FALSE(decode(base64_encode(header)));
}

TEST(Ledger, AStateWithInstantsOutsideTheCalendarIsRefused) {
  for (const std::int64_t micros :
       {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    Ledger ledger;
    ledger.tasks["a"].next_attempt_at = instant(micros);
    EXPECT_FALSE(decode(encode(ledger))) << "waiting for it would overflow";
  }
}

TEST(Ledger, TenThousandItemsInTheMiddleOfTheirRunTakeFewKilobytes) {
  Ledger ledger;
  std::vector<Entry>& items = ledger.tasks["process"].items;
  items.resize(10'000);
  for (std::size_t i = 0; i < 6'000; ++i) {
    items[i].attempt = 1;
    items[i].state = i % 7 == 3 ? TaskState::running : TaskState::succeeded;
    if (i % 50 != 9) continue;
    items[i].state = TaskState::failed;
    items[i].reason = "TaskFailed";
    items[i].message = "exit code 1: no connection to host-" + std::to_string(i);
  }
  const std::string text = encode(ledger);
  EXPECT_LT(text.size(), 12U << 10U);
  EXPECT_EQ(decode(text).value(), ledger);
}

TEST(Ledger, MoreItemsThanARunCanHaveAreRefused) {
  Ledger ledger;
  ledger.tasks["process"].items.resize(10'001);
  EXPECT_FALSE(decode(encode(ledger)));
}

TEST(Ledger, FiveHundredFailedTasksFitIntoTheStatus) {
  Ledger ledger;
  for (int i = 0; i < 500; ++i) {
    TaskEntry& entry = ledger.tasks["a-task-with-a-rather-long-name-" + std::to_string(i)];
    entry.state = TaskState::failed;
    entry.attempt = 3;
    entry.reason = "TaskFailed";
    entry.started = instant(1'767'225'600'000'000 + i * 7'919);
    entry.finished = instant(1'767'225'700'000'000 + i * 104'729);
    entry.message = "exit code 1: could not connect to host-" + std::to_string(i * 31) + ".example";
  }
  EXPECT_LT(encode(ledger).size(), 32U << 10U);
}

}  // namespace
}  // namespace atelier::engine
