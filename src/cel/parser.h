// The grammar of CEL, one function a rule.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/node.h"
#include "cel/token.h"

namespace atelier::cel {

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<Node> whole();

 private:
  using Rule = Result<Node> (Parser::*)();

  const Token& token() const { return tokens_[next_]; }
  bool sees(std::string_view sign, std::size_t ahead = 0) const;
  bool sees_word(std::string_view name) const;
  bool take(std::string_view sign);
  Error expected(const std::string& what) const;
  Result<void> require(std::string_view sign, const char* where);
  Result<Node> built(Node node) const;

  Result<Node> expression();
  Result<Node> expression_here();
  Result<Node> logical(Rule operand, std::string_view sign, Node::Kind kind);
  Result<Node> any_of();
  Result<Node> all_of();
  Result<Node> relation();
  Result<Node> sum();
  Result<Node> product();
  Result<Node> unary();
  Result<Node> member();
  Result<Node> member_of(Node target);
  Result<Node> index_of(Node target);
  Result<Node> primary();
  Result<Node> word();
  Result<Node> number(bool negative, Position at);
  Result<Node> list();
  Result<Node> map();
  Result<std::vector<Node>> arguments();

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
};

// What has(...), or a method that is a macro, stands for; the call itself if it is neither.
Result<Node> expanded(Node call);

}  // namespace atelier::cel
