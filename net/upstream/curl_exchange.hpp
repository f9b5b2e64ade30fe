#pragma once

/// \file
/// One request as libcurl's thread sees it: checked, made into an easy handle,
/// and what has happened so far. libcurl's callbacks land here and pass on to
/// the inbox.
///
/// Ownership: made by whoever opens a transfer, then owned by `curl_loop`.
/// Thread safety: used by one thread at a time. Cost: about 10 KB.

#include "net/upstream/curl_inbox.hpp"
#include "net/upstream/head_reader.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::upstream {

class extra_certificates;

class curl_exchange {
 public:
  using clock = std::chrono::steady_clock;

  /// `invalid` names the part of the request that breaks a rule.
  static expected<std::unique_ptr<curl_exchange>> make(http_request request, std::shared_ptr<curl_inbox> inbox,
                                                       std::shared_ptr<const extra_certificates> certificates,
                                                       const std::string& user_agent);

  CURL* handle() const { return handle_.get(); }
  const std::shared_ptr<curl_inbox>& inbox() const { return inbox_; }

  /// Where to note the inbox when something has happened, once until `noted`.
  void note_in(std::vector<std::shared_ptr<curl_inbox>>& list) { notes_ = &list; }
  void noted() { in_notes_ = false; }
  /// The reader has made room.
  CURLcode resume();
  /// When a limit of ours passes next, if any; may move later until then.
  std::optional<clock::time_point> next_deadline() const;
  /// The limit that has passed at `now`, if one has.
  std::optional<failure> passed_limit(clock::time_point now) const;
  /// libcurl's result as the port says it.
  failure outcome(CURLcode result) const;

 private:
  struct release {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  curl_exchange(http_request request, std::shared_ptr<curl_inbox> inbox,
                std::shared_ptr<const extra_certificates> certificates);
  bool configure();
  bool configure_body();
  bool configure_connection();
  void on_header(std::string_view line);
  bool on_body(std::string_view bytes);
  bool on_ready_to_send();
  void note();
  failure unavailable(CURLcode result) const;

  static std::size_t header_callback(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t body_callback(char* bytes, std::size_t size, std::size_t count, void* self);
  static int ready_callback(void* self, char*, char*, int, int);
  static int progress_callback(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded);
  static curl_socket_t socket_callback(void*, curlsocktype, curl_sockaddr* address);
  static CURLcode certificates_callback(CURL*, void* context, void* self);

  http_request request_;
  std::shared_ptr<curl_inbox> inbox_;
  std::shared_ptr<const extra_certificates> certificates_;
  std::string peer_;       // host:port, for messages
  bool loopback_ = false;  // the host, as written
  head_reader head_;
  std::unique_ptr<curl_slist, release> headers_;
  std::unique_ptr<CURL, release> handle_;  // goes before what it points to

  clock::time_point opened_ = clock::now();
  clock::time_point last_byte_ = opened_;
  curl_off_t uploaded_ = 0;
  bool sent_ = false;    // a connection stands, the request went out
  bool resent_ = false;  // libcurl wanted to send it once more
  bool too_large_ = false;
  bool paused_ = false;
  std::vector<std::shared_ptr<curl_inbox>>* notes_ = nullptr;
  bool in_notes_ = false;
};

}  // namespace troupe::upstream
