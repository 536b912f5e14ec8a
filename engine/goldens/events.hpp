/// One stored event of every type and every schema version ever written. Lines are added and never changed: a program
/// that cannot read one of them cannot read somebody's log.
#pragma once

#include <cstdint>
#include <string_view>

namespace souk::goldens {

struct Golden {
  std::string_view kind;  ///< of the stream
  std::string_view type;
  std::uint16_t schema;
  std::string_view payload;
  /// What the program writes for it today; empty where that is `payload` itself.
  std::string_view today = {};
};

// clang-format off
inline constexpr Golden kEvents[] = {
    {"account", "account.registration_requested", 1, R"({"username":"personal:v1:bmFtZQ","email":"personal:v1:bWFpbA","password_hash":"secret:v1:aGFzaA","username_claim":"0000000000000000000000000b","email_claim":"0000000000000000000000000c","role":"user","at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.claim_granted", 1, R"({"claim":"0000000000000000000000000b"})"},
    {"account", "account.claim_refused", 1, R"({"claim":"0000000000000000000000000c"})"},
    {"account", "account.registered", 1, R"({"role":"admin"})"},
    {"account", "account.registration_rejected", 1, R"({"username_taken":false,"email_taken":true,"granted":["0000000000000000000000000b"]})"},

    {"account", "account.registration_requested", 1, R"({"username":"personal:v1:bmFtZQ","email":"personal:v1:bWFpbA","password_hash":"secret:v1:aGFzaA","username_claim":"0000000000000000000000000b","email_claim":"0000000000000000000000000c","role":"user","at":"2026-11-23T07:31:46.000001Z","profile":"personal:v1:cHJvZmlsZQ"})"},
    {"account", "account.claim_returned", 1, R"({"claim":"0000000000000000000000000b"})"},
    {"account", "account.change_requested", 1, R"({"details":{"username":"personal:v1:bmFtZQ","username_claim":"0000000000000000000000000b","email":"personal:v1:bWFpbA","email_claim":"0000000000000000000000000c","profile":"personal:v1:cHJvZmlsZQ"},"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.changed", 1, R"({"details":{"username":"personal:v1:bmFtZQ","username_claim":"0000000000000000000000000b"},"freed":["0000000000000000000000000d"]})"},
    {"account", "account.changed", 1, R"({"details":{"profile":"personal:v1:cHJvZmlsZQ"},"freed":[]})"},
    {"account", "account.change_refused", 1, R"({"refused":["0000000000000000000000000b"],"granted":["0000000000000000000000000c"]})"},
    {"account", "account.password_changed", 1, R"({"password_hash":"secret:v1:aGFzaA","generation":1,"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.message_requested", 1, R"({"id":"0000000000000000000000000e","kind":"password_reset","email":"personal:v1:bWFpbA","token_hash":"dG9rZW4","at":"2026-11-23T07:31:46.000001Z","expires_at":"2026-11-23T08:31:46.000001Z"})"},
    {"account", "account.message_requested", 1, R"({"id":"0000000000000000000000000f","kind":"email_verification","email":"personal:v1:bWFpbA","token_hash":"dG9rZW4","at":"2026-11-23T07:31:46.000001Z","expires_at":"2026-11-24T07:31:46.000001Z"})"},
    {"account", "account.message_sent", 1, R"({"id":"0000000000000000000000000e","at":"2026-11-23T07:31:46.000002Z"})"},
    {"account", "account.message_failed", 1, R"({"id":"0000000000000000000000000e","at":"2026-11-23T07:31:46.000002Z"})"},
    {"account", "account.password_reset", 1, R"({"message_id":"0000000000000000000000000e","password_hash":"secret:v1:aGFzaA","generation":2,"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.email_verified", 1, R"({"message_id":"0000000000000000000000000f","at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.tokens_revoked", 1, R"({"generation":3,"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.banned", 1, R"({"reason":"resells tickets","until":"2026-12-23T07:31:46.000001Z","generation":4,"at":"2026-11-23T07:31:46.000001Z"})", R"({"reason":"","until":"2026-12-23T07:31:46.000001Z","generation":4,"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.banned", 1, R"({"reason":"resells tickets","generation":4,"at":"2026-11-23T07:31:46.000001Z"})", R"({"reason":"","generation":4,"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.banned", 2, R"({"reason":"personal:v1:cmVhc29u","until":"2026-12-23T07:31:46.000001Z","generation":4,"at":"2026-11-23T07:31:46.000001Z"})"},
    {"account", "account.released", 1, R"({"at":"2026-11-24T07:31:46.000001Z"})"},
    {"account", "account.deleted", 1, R"({"freed":["0000000000000000000000000b","0000000000000000000000000c"],"generation":4,"at":"2026-11-23T07:31:46.000001Z"})"},

    {"address_book", "address_book.added", 1, R"({"id":"0000000000000000000000000d","address":"personal:v1:YWRkcmVzcw","is_default":true})"},
    {"address_book", "address_book.changed", 1, R"({"id":"0000000000000000000000000d","address":"personal:v1:YWRkcmVzcw"})"},
    {"address_book", "address_book.removed", 1, R"({"id":"0000000000000000000000000d","next_default":"0000000000000000000000000e"})"},
    {"address_book", "address_book.removed", 1, R"({"id":"0000000000000000000000000d"})"},
    {"address_book", "address_book.default_set", 1, R"({"id":"0000000000000000000000000e"})"},
    {"address_book", "address_book.cleared", 1, R"({})"},
    {"sessions", "sessions.started", 1, R"({"id":"0000000000000000000000000d","generation":2,"at":"2026-11-23T08:55:36.551548Z","expires_at":"2026-11-30T08:55:36.551548Z","device":"personal:v1:ZGV2aWNl"})"},
    {"sessions", "sessions.refreshed", 1, R"({"id":"0000000000000000000000000d","turn":1,"at":"2026-11-23T10:55:36.551548Z","expires_at":"2026-11-30T10:55:36.551548Z"})"},
    {"sessions", "sessions.ended", 1, R"({"ids":["0000000000000000000000000d"],"reason":"replayed","at":"2026-11-23T10:55:36.551548Z"})"},
    {"sessions", "sessions.outdated", 1, R"({"generation":3,"at":"2026-11-23T10:55:36.551548Z"})"},

    {"claim", "claim.taken", 1, R"({"account_id":"00000000000000000000000001","kind":"username"})"},
    {"claim", "claim.taken", 1, R"({"account_id":"00000000000000000000000001","kind":"email"})"},
    {"claim", "claim.refused", 1, R"({"account_id":"00000000000000000000000002"})"},
    {"claim", "claim.released", 1, R"({"account_id":"00000000000000000000000001"})"},

    {"command_note", "command_note.written", 1, R"({"outcome":{"refusal":"product.not_found","detail":"there is no such product"}})"},

    {"product", "product.created", 1, R"({"sku":"TEA-001","name":"龙井茶 Longjing","description":"Green.\n\"Fresh\" \\ 50 g","price":{"amount":12800,"currency":"CNY"},"category":"food/tea","brand":"Hupao","pictures":["https://a.example/1.jpg","https://a.example/2.jpg"]})",
     R"({"sku":"TEA-001","name":"龙井茶 Longjing","description":"Green.\n\"Fresh\" \\ 50 g","price":{"amount":12800,"currency":"CNY"},"category":"food/tea","brand":"Hupao","pictures":["https://a.example/1.jpg","https://a.example/2.jpg"],"attributes":[],"published":true})"},
    {"product", "product.created", 1, R"({"sku":"TEA-001","name":"龙井茶","description":"","price":{"amount":12800,"currency":"CNY"},"pictures":["a","b"],"category_id":"00000000000000000000000007","brand_id":"00000000000000000000000008","attributes":[{"name":"colour","values":["red","green"]}],"purchase_limit":3,"published":false})"},
    {"product", "product.changed", 1, R"({"name":"n","description":"","price":{"amount":0,"currency":"CNY"},"category":"a","brand":"b","pictures":[]})"},
    {"product", "product.changed", 1, R"({"price":{"amount":9007199254740991,"currency":"EUR"}})"},
    {"product", "product.changed", 1, R"({"category_id":"00000000000000000000000000","brand_id":"00000000000000000000000008","attributes":[],"purchase_limit":0})"},
    {"product", "product.published", 1, R"({})"},
    {"product", "product.withdrawn", 1, R"({})"},
    {"product", "product.deleted", 1, R"({})"},
    {"product", "product.restored", 1, R"({})"},

    {"category_tree", "category_tree.added", 1, R"({"id":"00000000000000000000000007","name":"食品","description":""})"},
    {"category_tree", "category_tree.added", 1, R"({"id":"00000000000000000000000008","parent_id":"00000000000000000000000007","name":"tea","description":"Green,\nblack","before_id":"00000000000000000000000009"})"},
    {"category_tree", "category_tree.changed", 1, R"({"id":"00000000000000000000000008","name":"teas"})"},
    {"category_tree", "category_tree.changed", 1, R"({"id":"00000000000000000000000008","description":""})"},
    {"category_tree", "category_tree.moved", 1, R"({"id":"00000000000000000000000008"})"},
    {"category_tree", "category_tree.moved", 1, R"({"id":"00000000000000000000000008","parent_id":"00000000000000000000000007","before_id":"00000000000000000000000009"})"},
    {"category_tree", "category_tree.deleted", 1, R"({"id":"00000000000000000000000008"})"},
    {"category_tree", "category_tree.restored", 1, R"({"id":"00000000000000000000000008"})"},

    {"brands", "brands.added", 1, R"({"id":"00000000000000000000000008","name":"西湖 Xihu","description":"Tea since 1949","logo":"https://a.example/xihu.svg"})"},
    {"brands", "brands.changed", 1, R"({"id":"00000000000000000000000008","name":"Xihu"})"},
    {"brands", "brands.changed", 1, R"({"id":"00000000000000000000000008","description":"","logo":""})"},
    {"brands", "brands.deleted", 1, R"({"id":"00000000000000000000000008"})"},
    {"brands", "brands.restored", 1, R"({"id":"00000000000000000000000008"})"},

    {"stock", "stock.received", 1, R"({"quantity":100,"reason":"delivery"})"},
    {"stock", "stock.adjusted", 1, R"({"from":100,"to":97,"reason":"broken"})"},
    {"stock", "stock.reserved", 1, R"({"order_id":"00000000000000000000000001","quantity":2,"expires_at":"2026-11-23T07:41:46.000001Z"})"},
    {"stock", "stock.reservation_refused", 1, R"({"order_id":"00000000000000000000000002","asked":98,"available":95})"},
    {"stock", "stock.deducted", 1, R"({"order_id":"00000000000000000000000001","quantity":2})"},
    {"stock", "stock.released", 1, R"({"order_id":"00000000000000000000000003","quantity":2,"reason":"order_cancelled"})"},
    {"stock", "stock.restocked", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","order_id":"00000000000000000000000001","quantity":2})"},
    {"stock", "stock.configured", 1, R"({"mode":"untracked"})"},
    {"stock", "stock.configured", 1, R"({"mode":"tracked","low_threshold":5})"},
    {"stock", "stock.low", 1, R"({"available":5,"threshold":5})"},
    {"stock", "stock.replenished", 1, R"({"available":9,"threshold":5})"},

    {"cart", "cart.item_added", 1, R"({"product_id":"00000000000000000000000005","quantity":2,"total":5})"},
    {"cart", "cart.item_set", 1, R"({"product_id":"00000000000000000000000005","quantity":7})"},
    {"cart", "cart.item_removed", 1, R"({"product_id":"00000000000000000000000005"})"},
    {"cart", "cart.cleared", 1, R"({})"},
    {"cart", "cart.ordered", 1, R"({"order_id":"00000000000000000000000001","items":[{"product_id":"00000000000000000000000005","quantity":2}]})"},
    {"cart", "cart.item_added", 1, R"({"product_id":"00000000000000000000000005","quantity":2,"total":3,"seen":{"price":{"amount":1000,"currency":"CNY"},"name":"龙井茶 Longjing","product_version":3}})"},
    {"cart", "cart.item_set", 1, R"({"product_id":"00000000000000000000000005","quantity":7,"seen":{"price":{"amount":1000,"currency":"CNY"},"name":"Cup","product_version":1}})"},
    {"cart", "cart.item_selected", 1, R"({"product_id":"00000000000000000000000005","selected":false})"},
    {"cart", "cart.merged", 1, R"({"guest_cart_id":"0000000000000000000000000j","lines":[{"product_id":"00000000000000000000000005","quantity":9999,"selected":true,"seen":{"price":{"amount":1000,"currency":"CNY"},"name":"Cup","product_version":1}}],"left_out":[{"product_id":"00000000000000000000000005","quantity":4}]})"},

    {"guest_cart", "guest_cart.opened", 1, R"({"at":"2026-11-23T07:31:46.000001Z","ttl_s":2592000})"},
    {"guest_cart", "guest_cart.line_put", 1, R"({"line":{"product_id":"00000000000000000000000005","quantity":2,"selected":false}})"},
    {"guest_cart", "guest_cart.line_removed", 1, R"({"product_id":"00000000000000000000000005"})"},
    {"guest_cart", "guest_cart.cleared", 1, R"({})"},
    {"guest_cart", "guest_cart.spent", 1, R"({"account_id":"00000000000000000000000003","lines":[{"product_id":"00000000000000000000000005","quantity":2,"selected":true}]})"},
    {"guest_cart", "guest_cart.merged", 1, R"({"account_id":"00000000000000000000000003"})"},
    {"guest_cart", "guest_cart.expired", 1, R"({})"},

    {"order", "order.placed", 1, R"({"account_id":"00000000000000000000000003","lines":[{"product_id":"00000000000000000000000005","product_version":3,"sku":"TEA-001","name":"龙井茶","picture":"https://a.example/1.jpg","description":"Green","unit_price":{"amount":1000,"currency":"CNY"},"quantity":2}],"address":"personal:v1:YWRkcmVzcw","from_cart":true,"placed_at":"2026-11-23T07:31:46.000001Z","payment_due_at":"2026-11-23T07:41:46.000001Z","total":{"amount":2000,"currency":"CNY"}})"},
    {"order", "order.line_reserved", 1, R"({"product_id":"00000000000000000000000005"})"},
    {"order", "order.line_refused", 1, R"({"product_id":"00000000000000000000000005","asked":2,"available":1})"},
    {"order", "order.awaiting_payment", 1, R"({"cart_of":"00000000000000000000000003","items":[{"product_id":"00000000000000000000000005","quantity":2}]})"},
    {"order", "order.awaiting_payment", 1, R"({"items":[]})"},
    {"order", "order.rejected", 1, R"({"shortages":[{"product_id":"00000000000000000000000005","asked":2,"available":1}],"reserved":["00000000000000000000000006"]})"},
    {"order", "order.reservation_returned", 1, R"({"product_id":"00000000000000000000000005"})"},
    {"order", "order.cancelled", 1, R"({"reason":"user","reserved":["00000000000000000000000005"],"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.cancelled", 1, R"({"reason":"payment_timeout","reserved":[],"at":"2026-11-23T07:41:46.000001Z"})"},
    {"order", "order.paid", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":2000,"currency":"CNY"},"products":["00000000000000000000000005"]})", R"({"payment_id":"0000000000000000000000002d","amount":{"amount":2000,"currency":"CNY"},"products":["00000000000000000000000005"],"at":"1970-01-01T00:00:00.000000Z"})"},
    {"order", "order.payment_returned", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"wrong_amount"})", R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"wrong_amount","at":"1970-01-01T00:00:00.000000Z"})"},
    {"order", "order.payment_returned", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"order_unknown"})", R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"order_unknown","at":"1970-01-01T00:00:00.000000Z"})"},
    {"order", "order.payment_returned", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"order_not_payable"})", R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"order_not_payable","at":"1970-01-01T00:00:00.000000Z"})"},
    {"order", "order.payment_returned", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"order_already_paid"})", R"({"payment_id":"0000000000000000000000002d","amount":{"amount":1999,"currency":"CNY"},"reason":"order_already_paid","at":"1970-01-01T00:00:00.000000Z"})"},
    {"order", "order.paid", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":2000,"currency":"CNY"},"products":["00000000000000000000000005"],"at":"2026-11-23T07:32:00.000000Z","open_payment":"0000000000000000000000002e"})"},
    {"order", "order.cancelled", 1, R"({"reason":"user","reserved":[],"at":"2026-11-23T07:32:00.000000Z","open_payment":"0000000000000000000000002d"})"},
    {"order", "order.payment_returned", 1, R"({"payment_id":"0000000000000000000000002d","amount":{"amount":2000,"currency":"CNY"},"reason":"wrong_amount","at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.payment_opened", 1, R"({"payment_id":"0000000000000000000000002d","superseded":"0000000000000000000000002e","at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.payment_opened", 1, R"({"payment_id":"0000000000000000000000002d","at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.payment_unwanted", 1, R"({"payment_id":"0000000000000000000000002d","at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.cancelled", 1, R"({"reason":"administrator","reserved":[],"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.shipped", 1, R"({"shipment_id":"0000000000000000000000002f","lines":[{"product_id":"00000000000000000000000005","quantity":1}],"carrier":"SF","tracking_number":"SF123","complete":false,"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.delivered", 1, R"({"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.completed", 1, R"({"confirmed":true,"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.refund_requested", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","payment_id":"0000000000000000000000002d","amount":{"amount":1000,"currency":"CNY"},"lines":[{"product_id":"00000000000000000000000005","quantity":1,"restock":true}],"reason":"torn","completes_shipment":false,"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.refunded", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","amount":{"amount":1000,"currency":"CNY"},"at":"2026-11-23T07:32:00.000000Z"})"},
    {"order", "order.closed_refunded", 1, R"({"at":"2026-11-23T07:32:00.000000Z"})"},

    {"payment", "payment.started", 1, R"({"order_id":"00000000000000000000000001","account_id":"00000000000000000000000003","provider":"sandbox","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:00.000000Z"})", R"({"order_id":"00000000000000000000000001","account_id":"00000000000000000000000003","provider":"sandbox","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:00.000000Z","presentation":"qr","expires_at":"1970-01-01T00:00:00.000000Z"})"},
    {"payment", "payment.succeeded", 1, R"({"order_id":"00000000000000000000000001","provider_reference":"ref-1","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:01.000000Z"})"},
    {"payment", "payment.failed", 1, R"({"order_id":"00000000000000000000000001","provider_reference":"","at":"2026-11-23T07:32:01.000000Z"})"},
    {"payment", "payment.refund_requested", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","provider":"sandbox","amount":{"amount":2000,"currency":"CNY"},"reason":"order_not_payable"})", R"({"refund_id":"3jcnk7avk45mrg000000000001","provider":"sandbox","amount":{"amount":2000,"currency":"CNY"},"reason":"order_not_payable","at":"1970-01-01T00:00:00.000000Z","next_at":"1970-01-01T00:00:00.000000Z"})"},
    {"payment", "payment.refunded", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:02.000000Z"})", R"({"refund_id":"3jcnk7avk45mrg000000000001","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:02.000000Z","order_id":"00000000000000000000000000"})"},
    {"payment", "payment.refund_failed", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","at":"2026-11-23T07:32:02.000000Z"})", R"({"refund_id":"3jcnk7avk45mrg000000000001","at":"2026-11-23T07:32:02.000000Z","problem":""})"},
    {"payment", "payment.started", 1, R"({"order_id":"00000000000000000000000001","account_id":"00000000000000000000000003","provider":"sandbox","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:00.000000Z","presentation":"page","expires_at":"2026-11-23T07:41:46.000001Z"})"},
    {"payment", "payment.created", 1, R"({"pay_url":"https://pay.example/1","qr_text":"","at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.creation_failed", 1, R"({"problem":"timeout","at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.creation_repeated", 1, R"({"order_id":"00000000000000000000000001","provider":"sandbox","presentation":"qr","amount":{"amount":2000,"currency":"CNY"},"expires_at":"2026-11-23T07:41:46.000001Z","tick":1,"next_at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.query_requested", 1, R"({"provider":"sandbox","tick":1,"next_at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.close_requested", 1, R"({"provider":"sandbox","reason":"expired","tick":1,"next_at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.reported", 1, R"({"report":{"source":"callback","outcome":"paid","reference":"ref-1","amount":{"amount":2000,"currency":"CNY"},"objections":["seller"],"problem":""},"at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.report_refused", 1, R"({"reason":"wrong_amount","at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.closed", 1, R"({"at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.refund_requested", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","provider":"sandbox","amount":{"amount":2000,"currency":"CNY"},"reason":"order_not_payable","at":"2026-11-23T07:32:00.000000Z","next_at":"2026-11-23T07:41:46.000001Z"})"},
    {"payment", "payment.refunds_repeated", 1, R"({"provider":"sandbox","refunds":[{"refund_id":"3jcnk7avk45mrg000000000001","amount":{"amount":2000,"currency":"CNY"},"reason":"order_not_payable"}],"tick":1,"next_at":"2026-11-23T07:32:00.000000Z"})"},
    {"payment", "payment.refunded", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","amount":{"amount":2000,"currency":"CNY"},"at":"2026-11-23T07:32:00.000000Z","order_id":"00000000000000000000000001"})"},
    {"payment", "payment.refund_failed", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","at":"2026-11-23T07:32:00.000000Z","problem":"balance too low"})"},
    {"payment", "payment.refund_declined", 1, R"({"refund_id":"3jcnk7avk45mrg000000000001","order_id":"00000000000000000000000001","amount":{"amount":2000,"currency":"CNY"}})"},

    {"reconciliation", "reconciliation.compared", 1, R"({"provider":"alipay","day":"2026-11-23","bill_lines":3,"own_bookings":2,"found":[{"kind":"missing_here","payment_id":"0000000000000000000000002d","refund_id":"","reference":"T1","theirs":{"amount":2000,"currency":"CNY"}},{"kind":"refund_amount","payment_id":"0000000000000000000000002d","refund_id":"3jcnk7avk45mrg000000000001","reference":"T1","ours":{"amount":1,"currency":"CNY"},"theirs":{"amount":2,"currency":"CNY"}}],"gone":[1],"back":[2],"omitted":0,"at":"2026-11-24T01:00:00.000000Z"})"},
    {"reconciliation", "reconciliation.failed", 1, R"({"provider":"alipay","day":"2026-11-23","problem":"bill.not_ready","at":"2026-11-24T01:00:00.000000Z"})"},
    {"reconciliation", "reconciliation.difference_settled", 1, R"({"number":1,"note":"paid back by hand","by":"00000000000000000000000003","at":"2026-11-24T02:00:00.000000Z"})"},

    {"job", "job.configured", 1, R"({"name":"reconciliation_alipay","task":{"kind":"reconciliation","provider":"alipay"},"plan":{"schedule":"30 2 * * * +08:00","misfire":"run_all"},"at":"2026-11-23T07:31:46.000001Z"})"},
    {"job", "job.configured", 1, R"({"name":"order_completion","task":{"kind":"order_completion","provider":""},"plan":{"schedule":"@hourly","misfire":"run_once","after_days":7},"at":"2026-11-23T07:31:46.000001Z"})"},
    {"job", "job.changed", 1, R"({"overrides":{"schedule":"@every 10m","misfire":"skip","after_days":14},"by":"00000000000000000000000003","at":"2026-11-23T07:31:46.000001Z"})"},
    {"job", "job.changed", 1, R"({"overrides":{},"by":"00000000000000000000000003","at":"2026-11-23T07:31:46.000001Z"})"},
    {"job", "job.paused", 1, R"({"by":"00000000000000000000000003","at":"2026-11-23T07:31:46.000001Z"})"},
    {"job", "job.resumed", 1, R"({"by":"00000000000000000000000003","at":"2026-11-23T07:31:46.000001Z"})"},
    {"job", "job.scheduled", 1, R"({"due":"2026-11-23T08:00:00.000000Z"})"},
    {"job", "job.rewound", 1, R"({"from":"2026-11-26T08:00:00.000000Z","at":"2026-11-23T08:00:00.000000Z"})"},
    {"job", "job.queued", 1, R"({"dues":["2026-11-23T08:00:00.000000Z","2026-11-23T09:00:00.000000Z"]})"},
    {"job", "job.started", 1, R"({"name":"order_completion","run_id":"00000000000000000000000001","task":{"kind":"order_completion","provider":""},"after_days":7,"due":"2026-11-23T08:00:00.000000Z","delay_ms":120,"at":"2026-11-23T08:00:00.120000Z","answer_due":"2026-11-23T08:10:00.120000Z"})"},
    {"job", "job.started", 1, R"({"name":"guest_cart_sweep","run_id":"00000000000000000000000001","task":{"kind":"guest_cart_sweep","provider":""},"by":"00000000000000000000000003","delay_ms":0,"at":"2026-11-23T08:00:00.120000Z","answer_due":"2026-11-23T08:10:00.120000Z"})"},
    {"job", "job.repeated", 1, R"({"name":"order_completion","run_id":"00000000000000000000000001","task":{"kind":"order_completion","provider":""},"after_days":7,"due":"2026-11-23T08:00:00.000000Z","at":"2026-11-23T09:00:00.000000Z","answer_due":"2026-11-23T09:10:00.000000Z"})"},
    {"job", "job.finished", 1, R"({"name":"order_completion","run_id":"00000000000000000000000001","outcome":"done","figures":[{"name":"completed","count":12}],"at":"2026-11-23T08:00:01.000000Z"})"},
    {"job", "job.finished", 1, R"({"name":"reconciliation_alipay","run_id":"00000000000000000000000001","outcome":"failed","problem":"bill.not_ready","figures":[],"at":"2026-11-23T08:00:01.000000Z"})"},
    {"job", "job.skipped", 1, R"({"name":"order_completion","reason":"misfire","first":"2026-11-20T08:00:00.000000Z","last":"2026-11-23T07:00:00.000000Z","count":72,"at":"2026-11-23T07:31:46.000001Z"})"},

    {"limits", "limits.begun", 1, R"({"rules":[{"id":"orders.user","subject":"user","scope":"cluster","routes":["place_order"],"parameter":"","requests":60,"period_ms":60000,"burst":30,"warm_up_ms":0,"wait_max_ms":0,"concurrent":0}]})"},
    {"limits", "limits.rule_put", 1, R"({"rule":{"id":"orders.user","subject":"user","scope":"cluster","routes":["place_order"],"parameter":"","requests":60,"period_ms":60000,"burst":30,"warm_up_ms":0,"wait_max_ms":0,"concurrent":0}})"},
    {"limits", "limits.rule_removed", 1, R"({"id":"orders.user"})"},
    {"limits", "limits.network_put", 1, R"({"network":{"network":"192.0.2.0/24","standing":"blocked","note":"scraper"}})"},
    {"limits", "limits.network_removed", 1, R"({"network":"192.0.2.0/24"})"},
    {"limits", "limits.rolled_back", 1, R"({"version":3,"content":{"rules":[{"id":"orders.user","subject":"user","scope":"cluster","routes":["place_order"],"parameter":"","requests":60,"period_ms":60000,"burst":30,"warm_up_ms":0,"wait_max_ms":0,"concurrent":0}],"networks":[{"network":"192.0.2.0/24","standing":"blocked","note":"scraper"}]}})"},

    {"permissions", "permissions.offered", 1, R"({"model":"[matchers]\nm = r.sub == p.sub\n","rows":[{"number":1,"row":{"kind":"p","values":["guest","/api/v1/products","GET","allow"]}}],"known":["00000000000000000000000005"]})"},
    {"permissions", "permissions.offered", 1, R"({"rows":[],"known":["00000000000000000000000005"]})"},
    {"permissions", "permissions.model_replaced", 1, R"({"model":"[matchers]\nm = r.sub == p.sub\n","by":"00000000000000000000000003","at":"2026-11-29T07:31:46.000001Z"})"},
    {"permissions", "permissions.rows_changed", 1, R"({"removed":[{"number":1,"row":{"kind":"p","values":["guest","/api/v1/products","GET","allow"]}}],"added":[{"number":2,"row":{"kind":"g","values":["account:00000000000000000000000004","support"]}}],"by":"00000000000000000000000003","at":"2026-11-29T07:31:46.000001Z"})"},
    {"permissions", "permissions.rolled_back", 1, R"({"version":3,"by":"00000000000000000000000003","at":"2026-11-29T07:31:46.000001Z"})"},

    {"settings", "settings.put", 1, R"({"value":{"key":"order.payment_timeout_s","value":"600"}})"},
    {"settings", "settings.removed", 1, R"({"key":"order.payment_timeout_s"})"},
    {"settings", "settings.rolled_back", 1, R"({"version":3,"values":[{"key":"order.payment_timeout_s","value":"600"}]})"},
};
// clang-format on

}  // namespace souk::goldens
