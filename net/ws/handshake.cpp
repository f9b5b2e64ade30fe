#include "net/ws/handshake.hpp"

#include <openssl/evp.h>

#include <array>

namespace troupe::net {

std::optional<std::string> websocket_accept(std::string_view key) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (key.size() != 24 || !key.ends_with("==")) return std::nullopt;
  if (key.substr(0, 22).find_first_not_of(alphabet) != std::string_view::npos) return std::nullopt;
  const auto salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(salted.data(), salted.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return std::nullopt;
  std::array<unsigned char, 64> text;
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return std::string(reinterpret_cast<char*>(text.data()), static_cast<std::size_t>(length));
}

std::string switching_protocols(std::string_view accept) {
  std::string out =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
  out.append(accept);
  out += "\r\n\r\n";
  return out;
}

}  // namespace troupe::net
