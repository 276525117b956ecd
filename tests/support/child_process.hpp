#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace chatflow::test {

/// A server that a test starts. It dies with this object, and with the test program. One that ends
/// by a signal which the test did not send has crashed, and fails the test that is running.
class ChildProcess {
 public:
    /// argv[0] is the program's path; both outputs go to `log_file`.
    ChildProcess(const std::vector<std::string>& argv, const std::filesystem::path& log_file);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess();  // SIGKILL

    [[nodiscard]] bool is_running();

    /// Sends the signal and waits until the process has gone.
    void stop(int signal);

    void send(int signal);
    /// Waits until the process has gone. Its exit code, or minus the signal that ended it.
    int wait();

 private:
    void note_end(int status);

    std::string program_;
    std::filesystem::path log_file_;
    std::set<int> sent_;  // signals
    pid_t id_ = -1;       // -1: gone
    int result_ = 0;      // as wait() gives it, once gone
};

}  // namespace chatflow::test
