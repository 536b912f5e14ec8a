#include "payments/alipay/account.hpp"

#include <fstream>
#include <sstream>

#include "payments/alipay/certificates.hpp"

namespace souk::alipay {
namespace {

Error invalid(std::string detail) {
  return {ErrorCode::kInvalid, "alipay.settings_invalid", std::move(detail)};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return tl::unexpected<Error>(invalid(path + " cannot be read"));
  return text.str();
}

Result<void> read_certificates(const AccountSettings& settings, Account& account) {
  const auto app = read_file(settings.app_certificate_file).and_then(serial_of_certificate);
  if (!app) return tl::unexpected<Error>(app.error());
  const auto root = read_file(settings.alipay_root_certificate_file).and_then(serial_of_root);
  if (!root) return tl::unexpected<Error>(root.error());
  const auto text = read_file(settings.alipay_certificate_file);
  if (!text) return tl::unexpected<Error>(text.error());
  const auto alipay = serial_of_certificate(*text);
  if (!alipay) return tl::unexpected<Error>(alipay.error());
  auto key = key_of_certificate(*text);
  if (!key) return tl::unexpected<Error>(key.error());
  account.certificates = CertificateSerials{*app, *root, *alipay};
  account.alipay_key = std::move(*key);
  return {};
}

}  // namespace

Result<Account> open_account(const AccountSettings& settings) {
  if (settings.app_id.empty()) return tl::unexpected<Error>(invalid("the app's id is missing"));
  Account account;
  account.settings = settings;
  auto app_key = read_file(settings.app_private_key_file).and_then(SigningKey::read);
  if (!app_key) return tl::unexpected<Error>(app_key.error());
  account.app_key = std::move(*app_key);

  const bool any = !settings.app_certificate_file.empty() || !settings.alipay_certificate_file.empty() ||
                   !settings.alipay_root_certificate_file.empty();
  const bool all = !settings.app_certificate_file.empty() && !settings.alipay_certificate_file.empty() &&
                   !settings.alipay_root_certificate_file.empty();
  const bool key_mode = !settings.alipay_public_key_file.empty();
  if (any == key_mode || any != all) {
    return tl::unexpected<Error>(invalid("name either Alipay's public key or all three certificates"));
  }
  if (all) {
    auto read = read_certificates(settings, account);
    if (!read) return tl::unexpected<Error>(read.error());
    return account;
  }
  auto key = read_file(settings.alipay_public_key_file).and_then(VerifyingKey::read);
  if (!key) return tl::unexpected<Error>(key.error());
  account.alipay_key = std::move(*key);
  return account;
}

}  // namespace souk::alipay
