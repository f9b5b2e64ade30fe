#include "actors/runner.hpp"

#include "config/quote.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe {
namespace {

/// At most `limit` bytes, cut between characters, and said so.
void shorten(std::string& text, std::size_t limit) {
  if (text.size() <= limit) return;
  const auto whole = text.size(), end = config::shortened(text, limit).size();
  text.resize(end);
  text += "\n[cut off: the first " + std::to_string(end) + " of " + std::to_string(whole) + " bytes]";
}

tool_result failed(const tool_call& call, std::string why) {
  return {call.id, call.name, std::move(why), true};
}

}  // namespace

void runner_state::ask_for_tools() {
  if (!turn_->tools.empty()) open_span(self_, turn_->ref.turn, span_kind::tools);
  for (auto& source : turn_->tools) {
    self_->request(source, caf::infinite, tools_query{})
        .then([this, source](tools_listed& answer) { tools_listed_by(source, answer); },
              // A turn without this source's tools is better than no turn.
              [this](caf::error&) {
                if (!turn_ || begun_) return;
                close_span(self_, turn_->ref.turn, span_kind::tools);
                gathered(1);
              });
  }
}

void runner_state::tools_listed_by(const caf::actor& source, tools_listed& answer) {
  if (!turn_ || begun_) return;
  for (auto& tool : answer.tools)
    if (sources_.emplace(tool.name, source).second) request_.tools.push_back(std::move(tool));
  if (answer.observes) observers_.push_back(source);
  close_span(self_, turn_->ref.turn, span_kind::tools);
  gathered(1);
}

void runner_state::called(model_called& message) {
  if (!current(message.ref)) return;
  take_credit();
  calls_.push_back({std::move(message.call), nullptr, std::nullopt, false});
}

/// The model's answer is whole and asks for tools.
void runner_state::begin_round(std::string opaque) {
  if (request_.tools.empty())
    return end({failure_kind::upstream, "the language model goes on calling tools although it may not"});
  chat_message asked{chat_role::model, said_};
  asked.opaque = std::move(opaque);
  for (auto& each : calls_) asked.calls.push_back(each.call);
  request_.messages.push_back(std::move(asked));
  if (!said_.empty()) said_before_ = said_.back() != ' ' && said_.back() != '\n';
  for (auto& each : calls_) {
    if (auto why = refusal(each.call)) {
      each.result = failed(each.call, std::move(*why));
      each.saved = true;
    }
  }
  if (deps_.approver)
    ask_for_approval();
  else
    begin_calls();
}

void runner_state::ask_for_approval() {
  tell_self_later(self_, deps_.tools.approval_limit, tools_deadline{round_, true});
  for (auto& each : calls_) each.asking = !each.result;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (!calls_[i].asking) continue;
    self_->request(deps_.approver, caf::infinite, approval_query{turn_->ref, calls_[i].call})
        .then(
            [this, i, round = round_](const approval_given& answer) {
              if (turn_ && round == round_) approved(i, answer);
            },
            [this, i, round = round_](caf::error& error) {
              if (turn_ && round == round_) approved(i, {false, to_failure(error).message});
            });
  }
  if (std::none_of(calls_.begin(), calls_.end(), [](auto& each) { return each.asking; })) begin_calls();
}

void runner_state::approved(std::size_t index, const approval_given& answer) {
  auto& each = calls_[index];
  if (!each.asking) return;  // too late
  each.asking = false;
  if (!answer.allowed) {
    each.result = failed(each.call, "the call was not allowed" + (answer.reason.empty() ? "" : ": " + answer.reason));
    each.saved = true;
  }
  if (std::none_of(calls_.begin(), calls_.end(), [](auto& other) { return other.asking; })) begin_calls();
}

