#include "registry/tags.h"

#include <nlohmann/json.hpp>

#include "registry/reference.h"

namespace atelier::registry {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;

// {"name": "team/app", "tags": ["1", "2"]}, where "tags" may be null or missing. False ends the reading.
class Reader final : public nlohmann::json_sax<json> {
 public:
  Reader(const MostTags& most, Tags& into) : most_(most), into_(into) {}

  bool too_many() const { return into_.listed > most_.listed; }
  bool too_long() const { return into_.bytes > most_.bytes; }

  bool null() override { return depth_ == 1 || scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool number_integer(number_integer_t) override { return scalar(); }
  bool number_unsigned(number_unsigned_t) override { return scalar(); }
  bool number_float(number_float_t, const string_t&) override { return scalar(); }
  bool binary(binary_t&) override { return false; }
  bool string(string_t& text) override {
    if (depth_ == 0 || (depth_ == 1 && of_tags_)) return false;
    if (depth_ == 2 && of_tags_) take(text);
    return !too_many() && !too_long();
  }
  bool key(string_t& name) override {
    if (depth_ == 1) of_tags_ = name == "tags";
    return true;
  }
  bool start_object(std::size_t) override { return !of_tags_ && ++depth_ <= kDeepest; }
  bool end_object() override { return left(); }
  bool start_array(std::size_t) override { return depth_ > 0 && !(of_tags_ && depth_ > 1) && ++depth_ <= kDeepest; }
  bool end_array() override { return left(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool scalar() const { return depth_ > 0 && !of_tags_; }
  void take(const std::string& text) {
    ++into_.listed;
    if (!is_tag(text)) return;
    into_.all.push_back(text);
    into_.bytes += text.size();
  }
  bool left() {
    if (--depth_ == 1) of_tags_ = false;
    return true;
  }

  const MostTags most_;
  Tags& into_;
  int depth_ = 0;
  bool of_tags_ = false;  // within the member "tags"
};

}  // namespace

Result<void> read_tags(std::string_view body, const MostTags& most, Tags& into) {
  Reader reader{most, into};
  if (json::sax_parse(body, &reader)) return boost::outcome_v2::success();
  if (reader.too_many()) return invalid("it has more than " + std::to_string(most.listed) + " tags");
  if (reader.too_long()) return invalid("its tags have more than " + std::to_string(most.bytes) + " bytes");
  return invalid("its list of tags cannot be read");
}

}  // namespace atelier::registry
