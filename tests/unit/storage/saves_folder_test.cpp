#include "storage/saves_folder.hpp"
#include "files.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

/// While it lives no file may become larger, as on a full disk.
class no_large_files {
 public:
  explicit no_large_files(rlim_t largest) : before_(signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(getrlimit(RLIMIT_FSIZE, &limit_) == 0);
    auto lower = limit_;
    lower.rlim_cur = largest;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &lower) == 0);
  }
  ~no_large_files() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_{};
  void (*before_)(int);
};

}  // namespace

TEST_CASE("a save is written whole, gets its ending, and is found with and without it") {
  const temporary_folder folder;
  const saves_folder saves(folder.file("new/saves"));
  CHECK(saves.write("evening", "{}").value() == folder.file("new/saves/evening.json"));
  CHECK(saves.write("evening.json", "{\"a\":1}").value() == folder.file("new/saves/evening.json"));
  CHECK(saves.read("evening").value() == "{\"a\":1}");
  CHECK(saves.read("evening.json").value() == "{\"a\":1}");
  CHECK(files_of(folder.file("new/saves")).size() == 1);
  CHECK(std::filesystem::status(folder.file("new/saves")).permissions() == std::filesystem::perms::owner_all);
  CHECK(saves.write("a b (c)\\..\\d", "x").has_value());  // odd, but a name
}

TEST_CASE("a bare name is looked for before the name with an ending") {
  const temporary_folder folder;
  const saves_folder saves(folder.path());
  write_file(folder.file("plain"), "bare");
  write_file(folder.file("plain.json"), "with");
  CHECK(saves.read("plain").value() == "bare");
  const auto missing = saves.read("nothing").error();
  CHECK(missing == failure{failure_kind::not_found, "the file nothing does not exist"});
  CHECK(saves_folder(folder.file("no/such/folder")).read("a").error().kind == failure_kind::not_found);
}

TEST_CASE("names that lead anywhere else are refused, to write and to read") {
  const temporary_folder folder;
  std::filesystem::create_directories(folder.file("saves/sub"));
  write_file(folder.file("secret.json"), "secret");
  const saves_folder saves(folder.file("saves"));
  const std::string hostile[] = {"",
                                 "..",
                                 "../secret.json",
                                 "../secret",
                                 "sub/../../secret.json",
                                 "./../secret.json",
                                 "/etc/passwd",
                                 folder.file("secret.json"),
                                 "sub//../x",
                                 "a//b",
                                 "sub/",
                                 ".hidden",
                                 "sub/.hidden",
                                 std::string("evening\0.json", 13),
                                 "line\nbreak",
                                 "tab\t",
                                 std::string(201, 'a'),
                                 std::string(198, 'a') + "/b"};
  for (const auto& name : hostile) {
    CAPTURE(name);
    const auto read = saves.read(name);
    REQUIRE_FALSE(read);
    // A name of 198 and a slash is well formed, and such a folder is not there.
    const bool may_be = name.size() == 200;
    CHECK(read.error().kind == (may_be ? failure_kind::not_found : failure_kind::invalid));
    const auto written = saves.write(name, "x");
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == failure_kind::invalid);
    CHECK(written.error().message.starts_with("filename: "));
  }
  CHECK(saves.write(std::string(196, 'a'), "x").error().message == "filename: must not be longer than 200 bytes");
  CHECK(saves.write(std::string(195, 'a'), "x").has_value());
  CHECK(read_file(folder.file("secret.json")) == "secret");
  CHECK(files_of(folder.path()).size() == 2);
}

TEST_CASE("sub-folders are for reading only") {
  const temporary_folder folder;
  std::filesystem::create_directories(folder.file("sub/deep"));
  write_file(folder.file("sub/deep/old.json"), "old");
  const saves_folder saves(folder.path());
  CHECK(saves.read("sub/deep/old").value() == "old");
  CHECK(saves.write("sub/deep/old", "new").error()
        == failure{failure_kind::invalid, "filename: must be a plain name, without a folder"});
  CHECK(saves.read("sub").error().kind == failure_kind::invalid);
  CHECK(saves.read("sub/deep/old.json/x").error().kind == failure_kind::not_found);
}

