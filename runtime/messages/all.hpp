#pragma once

/// \file
/// Every message type, once. The list registers them with CAF and feeds the
/// test that sends each through the binary serializer.

#include "runtime/messages/character.hpp"
#include "runtime/messages/chat.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/messages/inspect.hpp"
#include "runtime/messages/inspection.hpp"
#include "runtime/messages/journal.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/memory_record.hpp"
#include "runtime/messages/model.hpp"
#include "runtime/messages/tool.hpp"
#include "runtime/messages/trace_export.hpp"
#include "runtime/messages/turn.hpp"

// clang-format off
#define TROUPE_MESSAGE_TYPES(X)                                                                                       \
  X(failure) X(shared_bytes)                                                                                          \
  X(tool_spec) X(tool_call) X(tool_result) X(media_part) X(chat_message) X(model_options)                             \
  X(turn_ref) X(session_spec) X(session_event) X(session_attach) X(session_attached) X(turn_submit)                   \
  X(turn_accepted) X(turn_stop) X(turn_started) X(turn_delta) X(turn_ended) X(session_detach) X(session_reset)        \
  X(run_turn) X(run_cancel) X(run_delta) X(run_ended) X(recall_deadline)                                              \
  X(run_tools_begin) X(run_tool_finished) X(run_tools_saved) X(tools_deadline)                                        \
  X(write_op) X(journal_append) X(journal_committed) X(journal_flush) X(journal_retry) X(journal_replicated)          \
  X(memory_record) X(memory_hit) X(memory_add) X(memory_added) X(recall_options) X(memory_recall)                     \
  X(memory_recalled) X(memory_list) X(memory_listed) X(memory_forget) X(memory_forgotten) X(memory_learn)             \
  X(memory_loaded) X(memory_embedding_ready)                                                                          \
  X(model_request) X(model_open) X(model_cancel) X(model_credit) X(model_delta) X(model_thought) X(model_called)      \
  X(model_usage) X(model_ended) X(model_answered) X(question_deadline) X(model_ready) X(model_sweep)                  \
  X(tools_query) X(tools_listed) X(tool_start) X(tool_cancel) X(tool_observed) X(approval_query) X(approval_given)    \
  X(tool_ready) X(tool_sweep)                                                                                         \
  X(keeper_open) X(keeper_opened) X(keeper_release) X(sleep_request) X(sleep_now) X(sleep_refused) X(idle_check)      \
  X(keeper_drain) X(keeper_drained) X(drain) X(drained) X(drain_deadline)                                             \
  X(frame_received) X(binary_received) X(client_relay) X(connection_shut_down) X(connection_closed)                   \
  X(actor_command) X(actor_state_query) X(actor_state)                                                                \
  X(inspect_parameter) X(inspect_query) X(inspect_answer) X(inspect_knock) X(inspect_tick)                            \
  X(trace_export_due) X(trace_export_ready)                                                                           \
  X(character_answer) X(character_attach) X(character_attached) X(character_detach) X(character_subscribe)            \
  X(character_event) X(character_say) X(character_status) X(character_save) X(character_restore) X(character_reset)   \
  X(character_search) X(character_deadline) X(definition_read) X(definition_found) X(save_read) X(save_found)         \
  X(save_write) X(save_written) X(library_ready)
// clang-format on

namespace caf {
class actor_system_config;
}

namespace troupe {

/// Registers every message type; call before the actor system is made.
void add_message_types(caf::actor_system_config& config);

}  // namespace troupe
