#include "payments/alipay/request.hpp"

#include "payments/form.hpp"

namespace souk::alipay {
namespace {

constexpr std::string_view kContent = "biz_content";

Form signed_form(const Account& account, std::string_view method, std::string_view content_json, Time now,
                 const CallLinks& links) {
  Form form{{"app_id", account.settings.app_id},
            {"method", std::string(method)},
            {"format", "JSON"},
            {"charset", "utf-8"},
            {"sign_type", "RSA2"},
            {"timestamp", china_time(now)},
            {"version", "1.0"},
            {std::string(kContent), std::string(content_json)}};
  if (!links.notify_url.empty()) form.emplace("notify_url", links.notify_url);
  if (!links.return_url.empty()) form.emplace("return_url", links.return_url);
  if (account.certificates) {
    form.emplace("app_cert_sn", account.certificates->app);
    form.emplace("alipay_root_cert_sn", account.certificates->root);
  }
  form.emplace("sign", account.app_key.sign(text_to_sign(form, true)));
  return form;
}

}  // namespace

std::string china_time(Time time) {
  std::string text = (time + kChina).str().substr(0, 19);
  text[10] = ' ';
  return text;
}

HttpRequest signed_call(const Account& account, std::string_view method, std::string_view content_json, Time now,
                        const CallLinks& links) {
  Form form = signed_form(account, method, content_json, now, links);
  HttpRequest request;
  const auto content = form.extract(form.find(kContent));
  request.form = encode_form({{content.key(), content.mapped()}});
  request.url = account.settings.gateway + "?" + encode_form(form);
  return request;
}

std::string signed_address(const Account& account, std::string_view method, std::string_view content_json, Time now,
                           const CallLinks& links) {
  return account.settings.gateway + "?" + encode_form(signed_form(account, method, content_json, now, links));
}

}  // namespace souk::alipay