TEST_CASE("a link may lead about inside the folder, but never out of it") {
  const temporary_folder folder;
  std::filesystem::create_directories(folder.file("saves/sub"));
  write_file(folder.file("secret.json"), "secret");
  write_file(folder.file("saves/real.json"), "real");
  const auto link = [&](const std::string& to, const std::string& name) {
    std::filesystem::create_symlink(to, folder.file("saves/" + name));
  };
  link("../secret.json", "out.json");
  link(folder.file("secret.json"), "absolute.json");
  link("..", "up");
  link("/", "root");
  link("loop.json", "loop.json");
  link("../sub/../../secret.json", "sub/winding.json");
  link("/proc/self/fd/0", "magic");
  const saves_folder saves(folder.file("saves"));
  for (const std::string name : {"out.json", "out", "absolute.json", "up/secret.json", "root/etc/passwd", "loop.json",
                                 "sub/winding.json", "magic"}) {
    CAPTURE(name);
    const auto read = saves.read(name);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == failure_kind::invalid);
  }
  // Writing puts a file in the place of the link.
  REQUIRE(saves.write("out.json", "mine"));
  CHECK(read_file(folder.file("secret.json")) == "secret");
  CHECK(saves.read("out.json").value() == "mine");
  CHECK_FALSE(std::filesystem::is_symlink(folder.file("saves/out.json")));
}

TEST_CASE("what is no plain file, or too large, is not read") {
  const temporary_folder folder;
  const confined_folder files(folder.path());
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK(files.read("pipe", 100).error() == failure{failure_kind::invalid, "the file pipe is no plain file"});
  write_file(folder.file("large"), std::string(101, 'x'));
  CHECK(files.read("large", 100).error() == failure{failure_kind::invalid, "the file large is larger than 100 bytes"});
  CHECK(files.read("large", 101).value().size() == 101);
  CHECK(saves_folder(folder.path()).write("huge", std::string(largest_save + 1, 'x')).error().kind
        == failure_kind::invalid);
}

TEST_CASE("a write that fails leaves the file as it was and nothing beside it") {
  const temporary_folder folder;
  const saves_folder saves(folder.path());
  REQUIRE(saves.write("evening", "before"));
  {
    const no_large_files full(1000);
    const auto written = saves.write("evening", std::string(5000, 'x'));
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == failure_kind::unavailable);
  }
  CHECK(saves.read("evening").value() == "before");
  CHECK(files_of(folder.path()).size() == 1);
  // In the place of a folder no file can come.
  std::filesystem::create_directories(folder.file("taken.json/x"));
  CHECK(saves.write("taken", "y").error().kind == failure_kind::invalid);
  CHECK(files_of(folder.path()).size() == 1);
  // Nor into a folder that is a file.
  CHECK_FALSE(saves_folder(folder.file("evening.json")).write("a", "b"));
}

TEST_CASE("a character's file is found by its id, .yaml before .yml, and an unknown id gets the list") {
  const temporary_folder folder;
  const definitions_folder files(folder.path());
  CHECK(files.read("ines", 100).error().kind == failure_kind::not_found);
  CHECK(files.ids().value().empty());
  write_file(folder.file("ines.yml"), "short");
  CHECK(files.read("ines", 100).value().text == "short");
  write_file(folder.file("ines.yaml"), "long");
  CHECK(files.read("ines", 100).value().text == "long");
  CHECK(files.read("ines", 100).value().name == "ines.yaml");
  write_file(folder.file("bert.yml"), "x");
  write_file(folder.file("notes.txt"), "x");
  write_file(folder.file(".yaml"), "x");
  CHECK(files.ids().value() == std::vector<std::string>{"bert", "ines"});
  CHECK(files.read("anna", 100).error().message
        == "there is no character anna in " + folder.path() + "; available: bert, ines");
  CHECK(files.read("../ines", 100).error().kind == failure_kind::invalid);
  for (int i = 0; i < 60; ++i) write_file(folder.file("many" + std::to_string(100 + i) + ".yaml"), "x");
  const auto message = files.read("anna", 100).error().message;
  CHECK(message.ends_with("and 12 more"));
  CHECK(std::count(message.begin(), message.end(), ',') == 49);
}
