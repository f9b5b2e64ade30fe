#pragma once

/// \file
/// `troupe actors top` without its terminal: what is on the screen, and what a
/// key does. It asks the console's interface and knows neither sockets nor ncurses.
///
/// Thread safety: one thread. Cost: a look is two questions; the server sorts
/// and pages, so that as many rows are fetched as fit.

#include "cli/console_client.hpp"
#include "cli/terminal_keys.hpp"
#include "cli/terminal_table.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

class top_view {
 public:
  struct questions {
    std::function<console_answer(const std::vector<std::string>& path, const console_parameters&)> look;
    std::function<console_answer(const std::vector<std::string>& path)> act;
  };
  struct picture {
    std::vector<text_line> lines;
    std::optional<std::size_t> marked;
  };

  /// Sorted by the busiest unless `sort` names another column.
  top_view(questions ask, std::string sort, bool descending);

  void resize(std::size_t rows, std::size_t columns);
  /// Asks anew for what is shown.
  void refresh();
  /// False: it is to end.
  bool press(key_press pressed);
  picture draw() const;

  /// Why the newest question had no answer; empty if it had one.
  const console_answer& trouble() const { return trouble_; }

 private:
  enum class page { list, actor, help };

  void refresh_list();
  void refresh_actor();
  void read_rows(const std::string& json);
  bool press_in_filter(key_press pressed);
  bool press_letter(char32_t letter);
  void move(long by);
  void move_to_end(bool last);
  void next_column(long by);
  void open();
  void back();
  void act(const char* what);
  std::string chosen() const;
  std::size_t body_rows() const;
  text_line status_line() const;

  questions ask_;
  std::string sort_;
  bool descending_;
  std::string filter_;
  std::optional<std::string> typed_;  ///< the filter as it is being written
  page page_ = page::list;
  std::size_t rows_ = 24, columns_ = 80;

  std::string summary_;           ///< the first line
  std::vector<text_line> table_;  ///< heading, then the rows that are on the screen
  std::vector<std::string> ids_;  ///< of those rows
  std::size_t offset_ = 0;        ///< of the first row in the whole table
  std::size_t selected_ = 0;      ///< of those rows
  std::string selected_id_;       ///< stays chosen when the rows change places
  std::size_t matching_ = 0;
  std::vector<text_line> actor_;  ///< the page of one actor
  std::string actor_id_;
  std::size_t scroll_ = 0;
  std::string notice_;  ///< what the last act came to
  console_answer trouble_;
};

}  // namespace troupe::cli
