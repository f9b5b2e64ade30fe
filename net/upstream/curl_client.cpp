#include "net/upstream/curl_client.hpp"

#include "net/upstream/curl_exchange.hpp"
#include "net/upstream/curl_inbox.hpp"
#include "net/upstream/curl_loop.hpp"
#include "net/upstream/extra_certificates.hpp"

#include <signal.h>

#include <utility>

namespace troupe::upstream {
namespace {

class curl_transfer final : public http_transfer {
 public:
  curl_transfer(std::shared_ptr<curl_loop> loop, std::shared_ptr<curl_inbox> inbox)
      : loop_(std::move(loop)), inbox_(std::move(inbox)) {}

  ~curl_transfer() override {
    if (inbox_->close()) loop_->abort(inbox_);
  }

  event poll() override {
    bool resume = false;
    auto next = inbox_->poll(resume);
    if (resume) loop_->resume(inbox_);
    return next;
  }

 private:
  std::shared_ptr<curl_loop> loop_;
  std::shared_ptr<curl_inbox> inbox_;
};

/// Signals are for the program's own threads; a new thread inherits the mask.
class without_signals {
 public:
  without_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~without_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  without_signals(const without_signals&) = delete;
  without_signals& operator=(const without_signals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

expected<std::unique_ptr<curl_client>> curl_client::make(curl_options options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return failure{failure_kind::internal, "libcurl could not be set up"};
  std::shared_ptr<const extra_certificates> certificates;
  if (!options.extra_ca_file.empty()) {
    auto read = extra_certificates::read(options.extra_ca_file);
    if (!read) return read.error();
    certificates = *read;
  }
  return std::unique_ptr<curl_client>(new curl_client(std::move(options), std::move(certificates)));
}

curl_client::curl_client(curl_options options, std::shared_ptr<const extra_certificates> certificates)
    : options_(std::move(options)),
      certificates_(std::move(certificates)),
      loop_(std::make_shared<curl_loop>(options_.kept_connections)) {
  const without_signals quiet;
  thread_ = std::thread([loop = loop_] { loop->run(); });
}

curl_client::~curl_client() {
  loop_->stop();
  // A `wake` may hold the last reference to the client.
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

std::unique_ptr<http_transfer> curl_client::open(http_request request, std::function<void()> wake) {
  auto inbox = std::make_shared<curl_inbox>(std::move(wake), request.max_buffered);
  auto exchange = curl_exchange::make(std::move(request), inbox, certificates_, options_.user_agent);
  if (exchange)
    loop_->start(std::move(*exchange));
  else
    inbox->end(std::move(exchange).error());
  return std::make_unique<curl_transfer>(loop_, std::move(inbox));
}

}  // namespace troupe::upstream
