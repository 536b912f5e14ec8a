#include "permissions/expression_lexer.hpp"

#include <array>
#include <charconv>

namespace souk::permissions {
namespace {

constexpr std::array<std::string_view, 20> kSymbols = {"&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+",
                                                       "-",  "*",  "/",  "(",  ")",  "[",  "]", ",", ".", ""};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    while (true) {
      skip_blank();
      if (at_ == text_.size()) break;
      auto token = next();
      if (!token) return tl::unexpected(std::move(token.error()));
      tokens_.push_back(std::move(*token));
    }
    tokens_.push_back({Token::Kind::kEnd, {}, 0, at_});
    return std::move(tokens_);
  }

 private:
  void skip_blank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  Result<Token> next() {
    const char c = text_[at_];
    if (begins_name(c)) return name();
    if (is_digit(c)) return number();
    if (c == '"' || c == '\'') return quoted();
    for (const auto symbol : kSymbols) {
      if (!symbol.empty() && text_.substr(at_).starts_with(symbol)) {
        const auto begin = at_;
        at_ += symbol.size();
        return Token{Token::Kind::kSymbol, std::string(symbol), 0, begin};
      }
    }
    return condition_error(at_, "this character means nothing here");
  }

  Result<Token> name() {
    const auto begin = at_;
    while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return Token{Token::Kind::kName, std::string(text_.substr(begin, at_ - begin)), 0, begin};
  }

  Result<Token> number() {
    const auto begin = at_;
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) return condition_error(begin, "this is no number");
    at_ = static_cast<std::size_t>(end - text_.data());
    if (at_ < text_.size() && begins_name(text_[at_])) return condition_error(begin, "this is no number");
    return Token{Token::Kind::kNumber, {}, value, begin};
  }

  Result<Token> quoted() {
    const auto begin = at_;
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      char c = text_[at_++];
      if (c == '\\') {
        if (at_ == text_.size()) break;
        c = text_[at_++];
        if (c == 'n')
          c = '\n';
        else if (c == 't')
          c = '\t';
        else if (c != '\\' && c != '"' && c != '\'')
          return condition_error(at_ - 2, "this escape means nothing");
      }
      out.push_back(c);
    }
    if (at_ == text_.size()) return condition_error(begin, "this text does not end");
    ++at_;
    return Token{Token::Kind::kText, std::move(out), 0, begin};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> tokens_of(std::string_view text) {
  return Lexer(text).run();
}

tl::unexpected<Error> condition_error(std::size_t at, std::string_view what) {
  return fail(ErrorCode::kInvalid, "permissions.condition",
              "character " + std::to_string(at + 1) + ": " + std::string(what));
}

}  // namespace souk::permissions
