#include "atelier/kube/reflector.h"

#include <nlohmann/json.hpp>

#include "atelier/base/log.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"

namespace atelier::kube {

Reflector::Reflector(Scope scope, Cache& cache, http::Port& port, Loop& loop, Random& random)
    : scope_(std::move(scope)),
      name_(scope_.ns.empty() ? scope_.resource.plural : scope_.ns + "/" + scope_.resource.plural),
      cache_(cache),
      port_(port),
      loop_(loop),
      fsm_(random, scope_.stream_lists) {}

Reflector::~Reflector() { cache_.on_behind(scope_.ns, nullptr); }

void Reflector::hear(Reachability& reachability) {
  served_ = reachability.listen([this] {
    if (const auto delay = fsm_.served(loop_.now())) wait(*delay);
  });
}

void Reflector::start() {
  cache_.on_behind(scope_.ns, [this] { reopen_if_it_hangs(); });
  perform(fsm_.start(loop_.now()));
}

void Reflector::perform(ReflectorFsm::Action action) {
  if (const auto* replace = std::get_if<Replace>(&action)) {
    commit(replace->resource_version);
    return perform(fsm_.replaced(loop_.now()));
  }
  if (const auto* list = std::get_if<StreamList>(&action)) return stream(*list);
  if (const auto* page = std::get_if<FetchPage>(&action)) return fetch(*page);
  if (const auto* watch = std::get_if<OpenWatch>(&action)) {
    WatchOptions options;
    options.resource_version = watch->resource_version;
    options.timeout = watch->timeout;
    return open(std::move(options));
  }
  sleep(std::get<Sleep>(action));
}

void Reflector::stream(const StreamList& list) {
  list_began_ = loop_.now();
  cache_.begin_list(scope_.ns);
  WatchOptions options;
  options.timeout = list.timeout;
  options.initial_events = true;
  open(std::move(options));
  timer_ = loop_.after(list.longest, [this] {
    call_.reset();
    log::warn("a streamed list did not end; asking for pages", {{"resource", name_}});
    perform(fsm_.list_unended());
  });
}

void Reflector::fetch(const FetchPage& page) {
  if (page.first) {
    list_began_ = loop_.now();
    cache_.begin_list(scope_.ns);
  }
  ListOptions options;
  options.label_selector = scope_.label_selector;
  options.field_selector = scope_.field_selector;
  options.limit = page.limit;
  options.continue_token = page.continue_token;
  call_ = port_.send(list(scope_.resource, scope_.ns, options),
                     [this](Result<http::Response> response) { on_page(std::move(response)); });
}

void Reflector::on_page(Result<http::Response> response) {
  Result<ListMeta> page = ListMeta{};
  if (!response) {
    page = response.error();
  } else if (response.value().status != 200) {
    page = error_of(response.value());
  } else {
    page = parser_.list(response.value().body,
                        [this](const Identity& identity, std::string_view object) { cache_.stage(identity, object); });
  }
  if (!page) tell_failed(page.error(), true);
  perform(fsm_.page_fetched(loop_.now(), page));
}

void Reflector::open(WatchOptions options) {
  options.label_selector = scope_.label_selector;
  options.field_selector = scope_.field_selector;
  framer_ = Framer{};
  refusal_ = {};
  call_ = port_.stream(watch(scope_.resource, scope_.ns, options), *this);
}

void Reflector::sleep(const Sleep& sleep) {
  call_.reset();
  if (!sleep.refused_version.empty()) tell_refused(sleep.refused_version);
  if (sleep.went_back && went_back_) return std::exchange(went_back_, nullptr)();
  wait(sleep.delay);
}

void Reflector::wait(Millis delay) {
  timer_ = loop_.after(delay, [this] { perform(fsm_.slept(loop_.now())); });
}

// The server is behind, or its etcd was restored. Of the two only the first heals by waiting.
void Reflector::tell_refused(const std::string& listed) {
  const std::string& seen = fsm_.resource_version();
  if (!refused_.due(listed + " " + seen, loop_.now())) return;
  log::error("a list is older than what was seen", {{"resource", name_}, {"listed", listed}, {"seen", seen}});
}

void Reflector::on_head(int status, const http::Headers& headers) {
  refusal_.status = status;
  refusal_.headers = headers;
}

void Reflector::on_data(std::string_view data) {
  if (refusal_.status != 200) {
    refusal_.body += data;
    return;
  }
  fsm_.heard(loop_.now());
  framer_.feed(data);
  while (const auto line = framer_.next()) {
    const Result<WatchEvent> event = parser_.event(*line);
    if (!event) return end_watch(event.error());
    if (event.value().type == EventType::error) {
      return end_watch(error_of_status(nlohmann::json::parse(event.value().object, nullptr, false)));
    }
    if (!take(event.value())) return;
  }
  if (framer_.overflowed()) end_watch(invalid("a watch event is longer than 16 MiB"));
}

// Whether the stream goes on.
bool Reflector::take(const WatchEvent& event) {
  switch (fsm_.accept(event)) {
    case ReflectorFsm::Verdict::ignore:
      break;
    case ReflectorFsm::Verdict::apply:
      cache_.apply(event, scope_.ns);
      break;
    case ReflectorFsm::Verdict::stage:
      cache_.stage(event);
      break;
    case ReflectorFsm::Verdict::commit:
      timer_.reset();
      commit(event.identity.resource_version);
      break;
    case ReflectorFsm::Verdict::refuse:
      perform(fsm_.refused(loop_.now(), event.identity.resource_version));
      return false;
  }
  return true;
}

void Reflector::on_end(Result<void> result) {
  if (result && refusal_.status != 200) return refuse_watch(error_of(refusal_));
  end_watch(result);
}

void Reflector::commit(const std::string& resource_version) {
  if (metrics_ != nullptr) metrics_->listed(scope_.resource.plural, loop_.now() - list_began_);
  cache_.commit_list(resource_version, scope_.ns);
}

// A write of ours was answered, and the watch should have shown it by now.
void Reflector::reopen_if_it_hangs() {
  if (!fsm_.hangs(loop_.now())) return;
  end_watch(Error{Errc::transport, "nothing comes, although there is something new"});
}

void Reflector::end_watch(const Result<void>& outcome) {
  close_watch(outcome);
  perform(fsm_.watch_ended(loop_.now(), outcome));
}

void Reflector::refuse_watch(const Error& error) {
  close_watch(error);
  perform(fsm_.watch_refused(loop_.now(), error));
}

void Reflector::close_watch(const Result<void>& outcome) {
  call_.reset();
  if (metrics_ != nullptr) {
    metrics_->watch_ended(scope_.resource.plural, outcome ? "timeout" : to_string(outcome.error().code));
  }
  timer_.reset();
  if (!outcome) tell_failed(outcome.error(), fsm_.listing());
}

void Reflector::tell_failed(const Error& error, bool listing) {
  const std::string advice = advise_ ? advise_(error) : "";
  log::write(listing ? log::Level::warn : log::Level::info, listing ? "a list failed" : "a watch ended",
             {{"resource", name_}, {"error", error.message + (advice.empty() ? "" : "; " + advice)}});
  if (failed_) failed_(error);
}

}  // namespace atelier::kube
