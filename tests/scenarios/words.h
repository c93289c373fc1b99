// The words of a line of a scenario.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "atelier/base/time.h"

namespace atelier::engine::scenarios {

std::vector<std::string> split(const std::string& text, char by);  // without empty parts
std::string rest(const std::vector<std::string>& words, std::size_t from);
std::string spaced(std::string text);      // an expression is one word, in which "_" stands for a space
Millis duration(const std::string& text);  // 1h
std::invalid_argument wrong(const std::string& line);

}  // namespace atelier::engine::scenarios
