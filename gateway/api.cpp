#include "gateway/api.hpp"

#include "gateway/catalogue/storefront.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {

Api::Api(const Parts& parts, ApiOptions api_options)
    : log(parts.log),
      clock(parts.clock),
      host(parts.host),
      projections(parts.projections),
      vault(parts.vault),
      passwords(parts.passwords),
      payments(parts.payments),
      options(std::move(api_options)),
      claim_ids(parts.keys.claims),
      command_ids(parts.keys.commands),
      fingerprints(parts.keys.fingerprints),
      token_keys(parts.token_keys),
      tokens(token_keys, parts.token_ttl),
      refresh_tokens(token_keys),
      verified_tokens(tokens, parts.token_cache_max),
      event_streams(options.event_streams),
      revocations([this](AccountId account) {
        event_streams.end_void(account, [this](const Principal& who) { return revocations.is_void(who); });
      }),
      one_time_tokens(parts.keys.one_time),
      cursors(parts.keys.cursors),
      positions(parts.keys.cursors, parts.log.log_id()),
      render_metrics(parts.render_metrics),
      answers(parts.log,
              [this](std::vector<DurabilityGate::Release> releases) {
                {
                  const std::scoped_lock lock(server_mutex_);
                  if (server_ != nullptr) {
                    server_->post(std::move(releases));
                    return;
                  }
                }
                DurabilityGate::run_inline(std::move(releases));
              }),
      feed(parts.log),
      storefront(std::make_unique<Storefront>()) {}

Api::~Api() = default;

void Api::attach(http::Server* server) {
  const std::scoped_lock lock(server_mutex_);
  server_ = server;
}

void Api::post(std::function<void()> task) {
  const std::scoped_lock lock(server_mutex_);
  if (server_ != nullptr) server_->post(std::move(task));
}

void Api::add_routes(http::Router& router) {
  add_account_routes(router, *this);
  add_own_account_routes(router, *this);
  add_password_routes(router, *this);
  add_email_verification_routes(router, *this);
  add_address_routes(router, *this);
  add_admin_account_routes(router, *this);
  add_session_routes(router, *this);
  add_session_list_routes(router, *this);
  add_token_key_routes(router, *this);
  add_product_routes(router, *this);
  add_admin_product_routes(router, *this);
  add_category_routes(router, *this);
  add_brand_routes(router, *this);
  add_catalogue_row_routes(router, *this);
  add_search_routes(router, *this);
  add_hot_product_routes(router, *this);
  add_cart_routes(router, *this);
  add_guest_cart_routes(router, *this);
  add_checkout_routes(router, *this);
  add_order_routes(router, *this);
  add_order_list_routes(router, *this);
  add_order_history_routes(router, *this);
  add_order_stream_routes(router, *this);
  add_admin_order_routes(router, *this);
  add_payment_routes(router, *this);
  add_payment_code_routes(router, *this);
  add_payment_notification_routes(router, *this);
  add_sandbox_routes(router, *this);
  add_admin_payment_routes(router, *this);
  add_reconciliation_routes(router, *this);
  add_job_routes(router, *this);
  add_limit_routes(router, *this);
  add_network_routes(router, *this);
  add_breaker_routes(router, *this);
  add_permission_routes(router, *this);
  add_permission_report_routes(router, *this);
  add_stock_routes(router, *this);
  add_stock_list_routes(router, *this);
  add_analytics_routes(router, *this);
  add_projection_routes(router, *this);
  add_setting_routes(router, *this);
  add_operation_routes(router, *this);
  add_document_routes(router);
}

}  // namespace souk
