// A port for each host that is being asked, made when it is needed and let go when it is not.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "registry/origin.h"

namespace atelier::registry {

using MakePort = std::function<std::unique_ptr<http::Port>(const Origin&)>;

// Connections stay for a moment, as a poll has several requests; no more than kMost hosts, in use or not, unless more
// are in use.
class Ports {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr Millis kIdle{60'000};

  Ports(Loop& loop, MakePort make) : loop_(loop), make_(std::move(make)) {}  // `loop` is borrowed

  http::Port& take(const Origin& origin);  // until give_back()
  void give_back(const Origin& origin);

  std::size_t size() const { return ports_.size(); }

 private:
  struct Entry {
    std::unique_ptr<http::Port> port;
    std::size_t users = 0;
    SteadyTime idle_since{};
  };
  using Entries = std::map<Origin, Entry>;

  void make_room();
  void close_idle();
  void let_go(Entries::iterator at);
  void watch();

  Loop& loop_;
  MakePort make_;
  Entries ports_;
  std::vector<std::unique_ptr<http::Port>> leaving_;  // which may be calling us
  std::unique_ptr<Timer> leave_;
  std::unique_ptr<Timer> idle_;
};

}  // namespace atelier::registry
