#include "app/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace atelier::app {
namespace {

using Usage = kube::Metrics::ProcessUsage;

std::string text_of(const char* path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

double boot_time() {
  std::istringstream words{text_of("/proc/stat")};
  for (std::string word; words >> word;) {
    double time = 0;
    if (word == "btime" && words >> time) return time;
  }
  return 0;
}

double open_fds() {
  std::error_code error;
  const std::filesystem::directory_iterator fds{"/proc/self/fd", error};
  if (error) return 0;
  return static_cast<double>(std::distance(begin(fds), end(fds)) - 1);  // without the one that reads the folder
}

}  // namespace

Usage usage_in_stat(std::string_view stat, const StatUnits& units) {
  // The second field is the program's name in parentheses and may hold anything: what follows is counted from its end.
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos) return {};
  std::istringstream words{std::string(stat.substr(name_end + 1))};
  const std::vector<std::string> fields{std::istream_iterator<std::string>{words}, {}};
  const auto number = [&](std::size_t field) {  // as proc(5) counts them, from 1
    return fields.size() > field - 3 ? std::strtod(fields[field - 3].c_str(), nullptr) : 0.0;
  };
  Usage usage;
  usage.cpu_seconds = (number(14) + number(15)) / units.ticks_per_second;
  usage.start_time = units.boot_time + number(22) / units.ticks_per_second;
  usage.virtual_bytes = number(23);
  usage.resident_bytes = number(24) * units.page_bytes;
  return usage;
}

Usage process_usage() {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  Usage usage = usage_in_stat(text_of("/proc/self/stat"), {ticks, page, boot_time()});
  usage.open_fds = open_fds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_fds = static_cast<double>(limit.rlim_cur);
  return usage;
}

}  // namespace atelier::app
