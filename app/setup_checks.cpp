#include "app/setup_checks.hpp"

#include "app/kafka_setup.hpp"
#include "app/limit_setup.hpp"
#include "app/payment_setup.hpp"
#include "app/search_setup.hpp"
#include "app/tls_files.hpp"

namespace souk {
namespace {

tl::unexpected<Error> invalid(std::string detail) {
  return fail(ErrorCode::kInvalid, "config.invalid", std::move(detail));
}

Result<void> check_administrator(const Config& config) {
  return check_pair("admin.username", config.admin_username, "admin.password", config.admin_password);
}

}  // namespace

Result<void> check_setup(const Config& config) {
  std::string mistakes;
  for (const auto check : {check_tls, check_administrator, check_search, check_payments, check_kafka, check_limits}) {
    const auto checked = check(config);
    if (!checked) mistakes += (mistakes.empty() ? "" : "\n") + checked.error().detail;
  }
  if (!mistakes.empty()) return invalid(std::move(mistakes));
  return {};
}

Result<void> check_pair(std::string_view one_key, const std::string& one, std::string_view other_key,
                        const std::string& other) {
  if (one.empty() == other.empty()) return {};
  const auto is_missing = one.empty() ? one_key : other_key;
  const auto is_there = one.empty() ? other_key : one_key;
  return invalid(std::string(is_there) + " needs " + std::string(is_missing));
}

Result<void> check_certificates(std::string_view key, const std::string& path) {
  if (path.empty()) return {};
  const auto text = read_file(path);
  if (!text) return invalid(std::string(key) + ": " + path + " cannot be read");
  if (text->find("-----BEGIN CERTIFICATE-----") != std::string::npos ||
      text->find("-----BEGIN TRUSTED CERTIFICATE-----") != std::string::npos) {
    return {};
  }
  return invalid(std::string(key) + ": " + path + " has no certificate in PEM");
}

}  // namespace souk
