/// \file
/// Drives one fuzzer without libFuzzer, so that the ordinary test run, which
/// has g++ only, gives every fuzzer its second.
///
///     fuzz_NAME --rounds N --corpus DIRECTORY   N mutated seeds, the same every time
///     fuzz_NAME FILE...                         just these inputs, as libFuzzer takes them
///
/// Round n depends on n and the corpus alone. When an input brings the program
/// down, it is left in ./NAME-crash for the second form.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// Present in a sanitizer build only.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr std::size_t longest_input = 4096;
constexpr unsigned seconds_per_input = 10;  // longer counts as hanging

bytes current;          // what is being run
char crash_path[4096];  // where it goes when the program dies

// Async-signal-safe: runs in a dying program.
void keep_input() {
  int file = ::open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return;
  [[maybe_unused]] auto written = ::write(file, current.data(), current.size());
  ::close(file);
  static constexpr char text[] = "fuzz: the input is kept in ";
  written = ::write(2, text, sizeof text - 1);
  written = ::write(2, crash_path, std::char_traits<char>::length(crash_path));
  written = ::write(2, "\n", 1);
}

void on_signal(int number) {
  keep_input();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void watch_for_death(const char* program) {
  auto path = std::filesystem::path(program).filename().string() + "-crash";
  path.copy(crash_path, sizeof crash_path - 1);
  std::signal(SIGALRM, on_signal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(keep_input);
    std::signal(SIGABRT, on_signal);  // the sanitizers take the others
    return;
  }
  for (int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_signal);
}

bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<bytes> read_corpus(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  for (auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());  // directory order differs between file systems
  std::vector<bytes> corpus;
  corpus.reserve(paths.size());
  for (auto& path : paths) corpus.push_back(read_file(path));
  return corpus;
}

// Below n; the standard's distributions differ between libraries.
std::size_t below(std::mt19937_64& random, std::size_t n) {
  return n == 0 ? 0 : random() % n;
}

void mutate(bytes& input, const std::vector<bytes>& corpus, std::mt19937_64& random) {
  static constexpr std::uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, '"', '{', '[', '\n'};
  auto at = below(random, input.size() + 1);
  auto there = input.begin() + static_cast<std::ptrdiff_t>(at);
  auto length = std::min<std::size_t>(1 + below(random, 16), input.size() - at);
  auto end = there + static_cast<std::ptrdiff_t>(length);
  switch (below(random, 7)) {
    case 0:  // flip a bit
      if (at < input.size()) input[at] ^= static_cast<std::uint8_t>(1u << below(random, 8));
      break;
    case 1:  // overwrite with an edge value
      for (; there != end; ++there) *there = edges[below(random, std::size(edges))];
      break;
    case 2:  // insert
      input.insert(there, 1 + below(random, 8), static_cast<std::uint8_t>(random()));
      break;
    case 3:  // remove
      input.erase(there, end);
      break;
    case 4:  // repeat
      if (length != 0) {
        bytes piece(there, end);
        input.insert(there, piece.begin(), piece.end());
      }
      break;
    case 5:  // cut off
      input.resize(at);
      break;
    case 6: {  // go on like another seed
      auto& other = corpus[below(random, corpus.size())];
      auto from = static_cast<std::ptrdiff_t>(below(random, other.size() + 1));
      input.resize(at);
      input.insert(input.end(), other.begin() + from, other.end());
      break;
    }
  }
  if (input.size() > longest_input) input.resize(longest_input);
}

void run_current() {
  ::alarm(seconds_per_input);
  // An exact copy on the heap, so that ASan sees a read past the end.
  bytes copy(current);
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

void run_rounds(const std::vector<bytes>& corpus, std::uint64_t rounds) {
  for (auto& seed : corpus) {
    current = seed;
    run_current();
  }
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::mt19937_64 random(round);
    current = corpus[below(random, corpus.size())];
    for (auto steps = 1 + below(random, 6); steps > 0; --steps) mutate(current, corpus, random);
    run_current();
  }
}

int usage(const char* program) {
  std::fprintf(stderr, "usage: %s --rounds N --corpus DIRECTORY | FILE...\n", program);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  watch_for_death(argv[0]);
  if (arguments.size() == 4 && arguments[0] == "--rounds" && arguments[2] == "--corpus") {
    auto corpus = read_corpus(arguments[3]);
    if (corpus.empty()) {
      std::fprintf(stderr, "fuzz: no seeds in %s\n", arguments[3].c_str());
      return 2;
    }
    auto rounds = std::strtoull(arguments[1].c_str(), nullptr, 10);
    run_rounds(corpus, rounds);
    std::printf("fuzz: %zu seeds and %llu mutations of them ran\n", corpus.size(), rounds);
    return 0;
  }
  if (arguments.empty() || arguments[0].starts_with("-")) return usage(argv[0]);
  for (auto& path : arguments) {
    current = read_file(path);
    run_current();
  }
  std::printf("fuzz: %zu inputs ran\n", arguments.size());
  return 0;
}
