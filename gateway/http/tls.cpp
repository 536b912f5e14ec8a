#include "gateway/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <climits>

namespace souk::http {
namespace {

constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view kAlpn = "\x08http/1.1";

/// What OpenSSL says went wrong last.
std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

Error unusable(std::string_view reason, const std::string& file) {
  return {ErrorCode::kInvalid, std::string(reason), file + ": " + last_error()};
}

/// A client that offers protocols and not ours is told so; one that offers none speaks HTTP/1.1.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void* /*argument*/) {
  auto* chosen = const_cast<unsigned char*>(*out);
  const auto* ours = reinterpret_cast<const unsigned char*>(kAlpn.data());
  if (SSL_select_next_proto(&chosen, out_size, ours, static_cast<unsigned int>(kAlpn.size()), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// A key with a pass phrase cannot be used: nobody is there to be asked.
int no_pass_phrase(char* /*out*/, int /*size*/, int /*writing*/, void* /*argument*/) {
  return -1;
}

void set_defaults(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_cipher_list(context, kCiphers12);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Tickets hold the sessions: the server keeps none.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // One system call for a record instead of one for its head and one for the rest.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
}

std::chrono::system_clock::time_point expiry_of(const SSL_CTX* context) {
  std::tm end{};
  const X509* certificate = SSL_CTX_get0_certificate(context);
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&end));
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::string& certificate_file,
                                                           const std::string& key_file) {
  ERR_clear_error();
  SSL_CTX* raw = SSL_CTX_new(TLS_server_method());
  if (raw == nullptr) return tl::unexpected<Error>(unusable("tls.certificate_unusable", certificate_file));
  auto context = std::make_shared<TlsContext>(raw);
  set_defaults(raw);
  if (SSL_CTX_use_certificate_chain_file(raw, certificate_file.c_str()) != 1) {
    return tl::unexpected<Error>(unusable("tls.certificate_unusable", certificate_file));
  }
  // With a certificate in place a key that does not belong to it is refused here.
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool is_mismatch = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
                             ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
    return tl::unexpected<Error>(unusable(is_mismatch ? "tls.key_mismatched" : "tls.key_unusable", key_file));
  }
  if (SSL_CTX_check_private_key(raw) != 1) return tl::unexpected<Error>(unusable("tls.key_mismatched", key_file));
  context->expires_at_ = expiry_of(raw);
  return std::shared_ptr<const TlsContext>(std::move(context));
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

std::unique_ptr<TlsConnection> TlsContext::accept(int descriptor) const {
  SSL* ssl = SSL_new(context_);
  if (ssl == nullptr || SSL_set_fd(ssl, descriptor) != 1) {
    SSL_free(ssl);
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsConnection>(ssl);
}

TlsConnection::~TlsConnection() {
  SSL_free(ssl_);
}

TlsConnection::Status TlsConnection::status_of(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE: return Status::kDone;
    case SSL_ERROR_WANT_READ: return Status::kWantsRead;
    case SSL_ERROR_WANT_WRITE: return Status::kWantsWrite;
    case SSL_ERROR_ZERO_RETURN: return Status::kEnded;
    case SSL_ERROR_SYSCALL: return Status::kEnded;
    default: break;
  }
  const auto reason = ERR_GET_REASON(ERR_peek_error());
  ERR_clear_error();
  if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return Status::kEnded;
  return reason == SSL_R_HTTP_REQUEST ? Status::kPlain : Status::kFailed;
}

TlsConnection::Status TlsConnection::handshake() {
  ERR_clear_error();
  return status_of(SSL_do_handshake(ssl_));
}

TlsConnection::Outcome TlsConnection::read(char* out, std::size_t size_max) {
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_, out, size_max, &size);
  return {status_of(result), size};
}

TlsConnection::Outcome TlsConnection::write(std::string_view bytes) {
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &size);
  return {status_of(result), size};
}

bool TlsConnection::holds_bytes() const {
  return SSL_has_pending(ssl_) == 1;
}

void TlsConnection::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace souk::http
