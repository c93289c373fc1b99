// Text that many cached objects have in common: one copy of it, a pointer in each.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "atelier/base/ids.h"

namespace atelier::reconcile {

// Reads like a std::string. The copy goes with the last one that points to it. A text must be copied and destroyed on
// the thread that made it: each thread has copies of its own.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text) : copy_(text.empty() ? nullptr : share(text)) {}
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}
  SharedText(const char* text) : SharedText(std::string_view(text)) {}
  SharedText(const SharedText& other) : copy_(other.copy_) {
    if (copy_ != nullptr) ++copy_->second;
  }
  SharedText(SharedText&& other) noexcept : copy_(std::exchange(other.copy_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(copy_, other.copy_);
    return *this;
  }
  ~SharedText() {
    if (copy_ != nullptr && --copy_->second == 0) forget(copy_);
  }

  operator const std::string&() const { return **this; }
  const std::string& operator*() const { return copy_ == nullptr ? kEmpty : copy_->first; }
  const std::string* operator->() const { return &**this; }
  bool empty() const { return copy_ == nullptr; }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.copy_ == b.copy_; }
  friend bool operator==(const SharedText& a, const std::string& b) { return *a == b; }
  friend bool operator==(const SharedText& a, const char* b) { return *a == b; }

 private:
  using Copy = std::pair<const std::string, std::size_t>;  // with how many point to it

  static Copy* share(std::string_view text);
  static void forget(Copy* copy);

  inline static const std::string kEmpty;

  Copy* copy_ = nullptr;
};

inline std::string operator+(std::string_view a, const SharedText& b) { return std::string(a) + *b; }
inline std::string operator+(const SharedText& a, std::string_view b) { return *a + std::string(b); }
inline std::ostream& operator<<(std::ostream& out, const SharedText& text) { return out << *text; }

// The same for identifiers.
class SharedUid {
 public:
  SharedUid() = default;
  SharedUid(const Uid& uid) : text_(uid.value) {}

  operator Uid() const { return Uid{*text_}; }
  friend bool operator==(const SharedUid& a, const Uid& b) { return a.text_ == b.value; }

 private:
  SharedText text_;
};

}  // namespace atelier::reconcile
