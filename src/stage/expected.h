// A value or the error that prevented it: expected failures are returned, never thrown.
#pragma once

#include <optional>
#include <utility>
#include <variant>

namespace atelier::stage {

// REQUIRES of the accessors: `*` and `->` only after the object tested true, `error` only after it tested false.
template <class T, class E>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Expected(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return *std::get_if<0>(&state_); }
  const T& operator*() const { return *std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  const E& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Expected<void, E> {
 public:
  Expected() = default;
  Expected(E error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_.has_value(); }
  const E& error() const { return *error_; }

 private:
  std::optional<E> error_;
};

// What the kernel said. Only the caller knows whether that is the team's content or the platform's storage.
struct Errno {
  int code = 0;
};

template <class T>
using Sys = Expected<T, Errno>;

}  // namespace atelier::stage
