#include "tests/support/child_process.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chatflow::test {

ChildProcess::ChildProcess(const std::vector<std::string>& argv,
                           const std::filesystem::path& log_file)
    : program_(argv.front()), log_file_(log_file) {
    std::vector<char*> arguments;
    for (const std::string& argument : argv)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const std::string log = log_file.string();
    id_ = fork();
    if (id_ < 0) throw std::runtime_error("cannot fork");
    if (id_ > 0) return;
    // In the child, only what is safe between fork and exec.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int output = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
}

ChildProcess::~ChildProcess() { stop(SIGKILL); }

bool ChildProcess::is_running() {
    int status = 0;
    if (id_ > 0 && waitpid(id_, &status, WNOHANG) == id_) note_end(status);
    return id_ > 0;
}

void ChildProcess::stop(int signal) {
    send(signal);
    wait();
}

void ChildProcess::send(int signal) {
    if (!is_running()) return;
    sent_.insert(signal);
    kill(id_, signal);
}

int ChildProcess::wait() {
    int status = 0;
    if (id_ > 0 && waitpid(id_, &status, 0) == id_) note_end(status);
    return result_;
}

void ChildProcess::note_end(int status) {
    result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    id_ = -1;
    if (!WIFSIGNALED(status) || sent_.contains(WTERMSIG(status))) return;
    std::ifstream file(log_file_);
    const std::string log{std::istreambuf_iterator<char>(file), {}};
    constexpr std::size_t kTold = 4000;
    ADD_FAILURE() << program_ << " crashed: signal " << WTERMSIG(status) << "\n"
                  << log.substr(log.size() - std::min(log.size(), kTold));
}

}  // namespace chatflow::test
