#include "atelier/api/dependency.h"

#include <array>
#include <utility>

namespace atelier::api {

Result<Dependency> parse_dependency(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Ending>, 4> kEndings{{{"Succeeded", Ending::succeeded},
                                                                                {"Failed", Ending::failed},
                                                                                {"Skipped", Ending::skipped},
                                                                                {"Ended", Ending::any}}};
  const std::string_view task = task_of_dependency(text);
  if (task.size() == text.size()) return Dependency{std::string(text), Ending::fine};
  const std::string_view ending = text.substr(task.size() + 1);
  for (const auto& [name, on] : kEndings) {
    if (ending == name) return Dependency{std::string(task), on};
  }
  return invalid("\"" + std::string(ending) + "\" is no end of a task; write " + std::string(task) + ", or " +
                 std::string(task) + ". with Succeeded, Failed, Skipped or Ended behind it");
}

std::string_view task_of_dependency(std::string_view text) { return text.substr(0, text.find('.')); }

}  // namespace atelier::api
