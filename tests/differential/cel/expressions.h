// Expressions to compare with cel-go: some by hand, many by chance.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "atelier/cel/expression.h"

namespace atelier::cel {

const Variables& declared();
const Bindings& bindings();

// What is easily wrong: the lines of tricky.jsonl.
std::vector<std::string> tricky();

// Expressions of the subset, the same ones for the same seed. Outside of it, and so never made: maps with a key twice
// or with a key that is no string, int or bool; macros that make lists of maps with several entries, whose order cel-go
// leaves open.
class Expressions {
 public:
  explicit Expressions(unsigned seed) : random_(seed) {}

  // One that is of a type, most of the time.
  std::string typed();
  // One that has to be no more than grammatical, most of the time.
  std::string wild();

 private:
  enum class Sort { boolean, integer, floating, text, integers, texts, names };

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  bool rarely() { return below(12) == 0; }
  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }
  std::string of(Sort sort, int depth);
  std::string leaf(Sort sort);
  std::string boolean(int depth);
  std::string integer(int depth);
  std::string floating(int depth);
  std::string text(int depth);
  std::string list(Sort element, int depth);
  std::string condition(Sort element, int depth);
  std::string anything(int depth);
  Sort any_sort() { return static_cast<Sort>(below(7)); }

  std::mt19937 random_;
  std::vector<std::pair<std::string, Sort>> locals_;
};

}  // namespace atelier::cel
