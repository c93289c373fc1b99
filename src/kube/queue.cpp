#include "atelier/kube/queue.h"

#include <algorithm>
#include <utility>

namespace atelier::kube {
namespace {

constexpr std::int64_t kFirstDelay = 5;
constexpr std::int64_t kLongestDelay = 60'000;
constexpr int kDoublings = 14;  // enough to reach the longest delay

}  // namespace

bool WorkQueue::add(const ObjectKey& key, Cause cause, SteadyTime ready_at) {
  const Priority priority = cause == Cause::initial ? Priority::initial : Priority::live;
  Item item{cause, priority, ready_at, next_order_++, false};
  const auto merge = [&item](const Item& old) {
    item.cause = std::min(item.cause, old.cause);
    item.priority = std::min(item.priority, old.priority);
    item.ready_at = std::min(item.ready_at, old.ready_at);
    item.order = old.order;
  };
  if (const auto busy = processing_.find(key); busy != processing_.end()) {
    const bool is_new = !busy->second;
    if (!is_new) merge(*busy->second);
    busy->second = item;
    return is_new;
  }
  const auto at = items_.find(key);
  const bool is_new = at == items_.end();
  if (!is_new) {
    merge(at->second);
    unschedule(key, at->second);
  }
  schedule(key, item);
  return is_new;
}

void WorkQueue::schedule(const ObjectKey& key, Item item) {
  item.due = false;
  later_.emplace(item.ready_at, item.order, key);
  items_.insert_or_assign(key, item);
}

void WorkQueue::unschedule(const ObjectKey& key, const Item& item) {
  if (item.due) {
    due_.erase({item.priority, item.order, key});
  } else {
    later_.erase({item.ready_at, item.order, key});
  }
}

std::optional<WorkQueue::Taken> WorkQueue::take(SteadyTime now) {
  while (!later_.empty() && std::get<0>(*later_.begin()) <= now) {
    const ObjectKey key = std::get<2>(*later_.begin());
    later_.erase(later_.begin());
    Item& item = items_.at(key);
    item.due = true;
    due_.emplace(item.priority, item.order, key);
  }
  if (due_.empty()) return std::nullopt;
  ObjectKey key = std::get<2>(*due_.begin());
  due_.erase(due_.begin());
  const Item item = items_.extract(key).mapped();
  processing_.emplace(key, std::nullopt);
  return Taken{std::move(key), item.cause, item.ready_at};
}

void WorkQueue::done(const ObjectKey& key) {
  auto node = processing_.extract(key);
  if (node && node.mapped()) schedule(key, *node.mapped());
}

std::optional<SteadyTime> WorkQueue::next_ready() const {
  std::optional<SteadyTime> next;
  if (!later_.empty()) next = std::get<0>(*later_.begin());
  if (!due_.empty()) {
    const SteadyTime due = items_.at(std::get<2>(*due_.begin())).ready_at;
    next = next ? std::min(*next, due) : due;
  }
  return next;
}

WorkQueue::Due WorkQueue::due(SteadyTime now) const {
  Due found;
  const auto count = [&](Priority priority) { ++(priority == Priority::live ? found.live : found.initial); };
  for (const auto& [priority, order, key] : due_) count(priority);
  for (const auto& [when, order, key] : later_) {
    if (when > now) break;
    count(items_.at(key).priority);
  }
  return found;
}

Millis WorkQueue::fail(const ObjectKey& key) {
  int& failures = failures_[key];
  const auto base = static_cast<double>(std::min(kFirstDelay << failures, kLongestDelay));
  failures = std::min(failures + 1, kDoublings);
  return Millis{static_cast<Millis::rep>(base * (1.0 + random_.unit()))};
}

}  // namespace atelier::kube
