#include "net/dialects/luna/client_relays.hpp"

#include <utility>
#include <vector>

namespace troupe::luna {

void client_relays::enter(const std::string& client_id, caf::actor connection) {
  std::lock_guard lock(mutex_);
  clients_[client_id].connection = std::move(connection);
}

void client_relays::leave(const std::string& client_id) {
  client left;  // its handle goes outside the lock: it may be the actor's last
  std::vector<std::shared_ptr<net::http_responder>> failed;
  {
    std::lock_guard lock(mutex_);
    const auto found = clients_.find(client_id);
    if (found == clients_.end()) return;
    left = std::move(found->second);
    clients_.erase(found);
    if (left.waiting > 0)
      std::erase_if(callers_, [&](auto& each) {
        if (each.second.client_id != client_id) return false;
        failed.push_back(std::move(each.second.to));
        return true;
      });
  }
  for (auto& to : failed) to->respond(client_not_connected());
}

caf::actor client_relays::find(const std::string& client_id) const {
  std::lock_guard lock(mutex_);
  const auto found = clients_.find(client_id);
  return found == clients_.end() ? caf::actor() : found->second.connection;
}

client_relays::outcome client_relays::wait(const std::string& client_id, const std::string& request_id,
                                           std::shared_ptr<net::http_responder> to) {
  std::lock_guard lock(mutex_);
  const auto found = clients_.find(client_id);
  if (found == clients_.end()) return outcome::unknown_client;
  if (found->second.waiting >= most_waiting) return outcome::too_many;
  ++found->second.waiting;
  callers_.emplace(request_id, caller{client_id, std::move(to)});
  return outcome::waiting;
}

void client_relays::finish(const std::string& request_id, net::http_response response) {
  std::shared_ptr<net::http_responder> to;
  {
    std::lock_guard lock(mutex_);
    const auto found = callers_.find(request_id);
    if (found == callers_.end()) return;
    to = std::move(found->second.to);
    if (auto of = clients_.find(found->second.client_id); of != clients_.end()) --of->second.waiting;
    callers_.erase(found);
  }
  to->respond(std::move(response));
}

net::http_response client_not_connected() {
  return net::detail_response(404, "Client not connected");
}

net::http_response relayed_answer(const std::string& data) {
  return {.body = data.empty() ? R"({"error":"Empty response data"})" : data};
}

net::http_response passed_on() {
  return {.status = 202, .content_type = {}};
}

net::http_response late_answer() {
  return {.body = R"({"error":"Request timeout - no response from client"})"};
}

}  // namespace troupe::luna
