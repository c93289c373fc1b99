// Keeps a cache, or the part of a divided one that its namespace is, equal to a collection of the API server: performs
// what ReflectorFsm says.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "atelier/base/log_repeat.h"
#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/cache.h"
#include "atelier/kube/frame.h"
#include "atelier/kube/metrics.h"
#include "atelier/kube/reachability.h"
#include "atelier/kube/reflector_fsm.h"
#include "atelier/kube/request.h"
#include "atelier/kube/resource.h"

namespace atelier::kube {

// What a reflector watches: a collection, narrowed by selectors. An empty `ns` means all namespaces.
struct Scope {
  Resource resource;
  std::string ns;
  std::string label_selector;
  std::string field_selector;
  bool stream_lists = true;  // where the server can; false: lists come in pages
};

class Reflector final : private http::StreamHandler {
 public:
  // Everything but the scope is borrowed. Idle until start().
  Reflector(Scope scope, Cache& cache, http::Port& port, Loop& loop, Random& random);
  ~Reflector() override;  // stops

  // Before start(): counts lists and watches there. Borrowed.
  void measure(Metrics& metrics) { metrics_ = &metrics; }
  // Before start(): called for each list or watch that fails, beside being told to the log. What it is about may pass;
  // the reflector tries again in any case.
  void on_failure(std::function<void(const Error&)> heard) { failed_ = std::move(heard); }
  // Before start(): what its reader can do about a failure, for the log; empty: nothing is known.
  void on_advice(std::function<std::string(const Error&)> advise) { advise_ = std::move(advise); }
  // Before start(): called once, when lists have been older than what was seen for a minute. Lists are never stale, so
  // etcd was restored: the cache, and whatever was concluded from it, is of what is no more, and the process should
  // end. Nothing more is listed then.
  void on_went_back(std::function<void()> end) { went_back_ = std::move(end); }
  // What else is answered shortens its waits for a server that was away. Borrowed.
  void hear(Reachability& reachability);
  void start();  // lists and watches until it is destroyed

 private:
  void perform(ReflectorFsm::Action action);
  void stream(const StreamList& list);
  void fetch(const FetchPage& page);
  void on_page(Result<http::Response> response);
  void open(WatchOptions options);
  bool take(const WatchEvent& event);
  void sleep(const Sleep& sleep);
  void wait(Millis delay);
  void tell_refused(const std::string& listed);
  void commit(const std::string& resource_version);
  void reopen_if_it_hangs();
  void end_watch(const Result<void>& outcome);
  void refuse_watch(const Error& error);
  void close_watch(const Result<void>& outcome);
  void tell_failed(const Error& error, bool listing);

  void on_head(int status, const http::Headers& headers) override;
  void on_data(std::string_view data) override;
  void on_end(Result<void> result) override;

  Scope scope_;
  std::string name_;  // for the log
  Cache& cache_;
  http::Port& port_;
  Loop& loop_;
  ReflectorFsm fsm_;
  Metrics* metrics_ = nullptr;
  std::function<void(const Error&)> failed_;
  std::function<std::string(const Error&)> advise_;
  std::function<void()> went_back_;
  SteadyTime list_began_{};
  log::Repeat refused_;
  EnvelopeParser parser_;
  Framer framer_;
  http::Response refusal_;  // a watch's answer that is not 200: collected until it ends
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> timer_;
  Reachability::Listener served_;
};

}  // namespace atelier::kube
