#include "luna_client.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>

namespace troupe::crash {
namespace {

namespace json = boost::json;
using test::ws_client;

constexpr std::chrono::seconds limit{60};
constexpr std::size_t most_facts = 900;  // the server lists at most 1000

/// A capitalised word for each number.
std::string name_of(unsigned client, unsigned number) {
  static constexpr const char* syllables[] = {"ba", "ko", "li", "mu", "ne", "ra", "so", "ti", "vu", "ze"};
  std::string out;
  for (auto left = 1000000u * (client + 1) + number; left > 0; left /= 10) out += syllables[left % 10];
  out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

}  // namespace

luna_client::luna_client(client_book& book, std::uint16_t port, std::uint64_t seed, bool graceful)
    : book_(book), port_(port), graceful_(graceful), random_(seed) {}

void luna_client::connect() {
  socket_.reset();
  left_behind_ = 0;
  try {
    socket_.emplace(port_, "/ws", test::ws_options{.token = book_.token});
  } catch (const std::exception&) {
    throw connection_over{false};
  }
}

void luna_client::send(const json::object& message) {
  try {
    socket_->send(json::serialize(message));
  } catch (const boost::system::system_error&) {
    // What the server said before it ended is still to be read.
    while (auto text = socket_->try_receive(limit)) handle(json::parse(*text).as_object());
    throw connection_over{false};
  }
}

json::object luna_client::receive() {
  auto text = socket_->try_receive(limit);
  if (!text) throw connection_over{};
  return json::parse(*text).as_object();
}

void luna_client::until_answered(std::size_t left) {
  while (now_ && now_->pending.size() > left) handle(receive());
}

void luna_client::verify(bool all) {
  constexpr std::size_t sampled = 6;
  try {
    connect();
    auto& known = book_.conversations;
    for (auto& each : known) each->pending.clear();
    std::vector<conversation*> chosen;
    for (std::size_t i = 0; i < known.size(); ++i)
      if (all || known[i]->touched || random_() % known.size() < sampled) chosen.push_back(known[i].get());
    // Which one goes on afterwards changes.
    if (!chosen.empty()) std::swap(chosen[random_() % chosen.size()], chosen.back());
    for (auto* each : chosen) {
      if (now_) stop();
      if (chance(10)) connect();
      resume(*each, true);
    }
    if (!now_ || chance(40)) begin_new();
  } catch (const connection_over&) {
    found.push_back("the connection ended while the conversations were resumed");
  } catch (const std::exception& error) {
    found.push_back(std::string("while the conversations were resumed: ") + error.what());
  }
}

void luna_client::resume(conversation& which, bool restarted) {
  const auto known = restarted ? 0 : which.log().size();
  json::object message{{"type", "resume_text_session"}, {"session_id", which.id}, {"after_number", known}};
  if (!restarted && !which.pending.empty() && !which.pending.front().turn.empty()) {
    auto& turn = which.pending.front().turn;
    message["turn"] = turn;
    message["offset"] = which.told[turn].streamed.size();
  }
  send(message);
  json::object answer;
  for (;;) {
    answer = receive();
    if (answer["type"] == "text_session_resumed") break;
    if (answer["type"] == "text_session_resume_error") {
      if (graceful_ && !restarted) throw connection_over{false};
      throw std::runtime_error("session " + which.id + " cannot be resumed: " + json::serialize(answer) + "\n"
                               + which.describe());
    }
    handle(answer);
  }
  std::vector<event> events;
  for (auto& item : answer["events"].as_array()) {
    auto& from = item.as_object();
    auto text = [&](const char* name) { return from.contains(name) ? std::string(from[name].as_string()) : ""; };
    events.push_back({from["number"].to_number<std::uint64_t>(), text("kind"), text("turn"),
                      from["at"].to_number<std::int64_t>(), text("text")});
  }
  const auto* open = answer.if_contains("open_turn");
  const auto open_turn = open ? std::string(open->as_object().at("turn").as_string()) : "";
  which.pending.clear();
  now_ = &which;
  which.take(known, std::move(events), open_turn, restarted, found);
  which.touched = !restarted;
  if (answer["last_number"].to_number<std::uint64_t>() != which.log().size())
    problem("session " + which.id + ": last_number is not that of the last event", {{"last", answer["last_number"]}});
  if (open) take_open_turn(which, open->as_object());
}

/// The answer goes on where this client had left it.
void luna_client::take_open_turn(conversation& which, const json::object& open) {
  const std::string turn(open.at("turn").as_string());
  auto& told = which.told[turn];
  if (told.user_number == 0 && !which.log().empty()) {
    told.user_number = which.log().back().number;
    told.marker = find_marker(which.log().back().text);
  }
  told.whole = false;
  // From the beginning if it is another answer than the one this client was reading.
  const auto offset = open.at("offset").to_number<std::uint64_t>();
  if (offset != told.streamed.size() && offset != 0) problem("open_turn does not go on where the client is", open);
  const std::string data(open.at("data").as_string());
  if (offset == 0 && !data.starts_with(told.streamed)) problem("open_turn is not what was streamed", open);
  told.streamed.resize(std::min<std::size_t>(offset, told.streamed.size()));
  told.streamed += data;
  // One that was stopped ends with that, or with its answer if that came first.
  if (!which.stopped) which.pending.push_back({told.marker, false, turn});
}

void luna_client::stop() {
  send({{"type", "stop_text_session"}});
  now_->stopped = true;
  left_behind_ += now_->pending.size();
  now_->pending.clear();
  now_ = nullptr;
}

void luna_client::begin_new() {
  if (now_) stop();
  unnamed_ = conversation();
  now_ = &unnamed_;
}

void luna_client::request_something() {
  const auto marker = marker_of(book_.number, ++book_.requests);
  const bool whole = chance(40);
  static constexpr const char* actions[] = {"chat", "chat", "explain", "rewrite"};
  const std::string action = actions[random_() % 4];
  static constexpr const char* texts[] = {
      " is a word in a short text.", ": naïve Käse, größer als 5 € 🙂.",
      " stands here. The ferry leaves at nine, and the bridge is closed for repairs "
      "until the end of the month. Nobody has said why it takes so long."};
  json::object message{{"type", whole ? "start_text_session" : "text_action"}, {"action", action}, {"numbered", true}};
  message[whole ? "selected_text" : "text"] = marker + texts[random_() % 3];
  if (action == "chat") {
    static constexpr const char* things[] = {"cat", "boat", "sister", "house", "street", "school", "neighbour", "band"};
    if (book_.facts.size() < most_facts && chance(50)) {
      const auto fact =
          std::string("My ") + things[random_() % 8] + " is called " + name_of(book_.number, book_.requests) + ".";
      book_.facts.emplace(fact, marker);
      message["additional_prompt"] = fact;
    } else {
      message["additional_prompt"] = std::string("What is my ") + things[random_() % 8] + " called?";
    }
  }
  now_->pending.push_back({marker, whole, {}});
  send(message);
}

/// Some in a row, and not always all the answers before the next.
void luna_client::talk() {
  for (auto count = 1 + random_() % 5; count > 0; --count) request_something();
  until_answered(chance(70) ? 0 : random_() % 3);
}

void luna_client::drop_and_resume() {
  auto& which = *now_;
  socket_->drop();
  connect();
  now_ = nullptr;
  ++resumed;
  resume(which, false);
}

void luna_client::play() {
  for (;;) {
    talk();
    if (now_->id.empty()) until_answered(0);
    const auto next = random_() % 100;
    if (now_->id.empty()) continue;  // a shutdown refused it
    if (next < 12) {
      begin_new();
    } else if (next < 20) {
      // Back to a conversation of before.
      stop();
      ++resumed;
      resume(*book_.conversations[random_() % book_.conversations.size()], false);
    } else if (next < 30) {
      drop_and_resume();
    }
  }
}

void luna_client::load() {
  if (!found.empty() || !socket_) return;
  now_->touched = true;
  try {
    play();
  } catch (const connection_over& how) {
    at_the_end(how.told);
  } catch (const std::exception& error) {
    found.push_back(std::string("while it talked: ") + error.what());
  }
}

void luna_client::at_the_end(bool told) {
  if (!graceful_ || !told) return;
  if (socket_->close_code() != 1001)
    found.push_back("the connection was closed with " + std::to_string(socket_->close_code()) + ", not with 1001");
  if (!now_) return;
  for (auto& each : now_->pending)
    if (!each.turn.empty())
      found.push_back("turn " + each.turn + " of session " + now_->id + " was not ended at shutdown\n"
                      + now_->describe());
}

}  // namespace troupe::crash
