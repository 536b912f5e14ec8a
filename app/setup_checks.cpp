#include "app/setup_checks.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>

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

/// What is named as a file and is a pipe, say, would be waited for by whoever opens it.
Result<void> check_files(const Config& config) {
  std::string mistakes;
  for (const Setting& setting : settings()) {
    const auto* member = std::get_if<std::string Config::*>(&setting.member);
    if (member == nullptr || !setting.key.ends_with("_file")) continue;
    const std::string& path = config.*(*member);
    struct stat found {};
    if (path.empty() || ::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) continue;
    mistakes +=
        (mistakes.empty() ? "" : "\n") + std::string(setting.key) + ": " + path + " cannot be read, for it is no file";
  }
  if (!mistakes.empty()) return invalid(std::move(mistakes));
  return {};
}

/// Where it is named in a line; npos: nowhere. "limits.redis" is not named by "limits.redis_username".
std::size_t find_name(std::string_view line, std::string_view key) {
  const auto is_of_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/';
  };
  for (auto at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
    const auto end = at + key.size();
    const bool begins = at == 0 || (!is_of_name(line[at - 1]) && line[at - 1] != '.');
    if (begins && (end == line.size() || !is_of_name(line[end]))) return at;
  }
  return std::string_view::npos;
}

std::string with_origins(std::string line, const EffectiveConfig& config) {
  for (std::size_t i = 0; i < settings().size(); ++i) {
    const auto key = settings()[i].key;
    if (config.origins[i] == "default" || key.find('.') == std::string_view::npos) continue;
    const auto at = find_name(line, key);
    if (at != std::string::npos) line.insert(at + key.size(), " (" + config.origins[i] + ")");
  }
  return line;
}

}  // namespace

Result<void> check_setup(const EffectiveConfig& config) {
  const auto checked = check_setup(config.values);
  if (checked) return {};
  std::string mistakes;
  std::string_view rest = checked.error().detail;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    mistakes += (mistakes.empty() ? "" : "\n") + with_origins(std::string(rest.substr(0, end)), config);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return invalid(std::move(mistakes));
}

Result<void> check_setup(const Config& config) {
  if (auto files = check_files(config); !files) return files;
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
