#pragma once

/// \file
/// A fresh key and self-signed certificate for a TLS server in a test, so that no
/// key is kept in the repository and none can expire.

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace troupe::test {

class server_certificate {
 public:
  /// For `host`, or for localhost and 127.0.0.1 if it is empty. `protocol` is what
  /// the server picks in ALPN, if anything.
  server_certificate(const std::string& host, std::string protocol);
  server_certificate(const server_certificate&) = delete;
  server_certificate& operator=(const server_certificate&) = delete;

  void write_to(const std::string& file) const;
  SSL_CTX* context() const { return context_.get(); }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate_{nullptr, X509_free};
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::string protocol_;
};

}  // namespace troupe::test
