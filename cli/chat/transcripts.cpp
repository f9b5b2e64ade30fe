#include "cli/chat/transcripts.hpp"

#include "cli/chat/file_writing.hpp"
#include "cli/chat/json_fields.hpp"
#include "cli/chat/network_text.hpp"
#include "cli/chat/pending_replies.hpp"
#include "net/json.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace troupe::chat {

namespace json = boost::json;

namespace {

constexpr const char* index_name = "conversation_index.json";

std::string text_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

json::object message_of(const char* role, std::string_view text, const std::string& time) {
  return {{"role", role}, {"message", net::repair_utf8(text)}, {"timestamp", time}};
}

}  // namespace

std::string transcript_id(std::string_view given) {
  std::string out;
  for (char c : given) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') out += c;
  }
  return out.empty() ? "anonymous" : out.substr(0, 100);
}

expected<transcripts> transcripts::open(std::filesystem::path folder, std::string_view user,
                                        std::string_view character) {
  transcripts out;
  out.folder_ = std::move(folder);
  out.user_ = transcript_id(user);
  out.character_ = transcript_id(character);
  std::error_code code;
  if (std::filesystem::exists(out.file(), code)) {
    auto read = read_object(text_of_file(out.file()));
    const auto* messages = read ? read->if_contains("messages") : nullptr;
    if (messages == nullptr || !messages->is_array())
      return failure{failure_kind::corrupt, out.file().string() + " is no transcript; it is left as it is"};
    out.document_ = std::move(*read);
    return out;
  }
  const auto now = local_timestamp();
  out.document_ = {{"conversation_id", random_uuid()},
                   {"user_id", out.user_},
                   {"character_id", out.character_},
                   {"created", now},
                   {"last_updated", now},
                   {"message_count", 0},
                   {"messages", json::array()},
                   {"metadata", json::object()}};
  return out;
}

std::filesystem::path transcripts::file() const {
  return folder_ / (user_ + "-" + character_ + ".json");
}

expected<void> transcripts::append(std::string_view said, std::string_view answered) {
  const auto now = local_timestamp();
  auto& messages = document_["messages"].as_array();
  messages.push_back(message_of("user", said, now));
  messages.push_back(message_of("character", answered, now));
  document_["message_count"] = messages.size();
  document_["last_updated"] = now;
  if (auto written = write_whole(file(), indented(document_)); !written) return written;
  return write_index();
}

json::object transcripts::read_index() const {
  auto read = read_object(text_of_file(folder_ / index_name));
  return read ? std::move(*read) : json::object();
}

expected<void> transcripts::write_index() const {
  auto index = read_index();
  json::object entry;
  for (const char* key : {"user_id", "character_id", "created", "last_updated", "message_count"})
    if (const auto* value = document_.if_contains(key)) entry[key] = *value;
  entry["file"] = file().filename().string();
  index[text_field(document_, "conversation_id", file().stem().string())] = std::move(entry);
  return write_whole(folder_ / index_name, indented(index));
}

std::vector<transcripts::message> transcripts::newest(std::size_t count) const {
  std::vector<message> out;
  const auto& all = array_field(document_, "messages");
  for (auto i = all.size() > count ? all.size() - count : 0; i < all.size(); ++i) {
    if (!all[i].is_object()) continue;
    const auto& each = all[i].get_object();
    out.push_back({one_line(text_field(each, "role")),
                   clean_text(text_field(each, "message", text_field(each, "content"))),
                   one_line(text_field(each, "timestamp"))});
  }
  return out;
}

std::vector<transcripts::listed> transcripts::conversations() const {
  std::vector<listed> out;
  for (auto& [id, value] : read_index()) {
    if (!value.is_object() || text_field(value.get_object(), "user_id") != user_) continue;
    const auto& each = value.get_object();
    out.push_back({one_line(text_field(each, "character_id")), one_line(text_field(each, "last_updated")),
                   count_field(each, "message_count")});
  }
  std::ranges::sort(out, std::greater<>(), &listed::last_updated);
  return out;
}

}  // namespace troupe::chat
