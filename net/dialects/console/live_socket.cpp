#include "net/dialects/console/live_socket.hpp"

#include "net/dialects/console/answer_print.hpp"
#include "net/dialects/console/watch_list.hpp"
#include "net/io_threads.hpp"
#include "net/json.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <optional>

namespace troupe::console {
namespace {

constexpr std::size_t most_sockets = 100;
constexpr std::size_t most_unsent = 256 * 1024;

std::string valid_utf8(std::string text) {
  return net::is_valid_utf8(text) ? std::move(text) : net::repair_utf8(text);
}

/// What all live sockets share.
struct live_context {
  ask_inspector_function ask;
  std::shared_ptr<gatekeeper> gate;
  std::atomic<std::size_t> open{0};
};

/// Shared only so that answers and timers can find out that it is gone.
class live_feed final : public std::enable_shared_from_this<live_feed> {
 public:
  live_feed(std::shared_ptr<live_context> context, std::shared_ptr<transport> out, caller who,
            std::shared_ptr<net::io_gate> thread)
      : context_(std::move(context)),
        out_(std::move(out)),
        who_(std::move(who)),
        thread_(std::move(thread)),
        timer_(thread_->context()) {}

  void on_message(std::string_view text) {
    if (!may_go_on()) return;
    auto wanted = parse_watch_list(text);
    if (!wanted) return complain(wanted.error().message);
    ++round_;
    watches_.clear();
    for (auto& entry : wanted->entries) watches_.push_back({std::move(entry)});
    every_ = wanted->every;
    ask_due();
    wait();
  }

  void complain(const std::string& detail) {
    out_->send(shared_bytes(net::detail_response(400, valid_utf8(detail)).body), 0);
  }

 private:
  struct watch {
    watch_list::entry wanted;
    bool due = true;
    bool asked = false;
    std::optional<answer_print> sent = {};
  };

  bool may_go_on() {
    if (context_->gate->still_holds(who_)) return true;
    out_->close(1008, "the session has ended: log in again");
    return false;
  }

  void wait() {
    timer_.expires_after(every_);  // also cancels the wait before
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      if (error) return;
      if (auto self = weak.lock()) self->on_tick();
    });
  }

  void on_tick() {
    if (!may_go_on()) return;
    for (auto& each : watches_) each.due = true;
    ask_due();
    wait();
  }

  void ask_due() {
    for (std::size_t i = 0; i < watches_.size() && under_way_ < most_watches; ++i) {
      auto& each = watches_[i];
      if (!each.due || each.asked) continue;
      each.due = false;
      each.asked = true;
      ++under_way_;
      auto query = each.wanted.query;
      query.who = who_.who;
      query.may_act = who_.may_act;
      context_->ask(std::move(query), [weak = weak_from_this(), thread = thread_, round = round_, i](auto answer) {
        thread->post([weak, round, i, answer = std::move(answer)]() mutable {
          if (auto self = weak.lock()) self->on_answer(round, i, std::move(answer));
        });
      });
    }
  }

  void on_answer(std::uint64_t round, std::size_t index, inspect_answer answer) {
    --under_way_;
    if (round == round_) take(watches_[index], std::move(answer));
    ask_due();  // what had to wait for a free place
  }

  void take(watch& from, inspect_answer answer) {
    from.asked = false;
    const auto print = print_of(answer.status, answer.json);
    if (from.sent == print || out_->queued_bytes() > most_unsent) return;
    from.sent = print;
    std::string frame = "{\"key\":";
    net::append_json_string(frame, from.wanted.key);
    frame += ",\"status\":" + std::to_string(answer.status) + ",\"body\":";
    frame += answer.json.empty() ? "null" : valid_utf8(std::move(answer.json));
    frame += '}';
    out_->send(shared_bytes(std::move(frame)), 0);
  }

  const std::shared_ptr<live_context> context_;
  const std::shared_ptr<transport> out_;
  const caller who_;
  const std::shared_ptr<net::io_gate> thread_;
  boost::asio::steady_timer timer_;
  std::vector<watch> watches_;
  std::chrono::milliseconds every_{1000};
  std::uint64_t round_ = 0;  ///< of watch lists: a late answer belongs to an older one
  std::size_t under_way_ = 0;
};

class live_handler final : public net::websocket_handler {
 public:
  live_handler(std::shared_ptr<live_context> context, std::shared_ptr<live_feed> feed)
      : context_(std::move(context)), feed_(std::move(feed)) {}
  ~live_handler() override { --context_->open; }

  void on_text(shared_bytes text) override { feed_->on_message(text.view()); }
  void on_binary(std::uint64_t) override { feed_->complain("messages must be text"); }
  void on_close(std::uint16_t, std::string) override { feed_.reset(); }

 private:
  const std::shared_ptr<live_context> context_;
  std::shared_ptr<live_feed> feed_;
};

std::unique_ptr<net::websocket_handler> connect(const std::shared_ptr<live_context>& context,
                                                std::shared_ptr<transport> out, const net::upgrade_request& request) {
  auto verdict = context->gate->admit(request, intent::watch);
  if (!verdict.who) {
    // Not before the handshake: a page does not get to see why that failed.
    out->close(verdict.why.status == 429 ? 1013 : 1008, verdict.why.detail);
    return nullptr;
  }
  if (++context->open > most_sockets) {
    --context->open;
    return nullptr;  // 1013
  }
  auto feed = std::make_shared<live_feed>(context, std::move(out), std::move(*verdict.who), request.thread);
  return std::make_unique<live_handler>(context, std::move(feed));
}

}  // namespace

net::websocket_factory live_sockets(ask_inspector_function ask, std::shared_ptr<gatekeeper> gate) {
  auto context = std::make_shared<live_context>();
  context->ask = std::move(ask);
  context->gate = std::move(gate);
  return [context](std::shared_ptr<transport> out, const net::upgrade_request& request) {
    return connect(context, std::move(out), request);
  };
}

}  // namespace troupe::console
