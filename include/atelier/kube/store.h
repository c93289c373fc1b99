// The local copy of one kind, as projected values.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/base/log.h"
#include "atelier/kube/cache.h"
#include "atelier/kube/entry.h"
#include "atelier/kube/store_index.h"

namespace atelier::kube {

// One object's change. Null `before`: it is new; null `now`: it is gone. An object that was deleted and made again
// unseen is reported as gone, then as new.
template <class T>
struct Change {
  ObjectKey key;
  std::shared_ptr<const T> before;
  std::shared_ptr<const T> now;
  bool initial;  // from the first list
};

// Objects by key, in order. Snapshots handed out stay valid and never change. An object costs its value and about
// 64 bytes, if the value carries its identity, and 8 to 16 bytes for each index.
template <class T>
class Store final : public Cache {
 public:
  using Pointer = std::shared_ptr<const T>;
  using Handler = std::function<void(const Change<T>&)>;
  using IndexKeys = std::function<std::vector<std::string>(const ObjectKey&, const T&)>;

  Store(std::string plural, Decoder<T> decode) : Cache(std::move(plural)), decode_(std::move(decode)) {}

  Pointer get(const ObjectKey& key) const {
    const auto at = entries_.find(view(key));
    return at == entries_.end() ? nullptr : at->held.value();
  }
  std::size_t size() const override { return entries_.size(); }

  // Calls `visit(key, value)` in the order of keys.
  void each(const std::function<void(const ObjectKey&, const Pointer&)>& visit) const {
    for (const Slot& slot : entries_) visit(key_of(slot.key()), slot.held.value());
  }

  // Handlers run in the order they were added, after the store and its indexes have changed.
  void on_change(Handler handler) { handlers_.push_back(std::move(handler)); }

  // REQUIRES that the store is still empty.
  void add_index(std::string name, IndexKeys keys) { indexes_.add(std::move(name), std::move(keys)); }
  // What `index` files under `value`, in the order of keys.
  std::vector<ObjectKey> keys_of(std::string_view index, const std::string& value) const {
    std::vector<ObjectKey> out;
    for (const Slot* slot : indexes_.filed(index, value)) out.push_back(key_of(slot->key()));
    return out;
  }
  std::vector<Pointer> objects_of(std::string_view index, const std::string& value) const {
    std::vector<Pointer> out;
    for (const Slot* slot : indexes_.filed(index, value)) out.push_back(slot->held.value());
    return out;
  }

  std::optional<std::string> version_of(const ObjectKey& key) const override {
    const auto at = entries_.find(view(key));
    if (at == entries_.end()) return std::nullopt;
    return std::string(at->held.identity().resource_version);
  }
  void tell_all() override {
    for (const Slot& slot : entries_) tell({key_of(slot.key()), nullptr, slot.held.value(), true});
  }

 private:
  // An element of the ordered set. Its key never changes, the rest may.
  struct Slot {
    KeyView key() const { return held.identity().key; }
    mutable Entry<T> held;
  };
  struct ByKey {
    using is_transparent = void;
    static KeyView key(const Slot& slot) { return slot.key(); }
    static KeyView key(const KeyView& key) { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return key(a) < key(b);
    }
  };

  using Slots = std::set<Slot, ByKey>;

  // Those of one namespace, which lie together; all without one.
  static std::pair<typename Slots::iterator, typename Slots::iterator> range(Slots& slots,
                                                                             std::optional<std::string_view> ns) {
    if (!ns) return {slots.begin(), slots.end()};
    const auto begin = slots.lower_bound(KeyView{*ns, {}});
    return {begin, std::find_if(begin, slots.end(), [&](const Slot& slot) { return slot.key().ns != *ns; })};
  }

  // What cannot be decoded stays as it was, if it is the same object: better old than absent.
  Pointer decode(const Identity& identity, std::string_view object) const {
    auto value = decode_(object);
    if (value) return std::move(value).value();
    log::error("an object cannot be read",
               {{"resource", plural()}, {"object", identity.key.to_string()}, {"error", value.error().message}});
    const auto at = entries_.find(view(identity.key));
    const bool same = at != entries_.end() && at->held.identity().uid == identity.uid.value;
    return same ? at->held.value() : nullptr;
  }

  void stage_object(const Identity& identity, std::string_view object) override {
    Pointer value = decode(identity, object);
    if (!value) return;
    staged_.erase(staged_.lower_bound(view(identity.key)), staged_.upper_bound(view(identity.key)));
    staged_.insert(staged_.end(), Slot{Entry<T>{identity, std::move(value)}});  // lists are in order
  }
  void unstage_object(const ObjectKey& key) override {
    if (const auto at = staged_.find(view(key)); at != staged_.end()) staged_.erase(at);
  }
  void forget_staged(std::optional<std::string_view> ns) override {
    const auto [begin, end] = range(staged_, ns);
    staged_.erase(begin, end);
  }

  void swap_staged(std::optional<std::string_view> ns, bool initial) override {
    Slots staged;
    for (auto [at, end] = range(staged_, ns); at != end;) staged.insert(staged.end(), staged_.extract(at++));
    std::vector<ObjectKey> missing;
    for (auto [at, end] = range(entries_, ns); at != end; ++at) {
      if (!staged.contains(*at)) missing.push_back(key_of(at->key()));
    }
    for (const ObjectKey& key : missing) erase(key, initial);
    while (!staged.empty()) insert(std::move(staged.extract(staged.begin()).value()), initial);
  }
  void put(const Identity& identity, std::string_view object) override {
    if (Pointer value = decode(identity, object)) insert({Entry<T>{identity, std::move(value)}}, false);
  }
  void remove(const ObjectKey& key) override { erase(key, false); }

  void insert(Slot slot, bool initial) {
    const IdentityView identity = slot.held.identity();
    const ObjectKey key = key_of(identity.key);
    auto at = entries_.find(identity.key);
    if (at != entries_.end() && at->held.identity().uid != identity.uid) {
      erase(key, initial);
      at = entries_.end();
    }
    if (at == entries_.end()) {
      const Slot& added = *entries_.insert(entries_.end(), std::move(slot));
      indexes_.file(key, added, nullptr, added.held.value().get());
      return tell({key, nullptr, added.held.value(), initial});
    }
    if (at->held.identity().resource_version == identity.resource_version) return;
    const Change<T> change{key, at->held.value(), slot.held.value(), initial};
    at->held = std::move(slot.held);
    indexes_.file(key, *at, change.before.get(), change.now.get());
    tell(change);
  }
  void erase(const ObjectKey& key, bool initial) {
    const auto at = entries_.find(view(key));
    if (at == entries_.end()) return;
    const Change<T> change{key, at->held.value(), nullptr, initial};
    indexes_.file(key, *at, change.before.get(), nullptr);
    entries_.erase(at);
    tell(change);
  }

  void tell(const Change<T>& change) {
    for (std::size_t i = 0; i < handlers_.size(); ++i) handlers_[i](change);
  }

  Decoder<T> decode_;
  Slots entries_;
  Slots staged_;
  StoreIndexes<T, Slot> indexes_;
  std::vector<Handler> handlers_;
};

}  // namespace atelier::kube
