// A part that most objects lack: a pointer where it is absent, and read as if it had its default values.
#pragma once

#include <memory>

namespace atelier::reconcile {

template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(const Rare& other) : part_(other.part_ ? std::make_unique<T>(*other.part_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare other) noexcept {
    part_ = std::move(other.part_);
    return *this;
  }
  ~Rare() = default;

  const T* operator->() const {
    static const T kAbsent{};
    return part_ ? part_.get() : &kAbsent;
  }
  // Makes it present.
  T& make() {
    if (!part_) part_ = std::make_unique<T>();
    return *part_;
  }

 private:
  std::unique_ptr<T> part_;
};

}  // namespace atelier::reconcile
