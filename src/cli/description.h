// A text of named values and tables.
#pragma once

#include <string>
#include <vector>

#include "atelier/meta/condition.h"
#include "cli/event.h"
#include "cli/table.h"

namespace atelier::cli {

class Description {
 public:
  Description(WallTime now, const Terminal& terminal) : now_(now), terminal_(terminal) {}

  // An empty value is left out.
  void field(const std::string& name, Cell value);
  // A table without rows is left out.
  void list(const std::string& title, const Row& head, const std::vector<Row>& rows);
  void conditions(const meta::Conditions& conditions);
  void events(const std::vector<Event>& events);

  std::string ago(const std::optional<WallTime>& time) const;  // "5m ago"; empty without one
  WallTime now() const { return now_; }
  std::string text() const;

 private:
  WallTime now_;
  const Terminal& terminal_;
  std::vector<Row> fields_;
  std::string lists_;
};

}  // namespace atelier::cli
