#include <algorithm>
#include <optional>

#include "cli/drawing.h"
#include "cli/printable.h"

namespace atelier::cli {
namespace {

constexpr std::size_t kMostLanes = 30;

// A rail that comes down and leads to a task further below; none where it is free.
using Lanes = std::vector<std::optional<std::size_t>>;

// A row of two characters a lane: what stands on it, and what leads to the next.
class RailRow {
 public:
  explicit RailRow(const Lanes& lanes) : marks_(lanes.size(), " "), links_(lanes.size(), " ") {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (lanes[i]) marks_[i] = "│";
    }
  }

  void mark(std::size_t lane, const char* what) { marks_[lane] = what; }
  // A line from `first` to the last of `lanes`, which end there as `end` says, and on the way as `middle`.
  void span(std::size_t first, const std::vector<std::size_t>& lanes, const char* middle, const char* end) {
    for (std::size_t i = first; i < lanes.back(); ++i) {
      links_[i] = "─";
      if (i > first) marks_[i] = marks_[i] == "│" ? "┼" : "─";
    }
    for (const std::size_t lane : lanes) marks_[lane] = lane == lanes.back() ? end : middle;
    marks_[first] = "├";
  }
  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < marks_.size(); ++i) out += marks_[i] + links_[i];
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  }

 private:
  std::vector<std::string> marks_;
  std::vector<std::string> links_;
};

std::string name_of(const DrawnTask& task, const Terminal& terminal) {
  std::string out = printable(task.name);
  if (!task.state.empty()) {
    const std::string reason = task.reason.empty() ? "" : " " + task.reason;
    out += "  " + terminal.styled(printable(task.state + reason), style_of(task.state));
  }
  if (!task.label.empty()) out += "  " + terminal.styled("(" + printable(task.label) + ")", Style::quiet);
  return out;
}

class Rails {
 public:
  Rails(const std::vector<DrawnTask>& tasks, const Terminal& terminal)
      : tasks_(tasks), terminal_(terminal), followers_(tasks.size()) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      for (const std::size_t before : tasks[i].after) followers_[before].push_back(i);
    }
  }

  // False: there are too many rails side by side.
  bool draw() {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i].last) continue;
      draw(i);
      if (lanes_.size() > kMostLanes) return false;
    }
    return true;
  }
  const std::string& text() const { return text_; }

 private:
  void draw(std::size_t task) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i] == task) ends.push_back(i);
    }
    const std::size_t lane = ends.empty() ? free_lane(0) : ends.front();
    if (ends.size() > 1) {
      RailRow row{lanes_};
      row.span(lane, {ends.begin() + 1, ends.end()}, "┴", "╯");
      text_ += row.text() + "\n";
      for (const std::size_t end : ends) lanes_[end].reset();
    }
    lanes_[lane].reset();
    while (!lanes_.empty() && !lanes_.back() && lanes_.size() > lane + 1) lanes_.pop_back();
    RailRow row{lanes_};
    row.mark(lane, "●");
    text_ += row.text() + "  " + name_of(tasks_[task], terminal_) + "\n";
    branch(lane, followers_[task]);
  }

  void branch(std::size_t lane, const std::vector<std::size_t>& followers) {
    if (followers.empty()) return;
    lanes_[lane] = followers.front();
    std::vector<std::size_t> others;
    const Lanes before = lanes_;
    for (std::size_t i = 1; i < followers.size(); ++i) {
      others.push_back(free_lane(lane + 1));
      lanes_[others.back()] = followers[i];
    }
    if (others.empty()) return;
    std::sort(others.begin(), others.end());
    Lanes shown = before;
    shown.resize(lanes_.size());
    RailRow row{shown};
    row.span(lane, others, "┬", "╮");
    text_ += row.text() + "\n";
  }

  std::size_t free_lane(std::size_t from) {
    for (std::size_t i = from; i < lanes_.size(); ++i) {
      if (!lanes_[i]) return i;
    }
    lanes_.emplace_back();
    return lanes_.size() - 1;
  }

  const std::vector<DrawnTask>& tasks_;
  const Terminal& terminal_;
  std::vector<std::vector<std::size_t>> followers_;
  Lanes lanes_;
  std::string text_;
};

std::string names_only(const std::vector<DrawnTask>& tasks, const Terminal& terminal) {
  std::string out;
  for (const DrawnTask& task : tasks) {
    if (task.last) continue;
    std::string after;
    for (const std::size_t before : task.after)
      after += (after.empty() ? "  after " : ", ") + printable(tasks[before].name);
    out += name_of(task, terminal) + after + "\n";
  }
  return out;
}

}  // namespace

std::string rails(const std::vector<DrawnTask>& tasks, const Terminal& terminal) {
  Rails drawing{tasks, terminal};
  std::string out = drawing.draw() ? drawing.text() : names_only(tasks, terminal);
  std::string last;
  for (const DrawnTask& task : tasks) {
    if (task.last) last += "●  " + name_of(task, terminal) + "\n";
  }
  if (!last.empty()) out += terminal.styled("finally:", Style::strong) + "\n" + last;
  return out;
}

}  // namespace atelier::cli
