#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "atelier/api/validate.h"
#include "atelier/engine/decide.h"

namespace atelier::engine {
namespace {

TEST(PodName, IsADnsLabelThatShowsRunAndTask) {
  const std::string name = pod_name({"ns", "orders-1"}, Uid{"u"}, {"extract", kNoItem, 1});
  EXPECT_EQ(name.find("orders-1-extract-"), 0U);
  EXPECT_TRUE(api::is_dns_label(name));
  EXPECT_TRUE(
      api::is_dns_label(pod_name({"ns", std::string(253, 'r')}, Uid{"u"}, {std::string(63, 't'), kNoItem, 99})));
}

TEST(PodName, DiffersForEveryRunTaskAndAttempt) {
  const ObjectKey run{"ns", std::string(60, 'r')};
  const std::string name = pod_name(run, Uid{"u"}, {"task", kNoItem, 1});
  EXPECT_NE(name, pod_name(run, Uid{"v"}, {"task", kNoItem, 1}));
  EXPECT_NE(name, pod_name(run, Uid{"u"}, {"tusk", kNoItem, 1}));
  EXPECT_NE(name, pod_name(run, Uid{"u"}, {"task", kNoItem, 2}));
  EXPECT_NE(name, pod_name(run, Uid{"u"}, {"task", 0, 1}));
  EXPECT_NE(pod_name(run, Uid{"u"}, {"task", 1, 1}), pod_name(run, Uid{"u"}, {"task", 0, 1}));
  EXPECT_EQ(name, pod_name(run, Uid{"u"}, {"task", kNoItem, 1}));
}

}  // namespace
}  // namespace atelier::engine
