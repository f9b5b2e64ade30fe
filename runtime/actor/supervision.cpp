#include "runtime/actor/supervision.hpp"

#include "config/quote.hpp"
#include "runtime/actor/hooks.hpp"
#include "runtime/failure.hpp"
#include "runtime/inspection/dead_letters.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/pretty_type_name.hpp>
#include <caf/result.hpp>
#include <caf/system_messages.hpp>
#include <caf/uniform_type_info_map.hpp>

#include <algorithm>

namespace troupe::supervision {
namespace {

void report_current(caf::scheduled_actor* self, const actor_cell& cell, actor_event_kind kind) {
  const auto* element = self->current_mailbox_element();
  if (!element) return report({kind, cell, {}, 0});
  const auto type = first_type(*element);
  if (kind == actor_event_kind::unexpected_message || kind == actor_event_kind::stray_error)
    dead_letters::note(
        kind == actor_event_kind::stray_error ? dead_letters::kind::stray_error : dead_letters::kind::unexpected, cell,
        type, element->sender ? element->sender->id() : 0);
  const std::string name = type == caf::rtti_pair{0, nullptr} ? "empty" : self->system().types().portable_name(type);
  report({kind, cell, name, element->sender ? element->sender->id() : 0});
}

}  // namespace

bool passes_bound(const caf::mailbox_element& x) noexcept {
  if (!x.mid.is_normal_message() || x.mid.is_response()) return true;
  const auto type = first_type(x);
  return is_for_base(type) || ends_actor(type) || type.first == caf::type_nr<caf::down_msg>::value;
}

void shed(actor_cell& cell, const caf::mailbox_element& x, caf::execution_unit* unit) {
  dead_letters::note(dead_letters::kind::shed, cell, first_type(x), x.sender ? x.sender->id() : 0);
  cell.enqueued.fetch_sub(1, std::memory_order_relaxed);
  cell.shed.fetch_add(1, std::memory_order_relaxed);
  if (!x.mid.is_request() || !x.sender) return;
  auto answer = to_error({failure_kind::busy, "the mailbox of the actor \"" + cell.role + "\" is full"});
  x.sender->get()->enqueue(nullptr, x.mid.response_id(), caf::make_message(std::move(answer)), unit);
}

void note_dead(const actor_cell& cell, const caf::mailbox_element& x) {
  const auto type = first_type(x);
  const bool of_caf =
      type.first == caf::type_nr<caf::exit_msg>::value || type.first == caf::type_nr<caf::down_msg>::value;
  if (of_caf || x.mid.is_response()) return;
  // A deadline it had set itself and no longer needs.
  if (x.sender && x.sender->id() == cell.number) return;
  dead_letters::note(dead_letters::kind::ended, cell, type, x.sender ? x.sender->id() : 0);
}

message_ring::entry record(message_ring& ring, const caf::mailbox_element& x, const caf::rtti_pair& type,
                           std::int64_t began_ns) {
  message_ring::entry one;
  one.began_ns = began_ns;
  one.type = type;
  one.sender = x.sender ? x.sender->id() : 0;
  if (const auto arrived = ring.taken(&x)) one.wait_ns = began_ns - *arrived;
  if (ring.wants_contents(began_ns))
    one.contents = config::shortened(caf::to_string(x.content()), message_ring::contents_limit);
  return one;
}

bool ends_actor(const caf::rtti_pair& type) noexcept {
  return type.first == caf::type_nr<caf::exit_msg>::value;
}

std::string describe(std::exception_ptr fault) {
  try {
    std::rethrow_exception(std::move(fault));
  } catch (const std::exception& error) {
    return caf::detail::pretty_type_name(typeid(error)) + ": " + std::string(error.what()).substr(0, 200);
  } catch (...) {
    return "an exception of unknown type";
  }
}

caf::error fault_answer() {
  return to_error({failure_kind::internal, "the actor failed while it handled the request and was restarted"});
}

void install_quiet_handlers(caf::scheduled_actor& self, actor_cell& cell) {
  using base = caf::scheduled_actor;
  auto* known = &cell;
  self.set_default_handler(base::default_handler{[known](base* ptr, caf::message_view&) -> caf::result<caf::message> {
    report_current(ptr, *known, actor_event_kind::unexpected_message);
    // CAF sends the result of an asynchronous message back as a message of its
    // own; only an empty one is suppressed.
    if (!ptr->current_message_id().is_request()) return caf::message{};
    return to_error({failure_kind::invalid, "the actor \"" + known->role + "\" takes no such message"});
  }});
  self.set_error_handler(base::error_handler{
      [known](base* ptr, caf::error&) { report_current(ptr, *known, actor_event_kind::stray_error); }});
  self.set_down_handler(base::down_handler{
      [known](base* ptr, caf::down_msg&) { report_current(ptr, *known, actor_event_kind::stray_down); }});
  self.set_exit_handler(base::exit_handler{&base::default_exit_handler});
  self.set_exception_handler(base::exception_handler{[known](base*, std::exception_ptr& fault) {
    known->set_last_error(describe(fault));
    report({actor_event_kind::escalated, *known, {}, 0});
    return to_error({failure_kind::internal, "the actor \"" + known->role + "\" could not start"});
  }});
}

bool restart_counter::allows(std::int64_t now_ns) {
  const auto oldest = now_ns - limit_.window.count();
  std::erase_if(times_, [&](std::int64_t at) { return at < oldest; });
  times_.push_back(now_ns);
  return times_.size() <= limit_.count;
}

}  // namespace troupe::supervision
