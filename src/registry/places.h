// Who may ask next: few polls at once for each host, for each namespace and over all, in turn, and none while a host
// wants to be left alone.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "atelier/base/time.h"

namespace atelier::registry {

// A place is charged to a namespace that asks, since hosts are for whoever names them: a tenant has as many as it
// likes. The namespace that got a place longest ago is next, and within it the host. A host that was slow or failed
// last time, or was never asked, is not trusted yet by the namespace; such hosts have a part of the places only, so
// that they do not keep the namespace's other hosts from being asked. No clock, no timer.
class Places {
 public:
  using Id = std::uint64_t;
  struct Target {
    std::string host;
    std::string who;  // whose credentials are shown there; empty: nobody's

    auto operator<=>(const Target&) const = default;
  };

  static constexpr std::size_t kInAll = 32;
  static constexpr std::size_t kOfHost = 4;
  static constexpr std::size_t kOfNamespace = 6;
  static constexpr std::size_t kUntrusted = 16;
  static constexpr std::size_t kUntrustedOfNamespace = 4;
  static constexpr Millis kQuick{5'000};

  // In line, for all of these. REQUIRES that it neither waits nor has a place.
  void wait(const Target& target, const std::set<std::string>& namespaces, Id id);
  void join(Id id, const std::string& name);          // waits for this namespace too, if it waits
  void part(Id id, const std::string& name);          // and no longer
  std::optional<Id> next(SteadyTime now);             // takes a place; nothing if nobody may now
  void end(Id id, bool answered, SteadyTime now);     // gives it back
  void leave(Id id);                                  // the line or its place, untold how it would have ended
  void hold(const Target& target, SteadyTime until);  // not asked before; without `who` the whole host
  SteadyTime held_until(const Target& target) const;
  // When one who waits is kept by a hold no longer; nothing if none is.
  std::optional<SteadyTime> released(SteadyTime now) const;

  std::size_t taken() const { return taken_.size(); }
  std::size_t remembered() const;  // hosts of all namespaces
  std::size_t holds() const { return held_.size(); }

 private:
  struct Line {
    std::uint64_t turn;  // greater: later
    std::deque<Id> waiting{};
    std::size_t taken = 0;
    bool trusted = false;
  };
  using Lines = std::map<Target, Line>;
  struct Namespace {
    std::uint64_t turn;
    Lines lines{};
    std::size_t taken = 0;
    std::size_t untrusted = 0;  // of them
  };
  struct Waiting {
    Target target;
    std::set<std::string> namespaces;
  };
  struct Taken {
    std::string name;  // of the namespace
    Target target;
    bool trusted;
    SteadyTime since;
  };

  void line_up(const Target& target, const std::string& name, Id id);
  void step_out(const Target& target, const std::string& name, Id id);
  bool may(const Namespace& whose, const Lines::value_type& line, SteadyTime now) const;
  Lines::iterator next_of(Namespace& whose, SteadyTime now) const;
  void take(const std::string& name, Namespace& whose, Lines::iterator line, SteadyTime now);
  static bool is_idle(const Lines::value_type& line);
  static void forget_idle(Namespace& whose);
  void forget_idle(SteadyTime now);

  std::uint64_t turns_ = 0;
  std::map<std::string, Namespace> namespaces_;
  std::map<std::string, std::size_t> at_host_;  // places taken
  std::map<Target, SteadyTime> held_;
  std::map<Id, Waiting> waiting_;
  std::map<Id, Taken> taken_;
  std::size_t untrusted_ = 0;  // places taken
};

}  // namespace atelier::registry
