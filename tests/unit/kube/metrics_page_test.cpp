// docs/reference/metrics.md explains every metric there is, with its type and labels, and none that there is not.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "atelier/kube/metrics.h"
#include "support/source_dir.h"

namespace atelier::kube {
namespace {

struct Described {
  std::string type;
  std::set<std::string> labels;

  auto operator<=>(const Described&) const = default;
};
using Descriptions = std::map<std::string, Described>;

void PrintTo(const Described& described, std::ostream* out) {
  *out << described.type;
  for (const std::string& label : described.labels) *out << " " << label;
}

std::string text_of(const std::string& path) {
  std::ifstream file{atelier::testing::source_dir() + "/" + path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex{pattern};
  std::set<std::string> found;
  for (std::sregex_iterator at{text.begin(), text.end(), regex}, end; at != end; ++at) found.insert((*at)[1]);
  return found;
}

// Rows: | `name` | type | `label`, `label` | meaning |
Descriptions on_the_page() {
  const std::regex row{R"(^\| `(\w+)` \| (\w+) \| ([^|]*)\|.*\|$)"};
  Descriptions found;
  std::istringstream lines{text_of("docs/reference/metrics.md")};
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, row)) found[match[1]] = {match[2], matches(match[3], "`(\\w+)`")};
  }
  return found;
}

Descriptions in_a_scrape(const std::string& scrape) {
  Descriptions found;
  std::istringstream lines{scrape};
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (std::smatch match; std::regex_match(line, match, std::regex{R"(# TYPE (\w+) (\w+))"})) {
      name = match[1];
      found[name].type = match[2];
    } else if (!line.starts_with("#")) {
      found[name].labels.merge(matches(line, R"re((\w+)=")re"));
      found[name].labels.erase("le");
    }
  }
  return found;
}

// Everything that there is happens once.
std::string everything() {
  Metrics metrics;
  ControllerMetrics& controller = metrics.controller("a");
  controller.began(Cause::change, Metrics::Seconds{0});
  controller.ended(ControllerMetrics::Outcome::success, Metrics::Seconds{0});
  metrics.exchanged({.verb = "GET", .host = "h", .status = 200}, Metrics::Seconds{0});
  metrics.watch_ended("pods", "gone");
  metrics.listed("pods", Metrics::Seconds{0});
  metrics.cached("pods", 1);
  metrics.events_dropped(1);
  metrics.leading("lease", true);
  metrics.registry_polled("found");
  metrics.process({});
  return metrics.scrape();
}

TEST(TheMetricsPage, ExplainsEveryMetricWithTypeAndLabels) {
  const Descriptions page = on_the_page();
  EXPECT_GT(page.size(), 30U);
  EXPECT_EQ(page, in_a_scrape(everything()));
}

TEST(TheMetricsPage, HasTheNamesThatAreInTheCode) {
  std::set<std::string> names;
  for (const auto& [name, described] : on_the_page()) names.insert(name);
  EXPECT_EQ(names, matches(text_of("src/kube/metric_families.h"), R"re(registry,\s+"(\w+)")re"));
}

}  // namespace
}  // namespace atelier::kube
