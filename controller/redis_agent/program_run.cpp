#include "controller/redis_agent/program_run.hpp"

#include "controller/redis_agent/config_files.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chatflow::redis_agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kToldMax = 512;  // characters of what a program said

/// The end of a text, in one line.
std::string last_of(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    if (text.size() > kToldMax) text.erase(0, text.size() - kToldMax);
    std::ranges::replace(text, '\n', ' ');
    return text;
}

/// A program that runs; waited for at the latest when this object goes.
class Running {
 public:
    Running(const Words& words, fs::path output) : name_(words[0]), output_(std::move(output)) {
        std::vector<char*> argv;
        for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_.c_str(),
                                         O_CREAT | O_WRONLY | O_TRUNC, 0600);
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
        const int error = posix_spawn(&child_, argv[0], &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) throw std::system_error(error, std::generic_category(), name_);
    }
    ~Running() {
        wait();
        std::error_code ignored;
        fs::remove(output_, ignored);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    /// Empty when it ended well.
    std::string failure() {
        wait();
        if (WIFEXITED(status_) && WEXITSTATUS(status_) == 0) return {};
        return fmt::format("{} failed: {}", fs::path(name_).filename().string(),
                           last_of(read_file(output_)));
    }

 private:
    void wait() {
        while (child_ != 0 && waitpid(child_, &status_, 0) < 0 && errno == EINTR) continue;
        child_ = 0;
    }

    std::string name_;
    fs::path output_;
    pid_t child_ = 0;
    int status_ = -1;
};

}  // namespace

void run_all(const std::vector<Words>& programs, const fs::path& folder) {
    std::vector<std::unique_ptr<Running>> running;
    for (const Words& words : programs) {
        const fs::path output = folder / fmt::format(".said-{}", running.size());
        running.push_back(std::make_unique<Running>(words, output));
    }
    for (const auto& program : running) {
        if (const std::string failure = program->failure(); !failure.empty()) {
            throw std::runtime_error(failure);
        }
    }
}

}  // namespace chatflow::redis_agent
