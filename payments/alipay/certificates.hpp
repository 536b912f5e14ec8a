/// Alipay's certificate mode: the serial numbers, of Alipay's own making, by which both sides name their certificates.
///
/// A serial number is the MD5, in hexadecimal, of the issuer's name (RFC 2253) and the certificate's number in decimal.
/// Errors: kInvalid "alipay.certificate_unreadable".
/// Source: Alipay's open platform, "certificate mode"; checked against python-alipay-sdk in tests/payments.
#pragma once

#include <string>
#include <string_view>

#include "payments/alipay/signature.hpp"

namespace souk::alipay {

/// Of the first certificate in the text.
Result<std::string> serial_of_certificate(std::string_view pem);

/// Of each certificate in the text that is signed by RSA, joined by '_'.
Result<std::string> serial_of_root(std::string_view pem);

/// The key that the first certificate in the text vouches for.
Result<VerifyingKey> key_of_certificate(std::string_view pem);

}  // namespace souk::alipay
