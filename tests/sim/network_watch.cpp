// Watches: each has a cursor in the log of changes, and hears of them late.
#include <algorithm>
#include <utility>

#include "sim/exchange.h"
#include "sim/refusal.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

std::string line(const char* type, const std::string& object) {
  return R"({"object":)" + object + R"(,"type":")" + type + "\"}\n";
}
std::string event_line(const char* type, const json& object) { return line(type, object.dump()); }

}  // namespace

const std::string& Network::text_of(const Object& object) {
  std::string& text = texts_[object];
  if (text.empty()) text = object->dump();
  return text;
}

// What the change is to a watch; empty if it does not concern it.
std::string Network::line_of(const Change& change, const Target& target, const Selector& selector) {
  if (!(*change.kind == *target.kind)) return "";
  if (!target.key.ns.empty() && change.key.ns != target.key.ns) return "";
  const bool was = change.before != nullptr && selector.matches(*change.before);
  const bool is = change.after != nullptr && selector.matches(*change.after);
  if (!was && !is) return "";
  if (!is && change.after != nullptr) {  // left the selection: its last state within, with the new version
    json gone = *change.before;
    gone["metadata"]["resourceVersion"] = (*change.last)["metadata"]["resourceVersion"];
    return event_line("DELETED", gone);
  }
  return line(!was ? "ADDED" : is ? "MODIFIED" : "DELETED", text_of(change.last));
}

void Network::open(const std::shared_ptr<Exchange>& exchange) {
  try {
    exchange->target = parse_target(exchange->request.target);
    if (!exchange->target.watches()) throw bad_request("only watches are streamed");
    const std::string from = exchange->target.get("resourceVersion");
    exchange->beginning = exchange->target.get("sendInitialEvents") == "true";
    if (exchange->beginning && exchange->target.get("resourceVersionMatch") != "NotOlderThan") {
      throw bad_request("sendInitialEvents needs resourceVersionMatch=NotOlderThan");
    }
    if (!exchange->beginning) {
      if (from.empty() || from == "0") throw bad_request("a watch without a version is not modelled");
      exchange->version = std::stoull(from);
    }
    exchange->selector.emplace(*exchange->target.kind, exchange->target.get("labelSelector"),
                               exchange->target.get("fieldSelector"));
  } catch (const Refusal& refusal) {
    return refuse(exchange, refusal.response());
  }
  const std::string initial = exchange->beginning ? initial_events(*exchange) : std::string{};
  exchange->cursor = model_.store().after(exchange->version);
  say(*exchange, "watches");
  exchange->handler->on_head(200, {{"content-type", "application/json"}});
  if (exchange->handler == nullptr) return end(exchange, boost::outcome_v2::success());
  const std::string timeout = exchange->target.get("timeoutSeconds");
  if (!timeout.empty()) {
    exchange->timeout = loop_.after(std::chrono::seconds{std::stoi(timeout)},
                                    [this, exchange] { end(exchange, boost::outcome_v2::success()); });
  }
  if (exchange->version < model_.compacted()) {
    const Refusal expired{410, "Expired", "too old resource version: " + std::to_string(exchange->version)};
    exchange->handler->on_data(event_line("ERROR", expired.body()));
    return end(exchange, boost::outcome_v2::success());
  }
  if (!initial.empty()) exchange->handler->on_data(initial);
  if (exchange->handler == nullptr) return end(exchange, boost::outcome_v2::success());
  bookmark(exchange);
  if (exchange->beginning || exchange->cursor < model_.store().changes().size()) wake(exchange);
}

// The objects as a list of the same moment has them.
std::string Network::initial_events(Exchange& exchange) {
  const ApiModel::Snapshot now = model_.snapshot(exchange.target);
  exchange.version = now.version;
  std::string lines;
  for (const Object& object : now.rest) lines += line("ADDED", text_of(object));
  return lines;
}

