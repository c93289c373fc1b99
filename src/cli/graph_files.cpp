// Task graphs in forms that other programs read.
#include <algorithm>
#include <map>

#include "cli/drawing.h"
#include "cli/printable.h"

namespace atelier::cli {
namespace {

constexpr int kColumn = 220;
constexpr int kRow = 60;
constexpr int kBoxWidth = 170;
constexpr int kBoxHeight = 36;
constexpr int kMargin = 20;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string in_xml(const std::string& text) {
  static const std::map<char, std::string> kEscapes{
      {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&apos;"}};
  std::string out;
  for (const char c : printable(text)) {
    const auto at = kEscapes.find(c);
    out += at == kEscapes.end() ? std::string(1, c) : at->second;
  }
  return out;
}

const char* colour_of(const std::string& state) {
  if (state == "Succeeded") return "#d5f0d5";
  if (state == "Failed") return "#f6d0d0";
  if (state == "Running") return "#fdf0c4";
  return state.empty() ? "#ffffff" : "#e8e8e8";
}

struct Place {
  int x = 0;
  int y = 0;
};

// Columns by the longest way to a task; those of `finally` in one more.
std::vector<Place> places(const std::vector<DrawnTask>& tasks) {
  std::vector<int> columns(tasks.size(), 0);
  int deepest = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (const std::size_t before : tasks[i].after) columns[i] = std::max(columns[i], columns[before] + 1);
    deepest = std::max(deepest, columns[i]);
  }
  std::map<int, int> used;
  std::vector<Place> out;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const int column = tasks[i].last ? deepest + 1 : columns[i];
    out.push_back({kMargin + column * kColumn, kMargin + used[column]++ * kRow});
  }
  return out;
}

}  // namespace

std::string dot(const std::vector<DrawnTask>& tasks, const std::string& title) {
  std::string out = "digraph " + quoted(title) + " {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\"];\n";
  const auto node = [](const DrawnTask& task) {
    const std::string words = task.name + (task.label.empty() ? "" : " (" + task.label + ")");
    return quoted(task.name) + " [label=" + quoted(words) + ", fillcolor=\"" + colour_of(task.state) + "\"];\n";
  };
  std::string last;
  for (const DrawnTask& task : tasks) {
    if (task.last) {
      last += "    " + node(task);
    } else {
      out += "  " + node(task);
    }
  }
  for (const DrawnTask& task : tasks) {
    for (const std::size_t before : task.after)
      out += "  " + quoted(tasks[before].name) + " -> " + quoted(task.name) + ";\n";
  }
  if (!last.empty()) out += "  subgraph cluster_finally {\n    label=\"finally\";\n" + last + "  }\n";
  return out + "}\n";
}

std::string svg(const std::vector<DrawnTask>& tasks, const std::string& title) {
  const std::vector<Place> at = places(tasks);
  int width = 0;
  int height = 0;
  for (const Place& place : at) {
    width = std::max(width, place.x + kBoxWidth + kMargin);
    height = std::max(height, place.y + kBoxHeight + kMargin);
  }
  const auto n = [](int number) { return std::to_string(number); };
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + n(width) + "\" height=\"" + n(height) +
                    "\" font-family=\"sans-serif\" font-size=\"13\">\n<title>" + in_xml(title) + "</title>\n";
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (const std::size_t before : tasks[i].after) {
      const int from_x = at[before].x + kBoxWidth;
      const int from_y = at[before].y + kBoxHeight / 2;
      const int to_y = at[i].y + kBoxHeight / 2;
      const int middle = (from_x + at[i].x) / 2;
      out += "<path d=\"M" + n(from_x) + "," + n(from_y) + " C" + n(middle) + "," + n(from_y) + " " + n(middle) + "," +
             n(to_y) + " " + n(at[i].x) + "," + n(to_y) + "\" fill=\"none\" stroke=\"#888888\"/>\n";
    }
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::string words = tasks[i].name + (tasks[i].state.empty() ? "" : ": " + tasks[i].state) +
                              (tasks[i].label.empty() ? "" : " (" + tasks[i].label + ")");
    out += "<g><title>" + in_xml(words) + "</title><rect x=\"" + n(at[i].x) + "\" y=\"" + n(at[i].y) + "\" width=\"" +
           n(kBoxWidth) + "\" height=\"" + n(kBoxHeight) + "\" rx=\"6\" fill=\"" + colour_of(tasks[i].state) +
           "\" stroke=\"#444444\"" + (tasks[i].last ? " stroke-dasharray=\"4\"" : "") + "/><text x=\"" +
           n(at[i].x + kBoxWidth / 2) + "\" y=\"" + n(at[i].y + kBoxHeight / 2 + 5) + "\" text-anchor=\"middle\">" +
           in_xml(tasks[i].name) + "</text></g>\n";
  }
  return out + "</svg>\n";
}

}  // namespace atelier::cli
