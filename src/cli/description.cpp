#include "cli/description.h"

#include "cli/age.h"

namespace atelier::cli {

void Description::field(const std::string& name, Cell value) {
  if (!value.text.empty()) fields_.push_back({{name + ":", Style::strong}, std::move(value)});
}

void Description::list(const std::string& title, const Row& head, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  lists_ += "\n" + terminal_.styled(title + ":", Style::strong) + "\n" + table(head, rows, terminal_, "  ");
}

void Description::conditions(const meta::Conditions& conditions) {
  std::vector<Row> rows;
  for (const meta::Condition& one : conditions) {
    const std::string status{to_string(one.status)};
    rows.push_back(
        {one.type, {status, style_of(status)}, one.reason, age(one.last_transition_time, now_), one.message});
  }
  list("Conditions", {"TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"}, rows);
}

void Description::events(const std::vector<Event>& events) {
  std::vector<Row> rows;
  for (const Event& one : events) {
    const std::string times = one.count > 1 ? " (x" + std::to_string(one.count) + ")" : "";
    rows.push_back({age(one.last, now_),
                    {one.type, one.type == "Warning" ? Style::bad : Style::plain},
                    one.reason + times,
                    one.message});
  }
  list("Events", {"AGE", "TYPE", "REASON", "MESSAGE"}, rows);
}

std::string Description::ago(const std::optional<WallTime>& time) const { return time ? age(time, now_) + " ago" : ""; }

std::string Description::text() const { return table({}, fields_, terminal_) + lists_; }

}  // namespace atelier::cli
