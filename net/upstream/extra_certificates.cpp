#include "net/upstream/extra_certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace troupe::upstream {

expected<std::shared_ptr<const extra_certificates>> extra_certificates::read(const std::string& path) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
  if (!file) {
    ERR_clear_error();
    return failure{failure_kind::invalid, "the extra CA file " + path + " cannot be read"};
  }
  auto read = std::make_shared<extra_certificates>();
  while (auto* certificate = PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr))
    read->certificates_.emplace_back(certificate);
  // The end of the file is an error like a damaged entry; only the reason differs.
  const auto error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
    return failure{failure_kind::invalid, "the extra CA file " + path + " holds a damaged certificate"};
  if (read->certificates_.empty())
    return failure{failure_kind::invalid, "the extra CA file " + path + " holds no certificate in PEM form"};
  return std::shared_ptr<const extra_certificates>(std::move(read));
}

bool extra_certificates::add_to(SSL_CTX* context) const {
  auto* store = SSL_CTX_get_cert_store(context);
  for (auto& certificate : certificates_)
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return false;
  return true;
}

}  // namespace troupe::upstream
