#include "runtime/inspection/mask_secrets.hpp"
#include "support/catch.hpp"

using troupe::mask_secrets;

TEST_CASE("what follows a secret's name is masked, whatever stands around it") {
  CHECK(mask_secrets(R"({"password":"hunter2","user":"ada"})") == R"({"password":"********","user":"ada"})");
  CHECK(mask_secrets(R"({\"api_key\": \"abc\"})") == R"({\"api_key\": \"********\"})");
  CHECK(mask_secrets("X-Api-Key: abc def, next") == "X-Api-Key: ********, next");
  CHECK(mask_secrets("/ws?token=abc") == "/ws?token=********");
  CHECK(mask_secrets("Authorization: Bearer abc.def") == "Authorization: ********");
  CHECK(mask_secrets("sent Bearer abc.def\nnext") == "sent Bearer ********\nnext");
}

TEST_CASE("our own tokens are masked wherever they stand") {
  const std::string token = "tr_" + std::string(43, 'x');
  CHECK(mask_secrets("my " + token + "!") == "my ********!");
  CHECK(mask_secrets("tr_short") == "tr_short");
}

TEST_CASE("what is no secret stays as it is") {
  for (const auto* text : {"", "tokens=12", "the key is under the mat", "keys: 3", "a token", "password",
                           "key:", "monkey: banana", "bearer"})
    CHECK(mask_secrets(text) == text);
}
