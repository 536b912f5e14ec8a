/// Who the shop is at Alipay, and how the two know each other: settings with their keys read.
#pragma once

#include <optional>
#include <string>

#include "payments/alipay/signature.hpp"

namespace souk::alipay {

struct AccountSettings {
  std::string app_id;
  std::string seller_id;  ///< empty: not checked
  std::string gateway = "https://openapi.alipay.com/gateway.do";
  std::string notify_url;  ///< where Alipay reports to; empty: nowhere, payments are found by asking
  std::string return_url;  ///< where the pay page leads back to; empty: nowhere
  std::string app_private_key_file;
  std::string alipay_public_key_file;  ///< key mode
  std::string app_certificate_file;    ///< these three: certificate mode
  std::string alipay_certificate_file;
  std::string alipay_root_certificate_file;
};

/// How the certificates are named in calls and answers.
struct CertificateSerials {
  std::string app;
  std::string root;
  std::string alipay;
};

struct Account {
  AccountSettings settings;
  SigningKey app_key;
  VerifyingKey alipay_key;
  std::optional<CertificateSerials> certificates;  ///< none: key mode
};

/// Reads the files. The three certificates together are certificate mode, the public key alone is key mode.
/// Errors: kInvalid "alipay.settings_invalid", "alipay.key_unreadable", "alipay.certificate_unreadable".
Result<Account> open_account(const AccountSettings& settings);

}  // namespace souk::alipay
