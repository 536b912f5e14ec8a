#include "payments/alipay/gateway.hpp"

namespace souk::alipay {
namespace {

constexpr std::size_t kDownloadBytesMax = 64U << 20U;
constexpr Duration kDownloadMax = Duration::seconds(60);

}  // namespace

void Gateway::call(std::string_view method, const std::string& content_json, const CallLinks& links, Then then) const {
  HttpRequest request = signed_call(*account_, method, content_json, clock_->now(), links);
  request.deadline = call_timeout_;
  client_->send(std::move(request), [account = account_, method = std::string(method),
                                     then = std::move(then)](Result<HttpAnswer> answer) {
    if (!answer) {
      then(tl::unexpected<Error>(std::move(answer.error())));
    } else if (answer->status != 200) {
      then(fail(ErrorCode::kUnavailable, "alipay.status", "the gateway answered " + std::to_string(answer->status)));
    } else {
      then(read_answer(*account, method, answer->body));
    }
  });
}

void Gateway::download(const std::string& url, HttpThen then) const {
  HttpRequest request;
  request.url = url;
  request.deadline = kDownloadMax;
  request.answer_bytes_max = kDownloadBytesMax;
  client_->send(std::move(request), std::move(then));
}

}  // namespace souk::alipay
