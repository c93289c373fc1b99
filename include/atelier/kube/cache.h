// What a reflector fills and what read-your-writes asks, whatever the kind of the objects.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/kube/decode.h"

namespace atelier::kube {

// A local copy of a collection. Only a reflector changes it: answers to writes never enter it.
class Cache {
 public:
  explicit Cache(std::string plural) : plural_(std::move(plural)) {}
  virtual ~Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  const std::string& plural() const { return plural_; }
  bool synced() const { return synced_; }  // the first list is in
  // Of the last list, event or bookmark: everything up to here is in.
  const std::string& resource_version() const { return resource_version_; }
  // Whether `version` is in. Versions that cannot be compared count as in.
  bool includes(const std::string& version) const;
  virtual std::size_t size() const = 0;
  virtual std::optional<std::string> version_of(const ObjectKey& key) const = 0;  // absent: no such object
  // Tells every object again, as the first list would.
  virtual void tell_all() = 0;

  // Called after every list, event and bookmark, when the change is in. Listeners stay for the cache's life.
  void on_progress(std::function<void()> listener) { progress_.push_back(std::move(listener)); }

  // For the reflector. Pages are staged and take effect together.
  void begin_list();
  void stage(const Identity& identity, std::string_view object);
  void stage(const WatchEvent& event);  // of a streamed list: what has changed by now is in it, too
  void commit_list(const std::string& resource_version);
  void apply(const WatchEvent& event);  // REQUIRES that the event is newer than resource_version(), and no error

 protected:
  // Decodes an object and keeps the result aside, or where the list or event says.
  virtual void stage_object(const Identity& identity, std::string_view object) = 0;
  virtual void unstage_object(const ObjectKey& key) = 0;
  virtual void forget_staged() = 0;
  virtual void swap_staged(bool initial) = 0;
  virtual void put(const Identity& identity, std::string_view object) = 0;
  virtual void remove(const ObjectKey& key) = 0;

 private:
  void advance(const std::string& resource_version);

  std::string plural_;
  std::string resource_version_;
  bool synced_ = false;
  std::vector<std::function<void()>> progress_;
};

}  // namespace atelier::kube
