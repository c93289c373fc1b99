// The local copy of one kind, as projected values.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/base/log.h"
#include "atelier/kube/cache.h"

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

// Objects by key, in order. Snapshots handed out stay valid and never change.
template <class T>
class Store final : public Cache {
 public:
  using Pointer = std::shared_ptr<const T>;
  using Handler = std::function<void(const Change<T>&)>;
  using IndexKeys = std::function<std::vector<std::string>(const ObjectKey&, const T&)>;

  Store(std::string plural, Decoder<T> decode) : Cache(std::move(plural)), decode_(std::move(decode)) {}

  Pointer get(const ObjectKey& key) const {
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : at->second.value;
  }
  std::size_t size() const { return entries_.size(); }

  // Calls `visit(key, value)` in the order of keys.
  void each(const std::function<void(const ObjectKey&, const Pointer&)>& visit) const {
    for (const auto& [key, entry] : entries_) visit(key, entry.value);
  }

  // Handlers run in the order they were added, after the store and its indexes have changed.
  void on_change(Handler handler) { handlers_.push_back(std::move(handler)); }

  // REQUIRES that the store is still empty.
  void add_index(std::string name, IndexKeys keys) { indexes_[std::move(name)].keys = std::move(keys); }
  // The objects that `index` files under `value`; valid until the next change.
  const std::set<ObjectKey>& keys_of(std::string_view index, const std::string& value) const {
    static const std::set<ObjectKey> kNone;
    const auto at = indexes_.find(index);
    if (at == indexes_.end()) return kNone;
    const auto found = at->second.filed.find(value);
    return found == at->second.filed.end() ? kNone : found->second;
  }

  std::optional<std::string> version_of(const ObjectKey& key) const override {
    const auto at = entries_.find(key);
    if (at == entries_.end()) return std::nullopt;
    return at->second.resource_version;
  }
  void tell_all() override {
    for (const auto& [key, entry] : entries_) tell({key, nullptr, entry.value, true});
  }

 private:
  struct Entry {
    Uid uid;
    std::string resource_version;
    Pointer value;
  };
  struct Index {
    IndexKeys keys;
    std::map<std::string, std::set<ObjectKey>> filed;
  };

  // What cannot be decoded stays as it was, if it is the same object: better old than absent.
  Pointer decode(const Identity& identity, std::string_view object) const {
    auto value = decode_(object);
    if (value) return std::move(value).value();
    log::error("an object cannot be read",
               {{"resource", plural()}, {"object", identity.key.to_string()}, {"error", value.error().message}});
    const auto at = entries_.find(identity.key);
    return at == entries_.end() || at->second.uid != identity.uid ? nullptr : at->second.value;
  }

  void stage_object(const Identity& identity, std::string_view object) override {
    if (Pointer value = decode(identity, object)) {
      staged_[identity.key] = Entry{identity.uid, identity.resource_version, std::move(value)};
    }
  }
  void forget_staged() override { staged_.clear(); }

  void swap_staged(bool initial) override {
    std::vector<ObjectKey> missing;
    for (const auto& [key, entry] : entries_) {
      if (!staged_.contains(key)) missing.push_back(key);
    }
    for (const ObjectKey& key : missing) erase(key, initial);
    for (auto& [key, entry] : std::exchange(staged_, {})) insert(key, std::move(entry), initial);
  }
  void put(const Identity& identity, std::string_view object) override {
    Pointer value = decode(identity, object);
    if (value) insert(identity.key, Entry{identity.uid, identity.resource_version, std::move(value)}, false);
  }
  void remove(const ObjectKey& key) override { erase(key, false); }

  void insert(const ObjectKey& key, Entry entry, bool initial) {
    auto at = entries_.find(key);
    if (at != entries_.end() && at->second.uid != entry.uid) {
      erase(key, initial);
      at = entries_.end();
    }
    if (at != entries_.end() && at->second.resource_version == entry.resource_version) return;
    Change<T> change{key, at == entries_.end() ? nullptr : at->second.value, entry.value, initial};
    if (change.before) file(key, *change.before, false);
    file(key, *change.now, true);
    entries_[key] = std::move(entry);
    tell(change);
  }
  void erase(const ObjectKey& key, bool initial) {
    const auto at = entries_.find(key);
    if (at == entries_.end()) return;
    const Change<T> change{key, std::move(at->second.value), nullptr, initial};
    entries_.erase(at);
    file(key, *change.before, false);
    tell(change);
  }
  void file(const ObjectKey& key, const T& value, bool in) {
    for (auto& [name, index] : indexes_) {
      for (const std::string& under : index.keys(key, value)) {
        auto& keys = index.filed[under];
        in ? static_cast<void>(keys.insert(key)) : static_cast<void>(keys.erase(key));
        if (keys.empty()) index.filed.erase(under);
      }
    }
  }
  void tell(const Change<T>& change) {
    for (std::size_t i = 0; i < handlers_.size(); ++i) handlers_[i](change);
  }

  Decoder<T> decode_;
  std::map<ObjectKey, Entry> entries_;
  std::map<ObjectKey, Entry> staged_;
  std::map<std::string, Index, std::less<>> indexes_;
  std::vector<Handler> handlers_;
};

}  // namespace atelier::kube
