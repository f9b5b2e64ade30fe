#pragma once

/// \file
/// A transport that records what a connection actor does with its client.
/// The test keeps a second reference to read from.

#include "runtime/ports/transport.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

class recording_transport final : public transport {
 public:
  struct frame {
    std::string text;
    std::uint64_t turn = 0;
    friend bool operator==(const frame&, const frame&) = default;
  };
  struct closing {
    std::uint16_t code = 0;
    std::string reason;
    friend bool operator==(const closing&, const closing&) = default;
  };

  void send(shared_bytes bytes, std::uint64_t turn) override {
    if (closed) return;
    frames.push_back({std::string(bytes.view()), turn});
  }
  void drop_turn(std::uint64_t turn) override {
    if (closed) return;
    drops.push_back(turn);
    // While `stalled`, nothing is written: a stop takes the turn's frames back.
    if (stalled) std::erase_if(frames, [&](const frame& each) { return each.turn == turn && turn != 0; });
  }
  void close(std::uint16_t code, std::string reason) override {
    if (!closed) closed = closing{code, std::move(reason)};
  }
  std::size_t queued_bytes() const override { return queued; }

  /// The frames' texts since the last call.
  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (auto& each : std::exchange(frames, {})) texts.push_back(std::move(each.text));
    return texts;
  }

  std::vector<frame> frames;
  std::vector<std::uint64_t> drops;
  std::optional<closing> closed;
  std::size_t queued = 0;
  bool stalled = false;
};

}  // namespace troupe
