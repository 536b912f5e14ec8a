/// Every route of Souk: one function and one file per resource.
#pragma once

namespace souk {

class Api;
namespace http {
class Router;
}

void add_account_routes(http::Router& router, Api& api);
void add_own_account_routes(http::Router& router, Api& api);
void add_password_routes(http::Router& router, Api& api);
void add_email_verification_routes(http::Router& router, Api& api);
void add_address_routes(http::Router& router, Api& api);
void add_admin_account_routes(http::Router& router, Api& api);
void add_session_routes(http::Router& router, Api& api);
void add_session_list_routes(http::Router& router, Api& api);
void add_token_key_routes(http::Router& router, Api& api);
void add_product_routes(http::Router& router, Api& api);
void add_admin_product_routes(http::Router& router, Api& api);
void add_category_routes(http::Router& router, Api& api);
void add_brand_routes(http::Router& router, Api& api);
/// What `souk import` and `souk export` ask of a running server.
void add_catalogue_row_routes(http::Router& router, Api& api);
void add_hot_product_routes(http::Router& router, Api& api);
void add_search_routes(http::Router& router, Api& api);
void add_cart_routes(http::Router& router, Api& api);
void add_guest_cart_routes(http::Router& router, Api& api);
void add_checkout_routes(http::Router& router, Api& api);
void add_order_routes(http::Router& router, Api& api);
void add_order_list_routes(http::Router& router, Api& api);
void add_order_history_routes(http::Router& router, Api& api);
void add_order_stream_routes(http::Router& router, Api& api);
void add_admin_order_routes(http::Router& router, Api& api);
void add_payment_routes(http::Router& router, Api& api);
void add_payment_code_routes(http::Router& router, Api& api);
/// What providers tell of payments.
void add_payment_notification_routes(http::Router& router, Api& api);
/// The pay page of the provider "sandbox", if it is on.
void add_sandbox_routes(http::Router& router, Api& api);
void add_admin_payment_routes(http::Router& router, Api& api);
void add_reconciliation_routes(http::Router& router, Api& api);
void add_job_routes(http::Router& router, Api& api);
/// Rules of limits, their history and how they stand.
void add_limit_routes(http::Router& router, Api& api);
/// Networks that are blocked or exempt.
void add_network_routes(http::Router& router, Api& api);
/// Circuit breakers around what is outside.
void add_breaker_routes(http::Router& router, Api& api);
/// The model and the rows of permissions, who has which role, and roll backs.
void add_permission_routes(http::Router& router, Api& api);
/// Rows, why somebody may or may not, and what was changed.
void add_permission_report_routes(http::Router& router, Api& api);
void add_stock_routes(http::Router& router, Api& api);
void add_stock_list_routes(http::Router& router, Api& api);
/// Probes and metrics, outside of /api.
void add_analytics_routes(http::Router& router, Api& api);
void add_projection_routes(http::Router& router, Api& api);
void add_setting_routes(http::Router& router, Api& api);
void add_operation_routes(http::Router& router, Api& api);
/// What the other routes are, as a document: to be added last.
void add_document_routes(http::Router& router);

}  // namespace souk
