#include "controller/clients/kube/run_program.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chatflow::kube {

namespace {

class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close_now(); }

    [[nodiscard]] int number() const { return number_; }
    void close_now() {
        if (number_ >= 0) close(number_);
        number_ = -1;
    }

 private:
    int number_;
};

std::vector<std::string> environment_of(const Program& program) {
    std::vector<std::string> variables;
    const auto is_replaced = [&program](std::string_view variable) {
        const std::string_view name = variable.substr(0, variable.find('='));
        return std::ranges::any_of(program.environment,
                                   [name](const auto& added) { return added.first == name; });
    };
    for (char** variable = environ; *variable; ++variable) {
        if (!is_replaced(*variable)) variables.emplace_back(*variable);
    }
    for (const auto& [name, value] : program.environment) variables.push_back(name + "=" + value);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// The process, in a group of its own so that what it starts can be ended with it; 0: not started.
pid_t start(const Program& program, int output) {
    std::vector<std::string> words{program.command};
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    std::vector<std::string> variables = environment_of(program);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t process = 0;
    const int error = posix_spawnp(&process, program.command.c_str(), &files, &attributes,
                                   pointers_to(words).data(), pointers_to(variables).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error == 0 ? process : 0;
}

ProgramResult::End read_all(int input, std::string& output, std::size_t bytes_max,
                            Deadline deadline) {
    std::array<char, 4096> bytes{};
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.time_left());
        pollfd waiting{.fd = input, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
            return ProgramResult::End::TookTooLong;
        }
        const ssize_t count = read(input, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return ProgramResult::End::Exited;
        output.append(bytes.data(), static_cast<std::size_t>(count));
        if (output.size() > bytes_max) return ProgramResult::End::WroteTooMuch;
    }
}

// Output has ended; the process itself has to end by the deadline, too.
bool wait_for(pid_t process, int& status, Deadline deadline) {
    while (waitpid(process, &status, WNOHANG) == 0) {
        if (deadline.has_passed()) return false;
        poll(nullptr, 0, 5);
    }
    return true;
}

}  // namespace

ProgramResult run_program(const Program& program, std::size_t output_bytes_max, Deadline deadline) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return {.end = ProgramResult::End::NotStarted};
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    const pid_t process = start(program, writing.number());
    if (process == 0) return {.end = ProgramResult::End::NotStarted};
    writing.close_now();

    ProgramResult result;
    result.end = read_all(reading.number(), result.output, output_bytes_max, deadline);
    int status = 0;
    if (result.end == ProgramResult::End::Exited && !wait_for(process, status, deadline)) {
        result.end = ProgramResult::End::TookTooLong;
    }
    if (result.end != ProgramResult::End::Exited) {
        kill(-process, SIGKILL);
        waitpid(process, &status, 0);
    }
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace chatflow::kube
