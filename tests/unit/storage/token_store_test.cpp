#include "storage/token_store.hpp"
#include "files.hpp"
#include "storage/key_codec.hpp"
#include "storage/value_codec.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <random>
#include <set>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

class seeded_random : public random_port {
 public:
  void fill(void* bytes, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i)
      static_cast<unsigned char*>(bytes)[i] = static_cast<unsigned char>(engine_());
  }

 private:
  std::mt19937_64 engine_{5};
};

std::string add(database& store, random_port& random, const std::string& name, std::int64_t at = 1) {
  std::vector<write_op> ops;
  auto token = create_token(store, ops, name, random, at).value();
  REQUIRE(store.write(ops, true).has_value());
  return token;
}

/// Whose token this is, as a verifier that keeps the list would find it.
std::optional<std::string> owner_of(const database& store, std::string_view text) {
  for (auto& token : list_tokens(store).value())
    if (token.hash == hash_token(text)) return token.name;
  return std::nullopt;
}

}  // namespace

TEST_CASE("a token is known by its text until it is removed, and its text is not kept") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  seeded_random random;
  const auto anna = add(*store, random, "anna", 10);
  const auto bert = add(*store, random, "bert", 20);
  CHECK(anna != bert);
  CHECK(anna.size() == 3 + 43);
  CHECK(anna.starts_with("tr_"));
  CHECK(anna.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        == std::string::npos);
  CHECK(owner_of(*store, anna) == "anna");
  CHECK(owner_of(*store, bert) == "bert");
  auto wrong = anna;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  for (const auto& text : {wrong, anna.substr(0, 45), anna + "=", std::string(), std::string("anna")})
    CHECK_FALSE(owner_of(*store, text).has_value());
  CHECK_FALSE(files_hold(folder.path(), anna));
  CHECK_FALSE(files_hold(folder.path(), anna.substr(3)));

  const auto tokens = list_tokens(*store).value();
  REQUIRE(tokens.size() == 2);
  CHECK(tokens[0].name == "anna");
  CHECK(tokens[0].created_at == 10);

  std::vector<write_op> ops;
  REQUIRE(remove_token(*store, ops, "anna").has_value());
  REQUIRE(store->write(ops, true).has_value());
  CHECK_FALSE(owner_of(*store, anna).has_value());
  CHECK(owner_of(*store, bert) == "bert");
}

TEST_CASE("a token's name is checked, and taken once only") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  seeded_random random;
  std::vector<write_op> ops;
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"), std::string(65, 'a'),
                                  std::string("a\0", 2), std::string("ä")}) {
    const auto made = create_token(*store, ops, name, random, 1);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().kind == failure_kind::invalid);
  }
  CHECK(ops.empty());
  add(*store, random, std::string(64, 'a'));
  add(*store, random, "anna");
  CHECK(create_token(*store, ops, "anna", random, 1).error().kind == failure_kind::exists);
  CHECK(remove_token(*store, ops, "nobody").error().kind == failure_kind::not_found);
  CHECK(ops.empty());
}

TEST_CASE("an operator's token keeps its scope, and what was stored before there were scopes is a client's") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  seeded_random random;
  std::vector<write_op> ops;
  for (const auto& [name, scope] :
       {std::pair{"a", token_scope::client}, {"b", token_scope::read}, {"c", token_scope::act}})
    REQUIRE(create_token(*store, ops, name, random, 7, scope).has_value());
  const auto old = value_writer(1).text(hash_token("tr_old")).signed_number(3).take();
  ops.push_back(put(column::tokens, make_key(std::string("old")), old));
  REQUIRE(store->write(ops, true).has_value());
  std::vector<token_scope> scopes;
  for (auto& token : list_tokens(*store).value()) scopes.push_back(token.scope);
  CHECK(scopes == std::vector{token_scope::client, token_scope::read, token_scope::act, token_scope::client});
  // A program from before scopes reads clients' tokens and takes no operator's for one.
  CHECK(encode_token({hash_token("tr_old"), 3}) == old);
  CHECK(encode_token({hash_token("tr_old"), 3, token_scope::read}).front() == 2);
}

TEST_CASE("a token with a scope that there is not is reported") {
  for (std::uint64_t scope : {0, 3, 1000}) {
    const auto value = value_writer(2).text(hash_token("tr_x")).signed_number(3).number(scope).take();
    CHECK(decode_token(value).error().kind == failure_kind::corrupt);
  }
  CHECK_FALSE(decode_token(value_writer(2).text(hash_token("tr_x")).signed_number(3).take()).has_value());
}

TEST_CASE("a damaged token is reported, not skipped") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  const write_op op = put(column::tokens, make_key(std::string("anna")), encode_token({"short", 1}));
  REQUIRE(store->write({&op, 1}, true).has_value());
  CHECK(list_tokens(*store).error().kind == failure_kind::corrupt);
}
