#include "runtime/inspection/turn_traces.hpp"

#include "runtime/inspection/turn_traces_parts.hpp"
#include "runtime/ports/clock.hpp"

#include <algorithm>

namespace troupe {

const char* to_string(span_kind kind) noexcept {
  switch (kind) {
    case span_kind::queued: return "queued";
    case span_kind::journal_user_event: return "journal user event";
    case span_kind::recall: return "recall";
    case span_kind::tools: return "tools";
    case span_kind::model_call: return "model call";
    case span_kind::first_delta: return "first delta";
    case span_kind::tool: return "tool";
    case span_kind::journal_reply: return "journal reply";
    case span_kind::learn: return "learn";
  }
  return "";
}

const char* to_string(span_value value) noexcept {
  switch (value) {
    case span_value::tokens_in: return "tokens_in";
    case span_value::tokens_out: return "tokens_out";
    case span_value::attempts: return "attempts";
    case span_value::wait_us: return "wait_us";
    case span_value::hits: return "hits";
    case span_value::bytes: return "bytes";
  }
  return "";
}

std::uint32_t span_key(std::string_view call_id) noexcept {
  // FNV-1a (RFC 9923).
  std::uint32_t hash = 2166136261u;
  for (const unsigned char c : call_id) hash = (hash ^ c) * 16777619u;
  return hash;
}

namespace {

turn_span* latest(turn_record& record, span_kind kind, std::uint32_t key) {
  for (auto span = record.spans.rbegin(); span != record.spans.rend(); ++span)
    if (span->kind == kind && span->key == key) return &*span;
  return nullptr;
}

}  // namespace

turn_traces::turn_traces(const clock_port& clock, turn_traces_options options)
    : clock_(clock), options_(options), shards_(std::make_unique<shard[]>(shards)), rings_(std::make_unique<rings>()) {
  rings_->recent.capacity = options.kept;
  rings_->slow.capacity = options.kept_slow;
}

turn_traces::~turn_traces() = default;

turn_traces::shard& turn_traces::shard_of(std::uint64_t turn) const {
  return shards_[turn % shards];
}

turn_traces::locked turn_traces::find_locked(std::uint64_t turn) const {
  if (turn == 0) return {};
  auto& home = shard_of(turn);
  locked out{std::unique_lock(home.mutex), nullptr};
  if (auto found = home.turns.find(turn); found != home.turns.end()) out.found = found->second.get();
  return out;
}

// -- notes ------------------------------------------------------------------------

bool turn_traces::begin(const turn_about& about) {
  if (about.turn == 0) return false;
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= options_.max_in_flight) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    untraced_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  const auto now = clock_.monotonic_ns(), wall = clock_.wall_ms();
  auto& home = shard_of(about.turn);
  std::lock_guard guard(home.mutex);
  if (home.turns.count(about.turn) != 0) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  entry* made = nullptr;
  if (home.spare.empty()) {
    made = home.turns.emplace(about.turn, std::make_unique<entry>()).first->second.get();
  } else {
    auto again = std::move(home.spare.back());
    home.spare.pop_back();
    again.key() = about.turn;
    made = home.turns.insert(std::move(again)).position->second.get();
  }
  auto& record = made->record;
  record.turn = about.turn;
  record.context = about.context;
  record.session = session_shown(about.session);
  record.client = about.client;
  record.dialect = about.dialect;
  record.principal = about.principal;
  record.connection = about.connection;
  record.started = now;
  record.started_at = wall;
  constexpr std::size_t usual = 12;
  record.spans.reserve(usual);
  add_span(record, span_kind::queued, about.connection, now);
  return true;
}