void runner_state::begin_calls() {
  std::vector<tool_call> begun;
  for (auto& each : calls_) {
    if (each.result) continue;
    each.source = sources_[each.call.name];
    begun.push_back(each.call);
  }
  if (begun.empty()) return round_if_done();
  tell_self_later(self_, deps_.tools.call_limit, tools_deadline{round_});
  self_->request(deps_.session, caf::infinite, run_tools_begin{turn_->ref, std::move(begun)})
      .then([this](const run_tools_saved&) { start_calls(); },
            // The session ends the turn: what cannot be journaled is not begun.
            [](caf::error&) {});
}

/// Why a call is not begun, in words for the model.
std::optional<std::string> runner_state::refusal(const tool_call& call) {
  if (sources_.count(call.name) == 0) return "there is no tool named " + call.name;
  if (calls_.size() > deps_.tools.max_calls)
    return "too many calls at once: at most " + std::to_string(deps_.tools.max_calls) + " are run";
  auto& times = made_[{call.name, call.arguments}];
  if (++times <= deps_.tools.max_repeats) return std::nullopt;
  ++refused_repeats_;
  return "this call was made " + std::to_string(times - 1)
         + " times with the same arguments in this turn; use what it answered";
}

void runner_state::start_calls() {
  if (!turn_) return;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    auto& each = calls_[i];
    if (each.result || !each.source) continue;
    if (auto* traces = self_->node().traces)
      traces->open(turn_->ref.turn, span_kind::tool, each.source.id(), span_key(each.call.id), each.call.name);
    self_->request(each.source, caf::infinite, tool_start{turn_->ref, each.call})
        .then(
            [this, i, round = round_](tool_result& result) {
              if (turn_ && round == round_) finish(i, std::move(result));
            },
            [this, i, round = round_](caf::error& error) {
              if (turn_ && round == round_) finish(i, failed(calls_[i].call, to_failure(error).message));
            });
  }
}

void runner_state::finish(std::size_t index, tool_result result) {
  auto& each = calls_[index];
  if (each.result) return;
  result.id = each.call.id;
  result.name = each.call.name;
  shorten(result.content, deps_.tools.result_bytes);
  close_span(self_, turn_->ref.turn, span_kind::tool, span_key(result.id),
             {{span_value::bytes, static_cast<std::int64_t>(result.content.size())}},
             result.is_error ? "tool_error" : nullptr);
  each.result = std::move(result);
  for (auto& observer : observers_)
    if (observer != each.source) tell(self_, observer, tool_observed{turn_->ref, each.call, *each.result});
  self_->request(deps_.session, caf::infinite, run_tool_finished{turn_->ref, *each.result})
      .then(
          [this, index, round = round_](const run_tools_saved&) {
            if (!turn_ || round != round_) return;
            calls_[index].saved = true;
            round_if_done();
          },
          [](caf::error&) {});
}

void runner_state::round_if_done() {
  if (!std::all_of(calls_.begin(), calls_.end(), [](auto& each) { return each.saved; })) return;
  chat_message answered{chat_role::tool};
  for (auto& each : calls_) answered.results.push_back(std::move(*each.result));
  request_.messages.push_back(std::move(answered));
  calls_.clear();
  // From here on, what still comes for a call of this round is too late.
  ++round_;
  if (round_ >= deps_.tools.max_rounds || refused_repeats_ > deps_.tools.max_repeats) {
    request_.tools.clear();
    request_.system += "\n\nNo more tools can be called in this turn. Answer with what is known by now.";
  }
  call_model();
}

void runner_state::out_of_time(const tools_deadline& message) {
  if (!turn_ || message.round != round_) return;
  if (message.approval) {
    const approval_given none{
        false, "nobody allowed it within " + std::to_string(deps_.tools.approval_limit.count() / 1000) + " s"};
    for (std::size_t i = 0; i < calls_.size(); ++i) approved(i, none);
    return;
  }
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    auto& each = calls_[i];
    if (each.result || !each.source) continue;
    tell_urgent(self_, each.source, tool_cancel{turn_->ref, each.call.id});
    finish(i, failed(each.call, "no answer within " + std::to_string(deps_.tools.call_limit.count() / 1000)
                                    + " s; outcome unknown: it may have happened"));
  }
}

}  // namespace troupe
