#include "payments/alipay/certificates.hpp"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <vector>

namespace souk::alipay {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Result<std::vector<Certificate>> read_certificates(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                       BIO_free);
  std::vector<Certificate> all;
  while (X509* one = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) all.emplace_back(one, X509_free);
  if (all.empty()) return fail(ErrorCode::kInvalid, "alipay.certificate_unreadable", "there is no certificate in it");
  return all;
}

/// "CN=…,OU=…,O=…,C=…": the last part first, as RFC 2253 writes names; letters that are not ASCII as they are.
std::string issuer_of(const X509& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  X509_NAME_print_ex(out.get(), X509_get_issuer_name(&certificate), 0, kFlags);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string number_of(const X509& certificate) {
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr), BN_free);
  char* decimal = BN_bn2dec(number.get());
  std::string out(decimal);
  OPENSSL_free(decimal);
  return out;
}

std::string serial_of(const X509& certificate) {
  const std::string text = issuer_of(certificate) + number_of(certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out.push_back(kHex[digest[i] >> 4U]);
    out.push_back(kHex[digest[i] & 15U]);
  }
  return out;
}

bool is_signed_by_rsa(const X509& certificate) {
  int key_type = NID_undef;
  const bool known = OBJ_find_sigid_algs(X509_get_signature_nid(&certificate), nullptr, &key_type) == 1;
  return known && key_type == NID_rsaEncryption;
}

}  // namespace

Result<std::string> serial_of_certificate(std::string_view pem) {
  const auto all = read_certificates(pem);
  if (!all) return tl::unexpected<Error>(all.error());
  return serial_of(*all->front());
}

Result<std::string> serial_of_root(std::string_view pem) {
  const auto all = read_certificates(pem);
  if (!all) return tl::unexpected<Error>(all.error());
  std::string joined;
  for (const auto& one : *all) {
    if (!is_signed_by_rsa(*one)) continue;
    if (!joined.empty()) joined.push_back('_');
    joined += serial_of(*one);
  }
  if (joined.empty()) {
    return fail(ErrorCode::kInvalid, "alipay.certificate_unreadable", "no root certificate is signed by RSA");
  }
  return joined;
}

Result<VerifyingKey> key_of_certificate(std::string_view pem) {
  const auto all = read_certificates(pem);
  if (!all) return tl::unexpected<Error>(all.error());
  EVP_PKEY* key = X509_get_pubkey(all->front().get());
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    EVP_PKEY_free(key);
    return fail(ErrorCode::kInvalid, "alipay.certificate_unreadable", "the certificate is not of an RSA key");
  }
  return VerifyingKey::of(key);
}

}  // namespace souk::alipay
