#include "gateway/http/request_reader.hpp"

#include <algorithm>
#include <charconv>

// gcc 12 with sanitizers takes an empty boost::optional of Beast's for an uninitialised one.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <boost/beast/http/basic_parser.hpp>
#pragma GCC diagnostic pop

namespace souk::http {
namespace {

namespace beast = boost::beast;

tl::unexpected<Problem> refuse(int status, std::string_view reason, std::string detail) {
  return tl::unexpected<Problem>(Problem(status, reason, std::move(detail)));
}

bool is_safe_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  });
}

/// Codings that exist, so that a refusal is "not implemented" rather than "wrong"; they must end in chunked.
bool is_known_coding(std::string_view value) {
  const auto comma = value.rfind(',');
  if (comma == std::string_view::npos) return false;
  auto last = value.substr(comma + 1);
  while (!last.empty() && (last.front() == ' ' || last.front() == '\t')) last.remove_prefix(1);
  const auto first = value.substr(0, value.find_first_of(", \t"));
  return equals_ignoring_case(last, "chunked") &&
         (equals_ignoring_case(first, "gzip") || equals_ignoring_case(first, "deflate") ||
          equals_ignoring_case(first, "compress"));
}

}  // namespace

bool is_safe_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

HeadScanner::Status HeadScanner::scan(std::string_view bytes, const ServerLimits& limits) {
  for (;;) {
    const auto lf = bytes.find('\n', scanned_);
    const std::size_t seen = lf == std::string_view::npos ? bytes.size() : lf + 1;
    // The request line has little besides the target: a method, a version and what stands between.
    if (in_first_line_ && seen > limits.target_bytes_max + 32) return Status::kLineTooLong;
    if (seen > limits.head_bytes_max) return Status::kTooLarge;
    if (lf == std::string_view::npos) {
      scanned_ = bytes.size();
      return Status::kNeedMore;
    }
    if (lf == line_begin_ || bytes[lf - 1] != '\r') return Status::kMalformed;
    const bool is_empty_line = lf == line_begin_ + 1;
    scanned_ = lf + 1;
    line_begin_ = lf + 1;
    if (is_empty_line) return in_first_line_ ? Status::kMalformed : Status::kFound;
    in_first_line_ = false;
  }
}

/// The headers that decide about framing and trust, each at most once.
struct RequestReader::Special {
  std::string_view host, content_length, transfer_encoding, content_type, content_encoding, authorization, expect,
      request_id;
  std::uint32_t seen = 0;
  bool is_duplicate = false;

  void note(beast::http::field field, std::string_view name, std::string_view value) {
    switch (field) {
      case beast::http::field::host: return set(0, host, value);
      case beast::http::field::content_length: return set(1, content_length, value);
      case beast::http::field::transfer_encoding: return set(2, transfer_encoding, value);
      case beast::http::field::content_type: return set(3, content_type, value);
      case beast::http::field::content_encoding: return set(4, content_encoding, value);
      case beast::http::field::authorization: return set(5, authorization, value);
      case beast::http::field::expect: return set(6, expect, value);
      case beast::http::field::unknown:
        if (equals_ignoring_case(name, "X-Request-Id")) set(7, request_id, value);
        return;
      default: return;
    }
  }
  [[nodiscard]] bool has(int bit) const { return (seen >> bit & 1U) != 0; }
  [[nodiscard]] bool has_host() const { return has(0); }
  [[nodiscard]] bool has_content_length() const { return has(1); }
  [[nodiscard]] bool has_transfer_encoding() const { return has(2); }
  [[nodiscard]] bool has_content_encoding() const { return has(4); }
  [[nodiscard]] bool has_expect() const { return has(6); }

 private:
  void set(int bit, std::string_view& slot, std::string_view value) {
    is_duplicate = is_duplicate || has(bit);
    seen |= 1U << bit;
    slot = value;
  }
};

/// Beast's parser, given one whole head at once; the views it gives out point into that.
class RequestReader::HeadParser : public beast::http::basic_parser<true> {
 public:
  HeadParser(std::vector<HeaderView>& headers, std::size_t count_max) : headers_(headers), count_max_(count_max) {}

  std::string_view method;
  std::string_view target;
  Special special;
  bool has_too_many = false;
  bool is_http11 = false;

 private:
  using Code = beast::error_code;
  using View = beast::string_view;
  static std::string_view plain(View text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb, View method_text, View target_text, int version, Code& ec) override {
    method = plain(method_text);
    target = plain(target_text);
    is_http11 = version == 11;
    ec = {};
  }
  void on_field_impl(beast::http::field field, View name, View value, Code& ec) override {
    if (headers_.size() == count_max_) {
      has_too_many = true;
      ec = beast::http::error::header_limit;
      return;
    }
    headers_.push_back({plain(name), plain(value)});
    special.note(field, headers_.back().name, headers_.back().value);
    ec = {};
  }
  void on_response_impl(int, View, int, Code& ec) override { ec = {}; }
  void on_header_impl(Code& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code& ec) override { ec = {}; }
  std::size_t on_body_impl(View, Code& ec) override {
    ec = {};
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t, View, Code& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, View, Code& ec) override {
    ec = {};
    return 0;
  }
  void on_finish_impl(Code& ec) override { ec = {}; }

  std::vector<HeaderView>& headers_;
  std::size_t count_max_;
};