turn_span* turn_traces::add_span(turn_record& record, span_kind kind, std::uint64_t actor, std::int64_t at) {
  if (record.spans.size() >= options_.max_spans) {
    ++record.spans_dropped;
    spans_dropped_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  auto& span = record.spans.emplace_back();
  span.kind = kind;
  span.actor = actor;
  span.start = at;
  return &span;
}

void turn_traces::at_session(std::uint64_t turn, std::uint64_t actor) {
  auto record = find_locked(turn);
  if (!record || record->ended != 0) return;
  record->session_actor = actor;
  if (auto* span = latest(*record, span_kind::queued, 0)) span->actor = actor;
}

void turn_traces::at_runner(std::uint64_t turn, std::uint64_t actor) {
  auto record = find_locked(turn);
  if (record && record->ended == 0) record->runner = actor;
}

void turn_traces::open(std::uint64_t turn, span_kind kind, std::uint64_t actor, std::uint32_t key,
                       std::string_view name) {
  const auto now = clock_.monotonic_ns();
  auto record = find_locked(turn);
  if (!record || (record->ended != 0 && kind != span_kind::learn)) return;
  if (kind == span_kind::model_call) record->model = name;
  if (kind == span_kind::tool) ++record->tool_calls;
  auto start = now;
  if (kind == span_kind::first_delta)
    if (const auto* call = latest(*record, span_kind::model_call, key)) start = call->start;
  auto* span = add_span(*record, kind, actor, start);
  if (span == nullptr) return;
  span->key = key;
  if (kind == span_kind::first_delta) span->end = now;
  if (kind == span_kind::tool) {
    record->names.emplace_back(name);
    span->name = static_cast<std::uint16_t>(record->names.size());
  }
}

void turn_traces::close(std::uint64_t turn, span_kind kind, std::uint32_t key,
                        std::initializer_list<noted_value> values, const char* error) {
  const auto now = clock_.monotonic_ns();
  auto record = find_locked(turn);
  if (!record) return;
  auto* span = latest(*record, kind, key);
  if (span == nullptr || (span->end != 0 && record->ended != 0)) return;
  span->end = now;
  span->error = error;
  span->values = 0;
  for (auto& each : values) {
    if (each.what == span_value::tokens_in) record->tokens_in += static_cast<std::uint64_t>(each.value);
    if (each.what == span_value::tokens_out) record->tokens_out += static_cast<std::uint64_t>(each.value);
    if (span->values < turn_span::most_values) span->value[span->values++] = each;
  }
}

void turn_traces::first_delta(std::uint64_t turn) {
  const auto now = clock_.monotonic_ns();
  auto record = find_locked(turn);
  if (record && record->ended == 0 && record->first_delta == 0) record->first_delta = now;
}

std::string turn_traces::traceparent(std::uint64_t turn, span_kind kind, std::uint32_t key) const {
  const auto record = find_locked(turn);
  if (!record) return {};
  const auto* span = latest(*record, kind, key);
  const auto number = span == nullptr ? 0 : static_cast<std::uint64_t>(span - record->spans.data()) + 1;
  return format_traceparent(record->context, span_id(turn, number));
}

// -- ends -------------------------------------------------------------------------

void turn_traces::end(std::uint64_t turn, event_kind outcome, failure_kind error, std::uint64_t bytes) {
  const auto now = clock_.monotonic_ns();
  forgotten gone;
  std::shared_ptr<const std::function<void()>> ready;
  {
    auto record = find_locked(turn);
    if (!record || record->ended != 0) return;
    record->ended = std::max<std::int64_t>(now, 1);
    record->outcome = outcome;
    record->error = error == failure_kind::none ? "" : to_string(error);
    record->bytes = bytes;
    for (auto& span : record->spans)
      if (span.end == 0) span.end = now;
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    std::lock_guard guard(rings_->mutex);
    ++rings_->finished;
    rings_->failed += record->failed();
    rings_->tokens_in += record->tokens_in;
    rings_->tokens_out += record->tokens_out;
    put_by(*record.found, gone);
    if (rings_->export_batch != 0 && !rings_->exports.empty() && rings_->exports.back() == record.found
        && rings_->exports.size() % rings_->export_batch == 0)
      ready = rings_->export_ready;
  }
  for (std::size_t i = 0; i < gone.count; ++i) forget(gone.turns[i]);
  if (ready) (*ready)();
}

/// REQUIRES: the rings' lock.
void turn_traces::put_by(entry& ended, forgotten& gone) {
  const auto keep = [&](rings::ring& where) {
    ++ended.held;
    ended.shown.fetch_add(1, std::memory_order_relaxed);
    if (auto* out = where.push(&ended)) {
      out->shown.fetch_sub(1, std::memory_order_relaxed);
      if (--out->held == 0 && out != &ended) gone.add(out->record.turn);
    }
  };
  const auto& record = ended.record;
  if (rings_->export_batch != 0 && record.context.sampled) {
    if (rings_->exports.size() < rings_->export_bound) {
      ++ended.held;
      rings_->exports.push_back(&ended);
    } else {
      export_dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  keep(rings_->recent);
  if (is_slow(record, record.ended) || record.failed()) keep(rings_->slow);
  if (ended.held == 0) gone.add(record.turn);
}

void turn_traces::forget(std::uint64_t turn) {
  auto& home = shard_of(turn);
  std::lock_guard guard(home.mutex);
  auto node = home.turns.extract(turn);
  if (!node || home.spare.size() >= shard::most_spare) return;
  auto& record = node.mapped()->record;
  // What has memory of its own keeps it.
  auto spans = std::move(record.spans);
  auto client = std::move(record.client);
  auto principal = std::move(record.principal);
  auto model = std::move(record.model);
  spans.clear();
  model.clear();
  record = turn_record();
  record.spans = std::move(spans);
  record.client = std::move(client);
  record.principal = std::move(principal);
  record.model = std::move(model);
  home.spare.push_back(std::move(node));
}

// -- the exporter -----------------------------------------------------------------

void turn_traces::start_export(std::size_t batch, std::size_t bound, std::function<void()> ready) {
  std::lock_guard guard(rings_->mutex);
  rings_->export_batch = batch;
  rings_->export_bound = bound;
  rings_->export_ready = std::make_shared<const std::function<void()>>(std::move(ready));
}

void turn_traces::stop_export() {
  std::vector<std::uint64_t> gone;
  std::shared_ptr<const std::function<void()>> ready;  // may hold an actor, whose end locks what it likes
  {
    std::lock_guard guard(rings_->mutex);
    rings_->export_batch = 0;
    ready.swap(rings_->export_ready);
    for (auto* each : std::exchange(rings_->exports, {}))
      if (--each->held == 0) gone.push_back(each->record.turn);
  }
  for (const auto turn : gone) forget(turn);
}

std::vector<turn_record> turn_traces::take_finished(std::size_t most) {
  std::vector<entry*> taken;
  {
    std::lock_guard guard(rings_->mutex);
    while (!rings_->exports.empty() && taken.size() < most) {
      taken.push_back(rings_->exports.front());
      rings_->exports.pop_front();
    }
  }
  std::vector<turn_record> out;
  out.reserve(taken.size());
  for (auto* each : taken) {
    // Held until below, so it is still there; its id never changes.
    std::lock_guard guard(shard_of(each->record.turn).mutex);
    out.push_back(each->record);
  }
  std::vector<std::uint64_t> gone;
  {
    std::lock_guard guard(rings_->mutex);
    for (auto* each : taken)
      if (--each->held == 0) gone.push_back(each->record.turn);
  }
  for (const auto turn : gone) forget(turn);
  return out;
}

std::size_t turn_traces::waiting_for_export() const {
  std::lock_guard guard(rings_->mutex);
  return rings_->exports.size();
}

// -- figures ----------------------------------------------------------------------

turn_totals turn_traces::totals() const {
  turn_totals out;
  out.in_flight = in_flight_.load(std::memory_order_relaxed);
  out.untraced = untraced_.load(std::memory_order_relaxed);
  out.spans_dropped = spans_dropped_.load(std::memory_order_relaxed);
  std::vector<std::int64_t> lasted;
  {
    std::lock_guard guard(rings_->mutex);
    out.finished = rings_->finished;
    out.failed = rings_->failed;
    out.tokens_in = rings_->tokens_in;
    out.tokens_out = rings_->tokens_out;
    lasted.reserve(rings_->recent.entries.size());
    for (auto* each : rings_->recent.entries) lasted.push_back(each->record.ended - each->record.started);
  }
  if (lasted.empty()) return out;
  // The smallest that so many are not above.
  const auto quantile = [&](std::size_t percent) {
    const auto at = lasted.begin() + static_cast<std::ptrdiff_t>((lasted.size() * percent + 99) / 100 - 1);
    std::nth_element(lasted.begin(), at, lasted.end());
    return static_cast<double>(*at) / 1e6;
  };
  out.p50_ms = quantile(50);
  out.p99_ms = quantile(99);
  return out;
}

}  // namespace troupe
