#include "support/server_certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace troupe::test {
namespace {

void check(bool good) {
  if (!good) throw std::runtime_error("cannot make a certificate");
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

int choose(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned offered_size,
           void* wanted) {
  const auto& protocol = *static_cast<const std::string*>(wanted);
  for (unsigned at = 0; at < offered_size; at += 1u + offered[at]) {
    const std::string name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name != protocol) continue;
    *out = offered + at + 1;
    *size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

server_certificate::server_certificate(const std::string& host, std::string protocol) : protocol_(std::move(protocol)) {
  key_.reset(EVP_EC_gen("P-256"));
  certificate_.reset(X509_new());
  check(key_ && certificate_);
  auto* x = certificate_.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 24L * 3600);
  auto* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("scripted server"), -1,
                             -1, 0);
  X509_set_issuer_name(x, name);
  X509_set_pubkey(x, key_.get());
  add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x, NID_subject_alt_name, host.empty() ? "DNS:localhost,IP:127.0.0.1" : "DNS:" + host);
  check(X509_sign(x, key_.get(), EVP_sha256()) > 0);

  context_.reset(SSL_CTX_new(TLS_server_method()));
  check(context_ != nullptr);
  auto* context = context_.get();
  check(SSL_CTX_use_certificate(context, x) == 1 && SSL_CTX_use_PrivateKey(context, key_.get()) == 1);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!protocol_.empty()) SSL_CTX_set_alpn_select_cb(context, choose, &protocol_);
}

void server_certificate::write_to(const std::string& file) const {
  auto* out = std::fopen(file.c_str(), "w");
  check(out != nullptr && PEM_write_X509(out, certificate_.get()) == 1);
  std::fclose(out);
}

}  // namespace troupe::test
