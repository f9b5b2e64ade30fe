#include "net/upstream/curl_loop.hpp"

#include <algorithm>

namespace troupe::upstream {

curl_loop::curl_loop(std::size_t kept_connections) : multi_(curl_multi_init()) {
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(std::max<std::size_t>(kept_connections, 1)));
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, socket_callback);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, timer_callback);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

curl_loop::~curl_loop() {
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

int curl_loop::socket_callback(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<curl_loop*>(self)->sockets_.set(socket, what);
  return 0;
}

/// Called from within libcurl, which must not be entered again: only noted.
int curl_loop::timer_callback(CURLM*, long wait_ms, void* self) {
  auto& timer = static_cast<curl_loop*>(self)->timer_;
  if (wait_ms < 0)
    timer.reset();
  else
    timer = clock::now() + std::chrono::milliseconds(wait_ms);
  return 0;
}

bool curl_loop::push(command given) {
  std::lock_guard guard(mutex_);
  if (stopping_) return false;
  commands_.push_back(std::move(given));
  if (commands_.size() == 1) sockets_.wake();
  return true;
}

void curl_loop::start(std::unique_ptr<curl_exchange> exchange) {
  auto inbox = exchange->inbox();
  if (!push({command::kind::start, inbox, std::move(exchange)}))
    inbox->end({failure_kind::interrupted, "the server is shutting down"});
}

void curl_loop::abort(std::shared_ptr<curl_inbox> inbox) {
  push({command::kind::abort, std::move(inbox), nullptr});
}

void curl_loop::resume(std::shared_ptr<curl_inbox> inbox) {
  push({command::kind::resume, std::move(inbox), nullptr});
}

void curl_loop::stop() {
  std::lock_guard guard(mutex_);
  stopping_ = true;
  sockets_.wake();
}

void curl_loop::run() {
  while (obey()) {
    tell_time();
    read_notes();
    take_finished();
    check_limits();
    wake_readers();
    int running = 0;
    for (auto& [socket, events] : sockets_.wait(longest_wait()))
      curl_multi_socket_action(multi_, socket, events, &running);
  }
  end_all();
}

/// Once a round, even if libcurl wants more at once: the sockets have their turn between.
void curl_loop::tell_time() {
  if (!timer_ || *timer_ > clock::now()) return;
  timer_.reset();
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

bool curl_loop::obey() {
  std::vector<command> given;
  bool stopping = false;
  {
    std::lock_guard guard(mutex_);
    given.swap(commands_);
    stopping = stopping_;
  }
  for (auto& [what, inbox, exchange] : given) {
    if (what == command::kind::start) {
      begin(std::move(exchange));
      continue;
    }
    const auto at = entries_.find(inbox.get());
    if (at == entries_.end()) continue;  // it has ended meanwhile
    if (what == command::kind::abort) {
      remove(at, true);
    } else if (const auto result = at->second.exchange->resume(); result != CURLE_OK) {
      finish(at, at->second.exchange->outcome(result));
    }
  }
  return !stopping;
}

void curl_loop::begin(std::unique_ptr<curl_exchange> exchange) {
  auto* inbox = exchange->inbox().get();
  exchange->note_in(notes_);
  const auto at = entries_.emplace(inbox, entry{std::move(exchange), std::nullopt}).first;
  watch(inbox, at->second);
  if (curl_multi_add_handle(multi_, at->second.exchange->handle()) != CURLM_OK)
    finish(at, {failure_kind::internal, "libcurl does not take the request"});
}

void curl_loop::read_notes() {
  for (auto& inbox : notes_) {
    const auto at = entries_.find(inbox.get());
    if (at == entries_.end()) continue;
    at->second.exchange->noted();
    watch(inbox.get(), at->second);
    to_wake_.push_back(std::move(inbox));
  }
  notes_.clear();
}

void curl_loop::take_finished() {
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto result = message->data.result;
    curl_inbox* inbox = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &inbox);
    const auto at = entries_.find(inbox);
    if (at != entries_.end()) finish(at, at->second.exchange->outcome(result));
  }
}

/// Sees to it that the exchange is looked at when its next limit may pass. A
/// limit that has moved on is noticed then, so a byte costs no change of the set.
void curl_loop::watch(curl_inbox* inbox, entry& of) {
  const auto next = of.exchange->next_deadline();
  if (!next || (of.check && *of.check <= *next)) return;
  if (of.check) checks_.erase({*of.check, inbox});
  checks_.emplace(*next, inbox);
  of.check = next;
}

void curl_loop::check_limits() {
  const auto now = clock::now();
  while (!checks_.empty() && checks_.begin()->first <= now) {
    auto* inbox = checks_.begin()->second;
    checks_.erase(checks_.begin());
    const auto at = entries_.find(inbox);
    at->second.check.reset();
    if (auto passed = at->second.exchange->passed_limit(now))
      finish(at, *std::move(passed));
    else
      watch(inbox, at->second);
  }
}

void curl_loop::finish(entries::iterator at, failure error) {
  auto inbox = at->second.exchange->inbox();
  remove(at, error.kind != failure_kind::none);
  inbox->end(std::move(error));
  to_wake_.push_back(std::move(inbox));
}

void curl_loop::remove(entries::iterator at, bool early) {
  // Over HTTP/2 libcurl 7.88 would keep the connection and not tell the server.
  if (early) curl_easy_setopt(at->second.exchange->handle(), CURLOPT_FORBID_REUSE, 1L);
  if (at->second.check) checks_.erase({*at->second.check, at->first});
  curl_multi_remove_handle(multi_, at->second.exchange->handle());
  entries_.erase(at);
}

/// Apart from libcurl's callbacks: a `wake` may do anything but block.
void curl_loop::wake_readers() {
  for (auto& inbox : to_wake_) inbox->notify();
  to_wake_.clear();
}

void curl_loop::end_all() {
  while (!entries_.empty()) finish(entries_.begin(), {failure_kind::interrupted, "the server is shutting down"});
  notes_.clear();
  wake_readers();
  // Now, since transfers that outlive the client keep this object.
  curl_multi_cleanup(std::exchange(multi_, nullptr));
}

std::chrono::milliseconds curl_loop::longest_wait() const {
  constexpr std::chrono::milliseconds longest = std::chrono::minutes(1);
  if (checks_.empty() && !timer_) return longest;
  auto next = checks_.empty() ? *timer_ : checks_.begin()->first;
  if (timer_) next = std::min(next, *timer_);
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()), std::chrono::milliseconds(0),
                    longest);
}

}  // namespace troupe::upstream
