#include "cli/terminal_text.hpp"

#include "support/catch.hpp"

using namespace troupe::cli;

TEST_CASE("text takes as many columns as the terminal gives it") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("agent") == 5);
  CHECK(columns_of("Grüße") == 5);
  CHECK(columns_of("会話") == 4);
  CHECK(columns_of("😀") == 2);
  CHECK(columns_of("e\xCC\x81") == 1);  // a combining accent
}

TEST_CASE("text is cut between characters and never wider than asked") {
  CHECK(clipped("session", 7) == "session");
  CHECK(clipped("session", 6) == "sessi…");
  CHECK(clipped("session", 1) == "…");
  CHECK(clipped("session", 0).empty());
  CHECK(clipped("会話会話", 8) == "会話会話");
  CHECK(clipped("会話会話", 5) == "会話…");
  CHECK(clipped("会話会話", 4) == "会…");  // half a character does not fit beside the dots
  for (std::size_t width = 0; width < 12; ++width) CHECK(columns_of(clipped("a会b話c😀def", width)) <= width);
}

TEST_CASE("a heap of combining marks does not flood the terminal") {
  std::string heap = "a";
  for (int i = 0; i < 1000; ++i) heap += "\xCC\x81";
  CHECK(clipped(heap, 5) == "a\xCC\x81\xCC\x81");
}

TEST_CASE("text is filled on the side it does not stand on") {
  CHECK(fitted("ab", 4) == "ab  ");
  CHECK(fitted("ab", 4, true) == "  ab");
  CHECK(fitted("会話", 5) == "会話 ");
  CHECK(fitted("会話", 3) == "会…");
  CHECK(fitted("会話", 2) == "… ");
}

TEST_CASE("figures are short") {
  CHECK(amount_text(std::nullopt) == "-");
  CHECK(amount_text(0) == "0");
  CHECK(amount_text(12.54) == "12.5");
  CHECK(amount_text(9999) == "9999");
  CHECK(amount_text(12'345) == "12.3k");
  CHECK(amount_text(4'560'000) == "4.56M");
  CHECK(bytes_text(512) == "512");
  CHECK(bytes_text(5120) == "5.0K");
  CHECK(bytes_text(12.0 * 1024 * 1024) == "12M");
  CHECK(duration_text(std::nullopt) == "-");
  CHECK(duration_text(0) == "0");
  CHECK(duration_text(0.008) == "8 us");
  CHECK(duration_text(1.24) == "1.2 ms");
  CHECK(duration_text(34'000) == "34 s");
  CHECK(duration_text(600'000) == "10 min");
}
