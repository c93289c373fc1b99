#include "atelier/kube/metered_port.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace atelier::kube {
namespace {

// Whether a path of the API names a collection: its segments after the version are "plural" or
// "namespaces/NAME/plural", and not the name or subresource of an object.
bool names_collection(std::string_view target) {
  std::vector<std::string_view> segments;
  std::string_view rest = target.substr(0, target.find('?'));
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const auto end = std::min(rest.find('/'), rest.size());
    segments.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  const bool core = segments.size() > 2 && segments[0] == "api";
  const bool group = segments.size() > 3 && segments[0] == "apis";
  if (!core && !group) return false;
  segments.erase(segments.begin(), segments.begin() + (core ? 2 : 3));
  if (segments.size() == 3 && segments[0] == "namespaces") return segments[2] != "status" && segments[2] != "finalize";
  return segments.size() == 1;
}

std::string host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find('/')));
}

std::string_view verb_of(const http::Request& request, bool is_stream) {
  if (request.method != http::Method::get) return http::to_string(request.method);
  if (is_stream) return "WATCH";
  return names_collection(request.target) ? "LIST" : "GET";
}

}  // namespace

struct MeteredPort::Meter {
  void end(int status) const {
    metrics.exchanged({.method = method, .verb = verb, .host = host, .status = status}, loop.now() - began);
  }

  Loop& loop;
  Metrics& metrics;
  http::Method method;
  std::string_view verb;  // a literal
  std::string host;
  SteadyTime began;
};

// Both the handler that the inner port knows and the call that the caller holds.
class MeteredPort::Stream final : public http::Call, private http::StreamHandler {
 public:
  Stream(Meter meter, http::StreamHandler& handler) : meter_(std::move(meter)), handler_(handler) {}

  void open(http::Port& port, http::Request request) { call_ = port.stream(std::move(request), *this); }

 private:
  void on_head(int status, const http::Headers& headers) override {
    counted_ = true;
    meter_.end(status);
    handler_.on_head(status, headers);
  }
  void on_data(std::string_view data) override { handler_.on_data(data); }
  // The handler may destroy this.
  void on_end(Result<void> result) override {
    const bool was_sent = result || result.error().code != Errc::cancelled;
    if (!counted_ && was_sent) meter_.end(0);
    handler_.on_end(std::move(result));
  }

  Meter meter_;
  http::StreamHandler& handler_;
  bool counted_ = false;
  std::unique_ptr<http::Call> call_;
};

MeteredPort::MeteredPort(http::Port& port, std::string_view server_url, Loop& loop, Metrics& metrics)
    : port_(port), host_(host_of(server_url)), loop_(loop), metrics_(metrics) {}

MeteredPort::Meter MeteredPort::begin(const http::Request& request, bool is_stream) const {
  return {loop_, metrics_, request.method, verb_of(request, is_stream), host_, loop_.now()};
}

std::unique_ptr<http::Call> MeteredPort::send(http::Request request, std::function<void(Result<http::Response>)> done) {
  const Meter meter = begin(request, false);
  return port_.send(std::move(request), [meter, done = std::move(done)](Result<http::Response> response) {
    const bool was_sent = response || response.error().code != Errc::cancelled;
    if (was_sent) meter.end(response ? response.value().status : 0);
    done(std::move(response));
  });
}

std::unique_ptr<http::Call> MeteredPort::stream(http::Request request, http::StreamHandler& handler) {
  auto stream = std::make_unique<Stream>(begin(request, true), handler);
  stream->open(port_, std::move(request));
  return stream;
}

}  // namespace atelier::kube
