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

// A collection for people, all of it or of one namespace: `pods`, `pods in team-a`.
std::string part_words(const std::string& plural, const std::string& ns);

// A local copy of a collection. Only a reflector changes it: answers to writes never enter it.
class Cache {
 public:
  explicit Cache(std::string plural) : plural_(std::move(plural)) {}
  virtual ~Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Each of these namespaces has a reflector of its own then, and nothing comes from others: versions and lists are
  // those of one namespace. REQUIRES that none has started. Without it there is one part, whatever namespace is named.
  void divide(const std::vector<std::string>& namespaces);

  const std::string& plural() const { return plural_; }
  bool synced() const { return unlisted().empty(); }  // the first list is in, of every part
  // What its reflectors have not listed yet, by part_words().
  std::vector<std::string> unlisted() const;
  // Of the last list, event or bookmark: everything up to here is in. REQUIRES that `ns` is a part.
  const std::string& resource_version(std::string_view ns = {}) const { return part(ns)->resource_version; }
  // Whether `version` of an object there is in. Versions that cannot be compared count as in, and so does what comes
  // from no reflector.
  bool includes(const std::string& version, std::string_view ns = {}) const;
  virtual std::size_t size() const = 0;
  virtual std::optional<std::string> version_of(const ObjectKey& key) const = 0;  // absent: no such object
  // Tells every object again, as the first list would.
  virtual void tell_all() = 0;

  // Called after every list, event and bookmark, when the change is in. Listeners stay for the cache's life.
  void on_progress(std::function<void()> listener) { progress_.push_back(std::move(listener)); }

  // What `ns` has is behind what the API server has answered, and for long: its reflector may have a watch that hangs.
  void tell_behind(std::string_view ns);
  // For the reflector of `ns`: called by tell_behind(). Null takes it away.
  void on_behind(std::string_view ns, std::function<void()> listener);

  // For the reflector, of `ns` where the cache is divided. Pages are staged and take effect together.
  void begin_list(std::string_view ns = {});
  void stage(const Identity& identity, std::string_view object);
  void stage(const WatchEvent& event);  // of a streamed list: what has changed by now is in it, too
  void commit_list(const std::string& resource_version, std::string_view ns = {});
  // REQUIRES that the event is newer than resource_version(ns), and no error.
  void apply(const WatchEvent& event, std::string_view ns = {});

 protected:
  // Decodes an object and keeps the result aside, or where the list or event says.
  virtual void stage_object(const Identity& identity, std::string_view object) = 0;
  virtual void unstage_object(const ObjectKey& key) = 0;
  // Of one namespace; of all without one.
  virtual void forget_staged(std::optional<std::string_view> ns) = 0;
  virtual void swap_staged(std::optional<std::string_view> ns, bool initial) = 0;
  virtual void put(const Identity& identity, std::string_view object) = 0;
  virtual void remove(const ObjectKey& key) = 0;

 private:
  struct Part {
    std::string resource_version;
    bool synced = false;
    std::function<void()> behind;
  };

  const Part* part(std::string_view ns) const;  // null: there is none
  Part& part_of(std::string_view ns);
  std::optional<std::string_view> only(std::string_view ns) const;
  void advance(Part& part, const std::string& resource_version);

  std::string plural_;
  bool divided_ = false;
  std::map<std::string, Part, std::less<>> parts_{{"", Part{}}};  // by namespace where it is divided
  std::vector<std::function<void()>> progress_;
};

}  // namespace atelier::kube
