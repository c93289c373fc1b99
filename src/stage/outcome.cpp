#include "stage/outcome.h"

#include <algorithm>
#include <array>

#include "stage/json.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

struct Row {
  Reason reason;
  std::string_view name;
  int exit_code;
};

constexpr std::array kRows{
    Row{Reason::dags_folder_missing, "DagsFolderMissing", 10},
    Row{Reason::dags_folder_empty, "DagsFolderEmpty", 10},
    Row{Reason::dags_not_readable, "DagsNotReadable", 10},
    Row{Reason::dags_refused, "DagsRefused", 10},
    Row{Reason::preflight_failed, "PreflightFailed", 10},
    Row{Reason::staging_changed, "StagingChanged", 10},
    Row{Reason::results_missing, "ResultsMissing", 10},
    Row{Reason::results_too_large, "ResultsTooLarge", 10},
    Row{Reason::results_invalid, "ResultsInvalid", 10},
    Row{Reason::results_unreadable, "ResultsUnreadable", 10},
    Row{Reason::storage_not_writable, "StorageNotWritable", 20},
    Row{Reason::storage_full, "StorageFull", 20},
    Row{Reason::storage_failed, "StorageFailed", 20},
    Row{Reason::release_missing, "ReleaseMissing", 10},
    Row{Reason::release_damaged, "ReleaseDamaged", 20},
    Row{Reason::name_taken, "NameTaken", 30},
    Row{Reason::dag_id_taken, "PreflightFailed", 30},
    Row{Reason::path_occupied, "PathOccupied", 30},
    Row{Reason::superseded, "Superseded", 40},
    Row{Reason::usage_error, "UsageError", 2},
};

const Row& row_of(Reason reason) {
  return *std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.reason == reason; });
}

struct ValueWriter {
  std::size_t list_items;

  std::string operator()(const std::string& text) const { return json_string(text); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const std::vector<std::string>& list) const {
    std::string out = "[";
    for (std::size_t i = 0; i < std::min(list.size(), list_items); ++i) {
      if (i > 0) out += ',';
      out += json_string(list[i]);
    }
    return out + "]";
  }
};

}  // namespace

std::string_view name_of(Reason reason) { return row_of(reason).name; }

int exit_code_of(Reason reason) { return row_of(reason).exit_code; }

Outcome& Outcome::with(std::string key, Value value) {
  fields_.emplace_back(std::move(key), std::move(value));
  return *this;
}

Outcome& Outcome::fail(Failure failure) {
  for (auto& [key, value] : failure.fields) with(key, std::move(value));
  failure_ = std::move(failure);
  failed_ = true;
  return *this;
}

Outcome& Outcome::print(std::string text) {
  printed_ = std::move(text);
  return *this;
}

std::string Outcome::rendered(std::size_t message_bytes, std::size_t list_items, bool truncated) const {
  std::string out = failed_ ? R"({"ok":false,"step":)" : R"({"ok":true,"step":)";
  out += json_string(step_);
  if (failed_) {
    out += R"(,"reason":)" + json_string(name_of(failure_.reason));
    out += R"(,"message":)" + json_string(utf8_prefix(failure_.message, message_bytes));
  }
  for (const auto& [key, value] : fields_)
    out += "," + json_string(key) + ":" + std::visit(ValueWriter{list_items}, value);
  if (truncated) out += R"(,"truncated":true)";
  return out + "}";
}

std::string Outcome::json() const {
  std::size_t longest = 0;
  for (const auto& [key, value] : fields_) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) longest = std::max(longest, list->size());
  }
  std::size_t message = failure_.message.size();
  std::string out = rendered(message, longest, false);
  while (out.size() > kMaxBytes && message > 1024) {
    message = std::max<std::size_t>(1024, message - message / 8);
    out = rendered(message, longest, true);
  }
  while (out.size() > kMaxBytes && longest > 0) out = rendered(message, --longest, true);
  while (out.size() > kMaxBytes && message > 0) out = rendered(message /= 2, 0, true);
  return out;
}

}  // namespace atelier::stage
