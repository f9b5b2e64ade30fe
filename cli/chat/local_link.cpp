#include "cli/chat/chat_program.hpp"

namespace troupe::chat {

expected<std::unique_ptr<character_link>> make_local_link(const config::settings&, const client_environment&,
                                                          const client_folders&) {
  return failure{failure_kind::unavailable, "characters in this program are not built in; name a server with --remote"};
}

}  // namespace troupe::chat
