#include "cli/chat/remote_link.hpp"

#include "cli/chat/remote_engine.hpp"

namespace troupe::chat {

expected<std::unique_ptr<remote_link>> remote_link::make(remote_options options) {
  auto to = websocket_address::of(options.url);
  if (!to) return to.error();
  auto made = std::make_shared<engine>(std::move(options), std::move(*to));
  made->start();
  return std::unique_ptr<remote_link>(new remote_link(std::move(made)));
}

remote_link::remote_link(std::shared_ptr<engine> made) : engine_(std::move(made)) {}

remote_link::~remote_link() {
  close();
}

void remote_link::listen(listeners with) {
  engine_->listen(std::move(with));
}

void remote_link::connect(std::function<void(expected<void>)> done) {
  engine_->connect(std::move(done));
}

void remote_link::request(boost::json::object fields, answered done) {
  engine_->request(std::move(fields), std::move(done));
}

void remote_link::close() {
  engine_->stop();
}

std::string remote_link::where() const {
  return engine_->options().url;
}

}  // namespace troupe::chat
