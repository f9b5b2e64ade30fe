/// \file
/// libcurl's results as failures. libcurl's own error text may quote addresses
/// and URLs, so only its fixed description of a code is used.

#include "net/upstream/curl_exchange.hpp"

#include <openssl/x509_vfy.h>

#include <system_error>

namespace troupe::upstream {

failure curl_exchange::outcome(CURLcode result) const {
  const failure_kind broken = failure_kind::broken_stream;
  // A single line above libcurl's own limit counts as lack of memory there.
  if (too_large_ || (result == CURLE_OUT_OF_MEMORY && sent_ && !head_.complete()))
    return {broken, "the head of the answer of " + peer_ + " is too large"};
  if (resent_) return {broken, peer_ + " closed the connection without an answer"};
  switch (result) {
    case CURLE_OK:
      if (head_.complete()) return {};
      return {broken, peer_ + " sent no answer"};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (!sent_) return {failure_kind::invalid, "libcurl does not take the URL of the request"};
      return {broken, peer_ + " does not answer in HTTP"};
    case CURLE_OPERATION_TIMEDOUT:
      return {failure_kind::timeout,
              "no connection to " + peer_ + " within " + std::to_string(request_.connect_limit.count()) + " ms"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PROXY: return unavailable(result);
    case CURLE_GOT_NOTHING: return {broken, peer_ + " closed the connection without an answer"};
    case CURLE_OUT_OF_MEMORY: return {failure_kind::internal, "no memory for a request to " + peer_};
    default: break;
  }
  if (!sent_) return unavailable(result);
  return {broken, "the answer of " + peer_ + " was cut off: " + curl_easy_strerror(result)};
}

failure curl_exchange::unavailable(CURLcode result) const {
  std::string why = curl_easy_strerror(result);
  long detail = 0;
  if (result == CURLE_PEER_FAILED_VERIFICATION) {
    curl_easy_getinfo(handle_.get(), CURLINFO_SSL_VERIFYRESULT, &detail);
    // libcurl leaves "unspecified" there when only the name does not fit.
    why = detail == X509_V_OK || detail == X509_V_ERR_UNSPECIFIED
              ? "its certificate is for another name"
              : std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(detail);
  } else if (result == CURLE_COULDNT_CONNECT) {
    curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &detail);
    if (detail != 0) why = std::system_category().message(static_cast<int>(detail));
  } else if (result == CURLE_COULDNT_RESOLVE_HOST) {
    why = "its name cannot be resolved";
  } else if (result == CURLE_COULDNT_RESOLVE_PROXY) {
    why = "the name of the proxy cannot be resolved";
  }
  return {failure_kind::unavailable, "no connection to " + peer_ + ": " + why};
}

}  // namespace troupe::upstream
