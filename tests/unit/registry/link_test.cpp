#include "registry/link.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

std::string next(const std::vector<std::string>& links) {
  http::Headers headers;
  for (const std::string& value : links) headers.emplace_back("link", value);
  const auto target = next_page(headers, "registry.local", "/v2/team/app/tags/list");
  if (!target) return target.error().message;
  return target.value().value_or("the last page");
}

TEST(TheNextPage, IsAnotherPageOfTheSameList) {
  EXPECT_EQ(next({}), "the last page");
  EXPECT_EQ(next({R"(</v2/team/app/tags/list?last=b&n=2>; rel="next")"}), "/v2/team/app/tags/list?last=b&n=2");
  EXPECT_EQ(next({R"(<https://registry.local/v2/team/app/tags/list?last=b>;rel=next)"}),
            "/v2/team/app/tags/list?last=b");
  EXPECT_EQ(next({R"(<http://REGISTRY.local:80/v2/team/app/tags/list?last=b>; rel="next")"}),
            "/v2/team/app/tags/list?last=b")
      << "a proxy that ends TLS says so; only path and query are taken";
  EXPECT_EQ(next({R"(<?last=b>; rel="next")"}), "/v2/team/app/tags/list?last=b");
}

TEST(TheNextPage, IsOneOfSeveralLinks) {
  EXPECT_EQ(next({R"(</a>; rel="first", <?last=b>; title="a, b; c"; Rel="up NEXT"; x)"}),
            "/v2/team/app/tags/list?last=b");
  EXPECT_EQ(next({R"(</a>; rel="prev")", R"(<?last=b>; rel=next)"}), "/v2/team/app/tags/list?last=b");
  EXPECT_EQ(next({R"(</a>; rel="prev")"}), "the last page");
}

TEST(TheNextPage, IsNowhereElse) {
  EXPECT_EQ(next({R"(<https://169.254.169.254/v2/team/app/tags/list>; rel="next")"}),
            "its list goes on at 169.254.169.254, which is not asked");
  for (const char* link : {"</v2/team/other/tags/list>; rel=next", "</v2/team/app/tags/list/../x>; rel=next",
                           "</latest/meta-data>; rel=next", "<//evil.test/v2/team/app/tags/list>; rel=next",
                           "<list?last=b>; rel=next", "<?a b>; rel=next", "<?a#b>; rel=next",
                           "</v2/team/app/tags/listing>; rel=next", "<>; rel=next", "<?a\r\nX: y>; rel=next"}) {
    EXPECT_EQ(next({link}), "its Link leads elsewhere than to the list's next page") << link;
  }
}

TEST(TheNextPage, IsNotGuessed) {
  for (const char* link : {"?last=b; rel=next", "<?last=b; rel=next", R"(<?last=b>; rel="next)", "<?last=b> rel=next",
                           "<https://u:p@registry.local/>; rel=next"}) {
    EXPECT_EQ(next({link}), "its Link cannot be read") << link;
  }
  EXPECT_EQ(next({"<?" + std::string(9'000, 'a') + ">; rel=next"}), "its Link cannot be read");
}

}  // namespace
}  // namespace atelier::registry
