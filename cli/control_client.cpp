#include "cli/control_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <optional>

namespace troupe::cli {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint64_t answer_limit = 256 * 1024 * 1024;

/// One request on a connected socket.
template <class Socket>
expected<control_answer> exchange(asio::io_context& context, Socket& socket, const control_request& wanted,
                                  const std::string& host) {
  http::request<http::string_body> request;
  request.method_string(wanted.method);
  request.target(wanted.target);
  request.version(11);
  request.set(http::field::host, host);
  request.set(http::field::connection, "close");
  if (!wanted.token.empty()) request.set(http::field::authorization, "Bearer " + wanted.token);
  if (!wanted.body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = wanted.body;
  request.prepare_payload();

  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_limit);
  std::optional<boost::system::error_code> outcome;
  http::async_write(socket, request, [&](boost::system::error_code error, std::size_t) {
    if (error) {
      outcome = error;
      return;
    }
    http::async_read(socket, buffer, parser, [&](boost::system::error_code failed, std::size_t) { outcome = failed; });
  });
  context.restart();
  context.run_for(wanted.limit);
  if (!outcome) return failure{failure_kind::timeout, "the server did not answer within the time limit"};
  if (*outcome) return failure{failure_kind::unavailable, "the server did not answer: " + outcome->message()};
  return control_answer{parser.get().result_int(), parser.get().body()};
}

}  // namespace

std::filesystem::path control_socket(const std::filesystem::path& data_dir) {
  return data_dir / "troupe.sock";
}

expected<control_answer> ask_local(const std::filesystem::path& data_dir, const control_request& request) {
  const auto path = control_socket(data_dir).string();
  asio::io_context context;
  asio::local::stream_protocol::socket socket(context);
  boost::system::error_code error;
  if (path.size() >= 108) return failure{failure_kind::invalid, "DATA_DIR: its path is too long for a control socket"};
  socket.connect(asio::local::stream_protocol::endpoint(path), error);
  if (error == boost::system::errc::no_such_file_or_directory || error == boost::system::errc::connection_refused)
    return failure{failure_kind::not_found, "no server is running on " + data_dir.string()};
  if (error) return failure{failure_kind::unavailable, path + ": " + error.message()};
  return exchange(context, socket, request, "localhost");
}

expected<control_answer> ask_remote(const std::string& url, const control_request& request) {
  auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "http" || parsed->host().empty())
    return failure{failure_kind::invalid, "--url: must look like http://host:port"};
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  boost::system::error_code error;
  const std::string port = parsed->has_port() ? std::string(parsed->port()) : "80";
  auto found = resolver.resolve(std::string(parsed->host_address()), port, error);
  if (error) return failure{failure_kind::unavailable, url + ": " + error.message()};
  asio::ip::tcp::socket socket(context);
  asio::connect(socket, found, error);
  if (error) return failure{failure_kind::unavailable, url + ": " + error.message()};
  return exchange(context, socket, request, std::string(parsed->encoded_host_and_port()));
}

}  // namespace troupe::cli
