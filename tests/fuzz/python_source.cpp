// Python files of any team, read before anybody trusts them.
#include "stage/python_source.h"

#include <algorithm>

#include "fuzz/property.h"
#include "stage/dag_ids.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  using fuzz::holds;
  const std::string_view text = fuzz::text_of(data, size);
  const stage::PythonSource source = stage::read_python(text);
  std::size_t end = 0;
  for (const stage::PythonToken& token : source.tokens) {
    if (token.kind == stage::PythonToken::Kind::line_end) continue;
    const auto begin = static_cast<std::size_t>(token.text.data() - text.data());
    holds(!token.text.empty() && begin >= end && begin + token.text.size() <= size, "tokens are in order, inside");
    end = begin + token.text.size();
  }
  if (source.defect) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    holds(source.defect->line >= 1 && source.defect->line <= lines, "a defect is on a line of the file");
    holds(fuzz::is_utf8(source.defect->what), "what is told is text");
    holds(source.certain, "nothing is told of what is not certain");
  }
  for (const std::string& id : stage::dag_ids(source.tokens)) {
    holds(!id.empty() && text.find(id) != std::string_view::npos, "an id stands in the source");
    holds(fuzz::is_utf8(id), "an id is text");
  }
  return 0;
}
