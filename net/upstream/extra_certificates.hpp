#pragma once

/// \file
/// Certificates of a PEM file that are trusted besides the system's bundle,
/// for servers behind a company's own authority. libcurl's own option would
/// replace the bundle.
///
/// Ownership: shared by a client and its transfers. Thread safety: immutable.
/// Cost: read once; adding them to a connection's store takes microseconds.

#include "runtime/failure.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace troupe::upstream {

class extra_certificates {
 public:
  static expected<std::shared_ptr<const extra_certificates>> read(const std::string& path);

  bool add_to(SSL_CTX* context) const;

 private:
  struct release {
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  std::vector<std::unique_ptr<X509, release>> certificates_;
};

}  // namespace troupe::upstream
