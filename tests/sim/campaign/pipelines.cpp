#include "sim/campaign/pipelines.h"

#include <algorithm>
#include <array>

#include "render/labels.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr Millis kHangs{600'000};

std::uint64_t of(SimRandom& chance, std::uint64_t least, std::uint64_t most) {
  return least + chance.next() % (most - least + 1);
}

std::string name_of(std::size_t index) { return "t" + std::to_string(index); }

// Of the command, or empty.
std::string option(const json& words, const std::string& name) {
  for (const json& word : words) {
    const auto& text = word.get_ref<const std::string&>();
    if (text.starts_with("--" + name + "=")) return text.substr(name.size() + 3);
  }
  return "";
}

int number(const json& words, const std::string& name) {
  const std::string digits = option(words, name);
  return digits.empty() ? 0 : std::stoi(digits);
}

// In the cluster's hands a task loses no attempt of its own.
json retry(std::uint64_t limit) {
  return {
      {"limit", limit}, {"infrastructureLimit", 100}, {"backoff", {{"initial", "1s"}, {"factor", 2}, {"max", "8s"}}}};
}

json task(SimRandom& chance, std::string name) {
  json command = {"task", "--runs=" + std::to_string(of(chance, 100, 2'500))};
  std::uint64_t limit = 0;
  json out = {{"name", std::move(name)}};
  if (chance.chance(0.3)) {
    limit = of(chance, 0, 2);
    command.push_back("--fails=" + std::to_string(of(chance, 0, limit + 1)));
    if (chance.chance(0.3)) out["onFailure"] = "Continue";
  } else if (chance.chance(0.1)) {
    limit = of(chance, 0, 1);
    command.push_back("--hangs=1");
    out["timeout"] = "4s";
  }
  command.push_back("--rows=" + std::to_string(of(chance, 0, 99)));
  out["command"] = std::move(command);
  out["results"].push_back({{"name", "rows"}});
  if (chance.chance(0.3)) out["largeResults"] = true;
  out["retry"] = retry(limit);
  return out;
}

// Lets it depend on some of those before it, as `tasks` has them.
void connect(SimRandom& chance, json& after, const json& tasks, const std::vector<std::size_t>& before) {
  for (const std::size_t index : before) {
    const std::string name = tasks[index]["name"].get<std::string>();
    const bool fan_out = tasks[index].contains("forEach");
    if (chance.chance(0.1)) {
      constexpr const char* kEnds[] = {".Failed", ".Ended", ".Skipped"};
      after["dependsOn"].push_back(name + kEnds[chance.next() % 3]);
      continue;
    }
    after["dependsOn"].push_back(name);
    if (fan_out && !tasks[index].contains("results")) continue;
    if (chance.chance(fan_out ? 1 : 0.5))
      after["args"].push_back("--got-" + name + "=${tasks." + name + ".results.rows}");
    if (!fan_out && chance.chance(0.15) && !tasks[index].contains("largeResults"))
      after["when"] = "int(tasks." + name + ".results.rows) > 30";
  }
}

enum class Shape { chain, fan, graph, items, list, crowd };

void make_fan_out(SimRandom& chance, Shape shape, json& wide, json& first) {
  json values = json::array();
  for (std::uint64_t i = of(chance, 0, 4); i > 0; --i) values.push_back("item-" + std::to_string(i));
  json each = json::object();
  if (shape == Shape::list) {
    first["results"].push_back({{"name", "files"}, {"type", "list"}});
    first["command"].push_back("--files=" + values.dump());
    each["in"] = "tasks.t0.results.files";
  } else {
    if (values.empty()) values.push_back("one");
    each["items"] = std::move(values);
  }
  if (chance.chance(0.5)) each["maxParallel"] = of(chance, 1, 3);
  wide["forEach"] = std::move(each);
  wide["args"] = {"--item=${item}"};
  wide.erase("largeResults");
  if (chance.chance(0.4)) {
    wide.erase("results");
  } else {
    wide["command"].push_back("--wide=" + std::to_string(of(chance, 100, 3'500)));
  }
}

// What an item hands on.
std::string rows_of_item(const json& words, const std::string& item) {
  return item + std::string(static_cast<std::size_t>(number(words, "wide")), 'x');
}

// As a task that inserts them gets them.
std::string rows_of_items(const json& declared, const json& first) {
  const json& each = declared["forEach"];
  const json items = each.contains("items") ? each["items"] : json::parse(option(first["command"], "files"));
  json out = json::array();
  for (std::size_t i = 0; i < items.size(); ++i) out.push_back(rows_of_item(declared["command"], std::to_string(i)));
  return out.dump();
}

json tasks_of(SimRandom& chance, Shape shape) {
  json tasks = json::array();
  std::size_t count = of(chance, 2, 5);
  if (shape == Shape::crowd) count = of(chance, 8, 12);
  if (shape == Shape::items || shape == Shape::list) count = 3;
  for (std::size_t i = 0; i < count; ++i) {
    json next = task(chance, name_of(i));
    std::vector<std::size_t> before;
    for (std::size_t j = 0; j < i; ++j) {
      const bool last = i + 1 == count;
      const bool plain = shape == Shape::chain || shape == Shape::items || shape == Shape::list;
      if (plain ? j + 1 == i : shape == Shape::fan ? (j == 0) != last : shape == Shape::graph && chance.chance(0.4)) {
        before.push_back(j);
      }
    }
    if ((shape == Shape::items || shape == Shape::list) && i == 1) {
      next["dependsOn"] = {name_of(0)};
      make_fan_out(chance, shape, next, tasks[0]);
    } else {
      connect(chance, next, tasks, before);
    }
    tasks.push_back(std::move(next));
  }
  return tasks;
}

// People are asked after the first task, and one more task depends on what they say.
void ask(SimRandom& chance, json& tasks) {
  const std::string asked = std::array{"approve", "reject", "nobody"}[chance.next() % 3];
  json question = {{"name", asked}, {"approval", {{"count", 1}}}, {"dependsOn", {"t0.Ended"}}};
  if (asked == "nobody") question["approval"]["timeout"] = std::to_string(of(chance, 1, 9)) + "s";
  json answered = task(chance, "answered");
  answered["dependsOn"] = {asked + (chance.chance(0.7) ? "" : ".Failed")};
  tasks.push_back(std::move(question));
  tasks.push_back(std::move(answered));
}

}  // namespace

json mixed_pipeline(SimRandom& chance, const std::string& workspace) {
  const auto shape = static_cast<Shape>(chance.next() % 6);
  json spec = {{"workspace", {{"name", workspace}}}, {"tasks", tasks_of(chance, shape)}};
  if (chance.chance(0.3)) ask(chance, spec["tasks"]);
  for (std::uint64_t i = chance.chance(0.3) ? of(chance, 1, 2) : 0; i > 0; --i) {
    json last = task(chance, "last" + std::to_string(i));
    last.erase("results");
    last.erase("largeResults");
    last["args"] = {"--status=${run.status}"};
    spec["finally"].push_back(std::move(last));
  }
  return spec;
}

Script script_of_task(const json& pod, int failures) {
  const json& words = pod["spec"]["containers"][0]["command"];
  const json& labels = pod["metadata"]["labels"];
  Script out;
  out.runs = Millis{number(words, "runs")};
  out.work = labels.value(render::kRunUid, "") + "/" + labels.value(render::kTaskName, "") + "/" +
             labels.value(render::kItem, "");
  if (failures < number(words, "hangs")) {
    out.runs = kHangs;
  } else if (failures < number(words, "fails")) {
    out.exit_code = 3;
    out.message = "the disk was full";
  } else {
    json results = {{"rows", number(words, "rows")}};
    if (labels.contains(render::kItem)) results["rows"] = rows_of_item(words, labels.value(render::kItem, ""));
    if (const std::string files = option(words, "files"); !files.empty()) results["files"] = json::parse(files);
    (pod["spec"].contains("initContainers") ? out.results : out.message) = results.dump();
  }
  return out;
}

std::map<std::string, DeclaredTask> declared_tasks(const json& spec) {
  std::map<std::string, DeclaredTask> out;
  for (const char* list : {"tasks", "finally"}) {
    for (const json& declared : spec.value(list, json::array())) {
      DeclaredTask& one = out[declared["name"].get<std::string>()];
      one.depends_on = declared.value("dependsOn", std::vector<std::string>{});
      one.conditional = declared.contains("when");
      one.fan_out = declared.contains("forEach");
      one.finally = std::string_view(list) == "finally";
      one.approval = declared.contains("approval");
      one.large = declared.contains("largeResults");
      if (!one.approval) one.rows = option(declared["command"], "rows");
      if (one.fan_out) one.rows = rows_of_items(declared, spec["tasks"][0]);
    }
  }
  return out;
}

}  // namespace atelier::sim