tl::expected<Framing, Problem> RequestReader::read_head(std::string_view head, Request& request) const {
  request.head_.assign(head);
  request.size_bytes_ = head.size();
  request.headers_.reserve(12);
  HeadParser parser(request.headers_, limits_.header_count_max);
  parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  parser.skip(true);  // bodies are read by others
  beast::error_code ec;
  parser.put({request.head_.data(), request.head_.size()}, ec);

  if (is_safe_request_id(parser.special.request_id)) request.request_id = parser.special.request_id;
  const auto method = parse_method(parser.method);
  if (method) request.method = *method;
  if (parser.has_too_many) {
    return refuse(431, "request.too_many_headers",
                  "at most " + std::to_string(limits_.header_count_max) + " headers are read");
  }
  if (ec == beast::http::error::bad_version)
    return refuse(505, "request.http_version", "HTTP/1.1 or 1.0 is spoken here");
  // A folded line goes through Beast as a space; its value is not where it was sent.
  const bool has_fold = head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos;
  if (ec || !parser.is_header_done() || has_fold) {
    return refuse(400, "request.malformed", ec ? ec.message() : "a header is folded over two lines");
  }
  if (!method) return refuse(501, "request.unknown_method", "this method is not served");
  const auto is_long = [&](const auto& one) { return one.value.size() > limits_.header_bytes_max; };
  if (std::ranges::any_of(request.headers_, is_long)) {
    return refuse(431, "request.header_too_large",
                  "a header has more than " + std::to_string(limits_.header_bytes_max) + " bytes");
  }
  if (parser.special.is_duplicate) {
    return refuse(400, "request.duplicate_header", "a header that may be there once is there twice");
  }
  if (auto target = read_target(request, parser.target); !target) return tl::unexpected<Problem>(target.error());
  auto framing = read_framing(request, parser.special, parser.is_http11);
  if (framing) framing->keep_alive = parser.keep_alive() && parser.is_http11;
  return framing;
}

tl::expected<void, Problem> RequestReader::read_target(Request& request, std::string_view target) const {
  if (target.size() > limits_.target_bytes_max) {
    return refuse(414, "request.target_too_long", "the target has too many bytes");
  }
  // The absolute form says the same as the path and the Host header do, and proxies may send it.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto authority_end = target.find_first_of("/?", scheme.size());
    const auto authority = target.substr(scheme.size(), authority_end - scheme.size());
    if (!is_safe_host(authority)) return refuse(400, "request.bad_target", "the target names no host");
    if (authority_end == std::string_view::npos) {
      target = "/";
    } else if (target[authority_end] == '?') {
      return refuse(400, "request.bad_target", "the target has no path");
    } else {
      target.remove_prefix(authority_end);
    }
    break;
  }
  auto parsed = request.target.parse(target);
  if (!parsed) return tl::unexpected<Problem>(Problem(parsed.error()));
  return {};
}

tl::expected<Framing, Problem> RequestReader::read_framing(const Request& request, const Special& special,
                                                           bool http11) const {
  Framing framing;
  framing.http10 = !http11;
  if (!special.has_host() && http11) return refuse(400, "request.no_host", "HTTP/1.1 needs a Host");
  if (special.has_host() && !is_safe_host(special.host)) return refuse(400, "request.bad_host", "the Host is no host");
  if (special.has_transfer_encoding()) {
    if (!http11 || special.has_content_length()) {
      return refuse(400, "request.transfer_encoding", "Transfer-Encoding needs HTTP/1.1 and no Content-Length");
    }
    if (!equals_ignoring_case(special.transfer_encoding, "chunked")) {
      return refuse(is_known_coding(special.transfer_encoding) ? 501 : 400, "request.transfer_encoding",
                    "the only transfer coding is chunked");
    }
    framing.chunked = true;
  }
  if (special.has_content_length()) {
    const auto text = special.content_length;
    const auto* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, framing.content_length);
    if (result.ec != std::errc{} || result.ptr != end) {
      return refuse(400, "request.bad_content_length", "Content-Length must be one number");
    }
  }
  const bool has_body = framing.chunked || framing.content_length > 0;
  if (has_body && !may_have_body(request.method)) {
    return refuse(400, "request.unexpected_body", "a request with this method has no body");
  }
  if (special.has_content_encoding() && !equals_ignoring_case(special.content_encoding, "identity")) {
    return refuse(415, "request.content_encoding", "bodies are read without content coding only");
  }
  if (special.has_expect()) {
    if (!equals_ignoring_case(special.expect, "100-continue")) {
      return refuse(417, "request.unknown_expectation", "the only expectation is 100-continue");
    }
    framing.expects_continue = http11 && has_body;
  }
  return framing;
}

Result<std::unique_ptr<Request>> RequestReader::read_whole(std::string_view text) const {
  HeadScanner scanner;
  if (scanner.scan(text, limits_) != HeadScanner::Status::kFound) {
    return fail(ErrorCode::kInvalid, "request.malformed", "no whole head");
  }
  auto request = std::make_unique<Request>();
  const auto framing = read_head(text.substr(0, scanner.size()), *request);
  if (!framing) return fail(ErrorCode::kInvalid, framing.error().reason, framing.error().detail);
  request->body_bytes_ = text.substr(scanner.size());
  request->body = request->body_bytes_;
  request->received = std::chrono::steady_clock::now();
  return request;
}

}  // namespace souk::http
