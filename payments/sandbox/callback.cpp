#include "payments/sandbox/callback.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

#include "payments/base64.hpp"
#include "payments/form.hpp"

namespace souk::sandbox {
namespace {

std::string keyed_hash(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return base64({reinterpret_cast<const char*>(digest.data()), size});
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

auto malformed(std::string detail) {
  return fail(ErrorCode::kInvalid, "notification.malformed", std::move(detail));
}

}  // namespace

std::string signed_callback(std::string_view secret, PaymentId payment, const Trade& trade, Time now,
                            bool wrong_amount) {
  Form form{{"payment_id", payment.str()},
            {"reference", reference_of(payment)},
            {"outcome", std::string(name_of(trade.outcome))},
            {"amount", std::to_string(trade.amount.amount + (wrong_amount ? 1 : 0))},
            {"currency", std::string(trade.amount.currency.str())},
            {"sent_at", now.str()}};
  form.emplace("sign", keyed_hash(secret, text_to_sign(form, false)));
  return encode_form(form);
}

Result<Notification> read_callback(std::string_view secret, std::string_view body) {
  auto form = decode_form(body);
  if (!form) return malformed(form.error().detail);
  const std::string sign(field_of(*form, "sign"));
  form->erase("sign");
  const auto payment = PaymentId::parse(field_of(*form, "payment_id"));
  const auto currency = Currency::parse(field_of(*form, "currency"));
  const auto amount_text = field_of(*form, "amount");
  std::int64_t amount = 0;
  const auto* end = amount_text.data() + amount_text.size();
  const auto [read_to, failure] = std::from_chars(amount_text.data(), end, amount);
  const bool is_number = failure == std::errc{} && read_to == end;
  if (!payment || !currency || !is_number) return malformed("payment_id, amount or currency cannot be read");

  if (!equals_in_constant_time(sign, keyed_hash(secret, text_to_sign(*form, false)))) {
    return forged_notification(*payment);
  }

  Notification out;
  out.payment = *payment;
  out.report.source = provider::Source::kCallback;
  const auto outcome = field_of(*form, "outcome");
  if (outcome == "paid") out.report.outcome = provider::Outcome::kPaid;
  if (outcome == "closed") out.report.outcome = provider::Outcome::kClosed;
  out.report.reference = field_of(*form, "reference");
  out.report.amount = Money{amount, *currency};
  return out;
}

}  // namespace souk::sandbox
