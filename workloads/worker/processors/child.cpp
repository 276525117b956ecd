#include "workloads/worker/processors/child.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chatflow::worker {
namespace {

constexpr std::size_t kOutputMax = 8U << 20U;  // bytes of a small picture

class File {
 public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { close(); }
    [[nodiscard]] int get() const { return descriptor_; }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

 private:
    int descriptor_;
};

pid_t start(int input, int output, int errors, unsigned size) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    std::array<char, 16> program{"chatflow-worker"};
    std::array<char, 16> command{"make-thumbnail"};
    std::string size_text = std::to_string(size);
    const std::array<char*, 4> arguments{program.data(), command.data(), size_text.data(), nullptr};
    std::array<char*, 1> environment{nullptr};  // no settings, no secrets
    pid_t id = -1;
    if (posix_spawn(&id, "/proc/self/exe", &actions, nullptr, arguments.data(),
                    environment.data()) != 0) {
        id = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    return id;
}

// Until the other end closes; false when it took too long or was too much.
bool read_all(int from, std::string& text, std::chrono::steady_clock::time_point deadline) {
    std::array<char, 16384> buffer;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd waiting{.fd = from, .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
        const ssize_t count = ::read(from, buffer.data(), buffer.size());
        if (count < 0) return false;
        if (count == 0) return true;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > kOutputMax) return false;
    }
}

}  // namespace

ChildResult run_thumbnail_child(const std::string& source, unsigned size) {
    using Status = ChildResult::Status;
    const File input(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    if (input.get() < 0) return {Status::Failed, std::string("cannot be read: ") + strerror(errno)};
    std::array<int, 2> out{-1, -1};
    std::array<int, 2> err{-1, -1};
    if (pipe2(out.data(), O_CLOEXEC) != 0) return {Status::Failed, "no pipe"};
    const File output(out[0]);
    File output_end(out[1]);
    if (pipe2(err.data(), O_CLOEXEC) != 0) return {Status::Failed, "no pipe"};
    const File errors(err[0]);
    File errors_end(err[1]);
    const pid_t id = start(input.get(), output_end.get(), errors_end.get(), size);
    output_end.close();
    errors_end.close();
    if (id < 0) return {Status::Failed, "the child process could not be started"};

    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(2 * kChildSecondsMax);
    std::string picture;
    std::string reason;
    // A reason is one short line, which the pipe holds.
    const bool is_whole =
        read_all(output.get(), picture, deadline) && read_all(errors.get(), reason, deadline);
    if (!is_whole) ::kill(id, SIGKILL);
    int status = 0;
    while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    if (is_whole && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return {Status::Done, std::move(picture)};
    }
    if (WIFEXITED(status) && !reason.empty()) return {Status::Refused, std::move(reason)};
    return {Status::Refused, "the picture needs too much time or memory, or crashed its decoder"};
}

}  // namespace chatflow::worker
