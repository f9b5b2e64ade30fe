#pragma once

/// \file
/// One process as the loop's thread sees it: its pipes, its unfinished line,
/// how far it is on its way to its end. Part of process_loop.cpp.

#include "net/upstream/line_reader.hpp"
#include "tools/mcp/process_loop.hpp"

#include <poll.h>

namespace troupe::mcp {

struct process_loop::running_process {
  using time_point = std::chrono::steady_clock::time_point;

  running_process(std::shared_ptr<process_link> link, child_process child, std::chrono::milliseconds grace);

  /// What to wait for. `append_polls` and `take_polls` see the same order.
  void append_polls(std::vector<pollfd>& out);
  void take_polls(const pollfd* polls);
  /// After waiting: reads, writes, goes on with ending it.
  void serve();
  bool is_over() const { return over_; }
  /// When the next step of ending it is due.
  const time_point* deadline() const { return phase_ == phase::running ? nullptr : &deadline_; }
  void begin_end(failure why);

 private:
  enum class phase { running, input_closed, terminated, killed };

  void take_from_user();
  void note_room();  ///< REQUIRES: the link is locked
  void read_output();
  void read_errors();
  void write_input();
  void deliver_lines();
  void next_step();
  void ended();

  std::shared_ptr<process_link> link_;
  child_process child_;
  std::chrono::milliseconds grace_;
  upstream::line_reader reader_;
  std::string to_write_;
  std::size_t written_ = 0;
  std::string errors_;
  failure why_;
  phase phase_ = phase::running;
  time_point deadline_{};
  bool has_room_ = true;
  bool output_ready_ = false;
  bool errors_ready_ = false;
  bool ended_ = false;
  bool over_ = false;
};

/// Marks a link as closed and wakes its user.
void close_link(process_link& link, failure error, std::string errors);

}  // namespace troupe::mcp
