// What a decision wants said to the user as an Event.
#pragma once

#include <string>

namespace atelier::reconcile {

struct Note {
  bool warning = false;
  std::string reason;
  std::string message;

  bool operator==(const Note&) const = default;
};

}  // namespace atelier::reconcile
