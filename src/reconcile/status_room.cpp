#include "reconcile/status_room.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "atelier/api/codec.h"
#include "atelier/engine/ledger.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

constexpr std::size_t kLeastState = 32U << 10U;  // also of a run that was pinned before parameters had a limit

std::size_t size_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace).size(); }

}  // namespace

void fit_status(api::PipelineRunStatus& status, const engine::Ledger& ledger) {
  json text = api::serialize(status);
  text["state"] = "";
  const json rows = std::exchange(text["tasks"], json::array());
  std::size_t room = kLargestStatus - std::min(kLargestStatus, size_of(text));
  status.state = engine::encode_to_fit(ledger, std::clamp(room, kLeastState, engine::kLargestState));
  room -= std::min(room, status.state.size());
  const auto full = std::find_if(rows.begin(), rows.end(), [&room](const json& row) {
    const std::size_t size = size_of(row) + 1;  // and a comma
    if (size > room) return true;
    room -= size;
    return false;
  });
  status.tasks.resize(static_cast<std::size_t>(full - rows.begin()));
}

}  // namespace atelier::reconcile
