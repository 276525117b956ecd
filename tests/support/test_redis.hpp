#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>

namespace chatflow::test {

/// A real Redis on a port of 127.0.0.1 that keeps nothing on disk.
class TestRedis {
 public:
    TestRedis();

    [[nodiscard]] int port() const { return port_; }

    void start();     // returns when it is ready; empty, on the same port as before
    void kill();      // SIGKILL: connections are reset
    void freeze();    // SIGSTOP: connections stay, nothing is answered
    void unfreeze();  // SIGCONT

 private:
    [[nodiscard]] bool is_ready() const;

    TemporaryFolder folder_;
    int port_;
    std::unique_ptr<ChildProcess> process_;
};

}  // namespace chatflow::test
