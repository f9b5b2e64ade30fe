#include "bench/support/child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::bench {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

bool take_result(const std::string& line, results& into) {
  const auto space = line.find(' ');
  if (space == line.npos) return false;
  into[line.substr(0, space)] = std::atof(line.c_str() + space + 1);
  return true;
}

}  // namespace

child::child(std::vector<std::string> command, const std::map<std::string, std::string>& environment,
             const std::string& folder) {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> settings;
  for (auto* name : {"PATH", "HOME", "LANG"})
    if (const char* value = std::getenv(name)) settings.push_back(std::string(name) + "=" + value);
  for (auto& [name, value] : environment) settings.push_back(name + "=" + value);
  auto arguments = pointers(command);
  auto variables = pointers(settings);
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    if (!folder.empty() && ::chdir(folder.c_str()) != 0) ::_exit(126);
    ::execve(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

child::~child() {
  if (pid_ > 0) {
    kill(SIGKILL);
    wait();
  }
  close_input();
  if (output_ >= 0) ::close(output_);
}

bool child::read_line(std::string& line) {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != buffer_.npos) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return true;
    }
    char bytes[4096];
    const auto size = ::read(output_, bytes, sizeof bytes);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(size));
  }
}

void child::write_line() {
  if (::write(input_, "\n", 1) != 1) throw std::runtime_error("the other process has ended");
}

void child::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

int child::wait() {
  if (pid_ <= 0) return -1;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void child::kill(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::string built_program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / name).string();
}

running_server start_bench_server(const std::string& mode, std::vector<std::string> arguments) {
  running_server server;
  server.process = std::make_unique<child>(joined({built_program("bench/server/bench_server"), mode}, arguments));
  std::string line;
  if (!server.process->read_line(line) || !line.starts_with("port "))
    throw std::runtime_error("bench_server " + mode + " did not start");
  server.port = static_cast<std::uint16_t>(std::stoi(line.substr(5)));
  return server;
}

running_server start_troupe(const std::string& data_dir, std::map<std::string, std::string> environment) {
  environment.emplace("LOG_LEVEL", "error");
  running_server server;
  server.process = std::make_unique<child>(
      std::vector<std::string>{built_program("troupe"), "serve", "--port", "0", "--data-dir", data_dir}, environment,
      data_dir);
  const std::string mark = "listening on http://";
  for (std::string line; server.process->read_line(line);) {
    const auto at = line.find(mark);
    if (at == line.npos) continue;
    server.port = static_cast<std::uint16_t>(std::stoi(line.substr(line.find(':', at + mark.size()) + 1)));
    return server;
  }
  throw std::runtime_error("troupe serve did not start");
}

void stop(running_server& server) {
  server.process->close_input();
  server.process->kill(SIGTERM);
  server.process->wait();
  server.process.reset();
}

results run_load(const std::string& scenario, std::uint16_t port, std::vector<std::string> arguments) {
  child load(joined({built_program("bench/load/bench_load"), scenario, "--port", std::to_string(port)}, arguments));
  results found;
  for (std::string line; load.read_line(line);) take_result(line, found);
  found["status"] = load.wait();
  if (found["status"] != 0)
    std::fprintf(stderr, "note: bench_load %s ended with %.0f\n", scenario.c_str(), found["status"]);
  return found;
}

std::unique_ptr<child> start_load(const std::string& scenario, std::uint16_t port, std::vector<std::string> arguments,
                                  results& results) {
  auto load = std::make_unique<child>(
      joined({built_program("bench/load/bench_load"), scenario, "--port", std::to_string(port)}, arguments));
  for (std::string line; load->read_line(line) && line != "ready";) take_result(line, results);
  return load;
}

scratch_folder::scratch_folder(const std::string& in) {
  std::string pattern = in.empty() ? built_program("bench-XXXXXX") : in + "/troupe-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + pattern);
  path_ = pattern;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace troupe::bench
