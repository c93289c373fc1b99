#include "cel/parser.h"

#include <array>

#include "cel/number.h"
#include "cel/overloads.h"
#include "cel/utf8.h"

namespace atelier::cel {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr std::size_t kDeepest = 64;

constexpr std::array<std::string_view, 17> kReserved = {"as",        "break",  "const",  "continue", "else", "for",
                                                        "function",  "if",     "import", "let",      "loop", "package",
                                                        "namespace", "return", "var",    "void",     "while"};
constexpr std::array<std::string_view, 4> kKeywords = {"true", "false", "null", "in"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string said(const Token& token) {
  switch (token.kind) {
    case Token::Kind::end:
      return "the end";
    case Token::Kind::text:
      return "a text";
    default:
      return in_quotes(token.text);
  }
}

bool is_number(const Token& token) { return token.kind == Token::Kind::integer || token.kind == Token::Kind::floating; }

// An initializer list would copy them, with all that is below.
template <class... Nodes>
std::vector<Node> joined(Nodes... nodes) {
  std::vector<Node> parts;
  parts.reserve(sizeof...(nodes));
  (parts.push_back(std::move(nodes)), ...);
  return parts;
}

Error too_deep(Position at) {
  return error_at(at, "this is nested too deep; at most " + std::to_string(kDeepest) +
                          " levels of parentheses and operators are allowed");
}

}  // namespace

bool Parser::sees(std::string_view sign, std::size_t ahead) const {
  const std::size_t at = next_ + ahead;
  return at < tokens_.size() && tokens_[at].kind == Token::Kind::sign && tokens_[at].text == sign;
}

bool Parser::sees_word(std::string_view name) const {
  return token().kind == Token::Kind::name && token().text == name;
}

bool Parser::take(std::string_view sign) {
  if (!sees(sign)) return false;
  ++next_;
  return true;
}

Error Parser::expected(const std::string& what) const {
  return error_at(token().at, "here is " + said(token()) + ", but " + what);
}

Result<void> Parser::require(std::string_view sign, const char* where) {
  if (take(sign)) return boost::outcome_v2::success();
  return expected("a " + in_quotes(sign) + " has to be " + where);
}

Result<Node> Parser::built(Node node) const {
  if (node.depth > kDeepest) return too_deep(node.at);
  return node;
}

Result<Node> Parser::whole() {
  ATELIER_TRY(auto node, expression());
  if (token().kind != Token::Kind::end) return expected("the expression is complete before it; an operator is missing");
  return node;
}

Result<Node> Parser::expression() {
  if (nesting_ == kDeepest) return too_deep(token().at);
  ++nesting_;
  auto node = expression_here();
  --nesting_;
  return node;
}

Result<Node> Parser::expression_here() {
  ATELIER_TRY(auto condition, any_of());
  const Position at = token().at;
  if (!take("?")) return condition;
  ATELIER_TRY(auto yes, any_of());
  ATELIER_TRY(require(":", "between the two values of the condition; a condition within is in parentheses"));
  ATELIER_TRY(auto no, expression());
  return built({Node::Kind::choice, at, "?", joined(std::move(condition), std::move(yes), std::move(no))});
}

Result<Node> Parser::logical(Rule operand, std::string_view sign, Node::Kind kind) {
  ATELIER_TRY(auto first, (this->*operand)());
  if (!sees(sign)) return first;
  const Position at = token().at;
  std::vector<Node> parts;
  parts.push_back(std::move(first));
  while (take(sign)) {
    ATELIER_TRY(auto part, (this->*operand)());
    parts.push_back(std::move(part));
  }
  return built({kind, at, std::string(sign), std::move(parts)});
}

Result<Node> Parser::any_of() { return logical(&Parser::all_of, "||", Node::Kind::any_of); }
Result<Node> Parser::all_of() { return logical(&Parser::relation, "&&", Node::Kind::all_of); }

namespace {

// An operator's sign if this is one of them: the text of the token itself, or "in".
template <std::size_t N>
std::optional<Token> operator_at(const Token& token, const std::array<std::string_view, N>& signs) {
  const bool is_word = token.kind == Token::Kind::name && token.text == "in";
  if ((token.kind != Token::Kind::sign && !is_word) || !is_one_of(signs, token.text)) return std::nullopt;
  return token;
}

}  // namespace

Result<Node> Parser::relation() {
  constexpr std::array<std::string_view, 7> kSigns = {"<", "<=", ">=", ">", "==", "!=", "in"};
  ATELIER_TRY(auto left, sum());
  while (const auto sign = operator_at(token(), kSigns)) {
    ++next_;
    ATELIER_TRY(auto right, sum());
    ATELIER_TRY(left, built({Node::Kind::call, sign->at, sign->text, joined(std::move(left), std::move(right))}));
  }
  return left;
}

Result<Node> Parser::sum() {
  constexpr std::array<std::string_view, 2> kSigns = {"+", "-"};
  ATELIER_TRY(auto left, product());
  while (const auto sign = operator_at(token(), kSigns)) {
    ++next_;
    ATELIER_TRY(auto right, product());
    ATELIER_TRY(left, built({Node::Kind::call, sign->at, sign->text, joined(std::move(left), std::move(right))}));
  }
  return left;
}

Result<Node> Parser::product() {
  constexpr std::array<std::string_view, 3> kSigns = {"*", "/", "%"};
  ATELIER_TRY(auto left, unary());
  while (const auto sign = operator_at(token(), kSigns)) {
    ++next_;
    ATELIER_TRY(auto right, unary());
    ATELIER_TRY(left, built({Node::Kind::call, sign->at, sign->text, joined(std::move(left), std::move(right))}));
  }
  return left;
}

// A run of one sign; an even number of them is none, as cel-go reads it. A single "-" belongs to the number behind it.
Result<Node> Parser::unary() {
  if (!sees("!") && !sees("-")) return member();
  const Token sign = token();
  std::size_t count = 0;
  while (sees(sign.text)) ++next_, ++count;
  if (sign.text == "-" && count == 1 && is_number(token())) {
    ATELIER_TRY(auto literal, number(true, sign.at));
    return member_of(std::move(literal));
  }
  if (sees("!")) return expected("\"-\" cannot be before \"!\"");
  if (sees("-")) {
    if (!is_number(tokens_[next_ + 1])) return expected("behind \"!\" it needs parentheses, !(-x)");
  }
  ATELIER_TRY(auto operand, sees("-") ? unary() : member());
  if (count % 2 == 0) return operand;
  return built({Node::Kind::call, sign.at, sign.text, joined(std::move(operand))});
}

Result<Node> Parser::member() {
  ATELIER_TRY(auto target, primary());
  return member_of(std::move(target));
}

Result<Node> Parser::member_of(Node target) {
  while (true) {
    const Position at = token().at;
    if (take("[")) {
      ATELIER_TRY(target, index_of(std::move(target)));
    } else if (take(".")) {
      if (sees("?")) return error_at(at, "optional fields, a.?b, are not supported; ask with has(a.b)");
      if (token().kind != Token::Kind::name || is_one_of(kKeywords, token().text)) {
        return expected("the name of a field or method has to be behind \".\"");
      }
      const Token name = tokens_[next_++];
      if (!take("(")) {
        ATELIER_TRY(target, built({Node::Kind::field, name.at, name.text, joined(std::move(target))}));
        continue;
      }
      ATELIER_TRY(auto parts, arguments());
      // As in cel-go, it is the function even where there is a variable of that name.
      const std::string whole = target.name + "." + name.text;
      const bool is_method = target.kind != Node::Kind::variable || !is_function(whole);
      if (is_method) parts.insert(parts.begin(), std::move(target));
      Node call(Node::Kind::call, name.at, is_method ? name.text : whole, std::move(parts));
      call.style = is_method ? Node::Style::method : Node::Style::function;
      ATELIER_TRY(auto node, expanded(std::move(call)));
      ATELIER_TRY(target, built(std::move(node)));
    } else if (sees("{") && (target.kind == Node::Kind::variable || target.kind == Node::Kind::field)) {
      return error_at(at, "making an object of a type, Name{...}, is not supported; a map is {'key': value}");
    } else {
      return target;
    }
  }
}

Result<Node> Parser::index_of(Node target) {
  const Position at = tokens_[next_ - 1].at;
  if (sees("?")) return error_at(at, "optional elements, a[?b], are not supported; ask with \"in\"");
  ATELIER_TRY(auto index, expression());
  ATELIER_TRY(require("]", "behind the index"));
  return built({Node::Kind::call, at, "[]", joined(std::move(target), std::move(index))});
}

Result<Node> Parser::primary() {
  const Token here = token();
  switch (here.kind) {
    case Token::Kind::integer:
    case Token::Kind::floating:
      return number(false, here.at);
    case Token::Kind::text: {
      ++next_;
      Node literal(Node::Kind::literal, here.at, "", {});
      literal.value = Value(here.text);
      return literal;
    }
    case Token::Kind::name:
      return word();
    default:
      break;
  }
  if (take("[")) return list();
  if (take("{")) return map();
  if (sees(".")) return error_at(here.at, "a name that begins with \".\" is not supported; write it without");
  if (!take("(")) return expected("a value has to be here: a literal, a name, or something in parentheses");
  ATELIER_TRY(auto inside, expression());
  ATELIER_TRY(require(")", "at the end of what is in parentheses"));
  return inside;
}

Result<Node> Parser::word() {
  const Token name = tokens_[next_++];
  Node literal(Node::Kind::literal, name.at, "", {});
  if (name.text == "null") return literal;
  if (name.text == "true" || name.text == "false") {
    literal.value = Value(name.text == "true");
    return literal;
  }
  if (name.text == "in" || is_one_of(kReserved, name.text)) {
    return error_at(name.at,
                    in_quotes(name.text) + " is a reserved word and cannot be a variable's or function's name");
  }
  if (!take("(")) return Node(Node::Kind::variable, name.at, name.text, {});
  ATELIER_TRY(auto parts, arguments());
  Node call(Node::Kind::call, name.at, name.text, std::move(parts));
  call.style = Node::Style::function;
  ATELIER_TRY(auto node, expanded(std::move(call)));
  return built(std::move(node));
}

Result<Node> Parser::number(bool negative, Position at) {
  const Token digits = tokens_[next_++];
  Node literal(Node::Kind::literal, at, "", {});
  const std::string sign = negative ? "-" : "";
  if (digits.kind == Token::Kind::floating) {
    const auto value = floating_of(sign + digits.text);
    if (!value) return error_at(at, in_quotes(sign + digits.text) + " is too large for a double");
    literal.value = Value(*value);
    return literal;
  }
  const bool hexadecimal = digits.text.starts_with("0x");
  const auto value = integer_of(sign + digits.text.substr(hexadecimal ? 2 : 0), hexadecimal ? 16 : 10);
  if (!value) return error_at(at, in_quotes(sign + digits.text) + " is beyond the 64 bits of an int");
  literal.value = Value(*value);
  return literal;
}

Result<Node> Parser::list() {
  const Position at = tokens_[next_ - 1].at;
  std::vector<Node> parts;
  while (!sees("]") && !(parts.empty() && sees(",") && sees("]", 1))) {
    if (sees("?")) return expected("optional elements, [?a], are not supported");
    ATELIER_TRY(auto part, expression());
    parts.push_back(std::move(part));
    if (!sees(",") || sees("]", 1)) break;
    ++next_;
  }
  take(",");
  ATELIER_TRY(require("]", "at the end of the list, and a \",\" between elements"));
  return built({Node::Kind::list, at, "[...]", std::move(parts)});
}

Result<Node> Parser::map() {
  const Position at = tokens_[next_ - 1].at;
  std::vector<Node> parts;
  while (!sees("}") && !(parts.empty() && sees(",") && sees("}", 1))) {
    if (sees("?")) return expected("optional entries, {?a: b}, are not supported");
    ATELIER_TRY(auto key, expression());
    ATELIER_TRY(require(":", "between key and value; a map is {'key': value}"));
    ATELIER_TRY(auto value, expression());
    parts.push_back(std::move(key));
    parts.push_back(std::move(value));
    if (!sees(",") || sees("}", 1)) break;
    ++next_;
  }
  take(",");
  ATELIER_TRY(require("}", "at the end of the map, and a \",\" between entries"));
  return built({Node::Kind::map, at, "{...}", std::move(parts)});
}

Result<std::vector<Node>> Parser::arguments() {
  std::vector<Node> parts;
  if (take(")")) return parts;
  do {
    ATELIER_TRY(auto part, expression());
    parts.push_back(std::move(part));
  } while (take(","));
  ATELIER_TRY(require(")", "at the end of the arguments, and a \",\" between them"));
  return parts;
}

Result<Node> parse(std::string_view source) {
  if (source.size() > kLongest) {
    return invalid("the expression has " + std::to_string(source.size()) + " bytes; at most " +
                   std::to_string(kLongest) + " are allowed");
  }
  if (!is_utf8(source)) return invalid("the expression is not valid UTF-8");
  ATELIER_TRY(auto tokens, tokens_of(source));
  return Parser(std::move(tokens)).whole();
}

}  // namespace atelier::cel
