// Who may ask next: few requests at once for each host and over all, in turn, and none while a host wants to be left
// alone.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "atelier/base/time.h"

namespace atelier::registry {

// A host that was slow or failed last time, or was never asked, is not trusted yet: all of them together have half of
// the places, so that a tenant's hundred hosts that never answer do not keep others' from being asked. No clock, no
// timer.
class Places {
 public:
  using Id = std::uint64_t;

  static constexpr std::size_t kOfHost = 4;
  static constexpr std::size_t kInAll = 32;
  static constexpr std::size_t kOfUntrusted = 16;
  static constexpr Millis kQuick{5'000};

  void wait(const std::string& host, Id id);             // in line. REQUIRES that it neither waits nor has a place
  std::optional<Id> next(SteadyTime now);                // takes a place; nothing if nobody may now
  void end(Id id, bool answered, SteadyTime now);        // gives it back
  void leave(Id id);                                     // the line or its place, untold how it would have ended
  void hold(const std::string& host, SteadyTime until);  // nobody asks it before
  // When one who waits is kept by nothing but a hold; nothing if none is.
  std::optional<SteadyTime> released(SteadyTime now) const;

  std::size_t taken() const { return taken_.size(); }
  std::size_t hosts() const { return hosts_.size(); }  // that are remembered

 private:
  struct Host {
    std::deque<Id> line;
    std::size_t taken = 0;
    SteadyTime held_until{};
    bool trusted = false;
  };
  using Hosts = std::map<std::string, Host>;
  struct Taken {
    Hosts::iterator host;
    bool trusted;
    SteadyTime since;
  };

  bool may(const Host& host, SteadyTime now) const;
  void forget_idle(SteadyTime now);

  Hosts hosts_;
  std::string last_;  // host that got a place
  std::map<Id, Taken> taken_;
  std::map<Id, Hosts::iterator> waiting_;
  std::size_t untrusted_ = 0;  // places taken
};

}  // namespace atelier::registry
