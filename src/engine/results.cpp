#include "engine/results.h"

#include <nlohmann/json.hpp>

namespace atelier::engine {
namespace {

using nlohmann::json;

constexpr std::size_t kKubeletCut = 4096;        // bytes of a termination message, in the kubelet
constexpr std::size_t kMostOfARun = 20U << 10U;  // bytes of results kept in status, which stays below 64 KiB
constexpr std::size_t kMostLarge = 4U << 20U;    // of a run, kept in memory

const char* type_name(const json& value) {
  return value.is_boolean()          ? "bool"
         : value.is_number_integer() ? "int"
         : value.is_array()          ? "list"
         : value.is_object()         ? "map"
         : value.is_string()         ? "string"
                                     : value.type_name();
}

}  // namespace

std::size_t bytes_of(const Results& results, bool of_item) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : results) bytes += (of_item ? 1 : name.size()) + value.size();
  return bytes;
}

HandedOn read_handed_on(std::string_view termination_message) {
  const json said = json::parse(termination_message, nullptr, false);
  const auto text = [&said](const char* name) {
    const auto at = said.is_object() ? said.find(name) : said.end();
    return said.is_object() && at != said.end() && at->is_string() ? at->get<std::string>() : std::string{};
  };
  HandedOn out{text("sha256"), text("reason"), text("message")};
  if (out.sha256.empty() && out.problem.empty()) {
    out.problem = "ResultsUnreadable";
    out.message = "the sidecar that hands on the results ended without a word; run the task again";
  }
  return out;
}

ReadResults read_results(const api::Task& task, std::string_view text, const std::set<std::string>& consumed,
                         std::size_t kept) {
  ReadResults out;
  if (task.results.empty()) return out;
  const auto problem = [&out](const char* reason, std::string words) {
    out.kept.clear();
    out.problem = reason;
    out.message = std::move(words);
    return out;
  };
  if (text.empty()) {
    return problem("ResultsMissing",
                   "the task declares results and wrote none; write one JSON object to the file "
                   "that $ATELIER_RESULTS names");
  }
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) {
    if (!has_large_results(task) && text.size() >= kKubeletCut) {
      return problem("ResultsTruncated",
                     "the results are longer than 4096 bytes and were cut; write less, or set largeResults");
    }
    return problem("ResultsInvalid", "the content of $ATELIER_RESULTS is not one JSON object");
  }
  for (const api::TaskResult& declared : task.results) {
    const auto at = object.find(declared.name);
    if (at == object.end()) {
      return problem("ResultsMissing", "the task declares the result \"" + declared.name + "\" and did not write it");
    }
    if (declared.type != "string" && declared.type != type_name(*at)) {
      return problem("ResultsInvalid", "the result \"" + declared.name + "\" is declared as " + declared.type +
                                           ", and the task wrote a " + type_name(*at));
    }
    if (!consumed.contains(declared.name)) continue;
    std::string& value = out.kept[declared.name];
    value = at->is_string() ? at->get<std::string>() : at->dump(-1, ' ', false, json::error_handler_t::replace);
  }
  const std::size_t bytes = kept + bytes_of(out.kept, task.for_each.has_value());
  const bool large = has_large_results(task);
  if (bytes > (large ? kMostLarge : kMostOfARun)) {
    return problem(kResultsTooLarge,
                   std::string("the ") + (large ? "large " : "") + "results that this run's tasks hand on exceed " +
                       (large ? "4 MiB" : "20 KiB") + " together; pass a reference to stored data instead");
  }
  return out;
}

}  // namespace atelier::engine
