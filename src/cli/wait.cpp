#include "cli/wait.h"

#include <ostream>

#include "cli/failure.h"
#include "cli/phase.h"
#include "cli/printable.h"
#include "cli/progress.h"
#include "cli/run_watch.h"
#include "cli/why.h"

namespace atelier::cli {
namespace {

constexpr Millis kRedraw{1'000};

}  // namespace

Result<int> wait_for_end(Session& session, const ObjectKey& key, const Uid& uid, std::optional<Millis> longest,
                         Terminal& terminal) {
  const Session::Parts& parts = session.parts();
  Progress progress{terminal};
  std::optional<api::PipelineRun> last;
  std::optional<Error> error;
  bool disturbed = false;
  const auto fail = [&](Error with) {
    error = std::move(with);
    parts.stop();
  };
  RunWatch watch{session,
                 key,
                 uid,
                 {[&](const api::PipelineRun& run) {
                    last = run;
                    disturbed = false;
                    progress.show(run, session.now());
                    if (is_over(run)) parts.stop();
                  },
                  [&] { fail({Errc::not_found, "run \"" + key.name + "\" was deleted while it was waited for"}); },
                  [&](const Error& refused) { fail(told(refused, {"run", key}, session.server())); },
                  [&] {
                    if (!std::exchange(disturbed, true)) terminal.err << "the connection is lost, and tried again\n";
                  }}};
  std::unique_ptr<Timer> end;
  if (longest) {
    end = parts.loop.after(*longest, [&] {
      fail({Errc::cancelled, "run \"" + key.name + "\" is still under way after " + format_duration(*longest) +
                                 " and goes on; see: atelier why " + key.name + " -n " + key.ns});
    });
  }
  std::unique_ptr<Timer> redraw;
  std::function<void()> tick = [&] {
    if (last) progress.show(*last, session.now());
    redraw = parts.loop.after(kRedraw, tick);
  };
  if (terminal.live) tick();
  watch.start();
  parts.run();
  if (error) return *error;
  if (!last || !is_over(*last)) return Error{Errc::cancelled, "interrupted"};
  const Why why = why_run(*last, {}, "", session.now());
  if (last->status.phase == "Succeeded") return kDone;
  terminal.err << printable(why.words) << "\n";
  if (!why.command.empty()) terminal.err << "Next: " << printable(terminal.as_called(why.command)) << "\n";
  return kFailed;
}

}  // namespace atelier::cli
