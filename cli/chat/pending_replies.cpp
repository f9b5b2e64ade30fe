#include "cli/chat/pending_replies.hpp"

#include "cli/chat/json_fields.hpp"
#include "runtime/local_timestamp.hpp"
#include "runtime/system_random.hpp"

#include <boost/json/serialize.hpp>

#include <vector>

namespace troupe::chat {

namespace json = boost::json;

std::string random_uuid() {
  static system_random source;
  return source.uuid();
}

std::string local_timestamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return troupe::local_timestamp(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

std::string pending_replies::add(json::object fields, std::chrono::milliseconds limit, character_link::answered done) {
  const auto id = random_uuid();
  fields["message_id"] = id;
  fields["timestamp"] = local_timestamp();
  auto deadline = std::make_unique<boost::asio::steady_timer>(context_, limit);
  deadline->async_wait([this, id, limit](const boost::system::error_code& error) {
    if (error) return;
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return;
    auto late = std::move(found->second.done);
    waiting_.erase(found);
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%g", static_cast<double>(limit.count()) / 1000);
    late(failure{failure_kind::timeout, std::string("no answer within ") + seconds + " s"});
  });
  waiting_.emplace(id, pending{std::move(done), std::move(deadline)});
  return json::serialize(fields);
}

std::optional<json::object> pending_replies::take(std::string_view frame) {
  auto document = read_object(frame);
  if (!document) return std::nullopt;  // garbage answers nothing
  const auto* id = document->if_contains("message_id");
  if (id == nullptr || id->is_null()) return std::move(*document);
  const auto found = id->is_string() ? waiting_.find(std::string_view(id->get_string())) : waiting_.end();
  if (found == waiting_.end()) return std::nullopt;
  auto done = std::move(found->second.done);
  waiting_.erase(found);
  done(std::move(*document));
  return std::nullopt;
}

void pending_replies::fail_all(const failure& why) {
  auto all = std::move(waiting_);
  waiting_.clear();
  for (auto& [id, each] : all) each.done(why);
}

}  // namespace troupe::chat
