#include "net/upstream/curl_exchange.hpp"

#include "net/upstream/extra_certificates.hpp"
#include "net/upstream/request_rules.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace troupe::upstream {
namespace {

/// What the kernel may hold for a reader that does not read; it doubles it.
constexpr int receive_buffer = 256 * 1024;

bool may_be_repeated(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

template <class Value>
bool set(CURL* handle, CURLoption option, Value value) {
  return curl_easy_setopt(handle, option, value) == CURLE_OK;
}

}  // namespace

curl_exchange::curl_exchange(http_request request, std::shared_ptr<curl_inbox> inbox,
                             std::shared_ptr<const extra_certificates> certificates)
    : request_(std::move(request)), inbox_(std::move(inbox)), certificates_(std::move(certificates)) {}

expected<std::unique_ptr<curl_exchange>> curl_exchange::make(http_request request, std::shared_ptr<curl_inbox> inbox,
                                                             std::shared_ptr<const extra_certificates> certificates,
                                                             const std::string& user_agent) {
  std::unique_ptr<curl_exchange> made(new curl_exchange(std::move(request), std::move(inbox), std::move(certificates)));
  auto target = read_target(made->request_.url);
  if (!target) return target.error();
  made->peer_ = std::move(target->peer);
  made->loopback_ = target->loopback;
  if (auto broken = broken_rule(made->request_)) return *std::move(broken);
  made->headers_.reset(header_list(made->request_, user_agent));
  made->handle_.reset(curl_easy_init());
  if (!made->headers_ || !made->handle_ || !made->configure())
    return failure{failure_kind::internal, "libcurl does not take a request to " + made->peer_};
  return made;
}

bool curl_exchange::configure() {
  auto* h = handle_.get();
  return set(h, CURLOPT_URL, request_.url.c_str()) && set(h, CURLOPT_PROTOCOLS_STR, "http,https")
         && set(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) && set(h, CURLOPT_FOLLOWLOCATION, 0L)
         && set(h, CURLOPT_HTTPHEADER, headers_.get()) && set(h, CURLOPT_HEADERFUNCTION, header_callback)
         && set(h, CURLOPT_HEADERDATA, this) && set(h, CURLOPT_WRITEFUNCTION, body_callback)
         && set(h, CURLOPT_WRITEDATA, this) && set(h, CURLOPT_PREREQFUNCTION, ready_callback)
         && set(h, CURLOPT_PREREQDATA, this) && set(h, CURLOPT_PRIVATE, inbox_.get()) && configure_body()
         && configure_connection();
}

bool curl_exchange::configure_body() {
  auto* h = handle_.get();
  const auto& method = request_.method;
  if (method == "HEAD") return set(h, CURLOPT_NOBODY, 1L);
  if (method == "GET" && request_.body.empty()) return set(h, CURLOPT_HTTPGET, 1L);
  if (!set(h, CURLOPT_CUSTOMREQUEST, method.c_str())) return false;
  // The rest may have a body; those that mean nothing without one say "length 0".
  if (request_.body.empty() && method != "POST" && method != "PUT" && method != "PATCH") return true;
  // A body on its way out counts against a stall, too.
  return set(h, CURLOPT_NOPROGRESS, 0L) && set(h, CURLOPT_XFERINFOFUNCTION, progress_callback)
         && set(h, CURLOPT_XFERINFODATA, this) && set(h, CURLOPT_POST, 1L)
         && set(h, CURLOPT_POSTFIELDS, request_.body.c_str())
         && set(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
}

bool curl_exchange::configure_connection() {
  auto* h = handle_.get();
  constexpr std::chrono::milliseconds no_limit = std::chrono::hours(24);
  const auto connect = request_.connect_limit.count() > 0 ? std::min(request_.connect_limit, no_limit) : no_limit;
  bool good = set(h, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count())) &&
              // No signals, and no waiting for a resolver's thread when a request is aborted.
              set(h, CURLOPT_NOSIGNAL, 1L) && set(h, CURLOPT_QUICK_EXIT, 1L) && set(h, CURLOPT_TCP_NODELAY, 1L)
              && set(h, CURLOPT_OPENSOCKETFUNCTION, socket_callback)
              && set(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS))
              && set(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) && set(h, CURLOPT_SSL_VERIFYPEER, 1L)
              && set(h, CURLOPT_SSL_VERIFYHOST, 2L);
  // With a folder beside the bundle libcurl would read the bundle anew, tens of
  // milliseconds, for every connection, instead of keeping what it read.
  const auto* library = curl_version_info(CURLVERSION_NOW);
  if (library->cainfo != nullptr) good = good && set(h, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (loopback_) good = good && set(h, CURLOPT_PROXY, "");
  if (certificates_)
    good = good && set(h, CURLOPT_SSL_CTX_FUNCTION, certificates_callback) && set(h, CURLOPT_SSL_CTX_DATA, this);
  return good;
}

std::size_t curl_exchange::header_callback(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& x = *static_cast<curl_exchange*>(self);
  x.on_header({bytes, size * count});
  return x.too_large_ ? 0 : size * count;
}

void curl_exchange::on_header(std::string_view line) {
  last_byte_ = clock::now();
  switch (head_.line(line)) {
    case head_reader::state::open: break;
    case head_reader::state::too_large: too_large_ = true; break;
    case head_reader::state::complete: inbox_->put_head(head_.take()); note();
  }
}

std::size_t curl_exchange::body_callback(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<curl_exchange*>(self)->on_body({bytes, size * count}) ? size * count : CURL_WRITEFUNC_PAUSE;
}

bool curl_exchange::on_body(std::string_view bytes) {
  last_byte_ = clock::now();
  paused_ = !inbox_->put_body(bytes);
  note();
  return !paused_;
}

int curl_exchange::ready_callback(void* self, char*, char*, int, int) {
  return static_cast<curl_exchange*>(self)->on_ready_to_send() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool curl_exchange::on_ready_to_send() {
  resent_ = sent_ && !may_be_repeated(request_.method);
  sent_ = true;
  last_byte_ = clock::now();
  note();
  return !resent_;
}

void curl_exchange::note() {
  if (std::exchange(in_notes_, true)) return;
  notes_->push_back(inbox_);
}

int curl_exchange::progress_callback(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) {
  auto& x = *static_cast<curl_exchange*>(self);
  if (uploaded != std::exchange(x.uploaded_, uploaded)) x.last_byte_ = clock::now();
  return 0;
}

curl_socket_t curl_exchange::socket_callback(void*, curlsocktype, curl_sockaddr* address) {
  // A child process that inherits a connection would keep it open after an abort.
  const int made = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (made < 0) return CURL_SOCKET_BAD;
  ::setsockopt(made, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  return made;
}

CURLcode curl_exchange::certificates_callback(CURL*, void* context, void* self) {
  const bool added = static_cast<curl_exchange*>(self)->certificates_->add_to(static_cast<SSL_CTX*>(context));
  return added ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

CURLcode curl_exchange::resume() {
  last_byte_ = clock::now();
  paused_ = false;
  note();
  // Delivers what libcurl kept, which may pause again.
  return curl_easy_pause(handle_.get(), CURLPAUSE_CONT);
}

std::optional<curl_exchange::clock::time_point> curl_exchange::next_deadline() const {
  std::optional<clock::time_point> next;
  if (request_.total_limit.count() > 0) next = opened_ + request_.total_limit;
  if (sent_ && !paused_ && request_.stall_limit.count() > 0) {
    const auto stalled = last_byte_ + request_.stall_limit;
    next = next ? std::min(*next, stalled) : stalled;
  }
  return next;
}

std::optional<failure> curl_exchange::passed_limit(clock::time_point now) const {
  const auto next = next_deadline();
  if (!next || *next > now) return std::nullopt;
  const bool total = request_.total_limit.count() > 0 && opened_ + request_.total_limit <= now;
  return failure{failure_kind::timeout,
                 total ? peer_ + " did not finish within " + std::to_string(request_.total_limit.count()) + " ms"
                       : peer_ + " sent nothing for " + std::to_string(request_.stall_limit.count()) + " ms"};
}

}  // namespace troupe::upstream