// Changes that were sent meanwhile are in it.
std::string Network::end_of_initial_events(const Exchange& exchange) const {
  const auto& changes = model_.store().changes();
  const std::uint64_t sent = exchange.cursor == 0 ? 0 : changes[exchange.cursor - 1].version;
  const Kind& kind = *exchange.target.kind;
  const json metadata = {{"resourceVersion", std::to_string(std::max(sent, exchange.version))},
                         {"annotations", {{"k8s.io/initial-events-end", "true"}}}};
  return event_line("BOOKMARK", {{"kind", kind.name}, {"apiVersion", kind.api_version()}, {"metadata", metadata}});
}

void Network::refuse(const std::shared_ptr<Exchange>& exchange, const http::Response& response) {
  exchange->handler->on_head(response.status, response.headers);
  if (exchange->handler != nullptr) exchange->handler->on_data(response.body);
  end(exchange, boost::outcome_v2::success());
}

// Arms the next one, and sends one if nothing else is to be sent.
void Network::bookmark(const std::shared_ptr<Exchange>& exchange) {
  const bool ahead = exchange->version > model_.store().version();  // of a server that went back in time
  if (exchange->bookmark != nullptr && !ahead && !exchange->beginning &&
      exchange->cursor == model_.store().changes().size()) {
    const Kind& kind = *exchange->target.kind;
    const json metadata = {{"resourceVersion", std::to_string(model_.store().version())}};
    exchange->handler->on_data(
        event_line("BOOKMARK", {{"kind", kind.name}, {"apiVersion", kind.api_version()}, {"metadata", metadata}}));
  }
  if (exchange->handler == nullptr) return;
  exchange->bookmark = loop_.after(times_.bookmarks, [this, exchange] {
    if (exchange->handler != nullptr) bookmark(exchange);
  });
}

void Network::wake(const std::shared_ptr<Exchange>& exchange) {
  if (exchange->cancelled || exchange->timer) return;
  exchange->timer = loop_.after(random_.between(times_.least_lag, times_.most_lag), [this, exchange] {
    exchange->timer.reset();
    deliver(exchange);
  });
}

void Network::deliver(const std::shared_ptr<Exchange>& exchange) {
  const auto& changes = model_.store().changes();
  if (exchange->handler == nullptr) return end(exchange, boost::outcome_v2::success());
  const std::size_t known = model_.store().after(model_.served(*exchange->target.kind));
  if (exchange->cursor >= known && !exchange->beginning) return;
  std::size_t upto = std::max(known, exchange->cursor);
  if (upto - exchange->cursor > 1) upto = exchange->cursor + 1 + random_.next() % (upto - exchange->cursor);
  std::string lines;
  for (; exchange->cursor < upto; ++exchange->cursor) {
    if (changes[exchange->cursor].version <= exchange->version) continue;  // of a server that went back in time
    lines += line_of(changes[exchange->cursor], exchange->target, *exchange->selector);
  }
  if (exchange->beginning) {
    lines += end_of_initial_events(*exchange);
    exchange->beginning = false;
  }
  if (!lines.empty()) exchange->handler->on_data(lines);
  if (exchange->handler != nullptr && exchange->cursor < known) wake(exchange);
}

void Network::wake_all() {
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->selector) wake(exchange);
  }
}

void Network::lag(const std::string& plural, std::uint64_t version, Millis how_long) {
  model_.lag(plural, version);
  lags_[plural] = loop_.after(how_long, [this, plural] {
    model_.lag(plural, std::nullopt);
    wake_all();
  });
}

void Network::end(const std::shared_ptr<Exchange>& exchange, const Result<void>& result) {
  const auto held = exchange;
  exchanges_.erase(held->id);
  held->selector.reset();
  held->timer.reset();
  held->timeout.reset();
  held->bookmark.reset();
  if (held->handler != nullptr) std::exchange(held->handler, nullptr)->on_end(result);
}

void Network::break_watches(const std::string& why) {
  auto open = exchanges_;
  for (const auto& [id, exchange] : open) {
    if (exchange->selector) end(exchange, Error{Errc::transport, why});
  }
}

void Network::cut(const std::string& client, Millis how_long) {
  cuts_[client] = loop_.after(how_long, [this, client] { cuts_.erase(client); });
  const auto open = exchanges_;
  for (const auto& [id, exchange] : open) {
    if (exchange->selector && exchange->client == client) end(exchange, Error{Errc::transport, "no route to host"});
  }
}

}  // namespace atelier::sim
