// What a character remembers (contracts/character.md §8): recall for a turn, the
// outbox of episodes, forgetting, search.

#include "actors/character.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <boost/json/serialize.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

namespace json = boost::json;

namespace {

constexpr std::int64_t day_ms = 24 * 3600 * 1000;
constexpr std::string_view episode_kind = "experience";

bool is_within(const memory_record& record, std::int64_t days, std::int64_t now_ms) {
  // One that was lived through again is as new as that.
  return std::max(record.created_at, record.updated_at) >= now_ms - days * day_ms;
}

std::string_view experience_id(const memory_record& record) {
  for (const auto& [key, value] : record.metadata)
    if (key == "experience_id") return value;
  return {};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

character_answer search_answer(json::array entries) {
  const auto count = entries.size();
  return {json::serialize(json::object{{"memories", std::move(entries)}, {"count", count}})};
}

}  // namespace

/// `then` comes in any case; without a memory if there is none to be had.
void character_state::open_memory(const done& then) {
  if (memory_ || !deps_.memory_keeper) return then();
  self_->request(deps_.memory_keeper, caf::infinite, keeper_open{storage::character_space(deps_.id)})
      .then(
          [this, then](const keeper_opened& opened) {
            if (memory_ != opened.handle) {
              memory_ = opened.handle;
              self_->monitor(memory_);
            }
            then();
          },
          [this, then](caf::error& error) {
            log::warn("memory_unavailable", {{"character", deps_.id}, {"reason", to_failure(error).message}});
            then();
          });
}

// -- recall -------------------------------------------------------------------------

void character_state::recall(std::uint64_t turn) {
  if (!turn_ || turn_->request.ref.turn != turn || turn_->step != phase::recalling) return;
  if (!memory_) return run(turn);
  const auto ref = turn_->request.ref;
  const auto waiting = [this, turn] {
    return turn_ && turn_->request.ref.turn == turn && turn_->step == phase::recalling;
  };
  open_span(self_, turn, span_kind::recall);
  // A turn without memories is better than no turn.
  const auto none = [this, turn](caf::error&) { recalled(turn); };
  if (!is_blank(turn_->request.text)) {
    ++turn_->asked;
    self_->request(memory_, caf::infinite, memory_recall{ref, turn_->request.text, deps_.recall})
        .then(
            [this, turn, waiting](memory_recalled& answer) {
              if (waiting()) turn_->similar = std::move(answer.hits);
              recalled(turn);
            },
            none);
  }
  ++turn_->asked;
  self_->request(memory_, caf::infinite, memory_list{20, 0})
      .then(
          [this, turn, waiting](memory_listed& answer) {
            if (waiting())
              for (auto& record : answer.records) turn_->recent.push_back({std::move(record), 0, 0, false});
            recalled(turn);
          },
          none);
}

/// Five of those that are alike, and three of the newest that are not among them.
void character_state::recalled(std::uint64_t turn) {
  if (!turn_ || turn_->request.ref.turn != turn || turn_->step != phase::recalling || --turn_->asked > 0) return;
  const auto now = deps_.node->clock.wall_ms();
  auto& similar = turn_->similar;
  auto& recent = turn_->recent;
  std::erase_if(similar, [&](auto& hit) { return !is_within(hit.record, 30, now); });
  if (similar.size() > 5) similar.resize(5);
  std::erase_if(recent, [&](auto& hit) {
    return hit.record.kind != episode_kind || !is_within(hit.record, 7, now)
           || std::ranges::any_of(similar, [&](auto& known) { return known.record.id == hit.record.id; });
  });
  if (recent.size() > 3) recent.resize(3);
  close_span(self_, turn, span_kind::recall, 0,
             {{span_value::hits, static_cast<std::int64_t>(similar.size() + recent.size())}});
  run(turn);
}

// -- the outbox of episodes -----------------------------------------------------------

/// Into the outbox. REQUIRES: what is kept is saved next.
void character_state::remember(const characters::episode& episode) {
  if (!deps_.memory_keeper) return;
  if (kept_.pending.size() >= deps_.max_pending) {
    log::warn("character_episode_lost", {{"character", deps_.id}, {"waiting", kept_.pending.size()}});
    kept_.pending.erase(kept_.pending.begin());
  }
  auto metadata = episode.metadata;
  if (std::ranges::none_of(metadata, [](auto& each) { return each.first == "experience_id"; }))
    metadata.emplace_back("experience_id", episode.experience_id);
  kept_.pending.push_back(
      {episode.experience_id, episode.text, static_cast<float>(episode.importance), std::move(metadata)});
  kept_.formed.push_back(episode.experience_id);
  newest_ = {episode.experience_id, turn_->request.ref.turn};
  if (kept_.formed.size() > deps_.max_formed) kept_.formed.erase(kept_.formed.begin());
}

void character_state::offer_pending() {
  if (kept_.pending.empty() || closing_) return;
  open_memory([this] {
    if (!memory_ || closing_) return;
    for (const auto& episode : kept_.pending)
      if (!offered_.contains(episode.id)) offer(episode);
  });
}

void character_state::offer(const storage::kept_episode& episode) {
  const auto id = episode.id;
  const auto turn = newest_.first == id ? newest_.second : 0;
  offered_[id] = turn;
  if (turn != 0) open_span(self_, turn, span_kind::learn);
  self_
      ->request(memory_, caf::infinite,
                memory_add{episode.text, std::string(episode_kind), episode.importance, "character", episode.metadata})
      .then([this, id](const memory_added&) { confirmed(id); },
            [this, id](caf::error& error) {
              const auto why = to_failure(error);
              // What memory will never take is not offered again; anything else is, after the next turn.
              if (why.kind == failure_kind::invalid) return confirmed(id);
              offered_.erase(id);
              log::warn("memory_unavailable", {{"character", deps_.id}, {"reason", why.message}});
              next();
            });
}

void character_state::confirmed(const std::string& id) {
  if (auto known = offered_.extract(id); known && known.mapped() != 0)
    close_span(self_, known.mapped(), span_kind::learn);
  const auto erased = std::erase_if(kept_.pending, [&](auto& episode) { return episode.id == id; });
  if (erased == 0 || closing_) return next();
  save([this] { next(); }, [](const failure&) {});
}

// -- forgetting -----------------------------------------------------------------------

/// The episodes of the life before a reset. What a crash interrupts is begun again at the next wake-up.
void character_state::forget_formed() {
  if (kept_.forgetting.empty() || forgetting_ || closing_) return;
  forgetting_ = true;
  open_memory([this] {
    auto wanted = std::make_shared<std::set<std::string>>(kept_.forgetting.begin(), kept_.forgetting.end());
    if (memory_) return forget_listed(std::move(wanted), {}, 0);
    forgetting_ = false;  // at the next wake-up
    next();
  });
}

void character_state::forget_listed(std::shared_ptr<std::set<std::string>> wanted, std::vector<std::uint64_t> found,
                                    std::uint64_t before) {
  const auto give_up = [this](caf::error& error) {
    log::warn("memory_unavailable", {{"character", deps_.id}, {"reason", to_failure(error).message}});
    forgetting_ = false;
    next();
  };
  if (!memory_) {
    forgetting_ = false;
    return next();
  }
  constexpr std::uint32_t page = 500;
  self_->request(memory_, caf::infinite, memory_list{page, before})
      .then(
          [this, wanted, found = std::move(found), give_up](memory_listed& listed) mutable {
            for (const auto& record : listed.records)
              if (wanted->contains(std::string(experience_id(record)))) found.push_back(record.id);
            if (listed.records.size() == page && found.size() < wanted->size())
              return forget_listed(wanted, std::move(found), listed.records.back().id);
            const auto forgotten = [this, wanted](const memory_forgotten&) {
              forgetting_ = false;
              std::erase_if(kept_.forgetting, [&](auto& id) { return wanted->contains(id); });
              save(
                  [this] {
                    forget_formed();  // what a reset meanwhile has added
                    next();
                  },
                  [](const failure&) {});
            };
            if (!memory_) {
              forgetting_ = false;
              return next();
            }
            self_->request(memory_, caf::infinite, memory_forget{0, false, std::move(found)}).then(forgotten, give_up);
          },
          give_up);
}

// -- search ---------------------------------------------------------------------------

caf::result<character_answer> character_state::search(const character_search& message) {
  if (auto fit = usable(); !fit) return to_error(fit.error());
  constexpr std::int64_t most = 100;
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(message.limit, 0, most));
  if (limit == 0) return search_answer({});
  ++activity_;
  auto promise = self_->make_response_promise<character_answer>();
  auto answer = std::make_shared<pending_answer<character_answer>>(promise);
  open_memory([this, answer, limit, query = message.query] {
    if (!memory_) return answer->deliver(search_answer({}));
    const auto none = [answer](caf::error&) { answer->deliver(search_answer({})); };
    const auto now = deps_.node->clock.wall_ms();
    const auto deliver = [answer, limit, now](const std::vector<memory_hit>& hits) {
      json::array entries;
      for (const auto& hit : hits)
        if (entries.size() < limit && hit.record.kind == episode_kind && is_within(hit.record, 90, now))
          entries.push_back(
              characters::memory_entry(hit.record.text, std::clamp<double>(hit.similarity, 0, 1), hit.record.metadata));
      answer->deliver(search_answer(std::move(entries)));
    };
    // More than are wanted, since the old ones fall out.
    const auto asked = static_cast<std::uint32_t>(limit + 100);
    if (is_blank(query)) {
      self_->request(memory_, caf::infinite, memory_list{asked, 0})
          .then(
              [deliver](memory_listed& listed) {
                std::vector<memory_hit> hits;
                for (auto& record : listed.records) hits.push_back({std::move(record), 0, 0, false});
                deliver(hits);
              },
              none);
      return;
    }
    const recall_options options{asked, 0, 0, std::string(episode_kind)};
    self_->request(memory_, caf::infinite, memory_recall{{}, query, options})
        .then([deliver](memory_recalled& found) { deliver(found.hits); }, none);
  });
  return promise;
}

}  // namespace troupe
