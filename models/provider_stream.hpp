#pragma once

/// \file
/// A model stream over an HTTP transfer: drains the transfer only as far as its
/// reader asks for events, so that a slow reader pauses the upstream.
///
/// Ownership: owns transfer and decoder; destroying it aborts the request.
/// Thread safety: used by one actor at a time. Bounds: what the transfer
/// buffers, one event of the provider, and 64 KiB of an error answer.
/// Errors: exactly one ended event, whatever the peer does. Source: DESIGN §8.

#include "models/stream_decoder.hpp"
#include "runtime/ports/http_client.hpp"

#include <memory>
#include <string>

namespace troupe::models {

class provider_stream final : public model_stream {
 public:
  provider_stream(std::unique_ptr<http_transfer> transfer, std::unique_ptr<stream_decoder> decoder,
                  std::string provider, std::string key)
      : transfer_(std::move(transfer)),
        decoder_(std::move(decoder)),
        provider_(std::move(provider)),
        key_(std::move(key)) {}

  poll_result poll() override;

 private:
  poll_result finish(model_event event);
  bool drain();
  void take(http_transfer::event event);
  void refuse();
  bool is_refused() const { return head_.status != 0 && (head_.status < 200 || head_.status > 299); }

  std::unique_ptr<http_transfer> transfer_;
  std::unique_ptr<stream_decoder> decoder_;
  std::string provider_;
  std::string key_;
  http_head head_;
  std::string error_body_;
  std::optional<model_event> last_;  // the ended event, until it is given
  bool lingered_ = false;
  bool ended_ = false;
};

/// A stream that ends at once with an error.
std::unique_ptr<model_stream> failed_stream(failure error);

}  // namespace troupe::models
