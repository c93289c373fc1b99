// What a task wrote to $ATELIER_RESULTS: written by anyone's program, kept in status and handed to other tasks.
#include "engine/results.h"

#include "fuzz/property.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  using fuzz::holds;
  // A termination message arrives in JSON, so it is UTF-8.
  const std::string message{fuzz::text_of(data, size)};
  if (!fuzz::is_utf8(message)) return -1;
  api::Task task;
  task.name = "load";
  for (const char* name : {"rows", "path", "note"}) task.results.emplace_back().name = name;
  constexpr std::size_t kKept = std::size_t{19} << 10U;
  const std::set<std::string> consumed{"rows", "path"};
  const engine::ReadResults read = engine::read_results(task, message, consumed, kKept);
  holds(read.problem.empty() == read.message.empty(), "a problem has its words");
  holds(fuzz::is_utf8(read.message), "a problem can be told");
  holds(read.problem.empty() || read.kept.empty(), "a problem keeps nothing");
  std::size_t bytes = kKept;
  for (const auto& [name, value] : read.kept) {
    holds(consumed.contains(name), "only what others use is kept");
    holds(fuzz::is_utf8(value), "a result is text");
    bytes += value.size();
  }
  holds(read.kept.empty() || bytes <= std::size_t{20} << 10U, "a run's results are bounded");
  const engine::HandedOn handed = engine::read_handed_on(message);
  holds(!handed.problem.empty() || !handed.sha256.empty(), "it has one or the other");
  holds(fuzz::is_utf8(handed.message), "what a sidecar says can be told");
  task.large_results = true;
  const engine::ReadResults large = engine::read_results(task, message, consumed, kKept);
  holds(large.problem.empty() == large.message.empty(), "a problem has its words");
  holds(large.kept.empty() || large.problem.empty(), "a problem keeps nothing");
  return 0;
}
