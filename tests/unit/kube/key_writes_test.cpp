#include "kube/key_writes.h"

#include <gtest/gtest.h>

namespace atelier::kube {
namespace {

const ObjectKey kA{"n", "a"};
const ObjectKey kB{"n", "b"};

SteadyTime at(int seconds) { return SteadyTime{std::chrono::seconds{1'000'000 + seconds}}; }

TEST(KeyWrites, TellTheKeyWithMostOfThem) {
  KeyWrites writes;
  EXPECT_EQ(writes.most(at(0)), 0.0);
  writes.add(kA, 2, at(0));
  writes.add(kB, 3, at(1));
  writes.add(kA, 2, at(2));
  EXPECT_EQ(writes.most(at(3)), 4.0);
}

TEST(KeyWrites, ForgetWhatIsMoreThanAMinuteOldLittleByLittle) {
  KeyWrites writes;
  writes.add(kA, 60, at(0));
  EXPECT_EQ(writes.most(at(59)), 60.0);
  EXPECT_EQ(writes.most(at(60)), 60.0);
  EXPECT_EQ(writes.most(at(90)), 30.0);
  EXPECT_EQ(writes.most(at(120)), 0.0);
}

TEST(KeyWrites, AddTheMinuteBeforeOnlyToTheSameKey) {
  KeyWrites writes;
  writes.add(kA, 60, at(0));
  writes.add(kB, 40, at(60));
  writes.add(kA, 1, at(61));
  EXPECT_EQ(writes.most(at(90)), 40.0);
  EXPECT_EQ(writes.most(at(75)), 46.0);
}

TEST(KeyWrites, StartAnewAfterALongRest) {
  KeyWrites writes;
  writes.add(kA, 60, at(0));
  EXPECT_EQ(writes.most(at(3'600)), 0.0);
  writes.add(kA, 5, at(3'601));
  EXPECT_EQ(writes.most(at(3'602)), 5.0);
}

}  // namespace
}  // namespace atelier::kube
