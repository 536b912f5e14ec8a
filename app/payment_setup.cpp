#include "app/payment_setup.hpp"

#include <random>

#include "app/setup_checks.hpp"
#include "payments/alipay/provider.hpp"

namespace souk {
namespace {

alipay::AccountSettings account_settings(const Config& config) {
  alipay::AccountSettings settings;
  settings.app_id = config.payments_alipay_app_id;
  settings.seller_id = config.payments_alipay_seller_id;
  settings.gateway = config.payments_alipay_gateway;
  settings.notify_url = config.payments_alipay_notify_url;
  settings.return_url = config.payments_alipay_return_url;
  settings.app_private_key_file = config.payments_alipay_app_private_key_file;
  settings.alipay_public_key_file = config.payments_alipay_public_key_file;
  settings.app_certificate_file = config.payments_alipay_app_certificate_file;
  settings.alipay_certificate_file = config.payments_alipay_certificate_file;
  settings.alipay_root_certificate_file = config.payments_alipay_root_certificate_file;
  return settings;
}

Error as_configuration(const Error& error) {
  return {ErrorCode::kInvalid, "config.invalid", "payments.alipay_…: " + error.reason + ": " + error.detail};
}

CurlClient::Options client_options(const Config& config) {
  CurlClient::Options options;
  options.thread_name = "souk-payments";
  options.ca_file = config.payments_ca_file;
  return options;
}

GuardedClient::Options guard_options(const Config& config) {
  GuardedClient::Options options;
  options.retry.budget = Duration::milliseconds(config.payments_call_budget_ms);
  options.breaker.failures_in_row_max = static_cast<int>(config.payments_breaker_failures_max);
  options.breaker.open_for = Duration::milliseconds(config.payments_breaker_open_ms);
  return options;
}

/// For jitter, where anything that differs between two calls will do.
double chance() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::string secret_of(const Key256& key) {
  return {reinterpret_cast<const char*>(key.data()), Key256::kSize};
}

}  // namespace

Result<void> check_payments(const Config& config) {
  auto checked = check_certificates("payments.ca_file", config.payments_ca_file);
  if (!checked || !config.payments_alipay_enabled) return checked;
  const auto account = alipay::open_account(account_settings(config));
  if (!account) return tl::unexpected<Error>(as_configuration(account.error()));
  return {};
}

PaymentSetup::PaymentSetup(const Config& config) : client_(client_options(config)) {}

void PaymentSetup::add(std::string name, std::unique_ptr<Provider> provider) {
  providers.add(name, *provider);
  services.add(std::move(name), *provider);
  owned_.push_back(std::move(provider));
}

Result<std::unique_ptr<PaymentSetup>> PaymentSetup::open(const Config& config, Clock& clock,
                                                         const Key256& sandbox_key) {
  if (auto checked = check_payments(config); !checked) return tl::unexpected<Error>(checked.error());
  std::unique_ptr<PaymentSetup> setup(new PaymentSetup(config));
  if (config.payments_sandbox_enabled) {
    auto ledger = sandbox::Ledger::open(config.data_dir + "/sandbox.jsonl");
    if (!ledger) return tl::unexpected<Error>(std::move(ledger.error()));
    sandbox::SandboxOptions options;
    options.secret = secret_of(sandbox_key);
    options.faults = *sandbox::parse_faults(config.payments_sandbox_faults);
    options.pays_by_itself = config.payments_sandbox_pays_by_itself;
    options.callback_delay = Duration::milliseconds(config.payments_sandbox_delay_ms);
    auto provider =
        std::make_unique<sandbox::SandboxProvider>(std::move(*ledger), std::move(options), clock, setup->client_);
    setup->services.sandbox = provider.get();
    setup->add("sandbox", std::move(provider));
  }
  if (config.payments_alipay_enabled) {
    auto account = alipay::open_account(account_settings(config));
    if (!account) return tl::unexpected<Error>(as_configuration(account.error()));
    setup->guarded_ = std::make_unique<GuardedClient>(setup->client_, setup->client_, guard_options(config), chance);
    alipay::Gateway gateway(std::make_shared<const alipay::Account>(std::move(*account)), *setup->guarded_, clock,
                            Duration::milliseconds(config.payments_call_timeout_ms));
    setup->add("alipay", std::make_unique<alipay::AlipayProvider>(std::move(gateway)));
  }
  return setup;
}

}  // namespace souk
