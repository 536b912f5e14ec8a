#include "payments/alipay/response.hpp"

#include <algorithm>

namespace souk::alipay {
namespace {

/// What stands around an answer.
struct Envelope {
  std::string sign;
  std::string alipay_cert_sn;
  static constexpr auto fields() {
    return field_list(defaulted("sign", &Envelope::sign), defaulted("alipay_cert_sn", &Envelope::alipay_cert_sn));
  }
};

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Behind a string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

/// Behind the value that begins at `at`: its own brackets closed, or at the comma or bracket that is not its own.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '}' || c == ']') {
      --depth;
      if (depth == 0) return at + 1;
    }
    ++at;
  }
  return at;
}

std::string member_of(std::string_view method) {
  std::string name(method);
  std::ranges::replace(name, '.', '_');
  return name + "_response";
}

auto refuse(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kUnavailable, reason, std::move(detail));
}

}  // namespace

bool Answer::is_unsure() const {
  return code == "20000" || sub_code.ends_with("SYSTEM_ERROR") || sub_code.starts_with("isp.");
}

std::string_view raw_member(std::string_view object, std::string_view name) {
  std::size_t at = object.find('{');
  if (at == std::string_view::npos) return {};
  ++at;
  while (at < object.size()) {
    while (at < object.size() && (is_space(object[at]) || object[at] == ',')) ++at;
    if (at >= object.size() || object[at] != '"') return {};
    const std::size_t key_end = end_of_string(object, at);
    const auto key = object.substr(at + 1, key_end - at - 2);
    at = key_end;
    while (at < object.size() && (is_space(object[at]) || object[at] == ':')) ++at;
    const std::size_t end = end_of_value(object, at);
    if (key == name) return object.substr(at, end - at);
    at = end;
  }
  return {};
}

Result<Answer> read_answer(const Account& account, std::string_view method, std::string_view body) {
  const auto envelope = decode<Envelope>(body, UnknownFields::kIgnored);
  if (!envelope) return refuse("alipay.answer_unreadable", envelope.error().detail);
  std::string_view content = raw_member(body, member_of(method));
  if (content.empty()) content = raw_member(body, "error_response");
  if (content.empty()) return refuse("alipay.answer_unreadable", "there is no answer to " + std::string(method));
  if (account.certificates && envelope->alipay_cert_sn != account.certificates->alipay) {
    return refuse("alipay.certificate_changed", "it is signed by the certificate " + envelope->alipay_cert_sn);
  }
  if (!account.alipay_key.verifies(content, envelope->sign)) {
    return refuse("alipay.answer_forged", "the signature of the answer is not Alipay's");
  }
  auto answer = decode<Answer>(content, UnknownFields::kIgnored);
  if (!answer) return refuse("alipay.answer_unreadable", answer.error().detail);
  return answer;
}

}  // namespace souk::alipay
